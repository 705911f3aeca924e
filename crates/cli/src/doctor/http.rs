//! One question to the web side, in clear text.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes of an answer that are read: the headers are well under one.
const ANSWER_MAX: u64 = 16 << 10;

/// Whether somebody takes connections there, whatever they speak.
pub(super) fn accepts(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, PATIENCE).is_ok()
}

/// Whether `/healthz` is answered with 200; and the server's time.
pub(super) fn health(address: SocketAddr) -> Option<Option<SystemTime>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer).ok()?;
    read(&String::from_utf8_lossy(&answer))
}

fn read(answer: &str) -> Option<Option<SystemTime>> {
    let (status, headers) = answer.split_once("\r\n")?;
    let mut words = status.split(' ');
    let good = words.next()?.starts_with("HTTP/1.") && words.next()? == "200";
    let date = headers
        .split("\r\n")
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("date"))
        .and_then(|(_, value)| date(value.trim()));
    good.then_some(date)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
fn date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_once(", ")?.1.split(' ').collect();
    let [day, month, year, time, "GMT"] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    let clock: Vec<u64> = time.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hours, minutes, seconds] = clock.as_slice() else { return None };
    keeper::certificate::moment(
        year.parse().ok()?,
        u64::try_from(month).ok()?,
        day.parse().ok()?,
        hours * 3_600 + minutes * 60 + seconds,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_all_is_well_and_what_time_it_is() {
        let answer =
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ndate: Wed, 25 Nov 2026 04:41:17 GMT\r\n\r\nok\n";
        let when = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_581_677);
        assert_eq!(read(answer), Some(Some(when)));
        assert_eq!(read("HTTP/1.1 200 OK\r\n\r\n"), Some(None));
        assert_eq!(read("HTTP/1.1 404 Not Found\r\n\r\n"), None, "somebody else");
        assert_eq!(read("SSH-2.0-OpenSSH\r\n"), None);
        assert_eq!(read(""), None);
    }
}
