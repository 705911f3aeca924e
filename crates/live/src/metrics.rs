//! What whoever runs the server may watch from outside, at an address of its own: a few totals, rounded.
//!
//! [`series`] is the closed list of everything that can be said; [`shown`] rounds it and lets it change every so often;
//! [`counts`] counts what people do; [`put_out`] is what the owner sees of it, and
//! [`named`] keeps pages of other sites away. Nothing is kept: other programs that read this may, and it is made for that.

mod counts;
mod named;
mod page;
mod put_out;
mod series;
mod shown;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::ErrorCode;

use crate::http::error::{Refusal, wrong_method};
use crate::http::site::host;
use crate::places::Places;
use crate::room::Rooms;
use crate::socket::open::OpenSockets;
pub(crate) use counts::Counts;
pub(crate) use put_out::PutOut;
pub(crate) use series::Action;
use series::{SERIES, Series, Truth};
use shown::Shown;

/// Where the numbers come from.
pub(crate) struct Sources {
    pub(crate) rooms: Rooms,
    pub(crate) sockets: OpenSockets,
    pub(crate) places: Arc<Places>,
    pub(crate) engine: sfu::Handle,
    pub(crate) counts: Counts,
}

struct Watched {
    sources: Sources,
    shown: Mutex<Shown>,
}

/// One page and nothing else.
pub(crate) fn router(sources: Sources) -> Router {
    let watched = Arc::new(Watched { sources, shown: Mutex::new(Shown::default()) });
    Router::new()
        .route("/metrics", get(answer))
        .method_not_allowed_fallback(wrong_method)
        .fallback(async || Refusal(ErrorCode::NotThere))
        .with_state(watched)
}

async fn answer(State(watched): State<Arc<Watched>>, headers: HeaderMap, uri: Uri) -> Response {
    if !named::is_no_strangers(host(&headers, &uri)) {
        return Refusal(ErrorCode::WrongOrigin).into_response();
    }
    // The media threads are asked, and waited for.
    let look = tokio::task::spawn_blocking(move || {
        let mut shown = watched.shown.lock().unwrap_or_else(PoisonError::into_inner);
        page::write(&shown.look(Instant::now(), || watched.sources.look()))
    });
    match look.await {
        Ok(text) => {
            let kind = (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
            ([kind, (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], text).into_response()
        }
        Err(_) => Refusal(ErrorCode::Internal).into_response(),
    }
}

impl Sources {
    /// How it is. Media is asked for what its threads count anyway.
    fn look(&self) -> Truth {
        let shards = self.engine.stats().shards;
        let shards: Vec<_> = shards.into_iter().flatten().collect();
        let sum = |of: fn(&sfu::ShardStats) -> u64| shards.iter().map(of).fold(0, u64::saturating_add);
        Truth(SERIES.map(|series| match series {
            Series::Rooms => self.rooms.count() as u64,
            Series::People => self.sockets.members() as u64,
            Series::Audience => sum(|shard| shard.media.peers),
            Series::Connections => self.places.taken() as u64,
            Series::Done(action) => self.counts.of(action),
            Series::VoiceIn => sum(|shard| shard.media.voice_in),
            Series::VoiceOut => sum(|shard| shard.sent),
            Series::Missed => sum(|shard| shard.missed),
            Series::Refused => sum(|shard| shard.refused),
            Series::Load => {
                shards.iter().map(|shard| u64::from(shard.load.permille()) / 10).max().unwrap_or(0)
            }
        }))
    }
}
