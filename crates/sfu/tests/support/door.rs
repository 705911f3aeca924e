//! The door of the web server, as far as media goes through it.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;

use sfu::Handle;

/// Does what the web server does with connections that do not speak HTTP, until nobody can come any more.
pub(crate) fn open(listener: TcpListener, handle: &Handle, places: &Arc<()>) {
    let (handle, places) = (handle.clone(), Arc::downgrade(places));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Some(place) = places.upgrade() else { return };
            let handle = handle.clone();
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut length = [0; 2];
                if stream.read_exact(&mut length).is_err() {
                    return;
                }
                let mut first = vec![0; usize::from(u16::from_be_bytes(length))];
                if stream.read_exact(&mut first).is_ok() {
                    let _ = handle.take_connection(stream, first.into(), Box::new(place));
                }
            });
        }
    });
}
