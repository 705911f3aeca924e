//! The loop: events in, the supervisor's actions out.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cluster::parent::{FromLive, LiveConfig, Sandboxing, Start as LiveStart, ToLive};
use cluster::store::BlobStore;
use cluster::{Commit, Tag};
use keeper_api::LinkSecret;
use keeper_api::parent::{FromKeeper, Run, Start as KeeperStart, ToKeeper};
use outbound_api::limits::ROOTS_BYTES_MAX;
use outbound_api::parent::{Confined, FromOutbound, Start as OutboundStart, ToOutbound};
use protocol::id::Incarnation;
use rustix::event::{Timespec, poll};

use super::child::{Process, Said};
use super::log_pipe::Shown;
use super::signals::{Asked, Signals};
use super::sockets::Sockets;
use super::supervisor::{Action, End, Supervisor, Who};
use super::{addresses, greeting};
use crate::config::{Config, Front, PublicUrl};
use crate::say;

/// Bytes of blobs on their way to a new `live` at once; the rest stays in the store until it has taken these.
const HANDING_BACK: usize = 1 << 20;

/// The parent.
#[derive(Debug)]
pub(super) struct Parent {
    config: Config,
    url: PublicUrl,
    sockets: Sockets,
    signals: Signals,
    supervisor: Supervisor,
    store: BlobStore,
    keeper: Option<Process<FromKeeper>>,
    keeper_run: Run,
    live: Option<Process<FromLive>>,
    outbound: Option<Process<FromOutbound>>,
    /// The other end of the line between the children, until the one it is for is started.
    spare: Option<(Who, UnixStream)>,
    /// Blobs the new `live` has yet to be given.
    to_hand_back: Vec<Tag>,
    owner: Option<LinkSecret>,
    greeted: bool,
    addresses: addresses::Known,
}

impl Parent {
    pub(super) fn new(config: &Config, sockets: Sockets, signals: Signals) -> io::Result<Self> {
        let now = Instant::now();
        Ok(Self {
            url: config.public_url(sockets.http_address.port()),
            config: config.clone(),
            sockets,
            signals,
            supervisor: Supervisor::new(config.drain, now),
            store: BlobStore::new(),
            keeper: None,
            keeper_run: Run::First,
            live: None,
            outbound: None,
            spare: None,
            to_hand_back: Vec::new(),
            owner: None,
            greeted: false,
            addresses: addresses::Known::new(addresses::of_this_machine(), now),
        })
    }

    pub(super) fn run(mut self) -> ExitCode {
        loop {
            let now = Instant::now();
            while let Some(action) = self.supervisor.poll_action(now) {
                if let Some(end) = self.act(action, now) {
                    return end;
                }
            }
            self.keeper.iter_mut().for_each(Process::flush);
            self.live.iter_mut().for_each(Process::flush);
            self.outbound.iter_mut().for_each(Process::flush);
            self.hand_back();
            self.wait(now);
            self.take_in(Instant::now());
        }
    }

    fn wait(&self, now: Instant) {
        let mut set = Vec::with_capacity(14);
        self.signals.poll_on(&mut set);
        self.keeper.iter().for_each(|keeper| keeper.poll_on(&mut set));
        self.live.iter().for_each(|live| live.poll_on(&mut set));
        self.outbound.iter().for_each(|outbound| outbound.poll_on(&mut set));
        let look_again = self.addresses.poll_timeout();
        let until = self.supervisor.poll_timeout().map_or(look_again, |at| at.min(look_again));
        // Rounded up, or the last fraction of a millisecond would be spent spinning.
        let timeout = until.saturating_duration_since(now) + Duration::from_millis(1);
        // Interrupted or not: everything is looked at next.
        let _ = poll(&mut set, Timespec::try_from(timeout).ok().as_ref());
    }

    /// Looks at everything; nothing of it waits.
    fn take_in(&mut self, now: Instant) {
        for asked in self.signals.take() {
            match asked {
                Asked::Stop => {
                    say::err("Stopping…");
                    self.supervisor.handle_stop(now);
                }
                Asked::Reload => self.reload(),
            }
        }
        // Who has ended is asked first: what it said before is then all there, and is taken in below.
        let keeper_ended = self.keeper.as_mut().and_then(Process::ended);
        let live_ended = self.live.as_mut().and_then(Process::ended);
        let outbound_ended = self.outbound.as_mut().and_then(Process::ended);
        self.hear_keeper(now);
        self.hear_live(now);
        self.hear_outbound(now);
        self.keeper
            .iter_mut()
            .flat_map(|keeper| keeper.read_log(now))
            .for_each(|shown| show("keeper", shown));
        self.live.iter_mut().flat_map(|live| live.read_log(now)).for_each(|shown| show("live", shown));
        self.outbound
            .iter_mut()
            .flat_map(|outbound| outbound.read_log(now))
            .for_each(|shown| show("outbound", shown));
        let ended = [(Who::Keeper, keeper_ended), (Who::Live, live_ended), (Who::Outbound, outbound_ended)];
        for (who, status) in ended {
            let Some(status) = status else { continue };
            match who {
                Who::Keeper => self.keeper = None,
                Who::Live => self.live = None,
                Who::Outbound => self.outbound = None,
            }
            // The end that waits for the other one leads nowhere now. Who calls out has none of it.
            self.spare = self.spare.take().filter(|(waits, _)| *waits == who || who == Who::Outbound);
            if self.supervisor.handle_exit(who, now) {
                say::err(&greeting::died(who, status));
            }
        }
        if let Some(addresses) = self.addresses.handle_timeout(now, addresses::of_this_machine) {
            let message = ToLive::Addresses(addresses.to_vec());
            self.live.iter_mut().for_each(|live| live.send(&message, Vec::new()));
        }
    }

    fn hear_keeper(&mut self, now: Instant) {
        while let Some(said) = self.keeper.as_mut().map(Process::hear) {
            match said {
                Said::Nothing => return,
                Said::LineLost => self.supervisor.handle_fault(Who::Keeper),
                Said::Message(FromKeeper::Ready { owner }) => {
                    self.keeper_run = Run::Again;
                    self.supervisor.handle_ready(Who::Keeper, now);
                    self.set_owner(owner);
                }
                Said::Message(FromKeeper::Owner(owner)) => self.set_owner(owner),
                Said::Message(FromKeeper::Failed(failure)) => {
                    say::err(&failure.sentence(&self.keeper_start()));
                    self.supervisor.handle_failed(Who::Keeper);
                }
                Said::Message(FromKeeper::Reloaded(Ok(()))) => say::err("The certificate was read again."),
                Said::Message(FromKeeper::Reloaded(Err(failure))) => {
                    say::err(&format!(
                        "{} The old one stays in use.",
                        failure.sentence(&self.keeper_start())
                    ));
                }
                Said::Message(FromKeeper::Note(note)) => say::err(&note.sentence()),
            }
        }
    }

    fn hear_live(&mut self, now: Instant) {
        while let Some(said) = self.live.as_mut().map(Process::hear) {
            match said {
                Said::Nothing => return,
                Said::LineLost => self.supervisor.handle_fault(Who::Live),
                Said::Message(FromLive::Ready) => {
                    self.supervisor.handle_ready(Who::Live, now);
                    self.tie_outbound();
                }
                Said::Message(FromLive::Drained) => self.supervisor.handle_drained(now),
                Said::Message(FromLive::Commit(commit)) => self.keep(commit),
                Said::Message(FromLive::Failed(failure)) => {
                    say::err(failure.sentence());
                    self.supervisor.handle_failed(Who::Live);
                }
                Said::Message(FromLive::Note(note)) => say::err(&note.sentence()),
            }
        }
    }

    fn hear_outbound(&mut self, now: Instant) {
        while let Some(said) = self.outbound.as_mut().map(Process::hear) {
            match said {
                Said::Nothing => return,
                Said::LineLost => self.supervisor.handle_fault(Who::Outbound),
                Said::Message(FromOutbound::Ready) => {
                    self.supervisor.handle_ready(Who::Outbound, now);
                    self.tie_outbound();
                }
                Said::Message(FromOutbound::Failed(failure)) => {
                    say::err(failure.sentence());
                    self.supervisor.handle_failed(Who::Outbound);
                }
            }
        }
    }

    /// A fresh line between `live` and the process that calls out, once both answer.
    fn tie_outbound(&mut self) {
        let both = self.supervisor.is_up(Who::Live) && self.supervisor.is_up(Who::Outbound);
        // Without descriptors there is none: notifications wait for the next restart of either.
        let (Some(live), Some(outbound), Ok((one, other))) =
            (&mut self.live, &mut self.outbound, UnixStream::pair())
        else {
            return;
        };
        if both {
            live.send(&ToLive::NewOutbound, vec![one.into()]);
            outbound.send(&ToOutbound::NewLive, vec![other.into()]);
        }
    }

    /// A commit that cannot be kept means that `live` believes something that is not so. It starts again from what is.
    fn keep(&mut self, commit: Commit) {
        let refused = if self.to_hand_back.is_empty() { self.store.apply(commit).is_err() } else { true };
        if refused {
            say::err("live: commit_refused_by_parent");
            self.live.iter_mut().for_each(Process::stop_hearing);
            self.supervisor.handle_fault(Who::Live);
        }
    }

    fn set_owner(&mut self, owner: Option<LinkSecret>) {
        let changed = self.owner != owner;
        let claimed = changed && owner.is_none();
        self.owner = owner;
        if claimed {
            say::out("  This server has its owner. Welcome.\n\n");
        } else if changed && self.greeted {
            self.show_owner_link();
        }
    }

    fn show_owner_link(&self) {
        if let Some(secret) = &self.owner {
            say::out(&greeting::owner_link(&self.url, secret, greeting::Colours::of_stdout()));
        }
    }

    fn reload(&mut self) {
        match (&self.config.front, &mut self.keeper) {
            (Front::Ourselves(_), Some(keeper)) => keeper.send(&ToKeeper::Reload, Vec::new()),
            (Front::Ourselves(_), None) => {}
            (Front::Plain | Front::Proxy(_), _) => say::err("There is no certificate to read again."),
        }
    }

    /// Returns how the server ends, if it does.
    fn act(&mut self, action: Action, now: Instant) -> Option<ExitCode> {
        match action {
            Action::Start(who) => {
                let started = match who {
                    Who::Keeper => self.start_keeper(),
                    Who::Live => self.start_live(),
                    Who::Outbound => self.start_outbound(),
                };
                if let Err(error) = started {
                    say::err(&format!("A process cannot be started: {error}."));
                    self.supervisor.handle_exit(who, now);
                }
            }
            Action::Drain(duration) => {
                let seconds = u16::try_from(duration.as_secs()).unwrap_or(u16::MAX);
                self.live.iter_mut().for_each(|live| live.send(&ToLive::Drain { seconds }, Vec::new()));
            }
            Action::StopKeeper => {
                self.keeper.iter_mut().for_each(|keeper| keeper.send(&ToKeeper::Stop, Vec::new()));
            }
            Action::Kill(Who::Keeper) => self.keeper.iter().for_each(Process::kill),
            Action::Kill(Who::Live) => self.live.iter().for_each(Process::kill),
            Action::Kill(Who::Outbound) => self.outbound.iter().for_each(Process::kill),
            Action::ForgetRooms if !self.store.is_empty() => {
                say::err("Both processes ended at once: the rooms that were open are lost.");
                self.store.clear();
            }
            Action::ForgetRooms => {}
            Action::Welcome => {
                self.greeted = true;
                say::out(&greeting::welcome(&self.config, &self.url, &self.sockets));
                self.show_owner_link();
            }
            Action::Exit(end) => {
                greeting::ended(end).iter().for_each(|text| say::err(text));
                return Some(if end == End::Stopped { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
        }
        None
    }

    fn start_keeper(&mut self) -> io::Result<()> {
        let to_live = self.line_for(Who::Keeper)?;
        let mut keeper = Process::spawn(Who::Keeper)?;
        keeper.send(&ToKeeper::Start(self.keeper_start()), vec![to_live]);
        self.keeper = Some(keeper);
        Ok(())
    }

    fn start_live(&mut self) -> io::Result<()> {
        let mut incarnation = [0; 16];
        rustix::rand::getrandom(&mut incarnation, rustix::rand::GetRandomFlags::empty())?;
        let mut descriptors = vec![self.line_for(Who::Live)?, self.sockets.http.try_clone()?.into()];
        if let Some(metrics) = &self.sockets.metrics {
            descriptors.push(metrics.try_clone()?.into());
        }
        for media in &self.sockets.media {
            descriptors.push(media.try_clone()?.into());
        }
        self.to_hand_back = self.store.tags().collect();
        let start = LiveStart {
            config: self.live_config(),
            incarnation: Incarnation::from_random(incarnation),
            // Both are bounded far below by the store and the configuration.
            blobs: u32::try_from(self.to_hand_back.len()).unwrap_or(u32::MAX),
            listeners: 1,
            metrics: self.sockets.metrics.is_some().into(),
            media: u16::try_from(self.sockets.media.len()).unwrap_or(u16::MAX),
        };
        let mut live = Process::spawn(Who::Live)?;
        live.send(&ToLive::Start(Box::new(start)), descriptors);
        self.live = Some(live);
        Ok(())
    }

    fn start_outbound(&mut self) -> io::Result<()> {
        let mut outbound = Process::spawn(Who::Outbound)?;
        let confined = match self.config.sandboxing {
            Sandboxing::Off => Confined::No,
            Sandboxing::On | Sandboxing::WithoutLandlock => Confined::Yes,
        };
        let allowed = self.config.push_allow.clone();
        let roots = self.config.push_ca.as_deref().and_then(certificates);
        outbound.send(&ToOutbound::Start(OutboundStart { confined, allowed, roots }), Vec::new());
        self.outbound = Some(outbound);
        Ok(())
    }

    /// One end of a fresh line between the two that are the server, for `who`; the other goes to the other, now or when it is
    /// started.
    fn line_for(&mut self, who: Who) -> io::Result<OwnedFd> {
        if let Some((_, end)) = self.spare.take_if(|(waits, _)| *waits == who) {
            return Ok(end.into());
        }
        let (end, other) = UnixStream::pair()?;
        match (who, &mut self.keeper, &mut self.live) {
            (Who::Live, Some(keeper), _) => keeper.send(&ToKeeper::NewLive, vec![other.into()]),
            (Who::Keeper, _, Some(live)) => live.send(&ToLive::NewKeeper, vec![other.into()]),
            (Who::Live, ..) => self.spare = Some((Who::Keeper, other)),
            _ => self.spare = Some((Who::Live, other)),
        }
        Ok(end.into())
    }

    /// Gives the new `live` its blobs, a few at a time. Where some are left, so are bytes that wait for the socket,
    /// which wakes the parent when there is room again.
    fn hand_back(&mut self) {
        let Some(live) = &mut self.live else { return };
        while live.unsent() == 0 && !self.to_hand_back.is_empty() {
            while live.unsent() < HANDING_BACK
                && let Some(tag) = self.to_hand_back.pop()
            {
                if let Some(blob) = self.store.get(tag) {
                    live.send(&ToLive::Blob(blob), Vec::new());
                }
            }
            live.flush();
        }
    }

    fn keeper_start(&self) -> KeeperStart {
        let tls = match &self.config.front {
            Front::Ourselves(files) => Some(files.clone()),
            Front::Plain | Front::Proxy(_) => None,
        };
        KeeperStart {
            run: self.keeper_run,
            data: self.config.data.clone(),
            public_url: self.url.to_string(),
            tls,
        }
    }

    fn live_config(&self) -> LiveConfig {
        LiveConfig {
            public_url: self.url.to_string(),
            http: self.config.http_side(),
            media_port: self.sockets.media_port,
            public_addresses: self.config.public_addresses.clone(),
            interface_addresses: self.addresses.addresses().to_vec(),
            packing: self.config.packing,
            sandboxing: self.config.sandboxing,
        }
    }
}

/// Read here, and anew whenever the process that needs them starts: it opens no file. What cannot be read it says is none.
fn certificates(path: &Path) -> Option<String> {
    let mut text = String::new();
    let most = u64::try_from(ROOTS_BYTES_MAX).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| file.take(most).read_to_string(&mut text));
    Some(read.map_or_else(|_| String::new(), |_| text))
}

fn show(who: &str, shown: Shown) {
    match shown {
        Shown::Line(record) => say::err(&record),
        Shown::Withheld(lines) => say::err(&format!("{who}: lines_withheld count={lines}")),
    }
}
