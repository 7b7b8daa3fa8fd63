-- What was imposed on somebody by a moderator, for a time or for good: a note, a warning, a ban. `kind` names what it is in the
-- words of the surface that imposed it.
CREATE TABLE sanction (
  id BYTEA NOT NULL PRIMARY KEY,
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BYTEA NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  kind BYTEA NOT NULL,
  prevents_sign_in BIGINT NOT NULL,
  detail TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  ends_at BIGINT
);
CREATE INDEX sanction_of_user ON sanction (tenant_id, user_id, created_at);

-- Until when a sanction keeps somebody from signing in; the latest of all that do.
ALTER TABLE account_condition ADD COLUMN suspended_until BIGINT;

-- The mail server of a tenant that has one of its own. Encrypted as a whole.
CREATE TABLE mail_route (
  tenant_id BYTEA NOT NULL PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
  settings BYTEA NOT NULL,
  updated_at BIGINT NOT NULL
);
