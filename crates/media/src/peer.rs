//! One connection on its own shard: where it is, whether it is alive, and the keys it was given.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::class::Place;
use crate::credit::Credit;
use crate::dtls::{Connection, Identity};
use crate::key::{ChannelKey, PeerKey, Talker};
use crate::limits::{ADDRESSES, DOUBTED_FOR, DTLS_KEPT, GONE_AFTER, PATH_SILENT, REORDERED, SILENT_AFTER};
use crate::loss::{Belief, Loss, LossMeter};
use crate::message::{Admission, Ear, GoneReason};
use crate::reception::Reception;
use crate::residue;
use crate::srtp::{RtcpOpener, RtcpSealer, RtpOpener, SessionKeys, SlotSealer};
use crate::stun::Nomination;
use crate::tcp::ConnectionId;

pub(crate) struct Peer {
    pub(crate) admission: Admission,
    pub(crate) path: Option<Path>,
    /// Every address a check of this peer was verified from, the newest last.
    addresses: Vec<SocketAddr>,
    pub(crate) liveness: Liveness,
    pub(crate) dtls: Dtls,
    /// `None` until the handshake is done.
    pub(crate) link: Option<Box<Link>>,
    pub(crate) listening: Option<Listening>,
    pub(crate) grant: Option<Grant>,
    /// DTLS datagrams of this peer in the shard's queue.
    pub(crate) queued: usize,
    /// Of the path, while the handshake is not done.
    pub(crate) credit: Credit,
}

/// Where packets to the peer go, and from which of our addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) remote: SocketAddr,
    pub(crate) local: IpAddr,
    heard: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Liveness {
    Alive,
    /// Nothing was heard for [`SILENT_AFTER`]: no media.
    Silent,
}

/// What a pass of the clock found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unchanged,
    Silent,
    Gone(GoneReason),
}

/// What is there once the handshake is done.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) rtp_in: RtpOpener,
    pub(crate) rtcp_in: RtcpOpener,
    pub(crate) rtcp_out: RtcpSealer,
    /// Here while the peer has no row. In a box: it is large, and mostly elsewhere.
    pub(crate) sealer: Option<Box<SlotSealer>>,
    pub(crate) microphone: Option<Reception>,
    /// What the peer loses of what it is sent.
    pub(crate) loss: LossMeter,
    /// What the peer's encoder believes that its listeners lose.
    pub(crate) belief: Belief,
    /// Until then the DTLS state is kept.
    dtls_until: Instant,
}

impl Link {
    /// The peer has sealed something with its keys: it has our last flight, and nothing of DTLS is asked for any more. The
    /// clock does the rest.
    pub(crate) fn keys_are_in_use(&mut self, now: Instant) {
        self.dtls_until = self.dtls_until.min(now);
    }

    /// What arrives from the microphone. A browser keeps its SSRC when it changes the track; another one starts anew.
    pub(crate) fn microphone(&mut self, ssrc: u32, index: u64) -> &mut Reception {
        match &mut self.microphone {
            Some(microphone) if microphone.ssrc() == ssrc => {}
            other => *other = Some(Reception::new(ssrc, index)),
        }
        self.microphone.get_or_insert_with(|| Reception::new(ssrc, index))
    }
}

/// The DTLS side of a peer.
#[derive(Debug)]
pub(crate) enum Dtls {
    /// Shaking hands, or shortly after.
    Alive(Connection),
    /// The state is gone.
    Sealed(Remains),
}

/// What is left of DTLS once its state is gone.
#[derive(Debug, Default)]
pub(crate) struct Remains {
    /// One sealed close_notify of ours.
    goodbye: Option<Box<[u8]>>,
    /// Since when there seems to be one of theirs.
    doubted: Option<Instant>,
}

/// What a peer wants to hear.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listening {
    pub(crate) channel: ChannelKey,
    pub(crate) own: Option<Talker>,
    pub(crate) ear: Ear,
    /// Place in the channel's rows, while the peer can be reached.
    pub(crate) row: Option<Place>,
}

/// Where a peer's voice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) channel: ChannelKey,
    pub(crate) talker: Talker,
}

/// What became of a verified check's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The address is new to this peer.
    pub(crate) new: bool,
    /// This one had to be forgotten for it.
    pub(crate) forgotten: Option<SocketAddr>,
    /// Packets to the peer go elsewhere from now on.
    pub(crate) moved: bool,
}

impl Peer {
    #[inline(never)]
    fn new(admission: Admission, identity: &Identity, seed: u64, now: Instant) -> Self {
        let connection = Connection::new(identity, admission.fingerprint, seed, now);
        Self {
            admission,
            path: None,
            addresses: Vec::new(),
            liveness: Liveness::Alive,
            dtls: Dtls::Alive(connection),
            link: None,
            listening: None,
            grant: None,
            queued: 0,
            credit: Credit::default(),
        }
    }

    /// In frames of its own, which its caller has overwritten: it stays, with all of its bytes.
    #[inline(never)]
    pub(crate) fn in_a_box(admission: Admission, identity: &Identity, seed: u64, now: Instant) -> Box<Self> {
        Box::new(Self::new(admission, identity, seed, now))
    }

    pub(crate) fn key(&self) -> PeerKey {
        self.admission.peer
    }

    /// Where what the peer hears is sent from.
    pub(crate) fn row(&self) -> Option<(ChannelKey, Place)> {
        let listening = self.listening?;
        Some((listening.channel, listening.row?))
    }

    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A verified check. The latest nomination moves the peer; a mere check does only when nothing is heard on the old
    /// path any more, because some browsers nominate once and never again.
    pub(crate) fn handle_check(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
        nomination: Nomination,
    ) -> Checked {
        let (new, forgotten) = self.remember(source);
        let moved = match &mut self.path {
            Some(path) if path.remote == source => {
                let moved = path.local != local;
                *path = Path { remote: source, local, heard: now };
                moved
            }
            Some(path)
                if nomination == Nomination::None
                    && now.saturating_duration_since(path.heard) <= PATH_SILENT =>
            {
                false
            }
            _ => {
                self.go(now, source, local);
                true
            }
        };
        Checked { new, forgotten, moved }
    }

    /// To another address: what it may be sent is its own account.
    fn go(&mut self, now: Instant, remote: SocketAddr, local: IpAddr) {
        if self.path.is_none_or(|path| path.remote != remote) {
            self.credit = Credit::default();
        }
        self.path = Some(Path { remote, local, heard: now });
    }

    /// A datagram of the handshake, from an address that was checked. Until it is done the answer goes where the question
    /// came from: a browser that nominates several paths shakes hands on the one that it has chosen, and of nominations the
    /// latest says nothing about that (aggressive nomination, RFC 5245 section 8.1.1.2; Firefox does it).
    pub(crate) fn handle_handshake(&mut self, now: Instant, source: SocketAddr, local: IpAddr, bytes: usize) {
        if self.link.is_none() && self.path.is_none_or(|path| path.remote != source) {
            self.go(now, source, local);
        }
        self.earn(source, bytes);
    }

    /// Authenticated voice, newer than all before it: it comes from where the peer is now. No other peer can make such a
    /// packet, and none can be used twice.
    pub(crate) fn handle_voice(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
    ) -> Option<Checked> {
        if self.path.is_some_and(|path| path.remote == source) {
            return None;
        }
        let (new, forgotten) = self.remember(source);
        self.path = Some(Path { remote: source, local, heard: now });
        Some(Checked { new, forgotten, moved: true })
    }

    /// Whether the microphone sends from this SSRC.
    pub(crate) fn sends_from(&self, ssrc: u32) -> bool {
        self.link.as_ref().and_then(|link| link.microphone.as_ref()).is_some_and(|mic| mic.ssrc() == ssrc)
    }

    /// An authenticated packet of any kind. `true` if the peer had been silent.
    pub(crate) fn handle_sign_of_life(&mut self, now: Instant, source: SocketAddr) -> bool {
        if let Some(path) = &mut self.path
            && path.remote == source
        {
            path.heard = now;
        }
        std::mem::replace(&mut self.liveness, Liveness::Alive) == Liveness::Silent
    }

    /// Every second or so while [`Peer::is_restless`], and once it was `silent` for [`SILENT_AFTER`].
    pub(crate) fn handle_clock(&mut self, now: Instant, silent: Duration) -> Verdict {
        if matches!(self.dtls, Dtls::Alive(_))
            && self.link.as_ref().is_some_and(|link| now >= link.dtls_until)
        {
            self.dtls = Dtls::Sealed(Remains { goodbye: self.take_goodbye(), doubted: None });
            // Its keys were moved to be given up.
            residue::wipe_stack();
        }
        if let Dtls::Sealed(Remains { doubted, .. }) = &mut self.dtls
            && let Some(since) = *doubted
        {
            // What left the client before its goodbye may come in after it; what comes later comes from somebody who stays.
            if now.checked_sub(silent).is_some_and(|heard| heard > since + REORDERED) {
                *doubted = None;
            } else if silent >= DOUBTED_FOR {
                return Verdict::Gone(GoneReason::Doubted);
            }
        }
        if silent >= GONE_AFTER {
            Verdict::Gone(GoneReason::TimedOut)
        } else if silent >= SILENT_AFTER && self.liveness == Liveness::Alive {
            self.liveness = Liveness::Silent;
            Verdict::Silent
        } else {
            Verdict::Unchanged
        }
    }

    /// Something may be due for the peer in any second.
    pub(crate) fn is_restless(&self) -> bool {
        let lossy = self.link.as_ref().is_some_and(|link| link.loss.loss() == Loss::Lossy);
        let goes_on = matches!(self.dtls, Dtls::Alive(_) | Dtls::Sealed(Remains { doubted: Some(_), .. }));
        lossy || self.grant.is_some() || goes_on
    }

    /// Whether where the peer is sent to has shown that it hears us: by the end of the handshake, or by being a connection.
    pub(crate) fn is_proven(&self) -> bool {
        self.link.is_some() || self.path.is_some_and(|path| ConnectionId::of(path.remote).is_some())
    }

    fn earn(&mut self, source: SocketAddr, bytes: usize) {
        if self.path.is_some_and(|path| path.remote == source) {
            self.credit.earn(bytes);
        }
    }

    /// A check came from there, and was answered with no more than it is long.
    pub(crate) fn earn_by_check(&mut self, source: SocketAddr, bytes: usize) {
        self.earn(source, bytes);
        self.credit.spend(bytes);
    }

    /// The handshake is done: media from here on. Keys come once; the library has no renegotiation.
    #[inline(never)]
    pub(crate) fn connect(&mut self, keys: SessionKeys, now: Instant) {
        self.link = Some(Box::new(Link {
            rtp_in: keys.rtp_in,
            rtcp_in: keys.rtcp_in,
            rtcp_out: keys.rtcp_out,
            sealer: Some(Box::new(keys.rtp_out)),
            microphone: None,
            loss: LossMeter::default(),
            belief: Belief::default(),
            dtls_until: now + DTLS_KEPT,
        }));
    }

    /// The close_notify, once; the DTLS state goes.
    #[inline(never)]
    pub(crate) fn take_goodbye(&mut self) -> Option<Box<[u8]>> {
        match std::mem::replace(&mut self.dtls, Dtls::Sealed(Remains::default())) {
            Dtls::Alive(connection) => connection.close(),
            Dtls::Sealed(remains) => remains.goodbye,
        }
    }

    /// An alert came that nobody can read any more: it may be theirs, or anybody's who knows their address. So it ends
    /// nothing; whoever stays goes on sending checks.
    pub(crate) fn doubt(&mut self, now: Instant) {
        if let Dtls::Sealed(remains) = &mut self.dtls {
            remains.doubted.get_or_insert(now);
        }
    }

    fn remember(&mut self, source: SocketAddr) -> (bool, Option<SocketAddr>) {
        if self.addresses.contains(&source) {
            return (false, None);
        }
        let mut forgotten = None;
        if self.addresses.len() >= ADDRESSES {
            let current = self.path.map(|path| path.remote);
            let oldest = self.addresses.iter().position(|address| Some(*address) != current);
            forgotten = oldest.map(|oldest| self.addresses.remove(oldest));
        }
        self.addresses.push(source);
        (true, forgotten)
    }
}
