//! A fresh database, and people to put into it. A second kind of database joins in [`Bench::new`] alone: the contract
//! speaks to the store's methods and to nothing behind them (`docs/decisions/0011-postgresql-comes-with-the-cluster.md`).

use std::sync::atomic::{AtomicU64, Ordering};

use protocol::Timestamp;
use protocol::account::{DeviceLabel, Profile};
use protocol::id::{InviteId, MemberId, SessionId};
use protocol::text::{DisplayName, Handle, ServerName};
use store::{Allowance, Day, NewInvite, NewLink, NewMember, NewSession, SecretHash, Store, StoreError};

pub(crate) const TODAY: Day = Day(20_000);
pub(crate) const NOW: Timestamp = Timestamp(20_000 * 86_400_000 + 12 * 3_600_000);

pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("vivavoce.db")).await.expect("a database");
        Self { store, folder }
    }

    /// A server with its owner.
    pub(crate) async fn with_owner(handle: &str) -> (Self, MemberId) {
        let bench = Self::new().await;
        let link = hash();
        bench
            .store
            .put_owner_link(NewLink { token: link, expires: Timestamp(NOW.0 + 1) })
            .await
            .expect("a link");
        let owner = member(handle);
        let name = ServerName::parse("The Kitchen").expect("a name");
        bench.store.claim(link, &name, &owner, &session(), NOW).await.expect("claimed");
        (bench, owner.id)
    }

    /// One more member, invited by another.
    pub(crate) async fn join(&self, inviter: MemberId, handle: &str) -> MemberId {
        let invite = invite(1);
        self.store.create_invite(inviter, &invite, Allowance::Free).await.expect("an invitation");
        let member = member(handle);
        self.store.accept(invite.token, &member, &session()).await.expect("accepted");
        member.id
    }

    /// The short of what one member sees of another.
    pub(crate) async fn profile(&self, viewer: MemberId, who: &str) -> Result<Profile, StoreError> {
        self.store.profile_page(viewer, &handle(who), TODAY).await.map(|page| page.profile)
    }
}

static NEXT: AtomicU64 = AtomicU64::new(1);

fn unique<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

pub(crate) fn hash() -> SecretHash {
    SecretHash(unique())
}

pub(crate) fn handle(text: &str) -> Handle {
    Handle::parse(text).expect("a handle")
}

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a name")
}

pub(crate) fn member(text: &str) -> NewMember {
    NewMember { id: MemberId(unique()), handle: handle(text), name: name(text) }
}

pub(crate) fn session() -> NewSession {
    session_on(TODAY)
}

pub(crate) fn session_on(day: Day) -> NewSession {
    NewSession {
        id: SessionId(unique()),
        token: hash(),
        device: DeviceLabel::Linux,
        day,
        expires: Day(day.0 + 181),
    }
}

pub(crate) fn invite(uses: u32) -> NewInvite {
    NewInvite {
        id: InviteId(unique()),
        token: hash(),
        uses,
        note: None,
        day: TODAY,
        expires: Day(TODAY.0 + 8),
    }
}
