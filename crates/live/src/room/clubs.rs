//! What a room asks the keeper of its club, and tells it.

use keeper_api::{ClubRoll, Reply};
use protocol::ErrorCode;
use protocol::club::BanPeriod;
use protocol::id::{ClubId, MemberId};
use rooms::Club;

use crate::keeper::Keeper;
use crate::limits::FOLLOWS_RETRY_PERIOD;

/// What is true of a club, asked until there is an answer; none of one that was dissolved.
pub(super) async fn now(keeper: &Keeper, club: ClubId) -> Option<Club> {
    loop {
        if let Ok(Reply::ClubRoll(roll)) = keeper.ask(keeper_api::Request::ClubRoll { club }).await {
            let ClubRoll { name, picture, people, banned } = *roll?;
            let people = people.into_iter().map(|one| (one.member, one.standing)).collect();
            return Some(Club { name, picture, people, banned: banned.into_iter().collect() });
        }
        tokio::time::sleep(FOLLOWS_RETRY_PERIOD).await;
    }
}

/// Said until the keeper has heard it, whatever becomes of the room. A refusal is an answer: they may be an admin by now, or
/// the other be none any more.
pub(super) async fn ban(keeper: Keeper, club: ClubId, by: MemberId, member: MemberId, period: BanPeriod) {
    let request = || keeper_api::Request::BanFromClub { club, by, member, period };
    while keeper.ask(request()).await == Err(ErrorCode::Busy) {
        tokio::time::sleep(FOLLOWS_RETRY_PERIOD).await;
    }
}
