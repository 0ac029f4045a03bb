//! Takes typed values out of a properties file and collects what is wrong with them.
//!
//! Invariants:
//! 1. An error never stops the reading: a default stands in, so that all errors are found at once.
//! 2. What nobody has taken is left over, for the settings without a type and for the warnings.

use std::ops::RangeInclusive;

use super::error::{ConfigError, ConfigWarning};
use super::properties::{self, MalformedEscape, Property};
use crate::base::SortedMap;

/// One setting as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) line: u32,
    pub(super) value: String,
}

/// How a number is described when it is wrong.
pub(super) struct Number {
    /// What it may be.
    pub(super) range: RangeInclusive<i64>,
    /// What it must be, as in "a positive number of milliseconds".
    pub(super) must_be: &'static str,
    /// A value that would do.
    pub(super) example: i64,
}

/// A configuration file under reading.
pub(super) struct Reader {
    file: String,
    entries: SortedMap<String, Entry>,
    /// Where each key stood that was taken.
    pub(super) lines: SortedMap<String, u32>,
    pub(super) errors: Vec<ConfigError>,
    pub(super) warnings: Vec<ConfigWarning>,
}

impl Reader {
    pub(super) fn new(file: &str, text: &str) -> Reader {
        let mut reader = Reader {
            file: file.to_owned(),
            entries: SortedMap::new(),
            lines: SortedMap::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
        };
        for entry in properties::parse(text) {
            match entry {
                Ok(property) => reader.enter(property),
                Err(MalformedEscape { line }) => reader.error(
                    Some(line),
                    "\\u must be followed by four hexadecimal digits",
                    "write a backslash as \\\\",
                ),
            }
        }
        reader
    }

    /// ZooKeeper would make a system property of any key, with another `zookeeper.` before it, and
    /// so ignore it; what is meant is plain.
    fn enter(&mut self, property: Property) {
        let Property { line, mut key, value } = property;
        if let Some(plain) = key.strip_prefix("zookeeper.") {
            let what = format!("Apache ZooKeeper ignores {key} in a file, Vivarium takes it");
            self.warn(Some(line), &what, &format!("write {plain} without the prefix"));
            key = plain.to_owned();
        }
        if let Some(earlier) = self.entries.insert(key.clone(), Entry { line, value }) {
            let what = format!("{key} was already given on line {}", earlier.line);
            self.warn(Some(line), &what, "keep one of the two lines, this one counts");
        }
    }

    /// The file, as it was named.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn error(&mut self, line: Option<u32>, what: &str, mend: &str) {
        let (file, what, mend) = (self.file.clone(), what.to_owned(), mend.to_owned());
        self.errors.push(ConfigError { file, line, what, mend });
    }

    pub(super) fn warn(&mut self, line: Option<u32>, what: &str, mend: &str) {
        let (file, what, mend) = (self.file.clone(), what.to_owned(), mend.to_owned());
        self.warnings.push(ConfigWarning { file, line, what, mend });
    }

    /// The entry as it was written, blanks at its end included.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.lines.insert(key.to_owned(), entry.line);
        Some(entry)
    }

    /// Every entry whose key satisfies the condition.
    pub(super) fn take_all(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<(String, Entry)> {
        let keys: Vec<String> = self.entries.keys().filter(|key| wanted(key)).cloned().collect();
        keys.into_iter().filter_map(|key| self.take(&key).map(|entry| (key, entry))).collect()
    }

    /// What stands there and has not been taken.
    pub(super) fn peek(&self, key: &str) -> Option<(u32, &str)> {
        self.entries.get(key).map(|entry| (entry.line, entry.value.trim()))
    }

    /// What nobody took.
    pub(super) fn rest(&self) -> impl Iterator<Item = (&str, u32, &str)> {
        let entries = self.entries.iter();
        entries.map(|(key, entry)| (key.as_str(), entry.line, entry.value.trim()))
    }

    /// Trimmed text; `None` if absent or empty.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.take(key)?.value.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }

    /// A number; `None` if absent or wrong. Hexadecimal with `0x`, as Java's properties may be.
    pub(super) fn number(&mut self, key: &str, number: &Number) -> Option<u64> {
        let Entry { line, value } = self.take(key)?;
        let value = value.trim();
        let parsed = match value.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).ok(),
            None => value.parse().ok(),
        };
        let accepted = parsed.filter(|parsed| number.range.contains(parsed));
        if accepted.is_none() {
            let what = format!("{key} must be {}, not \"{value}\"", number.must_be);
            let mend = format!("write for example {key}={}", number.example);
            self.error(Some(line), &what, &mend);
        }
        accepted.and_then(|accepted| u64::try_from(accepted).ok())
    }

    /// `true` or `false` in any case.
    pub(super) fn boolean(&mut self, key: &str, default: bool) -> bool {
        self.choice(key, default, ("true", "false"))
    }

    /// A property that ZooKeeper gives to `Boolean.parseBoolean`: whatever is not true is false.
    pub(super) fn property(&mut self, key: &str, default: bool) -> bool {
        let Some(Entry { line, value }) = self.take(key) else { return default };
        let value = value.trim();
        if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") {
            let what = format!("{key} is neither true nor false but \"{value}\"");
            self.warn(Some(line), &what, "it counts as false, as in Apache ZooKeeper");
        }
        value.eq_ignore_ascii_case("true")
    }

    /// `yes` or `no`.
    pub(super) fn yes_or_no(&mut self, key: &str, default: bool) -> bool {
        self.choice(key, default, ("yes", "no"))
    }

    fn choice(&mut self, key: &str, default: bool, words: (&str, &str)) -> bool {
        let Some(Entry { line, value }) = self.take(key) else { return default };
        let value = value.trim();
        if value.eq_ignore_ascii_case(words.0) || value.eq_ignore_ascii_case(words.1) {
            return value.eq_ignore_ascii_case(words.0);
        }
        let what = format!("{key} must be {} or {}, not \"{value}\"", words.0, words.1);
        let word = if default { words.0 } else { words.1 };
        self.error(Some(line), &what, &format!("write for example {key}={word}"));
        default
    }
}
