//! Few style sheets instead of many: what `index.html` links one after another is written one file
//! a concern, and fetched as one. It compresses a third better, and is one request.
//!
//! Sheets that are linked as `later` are for what the page's later parts show: the page asks for
//! their one sheet with the first of those parts (`tasks::dress`), and it stands where they did.
//!
//! Invariant: the order of the links is the order of the rules. Comments stay behind.

use std::path::{Path, PathBuf};

use crate::stamp::Files;

/// The page that links the sheets.
const PAGE: &str = "index.html";
/// The sheets that hold them all: what is linked before those that come later, those, and what is
/// linked after them. For each, what the link says that it is.
const SHEETS: [(&str, &str); 3] =
    [("page.css", "stylesheet"), ("later.css", "later"), ("last.css", "stylesheet")];

/// The files with all linked sheets in few; a folder without a page stays as it is.
#[must_use]
pub fn bundle(mut files: Files) -> Files {
    let Some(page) = files.get(Path::new(PAGE)) else { return files };
    let page = String::from_utf8_lossy(page).into_owned();
    let (mut sheets, mut kept) = ([const { String::new() }; 3], String::new());
    let mut at = 0;
    for line in page.split_inclusive('\n') {
        let linked = linked(line).and_then(|(rel, path)| {
            let next = SHEETS[at..].iter().position(|(_, known)| *known == rel)?;
            Some((at + next, files.remove(path)?))
        });
        let Some((next, css)) = linked else {
            kept.push_str(line);
            continue;
        };
        at = next;
        if sheets[at].is_empty() {
            let (sheet, rel) = SHEETS[at];
            kept.push_str(&format!("<link rel=\"{rel}\" href=\"/{sheet}\">\n"));
        }
        sheets[at].push_str(&without_comments(&String::from_utf8_lossy(&css)));
    }
    for ((name, _), sheet) in SHEETS.iter().zip(sheets).filter(|(_, sheet)| !sheet.is_empty()) {
        files.insert(PathBuf::from(name), sheet.into_bytes());
    }
    files.insert(PathBuf::from(PAGE), kept.into_bytes());
    files
}

/// What a line links as a sheet, and where that is.
fn linked(line: &str) -> Option<(&str, &Path)> {
    let rest = line.trim().strip_prefix("<link rel=\"")?;
    let (rel, path) = rest.strip_suffix("\">")?.split_once("\" href=\"/")?;
    let known = SHEETS.iter().any(|(_, known)| *known == rel);
    known.then(|| (rel, Path::new(path)))
}

/// No sheet of ours has a comment's beginning in a text.
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_one_in_the_order_of_their_links() {
        let page = "<link rel=\"icon\" href=\"/i.svg\">\n\
                    <link rel=\"stylesheet\" href=\"/css/b.css\">\n\
                    <link rel=\"stylesheet\" href=\"/css/a.css\">\n<body>\n";
        let files = [("index.html", page), ("css/a.css", "a{/* why */}\n"), ("css/b.css", "b{}\n")];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        let files = bundle(files.into());
        let text = |path: &str| String::from_utf8_lossy(&files[Path::new(path)]).into_owned();
        assert_eq!(text("page.css"), "b{}\na{}\n");
        assert_eq!(
            text("index.html"),
            "<link rel=\"icon\" href=\"/i.svg\">\n\
             <link rel=\"stylesheet\" href=\"/page.css\">\n<body>\n"
        );
        assert_eq!(files.len(), 2);
    }

    #[test]
    fn what_comes_later_is_a_sheet_of_its_own_where_it_was_linked() {
        let link = |rel, name| format!("<link rel=\"{rel}\" href=\"/css/{name}.css\">\n");
        let page = [("stylesheet", "a"), ("later", "b"), ("later", "c"), ("stylesheet", "d")];
        let page: String = page.into_iter().map(|(rel, name)| link(rel, name)).collect();
        let sheet = |name: &str| (PathBuf::from(format!("css/{name}.css")), name.into());
        let mut files = Files::from(["a", "b", "c", "d"].map(sheet));
        files.insert("index.html".into(), page.into_bytes());
        let files = bundle(files);
        let text = |path: &str| String::from_utf8_lossy(&files[Path::new(path)]).into_owned();
        assert_eq!(["page.css", "later.css", "last.css"].map(text), ["a", "bc", "d"]);
        assert_eq!(
            text("index.html"),
            "<link rel=\"stylesheet\" href=\"/page.css\">\n\
             <link rel=\"later\" href=\"/later.css\">\n\
             <link rel=\"stylesheet\" href=\"/last.css\">\n"
        );
    }

    #[test]
    fn without_a_page_nothing_changes() {
        let files = Files::from([(PathBuf::from("css/a.css"), b"a{}".to_vec())]);
        assert_eq!(bundle(files.clone()), files);
    }
}
