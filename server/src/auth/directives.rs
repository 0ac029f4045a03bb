//! The words of DIGEST-MD5: `name=value` and `name="value"` between commas (RFC 2831, 7.1).
//!
//! Invariants: no name stands twice; a value in quotes is given without them, its backslashes
//! resolved. Bytes that are no directives are an error and nothing else.

use std::collections::BTreeMap;

/// The directives of a message, by their names in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directives(BTreeMap<String, Vec<u8>>);

impl Directives {
    /// Reads a message; `None` if it is none, or gives a directive twice.
    #[must_use]
    pub fn parse(message: &[u8]) -> Option<Directives> {
        let mut found = BTreeMap::new();
        let mut rest = message;
        loop {
            rest = skip(rest, |byte| is_blank(byte) || byte == b',');
            if rest.is_empty() {
                return Some(Directives(found));
            }
            let end = rest.iter().position(|byte| *byte == b'=')?;
            let name = std::str::from_utf8(rest[..end].trim_ascii()).ok()?.to_ascii_lowercase();
            let (value, after) = value(skip(&rest[end + 1..], is_blank))?;
            rest = skip(after, is_blank);
            let ends = rest.is_empty() || rest[0] == b',';
            if name.is_empty() || !ends || found.insert(name, value).is_some() {
                return None;
            }
        }
    }

    /// A value as bytes.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// A value as text, if it is some.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(name)?).ok()
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn skip(bytes: &[u8], skipped: impl Fn(u8) -> bool) -> &[u8] {
    let end = bytes.iter().position(|byte| !skipped(*byte)).unwrap_or(bytes.len());
    &bytes[end..]
}

/// A value, and what follows it.
fn value(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let Some(quoted) = bytes.strip_prefix(b"\"") else {
        let ends = |byte: &u8| is_blank(*byte) || *byte == b',';
        let end = bytes.iter().position(ends).unwrap_or(bytes.len());
        return Some((bytes[..end].to_vec(), &bytes[end..]));
    };
    let mut value = Vec::new();
    let mut at = 0;
    loop {
        match *quoted.get(at)? {
            b'"' => return Some((value, &quoted[at + 1..])),
            b'\\' => {
                value.push(*quoted.get(at + 1)?);
                at += 2;
            }
            byte => {
                value.push(byte);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_as_clients_write_them() {
        let message =
            b"charset=utf-8,username=\"an\\\"n\", realm=\"a,b\" ,\r\n nc=00000001,qop=auth";
        let read = Directives::parse(message).expect("they are directives");
        assert_eq!(read.text("username"), Some("an\"n"));
        assert_eq!(read.text("realm"), Some("a,b"));
        assert_eq!(read.text("nc"), Some("00000001"));
        assert_eq!(read.text("qop"), Some("auth"));
        assert_eq!(read.text("nonce"), None);
        assert_eq!(Directives::parse(b"").map(|it| it.0.len()), Some(0));
    }

    #[test]
    fn what_is_no_directive_is_refused() {
        for bad in ["username", "=x", "a=\"open", "a=\"x\\", "a=1,a=2", "a=\"x\"y", "a=1 2"] {
            assert_eq!(Directives::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
