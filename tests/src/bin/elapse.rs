//! Time that passes for what a server keeps, so that nobody waits a week for an invitation to lapse.
//!
//! `elapse FILE DAYS` lets everything in a server's database that lapses do so that many days earlier. The server may be
//! running: it looks at the moments anew each time it is asked.

#![expect(clippy::print_stderr, reason = "a program for the terminal of a test")]

use std::process::ExitCode;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// How long the server may be writing.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (Some(file), Some(days)) = (words.next(), words.next().and_then(|days| days.parse::<i64>().ok()))
    else {
        eprintln!("usage: elapse FILE DAYS");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map(|runtime| runtime.block_on(elapse(&file, days))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("elapse: {error}");
    ExitCode::FAILURE
}

async fn elapse(file: &str, days: i64) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE);
    let mut database = options.connect().await?;
    let mut all = database.begin().await?;
    for (change, by) in [
        ("UPDATE invites SET expires_day = expires_day - $1", days),
        ("UPDATE sessions SET expires_day = expires_day - $1", days),
        ("UPDATE links SET expires_ms = expires_ms - $1", days * DAY_MS),
    ] {
        sqlx::query(change).bind(by).execute(&mut *all).await?;
    }
    all.commit().await?;
    database.close().await
}
