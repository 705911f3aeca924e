//! A server that looks at a wall clock of its own.

use std::path::Path;
use std::process::Command;

use crate::house::after;

#[path = "../support/wall.rs"]
mod hung;
pub(crate) use hung::{DAY, Wall};

impl Wall {
    /// The server that looks at this clock.
    pub(crate) fn server(&self, data: &Path) -> Command {
        let etc = self.etc().display();
        let sees = format!("set -e; mount --make-rprivate /; mount --bind {etc} /etc; exec \"$@\"");
        after(data, &format!("set -- unshare --mount sh -c '{sees}' sh \"$@\""))
    }
}
