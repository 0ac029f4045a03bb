//! One style sheet instead of many: what `index.html` links one after another is written one file a
//! concern, and fetched as one. It compresses a third better, and is one request.
//!
//! Invariant: the order of the links is the order of the rules. Comments stay behind.

use std::path::{Path, PathBuf};

use crate::stamp::Files;

/// The page that links the sheets.
const PAGE: &str = "index.html";
/// The sheet that holds them all.
const SHEET: &str = "page.css";
/// How a line that links a sheet begins and ends.
const LINK: (&str, &str) = ("<link rel=\"stylesheet\" href=\"/", "\">");

/// The files with every linked sheet in one; a folder without a page stays as it is.
#[must_use]
pub fn bundle(mut files: Files) -> Files {
    let Some(page) = files.get(Path::new(PAGE)) else { return files };
    let page = String::from_utf8_lossy(page).into_owned();
    let (mut sheet, mut kept) = (String::new(), String::new());
    for line in page.split_inclusive('\n') {
        let linked = linked(line).and_then(|path| files.remove(Path::new(path)));
        match linked {
            Some(css) => {
                if sheet.is_empty() {
                    kept.push_str(&format!("{}{SHEET}{}\n", LINK.0, LINK.1));
                }
                sheet.push_str(&without_comments(&String::from_utf8_lossy(&css)));
            }
            None => kept.push_str(line),
        }
    }
    if !sheet.is_empty() {
        files.insert(PathBuf::from(SHEET), sheet.into_bytes());
        files.insert(PathBuf::from(PAGE), kept.into_bytes());
    }
    files
}

fn linked(line: &str) -> Option<&str> {
    line.trim().strip_prefix(LINK.0)?.strip_suffix(LINK.1)
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
    fn without_a_page_nothing_changes() {
        let files = Files::from([(PathBuf::from("css/a.css"), b"a{}".to_vec())]);
        assert_eq!(bundle(files.clone()), files);
    }
}
