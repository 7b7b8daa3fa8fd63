-- A sign-in whose client holds only a name for it: its state, sealed, with a count of its changes.
CREATE TABLE process (
  id BYTEA NOT NULL PRIMARY KEY,
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  revision BIGINT NOT NULL,
  sealed TEXT NOT NULL,
  until BIGINT NOT NULL
);
CREATE INDEX process_by_expiry ON process (until);

-- Devices that a passkey was seen on, by the digest of the handle that the client keeps.
CREATE TABLE passkey_device (
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  passkey_id BYTEA NOT NULL REFERENCES passkey (id) ON DELETE CASCADE,
  device TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (passkey_id, device)
);

CREATE INDEX session_of_tenant ON session (tenant_id, id);
CREATE INDEX identifier_of_tenant ON identifier (tenant_id, id);
