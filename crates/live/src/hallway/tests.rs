use std::time::Duration;

use futures_util::FutureExt;

use protocol::Timestamp;
use protocol::hallway::{HallwayChange, RoomCard};
use protocol::id::{CommandId, ParticipantId};
use protocol::limits::HALLWAY_CARDS_MAX;
use protocol::room::{Confidentiality, HandPolicy, LeftReason, RoomCommand, RoomKind};
use protocol::text::{DisplayName, Handle, RoomTitle};
use rooms::{Arrival, Asked, AskedAs, Listing, NewRoom, Room, Who};
use tokio::sync::watch;
use tokio::task::unconstrained;
use tokio::time::timeout;

use super::*;
use crate::limits::{CARDS_MOVED_TOGETHER, HALLWAY_CHANGES_TOGETHER};
use crate::socket::outbox::Mail;

const START: Timestamp = Timestamp(1_800_000_000_000);
const ANN: MemberId = MemberId([0xa; 16]);
const BEN: MemberId = MemberId([0xb; 16]);

fn arrival(member: MemberId, id: u32) -> Arrival {
    Arrival {
        who: Who::Member(member),
        name: DisplayName::try_from("Somebody".to_owned()).expect("a name"),
        handle: None,
        guest_of: None,
        newcomer: false,
        picture: None,
        id: ParticipantId(id),
    }
}

/// A room of somebody nobody else is, and where it hangs up its listing.
struct Talk {
    id: RoomId,
    owner: MemberId,
    room: Room,
    hangs: watch::Sender<Option<Arc<Listing>>>,
    /// Taken so far, but for the owner's.
    seats: u32,
}

impl Talk {
    fn new(n: usize, kind: RoomKind, asked: &[MemberId]) -> Self {
        let n = n as u128;
        let (id, owner) = (RoomId(n.to_be_bytes()), MemberId((n << 8).to_be_bytes()));
        let asked = asked.iter().map(|member| Asked {
            who: Who::Member(*member),
            handle: None::<Handle>,
            role: AskedAs::Participant,
        });
        let new = NewRoom {
            title: None,
            kind,
            hands: HandPolicy::Everyone,
            confidentiality: Confidentiality::Relayed,
            language: None,
            club: None,
            asked: asked.collect(),
            event: None,
        };
        let room =
            Room::start(START, id, keyed::Key::from_random([9; 32]), new, arrival(owner, 1)).expect("a room");
        let hangs = watch::Sender::new(None);
        let talk = Self { id, owner, room, hangs, seats: 0 };
        talk.hang();
        talk
    }

    fn open(n: usize) -> Self {
        Self::new(n, RoomKind::Open, &[])
    }

    /// As the room's owner does when the room says that its card changed.
    fn hang(&self) {
        self.hangs.send_replace(self.room.listing().map(Arc::new));
    }

    fn entitle(&mut self, title: &str) {
        // The same command twice is the same command.
        let mut id = CommandId([0; 16]);
        id.0.iter_mut().zip(title.bytes()).for_each(|(at, byte)| *at = byte);
        let title = Some(RoomTitle::try_from(title.to_owned()).expect("a title"));
        let command = RoomCommand::SetTitle { title };
        self.room.handle_command(START, ParticipantId(1), id, command).expect("allowed");
        self.hang();
    }

    fn comes(&mut self, who: MemberId) -> ParticipantId {
        self.seats += 1;
        let id = ParticipantId(6 + self.seats);
        self.room.handle_join(START, arrival(who, id.0)).expect("let in");
        self.hang();
        id
    }

    fn leaves(&mut self, who: ParticipantId) {
        self.room.handle_leave(START, who, LeftReason::Left);
        self.hang();
    }

    fn ask_in(&mut self, member: MemberId) {
        let asked = Asked { who: Who::Member(member), handle: None, role: AskedAs::Participant };
        self.room.handle_ask(START, ParticipantId(1), CommandId([2; 16]), vec![asked]).expect("asked");
        self.hang();
    }
}

fn viewer(connection: u64, member: MemberId) -> (Viewer, Mail) {
    let (outbox, mail) = Outbox::new();
    let (connection, session) = (ConnectionId(connection), SessionId([1; 16]));
    (Viewer { connection, member, session, outbox, recheck: Recheck::default() }, mail)
}

/// Somebody in the hallway, without the task.
struct Somebody {
    shown: Shown,
    /// Their screen: what they were told.
    sees: BTreeMap<RoomId, RoomCard>,
}

impl Somebody {
    fn new(member: MemberId, follows: &[MemberId]) -> Self {
        let mut shown = Shown::new(viewer(1, member).0);
        shown.welcome(follows.iter().copied().collect());
        Self { shown, sees: BTreeMap::new() }
    }

    /// One turn; how many changes they were told of.
    fn hears(&mut self, board: &mut Board) -> usize {
        self.shown.listeners_came(&board.look().listeners);
        let mut changes = self.shown.catch_up(board);
        changes.extend(self.shown.keep_moving(board));
        for change in &changes {
            match change {
                Change::Card(text) => {
                    let card: RoomCard = serde_json::from_str(&text.json).expect("a card");
                    self.sees.insert(card.room, card);
                }
                Change::Gone(room) => assert!(self.sees.remove(room).is_some(), "only what was shown goes"),
            }
            assert!(self.sees.len() <= HALLWAY_CARDS_MAX);
        }
        changes.len()
    }
}

fn board(talks: &[Talk]) -> Board {
    let mut board = Board::new();
    talks.iter().for_each(|talk| board.open(talk.id, talk.hangs.subscribe()));
    board
}

fn more_than_fit() -> Vec<Talk> {
    (1..=HALLWAY_CARDS_MAX + 1).map(Talk::open).collect()
}

#[test]
fn nobody_is_shown_more_rooms_than_fit_and_the_next_comes_when_one_goes() {
    let talks = more_than_fit();
    let (mut board, mut ann) = (board(&talks), Somebody::new(ANN, &[]));
    assert_eq!(ann.hears(&mut board), HALLWAY_CARDS_MAX);
    let shown = talks.iter().find(|talk| ann.sees.contains_key(&talk.id)).expect("shown").id;
    let waits = talks.iter().find(|talk| !ann.sees.contains_key(&talk.id)).expect("one does not fit").id;
    board.close(shown);
    assert_eq!(ann.hears(&mut board), 2);
    assert!(!ann.sees.contains_key(&shown) && ann.sees.contains_key(&waits));
}

#[test]
fn a_friends_room_appears_though_as_many_as_fit_are_shown_already() {
    let talks = more_than_fit();
    let mut board = board(&talks);
    let friend = Talk::open(10_000);
    let (mut ann, mut ben) = (Somebody::new(ANN, &[friend.owner]), Somebody::new(BEN, &[]));
    ann.hears(&mut board);
    ben.hears(&mut board);
    board.open(friend.id, friend.hangs.subscribe());
    assert_eq!(ann.hears(&mut board), 2, "one goes, one comes");
    assert_eq!(ann.sees.get(&friend.id).map(|card| card.followed_on_stage), Some(1));
    assert_eq!(ann.sees.len(), HALLWAY_CARDS_MAX);
    assert_eq!(ben.hears(&mut board), 0, "it is no friend of theirs");
}

#[test]
fn somebody_i_follow_who_comes_to_listen_and_leaves_is_counted_on_my_card_and_on_nobody_elses() {
    let mut talk = Talk::open(1);
    let mut board = board(std::slice::from_ref(&talk));
    let (mut ann, mut friend) = (Somebody::new(ANN, &[BEN]), Somebody::new(MemberId([0xc; 16]), &[ANN]));
    ann.hears(&mut board);
    friend.hears(&mut board);
    let counted = |who: &Somebody| who.sees.values().map(|card| card.followed_in_audience).sum::<u32>();
    let id = talk.comes(BEN);
    ann.hears(&mut board);
    friend.hears(&mut board);
    assert_eq!((counted(&ann), counted(&friend)), (1, 0));
    talk.leaves(id);
    ann.hears(&mut board);
    friend.hears(&mut board);
    assert_eq!((counted(&ann), counted(&friend)), (0, 0));
    talk.comes(BEN);
    ann.hears(&mut board);
    assert_eq!(counted(&ann), 1, "and again, though their card was everybody's in between");
}

#[test]
fn a_room_to_which_a_friend_listens_appears_though_as_many_as_fit_are_shown_already() {
    let talks = more_than_fit();
    let mut board = board(&talks);
    let mut friends = Talk::open(10_000);
    let mut ann = Somebody::new(ANN, &[BEN]);
    board.open(friends.id, friends.hangs.subscribe());
    ann.hears(&mut board);
    // Whatever else there is was shown first, or one of the others waits.
    assert!(!ann.sees.contains_key(&friends.id));
    friends.comes(BEN);
    assert_eq!(ann.hears(&mut board), 2, "one goes, one comes");
    assert_eq!(ann.sees.get(&friends.id).map(|card| card.followed_in_audience), Some(1));
}

#[test]
fn a_room_that_i_am_asked_into_appears_though_all_that_fit_are_of_friends() {
    let talks = more_than_fit();
    let friends: Vec<_> = talks.iter().map(|talk| talk.owner).collect();
    let (mut board, mut ann) = (board(&talks), Somebody::new(ANN, &friends));
    ann.hears(&mut board);
    let closed = Talk::new(10_000, RoomKind::Closed, &[ANN]);
    board.open(closed.id, closed.hangs.subscribe());
    ann.hears(&mut board);
    assert!(ann.sees.get(&closed.id).is_some_and(|card| card.asked_by.is_some()));
}

#[test]
fn friends_come_first_for_whoever_begins_to_follow_them() {
    let talks = more_than_fit();
    let (mut board, mut ann) = (board(&talks), Somebody::new(ANN, &[]));
    ann.hears(&mut board);
    let friend = talks.iter().find(|talk| !ann.sees.contains_key(&talk.id)).expect("one does not fit");
    ann.shown.follow(Arc::new([friend.owner].into()));
    ann.hears(&mut board);
    assert!(ann.sees.contains_key(&friend.id));
}

#[test]
fn a_card_that_has_not_changed_is_not_sent_again() {
    let mut talks = vec![Talk::open(1), Talk::open(2)];
    let (mut board, mut ann) = (board(&talks), Somebody::new(ANN, &[talks[1].owner]));
    assert_eq!(ann.hears(&mut board), 2);
    assert_eq!(ann.hears(&mut board), 0);
    for talk in &mut talks {
        talk.ask_in(BEN);
    }
    assert_eq!(ann.hears(&mut board), 0, "whom else a room asks in is not on their card");
    for talk in &mut talks {
        talk.entitle("Tea");
    }
    assert_eq!(ann.hears(&mut board), 2);
}

#[test]
fn a_closed_room_is_there_for_those_asked_in_and_for_nobody_else_at_any_time() {
    let mut closed = Talk::new(1, RoomKind::Closed, &[ANN]);
    let mut board = board(&[]);
    let (mut ann, mut ben) = (Somebody::new(ANN, &[]), Somebody::new(BEN, &[closed.owner]));
    board.open(closed.id, closed.hangs.subscribe());
    let mut told = (ann.hears(&mut board), ben.hears(&mut board));
    closed.comes(ANN);
    closed.entitle("Nobody's business");
    told = (told.0 + ann.hears(&mut board), told.1 + ben.hears(&mut board));
    board.close(closed.id);
    told = (told.0 + ann.hears(&mut board), told.1 + ben.hears(&mut board));
    assert_eq!(told, (3, 0));
}

#[test]
fn whoever_is_asked_in_need_not_wait_for_their_turn() {
    let mut closed = Talk::new(1, RoomKind::Closed, &[]);
    let mut board = board(std::slice::from_ref(&closed));
    board.look();
    closed.ask_in(ANN);
    assert!(board.look().concerned.contains(ANN));
}

#[test]
fn where_all_rooms_are_lively_everybody_sees_each_move_some_at_a_time() {
    let mut talks: Vec<_> = (1..=3 * CARDS_MOVED_TOGETHER).map(Talk::open).collect();
    let (mut board, mut ann) = (board(&talks), Somebody::new(ANN, &[talks[3].owner]));
    ann.hears(&mut board);
    for talk in &mut talks {
        talk.comes(BEN);
    }
    let told: Vec<_> = (0..4).map(|_| ann.hears(&mut board)).collect();
    assert_eq!(told, [CARDS_MOVED_TOGETHER, CARDS_MOVED_TOGETHER, CARDS_MOVED_TOGETHER, 0]);
    assert!(ann.sees.values().all(|card| card.in_audience == 1));
}

#[test]
fn a_room_never_takes_the_place_of_another_of_whose_end_somebody_was_not_told() {
    let (one, other, third) = (Talk::open(1), Talk::open(2), Talk::open(3));
    let (mut board, mut ann) = (board(std::slice::from_ref(&one)), Somebody::new(ANN, &[]));
    ann.hears(&mut board);
    let told = ann.shown.told().expect("she was shown a room");
    board.close(one.id);
    board.told(told);
    board.open(other.id, other.hangs.subscribe());
    ann.hears(&mut board);
    assert_eq!(ann.sees.keys().copied().collect::<Vec<_>>(), [other.id]);
    board.told(ann.shown.told().expect("she is shown a room"));
    board.open(third.id, third.hangs.subscribe());
    ann.hears(&mut board);
    assert_eq!(ann.sees.keys().copied().collect::<Vec<_>>(), [other.id, third.id]);
    assert_eq!(board.places(), 2, "the place of the first is taken again");
}

#[test]
fn whoever_waits_for_their_turn_is_told_of_the_last_title_alone() {
    let mut talks = vec![Talk::open(1), Talk::open(2)];
    let (mut board, mut ann) = (board(&talks), Somebody::new(ANN, &[]));
    ann.hears(&mut board);
    for title in ["Tea", "Coffee", "Water"] {
        talks[0].entitle(title);
        // Others have their turn, she has not.
        board.look();
    }
    assert_eq!(ann.hears(&mut board), 1);
    let title = ann.sees.get(&talks[0].id).and_then(|card| card.title.clone());
    assert_eq!(title, RoomTitle::try_from("Water".to_owned()).ok());
}

/// A hallway with viewers who have been welcomed.
async fn hallway(viewers: u64) -> (Hallway, Vec<Mail>) {
    let (hallway, mailbox) = Hallway::new();
    tokio::spawn(run(mailbox));
    let mut mails = Vec::new();
    for connection in 0..viewers {
        let (viewer, mut mail) = viewer(connection, ANN);
        hallway.register(viewer).await;
        hallway.welcome(ConnectionId(connection), BTreeSet::new(), ServerMessage::Pong).await;
        mail.next().await;
        mails.push(mail);
    }
    (hallway, mails)
}

#[tokio::test(start_paused = true)]
async fn a_room_that_ends_before_anybody_was_told_of_it_is_shown_to_nobody() {
    let (hallway, mut mails) = hallway(1).await;
    for ends in [false, true] {
        let talk = Talk::open(7);
        hallway.opened(talk.id, talk.hangs.subscribe()).await;
        if ends {
            hallway.closed(talk.id).await;
        }
        let shown = timeout(2 * HALLWAY_PERIOD, mails[0].next()).await.ok();
        assert_eq!(shown.is_some(), !ends, "{shown:?}");
        if !ends {
            hallway.closed(talk.id).await;
            // And is gone.
            mails[0].next().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_room_whose_owner_fell_is_gone_for_everybody() {
    let (hallway, mut mails) = hallway(1).await;
    let talk = Talk::open(7);
    hallway.opened(talk.id, talk.hangs.subscribe()).await;
    mails[0].next().await;
    let id = talk.id;
    drop(talk);
    let told = timeout(2 * HALLWAY_PERIOD, mails[0].next()).await.expect("told");
    let gone = ServerMessage::Hallway { changes: vec![HallwayChange::Gone { room: id }] };
    assert_eq!(serde_json::from_str::<ServerMessage>(&told).expect("a message"), gone);
}

#[tokio::test(start_paused = true)]
async fn very_many_are_told_one_after_the_other_and_nobody_is_left_out() {
    let many = 2 * HALLWAY_PEOPLE_TOGETHER + 1;
    let (hallway, mut mails) = hallway(u64::try_from(many).expect("fits")).await;
    let mut talk = Talk::open(7);
    hallway.opened(talk.id, talk.hangs.subscribe()).await;
    for most in [HALLWAY_PEOPLE_TOGETHER, HALLWAY_MOVES_TOGETHER] {
        let mut told = Vec::new();
        let mut waiting: Vec<_> = mails.iter_mut().collect();
        while !waiting.is_empty() && told.len() < 20 {
            tokio::time::sleep(HALLWAY_PERIOD + Duration::from_millis(1)).await;
            let before = waiting.len();
            waiting.retain_mut(|mail| unconstrained(mail.next()).now_or_never().is_none());
            told.push(before - waiting.len());
        }
        assert_eq!(told.iter().sum::<usize>(), many);
        assert!(told.iter().all(|some| *some <= most), "{told:?}");
        // Of whom somebody comes is told at the slower pace.
        talk.comes(BEN);
    }
    let again = timeout(5 * HALLWAY_PERIOD, mails[0].next()).await;
    assert!(again.is_err(), "nobody is told twice");
}

#[test]
fn while_nothing_happens_nobody_is_gone_to_and_whatever_happens_then_is_told_to_all() {
    let (mut running, mut mails) = (Running::new(), Vec::new());
    let mut talk = Talk::open(7);
    running.handle(ToHallway::Opened { room: talk.id, hung: talk.hangs.subscribe() });
    for connection in 0..3 {
        let (viewer, mail) = viewer(connection, ANN);
        running.handle(ToHallway::Register(viewer));
        let (connection, follows) = (ConnectionId(connection), BTreeSet::new());
        running.handle(ToHallway::Welcome { connection, follows, welcome: Box::new(ServerMessage::Pong) });
        mails.push(mail);
    }
    let rounds_until_settled = |running: &mut Running, mails: &mut [Mail]| {
        let rounds = (1..9).find(|_| {
            running.go_round();
            running.is_settled()
        });
        let heard = mails.iter_mut().filter_map(|mail| unconstrained(mail.next()).now_or_never()).count();
        (rounds, heard)
    };
    assert_eq!(rounds_until_settled(&mut running, &mut mails), (Some(1), 3), "each was welcomed");
    talk.entitle("Tea");
    running.look();
    assert!(!running.is_settled());
    assert_eq!(rounds_until_settled(&mut running, &mut mails), (Some(2), 3), "a title");
    // What moves by itself, and what somebody does for themselves.
    talk.comes(BEN);
    assert_eq!(rounds_until_settled(&mut running, &mut mails), (Some(2), 3), "somebody comes");
    running.handle(ToHallway::Follows { member: ANN, follows: BTreeSet::from([talk.owner]) });
    assert!(!running.is_settled());
    assert_eq!(rounds_until_settled(&mut running, &mut mails), (Some(2), 3), "her people are on stage");
}

/// How many messages each of so many people hear within one period, of whom each has so many to hear.
async fn heard_in_a_period(people: usize, messages: usize) -> Vec<usize> {
    let (hallway, mut mails) = hallway(u64::try_from(people).expect("fits")).await;
    let talks: Vec<_> = (1..=messages * HALLWAY_CHANGES_TOGETHER).map(Talk::open).collect();
    for talk in &talks {
        hallway.opened(talk.id, talk.hangs.subscribe()).await;
    }
    tokio::time::sleep(HALLWAY_PERIOD + Duration::from_millis(1)).await;
    let heard = |mail: &mut Mail| std::iter::from_fn(|| unconstrained(mail.next()).now_or_never()).count();
    mails.iter_mut().map(heard).collect()
}

#[tokio::test(start_paused = true)]
async fn as_many_are_told_of_much_that_somebody_did_as_of_little() {
    let heard = heard_in_a_period(HALLWAY_PEOPLE_TOGETHER + 1, 2).await;
    assert_eq!(heard.iter().filter(|heard| **heard == 2).count(), HALLWAY_PEOPLE_TOGETHER);
    assert_eq!(heard.iter().sum::<usize>(), HALLWAY_FRAMES_TOGETHER);
}

#[tokio::test(start_paused = true)]
async fn where_everybody_has_very_much_to_hear_fewer_hear_it_at_a_time() {
    let heard = heard_in_a_period(HALLWAY_PEOPLE_TOGETHER, 5).await;
    assert_eq!(heard.iter().sum::<usize>(), HALLWAY_FRAMES_TOGETHER);
    assert!(heard.iter().all(|heard| [0, 5].contains(heard)), "nobody hears the half of it");
}
