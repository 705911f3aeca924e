//! Several frames in one packet against the reference implementation of Opus: what is put together must be what libopus
//! would put together, and must sound as the same frames one by one do. And who is cut off must end in silence.

mod containers;
mod ended;
mod reference;
mod signal;
mod sound;
