//! What people and monitoring tools ask: four-letter words, and the page over HTTP.

pub mod four_letter;
pub mod http;
pub mod mntr;
pub mod stats;
