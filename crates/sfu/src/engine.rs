//! What a thread drives: a [`media::Shard`], or something simpler in a test.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use media::{Command, Egress, Event, Load, Pacing, Recipient, Shard, ShardMessage};

/// The methods of [`media::Shard`] by the same names and with the same meaning.
pub(crate) trait Engine: Send + 'static {
    fn handle_datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
        bytes: &[u8],
        out: &mut impl Egress,
    );
    fn flush(&mut self, out: &mut impl Egress);
    fn handle_command(&mut self, now: Instant, command: Command, out: &mut impl Egress);
    fn handle_message(&mut self, now: Instant, message: ShardMessage, out: &mut impl Egress);
    fn handle_timeout(&mut self, now: Instant, out: &mut impl Egress);
    fn handle_handshakes(&mut self, now: Instant, budget: usize, out: &mut impl Egress) -> usize;
    fn poll_message(&mut self) -> Option<(Recipient, ShardMessage)>;
    fn poll_event(&mut self) -> Option<Event>;
    fn poll_timeout(&self) -> Option<Instant>;
    fn stats(&self) -> media::Stats;
    /// Whether the socket takes several datagrams as one message, or no longer does.
    fn set_pacing(&mut self, pacing: Pacing);
    fn set_load(&mut self, load: Load);
    fn wipe(&mut self);
}

impl Engine for Shard {
    fn handle_datagram(
        &mut self,
        now: Instant,
        source: SocketAddr,
        local: IpAddr,
        bytes: &[u8],
        out: &mut impl Egress,
    ) {
        self.handle_datagram(now, source, local, bytes, out);
    }
    fn flush(&mut self, out: &mut impl Egress) {
        self.flush(out);
    }
    fn handle_command(&mut self, now: Instant, command: Command, out: &mut impl Egress) {
        self.handle_command(now, command, out);
    }
    fn handle_message(&mut self, now: Instant, message: ShardMessage, out: &mut impl Egress) {
        self.handle_message(now, message, out);
    }
    fn handle_timeout(&mut self, now: Instant, out: &mut impl Egress) {
        self.handle_timeout(now, out);
    }
    fn handle_handshakes(&mut self, now: Instant, budget: usize, out: &mut impl Egress) -> usize {
        self.handle_handshakes(now, budget, out)
    }
    fn poll_message(&mut self) -> Option<(Recipient, ShardMessage)> {
        self.poll_message()
    }
    fn poll_event(&mut self) -> Option<Event> {
        self.poll_event()
    }
    fn poll_timeout(&self) -> Option<Instant> {
        self.poll_timeout()
    }
    fn stats(&self) -> media::Stats {
        self.stats()
    }
    fn set_pacing(&mut self, pacing: Pacing) {
        self.set_pacing(pacing);
    }
    fn set_load(&mut self, load: Load) {
        self.set_load(load);
    }
    fn wipe(&mut self) {
        self.wipe();
    }
}
