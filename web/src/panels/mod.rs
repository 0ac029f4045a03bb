//! The panels around the stage, one a file.

pub mod config;
pub mod diagram;
pub mod faults;
pub mod guide;
mod guide_text;
pub mod inspector;
pub mod keys;
pub mod left;
pub mod requests;
pub mod topbar;
pub mod transport;
