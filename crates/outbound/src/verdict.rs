//! What the answer to a letter means (RFC 8030 sections 5 and 7, RFC 9110).

use hyper::header::RETRY_AFTER;
use hyper::{HeaderMap, StatusCode};
use outbound_api::Outcome;

use crate::limits::{LATER_SECONDS_MAX, UNREACHED_SECONDS};

/// A redirect is none that is followed: it could lead anywhere.
pub(crate) fn of(status: StatusCode, headers: &HeaderMap) -> Outcome {
    match status.as_u16() {
        200..=299 => Outcome::Delivered,
        404 | 410 => Outcome::Gone,
        408 | 425 | 429 | 500..=599 => Outcome::Later { seconds: wait(headers) },
        _ => Outcome::Refused,
    }
}

/// As they say in seconds; a date is not worth a clock here.
fn wait(headers: &HeaderMap) -> u32 {
    let said = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    said.unwrap_or(UNREACHED_SECONDS).clamp(1, LATER_SECONDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_of_four() {
        let later = |seconds| Outcome::Later { seconds };
        for (status, retry, expected) in [
            (201, None, Outcome::Delivered),
            (202, None, Outcome::Delivered),
            (404, None, Outcome::Gone),
            (410, None, Outcome::Gone),
            (429, Some("17"), later(17)),
            (503, Some("0"), later(1)),
            (500, None, later(UNREACHED_SECONDS)),
            (429, Some("Fri, 31 Dec 1999 23:59:59 GMT"), later(UNREACHED_SECONDS)),
            (429, Some("99999999"), later(LATER_SECONDS_MAX)),
            (429, Some("-1"), later(UNREACHED_SECONDS)),
            (301, None, Outcome::Refused),
            (307, None, Outcome::Refused),
            (400, None, Outcome::Refused),
            (401, None, Outcome::Refused),
            (403, None, Outcome::Refused),
            (413, None, Outcome::Refused),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(retry.map(|retry| (RETRY_AFTER, retry.parse().expect("a value"))));
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(of(status, &headers), expected, "{status} {retry:?}");
        }
    }
}
