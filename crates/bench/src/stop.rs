//! Ctrl-C, and what a service manager sends. While people are in rooms the first signal lets them leave, and a second does
//! not wait for that; before and after, a signal ends the program as it always does.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::AsyncReadExt;

/// Listens to signals for as long as it lives.
pub(crate) struct Stop {
    asked: tokio::net::UnixStream,
    at_once: Arc<AtomicBool>,
}

impl Stop {
    pub(crate) fn listen() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        let at_once = Arc::new(AtomicBool::new(false));
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // Carried out in this order: the next signal finds what this one has set.
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&at_once))?;
            signal_hook::flag::register(signal, Arc::clone(&at_once))?;
            signal_hook::low_level::pipe::register(signal, write.try_clone()?)?;
        }
        read.set_nonblocking(true)?;
        Ok(Self { asked: tokio::net::UnixStream::from_std(read)?, at_once })
    }

    /// Somebody wants this to end.
    pub(crate) async fn asked(&mut self) {
        let mut byte = [0];
        let _ = self.asked.read(&mut byte).await;
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.at_once.store(true, Ordering::SeqCst);
    }
}
