//! A report's way from its room to the administrators. Who, whom, why and who heard it too: nothing says where.

use std::time::Duration;

use cluster::{Change, Coord, Tag};
use keeper_api::limits::NUMBERS_MAX;
use keeper_api::{Reported, Request};
use protocol::ErrorCode;
use protocol::id::{MemberId, ReportNumber};
use rooms::{About, Filed, Who};
use tokio::time::{sleep, timeout};

use super::commit::Filing;
use crate::clock;
use crate::keeper::Keeper;
use crate::limits::{REPORT_PERIOD, REPORT_RETRY_PERIOD};

/// Out of a room, which may be over by now: committed by itself, so that a crash loses it no more than it loses a room.
pub(super) async fn file(keeper: Keeper, coord: Coord, filed: Filed) {
    let filing = begin(filed);
    let tag = Tag::from_random(clock::random());
    // Where it cannot be kept it is brought all the same.
    let _ = coord.commit(Change { puts: vec![filing.put(tag)], forgets: Vec::new() }).await;
    ask_for_a_while(keeper, filing, REPORT_PERIOD).await;
    forget(coord, tag).await;
}

/// One that was kept when its process died.
pub(super) async fn bring(keeper: Keeper, coord: Coord, tag: Tag, filing: Filing) {
    // By a clock that may have been set since.
    let left = Duration::from_millis(filing.until.0.saturating_sub(clock::now().0));
    ask_for_a_while(keeper, filing, left.min(REPORT_PERIOD)).await;
    forget(coord, tag).await;
}

async fn forget(coord: Coord, tag: Tag) {
    let _ = coord.commit(Change { puts: Vec::new(), forgets: vec![tag] }).await;
}

/// The numbers are the same for every try: one that was kept and not answered is kept once.
fn begin(filed: Filed) -> Filing {
    let numbers = [(); NUMBERS_MAX].map(|()| number(u32::from_be_bytes(clock::random())));
    Filing { numbers: numbers.to_vec(), until: clock::now().plus(REPORT_PERIOD), filed }
}

/// Asks until the keeper has it, for a while. After that it is forgotten.
async fn ask_for_a_while(keeper: Keeper, filing: Filing, period: Duration) {
    let _ = timeout(period, until_it_is_taken(keeper, as_request(filing))).await;
}

async fn until_it_is_taken(keeper: Keeper, request: Request) {
    // Taken; or refused, and would be again.
    while let Err(ErrorCode::Busy | ErrorCode::Internal) = keeper.ask(request.clone()).await {
        sleep(REPORT_RETRY_PERIOD).await;
    }
}

/// Guests have no account to be named by.
fn as_request(filing: Filing) -> Request {
    let Filing { numbers, filed: Filed { by, about, reason, heard }, .. } = filing;
    Request::Report {
        numbers,
        reporter: member(by),
        reported: reported(about),
        reason,
        heard: heard.into_iter().filter_map(member).collect(),
    }
}

/// Six digits, so that it can be typed.
fn number(random: u32) -> ReportNumber {
    ReportNumber(100_000 + random % 900_000)
}

fn reported(about: About) -> Option<Reported> {
    match about {
        About::Here { who, .. } => member(who).map(Reported::Member),
        About::Left { handle } => Some(Reported::Called(handle)),
    }
}

fn member(who: Who) -> Option<MemberId> {
    match who {
        Who::Member(member) => Some(member),
        Who::Guest(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use keeper_api::Reply;
    use protocol::order::ReportReason;
    use tokio::time::Instant;

    use super::*;
    use crate::keeper::Heard;

    fn filed() -> Filed {
        let [by, who] = [[1; 16], [2; 16]].map(|id| Who::Member(MemberId(id)));
        let about = About::Here { who, handle: None };
        Filed { by, about, reason: ReportReason::Hate, heard: BTreeSet::new() }
    }

    /// How long somebody's report lies here, with a keeper that says this to whatever it is asked; and how often that was.
    async fn waits(says: impl Fn(usize) -> Heard) -> (Duration, usize) {
        let (keeper, mut asked) = Keeper::of_a_test();
        let since = Instant::now();
        let filing = tokio::spawn(async move {
            ask_for_a_while(keeper, begin(filed()), REPORT_PERIOD).await;
            since.elapsed()
        });
        let (mut times, mut unanswered) = (0, Vec::new());
        // Until nobody can ask any more: the report, which could, is gone.
        while let Some((_, answer)) = asked.hear().await {
            times += 1;
            match says(times) {
                Heard::Answered(word) => drop(answer.send(word.map(|()| Reply::Done))),
                Heard::NotAnswered => unanswered.push(answer),
            }
        }
        (filing.await.expect("it ends"), times)
    }

    #[tokio::test(start_paused = true)]
    async fn a_report_that_no_keeper_takes_is_forgotten_after_ten_minutes() {
        let ten_minutes = Duration::from_secs(600);
        let (away, asked) = waits(|_| Heard::Answered(Err(ErrorCode::Busy))).await;
        assert!(asked > 500, "asked {asked} times");
        assert_eq!(away, ten_minutes, "of a keeper that is away");
        let (silent, asked) = waits(|_| Heard::NotAnswered).await;
        assert!(asked > 50, "asked {asked} times");
        assert_eq!(silent, ten_minutes, "of one that says nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn a_report_is_forgotten_when_it_is_taken_or_refused() {
        let away_for =
            |times| move |asked| Heard::Answered(if asked > times { Ok(()) } else { Err(ErrorCode::Busy) });
        assert_eq!(waits(away_for(0)).await, (Duration::ZERO, 1));
        assert_eq!(waits(away_for(5)).await, (Duration::from_secs(5), 6));
        assert_eq!(waits(|_| Heard::Answered(Err(ErrorCode::TooMany))).await, (Duration::ZERO, 1));
    }
}
