//! A host has sent one link to many, all of them press it, and the process with the accounts dies among them: there a
//! death falls into the middle of what is written far more often than in an evening, where one thing happens at a time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::api::{ApiError, Link, Token};
use protocol::ErrorCode;
use protocol::limits::INVITE_USES_MAX;
use tokio::task::JoinSet;

use crate::evening::{answered, from_address};
use crate::ledger::{self, Erased};
use crate::native::{claims, comes};
use crate::random::Random;
use crate::server::Server;
use crate::strike::kill;

/// One server's, one after the other.
const RUSHES: u32 = 4;
/// Longer than one sign-up takes, so that a death falls anywhere between two answers.
const AFTER_AN_ANSWER_US: usize = 2_000;

pub(crate) async fn spend(seed: u64) {
    let mut random = Random::new(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Server::start(&data);
    let link = Link::parse(&server.owner_link()).expect("a link");
    let api = from_address(&server, 1);
    let token = claims(&api, &link, "owner", "owner").await;
    let mut everybody = BTreeSet::from(["owner".to_owned()]);
    for rush in 1..=RUSHES {
        let link = loop {
            match api.invite(&token, INVITE_USES_MAX).await {
                Ok(link) => break link,
                Err(error) if error.may_pass() => tokio::task::yield_now().await,
                Err(error) => panic!("{error:?}"),
            }
        };
        let people = Rush { server: &server, data: &data, link, first: rush * 1_000 };
        everybody.extend(people.come(&mut random).await);
        assert_eq!(ledger::check(&people.database(), Erased::Nobody).await, everybody);
    }
    assert!(server.stop().success());
}

struct Rush<'a> {
    server: &'a Server,
    data: &'a Path,
    link: Link,
    /// The number of the first of them.
    first: u32,
}

impl Rush<'_> {
    /// All of them at once, and who hears nothing again; gives who they are.
    async fn come(&self, random: &mut Random) -> BTreeSet<String> {
        let everybody: BTreeSet<u32> = (self.first..self.first + INVITE_USES_MAX).collect();
        let dies_after = random.below(usize::try_from(INVITE_USES_MAX).expect("few") - 1);
        let pause = Duration::from_micros(random.below(AFTER_AN_ANSWER_US) as u64);
        println!("  the keeper dies {pause:?} after answer {dies_after} of {INVITE_USES_MAX}");
        self.server.said();
        let told = self.press(&everybody, Some((dies_after, pause))).await;
        self.server.says("keeper_back");

        let there = ledger::check(&self.database(), Erased::Nobody).await;
        for who in &told {
            assert!(there.contains(&handle(*who)), "somebody was told that they have an account");
        }
        let left = everybody.iter().copied().filter(|who| !there.contains(&handle(*who))).collect();
        assert_eq!(self.press(&left, None).await, left, "for who has no account the invitation stands");
        let late = self.asks(self.first + INVITE_USES_MAX);
        assert_eq!(answered(late.await).expect("answered").map(drop), Err(ErrorCode::LinkSpent));
        everybody.into_iter().map(handle).collect()
    }

    /// Gives who was told that they are in.
    async fn press(&self, people: &BTreeSet<u32>, death: Option<(usize, Duration)>) -> BTreeSet<u32> {
        let mut asked = JoinSet::new();
        for who in people.iter().copied() {
            let asks = self.asks(who);
            asked.spawn(async move { (who, answered(asks.await)) });
        }
        let mut told = BTreeSet::new();
        let mut answers = 0;
        loop {
            if let Some((_, pause)) = death.filter(|(after, _)| *after == answers) {
                tokio::time::sleep(pause).await;
                kill(self.server.keeper());
            }
            let Some(answer) = asked.join_next().await else { return told };
            answers += 1;
            if let (who, Some(answer)) = answer.expect("no panic") {
                answer.expect("the invitation stands");
                told.insert(who);
            }
        }
    }

    fn asks(&self, who: u32) -> impl Future<Output = Result<Token, ApiError>> + Send + use<> {
        let (api, secret) = (from_address(self.server, who), self.link.secret.clone());
        async move { comes(&api, &secret, &handle(who), &handle(who)).await }
    }

    fn database(&self) -> PathBuf {
        self.data.join("vivavoce.db")
    }
}

fn handle(who: u32) -> String {
    format!("guest{who}")
}
