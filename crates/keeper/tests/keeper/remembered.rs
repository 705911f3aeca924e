//! What the keeper remembers, against what its database says, after whatever anybody does.

use aws_lc_rs::digest;
use keeper_api::admin::{AdminReply, AdminRequest};
use keeper_api::{
    Greeting, LinkSecret, LiveSession, MemberRequest, OrderRequest, PictureJpeg, RecoveryCode, Reply,
    Reported, Request, SessionToken, SignInSecret, SignedIn, Typed,
};
use proptest::prelude::*;
use protocol::account::DeviceLabel;
use protocol::id::{InviteId, MemberId, PasskeyId, ReportNumber, SessionId};
use protocol::limits::SESSIONS_MAX;
use protocol::order::{Measure, ReportOutcome, ReportReason};
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};
use store::{Day, SecretHash, Store};
use tokio::runtime::Runtime;

use crate::authenticator::Authenticator;
use crate::bench::{House, name};
use crate::order::drawn;
use crate::{admin, passkeys};

/// What somebody does. Each is tried with a device that may have been signed out long ago.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Rename,
    PutUpPicture,
    TakePictureAway,
    SignOut,
    RevokeOther,
    RevokeAllOthers,
    AddDevice,
    AddMoreDevicesThanThereMayBe,
    AskTheAdministrator,
    MakeCodes,
    UseCode,
    Invite,
    TakeBackInvitation,
    Join,
    Follow,
    Unfollow,
    SavePasskey,
    RemovePasskey,
    EnterByPasskey,
    IsReportedAndItIsDecided,
    IsReported,
    TheOwnerDecides,
    PutReportAway,
    IsSuspendedForAMoment,
    Erase,
}

const ALL: [Deed; 25] = [
    Deed::Rename,
    Deed::PutUpPicture,
    Deed::TakePictureAway,
    Deed::SignOut,
    Deed::RevokeOther,
    Deed::RevokeAllOthers,
    Deed::AddDevice,
    Deed::AddMoreDevicesThanThereMayBe,
    Deed::AskTheAdministrator,
    Deed::MakeCodes,
    Deed::UseCode,
    Deed::Invite,
    Deed::TakeBackInvitation,
    Deed::Join,
    Deed::Follow,
    Deed::Unfollow,
    Deed::SavePasskey,
    Deed::RemovePasskey,
    Deed::EnterByPasskey,
    Deed::IsReportedAndItIsDecided,
    Deed::IsReported,
    Deed::TheOwnerDecides,
    Deed::PutReportAway,
    Deed::IsSuspendedForAMoment,
    Deed::Erase,
];

struct Person {
    id: MemberId,
    handle: Handle,
    /// All that there ever were.
    devices: Vec<(SessionToken, SessionId)>,
    codes: Vec<String>,
    finger: Authenticator,
    passkeys: Vec<PasskeyId>,
    invites: Vec<(InviteId, LinkSecret)>,
}

struct Watched {
    house: House,
    people: Vec<Person>,
    database: Store,
    runtime: Runtime,
}

impl Watched {
    fn new() -> Self {
        let house = House::of("ann");
        let runtime = Runtime::new().expect("a runtime");
        let database =
            runtime.block_on(Store::open(&house.data().join("vivavoce.db"))).expect("the same file");
        let database = database.with_passkeys_at("localhost");
        let mut watched = Self { people: Vec::new(), database, runtime, house };
        watched.welcome(watched.house.owner.clone());
        for handle in ["ben", "cat"] {
            let newcomer = watched.house.join(handle);
            watched.welcome(newcomer);
        }
        watched
    }

    fn welcome(&mut self, signed: SignedIn) {
        self.people.push(Person {
            id: signed.me.id,
            handle: signed.me.handle.clone(),
            devices: vec![(signed.session, signed.me.session)],
            codes: Vec::new(),
            finger: Authenticator::at("http://localhost:8080"),
            passkeys: Vec::new(),
            invites: Vec::new(),
        });
    }

    /// Every answer about every device and every person there ever was is what the database says.
    fn compare(&mut self) {
        let today = Day::of(Timestamp(now_ms()));
        for person in &self.people {
            let mut follows = self.runtime.block_on(self.database.following(person.id)).expect("read");
            follows.sort();
            let answer = self.house.live.ask(Request::Following { member: person.id });
            assert_eq!(sorted(answer), Ok(Reply::Members(follows)), "whom {:?} follows", person.handle);
            for (token, _) in &person.devices {
                let hash = digest::digest(&digest::SHA256, token.as_bytes());
                let hash = SecretHash(hash.as_ref().try_into().expect("32 bytes"));
                let truth = self.runtime.block_on(self.database.session(hash, today));
                let truth = truth.map_err(|_| ErrorCode::SignedOut).map(|(held, mut follows)| {
                    follows.sort();
                    Greeting { session: LiveSession { me: held.me, expires_day: held.expires.0 }, follows }
                });
                let session = truth.as_ref().map(|truth| Reply::Session(truth.session.clone()));
                assert_eq!(self.house.live.check(token).as_ref(), session.as_ref().map_err(|code| *code));
                let greeting = self.house.live.ask(Request::Greet { session: token.clone() });
                assert_eq!(sorted(greeting), truth.map(Reply::Greeting));
            }
        }
    }

    /// Whether it was refused is not asked here: only what is answered afterwards.
    fn act(&mut self, deed: Deed, who: usize, which: usize) {
        let who = who % self.people.len();
        let whom = self.people[which % self.people.len()].handle.clone();
        let Self { house, people, .. } = self;
        let person = &mut people[who];
        let (token, _) = pick(&person.devices, which).expect("at least one").clone();
        if let Some(request) = plain(deed, person, whom.clone(), which) {
            drop(house.live.ask_for(&token, request));
            return;
        }
        match deed {
            Deed::AddDevice => by_own_link(house, person, &token),
            Deed::AskTheAdministrator => by_administrator(house, person),
            Deed::AddMoreDevicesThanThereMayBe => {
                (0..=SESSIONS_MAX).for_each(|_| by_administrator(house, person));
            }
            Deed::MakeCodes => {
                if let Ok(Reply::RecoveryCodes(made)) =
                    house.live.ask_for(&token, MemberRequest::MakeRecoveryCodes)
                {
                    person.codes = made.codes;
                }
            }
            Deed::UseCode => by_code(house, person),
            Deed::Invite => {
                let request = MemberRequest::CreateInvite { uses: 1, note: None };
                if let Ok(Reply::Link(link)) = house.live.ask_for(&token, request) {
                    person.invites.push((link.invite.expect("an invitation"), link.secret));
                }
            }
            Deed::Join => {
                if let Some((_, secret)) = pick(&person.invites, which).cloned()
                    && let Ok(newcomer) = house.live.accept(secret, &format!("new{}", people.len()))
                {
                    self.welcome(newcomer);
                }
            }
            Deed::SavePasskey => {
                let saved = passkeys::save(&mut house.live, &token, &mut person.finger);
                person.passkeys.extend(saved.map(|saved| saved.id));
            }
            Deed::IsReportedAndItIsDecided => {
                is_reported(house, Some(person.id), house.owner.me.id);
                for report in reports(house) {
                    let decide = AdminRequest::Resolve { report, outcome: ReportOutcome::ActedOn };
                    assert_eq!(admin::ask(&house.data(), &decide), AdminReply::Done);
                }
            }
            Deed::IsReported => is_reported(house, None, person.id),
            Deed::TheOwnerDecides => the_owner_decides(house, &people[0], which),
            Deed::PutReportAway => {
                for report in reports(house) {
                    drop(house.live.ask_for(&token, MemberRequest::PutReportAway { report }));
                }
            }
            Deed::IsSuspendedForAMoment => {
                let handle = person.handle.clone();
                drop(admin::ask(&house.data(), &AdminRequest::Suspend { handle: handle.clone() }));
                drop(admin::ask(&house.data(), &AdminRequest::Unsuspend { handle }));
            }
            // Somebody new: were it one of the three, the others would have little left to do.
            Deed::Erase => {
                let gone = somebody_who_goes(house, &format!("gone{}", people.len()), &token, whom);
                self.welcome(gone);
            }
            Deed::EnterByPasskey if !person.passkeys.is_empty() => {
                let signed = passkeys::enter(&mut house.live, &mut person.finger);
                person.devices.extend(signed.map(|signed| (signed.session, signed.me.session)));
            }
            _ => {}
        }
    }
}

fn is_reported(house: &mut House, reporter: Option<MemberId>, reported: MemberId) {
    let (reported, reason) = (Some(Reported::Member(reported)), ReportReason::Spam);
    let (numbers, heard) = (drawn(), Vec::new());
    drop(house.live.ask(Request::Report { numbers, reporter, reported, reason, heard }));
}

/// With whichever of their devices stands, one way or another; whoever is suspended may come again.
fn the_owner_decides(house: &mut House, owner: &Person, which: usize) {
    let measures = [Measure::Dismiss, Measure::Suspend, Measure::PauseBranch];
    let measure = *pick(&measures, which).expect("three");
    let Some((token, _)) = owner.devices.iter().find(|(token, _)| house.live.check(token).is_ok()) else {
        return;
    };
    let mut order = |request| house.live.ask_for(token, MemberRequest::Order(request));
    let Ok(Reply::Order(seen)) = order(OrderRequest::Look) else { panic!("the owner") };
    for report in seen.reports.iter().map(|report| report.number) {
        drop(order(OrderRequest::Decide { report, measure }));
    }
    let Ok(Reply::Order(seen)) = order(OrderRequest::Look) else { panic!("the owner") };
    for handle in seen.suspended.into_iter().map(|person| person.handle) {
        order(OrderRequest::Unsuspend { handle }).expect("lifted");
    }
}

/// Comes, follows somebody, is followed, is known, and erases themself.
fn somebody_who_goes(house: &mut House, who: &str, follower: &SessionToken, whom: Handle) -> SignedIn {
    let ask = AdminRequest::Invite { uses: 1 };
    let AdminReply::Link { secret, .. } = admin::ask(&house.data(), &ask) else { panic!("a link") };
    let gone = house.live.accept(secret, who).expect("accepted");
    let handle = gone.me.handle.clone();
    drop(house.live.ask_for(&gone.session, MemberRequest::Follow { handle: whom }));
    drop(house.live.ask_for(follower, MemberRequest::Follow { handle: handle.clone() }));
    for known in [&gone.session, follower] {
        drop(house.live.ask(Request::Greet { session: known.clone() }));
    }
    let handle = Typed::new(handle.as_str()).expect("short");
    house.live.ask_for(&gone.session, MemberRequest::Erase { handle }).expect("erased");
    gone
}

/// Those deeds that are one request whose answer does not matter.
fn plain(deed: Deed, person: &mut Person, whom: Handle, which: usize) -> Option<MemberRequest> {
    match deed {
        Deed::Rename => {
            Some(MemberRequest::Rename { name: name(&format!("{} {which}", person.handle.as_str())) })
        }
        Deed::PutUpPicture => {
            let jpeg = PictureJpeg::try_from(vec![7; which % 5]).expect("small");
            Some(MemberRequest::SetPicture { jpeg })
        }
        Deed::TakePictureAway => Some(MemberRequest::RemovePicture),
        Deed::SignOut => Some(MemberRequest::SignOut),
        Deed::RevokeOther => {
            let (_, session) = *pick(&person.devices, which / 2)?;
            Some(MemberRequest::RevokeSession { session })
        }
        Deed::RevokeAllOthers => Some(MemberRequest::RevokeOtherSessions),
        Deed::TakeBackInvitation => {
            let (invite, _) = pick(&person.invites, which)?;
            Some(MemberRequest::RevokeInvite { invite: *invite })
        }
        Deed::Follow => Some(MemberRequest::Follow { handle: whom }),
        Deed::Unfollow => Some(MemberRequest::Unfollow { handle: whom }),
        Deed::RemovePasskey => Some(MemberRequest::RemovePasskey { passkey: person.passkeys.pop()? }),
        _ => None,
    }
}

fn by_own_link(house: &mut House, person: &mut Person, token: &SessionToken) {
    if let Ok(Reply::Link(link)) = house.live.ask_for(token, MemberRequest::CreateDeviceLink) {
        sign_in(house, person, link.secret);
    }
}

fn by_code(house: &mut House, person: &mut Person) {
    let Some(code) = person.codes.pop() else { return };
    let signed = house.live.sign_in(Request::SignInByRecoveryCode {
        handle: Typed::new(person.handle.as_str()).expect("short"),
        code: RecoveryCode::parse(&code).expect("a code"),
        device: DeviceLabel::Windows,
    });
    person.devices.extend(signed.map(|signed| (signed.session, signed.me.session)));
}

fn reports(house: &House) -> Vec<ReportNumber> {
    match admin::ask(&house.data(), &AdminRequest::ListReports { after: None }) {
        AdminReply::Reports(reports) => reports.into_iter().map(|report| report.number).collect(),
        other => panic!("{other:?}"),
    }
}

fn by_administrator(house: &mut House, person: &mut Person) {
    let request = AdminRequest::SigninLink { handle: person.handle.clone() };
    let AdminReply::Link { secret, .. } = admin::ask(&house.data(), &request) else {
        // Erased: nobody has the handle.
        return;
    };
    sign_in(house, person, secret);
}

fn sign_in(house: &mut House, person: &mut Person, link: LinkSecret) {
    let request = Request::SignInByLink { secret: SignInSecret::Link(link), device: DeviceLabel::Android };
    let signed = house.live.sign_in(request).expect("a fresh link");
    person.devices.push((signed.session, signed.me.session));
}

fn pick<T>(all: &[T], which: usize) -> Option<&T> {
    all.get(which.checked_rem(all.len())?)
}

fn sorted(answer: Result<Reply, ErrorCode>) -> Result<Reply, ErrorCode> {
    answer.map(|reply| match reply {
        Reply::Members(mut members) => {
            members.sort();
            Reply::Members(members)
        }
        Reply::Greeting(mut greeting) => {
            greeting.follows.sort();
            Reply::Greeting(greeting)
        }
        other => other,
    })
}

fn now_ms() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    u64::try_from(since.as_millis()).expect("fits")
}

#[test]
fn after_each_thing_that_anybody_can_do_the_answers_are_those_of_the_database() {
    let mut watched = Watched::new();
    watched.compare();
    for (round, deed) in ALL.into_iter().chain(ALL.into_iter().rev()).enumerate() {
        for who in 0..3 {
            watched.act(deed, who, round);
            watched.compare();
        }
    }
    watched.house.server.stop();
}

#[test]
fn the_owner_hears_that_nobody_is_cut_off_any_more_whoever_it_was() {
    let mut house = House::at("https://old.example", "ann");
    let owner = house.owner.session.clone();
    let ben = house.join("ben");
    let mut finger = Authenticator::at("https://old.example");
    passkeys::save(&mut house.live, &ben.session, &mut finger).expect("saved");
    let mut house = house.restart(|start| start.public_url = "https://new.example".to_owned());
    assert_eq!(passkeys::me(&mut house.live, &owner).cut_off, 1);
    let mut finger = Authenticator::at("https://new.example");
    passkeys::save(&mut house.live, &ben.session, &mut finger).expect("saved");
    assert_eq!(passkeys::me(&mut house.live, &owner).cut_off, 0);
    house.server.stop();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn in_whatever_order_people_do_things_the_answers_are_those_of_the_database(
        deeds in proptest::collection::vec((prop::sample::select(&ALL[..]), 0..4usize, 0..40usize), 1..30),
    ) {
        let mut watched = Watched::new();
        watched.compare();
        for (deed, who, which) in deeds {
            watched.act(deed, who, which);
            watched.compare();
        }
        watched.house.server.stop();
    }
}
