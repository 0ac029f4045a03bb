//! What components share of the browser's own events.

pub mod size;
