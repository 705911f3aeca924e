-- One text for SQLite and PostgreSQL: BYTEA, BIGINT, TEXT; ids are 16 random bytes made by the server.
-- WITHOUT ROWID is SQLite's alone: otherwise it numbers the rows of each table as they come, and a disk would tell in which
-- order people signed in, followed or reported within a day.
-- Days are days since the Unix epoch, UTC. A finer time needs a reason beside its column.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE members (
    id BYTEA PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    -- What the handle looks like (Unicode TR 39 skeleton): two that look the same cannot both exist.
    handle_looks TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The name as it is searched: folded to lower case.
    name_folded TEXT NOT NULL,
    -- 0 the owner, 1 a member.
    role BIGINT NOT NULL,
    -- The edge "who invited whom"; none for the owner.
    invited_by BYTEA REFERENCES members (id) ON DELETE SET NULL,
    -- The invitation that was accepted, for the inviter's own list; none once that is cleared away.
    invite BYTEA,
    day BIGINT NOT NULL,
    -- Invitations left on allowance_day; one comes back a week.
    allowance BIGINT NOT NULL,
    allowance_day BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX members_one_owner ON members (role) WHERE role = 0;
CREATE INDEX members_invite ON members (invite);

-- What a credential was when it was made. Never written again: a sign counter would be a record of sign-ins.
CREATE TABLE passkeys (
    id BYTEA PRIMARY KEY,
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    credential_id BYTEA NOT NULL UNIQUE,
    credential TEXT NOT NULL,
    device BIGINT NOT NULL,
    day BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX passkeys_member ON passkeys (member);

-- No column says when or whether a session was used.
CREATE TABLE sessions (
    id BYTEA PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    device BIGINT NOT NULL,
    day BIGINT NOT NULL,
    -- The first day on which it does not stand any more; fixed when it is made.
    expires_day BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_member ON sessions (member);

CREATE TABLE recovery_codes (
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    code_hash BYTEA NOT NULL,
    PRIMARY KEY (member, code_hash)
) WITHOUT ROWID;

CREATE TABLE invites (
    id BYTEA PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    inviter BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    note TEXT,
    uses BIGINT NOT NULL,
    used BIGINT NOT NULL,
    -- 0 open, 1 taken back.
    revoked BIGINT NOT NULL,
    -- 1 where its uses came out of the inviter's allowance and go back there when it is taken back.
    allowance BIGINT NOT NULL,
    day BIGINT NOT NULL,
    -- The first day on which it cannot be used any more.
    expires_day BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX invites_inviter ON invites (inviter);

-- One-time links that sign somebody in.
CREATE TABLE links (
    token_hash BYTEA PRIMARY KEY,
    -- 0 the owner's first, 1 another device of a member, 2 made by the administrator.
    kind BIGINT NOT NULL,
    member BYTEA REFERENCES members (id) ON DELETE CASCADE,
    code_hash BYTEA UNIQUE,
    -- Milliseconds, because a device link stands for two minutes; the row goes when it is used or lapses.
    expires_ms BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX links_member ON links (member);

CREATE TABLE follows (
    follower BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    followed BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    PRIMARY KEY (follower, followed)
) WITHOUT ROWID;
CREATE INDEX follows_followed ON follows (followed);
