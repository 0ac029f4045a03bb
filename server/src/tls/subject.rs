//! A certificate's subject as Java's `X500Principal.getName()` writes it: RFC 2253.
//!
//! The last part first, commas without blanks, keywords for those of the standard's names; other
//! names are numbers, and their values the hexadecimal of their DER. Access control lists hold
//! exactly this text.

use x509_parser::der_parser::asn1_rs::{Any, Tag};
use x509_parser::prelude::{AttributeTypeAndValue, FromDer, X509Certificate};
use x509_parser::x509::X509Name;

/// The names that RFC 2253 has keywords for.
const KEYWORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// The subject of a certificate; `None` if it is none.
#[must_use]
pub fn of(certificate: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(text(certificate.subject()))
}

fn text(name: &X509Name<'_>) -> String {
    let parts = name.iter().map(|part| {
        let pairs: Vec<String> = part.iter().map(pair).collect();
        pairs.join("+")
    });
    let mut parts: Vec<String> = parts.collect();
    parts.reverse();
    parts.join(",")
}

fn pair(pair: &AttributeTypeAndValue<'_>) -> String {
    let number = pair.attr_type().to_id_string();
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == number).map(|(_, word)| *word);
    let value = pair.attr_value();
    match keyword.filter(|_| is_text(value.tag())) {
        Some(keyword) => format!("{keyword}={}", escaped(&String::from_utf8_lossy(value.data))),
        None => format!("{}=#{}", keyword.unwrap_or(&number), hex(value)),
    }
}

fn is_text(tag: Tag) -> bool {
    [
        Tag::PrintableString,
        Tag::T61String,
        Tag::Ia5String,
        Tag::GeneralString,
        Tag::BmpString,
        Tag::Utf8String,
    ]
    .contains(&tag)
}

fn escaped(value: &str) -> String {
    let blanks = |c: &char| matches!(c, ' ' | '\r');
    let count = value.chars().count();
    let leading = value.chars().take_while(blanks).count();
    let trailing = value.chars().rev().take_while(blanks).count();
    let mut text = String::new();
    for (at, c) in value.chars().enumerate() {
        match c {
            '\0' => text.push_str("\\00"),
            ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\' => text.extend(['\\', c]),
            _ if at < leading || at >= count - trailing => text.extend(['\\', c]),
            _ => text.push(c),
        }
    }
    text
}

/// The DER of a value, in hexadecimal.
fn hex(value: &Any<'_>) -> String {
    let length = value.data.len();
    let mut der = vec![u8::try_from(value.tag().0).unwrap_or(u8::MAX)];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => der.push(short),
        Ok(long) => der.extend([0x81, long]),
        Err(_) => der.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    der.extend_from_slice(value.data);
    der.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_names_is_escaped() {
        let cases = [
            ("plain", "plain"),
            ("a, b+c", "a\\, b\\+c"),
            (" a ", "\\ a\\ "),
            ("  ", "\\ \\ "),
            ("x=\"y\\z\"", "x\\=\\\"y\\\\z\\\""),
            ("a\0b", "a\\00b"),
            ("Zoë", "Zoë"),
        ];
        for (value, text) in cases {
            assert_eq!(escaped(value), text, "{value:?}");
        }
    }
}
