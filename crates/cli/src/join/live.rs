//! In the room: scenes to the screen, keys to the server, until it is over.

use std::time::Duration;

use client::peer::Level;
use client::visit::{Ending, Happening, Scene, Visit};
use protocol::id::ParticipantId;
use protocol::room::LeftReason;
use protocol::text::ServerName;
use tokio::time::MissedTickBehavior;

use super::keys::{Act, Voice, act};
use super::terminal::{Keyboard, Screen, Signals};
use super::view::{self, Frame, TOLD_MAX};
use super::{Outcome, lines, words};
use crate::args::Shown;
use crate::say;

/// Between two lines about who is heard.
const HEARD_PERIOD: Duration = Duration::from_secs(1);

/// Who sits there.
pub(super) struct Guest {
    pub(super) voice: Voice,
    pub(super) shown: Shown,
    pub(super) server: ServerName,
    /// Of a room that they have just started.
    pub(super) address: Option<String>,
    /// The file that keeps what they hear.
    pub(super) kept: Option<String>,
}

pub(super) async fn stay(
    mut visit: Visit,
    keyboard: &mut Keyboard,
    signals: &mut Signals,
    guest: &Guest,
) -> Outcome {
    let screen = if guest.shown == Shown::Screen { Screen::take() } else { None };
    let mut page = Page::new(screen, guest, visit.scene());
    let mut seconds = tokio::time::interval(HEARD_PERIOD);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut leaving = Leaving::NotYet;
    let ending = loop {
        tokio::select! {
            happening = visit.next() => match happening {
                Happening::Changed => page.change(visit.scene()),
                Happening::News(news) => page.tell(words::news(&news, &page.scene.room)),
                Happening::Ended(ending) => break ending,
            },
            key = keyboard.key() => match act(key, &page.scene, guest.voice) {
                Act::Wish(wish) => if !visit.wish(wish) {
                    page.tell("One thing at a time.".to_owned());
                },
                Act::Leave => visit.leave(),
                Act::Say(sentence) => page.tell(sentence.to_owned()),
                Act::Nothing => {}
            },
            _ = seconds.tick() => page.second(),
            () = signals.stop() => {
                if leaving == Leaving::Now {
                    // A second time: without goodbyes.
                    break Ending::Left(LeftReason::Left);
                }
                leaving = Leaving::Now;
                visit.leave();
            }
        }
    };
    // The terminal is as it was before the last word is said.
    drop(page);
    say::out(&format!("{}\n", words::ending(&ending)));
    match ending {
        Ending::Left(LeftReason::Left | LeftReason::Ended) => Outcome::Well,
        _ => Outcome::CutOff,
    }
}

/// Whether a signal has asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    NotYet,
    Now,
}

/// What is shown: a screen, or lines.
struct Page {
    screen: Option<Screen>,
    server: ServerName,
    kept: Option<String>,
    scene: Scene,
    told: Vec<String>,
    /// Since the last line about it.
    heard: Vec<(ParticipantId, Level)>,
}

impl Page {
    fn new(screen: Option<Screen>, guest: &Guest, scene: Scene) -> Self {
        let (server, kept) = (guest.server.clone(), guest.kept.clone());
        let told: Vec<String> =
            guest.address.iter().map(|address| format!("Others come in by {address}")).collect();
        let page = Self { screen, server, kept, scene, told, heard: Vec::new() };
        match &page.screen {
            Some(_) => page.draw(),
            None => {
                let first = lines::first(&page.scene);
                let kept = page.kept.as_deref().map(words::kept);
                page.told.iter().chain(&first).chain(&kept).for_each(|line| print(line));
            }
        }
        page
    }

    fn change(&mut self, scene: Scene) {
        let before = std::mem::replace(&mut self.scene, scene);
        if self.screen.is_some() {
            return self.draw();
        }
        lines::between(&before, &self.scene).iter().for_each(|line| print(line));
        self.note_levels();
    }

    /// Between two lines about it.
    fn note_levels(&mut self) {
        for (who, level) in &self.scene.levels {
            match self.heard.iter_mut().find(|(known, _)| known == who) {
                Some((_, loudest)) => *loudest = (*loudest).min(*level),
                None => self.heard.push((*who, *level)),
            }
        }
    }

    /// To be called once in [`HEARD_PERIOD`].
    fn second(&mut self) {
        if self.screen.is_some() {
            // The terminal may have another size now.
            return self.draw();
        }
        // Somebody who speaks on at the same level changes nothing.
        self.note_levels();
        if let Some(line) = lines::heard(&self.heard, &self.scene.room) {
            print(&line);
        }
        self.heard.clear();
    }

    fn tell(&mut self, sentence: String) {
        if self.screen.is_none() {
            return print(&sentence);
        }
        if self.told.len() == TOLD_MAX {
            self.told.remove(0);
        }
        self.told.push(sentence);
        self.draw();
    }

    fn draw(&self) {
        if let Some(screen) = &self.screen {
            let (columns, rows) = screen.size();
            let (scene, server, kept) = (&self.scene, &self.server, self.kept.as_deref());
            let frame = Frame { scene, server, kept, told: &self.told, columns, rows };
            screen.draw(&view::draw(&frame));
        }
    }
}

fn print(line: &str) {
    say::out(&format!("{line}\n"));
}
