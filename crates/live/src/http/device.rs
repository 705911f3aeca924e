//! Which kind of device asks: read from the user agent, kept as one of seven words, and the user agent forgotten.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use protocol::account::DeviceLabel;

/// The label for the request's user agent.
pub(crate) fn label(headers: &HeaderMap) -> DeviceLabel {
    let Some(agent) = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()) else {
        return DeviceLabel::Terminal;
    };
    // Order matters: Android says Linux too, and an iPhone says Mac OS X.
    const SIGNS: [(&str, DeviceLabel); 8] = [
        ("iPhone", DeviceLabel::AppleMobile),
        ("iPad", DeviceLabel::AppleMobile),
        ("Android", DeviceLabel::Android),
        ("Macintosh", DeviceLabel::Mac),
        ("Windows", DeviceLabel::Windows),
        ("CrOS", DeviceLabel::Other),
        ("X11", DeviceLabel::Linux),
        ("Linux", DeviceLabel::Linux),
    ];
    let known = SIGNS.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, label)| *label);
    match known {
        Some(label) if agent.starts_with("Mozilla/") => label,
        _ if !agent.starts_with("Mozilla/") => DeviceLabel::Terminal,
        _ => DeviceLabel::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_becomes_one_of_seven_words() {
        for (agent, expected) in [
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0", DeviceLabel::AppleMobile),
            ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/156.0", DeviceLabel::Android),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0", DeviceLabel::Mac),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0", DeviceLabel::Windows),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", DeviceLabel::Linux),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/156.0", DeviceLabel::Other),
            ("Mozilla/5.0 (PlayStation 5)", DeviceLabel::Other),
            ("vivavoce/0.1 Linux", DeviceLabel::Terminal),
            ("curl/8.9", DeviceLabel::Terminal),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, agent.parse().expect("a value"));
            assert_eq!(label(&headers), expected, "{agent}");
        }
        assert_eq!(label(&HeaderMap::new()), DeviceLabel::Terminal);
    }
}
