//! A keeper that keeps everything in memory and believes what it is told.

mod events;
mod page;
mod pings;
mod push;

mod club;
mod pictures;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use keeper_api::limits::KEPT_PAGE;
use keeper_api::{
    Decoder, Door, Greeting, KeptPeople, Link, LinkSecret, LiveSession, MemberRequest, NoticesRequest,
    PasskeyDomain, Person, PictureJpeg, Push, PushDevice, RecoveryCode, Reply, Reported, Request, SealingKey,
    SessionToken, SignedIn, ToKeeper, ToLive, Welcome,
};
use protocol::account::{DoorState, InvitePreview, Me, RecoveryCodes, Role};
use protocol::event::Event;
use protocol::id::{InviteId, MemberId, PictureId, SessionId};
use protocol::kept::{KEPT_VERSION, Kept, KeptAccount};
use protocol::order::BlockReach;
use protocol::profile::{Languages, Nominator};
use protocol::text::{DisplayName, Handle, ServerName};
use protocol::{ErrorCode, Timestamp};
use tokio::sync::mpsc;

use super::house::PATIENCE;
pub(super) use club::CLUB;
use club::Jazz;
use page::page;
use push::push_key;

/// The only invitation there is, again and again.
pub(super) const INVITATION: LinkSecret = LinkSecret::from_random([7; 16]);
const INVITE: InviteId = InviteId([7; 16]);
/// Sessions of these tests end on this day, in a century.
const EXPIRES_DAY: u32 = 60_000;

#[derive(Clone)]
pub(super) struct FakeKeeper(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// The line of now, to push to.
    line: Mutex<Option<UnixStream>>,
    files: mpsc::UnboundedSender<Filed>,
    filed: Mutex<mpsc::UnboundedReceiver<Filed>>,
}

/// By and about whom, by handle; and who heard it too.
pub(super) type Filed = (String, String, Vec<String>);

struct State {
    members: Vec<Member>,
    key: Option<SealingKey>,
    /// How often it is still too busy to say whom somebody follows.
    busy: u32,
    /// Whom somebody follows is asked in vain.
    says_nothing: bool,
    /// Who blocks whom.
    blocks: Vec<(MemberId, MemberId)>,
    /// Whose blocks reach further.
    protected: Vec<MemberId>,
    /// How often it was asked whom somebody blocks, since it cannot say.
    in_vain: Option<usize>,
    /// How often it was asked for a picture.
    pictures_asked: usize,
    event: Option<Event>,
    /// What was asked about events.
    event_requests: Vec<String>,
    /// Who rang whose bell.
    bells: Vec<(MemberId, MemberId)>,
    devices: Vec<PushDevice>,
    jazz: Jazz,
}

struct Member {
    person: Person,
    picture: Option<(PictureId, PictureJpeg)>,
    follows: BTreeSet<MemberId>,
    /// Whose pings they do not want.
    unpinged_by: BTreeSet<MemberId>,
    sessions: Vec<(SessionToken, SessionId)>,
}

impl FakeKeeper {
    pub(super) fn new() -> Self {
        let state = Mutex::new(State {
            members: Vec::new(),
            key: None,
            busy: 0,
            says_nothing: false,
            blocks: Vec::new(),
            protected: Vec::new(),
            in_vain: None,
            pictures_asked: 0,
            event: None,
            event_requests: Vec::new(),
            bells: Vec::new(),
            devices: Vec::new(),
            jazz: Jazz::default(),
        });
        let (files, filed) = mpsc::unbounded_channel();
        Self(Arc::new(Shared { state, line: Mutex::new(None), files, filed: Mutex::new(filed) }))
    }

    /// Serves one line, until it ends.
    pub(super) fn serve(&self, line: UnixStream) {
        *self.0.line.lock().unwrap() = Some(line.try_clone().unwrap());
        let (keeper, mut line) = (self.clone(), line);
        std::thread::spawn(move || {
            let mut decoder = Decoder::<ToKeeper>::new();
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = line.read(&mut bytes) {
                decoder.push(&bytes[..count]);
                while let Some(message) = decoder.pop().unwrap() {
                    keeper.hear(message);
                }
            }
        });
    }

    /// Dies, and with it the line.
    pub(super) fn hang_up(&self) {
        if let Some(line) = self.0.line.lock().unwrap().take() {
            let _ = line.shutdown(std::net::Shutdown::Both);
        }
    }

    /// What rooms are sealed with, once a process has asked for it.
    pub(super) fn sealing_key(&self) -> SealingKey {
        self.state().key.clone().expect("asked for")
    }

    /// A member, signed in on one device.
    pub(super) fn member(&self, handle: &str) -> SessionToken {
        let mut state = self.state();
        let id = MemberId((state.members.len() as u128 + 1).to_be_bytes());
        let mut name = handle.to_owned();
        name[..1].make_ascii_uppercase();
        let person =
            Person { id, handle: Handle::parse(handle).unwrap(), name: DisplayName::parse(&name).unwrap() };
        state.members.push(Member {
            person,
            picture: None,
            follows: BTreeSet::new(),
            unpinged_by: BTreeSet::new(),
            sessions: Vec::new(),
        });
        drop(state);
        self.device(handle)
    }

    /// One more device of a member.
    pub(super) fn device(&self, handle: &str) -> SessionToken {
        let token = SessionToken::from_random(crate::clock::random());
        let session = SessionId(crate::clock::random());
        self.state().by_handle(handle).sessions.push((token.clone(), session));
        token
    }

    pub(super) fn follow(&self, who: &str, whom: &str) {
        let mut state = self.state();
        let whom = state.by_handle(whom).person.id;
        let member = state.by_handle(who);
        member.follows.insert(whom);
        let member = member.person.id;
        drop(state);
        self.push(Push::FollowingChanged { member });
    }

    pub(super) fn block(&self, who: &str, whom: &str) {
        let mut state = self.state();
        let [member, whom] = [who, whom].map(|handle| state.by_handle(handle).person.id);
        state.blocks.push((member, whom));
        state.by_handle(who).follows.remove(&whom);
        for one in state.members.iter_mut().filter(|one| one.person.id == whom) {
            one.follows.remove(&member);
        }
        drop(state);
        for member in [member, whom] {
            self.push(Push::FollowingChanged { member });
        }
    }

    pub(super) fn protect(&self, who: &str) {
        let mut state = self.state();
        let member = state.by_handle(who).person.id;
        state.protected.push(member);
        drop(state);
        self.push(Push::FollowingChanged { member });
    }

    fn blocked(&self, by: MemberId) -> Reply {
        let blocks = self.state().blocks.clone();
        if !blocks.is_empty() {
            // Far longer than a card takes to the hallway.
            std::thread::sleep(Duration::from_millis(500));
        }
        let blocked = blocks.into_iter().filter(|(who, _)| *who == by).map(|(_, whom)| whom).collect();
        let protected = self.state().protected.contains(&by);
        Reply::Blocks { blocked, reach: if protected { BlockReach::Room } else { BlockReach::Stage } }
    }

    /// The next question whom somebody follows is not answered.
    pub(super) fn is_busy_once(&self) {
        self.state().busy = 1;
    }

    /// From now on, nobody is told whom anybody follows.
    pub(super) fn says_nothing_of_follows(&self) {
        self.state().says_nothing = true;
    }

    /// From now on, it is too busy to say whom anybody blocks.
    pub(super) fn cannot_say_who_blocks_whom(&self) {
        self.state().in_vain = Some(0);
    }

    /// How often it was asked since.
    pub(super) fn asked_in_vain(&self) -> usize {
        self.state().in_vain.unwrap_or_default()
    }

    fn is_asked_in_vain(&self) -> bool {
        let mut state = self.state();
        if let Some(count) = &mut state.in_vain {
            *count += 1;
        }
        state.in_vain.is_some()
    }

    /// Says so often that whom somebody follows has changed.
    pub(super) fn says_that_follows_changed(&self, handle: &str, times: usize) {
        let member = self.state().by_handle(handle).person.id;
        for _ in 0..times {
            self.push(Push::FollowingChanged { member });
        }
    }

    pub(super) fn revoke(&self, token: &SessionToken) {
        let mut state = self.state();
        let member = state.members.iter_mut().find(|m| m.sessions.iter().any(|(t, _)| t == token)).unwrap();
        let at = member.sessions.iter().position(|(known, _)| known == token).unwrap();
        let (_, session) = member.sessions.remove(at);
        let member = member.person.id;
        drop(state);
        self.push(Push::SessionEnded { session, member });
    }

    /// What the administrators have got so far, and nobody has looked at.
    pub(super) fn report_so_far(&self) -> Option<Filed> {
        self.0.filed.lock().unwrap().try_recv().ok()
    }

    /// The next report that the administrators get.
    pub(super) async fn report(&self) -> Filed {
        let next = || std::future::poll_fn(|context| self.0.filed.lock().unwrap().poll_recv(context));
        tokio::time::timeout(PATIENCE, next()).await.expect("in time").expect("a report")
    }

    fn followed(&self, me: &Me, after: Option<Handle>) -> Vec<Handle> {
        let mut state = self.state();
        let follows = state.by_handle(me.handle.as_str()).follows.clone();
        let members = state.members.iter().filter(|m| follows.contains(&m.person.id));
        let mut handles: Vec<Handle> = members
            .map(|m| m.person.handle.clone())
            .filter(|handle| after.as_ref().is_none_or(|after| handle.as_str() > after.as_str()))
            .collect();
        handles.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        handles.truncate(KEPT_PAGE);
        handles
    }

    fn erase(&self, me: &Me) {
        let sessions = self.state().by_handle(me.handle.as_str()).sessions.clone();
        for (token, _) in sessions {
            self.revoke(&token);
        }
        let mut state = self.state();
        state.members.retain(|m| m.person.id != me.id);
        for other in &mut state.members {
            other.follows.remove(&me.id);
        }
        let tied = state.members.iter().map(|m| m.person.id).collect();
        drop(state);
        self.push(Push::Erased { member: me.id, tied });
    }

    fn kept(&self, me: &Me) -> Kept {
        Kept {
            version: KEPT_VERSION,
            account: KeptAccount {
                id: me.id,
                handle: me.handle.clone(),
                handle_looks: me.handle.as_str().to_owned(),
                name: me.name.clone(),
                name_folded: me.name.as_str().to_lowercase(),
                role: me.role,
                invited_by: None,
                invite: None,
                bio: None,
                pronunciation: None,
                speaks: Languages::default(),
                understands: Languages::default(),
                nominator: Nominator::Shown,
                day: 0,
                suspended: false,
                paused: false,
                protected: false,
                allowance: 5,
                allowance_day: 0,
            },
            picture: None,
            passkeys: Vec::new(),
            sessions: Vec::new(),
            recovery_codes: 0,
            links: Vec::new(),
            invites: Vec::new(),
            invited: Vec::new(),
            follows: Vec::new(),
            blocks: Vec::new(),
            bells: Vec::new(),
            wishes: None,
            push_devices: Vec::new(),
            clubs: Vec::new(),
            club_bans: Vec::new(),
            pings_muted: Vec::new(),
            reports: Vec::new(),
            heard: Vec::new(),
            signed: 0,
            events: Vec::new(),
            event_parts: Vec::new(),
            event_going: Vec::new(),
            calendars: 0,
            followers: 0,
            copy_until_day: None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    fn push(&self, push: Push) {
        self.say(&ToLive::Push(push));
    }

    fn say(&self, message: &ToLive) {
        if let Some(line) = self.0.line.lock().unwrap().as_mut() {
            let _ = line.write_all(&keeper_api::encode(message).unwrap());
        }
    }

    fn hear(&self, message: ToKeeper) {
        match message {
            ToKeeper::Hello(hello) => {
                let mut state = self.state();
                let key = hello.sealing_key.or(state.key.clone());
                let key = key.unwrap_or_else(|| SealingKey::from_random(crate::clock::random()));
                state.key = Some(key.clone());
                drop(state);
                self.say(&ToLive::Welcome(Welcome {
                    sealing_key: key,
                    door: door(),
                    tls: None,
                    push_key: push_key(),
                }));
            }
            ToKeeper::Ask { request: Request::Following { .. }, .. } if self.state().says_nothing => {}
            ToKeeper::Ask { number, request: Request::Blocked { .. } } if self.is_asked_in_vain() => {
                self.say(&ToLive::Answer { number, answer: Err(ErrorCode::Busy) });
            }
            ToKeeper::Ask { number, request: Request::Blocked { member } } => {
                // Nobody else waits for it meanwhile. It goes to whoever asked, or nowhere.
                let asked_on = self.0.line.lock().unwrap().as_ref().map(|line| line.try_clone().unwrap());
                let keeper = self.clone();
                std::thread::spawn(move || {
                    let answer = ToLive::Answer { number, answer: Ok(keeper.blocked(member)) };
                    let _one_at_a_time = keeper.0.line.lock().unwrap();
                    if let Some(mut line) = asked_on {
                        let _ = line.write_all(&keeper_api::encode(&answer).unwrap());
                    }
                });
            }
            ToKeeper::Ask { number, request } => {
                let answer = self.answer(request);
                self.say(&ToLive::Answer { number, answer });
            }
        }
    }

    fn answer(&self, request: Request) -> Result<Reply, ErrorCode> {
        let mut state = self.state();
        match request {
            Request::Door => Ok(Reply::Door(door())),
            Request::PreviewInvite { secret } if secret == INVITATION => {
                Ok(Reply::InvitePreview(InvitePreview {
                    inviter: DisplayName::parse("Ann").unwrap(),
                    server: door().name.unwrap(),
                }))
            }
            Request::AcceptInvite { secret, handle, .. } if secret == INVITATION => {
                if state.members.iter().any(|m| m.person.handle == handle) {
                    return Err(ErrorCode::HandleTaken);
                }
                drop(state);
                let token = self.member(handle.as_str());
                let me = self.state().session(&token).ok_or(ErrorCode::Internal)?;
                Ok(Reply::SignedIn(Box::new(SignedIn {
                    me,
                    session: token,
                    expires_day: EXPIRES_DAY,
                    inviter: None,
                    greeter: self.state().members.first().map(|first| first.person.id),
                    invite: Some(INVITE),
                })))
            }
            Request::CheckSession { session } => state
                .session(&session)
                .map(|me| Reply::Session(LiveSession { me, expires_day: EXPIRES_DAY }))
                .ok_or(ErrorCode::SignedOut),
            Request::Greet { session } => state.greeting(&session),
            Request::ForMember { session, request } => {
                let me = state.session(&session).ok_or(ErrorCode::SignedOut)?;
                drop(state);
                self.for_member(&session, &me, request)
            }
            Request::Following { .. } if state.busy > 0 => {
                drop(state);
                self.state().busy -= 1;
                Err(ErrorCode::Busy)
            }
            Request::Following { member } => {
                let found = state.members.iter().find(|m| m.person.id == member);
                Ok(Reply::Members(found.map(|m| m.follows.iter().copied().collect()).unwrap_or_default()))
            }
            Request::Resolve { asker, handles } => Ok(state.resolve(asker, &handles)),
            Request::MayPing { by, who } => state.may_ping(by, &who),
            Request::Report { reporter, reported, heard, .. } => {
                self.0.files.send(state.filed(reporter, reported.as_ref(), &heard)).unwrap();
                Ok(Reply::Done)
            }
            Request::WhoseBell { of, after } => Ok(state.whose_bell(of, after)),
            Request::DevicesForEvent { after, .. } => Ok(state.devices_for_event(after)),
            Request::DevicesOf { member } => Ok(state.devices_of(member)),
            Request::DeviceGone { session, .. } => {
                drop(state);
                self.state().devices.retain(|device| device.session != session);
                Ok(Reply::Done)
            }
            request @ (Request::ClubRoll { .. } | Request::BanFromClub { .. }) => state.jazz.room(&request),
            Request::WhichEnded { sessions } => {
                let stands =
                    |id: &SessionId| state.members.iter().any(|m| m.sessions.iter().any(|(_, s)| s == id));
                Ok(Reply::Sessions(sessions.into_iter().filter(|id| !stands(id)).collect()))
            }
            _ => Err(ErrorCode::LinkSpent),
        }
    }

    fn for_member(&self, token: &SessionToken, me: &Me, request: MemberRequest) -> Result<Reply, ErrorCode> {
        match request {
            MemberRequest::Rename { name } => {
                let mut state = self.state();
                let member = state.by_handle(me.handle.as_str());
                member.person.name = name;
                let person = member.person.clone();
                let me = state.session(token).ok_or(ErrorCode::SignedOut)?;
                drop(state);
                self.push(Push::MemberChanged(person));
                Ok(Reply::Me(me))
            }
            MemberRequest::SetPicture { jpeg } => self.picture(token, me, Some(jpeg)),
            MemberRequest::RemovePicture => self.picture(token, me, None),
            MemberRequest::Picture { picture } => self.state().look_at(picture),
            MemberRequest::Event(request) => self.event(me, &request),
            MemberRequest::Club(request) => self.state().jazz.answer(me.id, &request),
            MemberRequest::Kept => Ok(Reply::Kept(Box::new(self.kept(me)))),
            MemberRequest::KeptPeople { which: KeptPeople::Followed, after } => {
                Ok(Reply::Handles(self.followed(me, after)))
            }
            MemberRequest::KeptPeople { .. } => Ok(Reply::Handles(Vec::new())),
            MemberRequest::Erase { handle } if handle.as_str() == me.handle.as_str() => {
                self.erase(me);
                Ok(Reply::Done)
            }
            MemberRequest::Notices(NoticesRequest::ThisDevice) => Ok(Reply::Devices(
                self.state().devices.iter().filter(|device| device.session == me.session).cloned().collect(),
            )),
            MemberRequest::SignOut => {
                self.revoke(token);
                Ok(Reply::Done)
            }
            MemberRequest::RevokeSession { session } => {
                let token = {
                    let mut state = self.state();
                    let member = state.by_handle(me.handle.as_str());
                    let found = member.sessions.iter().find(|(_, id)| *id == session);
                    found.map(|(token, _)| token.clone()).ok_or(ErrorCode::NotThere)?
                };
                self.revoke(&token);
                Ok(Reply::Done)
            }
            MemberRequest::CreateInvite { .. } => Ok(Reply::Link(Link {
                invite: Some(INVITE),
                secret: INVITATION,
                code: None,
                expires: Timestamp(0),
            })),
            MemberRequest::MakeRecoveryCodes => Ok(Reply::RecoveryCodes(RecoveryCodes {
                codes: vec![RecoveryCode::from_random([1; 10]).reveal()],
            })),
            MemberRequest::Profile { handle } => {
                let mut state = self.state();
                if !state.members.iter().any(|m| m.person.handle == handle) {
                    return Err(ErrorCode::NotThere);
                }
                let Person { handle, name, .. } = state.by_handle(handle.as_str()).person.clone();
                Ok(Reply::ProfilePage(Box::new(page(handle, name))))
            }
            _ => Err(ErrorCode::NotAllowed),
        }
    }
}

impl State {
    fn greeting(&self, session: &SessionToken) -> Result<Reply, ErrorCode> {
        let me = self.session(session).ok_or(ErrorCode::SignedOut)?;
        let member = self.members.iter().find(|m| m.person.id == me.id);
        let follows = member.map(|m| m.follows.iter().copied().collect()).unwrap_or_default();
        let session = LiveSession { me, expires_day: EXPIRES_DAY };
        Ok(Reply::Greeting(Greeting { session, follows }))
    }

    fn by_handle(&mut self, handle: &str) -> &mut Member {
        self.members.iter_mut().find(|m| m.person.handle.as_str() == handle).unwrap()
    }

    fn filed(&self, by: Option<MemberId>, about: Option<&Reported>, heard: &[MemberId]) -> Filed {
        let named = |id: Option<MemberId>| {
            let found = self.members.iter().find(|m| Some(m.person.id) == id);
            found.map_or("a guest", |m| m.person.handle.as_str()).to_owned()
        };
        let about = match about {
            Some(Reported::Member(member)) => named(Some(*member)),
            Some(Reported::Called(handle)) => format!("whoever is called {}", handle.as_str()),
            None => named(None),
        };
        (named(by), about, heard.iter().map(|id| named(Some(*id))).collect())
    }

    fn session(&self, token: &SessionToken) -> Option<Me> {
        self.members.iter().find_map(|member| {
            let (_, session) = member.sessions.iter().find(|(known, _)| known == token)?;
            let Person { id, handle, name } = member.person.clone();
            let (session, role) = (*session, Role::Member);
            Some(Me {
                id,
                name,
                handle,
                role,
                session,
                passkeys: 0,
                recovery_codes: 0,
                invites_left: 5,
                cut_off: 0,
                reports_decided: 0,
                reports_open: 0,
                newcomer: false,
                picture: member.picture.as_ref().map(|(id, _)| *id),
                speaks: Languages::default(),
                understands: Languages::default(),
            })
        })
    }
}

fn door() -> Door {
    Door {
        name: ServerName::parse("Kitchen").ok(),
        state: DoorState::Open,
        passkeys: PasskeyDomain::new("localhost").ok(),
    }
}
