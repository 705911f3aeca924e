//! A thread of the media engine, and something done on it.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use media::{Incarnation, PackingRules, PeerKey, ShardIndex, UnderLoad};

/// Far longer than the attempts take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The engine's socket, which has to be there before the sandbox shuts, as it is in `live`.
#[derive(Debug)]
pub struct Media(Vec<UdpSocket>);

impl Media {
    /// # Errors
    /// Where no port is free.
    pub fn bind() -> io::Result<Self> {
        sfu::bind((Ipv4Addr::LOCALHOST, 0).into(), 1).map(Self)
    }

    /// What `attempt` gives on a media thread, which calls back for every event: the first is the word that somebody is
    /// cut off who was never there.
    pub(super) fn on_a_shard<T: Send + 'static>(
        self,
        attempt: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let (done, result) = sync_channel(1);
        let attempt = Mutex::new(Some(attempt));
        let config = sfu::Config {
            sockets: self.0,
            candidates: media::sdp::Candidates::default(),
            incarnation: Incarnation(0),
            seed: 0,
            packing: PackingRules { two_from: None, three_from: None, under_load: UnderLoad::Carry },
            on_broken: Box::new(|_| std::process::abort()),
        };
        let engine = sfu::start(config, move |_| {
            let attempt = attempt.lock().ok().and_then(|mut attempt| attempt.take());
            if let Some(attempt) = attempt {
                let _ = done.send(attempt());
            }
        });
        let engine = engine.map_err(io::Error::other)?;
        let nobody = PeerKey { shard: ShardIndex(0), index: 0, generation: 0 };
        engine.cut(nobody).map_err(io::Error::other)?;
        let result = result.recv_timeout(PATIENCE).map_err(io::Error::other);
        engine.stop();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_on_a_shard_is_done_on_a_media_thread() {
        let name = || std::thread::current().name().map(str::to_owned);
        let on = Media::bind().expect("a port").on_a_shard(name).expect("done");
        assert_eq!(on.as_deref(), Some("media-0"));
    }
}
