//! The shape of the repository.

mod arrows;
mod corpus;
mod css;
mod lengths;
mod links;
mod map;
mod measurements;
mod memory;
mod names;
mod raw;
mod recorders;
mod times;
mod words;
