//! The administrator's socket: one question, one answer.

use std::io;
use std::path::Path;
use std::rc::Rc;

use keeper_api::admin::{ADMIN_SOCKET, AdminAnswer, AdminReply, AdminRequest};
use keeper_api::{Decoder, ServerAddress, encode};
use protocol::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::error::Refusal;
use crate::keeper::{Administrated, Health, Keeper, Turn};
use crate::limits::{ADMIN_PERIOD, READ_CHUNK};
use crate::live_line::{Ears, Order};
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

/// What the administrator's shell is answered with.
pub(crate) struct Desk {
    pub(crate) server: ServerAddress,
    pub(crate) keeper: Rc<Keeper>,
    pub(crate) parent: Rc<Parent>,
    pub(crate) order: Rc<Order>,
    pub(crate) ears: Rc<Ears>,
}

impl Desk {
    pub(crate) async fn serve(self, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((socket, _)) => drop(self.one(socket).await),
                // Out of descriptors, for one: it passes.
                Err(_) => tokio::time::sleep(ADMIN_PERIOD).await,
            }
        }
    }

    async fn one(&self, mut socket: UnixStream) -> Option<()> {
        // Too slow is as good as gone; what was begun is finished all the same.
        let request = timeout(ADMIN_PERIOD, ask(&mut socket)).await.ok()??;
        let answer = AdminAnswer { server: self.server.clone(), reply: self.reply(request).await };
        timeout(ADMIN_PERIOD, socket.write_all(&encode(&answer).ok()?)).await.ok()?.ok()
    }

    async fn reply(&self, request: AdminRequest) -> AdminReply {
        let _turn = self.order.take(Turn::Alone).await;
        match self.keeper.administrate(request, now()).await {
            Ok(Administrated { reply, word, pushes }) => {
                if let Some(word) = word {
                    self.parent.say(&word);
                }
                pushes.into_iter().for_each(|push| self.ears.say(push));
                reply
            }
            Err(Refusal::Code(code)) => AdminReply::Refused(code),
            Err(Refusal::Store(error)) => {
                self.parent.health(Health::Failed(error.trouble()));
                AdminReply::Refused(ErrorCode::Internal)
            }
        }
    }
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
