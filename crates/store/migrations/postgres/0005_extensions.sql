-- Times are milliseconds since the Unix epoch, ids are UUIDs of sixteen bytes, flags are 0 and 1, documents are JSON text.

-- The address that a domain is reached at, where its issuer string is not one (or not this one).
ALTER TABLE domain ADD COLUMN base_url TEXT;

-- Under which conditions somebody may sign in, besides the status of the account. No row: none.
CREATE TABLE account_condition (
  user_id BYTEA NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  expires_at BIGINT,
  change_password TEXT
);

-- Keys that have a name: they sign only for the application or webhook that names them. Private halves and secrets are encrypted.
CREATE TABLE named_key (
  id BYTEA NOT NULL,
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kid TEXT NOT NULL,
  alg TEXT NOT NULL,
  private_key BYTEA,
  public_jwk TEXT,
  extension TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, kid)
);
CREATE INDEX named_key_by_id ON named_key (id);

-- What some doors keep of an API key: the key itself, encrypted, where they must show it again.
CREATE TABLE api_key_detail (
  api_key_id BYTEA NOT NULL PRIMARY KEY REFERENCES api_key (id) ON DELETE CASCADE,
  key_sealed BYTEA,
  extension TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- Who is told of events. No tenant: of every tenant's. `cursor_seq` is the place in each tenant's audit log that was reached.
CREATE TABLE webhook (
  id BYTEA NOT NULL PRIMARY KEY,
  tenant_id BYTEA REFERENCES tenant (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  settings TEXT NOT NULL,
  secrets BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE TABLE webhook_cursor (
  webhook_id BYTEA NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  PRIMARY KEY (webhook_id, tenant_id)
);
CREATE TABLE webhook_delivery (
  id BYTEA NOT NULL PRIMARY KEY,
  webhook_id BYTEA NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  event TEXT NOT NULL,
  body BYTEA NOT NULL,
  due_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  leased_until BIGINT,
  last_status BIGINT,
  last_error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX webhook_delivery_by_due ON webhook_delivery (due_at);
CREATE INDEX metadata_by_namespace ON metadata (tenant_id, namespace, key);
