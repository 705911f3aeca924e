//! `vivavoce admin report …`, `… member suspend`, `… branch pause` and `… counts`.

use keeper_api::admin::{AdminReply, AdminReport, AdminRequest};
use protocol::id::ReportNumber;
use protocol::order::{OrderCounts, ReportOutcome, ReportReason};
use protocol::text::Handle;

use super::{ANOTHER_ANSWER, ask, at, day, parse_handle, refusal, table};
use crate::config::Config;

/// What the administrator does about order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    Suspend { handle: String },
    Unsuspend { handle: String },
    Protect { handle: String },
    Unprotect { handle: String },
    PauseBranch { handle: String },
    ResumeBranch { handle: String },
    ListReports { which: Which },
    Resolve { report: u32, outcome: ReportOutcome },
    Counts,
}

/// Which reports are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Open,
    All,
}

pub(super) fn answer(config: &Config, order: Order) -> Result<String, String> {
    match order {
        Order::Suspend { handle } => {
            let handle = read(&handle)?;
            let who = at(&handle);
            match reply(config, &AdminRequest::Suspend { handle })? {
                AdminReply::Ended { sessions } => {
                    let devices = if sessions == 1 { "device" } else { "devices" };
                    Ok(format!("{who} is suspended, and signed out on {sessions} {devices}.\n"))
                }
                _ => Err(ANOTHER_ANSWER.to_owned()),
            }
        }
        Order::Unsuspend { handle } => {
            let handle = read(&handle)?;
            let who = at(&handle);
            done(config, &AdminRequest::Unsuspend { handle }, format!("{who} may sign in again.\n"))
        }
        Order::Protect { handle } => {
            let handle = read(&handle)?;
            let said = format!("Whom {} blocks does not find rooms where they are on stage.\n", at(&handle));
            done(config, &AdminRequest::Protect { handle }, said)
        }
        Order::Unprotect { handle } => {
            let handle = read(&handle)?;
            let said = format!("Blocks of {} are like everybody's again.\n", at(&handle));
            done(config, &AdminRequest::Unprotect { handle }, said)
        }
        Order::PauseBranch { handle } => {
            let handle = read(&handle)?;
            let who = at(&handle);
            branch(config, &AdminRequest::PauseBranch { handle }, |members| {
                let whom = if members == 1 { "one member".to_owned() } else { format!("{members} members") };
                format!(
                    "Nobody of {who}'s branch invites for now ({whom}). Links of theirs open nothing meanwhile.\n"
                )
            })
        }
        Order::ResumeBranch { handle } => {
            let handle = read(&handle)?;
            let who = at(&handle);
            branch(config, &AdminRequest::ResumeBranch { handle }, |_| {
                format!("{who}'s branch invites again, unless another branch above or within it is paused.\n")
            })
        }
        Order::ListReports { which } => reports(config, which),
        Order::Resolve { report, outcome } => {
            let report = ReportNumber(report);
            match reply(config, &AdminRequest::Resolve { report, outcome }) {
                Ok(AdminReply::Done) => Ok("Decided. Whoever reported it is told.\n".to_owned()),
                Ok(AdminReply::Refused(protocol::ErrorCode::NotThere)) => {
                    Err("There is no report with that number.".to_owned())
                }
                Ok(AdminReply::Refused(code)) => Err(refusal(code)),
                Ok(_) => Err(ANOTHER_ANSWER.to_owned()),
                Err(sentence) => Err(sentence),
            }
        }
        Order::Counts => match reply(config, &AdminRequest::Counts)? {
            AdminReply::Counts(counts) => Ok(written(counts)),
            _ => Err(ANOTHER_ANSWER.to_owned()),
        },
    }
}

fn read(handle: &str) -> Result<Handle, String> {
    parse_handle(handle).ok_or_else(|| "That is not a handle.".to_owned())
}

/// Anything but a refusal; one of a report is for whoever asked.
fn reply(config: &Config, request: &AdminRequest) -> Result<AdminReply, String> {
    match (ask(config, request)?.reply, request) {
        (AdminReply::Refused(code), AdminRequest::Resolve { .. }) => Ok(AdminReply::Refused(code)),
        (AdminReply::Refused(code), _) => Err(refusal(code)),
        (reply, _) => Ok(reply),
    }
}

fn done(config: &Config, request: &AdminRequest, sentence: String) -> Result<String, String> {
    match reply(config, request)? {
        AdminReply::Done => Ok(sentence),
        _ => Err(ANOTHER_ANSWER.to_owned()),
    }
}

fn branch(
    config: &Config,
    request: &AdminRequest,
    sentence: impl FnOnce(u32) -> String,
) -> Result<String, String> {
    match reply(config, request)? {
        AdminReply::Branch { members } => Ok(sentence(members)),
        _ => Err(ANOTHER_ANSWER.to_owned()),
    }
}

fn reports(config: &Config, which: Which) -> Result<String, String> {
    let mut all: Vec<AdminReport> = Vec::new();
    loop {
        let after = all.last().map(|report| report.number);
        match reply(config, &AdminRequest::ListReports { after })? {
            AdminReply::Reports(page) if page.is_empty() => break,
            AdminReply::Reports(page) => all.extend(page),
            _ => return Err(ANOTHER_ANSWER.to_owned()),
        }
    }
    all.retain(|report| which == Which::All || report.outcome == ReportOutcome::Open);
    all.sort_by_key(|report| (report.day, report.number));
    if all.is_empty() {
        return Ok("No reports.\n".to_owned());
    }
    Ok(report_table(&all))
}

fn report_table(reports: &[AdminReport]) -> String {
    let rows: Vec<[String; 7]> = reports
        .iter()
        .map(|report| {
            let heard: Vec<_> = report.heard.iter().map(at).collect();
            [
                report.number.0.to_string(),
                day::written(report.day.into()),
                report.reported.as_ref().map_or_else(|| "a guest".to_owned(), at),
                reason(report.reason).to_owned(),
                report.reporter.as_ref().map(at).unwrap_or_default(),
                heard.join(" "),
                outcome(report.outcome).to_owned(),
            ]
        })
        .collect();
    table::of(["Number", "Day", "Reported", "For", "By", "Heard it too", "Outcome"], &rows)
}

fn reason(reason: ReportReason) -> &'static str {
    match reason {
        ReportReason::Harassment => "harassment",
        ReportReason::Hate => "hate",
        ReportReason::Threats => "threats",
        ReportReason::Sexual => "sexual content",
        ReportReason::Spam => "spam",
        ReportReason::Impersonation => "impersonation",
        ReportReason::Other => "something else",
    }
}

fn outcome(outcome: ReportOutcome) -> &'static str {
    match outcome {
        ReportOutcome::Open => "open",
        ReportOutcome::ActedOn => "acted on",
        ReportOutcome::NothingDone => "nothing done",
    }
}

fn written(counts: OrderCounts) -> String {
    let OrderCounts {
        reports,
        acted_on,
        nothing_done,
        suspensions,
        pauses,
        open,
        suspended,
        paused,
        protected,
    } = counts;
    let rows = [
        ["Reports", &reports.to_string(), &format!("{open} open")],
        ["  acted on", &acted_on.to_string(), ""],
        ["  nothing done", &nothing_done.to_string(), ""],
        ["Suspensions", &suspensions.to_string(), &format!("{suspended} suspended")],
        ["Branches paused", &pauses.to_string(), &format!("{paused} paused")],
        ["Protected", "", &format!("{protected} protected")],
    ]
    .map(|row| row.map(str::to_owned));
    table::of(["", "Since the beginning", "Now"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_line_and_says_neither_where_nor_what() {
        let handle = |text: &str| Handle::parse(text).expect("a handle");
        let report = AdminReport {
            number: ReportNumber(123_456),
            reporter: Some(handle("ann")),
            reported: Some(handle("ben")),
            reason: ReportReason::Threats,
            day: 20_779,
            outcome: ReportOutcome::Open,
            heard: vec![handle("cem"), handle("dan")],
        };
        let guest = AdminReport { reporter: None, reported: None, heard: Vec::new(), ..report.clone() };
        assert_eq!(
            report_table(&[report, guest]),
            "Number  Day         Reported  For      By    Heard it too  Outcome\n\
             123456  2026-11-22  @ben      threats  @ann  @cem @dan     open\n\
             123456  2026-11-22  a guest   threats                      open\n"
        );
    }
}
