//! The wire contract of Vivavoce.
pub mod id;
