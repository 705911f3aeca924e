//! Everything that can be said: words of closed lists, and a number.

/// What people did to keep order, or to be heard. Reports are not here: they go to the administrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Hand,
    Mute,
    Hold,
    Move,
    Removal,
    Ban,
}

pub(super) const ACTIONS: [Action; 6] =
    [Action::Hand, Action::Mute, Action::Hold, Action::Move, Action::Removal, Action::Ban];

impl Action {
    const fn word(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Mute => "mute",
            Self::Hold => "hold",
            Self::Move => "move",
            Self::Removal => "removal",
            Self::Ban => "ban",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Series {
    Rooms,
    People,
    Audience,
    Connections,
    Done(Action),
    VoiceIn,
    VoiceOut,
    Missed,
    Refused,
    Load,
}

/// In the order in which they are shown: what shares a name stands together.
pub(super) const SERIES: [Series; 15] = [
    Series::Rooms,
    Series::People,
    Series::Audience,
    Series::Connections,
    Series::Done(ACTIONS[0]),
    Series::Done(ACTIONS[1]),
    Series::Done(ACTIONS[2]),
    Series::Done(ACTIONS[3]),
    Series::Done(ACTIONS[4]),
    Series::Done(ACTIONS[5]),
    Series::VoiceIn,
    Series::VoiceOut,
    Series::Missed,
    Series::Refused,
    Series::Load,
];

/// What a number is, and how coarse it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Goes up and down.
    Gauge { step: u64 },
    /// Since this process started.
    Counter { step: u64 },
}

/// A room, a person or an action is one of ten.
const TEN: u64 = 10;
/// Datagrams: a small room sends so many in an hour and a half, so nobody sees it come and go.
const MANY: u64 = 1_000_000;
/// Datagrams that got lost here: a machine that is too slow loses thousands a second.
const SOME: u64 = 1_000;

/// How a series is written.
pub(super) struct Written {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: Kind,
    /// The one label that there is.
    pub(super) action: Option<&'static str>,
}

impl Series {
    pub(super) const fn written(self) -> Written {
        let (name, help, kind) = match self {
            Self::Rooms => ("vivavoce_rooms", "Open rooms.", Kind::Gauge { step: TEN }),
            Self::People => ("vivavoce_people", "Members with a page open.", Kind::Gauge { step: TEN }),
            Self::Audience => {
                ("vivavoce_media_people", "People in rooms whose sound is here.", Kind::Gauge { step: TEN })
            }
            Self::Connections => {
                ("vivavoce_connections", "Connections of the web.", Kind::Gauge { step: TEN })
            }
            Self::Done(_) => {
                ("vivavoce_actions_total", "What was done in all rooms.", Kind::Counter { step: TEN })
            }
            Self::VoiceIn => {
                ("vivavoce_media_voice_total", "Voice packets that came.", Kind::Counter { step: MANY })
            }
            Self::VoiceOut => {
                ("vivavoce_media_sent_total", "Messages of media that left.", Kind::Counter { step: MANY })
            }
            Self::Missed => (
                "vivavoce_media_missed_total",
                "Datagrams that the kernel dropped before they were read.",
                Kind::Counter { step: SOME },
            ),
            Self::Refused => (
                "vivavoce_media_refused_total",
                "Messages of media that the kernel did not take.",
                Kind::Counter { step: SOME },
            ),
            Self::Load => (
                "vivavoce_media_load_percent",
                "How busy the busiest media thread is.",
                Kind::Gauge { step: TEN },
            ),
        };
        let action = match self {
            Self::Done(action) => Some(action.word()),
            _ => None,
        };
        Written { name, help, kind, action }
    }
}

/// How it is, in the order of [`SERIES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Truth(pub(super) [u64; SERIES.len()]);

/// One line, as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) series: Series,
    pub(super) value: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a sample may be made of. Whoever adds to it decides that it names nobody.
    trait NamesNobody {}
    impl NamesNobody for u64 {}
    impl NamesNobody for Action {}
    impl NamesNobody for Series {}

    #[test]
    fn a_sample_can_be_made_of_nothing_but_words_of_a_list_and_numbers() {
        fn names_nobody(_: impl NamesNobody) {}
        for series in SERIES {
            // Every field by name: one more does not compile.
            let Sample { series, value } = Sample { series, value: 0 };
            names_nobody(series);
            names_nobody(value);
            match series {
                Series::Done(action) => {
                    names_nobody(action);
                    // Only of an enum without fields is there such a number.
                    let _ = action as u8;
                }
                Series::Rooms
                | Series::People
                | Series::Audience
                | Series::Connections
                | Series::VoiceIn
                | Series::VoiceOut
                | Series::Missed
                | Series::Refused
                | Series::Load => {}
            }
        }
        assert!(size_of::<Series>() <= 2, "no text would fit");
    }

    #[test]
    fn no_two_series_are_written_alike_and_each_is_rounded() {
        let written: std::collections::BTreeSet<_> = SERIES
            .iter()
            .map(|series| {
                let Written { name, action, kind: Kind::Gauge { step } | Kind::Counter { step }, .. } =
                    series.written();
                assert!(step >= TEN, "{name}");
                (name, action)
            })
            .collect();
        assert_eq!(written.len(), SERIES.len());
    }
}
