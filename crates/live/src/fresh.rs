//! Tasks each turn of which begins on a stack with nothing of anybody else on it.
//!
//! A large value is moved with all of its bytes, those that mean nothing included, and takes along what lay under it
//! (`media::residue`, decision 0029). What somebody's socket or room goes on with would keep a piece of somebody else for as
//! long: a thread that always has something to do runs one after the other on the same stack.

use std::pin::Pin;
use std::task::{Context, Poll};

use sfu::residue;
use tokio::task::JoinHandle;

/// What runs so.
struct Fresh<F>(Pin<Box<F>>);

impl<F: Future> Future for Fresh<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        residue::wipe();
        below(|| self.0.as_mut().poll(context))
    }
}

/// Makes a task and lets it run. It is made where nothing of anybody lies, too.
pub(crate) fn spawn<F>(make: impl FnOnce() -> F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    residue::wipe();
    below(|| tokio::spawn(Fresh(Box::pin(make()))))
}

/// In frames of their own: those above are not overwritten.
#[inline(never)]
fn below<T>(step: impl FnOnce() -> T) -> T {
    step()
}
