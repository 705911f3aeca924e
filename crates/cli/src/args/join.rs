//! `vivavoce join`: where to go, as whom, and what to say and hear there.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command as Clap, value_parser};
use client::api::{Link, Origin, RoomLink, Token};
use client::visit::OnStage;
use protocol::id::RoomId;
use protocol::text::{DisplayName, Handle, RoomTitle, ServerName};

use super::Stop;

/// Holds a token. Others on the machine can read a command line, but not the environment of a process.
pub(crate) const TOKEN_VARIABLE: &str = "VIVAVOCE_TOKEN";

/// What `join` is asked for.
#[derive(Debug, Clone)]
pub struct Join {
    pub to: To,
    pub token: Option<Token>,
    /// Where a token is, or is to be kept.
    pub token_file: Option<PathBuf>,
    pub called: Called,
    pub room: Option<Room>,
    pub play: Option<Play>,
    pub listen: Listen,
    pub on_stage: OnStage,
    pub shown: Shown,
}

#[derive(Debug, Clone)]
pub enum To {
    Link(Link),
    Server(Origin),
    /// Said at the terminal, so that it stands in no command line.
    Asked,
}

/// What somebody who is new is called.
#[derive(Debug, Clone, Default)]
pub struct Called {
    pub name: Option<DisplayName>,
    pub handle: Option<Handle>,
    pub server_name: Option<ServerName>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Room {
    Enter(RoomId),
    Start(RoomTitle),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Play {
    Tone(f64),
    File(PathBuf),
    Device,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    Meter,
    Nothing,
    File(PathBuf),
    Device,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// On the whole terminal, if there is one.
    Screen,
    /// Line by line.
    Lines,
}

/// The pitch of `--play tone`.
const TONE_HZ: f64 = 440.0;

pub(super) fn command() -> Clap {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
    };
    Clap::new("join")
        .about("Be in a room from the terminal: listen, raise a hand, speak")
        .after_help(
            "A one-time link is good once, so whoever reads it later in a list of processes has nothing; on a machine \
             with other people, give - and type it. A token is good for months: it comes from a file or from \
             VIVAVOCE_TOKEN, never from the command line.\n\n\
             The server records nothing, and nothing is written here unless --listen names a file. Such a file keeps \
             what others say, and nobody in the room is told: ask them first. It says so on the screen for as long as \
             it does.\n\n\
             In the room: h raises and lowers your hand, or steps down; a and d accept or decline an invitation to the \
             stage; m opens and closes the microphone; q or Ctrl-C leaves at once. Without a terminal the same letters \
             are read from the standard input.",
        )
        .arg(
            Arg::new("to")
                .value_name("LINK")
                .required(true)
                .help("A one-time link, a room's address, or the server's; - asks for it"),
        )
        .arg(
            text("token-file", "FILE", "A file with a session's token; what a link gives is kept there for the next time")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(text("name", "NAME", "What you are called, for an invitation"))
        .arg(text("handle", "HANDLE", "Your handle, for an invitation"))
        .arg(text("server-name", "NAME", "What the server is called, for the owner's link"))
        .arg(text("room", "ROOM", "A room's address or id [asked at the terminal]").conflicts_with("start"))
        .arg(text("start", "TITLE", "Start a room, open to all members"))
        .arg(text("play", "SOUND", "What you say: tone, tone:HERTZ, a WAV or Ogg Opus file, or device (the microphone)"))
        // The server's setting of this name is about addresses; `join` has none of those.
        .arg(text("listen", "WHERE", "What you hear: meter (levels), device (the loudspeaker), FILE.wav or none [meter]"))
        .arg(flag("open-mic", "Open the microphone on coming to the stage; otherwise everybody arrives muted"))
        .arg(flag("plain", "Lines instead of a screen, for screen readers and for logs"))
}

pub(super) fn read(
    matches: &ArgMatches,
    settings: &BTreeMap<&'static str, Vec<String>>,
    mut environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Join, Stop> {
    if settings.keys().any(|key| *key != "listen") {
        return Err(wrong(
            "`join` goes to a server that has its settings already: they cannot be given here.",
        ));
    }
    let text = |name| matches.get_one::<String>(name).map(String::as_str);
    let (to, in_link) = destination(text("to").unwrap_or_default())?;
    let token = environment.find(|(name, _)| name == TOKEN_VARIABLE).map(|(_, value)| value.into_string());
    let token = token.transpose().map_err(|_| Stop::Wrong(format!("{TOKEN_VARIABLE} is not text.")))?;
    Ok(Join {
        to,
        token: token.map(|token| Token::new(token.trim())),
        token_file: matches.get_one("token-file").cloned(),
        called: called(matches)?,
        room: match (text("room"), text("start")) {
            (Some(room), _) => Some(Room::Enter(room_id(room)?)),
            (None, Some(title)) => Some(Room::Start(parsed("--start", title, RoomTitle::parse)?)),
            (None, None) => in_link.map(Room::Enter),
        },
        play: text("play").map(play).transpose()?,
        listen: text("listen").map_or(Ok(Listen::Meter), listen)?,
        on_stage: if matches.get_flag("open-mic") { OnStage::OpenMic } else { OnStage::StayMuted },
        shown: if matches.get_flag("plain") { Shown::Lines } else { Shown::Screen },
    })
}

/// And the room that stands in it.
pub(crate) fn destination(text: &str) -> Result<(To, Option<RoomId>), Stop> {
    let sentence = |error: client::api::LinkError| Stop::Wrong(error.to_string());
    if text == "-" {
        return Ok((To::Asked, None));
    }
    if text.contains('#') {
        return Ok((To::Link(Link::parse(text).map_err(sentence)?), None));
    }
    let RoomLink { origin, room } = text.parse().map_err(sentence)?;
    Ok((To::Server(origin), room))
}

fn called(matches: &ArgMatches) -> Result<Called, Stop> {
    let text = |name| matches.get_one::<String>(name).map(String::as_str);
    Ok(Called {
        name: text("name").map(|name| parsed("--name", name, DisplayName::parse)).transpose()?,
        handle: text("handle").map(|handle| parsed("--handle", handle, Handle::parse)).transpose()?,
        server_name: text("server-name")
            .map(|name| parsed("--server-name", name, ServerName::parse))
            .transpose()?,
    })
}

fn parsed<T>(
    flag: &str,
    text: &str,
    parse: fn(&str) -> Result<T, protocol::text::TextError>,
) -> Result<T, Stop> {
    parse(text).map_err(|why| Stop::Wrong(format!("{flag}: {why}.")))
}

fn room_id(text: &str) -> Result<RoomId, Stop> {
    let in_link = || text.parse::<RoomLink>().ok().and_then(|link| link.room);
    text.parse()
        .ok()
        .or_else(in_link)
        .ok_or_else(|| wrong("--room: that is neither a room's address nor its id."))
}

fn play(text: &str) -> Result<Play, Stop> {
    match text.split_once(':') {
        _ if text == "device" => Ok(Play::Device),
        _ if text == "tone" => Ok(Play::Tone(TONE_HZ)),
        Some(("tone", hz)) => {
            let audible = hz.parse().ok().filter(|hz| client::sound::Tone::new(*hz).is_some());
            audible.map(Play::Tone).ok_or_else(|| wrong("--play: a tone has between 20 and 20000 hertz."))
        }
        _ => Ok(Play::File(text.into())),
    }
}

fn listen(text: &str) -> Result<Listen, Stop> {
    match text {
        "meter" => Ok(Listen::Meter),
        "none" => Ok(Listen::Nothing),
        "device" => Ok(Listen::Device),
        // A word that is mistyped is no file.
        file if file.to_ascii_lowercase().ends_with(".wav") => Ok(Listen::File(file.into())),
        _ => Err(wrong("--listen: meter, device, none, or a file whose name ends with .wav.")),
    }
}

fn wrong(sentence: &str) -> Stop {
    Stop::Wrong(sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Command, ask};
    use super::*;

    fn asked(line: &[&str], environment: &[(&str, &str)]) -> Result<Join, Stop> {
        let line = ["vivavoce", "join"].iter().chain(line).map(OsString::from);
        let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
        match ask(line, environment)? {
            Command::Join(join) => Ok(*join),
            other => panic!("not join: {other:?}"),
        }
    }

    fn joined(line: &[&str]) -> Join {
        asked(line, &[]).expect("understood")
    }

    fn sentence(line: &[&str]) -> String {
        match asked(line, &[]) {
            Err(Stop::Wrong(sentence)) => sentence,
            other => panic!("understood {line:?}: {other:?}"),
        }
    }

    const ROOM: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn a_link_a_server_and_a_room_are_told_apart() {
        assert!(matches!(joined(&["https://a.example/i#secret"]).to, To::Link(_)));
        assert!(matches!(joined(&["-"]).to, To::Asked));
        let room = Some(Room::Enter(RoomId([0; 16])));
        let by_address = joined(&[&format!("https://a.example/r/{ROOM}")]);
        assert!(matches!(by_address.to, To::Server(_)));
        assert_eq!(by_address.room, room);
        assert_eq!(joined(&["https://a.example", "--room", ROOM]).room, room);
        assert_eq!(
            joined(&["https://a.example", "--room", &format!("https://a.example/r/{ROOM}")]).room,
            room
        );
        let title = RoomTitle::parse("Tea").expect("a title");
        assert_eq!(joined(&["https://a.example", "--start", "Tea"]).room, Some(Room::Start(title)));
    }

    #[test]
    fn what_is_said_and_heard_is_understood() {
        let played = |text: &str| joined(&["https://a.example", "--play", text]).play;
        assert_eq!(played("tone"), Some(Play::Tone(440.0)));
        assert_eq!(played("tone:1000"), Some(Play::Tone(1_000.0)));
        assert_eq!(played("device"), Some(Play::Device));
        assert_eq!(played("c:a.wav"), Some(Play::File("c:a.wav".into())));
        let heard = |text: &str| joined(&["https://a.example", "--listen", text]).listen;
        assert_eq!(joined(&["https://a.example"]).listen, Listen::Meter);
        assert_eq!(heard("none"), Listen::Nothing);
        assert_eq!(heard("device"), Listen::Device);
        assert_eq!(heard("a.WAV"), Listen::File("a.WAV".into()));
    }

    #[test]
    fn a_token_comes_from_the_environment_and_never_from_the_line() {
        let join = asked(&["https://a.example"], &[(TOKEN_VARIABLE, " secret\n")]).expect("understood");
        assert_eq!(join.token.as_ref().map(Token::reveal), Some("secret"));
        assert!(!format!("{join:?}").contains("secret"));
        assert!(sentence(&["https://a.example", "--token", "secret"]).contains("--token"));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (line, told) in [
            (&["talk.example"][..], "http://"),
            (&["https://a.example/#x"], "sign-in link"),
            (&["https://a.example", "--room", "x"], "neither a room's address nor its id"),
            (&["https://a.example", "--play", "tone:5"], "between 20 and 20000 hertz"),
            (&["https://a.example", "--listen", "metre"], "ends with .wav"),
            (&["https://a.example", "--handle", "!"], "--handle: too short."),
            (&["https://a.example", "--data", "x"], "has its settings already"),
            (&["https://a.example", "--room", ROOM, "--start", "x"], "cannot be used with"),
        ] {
            let said = sentence(line);
            assert!(said.contains(told), "{line:?}: {said}");
        }
    }
}
