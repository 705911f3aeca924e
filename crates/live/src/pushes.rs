//! What the keeper says without being asked, carried out.
//!
//! A device that is signed out is cut off at once, whatever else there is to do: its word waits for no other,
//! not for the keeper and not for a room in trouble.

mod pictures;

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use keeper_api::{Push, Reply, Request, Whose};
use protocol::id::{MemberId, SessionId};
use protocol::socket::ServerMessage;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::fresh;
use crate::keeper::Said;
use crate::limits::{FOLLOWS_RETRY_PERIOD, PUSH_MAILBOX};
use crate::log::{Record, log};
use crate::process::House;
use crate::tls::Certificate;

/// A device was signed out. In a box on its way, as members are: a mailbox leaves what was in it lying in its places.
#[derive(Debug, Clone, Copy)]
struct Ended {
    session: SessionId,
    member: MemberId,
}

/// Until the line's task is gone. Nothing here waits for more than a place in a mailbox that is emptied all the time.
pub(crate) async fn carry_out(
    house: House,
    mut said: mpsc::Receiver<Box<Said>>,
    certificate: Option<Certificate>,
) {
    let (ends, ended) = mpsc::channel(PUSH_MAILBOX);
    let (changes, changed) = mpsc::channel(PUSH_MAILBOX);
    let all = house.clone();
    fresh::spawn(move || end_sessions(all, ended));
    let all = house.clone();
    fresh::spawn(move || follow(all, changed));
    let (pictures, changed) = mpsc::channel(PUSH_MAILBOX);
    let rooms = house.rooms.clone();
    fresh::spawn(move || {
        pictures::tell(changed, move |member, picture| {
            let rooms = rooms.clone();
            async move { rooms.picture_changed(member, picture).await }
        })
    });
    let ways = Ways { ends, changes, pictures };
    while let Some(said) = said.recv().await {
        // In a box, which is wiped: this task does not end, and would keep whom it heard of last.
        Box::pin(carry_out_one(&house, &ways, certificate.as_ref(), said)).await;
    }
}

/// To those who do what takes its time.
struct Ways {
    ends: mpsc::Sender<Box<Ended>>,
    changes: mpsc::Sender<Box<MemberId>>,
    pictures: mpsc::Sender<Box<pictures::Changed>>,
}

async fn carry_out_one(house: &House, ways: &Ways, certificate: Option<&Certificate>, said: Box<Said>) {
    let Ways { ends, changes, pictures } = ways;
    match *said {
        Said::Push(Push::SessionEnded { session, member }) => {
            let _ = ends.send(Box::new(Ended { session, member })).await;
        }
        Said::Push(Push::MemberChanged(person)) => account_changed(house, person.id).await,
        Said::Push(Push::AccountChanged { member }) => account_changed(house, member).await,
        Said::Push(Push::PictureChanged { member, picture }) => {
            house.pictures.forget(Whose::Member(member));
            let _ = pictures.send(Box::new(pictures::Changed { member, picture })).await;
        }
        Said::Push(Push::ClubChanged { club }) => {
            house.pictures.forget(Whose::Club(club));
            let rooms = house.rooms.clone();
            fresh::spawn(move || async move { rooms.club_changed(Some(club)).await });
        }
        Said::Push(Push::ClubsChanged { members }) => {
            house.hallway.accounts_changed(members.into_iter().collect()).await;
        }
        Said::Push(Push::FollowingChanged { member }) => drop(changes.send(Box::new(member)).await),
        Said::Push(Push::Erased { member, tied }) => {
            house.pictures.forget(Whose::Member(member));
            house.hallway.accounts_changed(tied.iter().copied().collect()).await;
            // Their clubs have gone to others, or are no more.
            let rooms = house.rooms.clone();
            fresh::spawn(move || async move { rooms.club_changed(None).await });
            for member in tied {
                let _ = changes.send(Box::new(member)).await;
            }
        }
        Said::Push(Push::EventsChanged) => house.hallway.everyone(&ServerMessage::EventsChanged).await,
        Said::Push(Push::EventNotice { event, host, notice, to }) => {
            house.notifier.of_event(event, host, notice, to);
        }
        // The client of the keeper holds the door.
        Said::Push(Push::DoorChanged(_)) => {}
        Said::Push(Push::TlsKeys(keys)) => {
            if let Some(certificate) = certificate
                && certificate.renew(&keys).is_err()
            {
                log(Record::CertificateRefused);
            }
        }
        Said::BackAgain => {
            house.pictures.forget_all();
            house.hallway.everyone(&ServerMessage::EventsChanged).await;
            let (house, ends, changes) = (house.clone(), ends.clone(), changes.clone());
            fresh::spawn(move || ask_what_was_missed(house, ends, changes));
        }
    }
}

async fn account_changed(house: &House, member: MemberId) {
    house.hallway.accounts_changed(BTreeSet::from([member])).await;
}

/// Each by itself: one that takes its time keeps no other waiting.
async fn end_sessions(house: House, mut ended: mpsc::Receiver<Box<Ended>>) {
    let mut ending = FuturesUnordered::new();
    loop {
        tokio::select! {
            one = ended.recv(), if ending.len() < PUSH_MAILBOX => match one {
                Some(one) => ending.push(end_session(&house, *one)),
                None => return,
            },
            Some(()) = ending.next() => {}
        }
    }
}

async fn end_session(house: &House, Ended { session, member }: Ended) {
    // Audio first.
    house.rooms.session_ended(session, member).await;
    house.hallway.session_ended(session).await;
}

/// Asks whom somebody follows now, one after the other; who changes it several times meanwhile is asked for once.
async fn follow(house: House, mut changed: mpsc::Receiver<Box<MemberId>>) {
    let mut waiting: BTreeSet<Box<MemberId>> = BTreeSet::new();
    let mut asking = FuturesUnordered::new();
    loop {
        if asking.is_empty()
            && let Some(member) = waiting.pop_first()
        {
            asking.push(follow_anew(&house, *member));
        }
        tokio::select! {
            member = changed.recv() => match member {
                Some(member) => drop(waiting.insert(member)),
                None => return,
            },
            Some(again) = asking.next() => waiting.extend(again),
        }
    }
}

/// The member once more, where the keeper did not say.
async fn follow_anew(house: &House, member: MemberId) -> Option<Box<MemberId>> {
    match house.keeper.ask(Request::Following { member }).await {
        Ok(Reply::Members(follows)) => {
            house.hallway.follows(member, follows.into_iter().collect()).await;
            house.rooms.following_changed(member).await;
            None
        }
        _ => {
            sleep(FOLLOWS_RETRY_PERIOD).await;
            Some(Box::new(member))
        }
    }
}

/// While there was no keeper, sessions may have ended and people may have been followed without our hearing of it.
async fn ask_what_was_missed(
    house: House,
    ends: mpsc::Sender<Box<Ended>>,
    changes: mpsc::Sender<Box<MemberId>>,
) {
    let viewers = house.hallway.viewers().await;
    for some in viewers.chunks(keeper_api::limits::SESSIONS_PER_ASK_MAX) {
        let sessions = some.iter().map(|(_, session)| *session).collect();
        // Where it is gone again, this is asked again when it is back.
        let Ok(Reply::Sessions(ended)) = house.keeper.ask(Request::WhichEnded { sessions }).await else {
            return;
        };
        let ended: BTreeSet<SessionId> = ended.into_iter().collect();
        for (member, session) in some.iter().copied().filter(|(_, session)| ended.contains(session)) {
            let _ = ends.send(Box::new(Ended { session, member })).await;
        }
    }
    house.rooms.following_may_have_changed().await;
    house.rooms.club_changed(None).await;
    let members: BTreeSet<MemberId> = viewers.into_iter().map(|(member, _)| member).collect();
    for member in members {
        let _ = changes.send(Box::new(member)).await;
    }
}
