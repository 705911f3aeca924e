//! What a certificate says about itself, for whoever looks after the server.

use std::time::{Duration, SystemTime};

use keeper_api::parent::{Failure, TlsFiles};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;

use crate::tls;

/// The first certificate of the file, whose key fits it.
#[derive(Debug, Clone)]
pub struct Inspected {
    certificate: CertificateDer<'static>,
    pub not_before: SystemTime,
    pub not_after: SystemTime,
}

/// Reads both files as the keeper does at its start.
///
/// # Errors
/// Which of them cannot be used, or that they do not belong together.
pub fn inspect(files: &TlsFiles) -> Result<Inspected, Failure> {
    tls::read(files)?;
    let pem = tls::contents(&files.cert).ok_or(Failure::TlsCert)?;
    let certificate =
        tls::certificates(&pem).and_then(|chain| chain.into_iter().next()).ok_or(Failure::TlsCert)?;
    let (not_before, not_after) = validity(&certificate).ok_or(Failure::TlsCert)?;
    Ok(Inspected { certificate, not_before, not_after })
}

impl Inspected {
    /// Whether browsers take it for this host: a name, or an address without brackets.
    pub fn is_for(&self, host: &str) -> bool {
        let name = ServerName::try_from(host);
        let parsed = ParsedCertificate::try_from(&self.certificate);
        matches!((name, parsed), (Ok(name), Ok(parsed))
            if rustls::client::verify_server_name(&parsed, &name).is_ok())
    }
}

/// From when until when (RFC 5280 section 4.1.2.5): the fifth part of what is signed, after version, serial number,
/// algorithm and issuer.
fn validity(der: &[u8]) -> Option<(SystemTime, SystemTime)> {
    const VERSION: u8 = 0xa0;
    let (_, certificate, _) = element(der)?;
    let (_, mut signed, _) = element(certificate)?;
    if let Some((VERSION, _, rest)) = element(signed) {
        signed = rest;
    }
    for _serial_algorithm_issuer in 0..3 {
        signed = element(signed)?.2;
    }
    let (_, both, _) = element(signed)?;
    let (tag, from, rest) = element(both)?;
    let (until_tag, until, _) = element(rest)?;
    Some((time(tag, from)?, time(until_tag, until)?))
}

/// Tag, contents and what follows of one element in DER.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

/// `YYMMDDHHMMSSZ`, or with four digits of the year.
fn time(tag: u8, text: &[u8]) -> Option<SystemTime> {
    const UTC_TIME: u8 = 0x17;
    const GENERALIZED_TIME: u8 = 0x18;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: u64 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let number = |at: usize| rest.get(at..at + 2)?.parse::<u64>().ok();
    moment(year, number(0)?, number(2)?, number(4)? * 3_600 + number(6)? * 60 + number(8)?)
}

/// So many seconds into a day of the Gregorian calendar, in UTC.
pub fn moment(year: u64, month: u64, day: u64, seconds: u64) -> Option<SystemTime> {
    let seconds = days(year, month, day)?.checked_mul(86_400)?.checked_add(seconds)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Days since 1970 of a day of the Gregorian calendar.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || year > 9_999 {
        return None;
    }
    // Years begin in March, so that a leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let before = year * 365 + year / 4 - year / 100 + year / 400;
    (before + (month * 153 + 2) / 5 + day).checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(time: SystemTime) -> u64 {
        time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs()
    }

    #[test]
    fn a_date_is_a_number_of_seconds() {
        assert_eq!(time(0x17, b"700101000000Z").map(seconds), Some(0));
        assert_eq!(time(0x17, b"000229120000Z").map(seconds), Some(951_825_600));
        assert_eq!(time(0x18, b"20261125044117Z").map(seconds), Some(1_795_581_677));
        for bad in [&b""[..], b"Z", b"70010100000Z", b"7001010000", b"70010100000\xffZ"] {
            assert_eq!(time(0x17, bad), None);
        }
    }

    #[test]
    fn a_certificate_says_whose_it_is_and_how_long() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = rcgen::generate_simple_self_signed(vec!["rooms.example.org".to_owned()]).expect("made");
        let files = TlsFiles { cert: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        std::fs::write(&files.cert, made.cert.pem()).expect("written");
        std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("written");
        let inspected = inspect(&files).expect("good");
        assert!(inspected.is_for("rooms.example.org"));
        assert!(!inspected.is_for("other.example.org") && !inspected.is_for("192.0.2.1"));
        assert!(inspected.not_before < inspected.not_after && inspected.not_after > SystemTime::now());
        std::fs::write(&files.cert, "no certificate").expect("written");
        assert!(matches!(inspect(&files), Err(Failure::TlsCert)));
    }
}
