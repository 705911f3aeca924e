//! The command line. Flags of settings come from [`SETTINGS`]; only the commands are written here.

mod bench;
mod join;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command as Clap, value_parser};
use protocol::limits::INVITE_USES_MAX;
use protocol::order::ReportOutcome;

use crate::admin::{Order, Request, Which};
use crate::children::Locks;
use crate::config::{Config, ConfigError, Given, Kind, Layers, SETTINGS, Setting, documented};
use crate::doctor::{Format, Question};
use crate::serve::Until;

pub(crate) use bench::{Bench, Format as BenchFormat};
pub(crate) use join::{Called, Join, Listen, Play, Room, Shown, TOKEN_VARIABLE, To, destination};

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Command {
    Serve(Box<Config>, Until),
    /// A child of `serve`.
    Keeper,
    /// A child of `serve`.
    Live,
    Outbound,
    LiveSelfTest(Locks),
    Admin(Box<Config>, Request),
    Doctor(Box<Config>, Question, Format),
    Bench(Box<Bench>),
    Join(Box<Join>),
    /// The documented file.
    ConfigPrint(String),
    ConfigCheck,
}

/// Why nothing is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Asked for.
    Help(String),
    /// A sentence.
    Wrong(String),
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Self::Wrong(error.to_string())
    }
}

/// Reads the command line, the environment and the file.
///
/// # Errors
/// [`Stop`], with what to tell the person.
pub fn ask(
    line: impl IntoIterator<Item = OsString>,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Command, Stop> {
    let matches = clap().try_get_matches_from(line).map_err(|error| {
        let text = error.render().to_string();
        if error.use_stderr() { Stop::Wrong(text) } else { Stop::Help(text) }
    })?;
    // Children are told everything by the parent, and have no environment.
    match matches.subcommand() {
        Some(("keeper", _)) => return Ok(Command::Keeper),
        Some(("live", _)) => return Ok(Command::Live),
        Some(("outbound", _)) => return Ok(Command::Outbound),
        Some(("live-self-test", matches)) => return Ok(Command::LiveSelfTest(self_test(matches))),
        // Its server is not the one that files and the environment speak of.
        Some(("bench", asked)) => {
            return Ok(Command::Bench(Box::new(bench::read(asked, &given(&matches).flags)?)));
        }
        Some(("join", asked)) => {
            return Ok(Command::Join(Box::new(join::read(asked, &given(&matches).flags, environment)?)));
        }
        _ => {}
    }
    let layers = Layers::gather(&given(&matches), environment)?;
    let here = std::env::current_dir().map_err(|_| Stop::Wrong("The current folder is gone.".to_owned()))?;
    let config = Config::from_layers(&layers, &here)?;
    Ok(match matches.subcommand() {
        Some(("config", matches)) if matches.subcommand_name() == Some("print") => {
            Command::ConfigPrint(documented(&layers))
        }
        Some(("config", _)) => Command::ConfigCheck,
        Some(("doctor", matches)) => {
            let format = if matches.get_flag("json") { Format::Json } else { Format::Sentences };
            let question = if matches.get_flag("no-records") { Question::Records } else { Question::Reach };
            Command::Doctor(Box::new(config), question, format)
        }
        Some(("admin", matches)) => Command::Admin(Box::new(config), admin(matches)),
        Some(("serve", matches)) if matches.get_flag(UNTIL_STDIN_CLOSES) => {
            Command::Serve(Box::new(config), Until::StdinCloses)
        }
        _ => Command::Serve(Box::new(config), Until::Told),
    })
}

fn self_test(matches: &ArgMatches) -> Locks {
    let asked = [
        ("without-sandbox", Locks::None),
        ("no-landlock", Locks::Seccomp),
        ("landlock-alone", Locks::Landlock),
        ("late", Locks::Late),
    ];
    asked.into_iter().find(|(name, _)| matches.get_flag(name)).map_or(Locks::Both, |(_, locks)| locks)
}

fn admin(matches: &ArgMatches) -> Request {
    match matches.subcommand() {
        Some(("invite", matches)) => Request::Invite { uses: matches.get_one("uses").copied() },
        Some(("signin-link", matches)) => Request::SigninLink { handle: handle(matches) },
        Some(("member", matches)) => match matches.subcommand() {
            Some(("suspend", matches)) => Request::Order(Order::Suspend { handle: handle(matches) }),
            Some(("unsuspend", matches)) => Request::Order(Order::Unsuspend { handle: handle(matches) }),
            Some(("protect", matches)) => Request::Order(Order::Protect { handle: handle(matches) }),
            Some(("unprotect", matches)) => Request::Order(Order::Unprotect { handle: handle(matches) }),
            _ => Request::ListMembers,
        },
        Some(("branch", matches)) => Request::Order(match matches.subcommand() {
            Some(("resume", matches)) => Order::ResumeBranch { handle: handle(matches) },
            Some((_, matches)) => Order::PauseBranch { handle: handle(matches) },
            None => Order::Counts,
        }),
        Some(("report", matches)) => Request::Order(match matches.subcommand() {
            Some(("resolve", matches)) => Order::Resolve {
                report: matches.get_one("number").copied().unwrap_or_default(),
                outcome: if matches.get_flag("acted-on") {
                    ReportOutcome::ActedOn
                } else {
                    ReportOutcome::NothingDone
                },
            },
            Some((_, matches)) if matches.get_flag("all") => Order::ListReports { which: Which::All },
            _ => Order::ListReports { which: Which::Open },
        }),
        Some(("owner", matches)) => Request::MakeOwner { handle: handle(matches) },
        _ => Request::Order(Order::Counts),
    }
}

fn handle(matches: &ArgMatches) -> String {
    matches.get_one("handle").cloned().unwrap_or_default()
}

fn given(matches: &ArgMatches) -> Given {
    let mut flags = BTreeMap::new();
    for setting in SETTINGS {
        if let Some(values) = matches.get_many::<String>(setting.key) {
            flags.insert(setting.key, values.cloned().collect());
        }
    }
    Given { file: matches.get_one::<PathBuf>("config").cloned(), flags }
}

const UNTIL_STDIN_CLOSES: &str = "until-stdin-closes";

/// Above the settings in a command's help: its own words are not lost among them.
const OF_THE_SERVER: &str = "Settings of the server";

fn clap() -> Clap {
    Clap::new("vivavoce")
        .about("Live audio rooms on your own server, by invitation, with nothing recorded.")
        .version(env!("CARGO_PKG_VERSION"))
        .args_override_self(false)
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .help("A file with settings; `vivavoce config print` shows one")
                .value_parser(value_parser!(PathBuf))
                .help_heading(OF_THE_SERVER)
                .global(true),
        )
        .args(SETTINGS.iter().map(flag))
        .subcommand(serve())
        .subcommand(admin_command())
        .subcommand(
            Clap::new("doctor")
                .about("Look for what keeps people from being heard, and say what to do (ends with 1: warnings, 2: faults)")
                .arg(Arg::new("json").long("json").help("For programs").action(ArgAction::SetTrue))
                .arg(
                    Arg::new("no-records")
                        .long("no-records")
                        .help("Look instead whether the server that runs could keep anything of a room")
                        .action(ArgAction::SetTrue),
                ),
        )
        .subcommand(bench::command())
        .subcommand(join::command())
        .subcommand(
            Clap::new("config")
                .about("About the configuration")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(Clap::new("print").about("Show every setting, as a file to start from"))
                .subcommand(Clap::new("check").about("Say whether the configuration is good")),
        )
        .subcommand(Clap::new("keeper").hide(true))
        .subcommand(Clap::new("live").hide(true))
        .subcommand(Clap::new("outbound").hide(true))
        .subcommand(
            // Not `--unsandboxed` the setting: this is the control of the test.
            Clap::new("live-self-test").hide(true).args(
                ["no-landlock", "landlock-alone", "late", "without-sandbox"]
                    .map(|locks| Arg::new(locks).long(locks).action(ArgAction::SetTrue)),
            ),
        )
}

fn admin_command() -> Clap {
    Clap::new("admin")
        .about("Ask the running server")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Clap::new("invite").about("Make an invitation, or a new owner link while there is no owner").arg(
                Arg::new("uses")
                    .long("uses")
                    .value_name("PEOPLE")
                    .help(format!("How many people may use it, {INVITE_USES_MAX} at most [1]"))
                    .value_parser(value_parser!(u32).range(1..=i64::from(INVITE_USES_MAX))),
            ),
        )
        .subcommand(
            Clap::new("member")
                .about("About members")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(Clap::new("list").about("Everybody with an account"))
                .subcommand(about_somebody(
                    "suspend",
                    "End every session of a member at once, and let none begin",
                ))
                .subcommand(about_somebody("unsuspend", "Let them sign in again"))
                .subcommand(about_somebody("protect", "Keep whom they block out of rooms where they speak"))
                .subcommand(about_somebody("unprotect", "Let their blocks be like everybody's again")),
        )
        .subcommand(about_somebody("signin-link", "Make a link that signs a member in on one device"))
        .subcommand(about_somebody(
            "owner",
            "Make a member the owner of the server, in the place of whoever is",
        ))
        .subcommand(
            Clap::new("branch")
                .about("About a member and everybody who came by them")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(about_somebody("pause", "Let none of them invite for now"))
                .subcommand(about_somebody("resume", "Let them invite again")),
        )
        .subcommand(reports())
        .subcommand(
            Clap::new("counts").about(
                "How often something was done about order; no names, and without reports about the owner",
            ),
        )
}

fn about_somebody(command: &'static str, about: &'static str) -> Clap {
    Clap::new(command).about(about).arg(
        Arg::new("handle").value_name("HANDLE").required(true).value_parser(NonEmptyStringValueParser::new()),
    )
}

fn reports() -> Clap {
    Clap::new("report")
        .about("About reports")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Clap::new("list")
                .about("Those that nobody has decided yet")
                .arg(Arg::new("all").long("all").help("The others too").action(ArgAction::SetTrue)),
        )
        .subcommand(
            Clap::new("resolve")
                .about("Say what came of a report; whoever made it is told")
                .arg(Arg::new("number").value_name("NUMBER").required(true).value_parser(value_parser!(u32)))
                .arg(
                    Arg::new("acted-on")
                        .long("acted-on")
                        .help("Something was done")
                        .action(ArgAction::SetTrue),
                )
                .arg(
                    Arg::new("nothing-done")
                        .long("nothing-done")
                        .help("It was looked at, and nothing was done")
                        .action(ArgAction::SetTrue),
                )
                .group(ArgGroup::new("outcome").args(["acted-on", "nothing-done"]).required(true)),
        )
}

fn serve() -> Clap {
    Clap::new("serve").about("Run the server (what happens without a command, too)").arg(
        Arg::new(UNTIL_STDIN_CLOSES)
            .long(UNTIL_STDIN_CLOSES)
            .help("Stop when the other end of the standard input closes: for a program that starts a server for itself")
            .action(ArgAction::SetTrue),
    )
}

fn flag(setting: &Setting) -> Arg {
    let (name, help) = (setting.flag(), setting.doc.lines().next().unwrap_or_default().trim_end_matches('.'));
    let arg = Arg::new(setting.key).long(name).help(help.to_owned()).help_heading(OF_THE_SERVER).global(true);
    match setting.kind {
        Kind::Text | Kind::Number => {
            let default = setting.default;
            let shown = if default.is_empty() { help.to_owned() } else { format!("{help} [{default}]") };
            arg.value_name(if setting.kind == Kind::Text { "TEXT" } else { "NUMBER" }).help(shown)
        }
        Kind::List => arg.value_name("LIST").action(ArgAction::Append),
        Kind::Switch => bare(arg, "true").value_name("true|false"),
        Kind::ListOr(value) => bare(arg, value).value_name("LIST"),
    }
}

/// A flag that may stand alone. A value then needs the =, or the next word would be taken for it.
fn bare(arg: Arg, value: &'static str) -> Arg {
    arg.num_args(0..=1).require_equals(true).default_missing_value(value)
}

#[cfg(test)]
pub(crate) fn has_flag(name: &str) -> bool {
    clap().get_arguments().any(|argument| argument.get_long() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster::parent::Sandboxing;

    fn asked(line: &[&str]) -> Result<Command, Stop> {
        let line = std::iter::once("vivavoce").chain(line.iter().copied()).map(OsString::from);
        ask(line, std::iter::empty())
    }

    fn served(line: &[&str]) -> Config {
        match asked(line).expect("understood") {
            Command::Serve(config, Until::Told) => *config,
            other => panic!("not serve: {other:?}"),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        clap().debug_assert();
    }

    #[test]
    fn a_bare_run_serves() {
        assert_eq!(served(&[]), served(&["serve"]));
    }

    #[test]
    fn settings_stand_before_or_after_the_command() {
        assert_eq!(served(&["--listen", "[::1]:1", "serve"]), served(&["serve", "--listen", "[::1]:1"]));
        let config = served(&["--public-url=https://a.example", "--behind-proxy", "serve"]);
        assert!(matches!(config.front, crate::config::Front::Proxy(networks) if networks.len() == 2));
        assert_eq!(served(&["--unsandboxed"]).sandboxing, Sandboxing::Off);
        assert_eq!(
            served(&["--public-address", "192.0.2.1", "--public-address=192.0.2.2"]).public_addresses.len(),
            2
        );
    }

    #[test]
    fn the_administrator_is_understood() {
        let request = |line: &[&str]| match asked(line) {
            Ok(Command::Admin(_, request)) => request,
            other => panic!("not admin: {other:?}"),
        };
        assert_eq!(request(&["admin", "invite"]), Request::Invite { uses: None });
        assert_eq!(request(&["admin", "invite", "--uses", "50"]), Request::Invite { uses: Some(50) });
        assert_eq!(request(&["admin", "member", "list"]), Request::ListMembers);
        let ben = || "ben".to_owned();
        for (line, order) in [
            (&["admin", "member", "suspend", "ben"][..], Order::Suspend { handle: ben() }),
            (&["admin", "member", "unsuspend", "ben"], Order::Unsuspend { handle: ben() }),
            (&["admin", "member", "protect", "ben"], Order::Protect { handle: ben() }),
            (&["admin", "member", "unprotect", "ben"], Order::Unprotect { handle: ben() }),
            (&["admin", "branch", "pause", "ben"], Order::PauseBranch { handle: ben() }),
            (&["admin", "branch", "resume", "ben"], Order::ResumeBranch { handle: ben() }),
            (&["admin", "report", "list"], Order::ListReports { which: Which::Open }),
            (&["admin", "report", "list", "--all"], Order::ListReports { which: Which::All }),
            (
                &["admin", "report", "resolve", "123456", "--acted-on"],
                Order::Resolve { report: 123_456, outcome: ReportOutcome::ActedOn },
            ),
            (
                &["admin", "report", "resolve", "123456", "--nothing-done"],
                Order::Resolve { report: 123_456, outcome: ReportOutcome::NothingDone },
            ),
            (&["admin", "counts"], Order::Counts),
        ] {
            assert_eq!(request(line), Request::Order(order), "{line:?}");
        }
        assert_eq!(
            request(&["admin", "signin-link", "ann"]),
            Request::SigninLink { handle: "ann".to_owned() }
        );
        assert_eq!(request(&["admin", "owner", "ben"]), Request::MakeOwner { handle: "ben".to_owned() });
    }

    #[test]
    fn what_is_not_understood_is_said_and_nothing_is_done() {
        assert!(matches!(asked(&["--lissen", "x"]), Err(Stop::Wrong(_))));
        assert!(matches!(asked(&["dance"]), Err(Stop::Wrong(_))));
        for uses in ["0", "51"] {
            let wrong = asked(&["admin", "invite", "--uses", uses]);
            assert!(matches!(wrong, Err(Stop::Wrong(text)) if text.contains("1..=50")), "{uses}");
        }
        for line in [
            &["admin", "report", "resolve", "123456"][..],
            &["admin", "report", "resolve", "123456", "--acted-on", "--nothing-done"],
            &["admin", "branch", "pause"],
        ] {
            assert!(matches!(asked(line), Err(Stop::Wrong(_))), "{line:?}");
        }
        assert!(matches!(asked(&["admin"]), Err(Stop::Wrong(_) | Stop::Help(_))));
        assert!(matches!(asked(&["--help"]), Err(Stop::Help(text)) if text.contains("--public-url")));
    }
}
