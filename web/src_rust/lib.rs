//! The web client, embedded: every file of the Vite build with its media type, entity tag and compressed forms.
//!
//! `build.rs` makes the table. What is sent for which request path is decided in `live`; here are only the files
//! and the two header rules that come with them: which form to send, and whether the browser has it already.

mod negotiate;

pub use negotiate::{Encoding, choose, is_current};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// One file of the client.
pub struct Asset {
    /// Path of the request, with its leading slash.
    pub path: &'static str,
    /// Value of `Content-Type`.
    pub mime: &'static str,
    pub caching: Caching,
    pub identity: Variant,
    pub brotli: Option<Variant>,
    pub gzip: Option<Variant>,
}

/// One form of a file. Forms differ in bytes, so each has a strong entity tag of its own (RFC 9110 §8.8.3).
pub struct Variant {
    /// Value of `ETag`, quotes included.
    pub etag: &'static str,
    pub bytes: &'static [u8],
}

/// How long a browser may keep a file without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// The name has a hash of the content in it.
    Immutable,
    /// The name stays while the content changes: ask each time, by entity tag.
    Revalidate,
}

impl Caching {
    /// Value of `Cache-Control`.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Revalidate => "no-cache",
        }
    }
}

impl Asset {
    /// The best form that a browser with this `Accept-Encoding` takes. A reply also says `Vary: Accept-Encoding`.
    pub fn variant(&self, accept_encoding: Option<&str>) -> (Encoding, &Variant) {
        match (choose(accept_encoding.unwrap_or_default()), &self.brotli, &self.gzip) {
            (Encoding::Brotli, Some(brotli), _) => (Encoding::Brotli, brotli),
            (Encoding::Brotli | Encoding::Gzip, _, Some(gzip)) => (Encoding::Gzip, gzip),
            _ => (Encoding::Identity, &self.identity),
        }
    }
}

/// The file at this request path; `/` is [`index`].
pub fn lookup(path: &str) -> Option<&'static Asset> {
    let path = if path == "/" { "/index.html" } else { path };
    let at = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(at)
}

/// The page that every address of the client starts from.
pub fn index() -> &'static Asset {
    lookup("/index.html").expect("build.rs refuses a client without it")
}

/// All files, in the order of their paths.
pub fn assets() -> &'static [Asset] {
    ASSETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_path_and_nothing_else_is() {
        for asset in assets() {
            assert_eq!(lookup(asset.path).map(|found| found.path), Some(asset.path));
        }
        assert!(lookup("/bundle.txt").is_none());
        assert!(lookup("/index.html.br").is_none());
        assert!(lookup("index.html").is_none());
        assert!(lookup("/../Cargo.toml").is_none());
    }

    #[test]
    fn the_root_is_the_index_page_and_is_asked_for_each_time() {
        assert_eq!(lookup("/").map(|found| found.path), Some("/index.html"));
        assert_eq!(index().caching, Caching::Revalidate);
        assert!(index().identity.bytes.starts_with(b"<!doctype html>"));
    }

    #[test]
    fn no_two_forms_share_an_entity_tag() {
        for asset in assets() {
            let forms = [Some(&asset.identity), asset.brotli.as_ref(), asset.gzip.as_ref()];
            let mut tags: Vec<_> = forms.into_iter().flatten().map(|form| form.etag).collect();
            let count = tags.len();
            tags.sort_unstable();
            tags.dedup();
            assert_eq!(tags.len(), count, "{}", asset.path);
        }
    }

    /// Of our own sources `tests/src/tidy/recorders.rs` says the same; here are those of other people in it, too.
    #[test]
    fn nothing_in_the_client_can_keep_sound() {
        let recorders =
            ["MediaRecorder", "captureStream", "TrackProcessor", "AudioWorklet", "ScriptProcessor"];
        let stores = [
            "createMediaStreamDestination",
            "createEncodedStreams",
            "ScriptTransform",
            "createWritable",
            "indexedDB",
        ];
        let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        for asset in assets() {
            for word in recorders.iter().chain(&stores) {
                assert!(!holds(asset.identity.bytes, word), "{} in {}", word, asset.path);
            }
        }
        assert!(holds(b"new MediaRecorder(s)", "MediaRecorder"), "and it would be found");
        assert!(
            assets().iter().any(|asset| asset.path.ends_with(".js")) || index().identity.bytes.len() < 4_096
        );
    }

    #[test]
    fn the_bundle_has_a_name() {
        assert!(!BUNDLE.is_empty());
    }
}
