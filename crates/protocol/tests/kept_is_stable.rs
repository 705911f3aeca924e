//! What is kept about a member, as the file that they take along has it: whoever reads one today reads one of next year.

use protocol::Timestamp;
use protocol::account::{DeviceLabel, Role, Session};
use protocol::club::ClubStanding;
use protocol::event::{EventKind, EventNews, EventPart, EventState, Repeat};
use protocol::id::{ClubId, EventId, InviteId, MemberId, PasskeyId, PictureId, ReportNumber, SessionId};
use protocol::kept::{
    KEPT_VERSION, Kept, KeptAccount, KeptClub, KeptClubBan, KeptEvent, KeptEventPart, KeptGoing, KeptInvite,
    KeptLink, KeptLinkKind, KeptPasskey, KeptPicture, KeptPushDevice,
};
use protocol::order::{MyReport, ReportOutcome, ReportPart, ReportReason};
use protocol::profile::{Languages, Nominator};
use protocol::push::{ClockOffset, MinuteOfDay, Quiet, Switch, Wishes};
use protocol::text::{
    Bio, ClubName, DisplayName, EventDescription, EventTitle, Handle, Language, Pronunciation, Zone,
};

fn handle(text: &str) -> Handle {
    Handle::parse(text).expect("a handle")
}

fn report(number: u32, part: ReportPart) -> MyReport {
    let (reported, reason, outcome) = match part {
        ReportPart::Made => (Some(handle("dan")), ReportReason::Spam, ReportOutcome::Open),
        ReportPart::Heard => (None, ReportReason::Hate, ReportOutcome::ActedOn),
    };
    MyReport { number: ReportNumber(number), part, reported, reason, day: 20_000, outcome }
}

fn event() -> KeptEvent {
    KeptEvent {
        id: EventId([10; 16]),
        title: EventTitle::parse("A reading").expect("a title"),
        description: Some(EventDescription::parse("Poems.\nAnd tea.").expect("a description")),
        kind: EventKind::Social,
        languages: vec![Language::parse("en").expect("a language")].try_into().expect("one"),
        start: Timestamp(1_790_000_040_000),
        first: Timestamp(1_789_000_020_000),
        zone: Zone::parse("Europe/Berlin").expect("a zone"),
        minutes: 60,
        repeat: Repeat::Weekly,
        state: EventState::Announced,
        sequence: 2,
    }
}

fn wishes() -> Wishes {
    let minute = |minute| MinuteOfDay::try_from(minute).expect("of a day");
    let quiet =
        Quiet { from: minute(1_320), until: minute(450), zone: ClockOffset::try_from(-60).expect("a zone") };
    Wishes { bells: Switch::Off, asks: Switch::On, events: Switch::Off, quiet: Some(quiet) }
}

fn push_device() -> KeptPushDevice {
    KeptPushDevice {
        session: SessionId([4; 16]),
        endpoint: "https://push.example.org/a".to_owned(),
        p256dh: "BA".to_owned(),
        auth: "AQ".to_owned(),
    }
}

fn passkey() -> KeptPasskey {
    KeptPasskey {
        id: PasskeyId([3; 16]),
        credential_id: "AQ".to_owned(),
        credential: "{}".to_owned(),
        device: DeviceLabel::Mac,
        day: 20_000,
        domain: "localhost".to_owned(),
    }
}

fn club() -> KeptClub {
    KeptClub {
        club: ClubId([7; 16]),
        name: ClubName::parse("Jazz").expect("a name"),
        standing: ClubStanding::Admin,
        day: 20_000,
        offered: true,
    }
}

fn ban() -> KeptClubBan {
    KeptClubBan {
        club: ClubId([8; 16]),
        name: ClubName::parse("Folk").expect("a name"),
        until_day: Some(20_008),
    }
}

fn part() -> KeptEventPart {
    KeptEventPart { event: EventId([11; 16]), part: EventPart::Speaker, news: vec![EventNews::Named] }
}

#[test]
fn a_file_that_was_taken_along_is_read_by_its_names() {
    let kept = Kept {
        version: KEPT_VERSION,
        account: KeptAccount {
            id: MemberId([1; 16]),
            handle: handle("ann"),
            handle_looks: "ann".to_owned(),
            name: DisplayName::parse("Ann").expect("a name"),
            name_folded: "ann".to_owned(),
            role: Role::Member,
            invited_by: Some(handle("olga")),
            invite: Some(InviteId([2; 16])),
            bio: Some(Bio::parse("I play the bassoon.\nBadly.").expect("a bio")),
            pronunciation: Some(Pronunciation::parse("an").expect("a pronunciation")),
            speaks: vec![Language::parse("en").expect("a language")].try_into().expect("one"),
            understands: Languages::default(),
            nominator: Nominator::Hidden,
            day: 20_000,
            suspended: false,
            paused: true,
            protected: true,
            allowance: 5,
            allowance_day: 20_001,
        },
        picture: Some(KeptPicture { id: PictureId([6; 16]), jpeg: "data:image/jpeg;base64,YmVu".to_owned() }),
        passkeys: vec![passkey()],
        sessions: vec![Session {
            id: SessionId([4; 16]),
            device: DeviceLabel::Android,
            day: 20_000,
            expires_day: 20_181,
            current: true,
        }],
        recovery_codes: 8,
        links: vec![KeptLink { kind: KeptLinkKind::Administrator, expires: Timestamp(7) }],
        invites: vec![KeptInvite {
            id: InviteId([5; 16]),
            note: None,
            uses: 2,
            used: 1,
            revoked: false,
            allowance: true,
            day: 20_000,
            expires_day: 20_008,
        }],
        invited: vec![handle("ben")],
        follows: vec![handle("cat")],
        bells: vec![handle("cat")],
        wishes: Some(wishes()),
        push_devices: vec![push_device()],
        blocks: vec![handle("eve")],
        clubs: vec![club()],
        club_bans: vec![ban()],
        pings_muted: vec![handle("dan")],
        reports: vec![report(123_456, ReportPart::Made)],
        heard: vec![report(654_321, ReportPart::Heard)],
        signed: 1,
        events: vec![event()],
        event_parts: vec![part()],
        event_going: vec![KeptGoing { event: EventId([12; 16]), news: vec![EventNews::Time] }],
        calendars: 1,
        followers: 3,
        copy_until_day: Some(20_030),
    };
    let text = include_str!("../fixtures/kept.json");
    assert_eq!(serde_json::from_str::<Kept>(text).expect("read"), kept);
    let written = serde_json::to_value(&kept).expect("written");
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(text).expect("read"));
}
