//! Connections: accepted, given TLS where we speak it, and handed to the router; those that carry media, to the engine.

mod media;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use protocol::ErrorCode;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::fresh;
use crate::http::Peer;
use crate::http::error::Refusal;
use crate::http::site::Site;
use crate::limits::{HANDSHAKE_PERIOD, HEADER_BYTES_MAX, HEADER_PERIOD, REQUEST_PERIOD, STREAMS_MAX};
use crate::log::{Record, log};
use crate::places::{Holding, Open, Places, Stage};

use media::First;
pub(crate) use media::MediaDoor;

/// How long to wait before accepting again when the system is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How often that is said.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// How listeners are served.
#[derive(Clone)]
pub(crate) struct Service {
    router: Router,
    tls: Option<TlsAcceptor>,
    /// `None` behind a proxy: what it passes on is HTTP.
    media: Option<MediaDoor>,
    places: Arc<Places>,
    site: Site,
}

impl Service {
    pub(crate) fn new(
        router: Router,
        tls: Option<TlsAcceptor>,
        media: Option<MediaDoor>,
        places: Arc<Places>,
        site: Site,
    ) -> Self {
        Self { router, tls, media, places, site }
    }

    /// Accepts until the task is dropped.
    pub(crate) async fn listen(self, listener: TcpListener) {
        let mut said: Option<Instant> = None;
        loop {
            let Some(free) = self.places.free().await else { return };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let from = self.site.counts_by(peer);
                    // More than this address may hold: closed, before a byte of it is read.
                    let Some(open) = self.places.open(free, from).map(Arc::new) else { continue };
                    // Frames of a conversation are small and wait for nobody.
                    let _ = stream.set_nodelay(true);
                    let service = self.clone();
                    fresh::spawn(move || async move { service.serve(stream, peer, open).await });
                }
                // The client went away, or there are no descriptors left; both pass.
                Err(error) => {
                    let none_left = matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE));
                    if none_left && said.is_none_or(|at| at.elapsed() >= SAY_AGAIN) {
                        said = Some(Instant::now());
                        log(Record::NoDescriptors);
                    }
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr, open: Arc<Open>) {
        if let Some(media) = &self.media {
            match First::look(&stream).await {
                None => return,
                Some(First::Frame) => return media.take(stream, open).await,
                Some(First::Web) => {}
            }
        }
        match &self.tls {
            Some(tls) => {
                if let Ok(Ok(stream)) = timeout(HANDSHAKE_PERIOD, tls.accept(stream)).await {
                    self.connection(stream, peer, open).await;
                }
            }
            None => self.connection(stream, peer, open).await,
        }
    }

    async fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
        peer: SocketAddr,
        open: Arc<Open>,
    ) {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_PERIOD)
            .max_buf_size(HEADER_BYTES_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(u32::try_from(HEADER_BYTES_MAX).unwrap_or(u32::MAX))
            .keep_alive_interval(REQUEST_PERIOD)
            .keep_alive_timeout(HEADER_PERIOD);
        let served = self.clone();
        let asked = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let asked = Arc::clone(&asked);
            move |request| {
                asked.store(true, Ordering::Relaxed);
                served.clone().answer(request, peer, Arc::clone(&open))
            }
        });
        // The library waits without end for the word that tells HTTP/2 from HTTP/1, and HTTP/2 for its first request.
        let silent = async {
            sleep(HEADER_PERIOD).await;
            if asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            // A connection that breaks concerns nobody else.
            _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service) => {}
            () = silent => {}
        }
    }

    async fn answer(
        self,
        request: Request<Incoming>,
        peer: SocketAddr,
        open: Arc<Open>,
    ) -> Result<Response, Infallible> {
        let mut request = request.map(axum::body::Body::new);
        open.comes_to(Stage::Stranger);
        let client = match self.site.spoken_for(peer, request.headers()) {
            Some(client) => match self.places.one_more(client, Stage::Stranger) {
                Some(place) => Some(place),
                None => return Ok(Refusal(ErrorCode::TooMany).into_response()),
            },
            None => None,
        };
        // Here, too, so that it counts until it is answered.
        let holding = Holding::new(open, client);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(holding.clone());
        let answered = timeout(REQUEST_PERIOD, self.router.oneshot(request)).await;
        drop(holding);
        Ok(match answered {
            Ok(answered) => answered.unwrap_or_else(|never| match never {}),
            Err(_) => Refusal(ErrorCode::Busy).into_response(),
        })
    }
}
