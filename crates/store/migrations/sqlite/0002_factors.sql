-- One-time password generators. `last_step` is the time step of the last code that was taken: none is taken twice.
CREATE TABLE totp (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  secret BLOB NOT NULL,
  algorithm TEXT NOT NULL,
  digits BIGINT NOT NULL,
  period BIGINT NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX totp_of_user ON totp (tenant_id, user_id);

CREATE TABLE recovery_code (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  code_hash BLOB NOT NULL,
  code_sealed BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX recovery_code_of_user ON recovery_code (tenant_id, user_id);

-- Browsers that are not asked for a second factor for a while.
CREATE TABLE trusted_browser (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  browser TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, user_id, browser)
);
CREATE INDEX trusted_browser_by_expiry ON trusted_browser (expires_at);

-- Long work that a caller asks after. `done` moves in the transaction of what was done, so that a job goes on where it stopped.
CREATE TABLE job (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  actor TEXT NOT NULL,
  input BLOB,
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,
  summary TEXT NOT NULL,
  errors TEXT NOT NULL,
  leased_until BIGINT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  expires_at BIGINT NOT NULL
);
CREATE INDEX job_of_tenant ON job (tenant_id, id);
CREATE INDEX job_waiting ON job (id) WHERE finished_at IS NULL;
CREATE INDEX job_by_expiry ON job (expires_at);

-- What users are searched by.
ALTER TABLE account ADD COLUMN name_key TEXT GENERATED ALWAYS AS (lower(name)) VIRTUAL;
ALTER TABLE account ADD COLUMN given_name_key TEXT GENERATED ALWAYS AS (lower(profile ->> '$.given_name')) VIRTUAL;
ALTER TABLE account ADD COLUMN family_name_key TEXT GENERATED ALWAYS AS (lower(profile ->> '$.family_name')) VIRTUAL;
ALTER TABLE account ADD COLUMN nickname_key TEXT GENERATED ALWAYS AS (lower(profile ->> '$.nickname')) VIRTUAL;
CREATE INDEX account_by_name ON account (tenant_id, name_key);
CREATE INDEX account_by_given_name ON account (tenant_id, given_name_key);
CREATE INDEX account_by_family_name ON account (tenant_id, family_name_key);
CREATE INDEX account_by_nickname ON account (tenant_id, nickname_key);
CREATE INDEX account_by_sign_in ON account (tenant_id, last_sign_in_at);
CREATE INDEX account_by_creation ON account (tenant_id, created_at);
CREATE INDEX account_by_change ON account (tenant_id, updated_at);
CREATE INDEX membership_of_application ON membership (tenant_id, application_id);
