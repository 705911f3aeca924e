//! What browsers answer when a passkey is made or used, as the keeper takes it.
//!
//! The challenge of a ceremony is new every time, and so is the key of the passkey that is known here: in the corpus stand
//! words in their place, which are replaced before an answer is tried.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use keeper::webauthn::{Made, Owner, Passkeys, passkeys};
use keeper_api::CredentialJson;
use protocol::id::MemberId;
use serde_json::{Value, json};
use webauthn_rs::prelude::Url;

#[path = "../../../crates/keeper/tests/keeper/authenticator.rs"]
#[allow(dead_code, reason = "the keeper's own tests need more of it")]
mod authenticator;

use authenticator::Authenticator;

const ORIGIN: &str = "https://voice.example";
const DOMAIN: &str = "voice.example";
const MEMBER: MemberId = MemberId([7; 16]);
/// As long as a challenge is in an answer.
const CHALLENGE: &str = "CHALLENGECHALLENGECHALLENGECHALLENGECHALLEN";
const CREDENTIAL: &str = "CREDENTIAL";
const SIGNATURE: &str = "SIGNATURE";
/// Flags of an authenticator: its user is there, was verified, and there is a credential beside them.
const PRESENT_AND_VERIFIED: u8 = 0x05;
const ATTESTED: u8 = 0x40;
/// Where the flags are: behind the hash of the domain.
const FLAGS: usize = 32;

/// A member with a passkey.
struct Known {
    passkeys: Passkeys,
    authenticator: Authenticator,
    made: Made,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let passkeys = passkeys(ORIGIN).expect("a domain");
    let mut authenticator = Authenticator::at(ORIGIN);
    let (options, begun) = passkeys.start_registration(owner(), Vec::new()).expect("options");
    let answer = CredentialJson::new(authenticator.create(&options)).expect("short");
    let made = passkeys.finish_registration(&begun, &answer).expect("a right answer is taken");
    Known { passkeys, authenticator, made }
});

fn owner() -> Owner<'static> {
    Owner { member: MEMBER, handle: "ann", name: "Ann", server: Some("Home") }
}

fn challenge_of(options: &str) -> String {
    let options: Value = serde_json::from_str(options).expect("JSON");
    options["challenge"].as_str().expect("a challenge").to_owned()
}

/// Only an answer to this challenge, on our page, by somebody who was verified makes a passkey.
pub(super) fn registration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let passkeys = &KNOWN.passkeys;
    let (options, begun) = passkeys.start_registration(owner(), Vec::new()).expect("options");
    let challenge = challenge_of(&options);
    let answer = with_challenge(text, &challenge);
    let Ok(credential) = CredentialJson::new(answer.clone()) else { return };
    let Ok(made) = passkeys.finish_registration(&begun, &credential) else { return };
    is_ours(&answer, "webauthn.create", &challenge);
    let object = field(&answer, &["response", "attestationObject"]);
    let domain = digest(&SHA256, DOMAIN.as_bytes());
    let flags = object
        .windows(FLAGS + 1)
        .filter_map(|part| part.strip_prefix(domain.as_ref()))
        .any(|flags| flags[0] & (PRESENT_AND_VERIFIED | ATTESTED) == PRESENT_AND_VERIFIED | ATTESTED);
    assert!(flags, "nobody was verified for this domain: {answer}");
    let kept: Value = serde_json::from_str(&made.credential).expect("what is kept can be read");
    assert_eq!(kept["counter"], 0, "a counter would be a record of sign-ins");
    assert_eq!(kept["attestation_format"], json!("none"));
    // The same answer is none to the next challenge.
    let (_, next) = passkeys.start_registration(owner(), Vec::new()).expect("options");
    assert!(passkeys.finish_registration(&next, &credential).is_err(), "an answer was taken twice");
}

/// Only who holds the key of the passkey that is kept is let in.
pub(super) fn authentication(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Known { passkeys, authenticator, made } = &*KNOWN;
    let (options, begun) = passkeys.start_sign_in().expect("options");
    let challenge = challenge_of(&options);
    let answer = signed(&with_challenge(text, &challenge), authenticator, &made.credential_id);
    let Ok(credential) = CredentialJson::new(answer.clone()) else { return };
    let Ok(named) = passkeys.name(&credential) else { return };
    if (named.member, &named.credential_id) != (MEMBER, &made.credential_id)
        || passkeys.finish_sign_in(begun, &named, &made.credential).is_err()
    {
        return;
    }
    let client_data = is_ours(&answer, "webauthn.get", &challenge);
    let data = field(&answer, &["response", "authenticatorData"]);
    assert!(data.starts_with(digest(&SHA256, DOMAIN.as_bytes()).as_ref()), "of another domain: {answer}");
    assert_eq!(data[FLAGS] & PRESENT_AND_VERIFIED, PRESENT_AND_VERIFIED, "nobody was verified: {answer}");
    let said = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, authenticator.public_key());
    assert_eq!(key.verify(&said, &field(&answer, &["response", "signature"])), Ok(()), "by another key");
    let (_, next) = passkeys.start_sign_in().expect("options");
    assert!(passkeys.finish_sign_in(next, &named, &made.credential).is_err(), "an answer was taken twice");
}

/// The client's data of an answer that was taken.
fn is_ours(answer: &str, kind: &str, challenge: &str) -> Vec<u8> {
    let client_data = field(answer, &["response", "clientDataJSON"]);
    let said: Value = serde_json::from_slice(&client_data).expect("it was read");
    assert_eq!(said["type"], kind);
    assert_eq!(said["challenge"], challenge);
    let origin = |url: &str| Url::parse(url).map(|url| url.origin());
    assert_eq!(said["origin"].as_str().map(origin), Some(origin(ORIGIN)));
    client_data
}

fn field(answer: &str, path: &[&str]) -> Vec<u8> {
    let answer: Value = serde_json::from_str(answer).expect("it was read");
    let found = path.iter().fold(&answer, |value, name| &value[*name]);
    unbase64(found.as_str().expect("it was read")).expect("it was read")
}

/// With the challenge of now where the word for it stands.
fn with_challenge(text: &str, challenge: &str) -> String {
    assert_eq!(challenge.len(), CHALLENGE.len());
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let Some(client_data) =
        answer.get_mut("response").and_then(|response| response.get_mut("clientDataJSON"))
    else {
        return text.to_owned();
    };
    let said = client_data.as_str().and_then(unbase64).and_then(|said| String::from_utf8(said).ok());
    let Some(said) = said.filter(|said| said.contains(CHALLENGE)) else { return text.to_owned() };
    *client_data = json!(authenticator::base64url(said.replace(CHALLENGE, challenge).as_bytes()));
    answer.to_string()
}

/// With the known passkey's name, and its signature under whatever the answer says.
fn signed(text: &str, authenticator: &Authenticator, credential: &[u8]) -> String {
    let text = text.replace(CREDENTIAL, &authenticator::base64url(credential));
    let Ok(mut answer) = serde_json::from_str::<Value>(&text) else { return text };
    let Some(response) = answer.get_mut("response").filter(|response| response["signature"] == SIGNATURE)
    else {
        return text;
    };
    let part = |name: &str| response.get(name).and_then(Value::as_str).and_then(unbase64);
    let (Some(data), Some(client_data)) = (part("authenticatorData"), part("clientDataJSON")) else {
        return text;
    };
    let signature = authenticator.sign(&[&data[..], digest(&SHA256, &client_data).as_ref()].concat());
    response["signature"] = json!(authenticator::base64url(&signature));
    answer.to_string()
}

/// RFC 4648 section 5, without padding; none for anything else.
fn unbase64(text: &str) -> Option<Vec<u8>> {
    let six = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        bits = bits << 6 | u32::from(six(byte)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("eight bits"));
        }
    }
    Some(bytes)
}
