//! What it means: one sentence a story, and what people see of it.

mod story;

#[path = "stories/authority.rs"]
mod authority;
#[path = "stories/blocks.rs"]
mod blocks;
#[path = "stories/board.rs"]
mod board;
#[path = "stories/chat.rs"]
mod chat;
#[path = "stories/club.rs"]
mod club;
#[path = "stories/door.rs"]
mod door;
#[path = "stories/guests.rs"]
mod guests;
#[path = "stories/hands.rs"]
mod hands;
#[path = "stories/large.rs"]
mod large;
#[path = "stories/moderation.rs"]
mod moderation;
#[path = "stories/presence.rs"]
mod presence;
#[path = "stories/reactions.rs"]
mod reactions;
#[path = "stories/rebuilt.rs"]
mod rebuilt;
#[path = "stories/reports.rs"]
mod reports;
#[path = "stories/stage.rs"]
mod stage;
#[path = "stories/talked.rs"]
mod talked;
