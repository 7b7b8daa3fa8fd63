-- What administrators look for among many: who is blocked, whose address is not proven.
CREATE INDEX account_blocked ON account (tenant_id, id) WHERE status = 'blocked';
CREATE INDEX identifier_unproven ON identifier (tenant_id, kind, user_id) WHERE is_primary = 1 AND verified_at IS NULL;

-- A tenant's own words for a mail. No row: the words that Doorward brings.
CREATE TABLE mail_template (
  tenant_id BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  locale TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, kind, locale)
);
