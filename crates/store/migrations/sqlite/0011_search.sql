-- What a search among a million users walks. The part of an address behind its `@`, in the order of users:
ALTER TABLE identifier ADD COLUMN domain TEXT GENERATED ALWAYS AS (CASE kind WHEN 'email' THEN substr(normal, instr(normal, '@') + 1) END) VIRTUAL;
CREATE INDEX identifier_by_domain ON identifier (tenant_id, domain, user_id) WHERE domain IS NOT NULL;
CREATE INDEX account_by_created ON account (tenant_id, created_at, id);
CREATE INDEX alias_by_outward ON alias (tenant_id, outward);

-- Three characters anywhere in an identifier or a name. The index knows documents by numbers and keeps no text: whoever it names
-- is looked at again. Numbers are given here, since those that SQLite gives to rows may change when a database is packed.
CREATE TABLE searchable (
  doc INTEGER PRIMARY KEY,
  tenant_id BLOB NOT NULL,
  user_id BLOB NOT NULL,
  source BLOB NOT NULL,
  UNIQUE (user_id, source)
);
CREATE VIRTUAL TABLE searchable_infix USING fts5 (text, content = '', detail = none, columnsize = 0, tokenize = 'trigram');

INSERT INTO searchable (tenant_id, user_id, source) SELECT tenant_id, id, id FROM account;
INSERT INTO searchable (tenant_id, user_id, source) SELECT tenant_id, user_id, id FROM identifier;
INSERT INTO searchable_infix (rowid, text)
  SELECT s.doc, a.names FROM searchable s
  JOIN (SELECT id, coalesce(name_key, '') || char(10) || coalesce(given_name_key, '') || char(10) || coalesce(family_name_key, '') || char(10) || coalesce(nickname_key, '') AS names FROM account) a ON a.id = s.user_id
  WHERE s.source = s.user_id;
INSERT INTO searchable_infix (rowid, text)
  SELECT s.doc, i.normal FROM searchable s JOIN identifier i ON i.id = s.source WHERE s.source <> s.user_id;

CREATE TRIGGER account_searchable AFTER INSERT ON account BEGIN
  INSERT INTO searchable (tenant_id, user_id, source) VALUES (NEW.tenant_id, NEW.id, NEW.id);
  INSERT INTO searchable_infix (rowid, text)
    SELECT doc, coalesce(NEW.name_key, '') || char(10) || coalesce(NEW.given_name_key, '') || char(10) || coalesce(NEW.family_name_key, '') || char(10) || coalesce(NEW.nickname_key, '')
    FROM searchable WHERE user_id = NEW.id AND source = NEW.id;
END;
CREATE TRIGGER account_renamed AFTER UPDATE OF name, profile ON account
WHEN NEW.name_key IS NOT OLD.name_key OR NEW.given_name_key IS NOT OLD.given_name_key OR NEW.family_name_key IS NOT OLD.family_name_key OR NEW.nickname_key IS NOT OLD.nickname_key BEGIN
  INSERT INTO searchable_infix (searchable_infix, rowid, text)
    SELECT 'delete', doc, coalesce(OLD.name_key, '') || char(10) || coalesce(OLD.given_name_key, '') || char(10) || coalesce(OLD.family_name_key, '') || char(10) || coalesce(OLD.nickname_key, '')
    FROM searchable WHERE user_id = NEW.id AND source = NEW.id;
  INSERT INTO searchable_infix (rowid, text)
    SELECT doc, coalesce(NEW.name_key, '') || char(10) || coalesce(NEW.given_name_key, '') || char(10) || coalesce(NEW.family_name_key, '') || char(10) || coalesce(NEW.nickname_key, '')
    FROM searchable WHERE user_id = NEW.id AND source = NEW.id;
END;
CREATE TRIGGER account_unsearchable AFTER DELETE ON account BEGIN
  INSERT INTO searchable_infix (searchable_infix, rowid, text)
    SELECT 'delete', doc, coalesce(OLD.name_key, '') || char(10) || coalesce(OLD.given_name_key, '') || char(10) || coalesce(OLD.family_name_key, '') || char(10) || coalesce(OLD.nickname_key, '')
    FROM searchable WHERE user_id = OLD.id AND source = OLD.id;
  DELETE FROM searchable WHERE user_id = OLD.id AND source = OLD.id;
END;
CREATE TRIGGER identifier_searchable AFTER INSERT ON identifier BEGIN
  INSERT INTO searchable (tenant_id, user_id, source) VALUES (NEW.tenant_id, NEW.user_id, NEW.id);
  INSERT INTO searchable_infix (rowid, text) SELECT doc, NEW.normal FROM searchable WHERE user_id = NEW.user_id AND source = NEW.id;
END;
CREATE TRIGGER identifier_changed AFTER UPDATE OF normal, user_id ON identifier
WHEN NEW.normal IS NOT OLD.normal OR NEW.user_id IS NOT OLD.user_id BEGIN
  INSERT INTO searchable_infix (searchable_infix, rowid, text) SELECT 'delete', doc, OLD.normal FROM searchable WHERE user_id = OLD.user_id AND source = OLD.id;
  UPDATE searchable SET user_id = NEW.user_id WHERE user_id = OLD.user_id AND source = OLD.id;
  INSERT INTO searchable_infix (rowid, text) SELECT doc, NEW.normal FROM searchable WHERE user_id = NEW.user_id AND source = NEW.id;
END;
CREATE TRIGGER identifier_unsearchable AFTER DELETE ON identifier BEGIN
  INSERT INTO searchable_infix (searchable_infix, rowid, text) SELECT 'delete', doc, OLD.normal FROM searchable WHERE user_id = OLD.user_id AND source = OLD.id;
  DELETE FROM searchable WHERE user_id = OLD.user_id AND source = OLD.id;
END;
