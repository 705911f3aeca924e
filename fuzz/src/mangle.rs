//! Bytes that are almost right: what is in a corpus, changed a little, by seed.

/// Longer inputs find nothing that shorter ones do not.
const BYTES_MAX: usize = 4_096;
/// Where counts and lengths turn over.
const EDGES: [u8; 12] = [0, 1, 2, 0x0f, 0x10, 0x20, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff];

/// The same seed gives the same bytes.
#[derive(Debug)]
pub struct Mangler {
    state: u64,
    corpus: Vec<Vec<u8>>,
}

impl Mangler {
    pub fn new(seed: u64, corpus: Vec<Vec<u8>>) -> Self {
        Self { state: seed, corpus }
    }

    /// The next input.
    pub fn next_input(&mut self) -> Vec<u8> {
        let mut bytes = self.one_of_the_corpus();
        for _ in 0..=self.below(6) {
            self.change(&mut bytes);
        }
        bytes.truncate(BYTES_MAX);
        bytes
    }

    fn one_of_the_corpus(&mut self) -> Vec<u8> {
        let which = self.below(self.corpus.len());
        self.corpus.get(which).cloned().unwrap_or_default()
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let length = self.below(16).min(bytes.len() - at);
        match self.below(10) {
            0 | 1 => self.put(bytes, at, |byte, by| byte ^ (1 << (by % 8))),
            2 => self.put(bytes, at, |_, by| EDGES[usize::from(by) % EDGES.len()]),
            3 => self.put(bytes, at, |_, by| by),
            4 => self.put(bytes, at, |byte, by| byte.wrapping_add(by % 9).wrapping_sub(4)),
            5 => drop(bytes.drain(at..at + length)),
            6 => {
                let new: Vec<u8> = (0..=self.below(8)).map(|_| self.byte()).collect();
                drop(bytes.splice(at..at, new));
            }
            7 => {
                let again = bytes[at..at + length].to_vec();
                drop(bytes.splice(at..at, again));
            }
            8 => bytes.truncate(at),
            _ => {
                // The end of another one.
                let other = self.one_of_the_corpus();
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }

    fn put(&mut self, bytes: &mut [u8], at: usize, change: impl Fn(u8, u8) -> u8) {
        let by = self.byte();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = change(*byte, by);
        }
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// Zero for zero.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
