-- Times are milliseconds since the Unix epoch, ids are UUIDs of sixteen bytes, flags are 0 and 1, documents are JSON text.
-- Every row carries its tenant and every query names it.

CREATE TABLE tenant (
  id BLOB NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE domain (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  host TEXT NOT NULL UNIQUE,
  issuer TEXT NOT NULL,
  is_primary BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX domain_of_tenant ON domain (tenant_id);

CREATE TABLE application (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  name TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (tenant_id, client_id)
);

CREATE TABLE application_secret (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  application_id BLOB NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  secret_hash BLOB NOT NULL,
  secret_sealed BLOB NOT NULL,
  hint TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE INDEX application_secret_of_application ON application_secret (tenant_id, application_id);

CREATE TABLE resource_server (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  audience TEXT NOT NULL,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (tenant_id, audience)
);

CREATE TABLE scope (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  resource_server_id BLOB NOT NULL REFERENCES resource_server (id) ON DELETE CASCADE,
  value TEXT NOT NULL,
  description TEXT NOT NULL,
  PRIMARY KEY (resource_server_id, value)
);
CREATE INDEX scope_of_tenant ON scope (tenant_id);

-- What a machine may have at a resource server (client credentials).
CREATE TABLE application_grant (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  application_id BLOB NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  resource_server_id BLOB NOT NULL REFERENCES resource_server (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (application_id, resource_server_id)
);

CREATE TABLE role (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  application_id BLOB REFERENCES application (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  is_default BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX role_name ON role (tenant_id, name) WHERE application_id IS NULL;
CREATE UNIQUE INDEX role_application_name ON role (tenant_id, application_id, name) WHERE application_id IS NOT NULL;

CREATE TABLE role_permission (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  role_id BLOB NOT NULL REFERENCES role (id) ON DELETE CASCADE,
  resource_server_id BLOB NOT NULL REFERENCES resource_server (id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  PRIMARY KEY (role_id, resource_server_id, scope)
);

CREATE TABLE account (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  name TEXT,
  profile TEXT NOT NULL,
  passkey_declined_at BIGINT,
  last_sign_in_at BIGINT,
  sign_in_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX account_of_tenant ON account (tenant_id, id);

CREATE TABLE identifier (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  normal TEXT NOT NULL,
  verified_at BIGINT,
  is_primary BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (tenant_id, kind, normal)
);
CREATE INDEX identifier_of_user ON identifier (tenant_id, user_id);

-- Outward ids that are not derived from ours: what an imported user was called elsewhere.
CREATE TABLE alias (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  namespace TEXT NOT NULL,
  outward TEXT NOT NULL,
  inward BLOB NOT NULL,
  PRIMARY KEY (tenant_id, namespace, outward)
);
CREATE UNIQUE INDEX alias_inward ON alias (tenant_id, namespace, inward);

CREATE TABLE password (
  user_id BLOB NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE passkey (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  credential_id BLOB NOT NULL,
  user_handle BLOB NOT NULL,
  public_key BLOB NOT NULL,
  rp_id TEXT NOT NULL,
  sign_count BIGINT NOT NULL,
  backup_eligible BIGINT NOT NULL,
  backup_state BIGINT NOT NULL,
  aaguid BLOB NOT NULL,
  transports TEXT NOT NULL,
  attestation_format TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  created_on TEXT NOT NULL,
  UNIQUE (tenant_id, credential_id)
);
CREATE INDEX passkey_of_user ON passkey (tenant_id, user_id);

CREATE TABLE membership (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  application_id BLOB NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  data TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, application_id)
);

CREATE TABLE user_role (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  role_id BLOB NOT NULL REFERENCES role (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_role_of_role ON user_role (tenant_id, role_id);

CREATE TABLE user_permission (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  resource_server_id BLOB NOT NULL REFERENCES resource_server (id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  PRIMARY KEY (user_id, resource_server_id, scope)
);

CREATE TABLE user_group (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (tenant_id, name)
);

CREATE TABLE group_member (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  group_id BLOB NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_member_of_user ON group_member (tenant_id, user_id);

CREATE TABLE group_role (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  group_id BLOB NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
  role_id BLOB NOT NULL REFERENCES role (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, role_id)
);

CREATE TABLE consent (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  application_id BLOB NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, application_id)
);

CREATE TABLE session (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  secret_hash BLOB NOT NULL,
  proofs TEXT NOT NULL,
  ip TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX session_of_user ON session (tenant_id, user_id);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE session_application (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  session_id BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  application_id BLOB NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (session_id, application_id)
);

-- A family of refresh tokens: everything that one grant gave.
CREATE TABLE refresh_family (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  application_id BLOB NOT NULL REFERENCES application (id) ON DELETE CASCADE,
  user_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  session_id BLOB,
  terms TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  revoked_reason TEXT
);
CREATE INDEX refresh_family_of_user ON refresh_family (tenant_id, user_id);
CREATE INDEX refresh_family_by_expiry ON refresh_family (expires_at);

CREATE TABLE refresh_token (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  family_id BLOB NOT NULL REFERENCES refresh_family (id) ON DELETE CASCADE,
  secret_hash BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  successor_id BLOB
);
CREATE INDEX refresh_token_of_family ON refresh_token (family_id);

-- Access tokens and grants that end before their time; a row lives as long as the longest token it stops.
CREATE TABLE revocation (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id BLOB NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX revocation_by_expiry ON revocation (until);

CREATE TABLE signing_key (
  kid TEXT NOT NULL,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  alg TEXT NOT NULL,
  state TEXT NOT NULL,
  private_key BLOB NOT NULL,
  public_jwk TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  retired_at BIGINT,
  PRIMARY KEY (tenant_id, kid)
);

CREATE TABLE api_key (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB REFERENCES tenant (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  key_hash BLOB NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT
);

-- What may happen only once: a row says that it did.
CREATE TABLE spent (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL,
  id BLOB NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, purpose, id)
);
CREATE INDEX spent_by_expiry ON spent (until);

CREATE TABLE attempt (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  bucket TEXT NOT NULL,
  failures BIGINT NOT NULL,
  window_ends_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, bucket)
);
CREATE INDEX attempt_by_expiry ON attempt (window_ends_at);

CREATE TABLE code_challenge (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL,
  user_id BLOB REFERENCES account (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  code_hash BLOB NOT NULL,
  link_hash BLOB NOT NULL,
  flow BLOB,
  attempts_left BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  used_at BIGINT
);
CREATE INDEX code_challenge_by_expiry ON code_challenge (expires_at);

-- A sealed value that is too large for its carrier.
CREATE TABLE parked_state (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  sealed TEXT NOT NULL,
  until BIGINT NOT NULL
);
CREATE INDEX parked_state_by_expiry ON parked_state (until);

CREATE TABLE outbox (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  payload BLOB NOT NULL,
  due_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  leased_until BIGINT,
  last_error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX outbox_by_due ON outbox (due_at);

-- Development's mailbox: mail that was not sent anywhere.
CREATE TABLE mailbox (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body_text TEXT NOT NULL,
  body_html TEXT NOT NULL,
  received_at BIGINT NOT NULL
);
CREATE INDEX mailbox_of_recipient ON mailbox (tenant_id, recipient);

-- `seq`, `prev_hash` and `hash` are given when the event is chained, in the same commit on SQLite and right after it on PostgreSQL.
CREATE TABLE audit_event (
  id BLOB NOT NULL PRIMARY KEY,
  tenant_id BLOB NOT NULL,
  event TEXT NOT NULL,
  at BIGINT NOT NULL,
  user_id BLOB,
  application_id BLOB,
  actor TEXT NOT NULL,
  ip TEXT NOT NULL,
  request_id TEXT NOT NULL,
  data TEXT NOT NULL,
  seq BIGINT,
  prev_hash BLOB,
  hash BLOB
);
CREATE UNIQUE INDEX audit_event_chain ON audit_event (tenant_id, seq);
CREATE INDEX audit_event_of_user ON audit_event (tenant_id, user_id, id);
CREATE INDEX audit_event_of_tenant ON audit_event (tenant_id, id);
CREATE INDEX audit_event_unchained ON audit_event (id) WHERE seq IS NULL;

CREATE TABLE audit_head (
  tenant_id BLOB NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash BLOB NOT NULL
);

CREATE TABLE metadata (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  namespace TEXT NOT NULL,
  owner BLOB NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (tenant_id, namespace, owner, key)
);

CREATE TABLE rollup (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  day BIGINT NOT NULL,
  name TEXT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, day, name)
);
