//! `vivavoce bench`: what is measured, and where the figures go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bench::{Plan, Target, Ticket, Via, What, WithFloor};
use clap::{Arg, ArgAction, ArgMatches, Command as Clap, value_parser};

use super::Stop;
use crate::config::SETTINGS;

/// What `bench` is asked for.
#[derive(Debug, Clone)]
pub struct Bench {
    pub plan: Plan,
    pub format: Format,
    /// Where the picture goes.
    pub plot: Option<PathBuf>,
}

/// For whom the report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    People,
    Programs,
}

/// Settings of the server that the bench decides itself.
const OWN: &[&str] =
    &["listen", "data", "public_url", "tls_cert", "tls_key", "behind_proxy", "drain_seconds"];

pub(super) fn command() -> Clap {
    let number = |name: &'static str, help: &'static str, default: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("N")
            .help(help)
            .default_value(default)
            .value_parser(value_parser!(usize))
    };
    let time = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("TIME").help(help).value_parser(duration)
    };
    Clap::new("bench")
        .about(
            "Measure what a server carries on this machine: starts one with a temporary folder, fills its rooms, talks, \
             and compares with what the machine could carry at all. Settings given here hold for that server",
        )
        .arg(number("speakers", "People who talk in each room", "1"))
        .arg(number("listeners", "People who listen in each room", "1000"))
        .arg(number("rooms", "Rooms", "1"))
        .arg(time("duration", "How long it is measured").default_value("30s"))
        .arg(time("ramp", "Over how long the listeners come in [4 ms for each]"))
        .arg(time("settle", "How long everybody is there before anybody talks").default_value("3s"))
        .arg(number("already-there", "Listeners of each room who hear talk already while the others come", "0"))
        .arg(
            Arg::new("via")
                .long("via")
                .value_name("WAY")
                .help("How listeners come in: socket, as the web client does, or whep, as other programs do")
                .default_value("socket")
                .value_parser(["socket", "whep"]),
        )
        .arg(
            Arg::new("signalling-only")
                .long("signalling-only")
                .help("Nobody talks: titles change, and everybody is told")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["plot", "lose-one-in", "via"]),
        )
        .arg(number("viewers", "People in the hallway, with --signalling-only", "0"))
        .arg(
            Arg::new("without-floor")
                .long("without-floor")
                .help("Do not measure what the machine could carry at all")
                .action(ArgAction::SetTrue),
        )
        .arg(Arg::new("json").long("json").help("For programs").action(ArgAction::SetTrue))
        .arg(
            Arg::new("plot")
                .long("plot")
                .value_name("FILE")
                .help("Draw the figures (SVG)")
                .value_parser(value_parser!(PathBuf)),
        )
        .args(target())
        .arg(
            Arg::new("lose-one-in")
                .long("lose-one-in")
                .value_name("N")
                .help("Lose one packet in so many on the listeners' side, to see that the bench notices")
                .value_parser(value_parser!(u32).range(2..)),
        )
}

fn target() -> [Arg; 4] {
    [
        Arg::new("url").long("url").value_name("URL").help("A server that runs, instead of one of our own"),
        Arg::new("link")
            .long("link")
            .value_name("LINK")
            .help("To become a member there: an owner's link, an invitation, or a sign-in link"),
        Arg::new("token-file")
            .long("token-file")
            .value_name("FILE")
            .help("To be a member there: a file with a session's token")
            .value_parser(value_parser!(PathBuf))
            .conflicts_with("link"),
        Arg::new("pid")
            .long("pid")
            .value_name("PID")
            .help("The first process of that server, when it is on this machine: its CPU and memory are measured")
            .value_parser(value_parser!(u32)),
    ]
}

pub(super) fn read(
    matches: &ArgMatches,
    settings: &BTreeMap<&'static str, Vec<String>>,
) -> Result<Bench, Stop> {
    let number = |name| matches.get_one::<usize>(name).copied().unwrap_or_default();
    let time = |name| matches.get_one::<Duration>(name).copied();
    let plan = Plan {
        speakers: number("speakers"),
        listeners: number("listeners"),
        rooms: number("rooms"),
        duration: time("duration").unwrap_or_default(),
        ramp: time("ramp"),
        settle: time("settle").unwrap_or_default(),
        already_there: number("already-there"),
        what: if matches.get_flag("signalling-only") {
            What::Signalling { viewers: number("viewers") }
        } else {
            What::Voice
        },
        via: match matches.get_one::<String>("via").map(String::as_str) {
            Some("whep") => Via::Whep,
            _ => Via::Socket,
        },
        floor: if matches.get_flag("without-floor") { WithFloor::No } else { WithFloor::Yes },
        leaning: live::LEANING as usize,
        target: which(matches, settings)?,
        lose_one_in: matches.get_one("lose-one-in").copied(),
    };
    if !matches.get_flag("signalling-only") && number("viewers") > 0 {
        return Err(Stop::Wrong("`--viewers` are for `--signalling-only`.".to_owned()));
    }
    let format = if matches.get_flag("json") { Format::Programs } else { Format::People };
    Ok(Bench { plan, format, plot: matches.get_one("plot").cloned() })
}

fn which(matches: &ArgMatches, settings: &BTreeMap<&'static str, Vec<String>>) -> Result<Target, Stop> {
    let wrong = |text: &str| Stop::Wrong(text.to_owned());
    let text = |name| matches.get_one::<String>(name);
    let Some(url) = text("url") else {
        if text("link").is_some() || matches.contains_id("token-file") || matches.contains_id("pid") {
            return Err(wrong(
                "`--link`, `--token-file` and `--pid` are about a server that runs: say which with `--url`.",
            ));
        }
        return Ok(Target::Own { settings: flags(settings)? });
    };
    if !settings.is_empty() {
        return Err(wrong("A server that runs has its settings already: they cannot be given with `--url`."));
    }
    let origin = url.parse().map_err(|error: client::api::LinkError| Stop::Wrong(error.to_string()))?;
    let ticket = match (text("link"), matches.get_one::<PathBuf>("token-file")) {
        (Some(link), _) => {
            Ticket::Link(client::api::Link::parse(link).map_err(|error| Stop::Wrong(error.to_string()))?)
        }
        (None, Some(file)) => {
            let token = std::fs::read_to_string(file)
                .map_err(|error| Stop::Wrong(format!("{}: {error}.", file.display())))?;
            Ticket::Token(client::api::Token::new(token.trim()))
        }
        (None, None) => {
            return Err(wrong("That server lets in members only: give a `--link` or a `--token-file`."));
        }
    };
    Ok(Target::Running { origin, ticket, pid: matches.get_one("pid").copied() })
}

/// As the server reads them.
fn flags(settings: &BTreeMap<&'static str, Vec<String>>) -> Result<Vec<String>, Stop> {
    let mut flags = Vec::new();
    for (key, values) in settings {
        if OWN.contains(key) {
            return Err(Stop::Wrong(format!(
                "The bench decides `--{}` of its server itself.",
                key.replace('_', "-")
            )));
        }
        let setting = SETTINGS.iter().find(|setting| setting.key == *key);
        let name = setting.map(crate::config::Setting::flag).unwrap_or_default();
        flags.extend(values.iter().map(|value| format!("--{name}={value}")));
    }
    Ok(flags)
}

/// `30s`, `500ms`, `2m`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "a time is a number and ms, s or m".to_owned())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        _ => Err("a time is a number and ms, s or m".to_owned()),
    }
}
