//! All that `live` may ask of the keeper, and all that the keeper may say.
//!
//! How a line goes. The parent gives both processes one end of a stream socket. `live` sends [`ToKeeper::Hello`] and
//! waits for [`ToLive::Welcome`]; from then on it sends [`ToKeeper::Ask`] and gets one [`ToLive::Answer`] each, in any
//! order, with [`Push`]es in between. [`frame`] turns messages into bytes and back. When a line breaks, the parent makes
//! a new one, and it begins with a hello again.
//!
//! What cannot be said. No message can carry a room, its title, or anybody's network address: `tests/carries.rs` reads
//! these files and knows every type that may stand in them. Sessions, links and passkeys are verified on the other side;
//! `live` passes bytes and cannot make a session.

pub mod admin;
pub mod frame;
pub mod limits;
pub mod parent;
mod reply;
mod request;
mod secret;
mod tls;
mod typed;

pub use frame::{Decoder, FrameError, encode};
pub use reply::{
    ClubRoll, Door, Greeting, Link, LiveSession, OnRoll, Person, Ping, Push, PushDevice, Reply, SignedIn,
    ToLive, Welcome, Whose,
};
pub use request::{
    Along, Among, AskNumber, ClubRequest, EventNotice, EventRequest, Hello, KeptPeople, MemberRequest,
    NoticesRequest, OrderRequest, PingsRequest, Reported, Request, ToKeeper,
};
pub use secret::{
    CalendarSecret, Ceremony, DeviceCode, LinkSecret, RecoveryCode, SealingKey, SessionToken, SignInSecret,
};
pub use tls::{Der, TlsKeys, TlsTooLarge};
pub use typed::{
    ColumnName, CredentialJson, NotPushKeys, PasskeyDomain, PictureJpeg, PushEndpoint, PushKeys,
    ServerAddress, TooLong, Typed,
};
