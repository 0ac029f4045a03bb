//! From one wasm file to several: the first, with which the page starts, and those it fetches
//! later, at the seams that `wasm_split_helpers` marks in the code.
//!
//! What belongs to which file follows from the relocations of the whole file (`--emit-relocs`): a
//! function or a table of constants goes to a later file when nothing of the first reaches it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

/// Every wasm file begins with its magic number and its version.
const PREAMBLE: usize = 8;
/// The number of a section that a browser does not need.
const CUSTOM: u8 = 0;

/// Splits `compiled`: the later files and the script that fetches them go into `target`, where
/// `main` is the script that starts the first file. Gives the first file, for wasm-bindgen.
///
/// # Errors
/// When a file can't be read, understood or written.
pub fn split(compiled: &Path, target: &Path, main: &str, names: bool) -> Result<PathBuf> {
    let whole = fs::read(compiled).with_context(|| format!("can't read {}", compiled.display()))?;
    let first = compiled.with_extension("first.wasm");
    let main = format!("./{main}.js");
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = target;
    options.main_out_path = &first;
    options.main_module = &main;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("can't split {}: {error:#}", compiled.display()))?;
    for later in split.split_modules.iter().filter(|_| !names) {
        let bytes = fs::read(later).with_context(|| format!("can't read {}", later.display()))?;
        let bytes = without_custom_sections(&bytes)
            .with_context(|| format!("can't strip {}", later.display()))?;
        fs::write(later, bytes).with_context(|| format!("can't write {}", later.display()))?;
    }
    Ok(first)
}

/// A wasm file without the names of its functions and whatever else no browser reads.
fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut kept = wasm.get(..PREAMBLE).context("it has no preamble")?.to_vec();
    let mut rest = &wasm[PREAMBLE..];
    while let Some((&section, after)) = rest.split_first() {
        let (length, digits) = length(after)?;
        let end = 1 + digits + length;
        let Some(whole) = rest.get(..end) else { bail!("section {section} is cut short") };
        if section != CUSTOM {
            kept.extend_from_slice(whole);
        }
        rest = &rest[end..];
    }
    Ok(kept)
}

/// A length in seven bits a byte, least significant first, and how many bytes it takes.
fn length(bytes: &[u8]) -> Result<(usize, usize)> {
    let mut value = 0_usize;
    for (byte, digits) in bytes.iter().take(5).zip(1..) {
        value |= usize::from(byte & 0x7f) << (7 * (digits - 1));
        if byte & 0x80 == 0 {
            return Ok((value, digits));
        }
    }
    bail!("a section has no length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_left_out_and_code_stays() {
        let preamble = b"\0asm\x01\0\0\0".to_vec();
        let long = [vec![0, 0x82, 0x01, 4], b"name".to_vec(), vec![b'x'; 125]].concat();
        let code = vec![10, 3, 1, 2, 3];
        let wasm = [preamble.clone(), long, code.clone()].concat();
        assert_eq!(without_custom_sections(&wasm).unwrap(), [preamble, code].concat());
    }

    #[test]
    fn a_file_that_ends_early_is_refused() {
        let error = without_custom_sections(b"\0asm\x01\0\0\0\x0a\x09\x01").unwrap_err();
        assert_eq!(error.to_string(), "section 10 is cut short");
    }
}
