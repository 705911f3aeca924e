//! The TypeScript types in `web/src/protocol` are generated from this crate; here they are compared, or written
//! (`VIVAVOCE_WRITE_TYPES=1`, which `cargo xtask types` sets).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use protocol::account::{
    AcceptInvite, ClaimServer, Invite, InvitePreview, LinkKind, LinkToken, NewInvite, NewLink, Passkey,
    PasskeyAnswer, PasskeyChallenge, Profile, RecoveryCodes, RecoverySignIn, Rename, ServerDoor, Session,
    SignedIn,
};
use protocol::error::ErrorBody;
use protocol::kept::{Erase, Kept};
use protocol::order::{Decide, MyReport, OrderPage};
use protocol::profile::{Introduction, ProfilePage};
use protocol::socket::{ClientMessage, ServerMessage};
use ts_rs::{Config, TS};

/// Every root of the contract; what they name comes along.
fn export(dir: &Path) {
    let config = Config::new().with_out_dir(dir).with_large_int("number");
    macro_rules! all {
        ($($root:ty),* $(,)?) => { $(<$root>::export_all(&config).expect("a type that can be written");)* };
    }
    all!(
        ClientMessage,
        ServerMessage,
        ErrorBody,
        AcceptInvite,
        ClaimServer,
        Decide,
        Erase,
        Kept,
        Introduction,
        Invite,
        InvitePreview,
        LinkKind,
        LinkToken,
        MyReport,
        NewInvite,
        NewLink,
        OrderPage,
        Passkey,
        PasskeyAnswer,
        PasskeyChallenge,
        Profile,
        ProfilePage,
        RecoveryCodes,
        RecoverySignIn,
        Rename,
        ServerDoor,
        Session,
        SignedIn,
    );
}

fn contents(dir: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return BTreeMap::new() };
    entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ts"))
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a readable file"))
        })
        .collect()
}

#[test]
fn the_typescript_types_say_what_the_rust_types_say() {
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/src/protocol");
    if std::env::var_os("VIVAVOCE_WRITE_TYPES").is_some() {
        // Only what this test writes: the folder also holds the table of permissions, written by `rooms`.
        for stale in contents(&committed).into_keys() {
            std::fs::remove_file(committed.join(stale)).expect("our own file");
        }
        export(&committed);
    }
    let fresh = std::env::temp_dir().join(format!("vivavoce-types-{}", std::process::id()));
    export(&fresh);
    let (expected, found) = (contents(&fresh), contents(&committed));
    std::fs::remove_dir_all(&fresh).expect("our own folder");
    assert!(!expected.is_empty());
    assert_eq!(expected, found, "run `cargo xtask types`");
}
