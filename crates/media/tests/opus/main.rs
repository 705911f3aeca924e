//! Several frames in one packet against the reference implementation of Opus: what is put together must be what libopus
//! would put together, and must sound as the same frames one by one do.

mod containers;
mod reference;
mod signal;
mod sound;
