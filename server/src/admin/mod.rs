//! What people and monitoring tools ask: four-letter words, and the page over HTTP.

pub mod http;
