//! Tells people of things while no page of theirs is open: by Web Push, sealed for each of their browsers.
//!
//! Whom and whether: what they wish ([`wishes`]), what they can see and whether they look at a page now (the hallway), which
//! browsers they have (the keeper). What is told is a kind and a handle, no more. It is sealed here ([`seal`], [`vapid`]) before
//! it waits for anything; the process that calls out sees an address and bytes.

pub(crate) mod base64url;
mod once;
mod round;
pub(crate) mod seal;
mod vapid;
mod wishes;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::Uri;
use keeper_api::{Der, EventNotice, PushDevice, PushEndpoint, Reply, Request};
use outbound_api::{Address, Body, Letter, LetterNumber, Outcome, Proof, Urgency};
use protocol::id::{EventId, MemberId, RoomId, SessionId};
use protocol::push::{PushKind, PushNotice, PushTrial};
use protocol::text::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::sleep;

use crate::clock;
use crate::fresh;
use crate::hallway::{Hallway, Of, Told};
use crate::keeper::Keeper;
use crate::limits::{
    BELL_LETTERS_TOGETHER, BELL_PACE, BELL_PERIOD, EVENT_LETTER_KEPT_SECONDS, LETTER_KEPT_SECONDS,
    LETTER_RETRY_MAX, LETTER_RETRY_MIN, LETTERS_FOR_ASKS, LETTERS_WAITING, WORDS_MAILBOX,
};
use crate::outbound::Outbound;
use once::Once;
use round::Round;
use vapid::Vapid;

/// A cheap handle.
#[derive(Clone)]
pub(crate) struct Notifier {
    parts: Arc<Parts>,
    words: mpsc::Sender<Box<Word>>,
}

struct Parts {
    keeper: Keeper,
    hallway: Hallway,
    outbound: Outbound,
    vapid: Vapid,
    waiting: Arc<Semaphore>,
    once: Mutex<Once>,
}

/// Something that one member is to be told.
struct Word {
    to: MemberId,
    kind: PushKind,
    from: Handle,
    room: RoomId,
}

/// The key cannot be used; a fault of the keeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key for push services cannot be used")]
pub(crate) struct Unusable;

impl Notifier {
    /// # Errors
    /// [`Unusable`].
    pub(crate) fn start(
        keeper: Keeper,
        hallway: Hallway,
        outbound: Outbound,
        key: &Der,
        contact: String,
    ) -> Result<Self, Unusable> {
        let parts = Arc::new(Parts {
            keeper,
            hallway,
            outbound,
            vapid: Vapid::new(key, contact).map_err(|_| Unusable)?,
            waiting: Arc::new(Semaphore::new(LETTERS_WAITING)),
            once: Mutex::new(Once::new(clock::random())),
        });
        let (words, said) = mpsc::channel(WORDS_MAILBOX);
        let theirs = Arc::clone(&parts);
        fresh::spawn(move || theirs.tell_each(said));
        Ok(Self { parts, words })
    }

    /// What browsers are told to know this server by.
    pub(crate) fn public_key(&self) -> String {
        self.parts.vapid.public()
    }

    /// Tells somebody that somebody else did something that concerns them: once in a while each. Where nothing can be told, they
    /// are not told; nobody waits for it.
    pub(crate) fn tell(&self, to: MemberId, kind: PushKind, from: &Handle, room: RoomId) {
        let _ = self.words.try_send(Box::new(Word { to, kind, from: from.clone(), room }));
    }

    /// Somebody has started a room: tells those who rang their bell, and for whom it is there.
    pub(crate) fn started(&self, host: MemberId, from: Handle, room: RoomId) {
        self.go_round(Round::Bell { host, room }, from);
    }

    /// There is something to say about an event: tells those whom it concerns.
    pub(crate) fn of_event(&self, event: EventId, host: Handle, notice: EventNotice, to: Vec<MemberId>) {
        self.go_round(Round::Event { event, notice, to }, host);
    }

    fn go_round(&self, round: Round, from: Handle) {
        let parts = Arc::clone(&self.parts);
        fresh::spawn(move || parts.go_round(round, from));
    }

    /// As long as the process: what was said is forgotten after a while, whether something more is said or not.
    pub(crate) async fn keep_time(&self) {
        loop {
            let next = self.parts.once.lock().unwrap_or_else(PoisonError::into_inner).forget(Instant::now());
            sleep(next).await;
        }
    }

    /// Shows somebody at one of their devices what it is like.
    pub(crate) async fn try_at(&self, device: PushDevice) -> PushTrial {
        let Some(sealed) = self.parts.seal(&device, PushKind::Trial, None) else { return PushTrial::Failed };
        match self.parts.outbound.send(sealed.letter.clone()).await {
            Outcome::Delivered => PushTrial::Sent,
            Outcome::Gone => {
                self.parts.forget(sealed).await;
                PushTrial::NotHere
            }
            Outcome::Later { .. } | Outcome::Refused => PushTrial::Failed,
        }
    }
}

/// A letter, and whose browser it is for.
struct Sealed {
    letter: Letter,
    session: SessionId,
    endpoint: PushEndpoint,
}

impl Parts {
    /// One after the other: few, and each asks the keeper one thing.
    async fn tell_each(self: Arc<Self>, mut said: mpsc::Receiver<Box<Word>>) {
        while let Some(word) = said.recv().await {
            // In a box, which is wiped: this task does not end.
            Box::pin(self.tell_one(word)).await;
        }
    }

    async fn tell_one(self: &Arc<Self>, word: Box<Word>) {
        let Word { to, kind, from, room } = *word;
        let told = self.hallway.who_is_told(BTreeSet::from([to]), Of::Ask { room }).await;
        if told != Told::Those(BTreeSet::from([to])) {
            return;
        }
        let Ok(Reply::Devices(devices)) = self.keeper.ask(Request::DevicesOf { member: to }).await else {
            return;
        };
        // What nobody was told is not said again: nothing stands for it.
        let said = [&to.0[..], &[round::kind_byte(kind)], from.as_str().as_bytes()].concat();
        if devices.is_empty() || !self.is_first(&said) {
            return;
        }
        for device in devices {
            let Ok(place) = Arc::clone(&self.waiting).try_acquire_owned() else { return };
            self.send_if_wanted(&device, kind, &from, place);
        }
    }

    /// Page by page, some letters at a time, for as long as it is news. Ends with the room, where it is about one.
    async fn go_round(self: Arc<Self>, round: Round, from: Handle) {
        let begun = Instant::now();
        let (mut after, mut first) = (None, true);
        loop {
            let Ok(Reply::Devices(devices)) = self.keeper.ask(round.ask(after)).await else { return };
            let Some(last) = devices.last().map(|device| device.session) else { return };
            if std::mem::take(&mut first) && !round.said().iter().any(|said| self.is_first(said)) {
                return;
            }
            let devices: Vec<PushDevice> =
                devices.into_iter().filter(|device| round.is_for(device)).collect();
            for some in devices.chunks(BELL_LETTERS_TOGETHER) {
                let members: BTreeSet<MemberId> = some.iter().map(|device| device.member).collect();
                let (told, places) = loop {
                    let Told::Those(told) = self.hallway.who_is_told(members.clone(), round.of()).await
                    else {
                        return;
                    };
                    let wanted = u32::try_from(some.len()).unwrap_or(u32::MAX);
                    // Whoever is asked by name does not wait for those of whom there are many.
                    let free = self.waiting.available_permits() >= some.len() + LETTERS_FOR_ASKS;
                    match Arc::clone(&self.waiting).try_acquire_many_owned(wanted) {
                        Ok(places) if free => break (told, places),
                        _ if begun.elapsed() > BELL_PERIOD => return,
                        _ => sleep(BELL_PACE).await,
                    }
                };
                self.send_some(some, &told, (round.kind(), &from), places);
                sleep(BELL_PACE).await;
            }
            if begun.elapsed() > BELL_PERIOD {
                return;
            }
            after = Some(last);
        }
    }

    fn send_some(
        self: &Arc<Self>,
        some: &[PushDevice],
        told: &BTreeSet<MemberId>,
        (kind, from): (PushKind, &Handle),
        mut places: OwnedSemaphorePermit,
    ) {
        for device in some.iter().filter(|device| told.contains(&device.member)) {
            if let Some(place) = places.split(1) {
                self.send_if_wanted(device, kind, from, place);
            }
        }
    }

    /// Sealed now, so that nothing that waits says whom or what it is about.
    fn send_if_wanted(
        self: &Arc<Self>,
        device: &PushDevice,
        kind: PushKind,
        from: &Handle,
        place: OwnedSemaphorePermit,
    ) {
        if !wishes::wanted(&device.wishes, kind, clock::by_the_wall()) {
            return;
        }
        let Some(sealed) = self.seal(device, kind, Some(from.clone())) else { return };
        let parts = Arc::clone(self);
        fresh::spawn(move || async move {
            parts.deliver(sealed).await;
            drop(place);
        });
    }

    fn seal(&self, device: &PushDevice, kind: PushKind, from: Option<Handle>) -> Option<Sealed> {
        let plain = serde_json::to_vec(&PushNotice { kind, from }).ok()?;
        let body = Body::new(seal::seal(&plain, &device.keys).ok()?).ok()?;
        let proof = self.vapid.proof(&origin(device.endpoint.as_str())?, clock::by_the_wall()).ok()?;
        let letter = Letter {
            number: LetterNumber(0),
            address: Address::new(device.endpoint.as_str()).ok()?,
            proof: Proof::new(proof).ok()?,
            keep_seconds: match kind {
                PushKind::Bell | PushKind::Ask | PushKind::Trial | PushKind::EventSoon => LETTER_KEPT_SECONDS,
                PushKind::EventNamed | PushKind::EventChanged | PushKind::EventOff => {
                    EVENT_LETTER_KEPT_SECONDS
                }
            },
            urgency: match kind {
                PushKind::Ask | PushKind::Trial => Urgency::High,
                PushKind::Bell
                | PushKind::EventSoon
                | PushKind::EventNamed
                | PushKind::EventChanged
                | PushKind::EventOff => Urgency::Normal,
            },
            body,
        };
        Some(Sealed { letter, session: device.session, endpoint: device.endpoint.clone() })
    }

    async fn deliver(&self, sealed: Sealed) {
        // By the clock, not by how often: where very many go to one host most of them wait for a place.
        let begun = Instant::now();
        loop {
            match self.outbound.send(sealed.letter.clone()).await {
                Outcome::Delivered | Outcome::Refused => return,
                Outcome::Gone => return self.forget(sealed).await,
                Outcome::Later { seconds } => {
                    let wait = Duration::from_secs(u64::from(seconds)).max(LETTER_RETRY_MIN);
                    if begun.elapsed() + wait > LETTER_RETRY_MAX {
                        return;
                    }
                    sleep(wait).await;
                }
            }
        }
    }

    /// Where the keeper does not answer, the next notice finds out the same.
    async fn forget(&self, Sealed { session, endpoint, .. }: Sealed) {
        let _ = self.keeper.ask(Request::DeviceGone { session, endpoint }).await;
    }

    fn is_first(&self, said: &[u8]) -> bool {
        self.once.lock().unwrap_or_else(PoisonError::into_inner).is_first(Instant::now(), said)
    }
}

/// `https://push.example.org`, for whom a proof is.
fn origin(endpoint: &str) -> Option<String> {
    let address: Uri = endpoint.parse().ok()?;
    let host = address.host().filter(|_| address.scheme_str() == Some("https"))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let port =
        address.port_u16().filter(|port| *port != 443).map(|port| format!(":{port}")).unwrap_or_default();
    host.bytes().all(plain).then(|| format!("https://{}{port}", host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_for_the_origin_of_the_address_and_for_nothing_else_in_it() {
        for (endpoint, expected) in [
            ("https://push.example.org/somebody?x=1", Some("https://push.example.org")),
            ("https://Push.Example.org:443/a", Some("https://push.example.org")),
            ("https://127.0.0.1:8443/a", Some("https://127.0.0.1:8443")),
            ("https://[::1]:1/a", Some("https://[::1]:1")),
            ("http://push.example.org/a", None),
            ("/a", None),
            ("https://a\"b/", None),
        ] {
            assert_eq!(origin(endpoint).as_deref(), expected, "{endpoint}");
        }
    }
}
