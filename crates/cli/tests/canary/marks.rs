//! What is looked for: everything that somebody has brought along, in every spelling that it may be kept in.

use std::net::{IpAddr, SocketAddr};

use memchr::memmem::Finder;

/// Begins everything that is marked, drawn anew for each run: twelve small letters.
#[derive(Debug, Clone)]
pub(crate) struct Tag(String);

impl Tag {
    pub(crate) fn draw() -> Self {
        let mut bytes = [0; 12];
        rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()).expect("randomness");
        Self(bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect())
    }

    /// A text that is to be found again.
    pub(crate) fn mark(&self, what: &str) -> String {
        format!("{}{what}", self.0)
    }
}

/// Everything that is looked for.
#[derive(Default, Clone)]
pub(crate) struct Marks {
    all: Vec<Mark>,
}

#[derive(Clone)]
struct Mark {
    what: String,
    finder: Finder<'static>,
}

/// One place where something was left.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) what: String,
    pub(crate) at: usize,
}

impl Marks {
    /// Everything that begins with the tag.
    pub(crate) fn tag(&mut self, tag: &Tag) {
        self.text("marked", &tag.0);
    }

    /// A text, as any program may hold it.
    pub(crate) fn text(&mut self, what: &str, text: &str) {
        let bytes = text.as_bytes();
        self.bytes(format!("{what} as text"), bytes.to_vec());
        self.bytes(format!("{what} in capitals"), text.to_uppercase().into_bytes());
        self.bytes(format!("{what} in 16 bits"), text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        self.bytes(
            format!("{what} in hex"),
            bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
        );
        for skipped in 0..3 {
            self.bytes(format!("{what} in base64 at {skipped}"), base64(bytes, skipped));
        }
    }

    /// Bytes that were never text.
    pub(crate) fn bytes(&mut self, what: impl Into<String>, bytes: Vec<u8>) {
        assert!(bytes.len() >= 6, "shorter ones are found by chance");
        self.all.push(Mark { what: what.into(), finder: Finder::new(&bytes).into_owned() });
    }

    /// Where somebody's packets come from, as we, the kernel's interfaces and people write it.
    pub(crate) fn address(&mut self, what: &str, address: SocketAddr) {
        let IpAddr::V4(ip) = address.ip() else { panic!("the tests' people have short addresses") };
        let ours = [ip.octets().as_slice(), &address.port().to_le_bytes()].concat();
        let kernel = [address.port().to_be_bytes().as_slice(), &ip.octets()].concat();
        self.bytes(format!("{what}, ours"), ours);
        self.bytes(format!("{what}, the kernel's"), kernel);
        self.host(what, address.ip());
    }

    /// The same without a port.
    pub(crate) fn host(&mut self, what: &str, ip: IpAddr) {
        let IpAddr::V4(ip) = ip else { panic!("the tests' people have short addresses") };
        self.text(what, &ip.to_string());
        self.bytes(format!("{what}, mapped"), [&[0, 0, 0xff, 0xff], ip.octets().as_slice()].concat());
    }

    /// Those of somebody else, too.
    pub(crate) fn add(&mut self, others: &Marks) {
        for mark in &others.all {
            // Who came back is who they were.
            if !self.all.iter().any(|known| known.finder.needle() == mark.finder.needle()) {
                self.all.push(mark.clone());
            }
        }
    }

    /// The longest of them.
    pub(crate) fn longest(&self) -> usize {
        self.all.iter().map(|mark| mark.finder.needle().len()).max().unwrap_or(0)
    }

    /// All of them in something whole.
    pub(crate) fn in_bytes(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        self.find(0, bytes, &mut found);
        found
    }

    /// All of them in a piece of memory that lies at `base`.
    pub(crate) fn find(&self, base: usize, bytes: &[u8], found: &mut Vec<Found>) {
        for mark in &self.all {
            let places = mark.finder.find_iter(bytes);
            found.extend(places.map(|at| Found { what: mark.what.clone(), at: base + at }));
        }
    }
}

/// The part of it that depends on these bytes alone, when `skipped` others stand before them.
fn base64(bytes: &[u8], skipped: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = std::iter::repeat_n(&0, skipped)
        .chain(bytes)
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let whole = bits.chunks_exact(6).skip((skipped * 8).div_ceil(6));
    whole.map(|six| ALPHABET[six.iter().fold(0, |all, bit| all << 1 | usize::from(*bit))]).collect()
}
