-- 1 where whom they block does not come into rooms where they are on stage.
ALTER TABLE members ADD COLUMN protected BIGINT NOT NULL DEFAULT 0;
