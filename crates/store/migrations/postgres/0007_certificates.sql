-- The certificate of a signing key, self-signed: some clients read a key from there.
ALTER TABLE signing_key ADD COLUMN certificate BYTEA;
