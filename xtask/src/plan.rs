//! Which steps there are, in their order, and how long each may take.

use std::time::Duration;

use crate::{clean_clone, steps};

/// One thing that must hold.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// After this it hangs, and is ended. Several times what it takes from cold on two cores.
    pub(crate) limit: Duration,
    /// Steps without which this one has nothing to work on.
    pub(crate) needs: &'static [&'static str],
    pub(crate) run: fn(&steps::Context<'_>) -> steps::Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Quick,
    /// Left out by `--quick`.
    Slow,
    /// Left out unless it is asked for by name.
    Asked,
}

/// The short ones first: a missing comma is told in seconds, not after the browsers. Everything that Cargo builds
/// is built once, with one profile and one set of features, and the browsers use that same binary.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "format", kind: Kind::Quick, limit: minutes(2), needs: &[], run: steps::format },
    Step { name: "packages", kind: Kind::Quick, limit: minutes(6), needs: &[], run: steps::packages },
    Step {
        name: "client-check",
        kind: Kind::Quick,
        limit: minutes(4),
        needs: &["packages"],
        run: steps::client_check,
    },
    Step {
        name: "client-test",
        kind: Kind::Quick,
        limit: minutes(4),
        needs: &["packages"],
        run: steps::client_test,
    },
    Step { name: "lints", kind: Kind::Quick, limit: minutes(20), needs: &[], run: steps::lints },
    Step { name: "build", kind: Kind::Quick, limit: minutes(25), needs: &[], run: steps::build },
    Step {
        name: "rust-test",
        kind: Kind::Quick,
        limit: minutes(20),
        needs: &["build"],
        run: steps::rust_test,
    },
    Step { name: "clean-clone", kind: Kind::Slow, limit: minutes(8), needs: &[], run: clean_clone::run },
    Step { name: "browsers", kind: Kind::Slow, limit: minutes(10), needs: &[], run: steps::browsers },
    Step { name: "e2e-check", kind: Kind::Slow, limit: minutes(6), needs: &[], run: steps::e2e_check },
    Step {
        name: "pages",
        kind: Kind::Slow,
        limit: minutes(20),
        needs: &["build", "browsers", "e2e-check"],
        run: steps::pages,
    },
    Step {
        name: "chromium",
        kind: Kind::Slow,
        limit: minutes(35),
        needs: &["build", "browsers", "e2e-check"],
        run: steps::chromium,
    },
    Step {
        name: "firefox",
        kind: Kind::Slow,
        limit: minutes(5),
        needs: &["build", "browsers", "e2e-check"],
        run: steps::firefox,
    },
    // Building it takes as long as half of all the others, and nothing of ours asks how it was built; that the client is in
    // it is seen by "clean-clone".
    Step { name: "release", kind: Kind::Asked, limit: minutes(60), needs: &[], run: steps::release },
];

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}
