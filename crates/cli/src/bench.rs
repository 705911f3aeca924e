//! `vivavoce bench …`: runs it, and puts the figures where they were asked for.

use std::process::ExitCode;

use crate::args::{Bench, BenchFormat};
use crate::say;

/// Somebody stopped it, and everybody has left: what shells say of a program that Ctrl-C ended.
const EXIT_STOPPED: u8 = 130;

pub(crate) fn run(asked: &Bench) -> ExitCode {
    let figures = match bench::run(&asked.plan, &bench::Progress::on_stderr()) {
        Ok(figures) => figures,
        Err(error) => {
            say::err(&error.to_string());
            let stopped = matches!(error, bench::BenchError::Stopped);
            return if stopped { ExitCode::from(EXIT_STOPPED) } else { ExitCode::FAILURE };
        }
    };
    match asked.format {
        BenchFormat::People => say::out(&bench::in_words(&figures)),
        BenchFormat::Programs => match serde_json::to_string_pretty(&figures) {
            Ok(text) => say::out(&format!("{text}\n")),
            Err(error) => {
                say::err(&format!("The figures cannot be written: {error}."));
                return ExitCode::FAILURE;
            }
        },
    }
    if let (Some(file), Some(svg)) = (&asked.plot, bench::svg(&figures))
        && let Err(error) = std::fs::write(file, svg)
    {
        say::err(&format!("{} cannot be written: {error}.", file.display()));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
