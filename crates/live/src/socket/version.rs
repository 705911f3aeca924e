//! Which versions of the contract are understood.

/// Versions before the server's own: pages that are open when a server is renewed go on until they load anew.
const OLDER: u16 = 1;

/// Whether a server that speaks `ours` speaks `theirs` too.
pub(crate) fn is_understood(theirs: u16, ours: u16) -> bool {
    // The contract began with 1.
    (ours.saturating_sub(OLDER).max(1)..=ours).contains(&theirs)
}

#[cfg(test)]
mod tests {
    use super::is_understood;

    fn understood(ours: u16) -> Vec<u16> {
        (0..=u16::MAX).filter(|theirs| is_understood(*theirs, ours)).collect()
    }

    #[test]
    fn a_page_of_the_version_before_goes_on_and_an_older_or_newer_one_reloads() {
        assert_eq!(understood(1), [1], "nothing was before the first");
        assert_eq!(understood(2), [1, 2]);
        assert_eq!(understood(3), [2, 3]);
        assert_eq!(understood(u16::MAX), [u16::MAX - 1, u16::MAX]);
    }
}
