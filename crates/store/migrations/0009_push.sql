-- 1 where whoever follows is told when whom they follow starts a room.
ALTER TABLE follows ADD COLUMN bell BIGINT NOT NULL DEFAULT 0;

-- Browsers that are told while no page is open, each with the session that asked for it.
CREATE TABLE push_devices (
    session BYTEA PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    -- Where whoever keeps messages for the browser takes them.
    endpoint TEXT NOT NULL UNIQUE,
    -- The browser's public point, and the secret it shares with this server, one behind the other.
    keys BYTEA NOT NULL
) WITHOUT ROWID;

-- What members want to be told of, where they have said so.
CREATE TABLE push_wishes (
    member BYTEA PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
    -- 1 for rooms of those whose bell they rang.
    bells BIGINT NOT NULL,
    -- 1 for being asked into a room.
    asks BIGINT NOT NULL,
    -- A time of every day, in minutes since midnight: people go to bed at half past. None where nothing is quiet.
    quiet_from BIGINT,
    -- The same.
    quiet_until BIGINT,
    -- How far the clock that these are read on is ahead of UTC, in minutes: some are by half an hour.
    quiet_zone BIGINT
) WITHOUT ROWID;

-- The key by which push services know this server, PKCS #8: one, made when it first starts.
CREATE TABLE push_keys (
    key BYTEA PRIMARY KEY
) WITHOUT ROWID;
