//! One letter, taken where it goes.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use outbound_api::parent::Place;
use outbound_api::{Letter, Outcome, Urgency};
use tokio::time::timeout;

use crate::limits::{
    ANSWER_BODY_BYTES_MAX, ANSWER_HEAD_BYTES_MAX, HOST_BUSY_SECONDS, IDLE_PER_HOST, IDLE_PERIOD,
    LETTER_PERIOD, LETTERS_PER_HOST, UNREACHED_SECONDS,
};
use crate::verdict;
use crate::way::{Unreached, Way};
use crate::whither::Whither;

/// Takes letters; many at a time.
pub(crate) struct Carrier {
    client: Client<Way, Full<Bytes>>,
    allowed: Option<Place>,
    /// How many are on their way to each host.
    hosts: Mutex<HashMap<String, usize>>,
}

impl Carrier {
    pub(crate) fn new(way: Way, allowed: Option<Place>) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_PERIOD)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .http1_max_buf_size(ANSWER_HEAD_BYTES_MAX)
            .build(way);
        Self { client, allowed, hosts: Mutex::default() }
    }

    pub(crate) async fn carry(self: &Arc<Self>, letter: Letter) -> Outcome {
        let Ok(address) = letter.address.get().parse::<Uri>() else { return Outcome::Refused };
        let Some(whither) = Whither::of(&address, self.allowed.as_ref()) else { return Outcome::Refused };
        let Some(_place) = self.place(whither.host) else {
            return Outcome::Later { seconds: HOST_BUSY_SECONDS };
        };
        let Some(request) = request(address, letter) else { return Outcome::Refused };
        match timeout(LETTER_PERIOD, self.client.request(request)).await {
            Ok(Ok(answer)) => {
                let (head, body) = answer.into_parts();
                tokio::spawn(read_out(body));
                verdict::of(head.status, &head.headers)
            }
            Ok(Err(error)) if is_forbidden(&error) => Outcome::Refused,
            Ok(Err(_)) | Err(_) => Outcome::Later { seconds: UNREACHED_SECONDS },
        }
    }

    fn place(self: &Arc<Self>, host: String) -> Option<Taken> {
        let mut hosts = self.hosts();
        let count = hosts.entry(host.clone()).or_default();
        if *count >= LETTERS_PER_HOST {
            return None;
        }
        *count += 1;
        drop(hosts);
        Some(Taken { carrier: Arc::clone(self), host })
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the places of a host; free again when this is dropped.
struct Taken {
    carrier: Arc<Carrier>,
    host: String,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut hosts = self.carrier.hosts();
        if let Some(count) = hosts.get_mut(&self.host) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                hosts.remove(&self.host);
            }
        }
    }
}

/// RFC 8030 section 5, with the body of RFC 8291 and the proof of RFC 8292.
fn request(address: Uri, letter: Letter) -> Option<Request<Full<Bytes>>> {
    let mut proof = HeaderValue::from_str(letter.proof.get()).ok()?;
    proof.set_sensitive(true);
    let urgency = match letter.urgency {
        Urgency::Normal => "normal",
        Urgency::High => "high",
    };
    Request::builder()
        .method(Method::POST)
        .uri(address)
        .header(AUTHORIZATION, proof)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
        .header(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"))
        .header(HeaderName::from_static("ttl"), HeaderValue::from(letter.keep_seconds))
        .header(HeaderName::from_static("urgency"), HeaderValue::from_static(urgency))
        .body(Full::new(Bytes::from(Vec::from(letter.body))))
        .ok()
}

/// A little of it, so that the connection can be used again; whoever says more, or says it slowly, loses the connection.
async fn read_out(body: Incoming) {
    let _ = timeout(LETTER_PERIOD, Limited::new(body, ANSWER_BODY_BYTES_MAX).collect()).await;
}

fn is_forbidden(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(why) = error.downcast_ref::<Unreached>() {
            return *why == Unreached::Forbidden;
        }
        source = error.source();
    }
    false
}
