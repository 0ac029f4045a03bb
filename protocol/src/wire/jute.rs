//! Jute, ZooKeeper's serialisation: big-endian integers, and lengths in front of everything else.
//!
//! Invariants: no read passes the end of the input; no length or count is believed before the bytes
//! that it promises are there; an error names where it happened and which field it was.

use super::spans::{Shape, Span};
use bytes::{BufMut, Bytes, BytesMut};
use std::cell::RefCell;

/// `jute.maxbuffer` as ZooKeeper ships it: the longest frame of a client, bytes.
pub const MAX_BUFFER: usize = 0xf_ffff;

/// The longest single field: `jute.maxbuffer` plus the extra size, which defaults to the same. A
/// transaction read back from a log or a peer may be larger than the request that made it.
pub const MAX_FIELD: usize = 2 * MAX_BUFFER;

/// Why bytes were refused: where, which field, and what was wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} at offset {offset}: {fault}")]
pub struct DecodeError {
    /// Bytes from the start of the record.
    pub offset: usize,
    /// The field that was being read.
    pub field: &'static str,
    /// What was wrong.
    pub fault: Fault,
}

impl DecodeError {
    /// The same error, seen from a record in which this one's input began `offset` bytes on.
    #[must_use]
    pub fn beyond(mut self, offset: usize) -> DecodeError {
        self.offset += offset;
        self
    }

    /// Whether more input might mend it.
    #[must_use]
    pub fn is_end_of_input(&self) -> bool {
        matches!(self.fault, Fault::EndOfInput { .. })
    }
}

/// What was wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The input ends within the field.
    #[error("{needed} bytes needed, {left} left")]
    EndOfInput {
        /// How many bytes the field takes, as far as is known.
        needed: usize,
        /// How many there were.
        left: usize,
    },
    /// A length that is negative or above the limit.
    #[error("length {length} is not within 0 to {limit}")]
    Length {
        /// The length as it was read.
        length: i32,
        /// The longest that is accepted.
        limit: usize,
    },
    /// Null where a value is required.
    #[error("null where a value is required")]
    Null,
    /// A number that stands for nothing here.
    #[error("{0} is not known here")]
    Unknown(i64),
    /// Text that should have been something else.
    #[error("`{0}` is not what belongs here")]
    Text(String),
}

/// The outcome of reading one thing.
pub type Decoded<T> = Result<T, DecodeError>;

/// Reads fields one after another from a record that is wholly in memory.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    limit: usize,
    /// Where the bytes begin in the whole that is looked at.
    base: usize,
    /// Who wants to know which bytes are which field; nobody, as a rule.
    spans: Option<&'a RefCell<Vec<Span>>>,
}

impl<'a> Reader<'a> {
    /// Reads with the default limit for one field, [`MAX_FIELD`].
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader::within(bytes, MAX_FIELD)
    }

    /// Reads with another limit for one field, in bytes.
    #[must_use]
    pub fn within(bytes: &'a [u8], limit: usize) -> Reader<'a> {
        Reader { bytes, offset: 0, limit, base: 0, spans: None }
    }

    /// Reads, and tells which bytes were which field; `base` bytes stand before these.
    #[must_use]
    pub fn telling(bytes: &'a [u8], base: usize, spans: &'a RefCell<Vec<Span>>) -> Reader<'a> {
        Reader { base, spans: Some(spans), ..Reader::new(bytes) }
    }

    /// A reader of the buffer that was read just now.
    #[must_use]
    pub fn inside(&self, buffer: &'a [u8]) -> Reader<'a> {
        let base = self.base + self.offset - buffer.len();
        Reader { bytes: buffer, offset: 0, base, ..self.clone() }
    }

    /// The same, telling nobody: for a look ahead.
    #[must_use]
    pub fn quietly(&self) -> Reader<'a> {
        Reader { spans: None, ..self.clone() }
    }

    /// How many bytes were read.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.offset
    }

    /// A 32-bit integer.
    ///
    /// # Errors
    /// The input ends.
    pub fn i32(&mut self, field: &'static str) -> Decoded<i32> {
        self.array(field, Shape::Number).map(i32::from_be_bytes)
    }

    /// A 64-bit integer.
    ///
    /// # Errors
    /// The input ends.
    pub fn i64(&mut self, field: &'static str) -> Decoded<i64> {
        self.array(field, Shape::Number).map(i64::from_be_bytes)
    }

    /// A boolean: any byte but 0 is true, as in ZooKeeper.
    ///
    /// # Errors
    /// The input ends.
    pub fn bool(&mut self, field: &'static str) -> Decoded<bool> {
        self.array::<1>(field, Shape::Flag).map(|[byte]| byte != 0)
    }

    /// A buffer; `None` is null, which differs from empty.
    ///
    /// # Errors
    /// A length below -1, above the limit or beyond the end.
    pub fn buffer(&mut self, field: &'static str) -> Decoded<Option<&'a [u8]>> {
        let start = self.offset;
        let length = self.array(field, Shape::Length).map(i32::from_be_bytes)?;
        if length == -1 {
            return Ok(None);
        }
        match usize::try_from(length) {
            Ok(wanted) if wanted <= self.limit => self.take(field, wanted).map(Some),
            _ => {
                let fault = Fault::Length { length, limit: self.limit };
                Err(DecodeError { offset: start, field, fault })
            }
        }
    }

    /// A buffer as bytes of its own: it must not keep a whole network read alive.
    ///
    /// # Errors
    /// As [`Reader::buffer`].
    pub fn data(&mut self, field: &'static str) -> Decoded<Option<Bytes>> {
        Ok(self.buffer(field)?.map(Bytes::copy_from_slice))
    }

    /// A string that may be null. Malformed UTF-8 is read leniently, as ZooKeeper does.
    ///
    /// # Errors
    /// As [`Reader::buffer`].
    pub fn nullable_string(&mut self, field: &'static str) -> Decoded<Option<String>> {
        Ok(self.buffer(field)?.map(text))
    }

    /// A string that may not be null.
    ///
    /// # Errors
    /// As [`Reader::buffer`], and null.
    pub fn string(&mut self, field: &'static str) -> Decoded<String> {
        let offset = self.offset;
        self.nullable_string(field)?.ok_or(DecodeError { offset, field, fault: Fault::Null })
    }

    /// A vector whose elements take at least `least` bytes each; `None` is null. As in ZooKeeper
    /// any other negative count is an empty vector.
    ///
    /// # Errors
    /// A count that the input cannot hold; whatever `read` refuses.
    pub fn vector<T>(
        &mut self,
        field: &'static str,
        least: usize,
        mut read: impl FnMut(&mut Reader<'a>) -> Decoded<T>,
    ) -> Decoded<Option<Vec<T>>> {
        let count = self.array(field, Shape::Count).map(i32::from_be_bytes)?;
        if count == -1 {
            return Ok(None);
        }
        let count = usize::try_from(count).unwrap_or(0);
        let needed = count.saturating_mul(least);
        if needed > self.remaining() {
            return Err(self.error(field, Fault::EndOfInput { needed, left: self.remaining() }));
        }
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(read(self)?);
        }
        Ok(Some(elements))
    }

    /// So many raw bytes.
    ///
    /// # Errors
    /// The input ends.
    pub fn take(&mut self, field: &'static str, wanted: usize) -> Decoded<&'a [u8]> {
        self.shaped(field, wanted, Shape::Bytes)
    }

    fn shaped(&mut self, field: &'static str, wanted: usize, shape: Shape) -> Decoded<&'a [u8]> {
        let left = self.remaining();
        if wanted > left {
            return Err(self.error(field, Fault::EndOfInput { needed: wanted, left }));
        }
        let taken = &self.bytes[self.offset..self.offset + wanted];
        if let Some(spans) = self.spans {
            let start = self.base + self.offset;
            spans.borrow_mut().push(Span { start, end: start + wanted, field, shape });
        }
        self.offset += wanted;
        Ok(taken)
    }

    /// An error at this place.
    #[must_use]
    pub fn error(&self, field: &'static str, fault: Fault) -> DecodeError {
        DecodeError { offset: self.offset, field, fault }
    }

    fn array<const N: usize>(&mut self, field: &'static str, shape: Shape) -> Decoded<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.shaped(field, N, shape)?);
        Ok(array)
    }
}

/// The text of bytes. Apache writes each UTF-16 unit by itself, so that a character above U+FFFF
/// arrives as two surrogates of three bytes; they are put together. What is malformed beyond that
/// becomes U+FFFD.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => lenient_text(bytes),
    }
}

fn lenient_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut plain = 0;
    let mut at = 0;
    while at < bytes.len() {
        match surrogate_pair(&bytes[at..]) {
            Some(character) => {
                out.push_str(&String::from_utf8_lossy(&bytes[plain..at]));
                out.push(character);
                at += 6;
                plain = at;
            }
            None => at += 1,
        }
    }
    out.push_str(&String::from_utf8_lossy(&bytes[plain..]));
    out
}

fn surrogate_pair(bytes: &[u8]) -> Option<char> {
    let [0xed, high @ 0xa0..=0xaf, h @ 0x80..=0xbf, 0xed, low @ 0xb0..=0xbf, l @ 0x80..=0xbf, ..] =
        *bytes
    else {
        return None;
    };
    let bits = |middle: u8, last: u8| u32::from(middle & 0x0f) << 6 | u32::from(last & 0x3f);
    char::from_u32(0x1_0000 + (bits(high, h) << 10) + bits(low & 0x0f, l))
}

/// Writes a length or count.
pub fn put_length(out: &mut BytesMut, length: usize) {
    out.put_i32(i32::try_from(length).expect("every field is far shorter than 2 GiB"));
}

/// Writes a boolean.
pub fn put_bool(out: &mut BytesMut, value: bool) {
    out.put_u8(u8::from(value));
}

/// Writes a buffer; `None` is null.
pub fn put_buffer(out: &mut BytesMut, buffer: Option<&[u8]>) {
    match buffer {
        None => out.put_i32(-1),
        Some(bytes) => {
            put_length(out, bytes.len());
            out.put_slice(bytes);
        }
    }
}

/// Writes a string.
pub fn put_string(out: &mut BytesMut, text: &str) {
    put_buffer(out, Some(text.as_bytes()));
}

/// Writes a string; `None` is null.
pub fn put_nullable_string(out: &mut BytesMut, text: Option<&str>) {
    put_buffer(out, text.map(str::as_bytes));
}

/// Writes a vector.
pub fn put_vector<T>(out: &mut BytesMut, elements: &[T], mut put: impl FnMut(&mut BytesMut, &T)) {
    put_length(out, elements.len());
    for element in elements {
        put(out, element);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_are_different_values() {
        let mut out = BytesMut::new();
        put_buffer(&mut out, None);
        put_buffer(&mut out, Some(&[]));
        let mut reader = Reader::new(&out);
        assert_eq!(reader.data("data"), Ok(None));
        assert_eq!(reader.data("data"), Ok(Some(Bytes::new())));
        assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn a_bad_length_is_refused_where_it_stands() {
        let cases: [(&[u8], usize, Fault); 4] = [
            (&[0, 0, 0, 5, 1, 2], 4, Fault::EndOfInput { needed: 5, left: 2 }),
            (&[0xff, 0xff, 0xff, 0xfe], 0, Fault::Length { length: -2, limit: 16 }),
            (&[0, 0, 0, 17], 0, Fault::Length { length: 17, limit: 16 }),
            (&[0, 0, 1], 0, Fault::EndOfInput { needed: 4, left: 3 }),
        ];
        for (bytes, offset, fault) in cases {
            let error = Reader::within(bytes, 16).buffer("data");
            assert_eq!(error, Err(DecodeError { offset, field: "data", fault }));
        }
    }

    #[test]
    fn a_count_that_the_input_cannot_hold_allocates_nothing() {
        let bytes = [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        let read = Reader::new(&bytes).vector("paths", 4, |r| r.string("path"));
        // As wasm this is more than an address can count, so the sum saturates there.
        let needed = 0x7fff_ffff_usize.saturating_mul(4);
        let fault = Fault::EndOfInput { needed, left: 4 };
        assert_eq!(read, Err(DecodeError { offset: 4, field: "paths", fault }));
    }

    #[test]
    fn strings_of_java_are_read_leniently() {
        let cases: [(&[u8], &str); 4] = [
            (b"/plain", "/plain"),
            (&[b'a', 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80, b'b'], "a\u{1f600}b"),
            (&[b'a', 0xff, b'b'], "a\u{fffd}b"),
            ("\u{e4}\u{1f600}".as_bytes(), "\u{e4}\u{1f600}"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(text(bytes), expected);
        }
    }
}
