//! The rules of size and wording, each a function from a file to what it finds there.
//!
//! What a compiler, rustfmt or clippy checks is not checked again. What can't be told from the
//! text alone (whether a name is a good one, whether a comment says why) is left to people.

use crate::source::Source;

/// Something that a rule does not allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The rule, as the list of exceptions names it.
    pub rule: &'static str,
    /// The file, or the file and the item in it.
    pub subject: String,
    /// The line, counted from 1.
    pub line: usize,
    /// How much: lines of a file, columns of a line. 1 where there is nothing to measure.
    pub measure: usize,
    /// What is wrong and what to do.
    pub message: String,
}

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 60;
const COLUMNS: usize = 100;

/// Tables of texts are as long as there are texts, and a sentence stands in one line there.
const TABLES_OF_TEXTS: [&str; 2] = ["web/src/i18n/", "web/src/panels/guide_text.rs"];

/// Applies every rule of this file.
pub fn check(source: &Source) -> Vec<Finding> {
    let rules = [header, file_length, function_length, line_length, words, determinism, places];
    rules.iter().flat_map(|rule| rule(source)).collect()
}

/// Every Rust file says first what it is.
fn header(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || source.text.starts_with("//! ") {
        return Vec::new();
    }
    let message = "open the file with a `//!` header: what it is, its invariants, what it leaves";
    vec![finding("header", source, 1, 1, message.to_owned())]
}

fn file_length(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    let is_code = [".rs", ".js", ".mjs"].iter().any(|ending| source.path.ends_with(ending));
    if !is_code || lines <= FILE_LINES {
        return Vec::new();
    }
    let message = format!("{lines} lines, and the limit is {FILE_LINES}: split the file");
    vec![finding("file-length", source, 1, lines, message)]
}

fn function_length(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || is_table_of_texts(source) {
        return Vec::new();
    }
    let lines = source.code();
    let mut findings = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let length = function_lines(&lines[start..]);
        if length > FUNCTION_LINES {
            let message =
                format!("`{name}` has {length} lines, and the limit is {FUNCTION_LINES}: split it");
            let mut found = finding("function-length", source, start + 1, length, message);
            found.subject = format!("{}#{name}", source.path);
            findings.push(found);
        }
    }
    findings
}

fn is_table_of_texts(source: &Source) -> bool {
    TABLES_OF_TEXTS.iter().any(|path| source.path.starts_with(path))
}

/// The name of the function that begins in this line.
fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    if let Some(visible) = rest.strip_prefix("pub") {
        let scope_end = if visible.starts_with('(') { visible.find(')')? + 1 } else { 0 };
        rest = visible[scope_end..].trim_start();
    }
    while let Some(word) = ["const ", "async "].iter().find(|word| rest.starts_with(**word)) {
        rest = &rest[word.len()..];
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()
}

/// How many lines the function takes whose first line is the first of these.
fn function_lines(lines: &[String]) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let margin = indent(&lines[0]);
    let is_end = |line: &String| {
        let text = line.trim();
        indent(line) == margin
            && (text.starts_with('}') || text.ends_with('}') || text.ends_with(';'))
    };
    lines.iter().position(is_end).map_or(lines.len(), |last| last + 1)
}

fn line_length(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || is_table_of_texts(source) {
        return Vec::new();
    }
    let long = |line: &str| line.chars().count() > COLUMNS && !line.contains("://");
    let mut places = source.text.lines().enumerate().filter(|(_, line)| long(line));
    let Some((first, _)) = places.next() else { return Vec::new() };
    let count = 1 + places.count();
    let message = format!("{count} lines with more than {COLUMNS} columns, this one first");
    vec![finding("line-length", source, first + 1, count, message)]
}

/// Words that say something is unfinished, or that hide a failure.
fn words(source: &Source) -> Vec<Finding> {
    if !source.is_rust() {
        return Vec::new();
    }
    let anywhere = [
        (concat!("to", "do!"), "finish it, or leave it out"),
        (concat!("unimple", "mented!"), "finish it, or leave it out"),
        (concat!("db", "g!("), "leave it out"),
        (concat!("#[ign", "ore"), "a test that does not run is no test"),
    ];
    let in_production = [(".unwrap()", "return the error, or state the invariant with expect")];
    let mut findings = search("words", source, &source.code(), &anywhere);
    if source.path.starts_with("protocol/") {
        let other_harness =
            [("wasm_bindgen_test", "a plain #[test] runs as wasm, and this does not")];
        findings.extend(search("words", source, &source.code(), &other_harness));
    }
    findings.extend(search("words", source, &source.production(), &in_production));
    findings
}

/// The core and the simulator depend on nothing but their inputs.
fn determinism(source: &Source) -> Vec<Finding> {
    if !source.path.starts_with("protocol/") || !source.path.contains("src/") {
        return Vec::new();
    }
    let everywhere = [
        ("std::fs", "a driver reads and writes files"),
        ("std::net", "a driver opens sockets"),
        ("std::env", "what the core depends on is in its Config"),
        ("std::time", "time is an input: use base::time"),
        ("std::thread", "the core is one value, driven from outside"),
        ("println!", "what happens is told by the trace"),
        ("f32", "floats belong to web alone"),
        ("f64", "floats belong to web alone"),
        ("static mut", "all state is in the value"),
    ];
    let lines = source.production();
    let mut findings = search("determinism", source, &lines, &everywhere);
    // The tree looks nodes up with a fixed hasher and never iterates over them.
    if !source.path.starts_with("protocol/src/replica/tree") {
        let unordered = [
            ("HashMap", "its order is not defined: use BTreeMap"),
            ("HashSet", "its order is not defined: use BTreeSet"),
        ];
        findings.extend(search("determinism", source, &lines, &unordered));
    }
    findings
}

/// Paths of one person's machine help nobody else.
fn places(source: &Source) -> Vec<Finding> {
    let folders = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    let workplace = [concat!("/wo", "rk/shared"), concat!("/tm", "p/hub")];
    let lines: Vec<String> = source.text.lines().map(str::to_owned).collect();
    let advice = |word| (word, "a path of one machine");
    let words: Vec<_> = folders.into_iter().chain(workplace).map(advice).collect();
    search("places", source, &lines, &words)
}

fn search(
    rule: &'static str,
    source: &Source,
    lines: &[String],
    words: &[(&str, &str)],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        for (word, advice) in words.iter().filter(|(word, _)| names(line, word)) {
            let message = format!("`{word}`: {advice}");
            findings.push(finding(rule, source, place + 1, 1, message));
        }
    }
    findings
}

/// Whether the line holds the word, and not as a part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let joins = |letter: Option<char>| letter.is_some_and(|it| it.is_alphanumeric() || it == '_');
    line.match_indices(word).any(|(at, _)| {
        let begins = word.starts_with(|letter: char| letter.is_alphanumeric());
        let ends = word.ends_with(|letter: char| letter.is_alphanumeric());
        let before = begins && joins(line[..at].chars().next_back());
        let behind = ends && joins(line[at + word.len()..].chars().next());
        !before && !behind
    })
}

fn finding(
    rule: &'static str,
    source: &Source,
    line: usize,
    measure: usize,
    message: String,
) -> Finding {
    Finding { rule, subject: source.path.clone(), line, measure, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(&'static str, usize)> {
        let findings = check(&Source::new(path, text));
        findings.iter().map(|finding| (finding.rule, finding.line)).collect()
    }

    const HEADER: &str = "//! A file.\n";

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(found("web/src/a.rs", "use b;\n"), [("header", 1)]);
        assert_eq!(found("web/src/a.rs", HEADER), []);
        assert_eq!(found("static/boot.js", "start();\n"), []);
    }

    #[test]
    fn a_file_over_five_hundred_lines_is_found() {
        let text = |lines: usize| format!("{HEADER}{}", "//\n".repeat(lines - 1));
        assert_eq!(found("web/src/a.rs", &text(500)), []);
        assert_eq!(found("web/src/a.rs", &text(501)), [("file-length", 1)]);
        let source = Source::new("web/src/a.rs", &text(612));
        assert_eq!(check(&source)[0].measure, 612);
    }

    #[test]
    fn a_function_over_sixty_lines_is_found_by_name() {
        let function = |lines: usize| {
            let body = "        step();\n".repeat(lines - 2);
            format!("{HEADER}impl A {{\n    pub(crate) async fn long(&self) {{\n{body}    }}\n}}\n")
        };
        assert_eq!(found("web/src/a.rs", &function(60)), []);
        assert_eq!(found("web/src/a.rs", &function(61)), [("function-length", 3)]);
        let source = Source::new("web/src/a.rs", &function(70));
        let finding = &check(&source)[0];
        assert_eq!((finding.subject.as_str(), finding.measure), ("web/src/a.rs#long", 70));
        assert_eq!(found("web/src/i18n/english.rs", &function(70)), []);
    }

    #[test]
    fn a_signature_over_several_lines_does_not_end_the_function() {
        let body = "    step();\n".repeat(60);
        let text = format!("{HEADER}fn long(\n    a: u8,\n) -> u8 {{\n{body}}}\n");
        assert_eq!(found("web/src/a.rs", &text), [("function-length", 2)]);
        let declared = format!("{HEADER}trait T {{\n    fn short(&self) -> u8;\n{body}}}\n");
        assert_eq!(found("web/src/a.rs", &declared), []);
    }

    #[test]
    fn a_line_over_a_hundred_columns_is_found_unless_it_is_an_address() {
        let line = |length: usize| format!("{HEADER}// {}\n", "é".repeat(length - 3));
        assert_eq!(found("web/src/a.rs", &line(100)), []);
        assert_eq!(found("web/src/a.rs", &line(101)), [("line-length", 2)]);
        assert_eq!(found("web/src/i18n/english.rs", &line(101)), []);
        let address = format!("{HEADER}// https://example.org/{}\n", "x".repeat(100));
        assert_eq!(found("web/src/a.rs", &address), []);
    }

    #[test]
    fn unfinished_work_is_found_in_code_and_not_in_text() {
        for word in [concat!("to", "do!()"), concat!("#[ign", "ore]"), "x.unwrap()"] {
            let text = format!("{HEADER}fn a() {{\n    {word}\n}}\n");
            assert_eq!(found("web/src/a.rs", &text), [("words", 3)], "{word}");
            let quoted = format!("{HEADER}// {word}\nconst A: &str = \"{word}\";\n");
            assert_eq!(found("web/src/a.rs", &quoted), [], "{word}");
        }
    }

    #[test]
    fn a_test_that_would_not_run_as_wasm_is_found_in_the_core() {
        let text = format!("{HEADER}use wasm_bindgen_test::wasm_bindgen_test as test;\n");
        assert_eq!(found("protocol/src/a.rs", &text), [("words", 2)]);
        assert_eq!(found("web/src/a.rs", &text), []);
    }

    #[test]
    fn tests_may_unwrap() {
        let text = format!("{HEADER}#[cfg(test)]\nmod tests {{\n    a.unwrap();\n}}\n");
        assert_eq!(found("web/src/a.rs", &text), []);
    }

    #[test]
    fn what_differs_from_run_to_run_is_found_in_the_core_only() {
        let cases = [
            "use std::fs;",
            "let t = std::time::Instant::now();",
            "fn a(x: f64) {}",
            "use std::collections::HashMap;",
            "println!();",
        ];
        for line in cases {
            let text = format!("{HEADER}{line}\n");
            assert_eq!(found("protocol/src/zab/a.rs", &text), [("determinism", 2)], "{line}");
            assert_eq!(found("protocol/sim/src/a.rs", &text), [("determinism", 2)], "{line}");
            assert_eq!(found("server/src/a.rs", &text), [], "{line}");
        }
        let tree = format!("{HEADER}use std::collections::HashMap;\n");
        assert_eq!(found("protocol/src/replica/tree.rs", &tree), []);
        let harmless = format!("{HEADER}let buf32 = 0xf64; let of_f32s = 1;\n");
        assert_eq!(found("protocol/src/a.rs", &harmless), []);
    }

    #[test]
    fn a_path_of_somebodys_machine_is_found_in_any_file() {
        for path in ["README.md", "tests/suites/a.rs", "static/boot.js"] {
            let text = format!("{HEADER}see {}me/file\n", concat!("/ho", "me/"));
            assert_eq!(found(path, &text), [("places", 2)], "{path}");
        }
    }
}
