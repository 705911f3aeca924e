//! My reports, and what became of them. They are made in rooms.

use axum::Json;
use axum::http::StatusCode;
use keeper_api::{MemberRequest, Reply};
use protocol::ErrorCode;
use protocol::id::ReportNumber;
use protocol::order::MyReport;

use super::address::Path;
use super::error::Refusal;
use super::session::Member;

/// `GET /api/v1/reports`
pub(crate) async fn list(member: Member) -> Result<Json<Vec<MyReport>>, Refusal> {
    match member.ask(MemberRequest::ListReports).await? {
        Reply::Reports(reports) => Ok(Json(reports)),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `DELETE /api/v1/reports/NUMBER`: I have read what became of it.
pub(crate) async fn put_away(member: Member, Path(number): Path<String>) -> Result<StatusCode, Refusal> {
    let report = ReportNumber(number.parse().map_err(|_| ErrorCode::NotThere)?);
    member.ask(MemberRequest::PutReportAway { report }).await?;
    Ok(StatusCode::NO_CONTENT)
}
