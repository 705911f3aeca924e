//! What the person at the terminal reads.

use std::fmt::Write;
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
    let _ = writeln!(text, "    Keeps      {} (never a room)", config.data.display());
    let _ = writeln!(text, "    Stop       Ctrl-C\n");
    if !url.is_secure() {
        let _ = writeln!(
            text,
            "  Browsers give no microphone to {url}. For more than this machine, use https: --public-url with\n  \
             --tls-cert and --tls-key, or --behind-proxy.\n"
        );
    }
    text
}

/// The link that makes whoever opens it the owner, boxed, with a code for a phone's camera.
pub(super) fn owner_link(url: &PublicUrl, secret: &LinkSecret) -> String {
    let link = link_url(&url.to_string(), LinkKind::Owner, &secret.reveal());
    let mut lines = vec![
        "This server waits for its owner.".to_owned(),
        "Open this link; it works once:".to_owned(),
        String::new(),
        link.clone(),
        String::new(),
    ];
    // Low error correction: a screen has no scratches, and a smaller code fits a smaller terminal.
    if let Ok(code) = QRBuilder::new(link).ecl(ECL::L).build() {
        lines.extend(code.to_str().lines().map(str::to_owned));
    }
    boxed(&lines)
}

fn boxed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let rule = "─".repeat(width + 4);
    let mut text = format!("  ╭{rule}╮\n");
    for line in lines {
        let _ = writeln!(text, "  │  {line:<width$}  │");
    }
    let _ = writeln!(text, "  ╰{rule}╯\n");
    text
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_link_stands_in_a_box_with_straight_edges() {
        let url: PublicUrl = "https://rooms.example.org".parse().expect("an origin");
        let text = owner_link(&url, &LinkSecret::from_random([7; 16]));
        assert!(text.contains("https://rooms.example.org/o#BwcHBwcHBwcHBwcHBwcHBw"), "{text}");
        let widths: std::collections::BTreeSet<usize> =
            text.lines().filter(|line| !line.is_empty()).map(|line| line.chars().count()).collect();
        assert_eq!(widths.len(), 1, "{text}");
        assert!(text.lines().count() > 20, "with its code");
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
}
