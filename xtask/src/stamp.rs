//! The stamp of a build: a page's files are asked for by the build that they belong to.
//!
//! Invariants:
//! 1. The stamp is a hash of every file: two builds with one stamp are the same build.
//! 2. Scripts, styles and wasm are named with the stamp wherever a page names them; its scripts
//!    pass their own stamp on to what they fetch later. A generated script names its neighbours
//!    in `from "./…"` and `URL("./…"`: it gets the stamp written in, for a script that was fetched
//!    by two names would be two scripts.
//! 3. The service worker knows every file that the page needs, by address and by hash.
//!
//! `embed.html` is `index.html` with one attribute more. `build.txt` tells the server its stamp.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The page's files, by path below `static/`.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The page itself.
const PAGE: &str = "index.html";
/// The page for a frame within another page.
const EMBEDDED: &str = "embed.html";
/// The service worker, which holds the list of files.
const WORKER: &str = "sw.js";
/// Endings of files that are asked for by their build.
const VERSIONED: [&str; 4] = [".css", ".js", ".mjs", ".wasm"];

/// The files of a page with their build in them; a folder without a page stays as it is.
#[must_use]
pub fn stamp(mut files: Files) -> Files {
    let Some(page) = files.get(&PathBuf::from(PAGE)) else { return files };
    let page = String::from_utf8_lossy(page).into_owned();
    let build = build_of(&files);
    let page = with_versions(&page, &build);
    let embedded = page.replacen("<html ", "<html data-embed=\"on\" ", 1);
    files.insert(PAGE.into(), page.into_bytes());
    files.insert(EMBEDDED.into(), embedded.into_bytes());
    name_neighbours(&mut files, &build);
    if let Some(worker) = files.remove(&PathBuf::from(WORKER)) {
        let worker = String::from_utf8_lossy(&worker)
            .replacen("const BUILD = 'none';", &format!("const BUILD = '{build}';"), 1)
            .replacen("const FILES = {};", &format!("const FILES = {};", list(&files, &build)), 1);
        files.insert(WORKER.into(), worker.into_bytes());
    }
    files.insert("build.txt".into(), build.into_bytes());
    files
}

/// The build's name: the beginning of a hash over names and contents.
fn build_of(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(path.to_string_lossy().as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().take(6).fold(String::new(), |mut text, byte| {
        // Writing to a String has no way to fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn is_versioned(path: &str) -> bool {
    VERSIONED.iter().any(|ending| path.ends_with(ending)) && path != WORKER
}

/// Every `href="/…"` and `src="/…"` of a versioned file, with the build behind it.
fn with_versions(page: &str, build: &str) -> String {
    let mut stamped = String::with_capacity(page.len() + 1000);
    for part in page.split_inclusive('"') {
        let path = part.strip_suffix('"').and_then(|part| part.strip_prefix('/'));
        match path.filter(|path| is_versioned(path)) {
            Some(path) => {
                // Writing to a String has no way to fail.
                let _ = write!(stamped, "/{path}?b={build}\"");
            }
            None => stamped.push_str(part),
        }
    }
    stamped
}

/// In every script, each neighbour that it fetches by its name, with the build behind it.
fn name_neighbours(files: &mut Files, build: &str) {
    let names: Vec<PathBuf> = files.keys().cloned().collect();
    for (path, bytes) in files.iter_mut() {
        let neighbours = names.iter().filter(|name| name.parent() == path.parent());
        let neighbours = neighbours.filter_map(|name| name.file_name()?.to_str());
        let Some(mut script) = script(path, bytes) else { continue };
        for name in neighbours.filter(|name| is_versioned(name)) {
            for fetches in ["from ", "URL("] {
                let named = format!("{fetches}\"./{name}");
                script = script.replace(&format!("{named}\""), &format!("{named}?b={build}\""));
            }
        }
        *bytes = script.into_bytes();
    }
}

fn script(path: &Path, bytes: &[u8]) -> Option<String> {
    let is_script = path.extension().is_some_and(|ending| ending == "js");
    is_script.then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Address and hash of each file, as a JavaScript object.
fn list(files: &Files, build: &str) -> String {
    let mut list = String::from("{\n");
    for (path, bytes) in files {
        let path = path.to_string_lossy();
        let address = match &*path {
            PAGE => "/".to_owned(),
            path if is_versioned(path) => format!("/{path}?b={build}"),
            path => format!("/{path}"),
        };
        let hash = STANDARD.encode(Sha256::digest(bytes));
        // Writing to a String has no way to fail.
        let _ = writeln!(list, "  '{address}': 'sha256-{hash}',");
    }
    list.push('}');
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(script: &str) -> Files {
        let files = [
            ("index.html", "<!doctype html>\n<html lang=\"en\"><script src=\"/boot.js\">"),
            ("boot.js", script),
            ("icon.svg", "<svg/>"),
            ("sw.js", "const BUILD = 'none';\nconst FILES = {};\n"),
        ];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        stamp(files.into())
    }

    fn text<'a>(files: &'a Files, path: &str) -> &'a str {
        std::str::from_utf8(&files[&PathBuf::from(path)]).unwrap()
    }

    #[test]
    fn a_page_names_its_files_by_their_build_and_so_does_the_page_for_a_frame() {
        let files = page("one();");
        let build = text(&files, "build.txt");
        let named = format!("src=\"/boot.js?b={build}\"");
        assert!(text(&files, "index.html").contains(&named));
        assert!(text(&files, "embed.html").contains(&named));
        assert!(text(&files, "embed.html").contains("<html data-embed=\"on\" lang=\"en\">"));
    }

    #[test]
    fn a_script_names_its_neighbours_by_their_build() {
        let files = [
            ("index.html", "<!doctype html>"),
            ("pkg/one.js", "import * as two from \"./two.js\"; const all = { \"./two.js\": two };"),
            ("pkg/two.js", "new URL(\"./three.wasm\", import.meta.url)"),
            ("pkg/three.wasm", ""),
        ];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        let files = stamp(files.into());
        let build = text(&files, "build.txt");
        let one = format!(
            "import * as two from \"./two.js?b={build}\"; const all = {{ \"./two.js\": two }};"
        );
        assert_eq!(text(&files, "pkg/one.js"), one);
        let two = format!("new URL(\"./three.wasm?b={build}\", import.meta.url)");
        assert_eq!(text(&files, "pkg/two.js"), two);
    }

    #[test]
    fn the_worker_knows_every_file_by_address_and_hash_and_not_itself() {
        let files = page("one();");
        let (worker, build) = (text(&files, "sw.js"), text(&files, "build.txt"));
        assert!(worker.starts_with(&format!("const BUILD = '{build}';")), "{worker}");
        let hash = STANDARD.encode(Sha256::digest(b"one();"));
        assert!(worker.contains(&format!("'/boot.js?b={build}': 'sha256-{hash}'")), "{worker}");
        for address in ["'/': ", "'/embed.html': ", "'/icon.svg': "] {
            assert!(worker.contains(address), "{worker}");
        }
        assert!(!worker.contains("sw.js"), "{worker}");
    }

    #[test]
    fn another_content_is_another_build() {
        assert_eq!(page("one();"), page("one();"));
        assert_ne!(text(&page("one();"), "build.txt"), text(&page("two();"), "build.txt"));
    }
}
