//! From columns to types. A row that this release could not have written is an error, never a guess.

use protocol::account::{DeviceLabel, Role};
use protocol::id::PictureId;
use protocol::limits::NEWCOMER_DAYS;
use protocol::text::{DisplayName, Handle};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::error::StoreError;
use crate::types::Day;

pub(crate) type Row = SqliteRow;

pub(crate) fn id(row: &Row, column: &'static str) -> Result<[u8; 16], StoreError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    bytes.try_into().map_err(|_| StoreError::Unreadable(column))
}

pub(crate) fn id_or_none(row: &Row, column: &'static str) -> Result<Option<[u8; 16]>, StoreError> {
    let bytes: Option<Vec<u8>> = row.try_get(column)?;
    bytes.map(|bytes| bytes.try_into().map_err(|_| StoreError::Unreadable(column))).transpose()
}

/// From the column of that name.
pub(crate) fn picture(row: &Row) -> Result<Option<PictureId>, StoreError> {
    Ok(id_or_none(row, "picture")?.map(PictureId))
}

pub(crate) fn handle(row: &Row, column: &'static str) -> Result<Handle, StoreError> {
    let text: String = row.try_get(column)?;
    Handle::parse(&text).map_err(|_| StoreError::Unreadable(column))
}

pub(crate) fn handle_or_none(row: &Row, column: &'static str) -> Result<Option<Handle>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| Handle::parse(&text).map_err(|_| StoreError::Unreadable(column))).transpose()
}

pub(crate) fn name(row: &Row, column: &'static str) -> Result<DisplayName, StoreError> {
    let text: String = row.try_get(column)?;
    DisplayName::parse(&text).map_err(|_| StoreError::Unreadable(column))
}

pub(crate) fn name_or_none(row: &Row, column: &'static str) -> Result<Option<DisplayName>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| DisplayName::parse(&text).map_err(|_| StoreError::Unreadable(column))).transpose()
}

pub(crate) fn number(row: &Row, column: &'static str) -> Result<u32, StoreError> {
    let number: i64 = row.try_get(column)?;
    u32::try_from(number).map_err(|_| StoreError::Unreadable(column))
}

pub(crate) fn number_or_none(row: &Row, column: &'static str) -> Result<Option<u32>, StoreError> {
    let number: Option<i64> = row.try_get(column)?;
    number.map(|number| u32::try_from(number).map_err(|_| StoreError::Unreadable(column))).transpose()
}

/// Whether somebody came less than a week before today, on the day in this column.
pub(crate) fn is_newcomer(row: &Row, column: &'static str, today: Day) -> Result<bool, StoreError> {
    Ok(today.0.saturating_sub(number(row, column)?) < NEWCOMER_DAYS)
}

pub(crate) fn role(row: &Row, column: &'static str) -> Result<Role, StoreError> {
    match number(row, column)? {
        OWNER => Ok(Role::Owner),
        MEMBER => Ok(Role::Member),
        _ => Err(StoreError::Unreadable(column)),
    }
}

const OWNER: u32 = 0;
const MEMBER: u32 = 1;

pub(crate) fn role_sql(role: Role) -> i64 {
    i64::from(match role {
        Role::Owner => OWNER,
        Role::Member => MEMBER,
    })
}

/// The numbers of the labels in the database; never reused.
const DEVICES: [(DeviceLabel, u32); 7] = [
    (DeviceLabel::Other, 0),
    (DeviceLabel::AppleMobile, 1),
    (DeviceLabel::Android, 2),
    (DeviceLabel::Mac, 3),
    (DeviceLabel::Windows, 4),
    (DeviceLabel::Linux, 5),
    (DeviceLabel::Terminal, 6),
];

pub(crate) fn device(row: &Row, column: &'static str) -> Result<DeviceLabel, StoreError> {
    let stored = number(row, column)?;
    let known = DEVICES.iter().find(|(_, number)| *number == stored);
    known.map(|(label, _)| *label).ok_or(StoreError::Unreadable(column))
}

pub(crate) fn device_sql(device: DeviceLabel) -> i64 {
    DEVICES.iter().find(|(label, _)| *label == device).map_or(0, |(_, number)| i64::from(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_label_has_a_number_of_its_own() {
        let all = [
            DeviceLabel::AppleMobile,
            DeviceLabel::Android,
            DeviceLabel::Mac,
            DeviceLabel::Windows,
            DeviceLabel::Linux,
            DeviceLabel::Terminal,
            DeviceLabel::Other,
        ];
        let numbers: std::collections::BTreeSet<i64> = all.into_iter().map(device_sql).collect();
        assert_eq!(numbers.len(), all.len());
    }
}
