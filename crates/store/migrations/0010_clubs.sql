-- What a club is: what its admins say of it. Not when it was founded, nor by whom.
CREATE TABLE clubs (
    id BYTEA PRIMARY KEY,
    name TEXT NOT NULL,
    -- What the name looks like (Unicode TR 39 skeleton, folded): two that look the same cannot both exist.
    name_looks TEXT NOT NULL UNIQUE,
    -- The name as it is searched.
    name_folded TEXT NOT NULL,
    -- Empty where they say nothing.
    about TEXT NOT NULL,
    -- A line each.
    rules TEXT NOT NULL,
    -- 0 open, 1 by request, 2 by invitation.
    door BIGINT NOT NULL,
    -- Who starts rooms: 0 admins, 1 members.
    starters BIGINT NOT NULL,
    -- Who follows it without being in it: 0 nobody, 1 anybody.
    following BIGINT NOT NULL,
    -- The end of its picture's address, and the picture: both or neither.
    picture BYTEA UNIQUE,
    jpeg BYTEA
) WITHOUT ROWID;

CREATE TABLE club_people (
    club BYTEA NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    -- 0 follows, 1 asks, 2 is invited, 3 member, 4 admin, 5 runs it.
    standing BIGINT NOT NULL,
    -- The day they joined, or began to follow, to ask or to be invited: a club goes to whoever has been in it longest.
    day BIGINT NOT NULL,
    -- 1 where they are asked to take it over.
    offered BIGINT NOT NULL,
    PRIMARY KEY (club, member)
) WITHOUT ROWID;
CREATE UNIQUE INDEX club_people_one_owner ON club_people (club) WHERE standing = 5;
CREATE INDEX club_people_member ON club_people (member);

CREATE TABLE club_bans (
    club BYTEA NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    -- The first day on which it does not hold any more; none for good.
    until_day BIGINT,
    PRIMARY KEY (club, member)
) WITHOUT ROWID;
CREATE INDEX club_bans_member ON club_bans (member);
