//! Bounds of what `live` and the keeper say to each other.

use protocol::limits::{
    DESCRIPTION_CHARS_MAX, EVENT_PEOPLE_MAX, EVENT_THEN_MAX, EVENTS_SHOWN_MAX, GOING_SHOWN_MAX,
    HANDLE_CHARS_MAX, NAME_CHARS_MAX, TITLE_CHARS_MAX, ZONE_CHARS_MAX,
};

/// Bytes of one encoded message. The largest is a following set: [`protocol::limits::FOLLOWING_MAX`] ids of 16 bytes
/// are 80 KiB, a certificate chain with its key stays under 64 KiB, and a picture is 96 KiB at most. Before all of them comes
/// what is kept about one member, with the picture as text and every event they have to do with.
pub const FRAME_BYTES_MAX: usize = 512 * 1024;
/// Requests of one `live` that wait for their answers. Past this the keeper stops reading until it has caught up.
pub const ASKS_IN_FLIGHT_MAX: usize = 256;
/// Bytes of a passkey ceremony's credential, as JSON text. An attestation with a certificate chain is under 8 KiB.
pub const CREDENTIAL_BYTES_MAX: usize = 32 * 1024;
/// Bytes of what somebody types into a search box or as their own handle, before it is parsed: 40 characters of four
/// bytes, with room for stray space.
pub const TYPED_BYTES_MAX: usize = 256;
/// Bytes of an origin: a scheme, a name of at most 253 (RFC 1035 section 2.3.4), a port.
pub const SERVER_ADDRESS_BYTES_MAX: usize = 8 + 253 + 6;
/// Handles in one [`crate::Request::Resolve`].
pub const RESOLVE_MAX: usize = protocol::limits::ASKED_MAX;
/// Sessions in one [`crate::Request::WhichEnded`]; `live` asks in pieces.
pub const SESSIONS_PER_ASK_MAX: usize = 1_000;
/// Certificates in a chain. Public authorities send three or four.
pub const CHAIN_MAX: usize = 10;
/// Bytes of one certificate or key in DER.
pub const DER_BYTES_MAX: usize = 16 * 1024;
/// Bytes of one message on the administrator's socket.
pub const ADMIN_FRAME_BYTES_MAX: usize = FRAME_BYTES_MAX;
/// Numbers that are tried for a new report. With a thousand reports, eight taken ones in a row are one in 10^23.
pub const NUMBERS_MAX: usize = 8;
/// People who heard it too, in one [`crate::Request::Report`].
pub const HEARD_MAX: usize = protocol::limits::CO_SIGNATURES_MAX;
/// Reports in one page of the administrator's list: a handle of at most 80 bytes for each who signed, and two more.
pub const REPORTS_PAGE: usize = 100;
/// Members in one page of the administrator's list: at most 16 bytes of id and 4 × 60 of text each.
pub const ADMIN_PAGE: usize = 500;

/// Devices in one [`crate::Reply::Devices`].
pub const DEVICES_PAGE: usize = 200;

const _: () = assert!(DEVICES_PAGE * (protocol::limits::PUSH_ENDPOINT_BYTES_MAX + 160) < FRAME_BYTES_MAX);
const _: () = assert!(protocol::limits::FOLLOWING_MAX * 16 < FRAME_BYTES_MAX / 2);
const _: () = assert!(SESSIONS_PER_ASK_MAX * 16 < FRAME_BYTES_MAX / 2);
/// Handles in one [`crate::Reply::Handles`].
pub const KEPT_PAGE: usize = 1_000;
/// People in one [`crate::Push::Erased`]. Past this somebody's open page is out of date until it is opened again.
pub const TIED_MAX: usize = 10_000;

const _: () = assert!(
    protocol::limits::CLUB_PEOPLE_MAX * 17 + protocol::limits::CLUB_BANS_MAX * 16 < FRAME_BYTES_MAX / 2
);
const _: () = assert!((CHAIN_MAX + 1) * DER_BYTES_MAX < FRAME_BYTES_MAX);
const _: () = assert!(RESOLVE_MAX * (16 + 4 * 64 + 8) < FRAME_BYTES_MAX);
const _: () = assert!(REPORTS_PAGE * (HEARD_MAX + 2) * 90 < ADMIN_FRAME_BYTES_MAX);
const _: () = assert!(
    protocol::limits::ORDER_REPORTS_MAX * (HEARD_MAX + 2) * 90
        + 2 * protocol::limits::ORDER_PEOPLE_MAX
            * 4
            * (protocol::limits::HANDLE_CHARS_MAX + protocol::limits::NAME_CHARS_MAX + 4)
        < FRAME_BYTES_MAX
);
/// Bytes of one event, as it is shown: each character takes four at most, a time nine.
pub const EVENT_BYTES_MAX: usize = 4 * (TITLE_CHARS_MAX + DESCRIPTION_CHARS_MAX)
    + ZONE_CHARS_MAX
    + EVENT_PEOPLE_MAX * (4 * (NAME_CHARS_MAX + HANDLE_CHARS_MAX) + 24)
    + 9 * EVENT_THEN_MAX
    + 200;
const _: () = assert!(EVENTS_SHOWN_MAX * EVENT_BYTES_MAX < FRAME_BYTES_MAX);
const _: () = assert!(GOING_SHOWN_MAX * 12 * NAME_CHARS_MAX < FRAME_BYTES_MAX);
const _: () = assert!(ADMIN_PAGE * 300 < ADMIN_FRAME_BYTES_MAX);
const _: () = assert!(KEPT_PAGE * (4 * protocol::limits::HANDLE_CHARS_MAX + 8) < FRAME_BYTES_MAX);
const _: () = assert!(TIED_MAX * 17 + 64 < FRAME_BYTES_MAX);
