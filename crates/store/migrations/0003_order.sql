-- 1 where the administrators have suspended the account: nobody signs in to it.
ALTER TABLE members ADD COLUMN suspended BIGINT NOT NULL DEFAULT 0;
-- 1 where neither the member nor whoever came by them, however far down, invites anybody for now.
ALTER TABLE members ADD COLUMN paused BIGINT NOT NULL DEFAULT 0;

-- Who reported whom, and why: a reason from a list. Not where, not when but for the day, and not a word of what was said.
CREATE TABLE reports (
    -- Drawn at random, so that it says nothing of order.
    number BIGINT PRIMARY KEY,
    -- None for a guest, and once the reporter has read what became of it.
    reporter BYTEA REFERENCES members (id) ON DELETE SET NULL,
    -- None for a guest.
    reported BYTEA REFERENCES members (id) ON DELETE CASCADE,
    -- One of a list, by its number.
    reason BIGINT NOT NULL,
    day BIGINT NOT NULL,
    -- 0 open, 1 acted on, 2 looked at and nothing done.
    outcome BIGINT NOT NULL,
    -- The first day on which it is not kept any more.
    forget_day BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX reports_reporter ON reports (reporter);
CREATE INDEX reports_reported ON reports (reported);

-- Who heard it too.
CREATE TABLE report_signatures (
    -- By its number.
    report BIGINT NOT NULL REFERENCES reports (number) ON DELETE CASCADE,
    member BYTEA NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    PRIMARY KEY (report, member)
) WITHOUT ROWID;
CREATE INDEX report_signatures_member ON report_signatures (member);

-- How often something was done, since the server began; nothing of whom or when.
CREATE TABLE counts (
    name TEXT PRIMARY KEY,
    -- How often.
    value BIGINT NOT NULL
) WITHOUT ROWID;
