//! A report's way from its room to the administrators. Who, whom, why and who heard it too: nothing says where.

use keeper_api::Request;
use keeper_api::limits::NUMBERS_MAX;
use protocol::ErrorCode;
use protocol::id::{MemberId, ReportNumber};
use rooms::{Filed, Who};
use tokio::time::sleep;

use crate::clock;
use crate::keeper::Keeper;
use crate::limits::{REPORT_RETRY_PERIOD, REPORT_TRIES};

/// Asks until the keeper has it, for a while: its room may be over by now, so nobody else has it.
pub(super) async fn file(keeper: Keeper, filed: Filed) {
    // The same for every try: one that was kept and not answered is kept once.
    let numbers = [(); NUMBERS_MAX].map(|()| number(u32::from_be_bytes(clock::random())));
    let request = as_request(numbers.to_vec(), filed);
    for _ in 0..REPORT_TRIES {
        match keeper.ask(request.clone()).await {
            Err(ErrorCode::Busy | ErrorCode::Internal) => sleep(REPORT_RETRY_PERIOD).await,
            // Taken; or refused, and would be again.
            _ => return,
        }
    }
}

/// Guests have no account to be named by.
fn as_request(numbers: Vec<ReportNumber>, filed: Filed) -> Request {
    let Filed { by, about, reason, heard } = filed;
    Request::Report {
        numbers,
        reporter: member(by),
        reported: member(about),
        reason,
        heard: heard.into_iter().filter_map(member).collect(),
    }
}

/// Six digits, so that it can be typed.
fn number(random: u32) -> ReportNumber {
    ReportNumber(100_000 + random % 900_000)
}

fn member(who: Who) -> Option<MemberId> {
    match who {
        Who::Member(member) => Some(member),
        Who::Guest(_) => None,
    }
}
