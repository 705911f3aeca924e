//! A room and its naive model, told the same.

#[allow(dead_code, unused_imports, reason = "what draws sequences in the tests of `rooms`")]
#[path = "../../../crates/rooms/tests/model.rs"]
mod model;

pub(super) fn sequence(bytes: &[u8]) {
    model::bytes::sequence(bytes);
}
