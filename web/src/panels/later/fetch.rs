//! The seam between the first wasm file and the second: the one place where the linker is told to
//! export a name, which Rust counts as unsafe code.
//!
//! The macro declares the function on one side as an import and on the other as an export of the
//! same signature, so that nothing reaches across but through the fetched file.
#![allow(unsafe_code)]

use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::Second;

/// Fetches the second file and gives the way into it.
///
/// # Errors
/// When it can't be fetched; the next call asks again.
#[wasm_split(later, fallible)]
pub fn second() -> Result<Second, SplitLoaderError> {
    Ok(super::second())
}
