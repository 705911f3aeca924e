use std::time::Duration;

use protocol::limits::{TALK_ASK_EACH, TALK_ASKS_BURST, TALK_ASKS_TO_ONE_MAX};

use super::*;

const START: Timestamp = Timestamp(1_800_000_000_000);
const ANN: u8 = 1;
const BEN: u8 = 2;
const CLEO: u8 = 3;

fn id(who: u8) -> MemberId {
    MemberId([who; 16])
}

fn known(who: u8) -> Known {
    let handle = match who {
        ANN => "ann".to_owned(),
        BEN => "ben".to_owned(),
        CLEO => "cleo".to_owned(),
        other => format!("somebody{other}"),
    };
    let name = DisplayName::parse(&handle).expect("a name");
    Known { member: id(who), handle: Handle::parse(&handle).expect("a handle"), name, picture: None }
}

/// People, whom they follow, and the time.
struct Evening {
    company: Company,
    now: Timestamp,
    follows: BTreeMap<u8, BTreeSet<MemberId>>,
    /// What anybody was told, the latest last.
    told: Vec<(u8, String)>,
}

impl Evening {
    /// All of these follow each other.
    fn with(people: &[u8]) -> Self {
        let all: BTreeSet<MemberId> = people.iter().map(|who| id(*who)).collect();
        let of = |who: &u8| (*who, all.iter().copied().filter(|other| *other != id(*who)).collect());
        Self {
            company: Company::default(),
            now: START,
            follows: people.iter().map(of).collect(),
            told: Vec::new(),
        }
    }

    fn follows(&self, who: u8) -> BTreeSet<MemberId> {
        self.follows.get(&who).cloned().unwrap_or_default()
    }

    fn available(&mut self, who: u8) {
        let follows = Arc::new(self.follows(who));
        self.company.available(self.now, known(who), follows).expect("there is a place");
    }

    fn ask(&mut self, who: u8, whom: u8) -> Result<(), ErrorCode> {
        let follows = self.follows(who);
        self.company.ask(self.now, known(who), &follows, id(whom))
    }

    fn decline(&mut self, who: u8, asker: u8) -> Result<(), ErrorCode> {
        self.company.decline(self.now, id(who), &known(asker).handle)
    }

    fn stops_following(&mut self, who: u8, whom: u8) {
        self.follows.entry(who).or_default().remove(&id(whom));
        let follows = Arc::new(self.follows(who));
        self.company.follows(self.now, id(who), &follows);
    }

    fn passes(&mut self, time: Duration) {
        self.now = self.now.plus(time);
        self.company.advance(self.now);
    }

    fn sees(&self, who: u8) -> Shown {
        self.company.seen_by(id(who), &self.follows(who))
    }

    /// Who is shown to somebody as available.
    fn offered(&self, who: u8) -> Vec<String> {
        self.sees(who).available.iter().map(|one| one.who.handle.as_str().to_owned()).collect()
    }

    fn asked_by(&self, who: u8) -> Vec<String> {
        self.sees(who).asked_by.iter().map(|one| one.who.handle.as_str().to_owned()).collect()
    }

    /// What was said to whom since this was asked.
    fn heard(&mut self) -> Vec<(u8, String, TalkEnd)> {
        let mut heard = Vec::new();
        while let Some(said) = self.company.poll_said() {
            let Said { to, word } = *said;
            match word {
                Word::Over { who, why } => heard.push((to.0[0], who.handle.as_str().to_owned(), why)),
                Word::Opened { who, .. } => self.told.push((to.0[0], who.handle.as_str().to_owned())),
            }
        }
        heard
    }
}

#[test]
fn who_is_available_is_seen_by_those_who_follow_each_other_with_them_and_by_nobody_else() {
    let mut evening = Evening::with(&[ANN, BEN]);
    // Cleo follows Ann, who does not follow her.
    evening.follows.insert(CLEO, BTreeSet::from([id(ANN)]));
    evening.available(ANN);
    assert_eq!(evening.offered(BEN), ["ann"]);
    assert!(evening.offered(CLEO).is_empty() && evening.offered(ANN).is_empty());
    assert_eq!(evening.sees(ANN).available_until, Some(START.plus(AVAILABLE_PERIOD)));
    assert_eq!(evening.sees(CLEO), Shown::default(), "as if there were nobody");
    assert_eq!(evening.ask(CLEO, ANN), Err(ErrorCode::PersonGone));
    // Whom Ann follows, and who does not follow her.
    evening.follows.entry(ANN).or_default().insert(id(4));
    evening.available(ANN);
    assert!(evening.offered(4).is_empty());
}

#[test]
fn nobody_is_available_for_longer_than_was_said_and_saying_it_again_begins_anew() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(ANN);
    evening.passes(AVAILABLE_PERIOD / 2);
    evening.available(ANN);
    evening.passes(AVAILABLE_PERIOD - Duration::from_millis(1));
    assert_eq!(evening.offered(BEN), ["ann"]);
    evening.passes(Duration::from_millis(1));
    assert!(evening.offered(BEN).is_empty());
    assert_eq!(evening.sees(ANN), Shown::default());
    assert!(!evening.company.concerns(id(ANN)), "nothing of it is left");
}

#[test]
fn a_yes_is_given_once_and_who_asked_is_told_where_to_come() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
    assert_eq!(evening.asked_by(BEN), ["ann"]);
    assert_eq!(evening.sees(ANN).asking.map(|ask| ask.until), Some(START.plus(TALK_ASK_PERIOD)));
    let asker = evening.company.accept(evening.now, id(BEN), &known(ANN).handle).expect("still asked");
    assert_eq!(asker, known(ANN));
    let again = evening.company.accept(evening.now, id(BEN), &known(ANN).handle);
    assert_eq!(again, Err(ErrorCode::NotNow));
    evening.company.opened(evening.now, id(ANN), &known(BEN), RoomId([9; 16]));
    assert_eq!(evening.heard(), []);
    assert_eq!(evening.told, [(ANN, "ben".to_owned())]);
    evening.company.engaged(evening.now, id(BEN));
    evening.company.engaged(evening.now, id(ANN));
    assert_eq!((evening.sees(ANN), evening.sees(BEN)), (Shown::default(), Shown::default()));
}

#[test]
fn two_who_ask_each_other_are_in_one_room_after_the_first_yes() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(ANN);
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
    evening.ask(BEN, ANN).expect("asked");
    evening.company.accept(evening.now, id(BEN), &known(ANN).handle).expect("still asked");
    let second = evening.company.accept(evening.now, id(ANN), &known(BEN).handle);
    assert_eq!(second, Err(ErrorCode::NotNow), "they are on their way into one already");
    assert_eq!(evening.heard(), [], "and nobody is told that it came to nothing");
}

#[test]
fn who_says_yes_asks_nobody_else_any_more() {
    let mut evening = Evening::with(&[ANN, BEN, CLEO]);
    evening.available(BEN);
    evening.available(CLEO);
    evening.ask(ANN, BEN).expect("asked");
    evening.ask(BEN, CLEO).expect("asked");
    evening.company.accept(evening.now, id(BEN), &known(ANN).handle).expect("still asked");
    assert!(evening.asked_by(CLEO).is_empty());
    assert_eq!(evening.heard(), [(CLEO, "ben".to_owned(), TalkEnd::TakenBack)]);
}

#[test]
fn who_was_not_answered_yes_is_remembered_for_no_longer_than_they_have_a_page_or_the_other_says_so_again() {
    let mut evening = Evening::with(&[ANN, BEN]);
    for again in ["signed out", "said again"] {
        evening.available(BEN);
        evening.ask(ANN, BEN).expect(again);
        evening.decline(BEN, ANN).expect("still asked");
        assert_eq!(evening.ask(ANN, BEN), Err(ErrorCode::TooMany));
        if again == "signed out" {
            evening.company.signed_out(evening.now, id(ANN));
            assert_eq!(evening.sees(ANN).available.first().map(|one| one.ask), Some(MayAsk::Yes));
        }
    }
    evening.available(BEN);
    assert_eq!(evening.sees(ANN).available.first().map(|one| one.ask), Some(MayAsk::Yes));
}

#[test]
fn who_says_yes_and_cannot_come_leaves_the_other_with_a_word() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
    evening.company.accept(evening.now, id(BEN), &known(ANN).handle).expect("still asked");
    evening.company.not_opened(evening.now, id(ANN), &known(BEN));
    assert_eq!(evening.heard(), [(ANN, "ben".to_owned(), TalkEnd::Gone)]);
}

#[test]
fn not_now_is_told_without_a_reason_and_the_same_person_is_not_asked_again_while_they_are_available() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
    evening.decline(BEN, ANN).expect("still asked");
    assert_eq!(evening.heard(), [(ANN, "ben".to_owned(), TalkEnd::NotNow)]);
    assert_eq!(evening.decline(BEN, ANN), Err(ErrorCode::NotNow));
    assert_eq!(evening.sees(ANN).available.first().map(|one| one.ask), Some(MayAsk::Asked));
    assert_eq!(evening.ask(ANN, BEN), Err(ErrorCode::TooMany));
    // Off and on again is another time.
    evening.company.not_available(evening.now, id(BEN));
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
}

#[test]
fn a_question_that_nobody_answers_lapses_by_itself() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
    evening.passes(TALK_ASK_PERIOD - Duration::from_millis(1));
    assert_eq!((evening.asked_by(BEN).len(), evening.heard().len()), (1, 0));
    evening.passes(Duration::from_millis(1));
    assert!(evening.asked_by(BEN).is_empty());
    assert_eq!(evening.heard(), [(ANN, "ben".to_owned(), TalkEnd::NoAnswer)]);
    assert!(evening.company.accept(evening.now, id(BEN), &known(ANN).handle).is_err(), "too late");
}

#[test]
fn who_asked_can_take_it_back_and_ask_again() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
    evening.company.take_back(evening.now, id(ANN));
    assert!(evening.asked_by(BEN).is_empty() && evening.sees(ANN).asking.is_none());
    assert_eq!(evening.heard(), [(BEN, "ann".to_owned(), TalkEnd::TakenBack)]);
    evening.ask(ANN, BEN).expect("asked");
    evening.company.take_back(evening.now, id(BEN));
    assert_eq!(evening.asked_by(BEN), ["ann"], "only who asked takes it back");
}

#[test]
fn who_goes_away_and_does_not_come_back_in_time_is_gone_and_the_other_is_told() {
    for goes in [ANN, BEN] {
        let mut evening = Evening::with(&[ANN, BEN, CLEO]);
        evening.available(BEN);
        evening.ask(ANN, BEN).expect("asked");
        let stays = if goes == ANN { BEN } else { ANN };
        evening.company.left(evening.now, id(goes));
        evening.passes(AVAILABLE_GRACE - Duration::from_millis(1));
        assert_eq!((evening.asked_by(BEN).len(), evening.heard().len()), (1, 0), "a page loads anew");
        evening.passes(Duration::from_millis(1));
        assert!(evening.asked_by(BEN).is_empty());
        let name = known(goes).handle.as_str().to_owned();
        assert_eq!(evening.heard(), [(stays, name, TalkEnd::Gone)]);
        assert_eq!(evening.offered(CLEO).is_empty(), goes == BEN);
    }
}

#[test]
fn who_comes_back_in_time_is_as_available_as_before() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(BEN);
    evening.company.left(evening.now, id(BEN));
    evening.passes(AVAILABLE_GRACE / 2);
    evening.company.came(id(BEN));
    evening.passes(AVAILABLE_GRACE);
    assert_eq!(evening.offered(ANN), ["ben"]);
    // And goes again: from then on, not from before.
    evening.company.left(evening.now, id(BEN));
    evening.passes(AVAILABLE_GRACE / 2);
    assert_eq!(evening.offered(ANN), ["ben"]);
}

#[test]
fn who_signs_out_is_gone_at_once() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.available(BEN);
    evening.ask(ANN, BEN).expect("asked");
    evening.company.signed_out(evening.now, id(BEN));
    assert!(evening.offered(ANN).is_empty());
    assert_eq!(evening.heard(), [(ANN, "ben".to_owned(), TalkEnd::Gone)]);
}

#[test]
fn who_goes_into_a_room_is_available_to_nobody_and_neither_asks_nor_is_asked() {
    let mut evening = Evening::with(&[ANN, BEN, CLEO]);
    evening.available(BEN);
    evening.available(CLEO);
    evening.ask(ANN, BEN).expect("asked");
    evening.ask(BEN, CLEO).expect("asked");
    evening.company.engaged(evening.now, id(BEN));
    assert_eq!(evening.offered(ANN), ["cleo"]);
    assert!(evening.asked_by(CLEO).is_empty() && evening.sees(ANN).asking.is_none());
    let mut heard = evening.heard();
    heard.sort_by_key(|(to, ..)| *to);
    let gone = |to| (to, "ben".to_owned(), TalkEnd::Gone);
    assert_eq!(heard, [gone(ANN), gone(CLEO)]);
}

#[test]
fn a_block_which_ends_all_follows_ends_the_question_too_and_says_no_more_than_that_they_are_gone() {
    for blocker in [ANN, BEN] {
        let mut evening = Evening::with(&[ANN, BEN]);
        evening.available(BEN);
        evening.ask(ANN, BEN).expect("asked");
        evening.stops_following(ANN, BEN);
        evening.stops_following(BEN, ANN);
        assert!(evening.offered(ANN).is_empty() && evening.asked_by(BEN).is_empty(), "{blocker}");
        let told = [(ANN, "ben".to_owned(), TalkEnd::Gone), (BEN, "ann".to_owned(), TalkEnd::Gone)];
        assert_eq!(evening.heard(), told);
        // As of somebody who switched it off, or never was there.
        assert_eq!(evening.ask(ANN, BEN), Err(ErrorCode::PersonGone));
    }
}

#[test]
fn nobody_asks_two_at_a_time_or_faster_than_a_person_would() {
    let people: Vec<u8> = (1..20).collect();
    let mut evening = Evening::with(&people);
    people.iter().skip(1).for_each(|who| evening.available(*who));
    evening.ask(ANN, 2).expect("asked");
    assert_eq!(evening.ask(ANN, 3), Err(ErrorCode::NotNow), "one at a time");
    evening.decline(2, ANN).expect("still asked");
    for who in 3..=u8::try_from(TALK_ASKS_BURST).expect("few") + 1 {
        evening.ask(ANN, who).expect("asked");
        evening.decline(who, ANN).expect("still asked");
    }
    assert_eq!(evening.ask(ANN, 10), Err(ErrorCode::TooMany));
    evening.passes(TALK_ASK_EACH);
    evening.ask(ANN, 10).expect("one more");
    evening.decline(10, ANN).expect("still asked");
    assert_eq!(evening.ask(ANN, 11), Err(ErrorCode::TooMany));
    // Whose allowance is whole again is forgotten.
    evening.passes(TALK_ASK_EACH * (TALK_ASKS_BURST + 1));
    assert_eq!(evening.company.rates.next(), None);
}

#[test]
fn so_many_ask_one_person_at_a_time_and_no_more() {
    let people: Vec<u8> = (1..10).collect();
    let mut evening = Evening::with(&people);
    evening.available(ANN);
    for who in 2..2 + u8::try_from(TALK_ASKS_TO_ONE_MAX).expect("few") {
        evening.ask(who, ANN).expect("asked");
    }
    assert_eq!(evening.ask(9, ANN), Err(ErrorCode::NotNow));
    evening.decline(ANN, 2).expect("still asked");
    evening.ask(9, ANN).expect("there is a place");
}

#[test]
fn who_invited_somebody_is_told_of_them_and_may_ask_them_though_nobody_follows_anybody() {
    let mut evening = Evening::with(&[]);
    evening.company.arrived(evening.now, id(ANN), known(BEN));
    assert_eq!(evening.sees(ANN).arrived, [known(BEN).shown()]);
    assert_eq!(evening.sees(BEN), Shown::default());
    evening.company.came(id(BEN));
    evening.ask(ANN, BEN).expect("asked");
    assert_eq!(evening.asked_by(BEN), ["ann"]);
    evening.company.accept(evening.now, id(BEN), &known(ANN).handle).expect("still asked");
    evening.company.opened(evening.now, id(ANN), &known(BEN), RoomId([9; 16]));
    assert_eq!((evening.sees(ANN), evening.sees(BEN)), (Shown::default(), Shown::default()));
}

#[test]
fn a_newcomer_who_is_gone_again_or_does_not_want_to_is_not_offered_any_more() {
    let mut evening = Evening::with(&[]);
    evening.company.arrived(evening.now, id(ANN), known(BEN));
    // No page of theirs ever came.
    evening.passes(AVAILABLE_GRACE);
    assert_eq!(evening.sees(ANN), Shown::default());
    evening.company.arrived(evening.now, id(ANN), known(BEN));
    evening.company.came(id(BEN));
    evening.ask(ANN, BEN).expect("asked");
    evening.decline(BEN, ANN).expect("still asked");
    assert_eq!(evening.heard(), [(ANN, "ben".to_owned(), TalkEnd::NotNow)]);
    assert_eq!(evening.sees(ANN), Shown::default());
    assert_eq!(evening.ask(ANN, BEN), Err(ErrorCode::PersonGone));
}

#[test]
fn nobody_waits_for_newcomers_for_longer_than_they_are_at_a_page_or_than_was_said() {
    let mut evening = Evening::with(&[]);
    evening.company.arrived(evening.now, id(ANN), known(BEN));
    evening.company.came(id(BEN));
    evening.passes(WELCOME_PERIOD);
    assert_eq!(evening.sees(ANN), Shown::default());
    for who in 2..10 {
        evening.company.arrived(evening.now, id(ANN), known(who));
        evening.company.came(id(who));
    }
    assert_eq!(evening.sees(ANN).arrived.len(), ARRIVALS_MAX, "the latest");
    evening.company.left(evening.now, id(9));
    assert_eq!(evening.sees(ANN).arrived.len(), ARRIVALS_MAX - 1, "whose page is gone is nobody to greet");
    evening.company.left(evening.now, id(ANN));
    assert_eq!(evening.sees(ANN), Shown::default());
    let nobody = |who| !evening.company.concerns(id(who));
    assert!((ANN..10).all(nobody), "nothing of any of them is left");
}

#[test]
fn whom_it_concerns_is_told_and_nobody_else() {
    let mut evening = Evening::with(&[ANN, BEN]);
    evening.follows.insert(CLEO, BTreeSet::from([id(ANN)]));
    let concerned = |evening: &mut Evening| -> Vec<u8> {
        evening.company.poll_concerned().into_iter().map(|member| member.0[0]).collect()
    };
    evening.available(ANN);
    assert_eq!(concerned(&mut evening), [ANN, BEN]);
    evening.ask(BEN, ANN).expect("asked");
    assert_eq!(concerned(&mut evening), [ANN, BEN]);
    evening.stops_following(ANN, BEN);
    assert_eq!(concerned(&mut evening), [ANN, BEN]);
    evening.company.not_available(evening.now, id(ANN));
    assert_eq!(concerned(&mut evening), [ANN]);
    assert_eq!(concerned(&mut evening), [] as [u8; 0]);
}
