-- What members say of themselves: each empty where they say nothing.
ALTER TABLE members ADD COLUMN bio TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN pronunciation TEXT NOT NULL DEFAULT '';
-- Codes of languages with a space between them, the dearest first.
ALTER TABLE members ADD COLUMN speaks TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN understands TEXT NOT NULL DEFAULT '';
-- 1 where other members do not see who invited them.
ALTER TABLE members ADD COLUMN nominator BIGINT NOT NULL DEFAULT 0;
