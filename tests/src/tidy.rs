//! The shape of the repository.

mod arrows;
mod corpus;
mod css;
mod lengths;
mod links;
mod map;
mod measurements;
mod names;
mod raw;
mod times;
mod words;
