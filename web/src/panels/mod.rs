//! The panels around the stage, one a file.

pub mod cfg_editor;
pub mod checker;
mod checker_text;
pub mod clients;
pub mod config;
pub mod cut_dialog;
pub mod diagram;
pub mod dock_edge;
pub mod elections;
pub mod export;
mod fault_words;
pub mod faults;
pub mod front;
pub mod guide;
mod guide_text;
pub mod inspector;
pub mod keys;
pub mod later;
pub mod left;
pub mod lessons;
mod link_faults;
pub mod message_acts;
pub mod requests;
mod server_acts;
pub mod time;
pub mod topbar;
pub mod transport;
