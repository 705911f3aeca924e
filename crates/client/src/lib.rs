//! A native client of Vivavoce: the same wire contract as the web client, and a WebRTC stack that is not the server's.
//!
//! - [`api`]: HTTP and the WebSocket. Sign in, open a [`api::Socket`], enter a room, say commands, hear events.
//! - [`peer`]: one media connection, without sockets and without a clock: [`peer::Offering`] makes the offer,
//!   [`peer::Peer`] is what the answer makes of it.
//! - [`sound`]: what is said and what is heard, in pieces of 20 ms: files, tones, sound devices, Opus, three voices mixed.
//! - [`room`]: the state of a room, from the events that the server sends.
//! - [`visit`]: all of it together, for a person in a room: comes back by itself, and leaves when asked.
//!
//! Thousands of connections live in one process when they share one [`peer::Identity`].
//!
//! ```no_run
//! # async fn listen(link: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use client::api::{Link, Server, Trust};
//! use client::peer::{Identity, Offering};
//!
//! let link = Link::parse(link)?;
//! let server = Server::new(link.origin.clone(), &Trust::System)?;
//! let token = server.sign_in(&link.secret).await?;
//! let mut socket = server.open(&token).await?;
//! let welcome = socket.hello().await?;
//! let room = welcome.hallway.first().ok_or("nobody talks")?.room;
//!
//! let identity = Identity::generate()?;
//! let offering = Offering::new(&identity, std::time::Instant::now())?;
//! let entered = socket.enter_room(room, Some(offering.sdp().clone()), None).await?;
//! let answer = entered.answer.ok_or("no answer")?;
//! let udp = std::net::UdpSocket::bind("127.0.0.1:0")?;
//! let mut peer = offering.accept(&answer, &[udp.local_addr()?])?;
//! // Then: peer.poll() until it names a time; datagrams and that time go in; and again.
//! # drop(peer); Ok(()) }
//! ```

pub mod api;
pub mod limits;
pub mod peer;
pub mod room;
pub mod sound;
pub mod visit;
