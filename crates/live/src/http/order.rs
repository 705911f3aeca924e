//! Order, for whoever runs the server. Whether that is who asks, the keeper looks at; here nothing is decided.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use keeper_api::{MemberRequest, OrderRequest, Reply};
use protocol::ErrorCode;
use protocol::id::ReportNumber;
use protocol::order::{Decide, OrderPage};

use super::App;
use super::address::Path;
use super::body::Body;
use super::error::Refusal;
use super::limit::Class;
use super::people::parse;
use super::session::{Asker, Member};

/// `GET /api/v1/order`
pub(crate) async fn look(
    State(app): State<App>,
    member: Member,
    asker: Asker,
) -> Result<Json<OrderPage>, Refusal> {
    asker.count(Class::Member)?;
    match member.ask(MemberRequest::Order(OrderRequest::Look)).await? {
        Reply::Order(kept) => Ok(Json(OrderPage { kept: *kept, put_out: app.put_out.look(Instant::now()) })),
        _ => Err(Refusal(ErrorCode::Internal)),
    }
}

/// `POST /api/v1/order/reports/NUMBER`
pub(crate) async fn decide(
    member: Member,
    Path(number): Path<String>,
    Body(Decide { measure }): Body<Decide>,
) -> Result<StatusCode, Refusal> {
    let report = ReportNumber(number.parse().map_err(|_| ErrorCode::NotThere)?);
    done(&member, OrderRequest::Decide { report, measure }).await
}

/// `PUT /api/v1/order/suspended/HANDLE`
pub(crate) async fn suspend(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(&member, OrderRequest::Suspend { handle: parse(&handle)? }).await
}

/// `DELETE /api/v1/order/suspended/HANDLE`
pub(crate) async fn unsuspend(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(&member, OrderRequest::Unsuspend { handle: parse(&handle)? }).await
}

/// `PUT /api/v1/order/paused/HANDLE`
pub(crate) async fn pause(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(&member, OrderRequest::PauseBranch { handle: parse(&handle)? }).await
}

/// `DELETE /api/v1/order/paused/HANDLE`
pub(crate) async fn resume(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(&member, OrderRequest::ResumeBranch { handle: parse(&handle)? }).await
}

/// `PUT /api/v1/order/protected/HANDLE`
pub(crate) async fn protect(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(&member, OrderRequest::Protect { handle: parse(&handle)? }).await
}

/// `DELETE /api/v1/order/protected/HANDLE`
pub(crate) async fn unprotect(member: Member, Path(handle): Path<String>) -> Result<StatusCode, Refusal> {
    done(&member, OrderRequest::Unprotect { handle: parse(&handle)? }).await
}

async fn done(member: &Member, request: OrderRequest) -> Result<StatusCode, Refusal> {
    member.ask(MemberRequest::Order(request)).await?;
    Ok(StatusCode::NO_CONTENT)
}
