-- Whoever deletes a user looks for their rows by the user alone, in each table that refers to one.
CREATE INDEX identifier_by_user ON identifier (user_id);
CREATE INDEX passkey_by_user ON passkey (user_id);
CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX refresh_family_by_user ON refresh_family (user_id);
CREATE INDEX group_member_by_user ON group_member (user_id);
CREATE INDEX totp_by_user ON totp (user_id);
CREATE INDEX recovery_code_by_user ON recovery_code (user_id);
CREATE INDEX trusted_browser_by_user ON trusted_browser (user_id);
CREATE INDEX administrator_by_user ON administrator (user_id);
CREATE INDEX sanction_by_user ON sanction (user_id);
CREATE INDEX code_challenge_by_user ON code_challenge (user_id);
CREATE INDEX device_authorization_by_user ON device_authorization (user_id);
CREATE INDEX alias_by_inward ON alias (tenant_id, inward);
CREATE INDEX metadata_by_owner ON metadata (tenant_id, owner);

-- What is due is read a few rows of each tenant (each webhook) at a time; this is found without the rows, which are long.
DROP INDEX outbox_by_due;
CREATE INDEX outbox_by_due ON outbox (due_at, tenant_id, leased_until, id);
DROP INDEX webhook_delivery_by_due;
CREATE INDEX webhook_delivery_by_due ON webhook_delivery (due_at, webhook_id, leased_until, id);

-- Used refresh tokens are swept when they would not have been good any more.
CREATE INDEX refresh_token_used_by_expiry ON refresh_token (expires_at) WHERE used_at IS NOT NULL;

-- How often a job was begun since it last moved.
ALTER TABLE job ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
