-- The accent of a domain, and devices that wait for a person.

ALTER TABLE domain ADD COLUMN accent TEXT NOT NULL DEFAULT 'standard';

CREATE TABLE device_authorization (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  application_id BLOB NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  device_code_hash BLOB NOT NULL,
  user_code_hash BLOB NOT NULL,
  scope TEXT NOT NULL,
  audience TEXT NOT NULL,
  state TEXT NOT NULL,
  user_id BLOB REFERENCES account (id) ON DELETE CASCADE,
  session_id BLOB,
  proofs TEXT NOT NULL,
  poll_seconds BIGINT NOT NULL,
  polled_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  UNIQUE (tenant_id, user_code_hash)
);
CREATE INDEX device_authorization_by_expiry ON device_authorization (expires_at);
