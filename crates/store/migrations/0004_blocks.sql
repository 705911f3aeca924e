-- Who blocks whom, and nothing about when or why. Listed to the blocker alone.
CREATE TABLE blocks (
    blocker BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    blocked BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    PRIMARY KEY (blocker, blocked)
) WITHOUT ROWID;
CREATE INDEX blocks_blocked ON blocks (blocked);
