//! The text of the tree as tidy's rules see it.
//!
//! Rules read text, not syntax: that is quick, needs no compiler, and is right because the text
//! is formatted by rustfmt. Two views help: code without comments and literals, and code without
//! tests.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Endings of the files that are read.
const ENDINGS: [&str; 12] =
    ["css", "html", "js", "json", "md", "mjs", "py", "rs", "sh", "story", "toml", "txt"];

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 6] = ["target", "dist", "pkg", "node_modules", "fixtures", "corpus"];

/// One file of the workspace.
pub struct Source {
    /// Its path from the workspace's root, with `/` between the parts.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

impl Source {
    /// A file as a test writes it down.
    #[cfg(test)]
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is a test or helps tests.
    pub fn is_test(&self) -> bool {
        let in_folder = |name: &str| {
            self.path.starts_with(&format!("{name}/")) || self.path.contains(&format!("/{name}/"))
        };
        let file = self.path.rsplit('/').next().unwrap_or_default();
        in_folder("tests")
            || in_folder("fuzz")
            || file == "tests.rs"
            || file.ends_with("_tests.rs")
            || file == "testing.rs"
            || file == "fuzzing.rs"
    }

    /// The lines with comments and the insides of literals blanked, each as long as it was.
    pub fn code(&self) -> Vec<String> {
        blanked(&self.text).lines().map(str::to_owned).collect()
    }

    /// As [`Source::code`], with everything under `#[cfg(test)]` blanked as well.
    pub fn production(&self) -> Vec<String> {
        let mut lines = self.code();
        if self.is_test() {
            lines.iter_mut().for_each(String::clear);
            return lines;
        }
        let mut at = 0;
        while at < lines.len() {
            let end = if is_test_attribute(&lines[at]) { end_of_item(&lines, at) } else { at };
            if end > at {
                lines[at..end].iter_mut().for_each(String::clear);
            }
            at = end.max(at + 1);
        }
        lines
    }
}

fn is_test_attribute(line: &str) -> bool {
    line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test,")
}

/// The line after the item that the attribute in line `start` belongs to.
fn end_of_item(lines: &[String], start: usize) -> usize {
    let mut at = start;
    while at < lines.len() {
        let line = lines[at].trim_end();
        let closed = line == "}" || (!line.starts_with("#[") && line.ends_with([';', '}']));
        if closed && (line == "}" || !line.starts_with(' ')) {
            return at + 1;
        }
        at += 1;
    }
    lines.len()
}

/// Reads all files that the rules look at, sorted by path.
///
/// # Errors
/// When a folder or a file can't be read.
pub fn read_all(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder);
        for entry in entries.with_context(|| format!("can't read {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let hidden = name.starts_with('.') && name != ".ci";
            if hidden || SKIPPED.contains(&name) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if is_read(&path) {
                let bytes =
                    fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let relative = path.strip_prefix(root).expect("a file lies below its root");
                let path = relative.to_string_lossy().replace('\\', "/");
                sources.push(Source { path, text });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn is_read(path: &Path) -> bool {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some(ending) => ENDINGS.contains(&ending),
        None => path.parent().and_then(Path::file_name).is_some_and(|folder| folder == ".ci"),
    }
}

/// The text with comments and the insides of string and character literals turned to spaces.
fn blanked(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = end_of_blank(&letters, at);
        if end > at {
            // The quotes go too: a rule never needs them.
            out.extend(letters[at..end].iter().map(|it| if *it == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(letters[at]);
            at += 1;
        }
    }
    out
}

/// Where the comment or literal that begins at `at` ends; `at` itself when none begins there.
fn end_of_blank(letters: &[char], at: usize) -> usize {
    let next = |offset: usize| letters.get(at + offset).copied();
    let after_word = at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_');
    match (letters[at], next(1)) {
        ('/', Some('/')) => find(letters, at, &['\n']),
        ('/', Some('*')) => after(letters, at + 2, &['*', '/']),
        ('"', _) => end_of_string(letters, at + 1),
        ('r', Some('"' | '#')) if !after_word => end_of_raw_string(letters, at),
        ('\'', Some('\\')) => find(letters, at + 3, &['\'']) + 1,
        ('\'', _) if next(2) == Some('\'') => at + 3,
        _ => at,
    }
    .min(letters.len())
}

fn end_of_string(letters: &[char], start: usize) -> usize {
    let mut at = start;
    while at < letters.len() && letters[at] != '"' {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn end_of_raw_string(letters: &[char], start: usize) -> usize {
    let hashes = letters[start + 1..].iter().take_while(|letter| **letter == '#').count();
    if letters.get(start + 1 + hashes) != Some(&'"') {
        return start;
    }
    let mut end = vec!['"'];
    end.resize(1 + hashes, '#');
    after(letters, start + 2 + hashes, &end)
}

fn find(letters: &[char], start: usize, what: &[char]) -> usize {
    let rest = letters.get(start..).unwrap_or_default();
    rest.windows(what.len()).position(|it| it == what).map_or(letters.len(), |at| start + at)
}

fn after(letters: &[char], start: usize, what: &[char]) -> usize {
    (find(letters, start, what) + what.len()).min(letters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_lines_stay() {
        let cases = [
            ("let a = 1; // todo", "let a = 1;        "),
            ("let a = \"use x\\\" y\"; b", "let a =            ; b"),
            ("a /* b\nc */ d", "a     \n     d"),
            ("r#\"x\"y\"# z", "         z"),
            ("let c = '\"'; d", "let c =    ; d"),
            ("let c = '\\''; d", "let c =     ; d"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("for_r#x", "for_r#x"),
        ];
        for (text, expected) in cases {
            assert_eq!(blanked(text), expected, "{text}");
        }
    }

    #[test]
    fn production_code_ends_where_tests_begin() {
        let tests = "#[cfg(test)]\nmod tests {\n    use c;\n}\n";
        let text = format!("use a;\n#[cfg(test)]\nuse b;\nfn f() {{}}\n\n{tests}use d;\n");
        let source = Source::new("web/src/x.rs", &text);
        let left: Vec<_> =
            source.production().into_iter().filter(|line| !line.is_empty()).collect();
        assert_eq!(left, ["use a;", "fn f() {}", "use d;"]);
    }

    #[test]
    fn a_file_of_tests_has_no_production_code() {
        for path in ["tests/suites/page.rs", "protocol/src/election/tests.rs", "server/tests/x.rs"]
        {
            let source = Source::new(path, "use a;\n");
            assert!(source.production().iter().all(String::is_empty), "{path}");
        }
        assert!(!Source::new("protocol/src/base/ids.rs", "use a;\n").is_test());
    }
}
