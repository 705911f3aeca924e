//! The life of the process: lines come from the parent, letters from `live`.

use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;

use outbound_api::parent::{FromOutbound, ToOutbound};
use outbound_api::{Answer, Letter, split};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::Given;
use crate::carry::Carrier;
use crate::limits::LETTERS_AT_ONCE;
use crate::way::Way;

pub(crate) fn run(given: Given) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_or(ExitCode::FAILURE, |runtime| runtime.block_on(serve(given)))
}

async fn serve(given: Given) -> ExitCode {
    let Given { start, surroundings, mut to_parent, from_parent } = given;
    let Ok(way) = Way::new(surroundings, start.allowed.clone()) else { return ExitCode::FAILURE };
    let carrier = Arc::new(Carrier::new(way, start.allowed));
    let places = Arc::new(Semaphore::new(LETTERS_AT_ONCE));
    let Ok(mut lines) = hear_parent(from_parent) else { return ExitCode::FAILURE };
    if to_parent.send(&FromOutbound::Ready).is_err() {
        return ExitCode::FAILURE;
    }
    let mut current: Option<JoinHandle<()>> = None;
    while let Some(line) = lines.recv().await {
        // The one before leads to a `live` that is gone.
        if let Some(before) =
            current.replace(tokio::spawn(attend(line, Arc::clone(&carrier), Arc::clone(&places))))
        {
            before.abort();
        }
    }
    ExitCode::SUCCESS
}

/// Lines to `live`, out of a thread that may wait for them. Ends with the parent.
fn hear_parent(mut from_parent: line::Receiver<ToOutbound>) -> std::io::Result<mpsc::Receiver<UnixStream>> {
    let (lines, come) = mpsc::channel(1);
    std::thread::Builder::new().name("parent".to_owned()).spawn(move || {
        while let Ok(mut received) = from_parent.receive() {
            // Said at the start only is Start, and a word without its socket means nothing.
            if let (ToOutbound::NewLive, Some(socket)) = (received.message, received.descriptors.pop())
                && lines.blocking_send(UnixStream::from(socket)).is_err()
            {
                return;
            }
        }
    })?;
    Ok(come)
}

/// Takes letters, so many at a time; what is beyond waits in the line.
async fn attend(line: UnixStream, carrier: Arc<Carrier>, places: Arc<Semaphore>) {
    let Ok((mut letters, mut writing)) = split::<Letter, Answer>(line) else { return };
    let (answers, mut answered) = mpsc::channel::<Answer>(LETTERS_AT_ONCE);
    tokio::spawn(async move {
        while let Some(answer) = answered.recv().await {
            if writing.send(&answer).await.is_err() {
                return;
            }
        }
    });
    while let Ok(letter) = letters.next().await {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (carrier, answers) = (Arc::clone(&carrier), answers.clone());
        tokio::spawn(async move {
            let number = letter.number;
            let outcome = carrier.carry(letter).await;
            drop(place);
            let _ = answers.send(Answer { number, outcome }).await;
        });
    }
}
