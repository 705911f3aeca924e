//! What it says of a member.

use protocol::account::Profile;
use protocol::profile::{Introduction, Languages, Nominator, ProfilePage};
use protocol::text::{DisplayName, Handle};

/// Somebody who has said nothing of themselves.
pub(super) fn page(handle: Handle, name: DisplayName) -> ProfilePage {
    ProfilePage {
        profile: Profile {
            handle,
            name,
            invited_by: None,
            followed: false,
            follows_me: false,
            blocked: false,
            picture: None,
        },
        introduction: Introduction {
            bio: None,
            pronunciation: None,
            speaks: Languages::default(),
            understands: Languages::default(),
            nominator: Nominator::Shown,
        },
        since_day: 0,
        newcomer: false,
        bell: false,
        followers: 0,
        following: 0,
        mutuals: 0,
        mutuals_shown: Vec::new(),
    }
}
