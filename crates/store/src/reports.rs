//! Reports, and what became of them.

use protocol::account::Role;
use protocol::id::{MemberId, ReportNumber};
use protocol::limits::{REPORT_KEPT_DAYS, REPORTS_OPEN_MAX, SIGNED_SHOWN_MAX};
use protocol::order::{MyReport, OpenReport, ReportOutcome, ReportPart, ReportReason};
use protocol::text::Handle;
use sqlx::{Row as _, SqliteConnection};

use crate::counts::{self, Count};
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::limits::REPORT_OPEN_DAYS;
use crate::types::{Day, Person};
use crate::{members, rows};

/// A report to be. Guests have no account to be named by.
#[derive(Debug, Clone)]
pub struct NewReport {
    pub reporter: Option<MemberId>,
    pub reported: Option<MemberId>,
    pub reason: ReportReason,
    /// Who heard it too.
    pub heard: Vec<MemberId>,
    pub day: Day,
}

/// One line of the administrators' list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedReport {
    pub number: ReportNumber,
    pub reporter: Option<Handle>,
    pub reported: Option<Handle>,
    pub reason: ReportReason,
    pub day: Day,
    pub outcome: ReportOutcome,
    pub heard: Vec<Handle>,
}

impl Store {
    /// Keeps a report under the first of these numbers that is free, unless it is under one before that already: then it was
    /// brought before, and not answered. Whoever has no account any more is left out; of
    /// somebody who was reported and has none, nothing is kept.
    ///
    /// # Errors
    /// [`StoreError::Full`] where too many reports of this member are open, or no number is free.
    pub async fn put_report(&self, numbers: &[ReportNumber], report: &NewReport) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        if let Some(reported) = report.reported
            && !exists(&mut tx, reported).await?
        {
            return Ok(());
        }
        if let Some(reporter) = report.reporter {
            let open: i64 =
                sqlx::query("SELECT COUNT(*) AS open FROM reports WHERE reporter = $1 AND outcome = 0")
                    .bind(reporter.0.as_slice())
                    .fetch_one(&mut *tx)
                    .await?
                    .try_get("open")?;
            if usize::try_from(open).is_ok_and(|open| open >= REPORTS_OPEN_MAX) {
                return Err(StoreError::Full);
            }
        }
        let Some(number) = insert(&mut tx, numbers, report).await? else { return Ok(()) };
        for member in &report.heard {
            sqlx::query(
                "INSERT INTO report_signatures (report, member) SELECT $1, id FROM members WHERE id = $2 \
                 ON CONFLICT DO NOTHING",
            )
            .bind(i64::from(number.0))
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        }
        // The owner reads the count, and would know.
        if !is_owner(&mut tx, report.reported).await? {
            counts::add(&mut tx, Count::Reports).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Those that one member made or signed and has not put away, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn reports_of(&self, member: MemberId) -> Result<Vec<MyReport>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut all = of(&mut connection, member, ReportPart::Made).await?;
        all.extend(of(&mut connection, member, ReportPart::Heard).await?);
        all.sort_by_key(|report| std::cmp::Reverse(report.day));
        Ok(all)
    }

    /// Whoever made or signed it has read what became of it: from now on nothing says that they did.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] for one that is not theirs, or is still open.
    pub async fn put_report_away(&self, member: MemberId, number: ReportNumber) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let mut done = 0;
        for sql in [
            "UPDATE reports SET reporter = NULL WHERE number = $1 AND reporter = $2 AND outcome <> 0",
            "DELETE FROM report_signatures WHERE report = $1 AND member = $2 \
             AND EXISTS(SELECT 1 FROM reports r WHERE r.number = $1 AND r.outcome <> 0)",
        ] {
            let rows = sqlx::query(sql).bind(i64::from(number.0)).bind(member.0.as_slice());
            done += rows.execute(&mut *tx).await?.rows_affected();
        }
        if done == 0 {
            return Err(StoreError::NotThere);
        }
        tx.commit().await?;
        Ok(())
    }

    /// All reports by number, after this one, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn list_reports(
        &self,
        after: Option<ReportNumber>,
        count: usize,
    ) -> Result<Vec<ListedReport>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT r.number, r.reason, r.day, r.outcome, b.handle AS reporter, m.handle AS reported \
             FROM reports r LEFT JOIN members b ON b.id = r.reporter LEFT JOIN members m ON m.id = r.reported \
             WHERE r.number > $1 ORDER BY r.number LIMIT $2",
        )
        .bind(after.map_or(-1, |after| i64::from(after.0)))
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(&mut *connection)
        .await?;
        let mut listed = Vec::new();
        for row in &found {
            let number = ReportNumber(rows::number(row, "number")?);
            let heard = heard(&mut connection, number).await?;
            listed.push(ListedReport {
                number,
                reporter: rows::handle_or_none(row, "reporter")?,
                reported: rows::handle_or_none(row, "reported")?,
                reason: reason(row)?,
                day: Day(rows::number(row, "day")?),
                outcome: outcome(row)?,
                heard,
            });
        }
        Ok(listed)
    }

    /// Reports that nobody has decided, those that wait longest first, at most `count`; for the owner, so without those
    /// about the owner: whoever was reported is told nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn open_reports(&self, count: usize) -> Result<Vec<OpenReport>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT r.number, r.reason, r.day, b.handle AS reporter, m.handle AS reported \
             FROM reports r LEFT JOIN members b ON b.id = r.reporter LEFT JOIN members m ON m.id = r.reported \
             WHERE r.outcome = 0 AND (m.role IS NULL OR m.role <> $2) ORDER BY r.day, r.number LIMIT $1",
        )
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .bind(rows::role_sql(Role::Owner))
        .fetch_all(&mut *connection)
        .await?;
        let mut open = Vec::new();
        for row in &found {
            let number = ReportNumber(rows::number(row, "number")?);
            open.push(OpenReport {
                number,
                reporter: rows::handle_or_none(row, "reporter")?,
                reported: rows::handle_or_none(row, "reported")?,
                reason: reason(row)?,
                day: rows::number(row, "day")?,
                heard: heard(&mut connection, number).await?,
            });
        }
        Ok(open)
    }

    /// Whom a report is about, none for a guest; and what became of it.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn report_about(
        &self,
        number: ReportNumber,
    ) -> Result<(Option<Handle>, ReportOutcome), StoreError> {
        let row = sqlx::query(
            "SELECT r.outcome, m.handle AS reported FROM reports r LEFT JOIN members m ON m.id = r.reported \
             WHERE r.number = $1",
        )
        .bind(i64::from(number.0))
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::NotThere)?;
        Ok((rows::handle_or_none(&row, "reported")?, outcome(&row)?))
    }

    /// Decides a report, or decides it anew; gives those who are to hear of it: whoever made it, and whoever heard it too.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn decide_report(
        &self,
        number: ReportNumber,
        decided: ReportOutcome,
        today: Day,
    ) -> Result<Vec<Person>, StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query("SELECT outcome, reporter, reported FROM reports WHERE number = $1")
            .bind(i64::from(number.0))
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::NotThere)?;
        let count = match decided {
            ReportOutcome::Open => None,
            ReportOutcome::ActedOn => Some(Count::ActedOn),
            ReportOutcome::NothingDone => Some(Count::NothingDone),
        };
        let about = rows::id_or_none(&row, "reported")?.map(MemberId);
        if let (ReportOutcome::Open, Some(count)) = (outcome(&row)?, count)
            && !is_owner(&mut tx, about).await?
        {
            counts::add(&mut tx, count).await?;
        }
        let kept = if decided == ReportOutcome::Open { REPORT_OPEN_DAYS } else { REPORT_KEPT_DAYS };
        sqlx::query("UPDATE reports SET outcome = $2, forget_day = $3 WHERE number = $1")
            .bind(i64::from(number.0))
            .bind(outcome_sql(decided))
            .bind(i64::from(today.0.saturating_add(kept)))
            .execute(&mut *tx)
            .await?;
        let mut concerned: Vec<MemberId> =
            rows::id_or_none(&row, "reporter")?.map(MemberId).into_iter().collect();
        let signed = sqlx::query("SELECT member FROM report_signatures WHERE report = $1 ORDER BY member")
            .bind(i64::from(number.0))
            .fetch_all(&mut *tx)
            .await?;
        for row in &signed {
            concerned.push(MemberId(rows::id(row, "member")?));
        }
        let mut people = Vec::new();
        for member in concerned {
            people.extend(members::person_of(&mut tx, member).await?);
        }
        tx.commit().await?;
        Ok(people)
    }
}

/// Those that one member made, or signed, and has not put away: the newest first.
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    member: MemberId,
    part: ReportPart,
) -> Result<Vec<MyReport>, StoreError> {
    let sql = match part {
        ReportPart::Made => {
            "SELECT r.number, r.reason, r.day, r.outcome, m.handle AS reported FROM reports r \
             LEFT JOIN members m ON m.id = r.reported WHERE r.reporter = $1 ORDER BY r.day DESC, r.number"
        }
        ReportPart::Heard => {
            "SELECT r.number, r.reason, r.day, r.outcome, m.handle AS reported FROM report_signatures s \
             JOIN reports r ON r.number = s.report LEFT JOIN members m ON m.id = r.reported \
             WHERE s.member = $1 ORDER BY r.day DESC, r.number LIMIT $2"
        }
    };
    let mut query = sqlx::query(sql).bind(member.0.as_slice());
    if part == ReportPart::Heard {
        query = query.bind(i64::try_from(SIGNED_SHOWN_MAX).unwrap_or(i64::MAX));
    }
    let found = query.fetch_all(connection).await?;
    let read = |row: &rows::Row| {
        Ok(MyReport {
            number: ReportNumber(rows::number(row, "number")?),
            part,
            reported: rows::handle_or_none(row, "reported")?,
            reason: reason(row)?,
            day: rows::number(row, "day")?,
            outcome: outcome(row)?,
        })
    };
    found.iter().map(read).collect()
}

/// Clears away what nobody needs any more.
pub(crate) async fn sweep(tx: &mut Tx, today: Day) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM reports WHERE forget_day <= $1").bind(today.sql()).execute(&mut **tx).await?;
    Ok(())
}

/// How many nobody has decided, of those that the owner sees.
pub(crate) async fn open(connection: &mut SqliteConnection) -> Result<u32, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS open FROM reports r LEFT JOIN members m ON m.id = r.reported \
         WHERE r.outcome = 0 AND (m.role IS NULL OR m.role <> $1)",
    )
    .bind(rows::role_sql(Role::Owner))
    .fetch_one(connection)
    .await?;
    rows::number(&row, "open")
}

/// Who heard it too.
async fn heard(connection: &mut SqliteConnection, number: ReportNumber) -> Result<Vec<Handle>, StoreError> {
    let found = sqlx::query(
        "SELECT m.handle FROM report_signatures s JOIN members m ON m.id = s.member \
         WHERE s.report = $1 ORDER BY m.handle",
    )
    .bind(i64::from(number.0))
    .fetch_all(connection)
    .await?;
    found.iter().map(|row| rows::handle(row, "handle")).collect()
}

async fn exists(tx: &mut Tx, member: MemberId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT EXISTS(SELECT 1 FROM members WHERE id = $1) AS there")
        .bind(member.0.as_slice())
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get("there")?)
}

async fn is_owner(tx: &mut Tx, member: Option<MemberId>) -> Result<bool, StoreError> {
    let Some(member) = member else { return Ok(false) };
    let row = sqlx::query("SELECT EXISTS(SELECT 1 FROM members WHERE id = $1 AND role = $2) AS there")
        .bind(member.0.as_slice())
        .bind(rows::role_sql(Role::Owner))
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get("there")?)
}

/// None where it is there.
async fn insert(
    tx: &mut Tx,
    numbers: &[ReportNumber],
    report: &NewReport,
) -> Result<Option<ReportNumber>, StoreError> {
    for number in numbers {
        let done = sqlx::query(
            "INSERT INTO reports (number, reporter, reported, reason, day, outcome, forget_day) \
             VALUES ($1, (SELECT id FROM members WHERE id = $2), $3, $4, $5, 0, $6) ON CONFLICT DO NOTHING",
        )
        .bind(i64::from(number.0))
        .bind(report.reporter.map(|member| member.0.to_vec()))
        .bind(report.reported.map(|member| member.0.to_vec()))
        .bind(reason_sql(report.reason))
        .bind(report.day.sql())
        .bind(i64::from(report.day.0.saturating_add(REPORT_OPEN_DAYS)))
        .execute(&mut **tx)
        .await?;
        if done.rows_affected() == 1 {
            return Ok(Some(*number));
        }
        if is_this(tx, *number, report).await? {
            return Ok(None);
        }
    }
    Err(StoreError::Full)
}

/// Whether it is this report that is open under that number.
async fn is_this(tx: &mut Tx, number: ReportNumber, report: &NewReport) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT EXISTS(SELECT 1 FROM reports WHERE number = $1 AND outcome = 0 AND reason = $2 \
         AND reported IS NOT DISTINCT FROM $3 \
         AND reporter IS NOT DISTINCT FROM (SELECT id FROM members WHERE id = $4)) AS there",
    )
    .bind(i64::from(number.0))
    .bind(reason_sql(report.reason))
    .bind(report.reported.map(|member| member.0.to_vec()))
    .bind(report.reporter.map(|member| member.0.to_vec()))
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.try_get("there")?)
}

/// The numbers of the reasons in the database; never reused.
const REASONS: [(ReportReason, u32); 7] = [
    (ReportReason::Other, 0),
    (ReportReason::Harassment, 1),
    (ReportReason::Hate, 2),
    (ReportReason::Threats, 3),
    (ReportReason::Sexual, 4),
    (ReportReason::Spam, 5),
    (ReportReason::Impersonation, 6),
];

fn reason(row: &rows::Row) -> Result<ReportReason, StoreError> {
    let stored = rows::number(row, "reason")?;
    let known = REASONS.iter().find(|(_, number)| *number == stored);
    known.map(|(reason, _)| *reason).ok_or(StoreError::Unreadable("reason"))
}

fn reason_sql(reason: ReportReason) -> i64 {
    REASONS.iter().find(|(known, _)| *known == reason).map_or(0, |(_, number)| i64::from(*number))
}

fn outcome(row: &rows::Row) -> Result<ReportOutcome, StoreError> {
    match rows::number(row, "outcome")? {
        0 => Ok(ReportOutcome::Open),
        1 => Ok(ReportOutcome::ActedOn),
        2 => Ok(ReportOutcome::NothingDone),
        _ => Err(StoreError::Unreadable("outcome")),
    }
}

fn outcome_sql(outcome: ReportOutcome) -> i64 {
    match outcome {
        ReportOutcome::Open => 0,
        ReportOutcome::ActedOn => 1,
        ReportOutcome::NothingDone => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_number_of_its_own() {
        let numbers: std::collections::BTreeSet<i64> =
            ReportReason::ALL.into_iter().map(reason_sql).collect();
        assert_eq!(numbers.len(), ReportReason::ALL.len());
    }
}
