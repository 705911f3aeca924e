//! Who somebody is, for other members: what they say of themselves, and whom they know.

use serde::{Deserialize, Serialize};

use crate::account::Profile;
use crate::limits::LANGUAGES_MAX;
use crate::text::{Bio, Language, Pronunciation};

/// What somebody says of themselves. `PUT /api/v1/me/introduction`, as a whole; answers [`ProfilePage`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Introduction {
    /// In their own words.
    pub bio: Option<Bio>,
    /// How their name is said.
    pub pronunciation: Option<Pronunciation>,
    /// What they speak, the dearest first.
    pub speaks: Languages,
    /// What they understand beside that.
    pub understands: Languages,
    /// Whether others see who invited them.
    pub nominator: Nominator,
}

/// Whether members see who invited somebody. The inviter, they themselves and whoever runs the server always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Nominator {
    /// They do.
    Shown,
    /// They do not.
    Hidden,
}

/// Some languages, each once: at most [`LANGUAGES_MAX`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "Vec<Language>", into = "Vec<Language>")]
#[ts(type = "string[]")]
pub struct Languages(Vec<Language>);

/// Why a list of languages was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LanguagesError {
    /// More than [`LANGUAGES_MAX`].
    #[error("too many languages")]
    TooMany,
    /// One of them stands there twice.
    #[error("a language twice")]
    Twice,
}

impl Languages {
    /// In their order.
    pub fn as_slice(&self) -> &[Language] {
        &self.0
    }
}

impl TryFrom<Vec<Language>> for Languages {
    type Error = LanguagesError;
    fn try_from(languages: Vec<Language>) -> Result<Self, LanguagesError> {
        if languages.len() > LANGUAGES_MAX {
            return Err(LanguagesError::TooMany);
        }
        if (1..languages.len()).any(|at| languages[..at].contains(&languages[at])) {
            return Err(LanguagesError::Twice);
        }
        Ok(Self(languages))
    }
}

impl From<Languages> for Vec<Language> {
    fn from(languages: Languages) -> Self {
        languages.0
    }
}

/// All that members see of somebody. `GET /api/v1/people/HANDLE`. Whom they follow and who follows them are lists of
/// [`Profile`], by handle: `GET /api/v1/people/HANDLE/following?after=…` and `…/followers?after=…`, at most
/// [`crate::limits::PEOPLE_PAGE`] at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ProfilePage {
    /// The short of it, as in lists.
    pub profile: Profile,
    /// What they say of themselves.
    pub introduction: Introduction,
    /// The first day of the month in which they came, as days since the Unix epoch.
    pub since_day: u32,
    /// They came within the last week ([`crate::limits::NEWCOMER_DAYS`]).
    pub newcomer: bool,
    /// I am told when they start a room: whose bell I rang. Only of whom I follow.
    pub bell: bool,
    /// How many follow them.
    pub followers: u32,
    /// How many they follow.
    pub following: u32,
    /// How many of those whom I follow follow them.
    pub mutuals: u32,
    /// The first of these, by handle: at most [`crate::limits::MUTUALS_SHOWN`].
    pub mutuals_shown: Vec<Profile>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(codes: &[&str]) -> Result<Languages, LanguagesError> {
        let parsed = codes.iter().map(|code| Language::parse(code).expect("a language"));
        parsed.collect::<Vec<_>>().try_into()
    }

    #[test]
    fn somebody_speaks_eight_languages_at_most_and_each_once() {
        let eight = ["en", "ru", "ar", "de", "fr", "it", "ja", "nl"];
        assert!(languages(&eight).is_ok());
        assert_eq!(languages(&[&eight[..], &["pl"]].concat()), Err(LanguagesError::TooMany));
        assert_eq!(languages(&["en", "ru", "en"]), Err(LanguagesError::Twice));
        assert!(serde_json::from_str::<Languages>(r#"["en","en"]"#).is_err(), "on the wire as well");
    }
}
