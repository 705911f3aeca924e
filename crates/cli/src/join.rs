//! `vivavoce join …`: a person in a room, at a terminal or without one.
//!
//! Files and devices are opened before a link is used up; then the way in ([`way_in`]), the choice of a room
//! ([`hallway`]), and the room itself ([`live`]), drawn as a screen ([`view`]) or told line by line ([`lines`]).

mod hallway;
mod keys;
mod lines;
mod live;
#[cfg(test)]
mod scenes;
mod sound;
mod terminal;
mod view;
mod way_in;
mod words;

use std::process::ExitCode;

use client::sound::Player;
use client::visit::{Destination, Ears, Plan, Visit};

use crate::args::{Join, Listen};
use crate::say;
use keys::Voice;
use live::Guest;
use terminal::{Keyboard, Signals};
use way_in::Arrived;

/// Why it goes no further: a sentence for the person.
#[derive(Debug)]
struct Sorry(String);

impl<E: std::error::Error> From<E> for Sorry {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// How it ended, when it began at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As the person wanted, or with the room.
    Well,
    /// Somebody or something else ended it.
    CutOff,
}

pub(crate) fn run(asked: Join) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(go(asked)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(Outcome::Well) => ExitCode::SUCCESS,
        Ok(Outcome::CutOff) => ExitCode::FAILURE,
        Err(Sorry(sentence)) => {
            say::err(&sentence);
            ExitCode::FAILURE
        }
    }
}

async fn go(asked: Join) -> Result<Outcome, Sorry> {
    let (mut keyboard, mut signals) = (Keyboard::start(), Signals::listen()?);
    let voice = sound::voice(asked.play.as_ref()).await?;
    let (ears, unheard) = sound::ears(&asked.listen).await?;
    let arrived = tokio::select! {
        arrived = way_in::arrive(&asked, &mut keyboard) => arrived?,
        () = signals.stop() => return Ok(Outcome::Well),
    };
    let entered = tokio::select! {
        entered = enter(asked, &arrived, voice, ears, &mut keyboard) => entered,
        () = signals.stop() => Ok(None),
    };
    let outcome = match entered {
        Ok(Some((visit, guest))) => {
            unheard.keep();
            Ok(live::stay(visit, &mut keyboard, &mut signals, &guest).await)
        }
        Ok(None) => Ok(Outcome::Well),
        Err(sorry) => Err(sorry),
    };
    tokio::select! {
        () = arrived.leave() => {}
        // Twice is enough.
        () = signals.stop() => {}
    }
    outcome
}

/// None for somebody who looked and would rather not.
async fn enter(
    asked: Join,
    arrived: &Arrived,
    voice: Option<Player>,
    ears: Ears,
    keyboard: &mut Keyboard,
) -> Result<Option<(Visit, Guest)>, Sorry> {
    let mut socket = arrived.server.open(&arrived.token).await?;
    let welcome = socket.hello().await?;
    let wanted = asked.room.or_else(|| arrived.room.clone());
    let Some(to) = hallway::choose(wanted, &mut socket, &welcome, keyboard).await? else { return Ok(None) };
    let kept = match &asked.listen {
        Listen::File(file) => {
            say::err("The file keeps what others say: ask them first.");
            Some(file.display().to_string())
        }
        Listen::Meter | Listen::Nothing | Listen::Device => None,
    };
    let started = matches!(to, Destination::New(_));
    let has_voice = if voice.is_some() { Voice::There } else { Voice::None };
    let (server, token) = (arrived.server.clone(), arrived.token.clone());
    let plan = Plan { server, token, to, voice, ears, on_stage: asked.on_stage };
    let visit = Visit::begin(socket, &welcome, plan).await?;
    let room = visit.scene().room.view().room;
    let guest = Guest {
        voice: has_voice,
        shown: asked.shown,
        server: welcome.server.name,
        // Whoever came in knows it already.
        address: started.then(|| format!("{}/r/{room}", arrived.server.origin())),
        kept,
    };
    Ok(Some((visit, guest)))
}
