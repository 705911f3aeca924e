//! Which form of a file a browser gets, and whether it needs to be sent at all.

/// A content coding that files are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// Value of `Content-Encoding`; none for the plain form.
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// The smallest form that this `Accept-Encoding` allows (RFC 9110 §12.5.3). Weights only tell whether a coding is
/// refused: among those accepted the server may prefer, and Brotli is the smallest. Without the header: plain.
pub fn choose(accept_encoding: &str) -> Encoding {
    let weight = |coding: &str| {
        let named = accept_encoding.split(',').find_map(|item| item_weight(item, coding));
        named.or_else(|| accept_encoding.split(',').find_map(|item| item_weight(item, "*")))
    };
    let accepted = |coding| weight(coding).is_some_and(|q| q > 0.0);
    if accepted("br") {
        Encoding::Brotli
    } else if accepted("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// Whether `If-None-Match` names this entity tag, so that the reply is 304 without a body (RFC 9110 §13.1.2).
pub fn is_current(if_none_match: &str, etag: &str) -> bool {
    if_none_match.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// The weight that one item of the list gives to a coding; a weight that cannot be read refuses it.
fn item_weight(item: &str, coding: &str) -> Option<f32> {
    let mut parts = item.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(coding) {
        return None;
    }
    let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some(q.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_smallest_form_it_can_read() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, deflate", Encoding::Gzip),
            ("GZIP", Encoding::Gzip),
            ("deflate", Encoding::Identity),
            ("", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("*", Encoding::Brotli),
            ("br;q=0.1, gzip;q=1.0", Encoding::Brotli),
        ] {
            assert_eq!(choose(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_refused_coding_is_not_sent() {
        for (header, expected) in [
            ("br;q=0, gzip", Encoding::Gzip),
            ("br; q=0.000, *", Encoding::Gzip),
            ("*;q=0", Encoding::Identity),
            ("br;q=nonsense, gzip;q=0", Encoding::Identity),
            ("brotli, gzipped, xbr", Encoding::Identity),
        ] {
            assert_eq!(choose(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_file_the_browser_has_is_not_sent_again() {
        assert!(is_current("\"a-br\"", "\"a-br\""));
        assert!(is_current("\"x\", W/\"a\"", "\"a\""));
        assert!(is_current("*", "\"a\""));
        assert!(!is_current("\"a\"", "\"a-br\""));
        assert!(!is_current("", "\"a\""));
    }
}
