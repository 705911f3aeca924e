//! Who spoke, who reported whom, and who heard it too.

use super::*;

#[derive(Debug, Clone, Default)]
pub(super) struct Reports {
    /// When somebody spoke last.
    spoke: [Option<u64>; CAST.len()],
    /// Who reported, and when.
    made: Vec<(usize, u64)>,
    open: Vec<Open>,
}

#[derive(Debug, Clone)]
struct Open {
    by: usize,
    about: usize,
    heard: Vec<usize>,
    until: u64,
}

impl Reports {
    /// What no crash survives.
    pub(super) fn forget(&mut self) {
        self.spoke = [None; CAST.len()];
        self.made.clear();
    }
}

impl Naive {
    pub(crate) fn speaks(&mut self, person: usize) -> bool {
        if !self.over && self.spot(person) == Some(Spot::Stage(Mic::Open)) {
            self.reports.spoke[person] = Some(self.now);
        }
        true
    }

    pub(crate) fn reports(&mut self, by: usize, about: usize) -> bool {
        let now = self.now;
        // Guests are called nothing that they could be known by when they have left.
        let spoke =
            self.reports.spoke[about].is_some_and(|at| at + 600 > now) && !CAST[about].starts_with("guest");
        let reachable = self.seat(about).is_some() || spoke;
        if self.over || self.seat(by).is_none() || by == about || !reachable {
            return false;
        }
        if self.reports.open.iter().any(|open| open.about == about) {
            self.hears(by, about);
            return true;
        }
        // Three of one person in ten minutes.
        if self.reports.made.iter().filter(|(who, at)| *who == by && at + 600 > now).count() == 3 {
            return false;
        }
        self.reports.made.push((by, now));
        self.reports.open.push(Open { by, about, heard: Vec::new(), until: now + 120 });
        true
    }

    pub(crate) fn co_signs(&mut self, by: usize, about: usize) -> bool {
        let theirs = |open: &Open| open.about == about && open.by != by && about != by;
        let may = !self.over && self.seat(by).is_some() && self.reports.open.iter().any(theirs);
        if may {
            self.hears(by, about);
        }
        may
    }

    fn hears(&mut self, by: usize, about: usize) {
        let open = self.reports.open.iter_mut().find(|open| open.about == about).expect("it is open");
        if open.by != by && !open.heard.contains(&by) {
            open.heard.push(by);
            open.heard.sort_unstable();
        }
    }

    /// Those whose time is over; without a time, all.
    pub(super) fn file(&mut self, now: Option<u64>) {
        let over = |open: &Open| now.is_none_or(|now| open.until <= now);
        let (due, rest): (Vec<_>, Vec<_>) = self.reports.open.drain(..).partition(over);
        self.reports.open = rest;
        self.filed.extend(due.into_iter().map(|open| (open.by, open.about, open.heard)));
    }
}
