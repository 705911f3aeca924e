//! Tests of the whole: rules that no compiler keeps ([`tidy`], [`licences`]).
//!
//! Each rule is a function from text to complaints, tried on bad text beside it, and then on the repository.
#![cfg(test)]

mod licences;
mod repository;
mod tidy;
