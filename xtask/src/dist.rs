//! Lays out `dist/`: everything of `static/`, stamped with its build, and beside each compressible
//! file its compressed forms, so that the server never compresses while it answers.
//!
//! Invariants:
//! 1. A file appears under its name only when whole (it is renamed into place): a running server
//!    may read the folder at any time.
//! 2. What is no longer in `static/` leaves `dist/`.
//! 3. A compressed form in `dist/` is always of the present file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::web::{Kind, without_comments};
use crate::{lessons, stamp, styles};

/// Endings of files that shrink when compressed; pictures and fonts are compressed already.
const COMPRESSIBLE: [&str; 11] =
    ["css", "html", "js", "json", "mjs", "story", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Below this many bytes the headers of a response outweigh what compression saves.
const WORTH_COMPRESSING: usize = 200;

/// How large one file of the page is.
pub struct Size {
    /// Its path below `dist/`.
    pub path: String,
    /// Bytes of the file itself.
    pub raw: u64,
    /// Bytes that a browser fetches.
    pub transferred: u64,
}

/// Brings `dist` in line with `source` and returns the sizes of the page's files.
///
/// # Errors
/// When a file can't be read or written.
pub fn assemble(source: &Path, dist: &Path, kind: Kind) -> Result<Vec<Size>> {
    fs::create_dir_all(dist).with_context(|| format!("can't create {}", dist.display()))?;
    let mut expected = BTreeSet::new();
    let mut sizes = Vec::new();
    let mut files = BTreeMap::new();
    for path in files_below(source)? {
        let mut bytes = fs::read(source.join(&path))
            .with_context(|| format!("can't read {}", path.display()))?;
        if path.extension().is_some_and(|ending| ending == "js") {
            bytes = without_comments(&String::from_utf8_lossy(&bytes)).into_bytes();
        }
        files.insert(path, bytes);
    }
    for (path, bytes) in stamp::stamp(styles::bundle(lessons::index(files)?)) {
        let target = dist.join(&path);
        let unchanged = fs::read(&target).is_ok_and(|old| old == bytes);
        if !unchanged {
            put(&target, &bytes)?;
        }
        expected.insert(path.clone());
        let mut transferred = bytes.len();
        if kind == Kind::Release && is_compressible(&path, &bytes) {
            let forms = [("br", brotli_11 as Compress), ("gz", gzip_9)];
            for (ending, compress) in forms {
                let compressed = with_ending(&path, ending);
                let target = dist.join(&compressed);
                if !unchanged || !target.is_file() {
                    put(&target, &compress(&bytes)?)?;
                }
                transferred = transferred.min(fs::metadata(&target)?.len() as usize);
                expected.insert(compressed);
            }
        }
        let (raw, transferred) = (bytes.len() as u64, transferred as u64);
        sizes.push(Size { path: path.to_string_lossy().into_owned(), raw, transferred });
    }
    remove_others(dist, &expected)?;
    Ok(sizes)
}

type Compress = fn(&[u8]) -> Result<Vec<u8>>;

/// The shorter of two forms: text is told by the letters before a letter, and WebAssembly by the
/// upper bits of the byte before a byte, which makes it a hundredth shorter.
fn brotli_11(bytes: &[u8]) -> Result<Vec<u8>> {
    let usual = brotli_with(bytes, BrotliEncoderMode::BROTLI_MODE_GENERIC)?;
    let upper_bits = brotli_with(bytes, BrotliEncoderMode::BROTLI_FORCE_MSB_PRIOR)?;
    Ok(if upper_bits.len() < usual.len() { upper_bits } else { usual })
}

/// In blocks as large as they can be: each has tables of its own.
fn brotli_with(bytes: &[u8], mode: BrotliEncoderMode) -> Result<Vec<u8>> {
    let (quality, lgwin, lgblock) = (11, 22, 24);
    let parameters = BrotliEncoderParams { quality, lgwin, lgblock, mode, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip_9(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn is_compressible(path: &Path, bytes: &[u8]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    bytes.len() >= WORTH_COMPRESSING && ending.is_some_and(|it| COMPRESSIBLE.contains(&it))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn put(target: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let folder = target.parent().expect("a file in dist has a folder");
        fs::create_dir_all(folder)?;
        let unfinished = with_ending(target, "unfinished");
        fs::write(&unfinished, bytes)?;
        fs::rename(&unfinished, target)
    };
    write().with_context(|| format!("can't write {}", target.display()))
}

fn remove_others(dist: &Path, expected: &BTreeSet<PathBuf>) -> Result<()> {
    for path in files_below(dist)? {
        if !expected.contains(&path) {
            fs::remove_file(dist.join(&path))
                .with_context(|| format!("can't remove dist/{}", path.display()))?;
        }
    }
    Ok(())
}

/// All files below a folder, relative to it and sorted; hidden ones are left out.
fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        let entries = fs::read_dir(&current);
        for entry in entries.with_context(|| format!("can't read {}", current.display()))? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(folder).expect("an entry lies in its folder");
                files.insert(relative.to_owned());
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    struct Folders {
        _root: tempfile::TempDir,
        source: PathBuf,
        dist: PathBuf,
    }

    fn folders() -> Folders {
        let root = tempfile::tempdir().unwrap();
        let (source, dist) = (root.path().join("static"), root.path().join("dist"));
        fs::create_dir_all(source.join("css")).unwrap();
        fs::create_dir_all(&dist).unwrap();
        Folders { _root: root, source, dist }
    }

    #[test]
    fn text_gets_two_compressed_forms_and_pictures_none() {
        let Folders { _root, source, dist } = folders();
        let text = "a { color: red }\n".repeat(100);
        fs::write(source.join("css/page.css"), &text).unwrap();
        fs::write(source.join("picture.png"), vec![7; 4000]).unwrap();
        let sizes = assemble(&source, &dist, Kind::Release).unwrap();

        let mut plain = Vec::new();
        let brotli = fs::read(dist.join("css/page.css.br")).unwrap();
        brotli::BrotliDecompress(&mut &brotli[..], &mut plain).unwrap();
        assert_eq!(plain, text.as_bytes());
        let mut plain = String::new();
        let gzip = fs::read(dist.join("css/page.css.gz")).unwrap();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        assert!(!dist.join("picture.png.br").exists());
        let paths: Vec<_> = sizes.iter().map(|size| size.path.as_str()).collect();
        assert_eq!(paths, ["css/page.css", "picture.png"]);
        assert_eq!(sizes[0].transferred, brotli.len() as u64);
        assert_eq!(sizes[1].transferred, 4000);
    }

    #[test]
    fn a_changed_file_gets_new_compressed_forms_and_a_removed_one_leaves() {
        let Folders { _root, source, dist } = folders();
        fs::write(source.join("boot.js"), "old();\n".repeat(100)).unwrap();
        fs::write(source.join("gone.js"), "gone();\n".repeat(100)).unwrap();
        assemble(&source, &dist, Kind::Release).unwrap();
        let new = "new();\n".repeat(100);
        fs::write(source.join("boot.js"), &new).unwrap();
        fs::remove_file(source.join("gone.js")).unwrap();
        assemble(&source, &dist, Kind::Release).unwrap();

        let mut plain = Vec::new();
        let brotli = fs::read(dist.join("boot.js.br")).unwrap();
        brotli::BrotliDecompress(&mut &brotli[..], &mut plain).unwrap();
        assert_eq!(plain, new.as_bytes());
        let left: Vec<_> = files_below(&dist).unwrap().into_iter().collect();
        assert_eq!(left, ["boot.js", "boot.js.br", "boot.js.gz"].map(PathBuf::from));
    }

    #[test]
    fn a_quick_build_leaves_no_stale_compressed_form_behind() {
        let Folders { _root, source, dist } = folders();
        fs::write(source.join("boot.js"), "old();\n".repeat(100)).unwrap();
        assemble(&source, &dist, Kind::Release).unwrap();
        assemble(&source, &dist, Kind::Dev).unwrap();
        assert!(!dist.join("boot.js.br").exists());
    }
}
