//! What components share of the browser's own events.

pub mod modal;
pub mod size;
