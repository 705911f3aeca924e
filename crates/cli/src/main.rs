//! `vivavoce`.

use std::process::ExitCode;

mod allocator;

#[global_allocator]
static ALLOCATOR: allocator::Wiping = allocator::Wiping;

fn main() -> ExitCode {
    cli::run()
}
