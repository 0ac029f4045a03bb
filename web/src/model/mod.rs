//! What the page knows and where it draws it: pure, without Yew and without the browser, so that
//! all of it is tested natively.

pub mod apart;
pub mod axis;
pub mod boot;
pub mod bytes;
pub mod causal;
pub mod cfg_notes;
pub mod chronicle;
pub mod console;
pub mod contest;
pub mod cuts;
pub mod cutting;
pub mod decimal;
pub mod dense;
pub mod desk;
pub mod exhibits;
pub mod faults;
pub mod flight;
pub mod guests;
pub mod histories;
pub mod layout;
pub mod outside;
pub mod plate;
pub mod playback;
pub mod quorum;
pub mod scene;
pub mod shared_cfg;
pub mod strips;
pub mod timers;
pub mod traffic;
pub mod twin;
pub mod writing;
