//! What anyone may know of the locks around the process with the network.

use serde::{Deserialize, Serialize};

/// How far the network process is locked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum SandboxState {
    /// Both locks.
    Full,
    /// The system has no Landlock; the required lock holds.
    WithoutLandlock,
    /// Started with `--unsandboxed`.
    Off,
}
