//! The list, and what each of them must never do.

mod between;
mod files;
mod front;
mod packets;
mod passkey;
mod room;
mod talk;
mod words;

use crate::Target;

const PACKETS: &str = "crates/media/corpus/packets";

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "stun", run: packets::stun, seeds: &[PACKETS] },
    Target { name: "rtp", run: packets::rtp, seeds: &[PACKETS] },
    Target { name: "rtcp", run: packets::rtcp, seeds: &[PACKETS] },
    Target { name: "red", run: packets::red, seeds: &["crates/media/corpus/red"] },
    Target { name: "opus", run: packets::opus, seeds: &["crates/media/corpus/red"] },
    Target { name: "sealed_frames", run: packets::sealed_frames, seeds: &["crates/media/corpus/red"] },
    Target { name: "channel", run: packets::channel, seeds: &["crates/media/corpus/red"] },
    Target { name: "datagrams", run: packets::datagrams, seeds: &[PACKETS] },
    Target { name: "stream", run: packets::stream, seeds: &["crates/media/corpus/streams"] },
    Target { name: "offer", run: packets::offer, seeds: &["crates/media/corpus/offers"] },
    Target { name: "answer", run: packets::answer, seeds: &["crates/media/corpus/offers"] },
    Target { name: "client_message", run: words::client_message, seeds: &[] },
    Target { name: "server_message", run: words::server_message, seeds: &[] },
    Target { name: "body", run: words::body, seeds: &[] },
    Target { name: "text", run: words::text, seeds: &[] },
    Target { name: "address", run: words::address, seeds: &[] },
    Target { name: "line", run: between::line, seeds: &[] },
    Target { name: "keeper", run: between::keeper, seeds: &[] },
    Target { name: "blob", run: between::blob, seeds: &[] },
    Target { name: "kept_room", run: between::kept_room, seeds: &[] },
    Target { name: "configuration", run: files::configuration, seeds: &[] },
    Target { name: "wav", run: files::wav, seeds: &[] },
    Target { name: "ogg", run: files::ogg, seeds: &[] },
    Target { name: "picture", run: files::picture, seeds: &[] },
    Target { name: "room", run: room::sequence, seeds: &[] },
    Target { name: "session", run: talk::session, seeds: &[] },
    Target { name: "forwarded", run: front::forwarded, seeds: &[] },
    Target { name: "log_pipe", run: front::log_pipe, seeds: &[] },
    Target { name: "passkey_registration", run: passkey::registration, seeds: &[] },
    Target { name: "passkey_authentication", run: passkey::authentication, seeds: &[] },
];
