//! A report's way from its room to the administrators. Who, whom, why and who heard it too: nothing says where.

use keeper_api::Request;
use protocol::ErrorCode;
use protocol::id::MemberId;
use rooms::{Filed, Who};
use tokio::time::sleep;

use crate::keeper::Keeper;
use crate::limits::{REPORT_RETRY_PERIOD, REPORT_TRIES};

/// Asks until the keeper has it, for a while: its room may be over by now, so nobody else has it.
pub(super) async fn file(keeper: Keeper, filed: Filed) {
    let request = as_request(filed);
    for _ in 0..REPORT_TRIES {
        match keeper.ask(request.clone()).await {
            Err(ErrorCode::Busy | ErrorCode::Internal) => sleep(REPORT_RETRY_PERIOD).await,
            // Taken; or refused, and would be again.
            _ => return,
        }
    }
}

/// Guests have no account to be named by.
fn as_request(filed: Filed) -> Request {
    let Filed { by, about, reason, heard } = filed;
    Request::Report {
        reporter: member(by),
        reported: member(about),
        reason,
        heard: heard.into_iter().filter_map(member).collect(),
    }
}

fn member(who: Who) -> Option<MemberId> {
    match who {
        Who::Member(member) => Some(member),
        Who::Guest(_) => None,
    }
}
