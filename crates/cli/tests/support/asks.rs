//! Requests about one's account that the native client has no need for, as bytes on a connection of their own.

use std::net::{Ipv4Addr, SocketAddr};

use client::api::Token;
use protocol::ErrorCode;
use protocol::error::ErrorBody;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::timeout;

use crate::server::PATIENCE;

/// Whom it reaches, and from where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asks {
    pub(crate) server: SocketAddr,
    pub(crate) from: Ipv4Addr,
}

impl Asks {
    /// What a page of the server is called here.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.server.port())
    }

    /// `PUT /people/ann/follow`. None where it was not heard whether it happened: nothing came, or not all of it, or the
    /// server does not know either.
    pub(crate) async fn ask(
        &self,
        what: &str,
        token: Option<&Token>,
        body: Option<Value>,
    ) -> Option<Result<Vec<u8>, ErrorCode>> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(what, token, "application/json", body.as_bytes()).await
    }

    /// The same with a body of any kind.
    pub(crate) async fn send(
        &self,
        what: &str,
        token: Option<&Token>,
        kind: &str,
        body: &[u8],
    ) -> Option<Result<Vec<u8>, ErrorCode>> {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let bearer =
            token.map(|token| format!("authorization: Bearer {}\r\n", token.reveal())).unwrap_or_default();
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost:{}\r\nconnection: close\r\n{bearer}\
             accept: application/vnd.vivavoce.token+json, application/json\r\ncontent-type: {kind}\r\n\
             content-length: {}\r\n\r\n",
            self.server.port(),
            body.len()
        );
        let request = [request.as_bytes(), body].concat();
        let answer = timeout(PATIENCE, self.exchange(&request)).await.expect("answered or cut off");
        match understood(&answer.ok()?)? {
            Err(ErrorCode::Busy | ErrorCode::Internal) => None,
            answer => Some(answer),
        }
    }

    async fn exchange(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((self.from, 0).into())?;
        let mut stream = socket.connect(self.server).await?;
        stream.write_all(request).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

/// A whole answer: its body, or the code that it was refused with.
fn understood(answer: &[u8]) -> Option<Result<Vec<u8>, ErrorCode>> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?.to_ascii_lowercase();
    let body = &answer[end + 4..];
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    if length.is_some_and(|length| length.parse() != Ok(body.len())) {
        return None;
    }
    let status = head.split(' ').nth(1)?;
    if status.starts_with('2') {
        return Some(Ok(body.to_vec()));
    }
    let refused: ErrorBody = serde_json::from_slice(body).unwrap_or_else(|_| panic!("{head}"));
    Some(Err(refused.error))
}
