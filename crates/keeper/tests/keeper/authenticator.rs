//! An authenticator in software: P-256, discoverable credentials, attestation "none". Enough of a browser to fill in
//! what a page would send (WebAuthn level 3, sections 6.1, 6.5 and 5.8.1).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;

pub(crate) struct Authenticator {
    origin: String,
    /// What it does about verifying its user.
    pub(crate) flags: u8,
    /// Counts every use, as old security keys do.
    pub(crate) counter: u32,
    credentials: Vec<Credential>,
}

struct Credential {
    id: Vec<u8>,
    domain: String,
    user: String,
    key: EcdsaKeyPair,
}

impl Authenticator {
    pub(crate) fn at(origin: &str) -> Self {
        let flags = USER_PRESENT | USER_VERIFIED | BACKUP_ELIGIBLE | BACKED_UP;
        Self { origin: origin.to_owned(), flags, counter: 0, credentials: Vec::new() }
    }

    /// One that does not ask for a finger or a code.
    pub(crate) fn careless(origin: &str) -> Self {
        Self { flags: USER_PRESENT, ..Self::at(origin) }
    }

    /// The page moved, or somebody else's page got hold of the challenge.
    pub(crate) fn visit(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    /// `navigator.credentials.create`, as JSON.
    pub(crate) fn create(&mut self, options: &str) -> String {
        self.create_with(options, json!({ "credProps": { "rk": true } }))
    }

    pub(crate) fn create_with(&mut self, options: &str, extensions: Value) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["requireResidentKey"], true);
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        let domain = options["rp"]["id"].as_str().expect("a domain").to_owned();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.expect("made").as_ref());
        let key = key.expect("a key");
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();

        let mut data = self.authenticator_data(&domain, ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).expect("short").to_be_bytes());
        data.extend(&id);
        data.extend(cose(key.public_key().as_ref()));
        let mut object = vec![0xa3];
        object.extend(cbor_text("fmt"));
        object.extend(cbor_text("none"));
        object.extend(cbor_text("attStmt"));
        object.push(0xa0);
        object.extend(cbor_text("authData"));
        object.extend(cbor_bytes(&data));

        let user = options["user"]["id"].as_str().expect("a user").to_owned();
        let answer = json!({
            "id": base64url(&id),
            "rawId": base64url(&id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": extensions,
            "response": {
                "attestationObject": base64url(&object),
                "clientDataJSON": base64url(self.client_data("webauthn.create", &options).as_bytes()),
                "transports": ["internal"],
            },
        });
        self.credentials.push(Credential { id, domain, user, key });
        answer.to_string()
    }

    /// `navigator.credentials.get` with its newest credential, as JSON.
    pub(crate) fn get(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        assert_eq!(options["allowCredentials"], json!([]), "nobody types a name");
        assert!(options.get("mediation").is_none(), "the client's own business");
        let credential = self.credentials.last().expect("a credential");
        assert_eq!(options["rpId"], credential.domain.as_str());
        let data = self.authenticator_data(&credential.domain, 0);
        let client_data = self.client_data("webauthn.get", &options);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.sign(&signed);
        let answer = json!({
            "id": base64url(&credential.id),
            "rawId": base64url(&credential.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": base64url(&data),
                "clientDataJSON": base64url(client_data.as_bytes()),
                "signature": base64url(&signature),
                "userHandle": credential.user,
            },
        });
        self.counter += 1;
        answer.to_string()
    }

    /// By the key of its newest credential.
    pub(crate) fn sign(&self, said: &[u8]) -> Vec<u8> {
        let key = &self.credentials.last().expect("a credential").key;
        key.sign(&SystemRandom::new(), said).expect("signed").as_ref().to_vec()
    }

    /// Of its newest credential: a point, uncompressed.
    #[allow(dead_code, reason = "for those who check a signature by themselves")]
    pub(crate) fn public_key(&self) -> &[u8] {
        self.credentials.last().expect("a credential").key.public_key().as_ref()
    }

    fn authenticator_data(&self, domain: &str, more: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, domain.as_bytes()).as_ref().to_vec();
        data.push(self.flags | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
    }
}

/// A public key as COSE has it: EC2, ES256, P-256, x, y (RFC 9053 section 7.1).
fn cose(point: &[u8]) -> Vec<u8> {
    let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
    key.extend(cbor_bytes(&point[1..33]));
    key.push(0x22);
    key.extend(cbor_bytes(&point[33..65]));
    key
}

fn cbor_text(text: &str) -> Vec<u8> {
    let mut out = vec![0x60 + u8::try_from(text.len()).expect("under 24")];
    out.extend(text.as_bytes());
    out
}

fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x59];
    out.extend(u16::try_from(bytes.len()).expect("short").to_be_bytes());
    out.extend(bytes);
    out
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for index in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * index)) as usize & 63]));
        }
    }
    text
}
