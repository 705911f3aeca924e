-- 1 for events that somebody is named with or would like to come to.
ALTER TABLE push_wishes ADD COLUMN events BIGINT NOT NULL DEFAULT 1;

-- What changed that they have not seen: 1 the time, 2 the people, 4 that it was called off, 8 that they are named, added up.
ALTER TABLE event_people ADD COLUMN news BIGINT NOT NULL DEFAULT 0;
