//! keeper-api
