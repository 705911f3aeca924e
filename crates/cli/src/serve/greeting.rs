//! What the person at the terminal reads.

use std::fmt::Write;
use std::io::IsTerminal;
use std::net::TcpListener;
use std::process::ExitStatus;

use fast_qr::{ECL, QRBuilder};
use keeper_api::LinkSecret;
use protocol::account::LinkKind;

use super::sockets::Sockets;
use super::supervisor::{End, Who};
use crate::admin::link_url;
use crate::config::{Config, PublicUrl};

/// Once everything answers for the first time.
pub(super) fn welcome(config: &Config, url: &PublicUrl, sockets: &Sockets) -> String {
    let mut text = String::from("\n  Vivavoce is running.\n\n");
    let _ = writeln!(text, "    Open       {url}");
    let _ = writeln!(
        text,
        "    Listens    {}, and UDP port {} for audio",
        sockets.http_address, sockets.media_port
    );
    let metrics = sockets.metrics.as_ref().map(TcpListener::local_addr).and_then(Result::ok);
    if let Some(metrics) = metrics {
        let _ = writeln!(text, "    Metrics    http://{metrics}/metrics");
    }
    let _ = writeln!(text, "    Keeps      {} (never a room)", config.data.display());
    let _ = writeln!(text, "    Stop       Ctrl-C\n");
    if !url.is_secure() {
        let _ = writeln!(
            text,
            "  Browsers give no microphone to {url}. For more than this machine, use https: --public-url with\n  \
             --tls-cert and --tls-key, or --behind-proxy.\n"
        );
    }
    if let Some(metrics) = metrics.filter(|metrics| !metrics.ip().to_canonical().is_loopback()) {
        let _ =
            writeln!(text, "  Whoever reaches {metrics} from another machine can read the metrics there.\n");
    }
    text
}

/// The link that makes whoever opens it the owner, boxed, with a code for a phone's camera.
pub(super) fn owner_link(url: &PublicUrl, secret: &LinkSecret, colours: Colours) -> String {
    let link = link_url(&url.to_string(), LinkKind::Owner, &secret.reveal());
    let words = ["This server waits for its owner.", "Open this link; it works once:", "", &link, ""];
    // Low error correction: a screen has no scratches, and a smaller code fits a smaller terminal.
    let code =
        QRBuilder::new(link.as_str()).ecl(ECL::L).build().map(|code| code.to_str()).unwrap_or_default();
    boxed(&words, &code, colours)
}

fn boxed(words: &[&str], code: &str, colours: Colours) -> String {
    let lines = || words.iter().copied().chain(code.lines());
    let width = lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let rule = "─".repeat(width + 4);
    let mut text = format!("  ╭{rule}╮\n");
    for (at, line) in lines().enumerate() {
        let space = " ".repeat(width - line.chars().count());
        // The code's light squares are drawn, its dark ones left out: right on a dark screen, and with both colours
        // named on a light one too.
        let (on, off) = if colours == Colours::Terminal && at >= words.len() {
            ("\x1b[97;40m", "\x1b[0m")
        } else {
            ("", "")
        };
        let _ = writeln!(text, "  │  {on}{line}{off}{space}  │");
    }
    let _ = writeln!(text, "  ╰{rule}╯\n");
    text
}

/// Whether the text goes to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    Terminal,
    None,
}

impl Colours {
    pub(super) fn of_stdout() -> Self {
        if std::io::stdout().is_terminal() { Self::Terminal } else { Self::None }
    }
}

/// A child has ended although nobody asked it to.
pub(super) fn died(who: Who, status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    let how = match (status.signal(), status.code()) {
        (Some(signal), _) => format!("by signal {signal}"),
        (None, Some(code)) => format!("with code {code}"),
        (None, None) => "somehow".to_owned(),
    };
    format!("{} ended {how}; starting it again.", name(who))
}

/// How the server ended.
pub(super) fn ended(end: End) -> Option<String> {
    match end {
        End::Stopped => Some("Stopped.".to_owned()),
        // The child has said why.
        End::Failed => None,
        End::NeverStarted(who) => {
            Some(format!("{} could not be started. What it said, if anything, stands above.", name(who)))
        }
    }
}

fn name(who: Who) -> &'static str {
    match who {
        Who::Keeper => "The keeper",
        Who::Live => "The live process",
        Who::Outbound => "The process that sends notifications",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_link_stands_in_a_box_with_straight_edges() {
        let url: PublicUrl = "https://rooms.example.org".parse().expect("an origin");
        let text = owner_link(&url, &LinkSecret::from_random([7; 16]), Colours::None);
        assert!(text.contains("https://rooms.example.org/o#BwcHBwcHBwcHBwcHBwcHBw"), "{text}");
        let widths: std::collections::BTreeSet<usize> =
            text.lines().filter(|line| !line.is_empty()).map(|line| line.chars().count()).collect();
        assert_eq!(widths.len(), 1, "{text}");
    }

    #[test]
    fn a_camera_at_the_terminal_reads_the_link_that_stands_above_the_code() {
        for url in [
            "http://localhost:8080",
            "https://rooms.example.org",
            "https://a-longer-name.rooms.example.org:8443",
        ] {
            let url: PublicUrl = url.parse().expect("an origin");
            let secret = LinkSecret::from_random([0xa7; 16]);
            let text = owner_link(&url, &secret, Colours::None);
            let link = format!("{url}/o#{}", secret.reveal());
            assert!(text.contains(&link), "{text}");
            assert_eq!(read_by_camera(&text), [link], "{text}");
        }
    }

    #[test]
    fn on_a_terminal_the_same_code_has_both_its_colours_named() {
        let url: PublicUrl = "https://rooms.example.org".parse().expect("an origin");
        let secret = LinkSecret::from_random([7; 16]);
        let [plain, coloured] =
            [Colours::None, Colours::Terminal].map(|colours| owner_link(&url, &secret, colours));
        assert_eq!(coloured.replace("\x1b[97;40m", "").replace("\x1b[0m", ""), plain);
        for line in coloured.lines().filter(|line| line.contains(['█', '▀', '▄'])) {
            let code = line.strip_prefix("  │  \x1b[97;40m").and_then(|line| line.split_once("\x1b[0m"));
            assert!(code.is_some_and(|(_, after)| !after.contains(['█', '▀', '▄'])), "{line:?}");
        }
    }

    /// What the codes in a text say to a camera in front of a dark screen: what is drawn is light, all else is dark.
    /// A character is one module wide and two high.
    fn read_by_camera(text: &str) -> Vec<String> {
        /// Pixels to the side of a module.
        const SIDE: usize = 4;
        let rows: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let is_light = |x: usize, y: usize| match rows[y / 2].get(x) {
            Some('█') => true,
            Some('▀') => y.is_multiple_of(2),
            Some('▄') => !y.is_multiple_of(2),
            _ => false,
        };
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(width * SIDE, rows.len() * 2 * SIDE, |x, y| {
                if is_light(x / SIDE, y / SIDE) { u8::MAX } else { 0 }
            });
        picture.detect_grids().iter().map(|code| code.decode().expect("a whole code").1).collect()
    }

    #[test]
    fn on_an_insecure_address_the_way_out_is_named() {
        let secure: PublicUrl = "http://localhost:8080".parse().expect("an origin");
        let insecure: PublicUrl = "http://192.168.1.5:8080".parse().expect("an origin");
        let layers = crate::config::Layers::gather(&crate::config::Given::default(), std::iter::empty());
        let mut config =
            Config::from_layers(&layers.expect("defaults"), std::path::Path::new("/srv")).expect("good");
        config.listen = "127.0.0.1:0".parse().expect("an address");
        let sockets = super::super::sockets::bind(&config).expect("free ports");
        assert!(!welcome(&config, &secure, &sockets).contains("microphone"));
        assert!(welcome(&config, &insecure, &sockets).contains("--tls-cert"));
    }

    #[test]
    fn metrics_that_others_can_read_are_said_to_be() {
        let url: PublicUrl = "http://localhost:8080".parse().expect("an origin");
        let layers = crate::config::Layers::gather(&crate::config::Given::default(), std::iter::empty());
        let mut config =
            Config::from_layers(&layers.expect("defaults"), std::path::Path::new("/srv")).expect("good");
        config.listen = "127.0.0.1:0".parse().expect("an address");
        for (at, warned) in [(None, false), (Some("127.0.0.1:0"), false), (Some("0.0.0.0:0"), true)] {
            config.metrics = at.map(|at| at.parse().expect("an address"));
            let sockets = super::super::sockets::bind(&config).expect("free ports");
            let text = welcome(&config, &url, &sockets);
            assert_eq!(text.contains("from another machine"), warned, "{at:?}: {text}");
        }
    }
}
