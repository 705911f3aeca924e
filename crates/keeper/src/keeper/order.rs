//! What keeps order: reports, and everything that the administrators ask and do.

use keeper_api::admin::{AdminMember, AdminReply, AdminReport, AdminRequest, Branch, Standing};
use keeper_api::limits::{ADMIN_PAGE, HEARD_MAX, NUMBERS_MAX, REPORTS_PAGE, TYPED_BYTES_MAX};
use keeper_api::parent::FromKeeper;
use keeper_api::{ColumnName, LinkSecret, Push, Reply, Reported};
use protocol::account::LinkKind;
use protocol::id::{MemberId, ReportNumber};
use protocol::limits::{OWNER_LINK_PERIOD, SIGNIN_LINK_PERIOD};
use protocol::{ErrorCode, Timestamp};
use store::{Allowance, BranchOf, Day, Listed, ListedReport, NewLink, NewReport, StoreError};

use super::{Aside, Keeper, owner_link, person};
use crate::error::Refusal;
use crate::rates::Rate;
use crate::remembered::Touched;
use crate::secrets::{hashed, random};

/// What came of something that the administrators did.
#[derive(Debug)]
pub(crate) struct Administrated {
    pub(crate) reply: AdminReply,
    /// For the parent.
    pub(crate) word: Option<FromKeeper>,
    /// For `live`.
    pub(crate) pushes: Vec<Push>,
}

impl From<AdminReply> for Administrated {
    fn from(reply: AdminReply) -> Self {
        Self { reply, word: None, pushes: Vec::new() }
    }
}

impl Keeper {
    /// From a room, when nobody can sign it any more. Of nobody who is called so nothing is kept, as of nobody who had that id.
    pub(super) async fn report(
        &self,
        numbers: &[ReportNumber],
        mut report: NewReport,
        reported: Option<Reported>,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        if report.heard.len() > HEARD_MAX || numbers.len() > NUMBERS_MAX {
            return Err(ErrorCode::TooLarge.into());
        }
        report.reported = match reported {
            None => None,
            Some(Reported::Member(member)) => Some(member),
            Some(Reported::Called(handle)) => match self.store.called(&handle).await? {
                Some(member) => Some(member),
                None => return Ok(Reply::Done),
            },
        };
        // A room tells by the handle that somebody who had left is none of these; it cannot where whoever is called so now is
        // somebody else than then.
        if report.reported.is_some() && report.reported == report.reporter {
            return Ok(Reply::Done);
        }
        report.heard.retain(|heard| Some(*heard) != report.reported);
        if let Some(reporter) = report.reporter {
            self.rates.borrow_mut().count(Rate::Report, reporter, now)?;
        }
        let owner = self.keep(numbers, &report).await.inspect_err(|_| {
            // What could not be kept is brought again, and must not be refused then for being brought often.
            if let Some(reporter) = report.reporter {
                self.rates.borrow_mut().give_back(Rate::Report, reporter);
            }
        })?;
        // Whoever was reported is told nothing, the owner neither.
        if let Some(owner) = owner.filter(|owner| report.reported != Some(*owner)) {
            self.forget(Touched::Member(owner));
            aside.pushes.push(Push::AccountChanged { member: owner });
        }
        Ok(Reply::Done)
    }

    /// Gives whoever runs the server.
    async fn keep(
        &self,
        numbers: &[ReportNumber],
        report: &NewReport,
    ) -> Result<Option<MemberId>, StoreError> {
        let owner = self.store.owner().await?;
        self.store.put_report(numbers, report).await?;
        Ok(owner)
    }

    /// What the administrator's shell asks, in a turn of its own.
    pub(crate) async fn administrate(
        &self,
        request: AdminRequest,
        now: Timestamp,
    ) -> Result<Administrated, Refusal> {
        let reply = self.do_administrate(request, now).await;
        // Rare enough: nobody has to know what of it anybody remembers.
        self.forget(Touched::Everything);
        reply
    }

    async fn do_administrate(&self, request: AdminRequest, now: Timestamp) -> Result<Administrated, Refusal> {
        match request {
            AdminRequest::Invite { uses } => self.invite_for_the_server(uses, now).await,
            AdminRequest::ListMembers { after } => {
                let members = self.store.list(after.as_ref(), ADMIN_PAGE).await?;
                Ok(AdminReply::Members(members.into_iter().map(line).collect()).into())
            }
            AdminRequest::Columns => Ok(AdminReply::Columns(named(&self.store.columns().await?)).into()),
            AdminRequest::SigninLink { handle } => {
                let secret = LinkSecret::from_random(random());
                let expires = now.plus(SIGNIN_LINK_PERIOD);
                let link = NewLink { token: hashed(secret.as_bytes()), expires };
                self.store.put_signin_link(&handle, link).await?;
                Ok(AdminReply::Link { kind: LinkKind::SignIn, secret, expires }.into())
            }
            AdminRequest::Suspend { handle } => {
                let suspended = self.store.suspend(&handle).await?;
                let mut aside = Aside::default();
                aside.end(suspended.member, &suspended.ended);
                let sessions = u32::try_from(suspended.ended.len()).unwrap_or(u32::MAX);
                Ok(Administrated { reply: AdminReply::Ended { sessions }, word: None, pushes: aside.pushes })
            }
            AdminRequest::Unsuspend { handle } => {
                self.store.unsuspend(&handle).await?;
                Ok(AdminReply::Done.into())
            }
            AdminRequest::Protect { handle } => Ok(of_protected(self.store.protect(&handle).await?)),
            AdminRequest::Unprotect { handle } => Ok(of_protected(self.store.unprotect(&handle).await?)),
            AdminRequest::MakeOwner { handle } => {
                self.store.make_owner(&handle).await?;
                Ok(AdminReply::Done.into())
            }
            AdminRequest::PauseBranch { handle } => Ok(of_branch(self.store.pause_branch(&handle).await?)),
            AdminRequest::ResumeBranch { handle } => Ok(of_branch(self.store.resume_branch(&handle).await?)),
            AdminRequest::ListReports { after } => {
                let reports = self.store.list_reports(after, REPORTS_PAGE).await?;
                Ok(AdminReply::Reports(reports.into_iter().map(report).collect()).into())
            }
            AdminRequest::Resolve { report, outcome } => {
                let concerned = self.store.decide_report(report, outcome, Day::of(now)).await?;
                let pushes = concerned.into_iter().map(|one| Push::MemberChanged(person(one))).collect();
                Ok(Administrated { reply: AdminReply::Done, word: None, pushes })
            }
            AdminRequest::Counts => Ok(AdminReply::Counts(self.store.counts().await?).into()),
        }
    }

    async fn invite_for_the_server(&self, uses: u32, now: Timestamp) -> Result<Administrated, Refusal> {
        match self.store.owner().await? {
            Some(owner) => {
                let link = self.invite(owner, uses, None, Allowance::Free, now).await?;
                let (kind, secret, expires) = (LinkKind::Invite, link.secret, link.expires);
                Ok(AdminReply::Link { kind, secret, expires }.into())
            }
            None => {
                let secret = owner_link(&self.store, now).await?.ok_or(ErrorCode::NotNow)?;
                let word = FromKeeper::Owner(Some(secret.clone()));
                let expires = now.plus(OWNER_LINK_PERIOD);
                let reply = AdminReply::Link { kind: LinkKind::Owner, secret, expires };
                Ok(Administrated { reply, word: Some(word), pushes: Vec::new() })
            }
        }
    }
}

/// What is kept about its root is another now.
fn of_branch(branch: BranchOf) -> Administrated {
    let reply = AdminReply::Branch { members: branch.members };
    Administrated { reply, word: None, pushes: vec![Push::AccountChanged { member: branch.root }] }
}

/// Rooms ask how far their blocks go.
fn of_protected(member: MemberId) -> Administrated {
    let mut aside = Aside::default();
    aside.reaches(member);
    Administrated { reply: AdminReply::Done, word: None, pushes: aside.pushes }
}

fn line(member: Listed) -> AdminMember {
    AdminMember {
        handle: member.handle,
        name: member.name,
        role: member.role,
        day: member.day.0,
        invited_by: member.invited_by,
        standing: match member.standing {
            store::Standing::Good => Standing::Good,
            store::Standing::Suspended => Standing::Suspended,
        },
        branch: match member.branch {
            store::Branch::Open => Branch::Open,
            store::Branch::Paused => Branch::Paused,
        },
    }
}

fn report(listed: ListedReport) -> AdminReport {
    let ListedReport { number, reporter, reported, reason, day, outcome, heard } = listed;
    AdminReport { number, reporter, reported, reason, day: day.0, outcome, heard }
}

/// Characters of a column's name that are told: four bytes each at most.
const COLUMN_SHOWN: usize = TYPED_BYTES_MAX / 4;

/// One of ours is short; any other is known by its beginning.
fn named(columns: &[String]) -> Vec<ColumnName> {
    let beginnings = columns.iter().map(|column| column.chars().take(COLUMN_SHOWN).collect::<String>());
    beginnings.filter_map(|column| ColumnName::new(column).ok()).collect()
}
