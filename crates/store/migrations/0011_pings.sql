-- Whose pings into rooms a member does not want, and nothing about when or why. Listed to that member alone.
CREATE TABLE muted_pings (
    muter BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    muted BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    PRIMARY KEY (muter, muted)
) WITHOUT ROWID;
CREATE INDEX muted_pings_muted ON muted_pings (muted);
