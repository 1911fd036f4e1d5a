//! How it is printed.

pub mod chart;
pub mod table;
