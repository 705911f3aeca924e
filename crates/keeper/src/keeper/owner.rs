//! Order as whoever runs the server keeps it from their own page. The shell does the same in [`super::order`].

use keeper_api::{OrderRequest, Push, Reply};
use protocol::account::{Me, Role};
use protocol::id::ReportNumber;
use protocol::limits::{ORDER_PEOPLE_MAX, ORDER_REPORTS_MAX};
use protocol::order::{Measure, OrderView, ReportOutcome};
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};
use store::{Day, StoreError};

use super::{Aside, Keeper, person};
use crate::error::Refusal;
use crate::rates::Rate;

impl Keeper {
    /// Who asks is looked at before what they ask about: everybody else is told the same, whatever there is.
    pub(super) async fn order(
        &self,
        me: &Me,
        request: OrderRequest,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        if me.role != Role::Owner {
            return Err(ErrorCode::NotAllowed.into());
        }
        if request == OrderRequest::Look {
            self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
            return Ok(Reply::Order(Box::new(self.order_view().await?)));
        }
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        match request {
            OrderRequest::Look => {}
            OrderRequest::Decide { report, measure } => self.decide(me, report, measure, now, aside).await?,
            OrderRequest::Suspend { handle } => self.suspend(&handle, aside).await?,
            OrderRequest::Unsuspend { handle } => self.store.unsuspend(&handle).await?,
            OrderRequest::PauseBranch { handle } => self.pause_branch(&handle, aside).await?,
            OrderRequest::ResumeBranch { handle } => {
                let branch = self.store.resume_branch(&handle).await?;
                aside.pushes.push(Push::AccountChanged { member: branch.root });
            }
            OrderRequest::Protect { handle } => aside.reaches(self.store.protect(&handle).await?),
            OrderRequest::Unprotect { handle } => aside.reaches(self.store.unprotect(&handle).await?),
        }
        // Their other screens show it as it was.
        aside.pushes.push(Push::AccountChanged { member: me.id });
        Ok(Reply::Done)
    }

    async fn order_view(&self) -> Result<OrderView, Refusal> {
        Ok(OrderView {
            reports: self.store.open_reports(ORDER_REPORTS_MAX).await?,
            suspended: self.store.suspended(ORDER_PEOPLE_MAX).await?,
            paused: self.store.paused(ORDER_PEOPLE_MAX).await?,
            protected: self.store.protected(ORDER_PEOPLE_MAX).await?,
            counts: self.store.counts().await?,
        })
    }

    /// First the measure, then the word that there was one: whoever crashes between the two leaves a report that is still
    /// open, and deciding it again changes nothing more.
    async fn decide(
        &self,
        me: &Me,
        report: ReportNumber,
        measure: Measure,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<(), Refusal> {
        let (about, outcome) = self.store.report_about(report).await?;
        if about.as_ref() == Some(&me.handle) {
            // What they are not shown is, for them, not there.
            return Err(StoreError::NotThere.into());
        }
        if outcome != ReportOutcome::Open {
            return Err(ErrorCode::NotNow.into());
        }
        let decided = match measure {
            Measure::Dismiss => ReportOutcome::NothingDone,
            Measure::SettleOtherwise => ReportOutcome::ActedOn,
            Measure::Suspend => {
                self.suspend(&somebody(about)?, aside).await?;
                ReportOutcome::ActedOn
            }
            Measure::PauseBranch => {
                self.pause_branch(&somebody(about)?, aside).await?;
                ReportOutcome::ActedOn
            }
        };
        let concerned = self.store.decide_report(report, decided, Day::of(now)).await?;
        aside.pushes.extend(concerned.into_iter().map(|one| Push::MemberChanged(person(one))));
        Ok(())
    }

    async fn suspend(&self, handle: &Handle, aside: &mut Aside) -> Result<(), Refusal> {
        let suspended = self.store.suspend(handle).await?;
        aside.end(suspended.member, &suspended.ended);
        Ok(())
    }

    async fn pause_branch(&self, handle: &Handle, aside: &mut Aside) -> Result<(), Refusal> {
        let branch = self.store.pause_branch(handle).await?;
        aside.pushes.push(Push::AccountChanged { member: branch.root });
        Ok(())
    }
}

/// A guest has no account that anything could be done about.
fn somebody(about: Option<Handle>) -> Result<Handle, Refusal> {
    about.ok_or_else(|| ErrorCode::PersonGone.into())
}
