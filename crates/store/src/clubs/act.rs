//! What those who keep order in a club may do about whom, and what comes of it. No database in here.

use protocol::club::{ClubAct, ClubStanding};

use crate::error::StoreError;

/// What comes of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// They are this from now on; a stranger is nothing.
    Become(ClubStanding),
    /// They are nothing to it, and do not come back until a day, if there is one.
    Ban { days: Option<u32> },
    /// They may come again.
    LiftBan,
    /// They are asked to take the club over, and nobody else is.
    Offer,
    /// Nobody is.
    WithdrawOffer,
}

/// What `actor` may do about somebody who is `target`.
pub(super) fn deed(actor: ClubStanding, target: ClubStanding, act: ClubAct) -> Result<Deed, StoreError> {
    use ClubStanding::{Admin, Asking, Follower, Invited, Member, Owner, Stranger};
    if !actor.keeps_order() {
        return Err(StoreError::NotAllowed);
    }
    // Whoever runs it is set above its admins, and those above nobody but members.
    let above = target < Admin || (actor == Owner && target < Owner);
    match (act, target) {
        (ClubAct::LetIn, Asking) => Ok(Deed::Become(Member)),
        (ClubAct::Decline, Asking | Invited) => Ok(Deed::Become(Stranger)),
        (ClubAct::Invite, Stranger | Follower) => Ok(Deed::Become(Invited)),
        (ClubAct::Invite, Asking) => Ok(Deed::Become(Member)),
        (ClubAct::MakeAdmin, Member) if actor == Owner => Ok(Deed::Become(Admin)),
        (ClubAct::UnmakeAdmin, Admin) if actor == Owner => Ok(Deed::Become(Member)),
        (ClubAct::Remove, Member | Admin) if above => Ok(Deed::Become(Stranger)),
        (ClubAct::Ban(period), _) if above => Ok(Deed::Ban { days: period.days() }),
        (ClubAct::LiftBan, _) => Ok(Deed::LiftBan),
        (ClubAct::Offer, Member | Admin) if actor == Owner => Ok(Deed::Offer),
        (ClubAct::WithdrawOffer, _) if actor == Owner => Ok(Deed::WithdrawOffer),
        (
            ClubAct::LetIn | ClubAct::Decline | ClubAct::Invite | ClubAct::MakeAdmin | ClubAct::UnmakeAdmin,
            _,
        ) if actor == Owner || !matches!(act, ClubAct::MakeAdmin | ClubAct::UnmakeAdmin) => {
            Err(StoreError::NotNow)
        }
        _ => Err(StoreError::NotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::club::BanPeriod;

    const ALL: [ClubStanding; 7] = [
        ClubStanding::Stranger,
        ClubStanding::Follower,
        ClubStanding::Asking,
        ClubStanding::Invited,
        ClubStanding::Member,
        ClubStanding::Admin,
        ClubStanding::Owner,
    ];
    const ACTS: [ClubAct; 10] = [
        ClubAct::LetIn,
        ClubAct::Decline,
        ClubAct::Invite,
        ClubAct::MakeAdmin,
        ClubAct::UnmakeAdmin,
        ClubAct::Remove,
        ClubAct::Ban(BanPeriod::Week),
        ClubAct::LiftBan,
        ClubAct::Offer,
        ClubAct::WithdrawOffer,
    ];

    #[test]
    fn who_keeps_no_order_does_nothing_about_anybody() {
        for actor in ALL.into_iter().filter(|actor| !actor.keeps_order()) {
            for (target, act) in ALL.into_iter().flat_map(|target| ACTS.map(|act| (target, act))) {
                assert!(matches!(deed(actor, target, act), Err(StoreError::NotAllowed)), "{act:?}");
            }
        }
    }

    #[test]
    fn nobody_takes_a_club_from_whoever_runs_it_and_admins_do_not_touch_each_other() {
        for act in ACTS.into_iter().filter(|act| *act != ClubAct::LiftBan) {
            assert!(deed(ClubStanding::Admin, ClubStanding::Owner, act).is_err(), "{act:?}");
            assert!(deed(ClubStanding::Admin, ClubStanding::Admin, act).is_err(), "{act:?}");
            let done = deed(ClubStanding::Owner, ClubStanding::Owner, act);
            assert!(done.is_err() || act == ClubAct::WithdrawOffer, "{act:?}");
        }
    }

    #[test]
    fn nobody_becomes_a_member_who_neither_asked_nor_was_asked() {
        for (actor, target) in ALL.into_iter().flat_map(|actor| ALL.map(|target| (actor, target))) {
            for act in ACTS {
                if let Ok(Deed::Become(ClubStanding::Member)) = deed(actor, target, act) {
                    assert!(
                        matches!(target, ClubStanding::Asking | ClubStanding::Admin),
                        "{act:?} {target:?}"
                    );
                }
            }
        }
    }
}
