-- What members have announced. Whether any of it took place is written nowhere.
CREATE TABLE events (
    id BYTEA PRIMARY KEY,
    -- Who announced it, and may change it.
    host BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    -- Empty where nothing more is said.
    description TEXT NOT NULL,
    -- Who sees it, and may come in: 0 closed, 1 social, 2 open.
    kind BIGINT NOT NULL,
    -- Codes of languages with a space between them.
    languages TEXT NOT NULL,
    -- When it begins, the next time: finer than a day, for people come to the minute.
    start_ms BIGINT NOT NULL,
    -- When it was to begin the first time, as it was last announced: what repeats is counted from there, so that the last of
    -- a month does not become the 28th for ever.
    first_ms BIGINT NOT NULL,
    zone TEXT NOT NULL,
    -- How long it is to take, in minutes: not when anything happened.
    minutes BIGINT NOT NULL,
    -- 0 once, 1 on weekdays, 2 every week, 3 every two weeks, 4 every month.
    repeats BIGINT NOT NULL,
    -- 1 where it was called off.
    state BIGINT NOT NULL DEFAULT 0,
    -- How often it was changed, for calendars.
    sequence BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX events_host ON events (host);
CREATE INDEX events_start ON events (start_ms);

-- Who is named with an event beside its host.
CREATE TABLE event_people (
    event BYTEA NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    -- 1 may open its room and keeps order there, 2 is asked to its stage.
    part BIGINT NOT NULL,
    PRIMARY KEY (event, member)
) WITHOUT ROWID;
CREATE INDEX event_people_member ON event_people (member);

-- Who would like to come, until it begins; nothing about since when.
CREATE TABLE event_going (
    event BYTEA NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    -- What changed that they have not seen: 1 the time, 2 the people, 4 that it was called off, added up.
    news BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (event, member)
) WITHOUT ROWID;
CREATE INDEX event_going_member ON event_going (member);

-- The address at which a member's calendar program reads their events, by the hash of its secret.
CREATE TABLE calendars (
    member BYTEA PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
    token_hash BYTEA NOT NULL UNIQUE
) WITHOUT ROWID;
