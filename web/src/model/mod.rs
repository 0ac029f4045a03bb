//! What the page knows and where it draws it: pure, without Yew and without the browser, so that
//! all of it is tested natively.

pub mod causal;
pub mod chronicle;
pub mod flight;
pub mod layout;
pub mod outside;
pub mod playback;
pub mod scene;
pub mod twin;
