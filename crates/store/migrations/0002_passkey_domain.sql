-- Where each passkey works: browsers bind it to the host of --public-url, and one made before a move is of no use after it.
-- Empty where that is not known.
ALTER TABLE passkeys ADD COLUMN domain TEXT NOT NULL DEFAULT '';
UPDATE passkeys SET domain = COALESCE((SELECT value FROM settings WHERE name = 'passkey_domain'), '');
-- Each passkey knows it now.
DELETE FROM settings WHERE name = 'passkey_domain';
