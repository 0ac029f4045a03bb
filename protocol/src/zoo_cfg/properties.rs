//! The syntax of Java properties files, with line numbers.
//!
//! Invariant: every entry knows the line on which it begins, counted from 1, also when it is
//! continued over several. What the keys mean is not known here.

use std::iter::Peekable;
use std::str::Chars;

/// One `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// The line on which it begins.
    pub(super) line: u32,
    /// Unescaped.
    pub(super) key: String,
    /// Unescaped; blanks before it are dropped, blanks after it are kept.
    pub(super) value: String,
}

/// A `\u` that is not followed by four hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MalformedEscape {
    /// The line on which its entry begins.
    pub(super) line: u32,
}

/// Reads every entry, in order.
pub(super) fn parse(text: &str) -> Vec<Result<Property, MalformedEscape>> {
    logical_lines(text).into_iter().map(|(line, content)| property(line, &content)).collect()
}

/// Joins continued lines; drops blank ones and comments.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for (number, natural) in (1..).zip(unified.split('\n')) {
        let content = natural.trim_start_matches(is_blank);
        let (line, mut joined) = match open.take() {
            Some(begun) => begun,
            None if content.is_empty() || content.starts_with(['#', '!']) => continue,
            None => (number, String::new()),
        };
        match without_continuation(content) {
            Some(part) => {
                joined.push_str(part);
                open = Some((line, joined));
            }
            None => {
                joined.push_str(content);
                lines.push((line, joined));
            }
        }
    }
    lines.extend(open);
    lines
}

/// The line without its last backslash, if it ends in an odd number of them.
fn without_continuation(line: &str) -> Option<&str> {
    let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
    (backslashes % 2 == 1).then(|| &line[..line.len() - 1])
}

fn property(line: u32, content: &str) -> Result<Property, MalformedEscape> {
    let mut rest = content.chars().peekable();
    let key = unescape(&mut rest, |next| is_blank(next) || next == '=' || next == ':');
    skip_blanks(&mut rest);
    if rest.next_if(|next| *next == '=' || *next == ':').is_some() {
        skip_blanks(&mut rest);
    }
    let value = unescape(&mut rest, |_| false);
    match (key, value) {
        (Some(key), Some(value)) => Ok(Property { line, key, value }),
        (None, _) | (_, None) => Err(MalformedEscape { line }),
    }
}

/// Takes characters up to an unescaped one that ends the text. UTF-16, because an escape names a
/// unit of it, and two may make one character.
fn unescape(rest: &mut Peekable<Chars>, ends: impl Fn(char) -> bool) -> Option<String> {
    let mut units = Vec::new();
    while let Some(next) = rest.next_if(|next| !ends(*next)) {
        let plain = match (next, if next == '\\' { rest.next() } else { None }) {
            ('\\', Some('t')) => '\t',
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', Some('f')) => '\u{c}',
            ('\\', Some('u')) => {
                units.push(escaped_unit(rest)?);
                continue;
            }
            ('\\', Some(other)) => other,
            ('\\', None) => continue,
            (other, _) => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
    }
    Some(String::from_utf16_lossy(&units))
}

fn escaped_unit(rest: &mut Peekable<Chars>) -> Option<u16> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit << 4 | rest.next()?.to_digit(16)?;
    }
    u16::try_from(unit).ok()
}

fn skip_blanks(rest: &mut Peekable<Chars>) {
    while rest.next_if(|next| is_blank(*next)).is_some() {}
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_syntax_of_properties_files() {
        let cases = [
            ("tickTime=2000", "tickTime", "2000"),
            ("tickTime = 2000", "tickTime", "2000"),
            ("tickTime: 2000", "tickTime", "2000"),
            ("tickTime 2000", "tickTime", "2000"),
            ("  \ttickTime=2000", "tickTime", "2000"),
            ("dataDir=/a b ", "dataDir", "/a b "),
            ("dataDir", "dataDir", ""),
            ("a==b", "a", "=b"),
            ("a\\=b=c", "a=b", "c"),
            ("a\\ b=c", "a b", "c"),
            ("dataDir=C\\:\\\\zk", "dataDir", "C:\\zk"),
            ("a=\\u00e9\\t\\q", "a", "é\tq"),
            ("a=\\uD83D\\uDE00", "a", "😀"),
            ("a=one\\\n   two", "a", "onetwo"),
            ("a=one\\\\\n", "a", "one\\"),
            ("a=one\\", "a", "one"),
            ("a=1 # no comment", "a", "1 # no comment"),
        ];
        for (text, key, value) in cases {
            let expected = Property { line: 1, key: key.into(), value: value.into() };
            assert_eq!(parse(text), [Ok(expected)], "{text:?}");
        }
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        let text = "# comment\n\n ! comment \\\na=1\r\nb=\\\n  2\\\r\n3\rc=4\nd=\\u00";
        let lines: Vec<_> = parse(text)
            .into_iter()
            .map(|entry| match entry {
                Ok(property) => (property.line, format!("{}={}", property.key, property.value)),
                Err(malformed) => (malformed.line, "malformed".to_owned()),
            })
            .collect();
        let expected = [(4, "a=1"), (5, "b=23"), (8, "c=4"), (9, "malformed")];
        assert_eq!(lines, expected.map(|(line, text)| (line, text.to_owned())));
    }
}
