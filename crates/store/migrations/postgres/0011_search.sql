-- What a search among a million users walks. The part of an address behind its `@`, in the order of users:
ALTER TABLE identifier ADD COLUMN domain TEXT COLLATE "C" GENERATED ALWAYS AS (CASE kind WHEN 'email' THEN split_part(normal, '@', 2) END) STORED;
CREATE INDEX identifier_by_domain ON identifier (tenant_id, domain, user_id) WHERE domain IS NOT NULL;
CREATE INDEX account_by_created ON account (tenant_id, created_at, id);
CREATE INDEX alias_by_outward ON alias (tenant_id, outward);

-- Text anywhere in an identifier or a name: by an extension that comes with PostgreSQL and that the owner of a database may make.
-- Where it cannot be had, such a search reads every row and finds the same.
DO $$
DECLARE
  place TEXT;
BEGIN
  PERFORM pg_advisory_xact_lock(1684369251);
  IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') THEN
    IF to_regnamespace('public') IS NOT NULL AND has_schema_privilege('public', 'CREATE') THEN
      CREATE EXTENSION pg_trgm SCHEMA public;
    ELSE
      CREATE EXTENSION pg_trgm;
    END IF;
  END IF;
  SELECT n.nspname INTO place FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
  EXECUTE format('CREATE INDEX identifier_infix ON identifier USING gin (normal %I.gin_trgm_ops)', place);
  EXECUTE format('CREATE INDEX account_infix ON account USING gin (name_key %1$I.gin_trgm_ops, given_name_key %1$I.gin_trgm_ops, family_name_key %1$I.gin_trgm_ops, nickname_key %1$I.gin_trgm_ops)', place);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'no index for text inside of names: %', SQLERRM;
END
$$;
