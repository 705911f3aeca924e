//! What keeps this process from writing anything down, applied before it has a second thread.

/// What holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub seccomp: Lock,
    pub landlock: Lock,
}

/// One of the two locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Holds,
    /// The kernel does not know it.
    Missing,
    /// Left off on purpose.
    Off,
}

impl Report {
    /// Nothing holds.
    pub const OFF: Self = Self { seccomp: Lock::Off, landlock: Lock::Off };
}
