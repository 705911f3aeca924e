-- What people show of themselves: a small square JPEG, made anew from whatever they gave, so that nothing but pixels is in it.
-- Nothing says since when.
CREATE TABLE pictures (
    member BYTEA PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
    -- The end of its address: random, and another one each time it changes.
    id BYTEA NOT NULL UNIQUE,
    -- The picture itself.
    jpeg BYTEA NOT NULL
) WITHOUT ROWID;
