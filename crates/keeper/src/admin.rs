//! The administrator's socket: one question, one answer.

use std::io;
use std::path::Path;
use std::rc::Rc;

use keeper_api::admin::{ADMIN_SOCKET, AdminAnswer, AdminReply, AdminRequest};
use keeper_api::{Decoder, ServerAddress, encode};
use protocol::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::error::Refusal;
use crate::keeper::{Health, Keeper};
use crate::limits::{ADMIN_PERIOD, READ_CHUNK};
use crate::serve::{Parent, now};

/// Makes the socket anew. The caller holds the directory's lock, so whatever is there belongs to nobody any more; the
/// directory and the umask keep others out from its first moment.
pub(crate) fn listen(data: &Path) -> io::Result<UnixListener> {
    let path = data.join(ADMIN_SOCKET);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => UnixListener::bind(&path),
    }
}

pub(crate) async fn serve(
    listener: UnixListener,
    server: ServerAddress,
    keeper: Rc<Keeper>,
    parent: Rc<Parent>,
) {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                // Too slow is as good as gone.
                let _ = tokio::time::timeout(ADMIN_PERIOD, one(socket, &server, &keeper, &parent)).await;
            }
            // Out of descriptors, for one: it passes.
            Err(_) => tokio::time::sleep(ADMIN_PERIOD).await,
        }
    }
}

async fn one(mut socket: UnixStream, server: &ServerAddress, keeper: &Keeper, parent: &Parent) -> Option<()> {
    let request = ask(&mut socket).await?;
    let reply = match keeper.administrate(request, now()).await {
        Ok((reply, word)) => {
            if let Some(word) = word {
                parent.say(&word);
            }
            reply
        }
        Err(Refusal::Code(code)) => AdminReply::Refused(code),
        Err(Refusal::Store(_)) => {
            parent.health(Health::Failed);
            AdminReply::Refused(ErrorCode::Internal)
        }
    };
    let answer = AdminAnswer { server: server.clone(), reply };
    socket.write_all(&encode(&answer).ok()?).await.ok()
}

async fn ask(socket: &mut UnixStream) -> Option<AdminRequest> {
    let mut decoder = Decoder::new();
    let mut buffer = vec![0; READ_CHUNK];
    loop {
        if let Some(request) = decoder.pop().ok()? {
            return Some(request);
        }
        match socket.read(&mut buffer).await {
            Ok(bytes @ 1..) => decoder.push(buffer.get(..bytes)?),
            _ => return None,
        }
    }
}
