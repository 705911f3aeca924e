//! A report's way from its room to the administrators. Who, whom, why and who heard it too: nothing says where.

use keeper_api::limits::NUMBERS_MAX;
use keeper_api::{Reported, Request};
use protocol::ErrorCode;
use protocol::id::{MemberId, ReportNumber};
use rooms::{About, Filed, Who};
use tokio::time::{sleep, timeout};

use crate::clock;
use crate::keeper::Keeper;
use crate::limits::{REPORT_PERIOD, REPORT_RETRY_PERIOD};

/// Asks until the keeper has it, for a while: its room may be over by now, so nobody else has it. After that it is forgotten.
pub(super) async fn file(keeper: Keeper, filed: Filed) {
    // The same for every try: one that was kept and not answered is kept once.
    let numbers = [(); NUMBERS_MAX].map(|()| number(u32::from_be_bytes(clock::random())));
    let _ = timeout(REPORT_PERIOD, until_it_is_taken(keeper, as_request(numbers.to_vec(), filed))).await;
}

async fn until_it_is_taken(keeper: Keeper, request: Request) {
    // Taken; or refused, and would be again.
    while let Err(ErrorCode::Busy | ErrorCode::Internal) = keeper.ask(request.clone()).await {
        sleep(REPORT_RETRY_PERIOD).await;
    }
}

/// Guests have no account to be named by.
fn as_request(numbers: Vec<ReportNumber>, filed: Filed) -> Request {
    let Filed { by, about, reason, heard } = filed;
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
    use std::time::Duration;

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
            file(keeper, filed()).await;
            since.elapsed()
        });
        let (mut times, mut unanswered) = (0, Vec::new());
        // Until nobody can ask any more: the report, which could, is gone.
        while let Some((_, answer)) = asked.hear().await {
            times += 1;
            match says(times) {
                Heard::Answered(word) => drop(answer.send(word)),
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
        let away_for = |times| {
            move |asked| Heard::Answered(if asked > times { Ok(Reply::Done) } else { Err(ErrorCode::Busy) })
        };
        assert_eq!(waits(away_for(0)).await, (Duration::ZERO, 1));
        assert_eq!(waits(away_for(5)).await, (Duration::from_secs(5), 6));
        assert_eq!(waits(|_| Heard::Answered(Err(ErrorCode::TooMany))).await, (Duration::ZERO, 1));
    }
}
