// Generated from `protocol::limits` by `cargo xtask types`: what each is for stands there.

export const BIO_CHARS_MAX = 500;
export const BIO_LINES_MAX = 12;
export const CARD_CHARS_MAX = 280;
export const CARD_LINES_MAX = 6;
export const CARD_LINK_BYTES_MAX = 300;
export const CHAT_CHARS_MAX = 280;
export const CHAT_MESSAGES_MAX = 100;
export const DESCRIPTION_CHARS_MAX = 200;
export const DESCRIPTION_LINES_MAX = 8;
export const EVENT_MINUTES_MAX = 1440;
export const EVENT_MINUTES_MIN = 5;
export const EVENT_PEOPLE_MAX = 20;
export const CLUB_ABOUT_CHARS_MAX = 200;
export const CLUB_RULES_MAX = 3;
export const CLUB_RULE_CHARS_MAX = 100;
export const HAND_TOPIC_CHARS_MAX = 80;
export const HANDLE_CHARS_MAX = 20;
export const HANDLE_CHARS_MIN = 2;
export const LANGUAGES_MAX = 8;
export const NAME_CHARS_MAX = 40;
export const PEOPLE_PAGE = 50;
export const PRONUNCIATION_CHARS_MAX = 60;
export const RECENT_SPEAKERS_MAX = 50;
export const SERVER_NAME_CHARS_MAX = 40;
export const TALK_TOPIC_CHARS_MAX = 80;
export const TITLE_CHARS_MAX = 60;

// In milliseconds.
export const CHAT_EACH = 2000;
export const CHAT_SLOW_EACH = 30000;
export const CO_SIGN_PERIOD = 120000;
export const DEVICE_LINK_PERIOD = 120000;
export const ENDING_PERIOD = 10000;
export const GREEN_ROOM_PERIOD = 900000;
export const MODERATORLESS_PERIOD = 600000;
export const OWNERLESS_GRACE = 60000;
export const RECENT_SPEAKERS_PERIOD = 600000;
export const RECONNECT_GRACE = 30000;
export const STAGE_INVITATION_PERIOD = 60000;
export const TALK_TIMES_PERIOD = 4000;
export const UNDO_PERIOD = 10000;
