//! Everything of ours that reads what somebody else wrote, as functions of bytes that must never panic and must agree with
//! themselves; and a room with a naive model of it, driven by bytes.
//!
//! One [`Target`] each. The ordinary tests (`tests/targets.rs`) replay what lies in its folders and mangle it by seed for a
//! moment; `cargo xtask soak` does the same for hours; `libfuzzer/` hands the same functions to `cargo fuzz`, which learns
//! from coverage. Whoever finds bytes that break one puts them into `corpus/`, where everybody's tests replay them.

mod mangle;
mod targets;

use std::path::{Path, PathBuf};

pub use mangle::Mangler;
pub use targets::TARGETS;

/// A parser, or something that is driven by bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// Panics where something is wrong.
    pub run: fn(&[u8]),
    /// Beside `corpus/NAME`: folders and files of others, from the root of the repository.
    pub seeds: &'static [&'static str],
}

impl Target {
    /// # Panics
    /// Where there is none of that name.
    pub fn named(name: &str) -> Self {
        *TARGETS
            .iter()
            .find(|target| target.name == name)
            .unwrap_or_else(|| panic!("no target is called {name:?}"))
    }

    /// Everything that is replayed, in order; with nothing, there is still nothing to begin from.
    ///
    /// # Panics
    /// Where the files of the repository cannot be read.
    pub fn corpus(&self) -> Vec<Vec<u8>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it lies in the repository");
        let own = root.join("fuzz/corpus").join(self.name);
        let places = self.seeds.iter().map(|seed| root.join(seed)).chain(own.exists().then_some(own));
        let mut files: Vec<PathBuf> = places.flat_map(|place| files(&place)).collect();
        files.sort();
        let read = |file: &PathBuf| std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        std::iter::once(Vec::new()).chain(files.iter().map(read)).collect()
    }
}

fn files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let entries = std::fs::read_dir(place).unwrap_or_else(|e| panic!("{}: {e}", place.display()));
    entries.map(|entry| entry.expect("readable").path()).filter(|path| path.is_file()).collect()
}
