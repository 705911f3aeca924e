//! Passkeys, against an authenticator in software.

use keeper_api::parent::KeeperNote;
use keeper_api::{Ceremony, CredentialJson, MemberRequest, Reply, Request, SessionToken, SignedIn};
use protocol::ErrorCode;
use protocol::account::{DeviceLabel, Me, Passkey, PasskeyChallenge, PasskeyWorks};
use protocol::limits::PASSKEYS_MAX;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::bench::{House, Live};

const ORIGIN: &str = "http://localhost:8080";

fn begin(live: &mut Live, session: &SessionToken) -> Result<PasskeyChallenge, ErrorCode> {
    match live.ask_for(session, MemberRequest::StartPasskey)? {
        Reply::PasskeyChallenge(challenge) => Ok(challenge),
        other => panic!("{other:?}"),
    }
}

fn finish(
    live: &mut Live,
    session: &SessionToken,
    ceremony: &str,
    credential: String,
) -> Result<Passkey, ErrorCode> {
    let request = MemberRequest::FinishPasskey {
        ceremony: Ceremony::parse(ceremony).expect("a name"),
        credential: CredentialJson::new(credential).expect("short"),
        device: DeviceLabel::Mac,
    };
    match live.ask_for(session, request)? {
        Reply::Passkey(passkey) => Ok(passkey),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn save(
    live: &mut Live,
    session: &SessionToken,
    authenticator: &mut Authenticator,
) -> Result<Passkey, ErrorCode> {
    let challenge = begin(live, session)?;
    finish(live, session, &challenge.ceremony, authenticator.create(&challenge.options))
}

fn challenge(live: &mut Live) -> PasskeyChallenge {
    match live.ask(Request::StartPasskeySignIn) {
        Ok(Reply::PasskeyChallenge(challenge)) => challenge,
        other => panic!("{other:?}"),
    }
}

fn prove(live: &mut Live, ceremony: &str, credential: String) -> Result<SignedIn, ErrorCode> {
    live.sign_in(Request::FinishPasskeySignIn {
        ceremony: Ceremony::parse(ceremony).expect("a name"),
        credential: CredentialJson::new(credential).expect("short"),
        device: DeviceLabel::Android,
    })
}

pub(crate) fn enter(live: &mut Live, authenticator: &mut Authenticator) -> Result<SignedIn, ErrorCode> {
    let challenge = challenge(live);
    prove(live, &challenge.ceremony, authenticator.get(&challenge.options))
}

pub(crate) fn me(live: &mut Live, session: &SessionToken) -> Me {
    match live.ask(Request::CheckSession { session: session.clone() }) {
        Ok(Reply::Session(session)) => session.me,
        other => panic!("{other:?}"),
    }
}

fn works(live: &mut Live, session: &SessionToken, which: &Passkey) -> PasskeyWorks {
    match live.ask_for(session, MemberRequest::ListPasskeys) {
        Ok(Reply::Passkeys(all)) => all.iter().find(|one| one.id == which.id).expect("listed").works,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_passkey_is_saved_and_signs_in_without_a_name() {
    let mut house = House::of("ann");
    let mut finger = Authenticator::at(ORIGIN);
    let saved = save(&mut house.live, &house.owner.session.clone(), &mut finger).expect("saved");
    assert_eq!(saved.device, DeviceLabel::Mac);
    let signed = enter(&mut house.live, &mut finger).expect("signed in");
    assert_eq!((signed.me.id, signed.me.passkeys), (house.owner.me.id, 1));
    assert_ne!(signed.session, house.owner.session);
    house.server.stop();
}

#[test]
fn signing_in_leaves_the_stored_passkey_as_it_was_made_whatever_the_authenticator_counts() {
    let mut house = House::of("ann");
    let mut old_key = Authenticator::at(ORIGIN);
    old_key.counter = 41;
    save(&mut house.live, &house.owner.session.clone(), &mut old_key).expect("saved");
    let mut house = house.restart(|_| ());
    let stored = credential_rows(&house);
    old_key.counter = 90;
    for _ in 0..3 {
        enter(&mut house.live, &mut old_key).expect("signed in");
    }
    let mut house = house.restart(|_| ());
    assert_eq!(credential_rows(&house), stored, "no trace of three sign-ins");
    assert!(stored.contains("\"counter\":0"), "{stored}");
    enter(&mut house.live, &mut old_key).expect("and it still signs in");
    house.server.stop();
}

/// Whatever JSON the database holds, as text.
fn credential_rows(house: &House) -> String {
    let bytes = std::fs::read(house.data().join("vivavoce.db")).expect("a file");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let from = text.find("{\"cred_id\"").expect("a credential");
    let length = text[from..].find("\"attestation_format\"").expect("its end");
    text[from..from + length].to_owned()
}

#[test]
fn a_challenge_is_good_once_and_for_its_own_member() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let ben = house.join("ben");
    let mut finger = Authenticator::at(ORIGIN);

    let for_ann = begin(&mut house.live, &owner).expect("begun");
    let credential = finger.create(&for_ann.options);
    let stolen = finish(&mut house.live, &ben.session, &for_ann.ceremony, credential.clone());
    assert_eq!(stolen, Err(ErrorCode::PasskeyRefused), "not Ben's ceremony");
    let late = finish(&mut house.live, &owner, &for_ann.ceremony, credential);
    assert_eq!(late, Err(ErrorCode::PasskeyRefused), "and over now");

    save(&mut house.live, &owner, &mut finger).expect("saved");
    let once = challenge(&mut house.live);
    let proof = finger.get(&once.options);
    prove(&mut house.live, &once.ceremony, proof.clone()).expect("signed in");
    assert_eq!(
        prove(&mut house.live, &once.ceremony, proof.clone()),
        Err(ErrorCode::PasskeyRefused),
        "replayed"
    );
    let other = challenge(&mut house.live);
    assert_eq!(
        prove(&mut house.live, &other.ceremony, proof),
        Err(ErrorCode::PasskeyRefused),
        "another challenge"
    );
    house.server.stop();
}

#[test]
fn a_proof_from_another_page_another_key_or_an_unverified_user_is_refused() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let mut finger = Authenticator::at(ORIGIN);
    save(&mut house.live, &owner, &mut finger).expect("saved");
    finger.visit("https://evil.example");
    assert_eq!(enter(&mut house.live, &mut finger).err(), Some(ErrorCode::PasskeyRefused));
    finger.visit("http://localhost:5173");
    enter(&mut house.live, &mut finger).expect("another port of this machine is this machine");
    finger.flags = 0x01 | 0x08 | 0x10;
    assert_eq!(enter(&mut house.live, &mut finger).err(), Some(ErrorCode::PasskeyRefused), "nobody verified");

    let mut unknown = Authenticator::at(ORIGIN);
    let begun = begin(&mut house.live, &owner).expect("begun");
    unknown.create(&begun.options);
    assert_eq!(enter(&mut house.live, &mut unknown).err(), Some(ErrorCode::PasskeyUnknown), "never saved");
    let careless = save(&mut house.live, &owner, &mut Authenticator::careless(ORIGIN));
    assert_eq!(careless, Err(ErrorCode::PasskeyRefused));
    let elsewhere = save(&mut house.live, &owner, &mut Authenticator::at("https://evil.example"));
    assert_eq!(elsewhere, Err(ErrorCode::PasskeyRefused));
    for noise in ["", "{}", "[]", "{\"id\":7}", "\u{0}"] {
        let begun = challenge(&mut house.live);
        assert_eq!(
            prove(&mut house.live, &begun.ceremony, noise.to_owned()).err(),
            Some(ErrorCode::PasskeyRefused)
        );
        let begun = begin(&mut house.live, &owner).expect("begun");
        let saved = finish(&mut house.live, &owner, &begun.ceremony, noise.to_owned());
        assert_eq!(saved, Err(ErrorCode::PasskeyRefused));
    }
    house.server.stop();
}

#[test]
fn a_credential_that_cannot_be_found_without_a_name_is_not_taken() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let begun = begin(&mut house.live, &owner).expect("begun");
    let fleeting =
        Authenticator::at(ORIGIN).create_with(&begun.options, json!({ "credProps": { "rk": false } }));
    let refused = finish(&mut house.live, &owner, &begun.ceremony, fleeting);
    assert_eq!(refused, Err(ErrorCode::PasskeyRefused));
    house.server.stop();
}

#[test]
fn a_removed_passkey_signs_nobody_in_and_there_is_a_most() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let mut finger = Authenticator::at(ORIGIN);
    let saved = save(&mut house.live, &owner, &mut finger).expect("saved");
    let ben = house.join("ben");
    let remove = MemberRequest::RemovePasskey { passkey: saved.id };
    assert_eq!(house.live.ask_for(&ben.session, remove.clone()), Err(ErrorCode::NotThere), "not Ben's");
    assert_eq!(house.live.ask_for(&owner, remove), Ok(Reply::Done));
    assert_eq!(enter(&mut house.live, &mut finger).err(), Some(ErrorCode::PasskeyUnknown));
    for _ in 0..PASSKEYS_MAX {
        save(&mut house.live, &owner, &mut Authenticator::at(ORIGIN)).expect("saved");
    }
    assert_eq!(begin(&mut house.live, &owner).err(), Some(ErrorCode::Full));
    house.server.stop();
}

#[test]
fn a_server_that_moved_says_so_as_long_as_somebody_is_cut_off_and_takes_new_passkeys() {
    let mut house = House::at("https://old.example", "ann");
    let owner = house.owner.session.clone();
    let mut finger = Authenticator::at("https://old.example");
    let old = save(&mut house.live, &owner, &mut finger).expect("saved");
    let mut house = house.restart(|start| start.public_url = "https://new.example".to_owned());
    assert_eq!(house.server.note(), KeeperNote::PasskeysElsewhere { members: 1 });
    assert_eq!((me(&mut house.live, &owner).cut_off, me(&mut house.live, &owner).passkeys), (1, 0));
    assert_eq!(works(&mut house.live, &owner, &old), PasskeyWorks::Elsewhere);

    // It stays true, so it is said again.
    let mut house = house.restart(|start| start.public_url = "https://new.example".to_owned());
    assert_eq!(house.server.note(), KeeperNote::PasskeysElsewhere { members: 1 });
    let mut fresh = Authenticator::at("https://new.example");
    let new = save(&mut house.live, &owner, &mut fresh).expect("saved");
    assert_eq!((me(&mut house.live, &owner).cut_off, me(&mut house.live, &owner).passkeys), (0, 1));
    assert_eq!(works(&mut house.live, &owner, &new), PasskeyWorks::Here);
    enter(&mut house.live, &mut fresh).expect("signed in");

    // Back at the old address the old one works, and the owner has a way in at both.
    let mut house = house.restart(|start| start.public_url = "https://old.example".to_owned());
    assert_eq!(me(&mut house.live, &owner).cut_off, 0);
    assert_eq!(works(&mut house.live, &owner, &old), PasskeyWorks::Here);
    assert_eq!(works(&mut house.live, &owner, &new), PasskeyWorks::Elsewhere);
    enter(&mut house.live, &mut finger).expect("signed in");
    house.server.stop();
}

#[test]
fn at_a_plain_address_there_are_no_passkeys() {
    let mut house = House::at("https://192.0.2.1", "ann");
    let owner = house.owner.session.clone();
    assert!(matches!(house.live.ask(Request::Door), Ok(Reply::Door(door)) if door.passkeys.is_none()));
    assert_eq!(begin(&mut house.live, &owner).err(), Some(ErrorCode::PasskeysUnavailable));
    assert_eq!(house.live.ask(Request::StartPasskeySignIn), Err(ErrorCode::PasskeysUnavailable));
    house.server.stop();
}
