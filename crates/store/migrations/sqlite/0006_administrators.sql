-- Who may administer a tenant, and how far.
CREATE TABLE administrator (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
);

-- The console counts live sessions of a tenant.
CREATE INDEX session_of_tenant_by_expiry ON session (tenant_id, expires_at);
