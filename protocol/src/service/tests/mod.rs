//! Tests of the whole request service: tables of checks, and a slow twin to be held against.

mod checks;
mod cleaning;
mod pipeline;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
#[cfg(not(target_arch = "wasm32"))]
mod twin;
