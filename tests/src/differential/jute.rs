//! Jute's primitives, written down a second time on purpose.
//!
//! What judges Vivarium's encoding must not be Vivarium's encoding. Nothing here knows what a
//! request is; nulls, odd lengths and broken text can be written as well as right ones.

use super::differences;

/// Writes fields one after another.
#[derive(Clone, Debug, Default)]
pub struct Writer(pub Vec<u8>);

/// One entry of an access control list, as it is sent: any part may be null or nonsense.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Permission bits.
    pub perms: i32,
    /// The scheme.
    pub scheme: Option<&'static str>,
    /// The id.
    pub id: Option<String>,
}

impl Writer {
    /// A number of 32 bits.
    #[must_use]
    pub fn int(mut self, value: i32) -> Writer {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// A number of 64 bits.
    #[must_use]
    pub fn long(mut self, value: i64) -> Writer {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// A truth value.
    #[must_use]
    pub fn boolean(mut self, value: bool) -> Writer {
        self.0.push(u8::from(value));
        self
    }

    /// Bytes, or null.
    ///
    /// # Panics
    /// For more than 2 GiB.
    #[must_use]
    pub fn buffer(self, value: Option<&[u8]>) -> Writer {
        let Some(value) = value else { return self.int(-1) };
        let length = i32::try_from(value.len()).expect("no test sends that much");
        let mut written = self.int(length);
        written.0.extend(value);
        written
    }

    /// A list of buffers, or null.
    ///
    /// # Panics
    /// For more than 2^31 of them.
    #[must_use]
    pub fn list(self, values: Option<&[Option<Vec<u8>>]>) -> Writer {
        let Some(values) = values else { return self.int(-1) };
        let count = i32::try_from(values.len()).expect("no test sends that many");
        values.iter().fold(self.int(count), |written, value| written.buffer(value.as_deref()))
    }

    /// An access control list, or null.
    ///
    /// # Panics
    /// For more than 2^31 entries.
    #[must_use]
    pub fn acl(self, entries: Option<&[Entry]>) -> Writer {
        let Some(entries) = entries else { return self.int(-1) };
        let count = i32::try_from(entries.len()).expect("no test sends that many");
        entries.iter().fold(self.int(count), |written, entry| {
            let scheme = written.int(entry.perms).buffer(entry.scheme.map(str::as_bytes));
            scheme.buffer(entry.id.as_deref().map(str::as_bytes))
        })
    }

    /// The header of an element of a multi.
    #[must_use]
    pub fn element(self, kind: i32, done: bool) -> Writer {
        self.int(kind).boolean(done).int(-1)
    }
}

/// Reads fields one after another; `None` where the bytes are not such a field.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of 32 bits.
    pub fn int(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }

    /// A number of 64 bits.
    pub fn long(&mut self) -> Option<i64> {
        self.take(8)?.try_into().ok().map(i64::from_be_bytes)
    }

    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    /// Bytes, or null.
    #[expect(clippy::option_option, reason = "not readable, null and bytes are three things")]
    pub fn buffer(&mut self) -> Option<Option<&'a [u8]>> {
        match self.int()? {
            -1 => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }

    /// Text, or null.
    #[expect(clippy::option_option, reason = "not readable, null and text are three things")]
    pub fn text(&mut self) -> Option<Option<String>> {
        let bytes = self.buffer()?;
        Some(bytes.map(differences::text))
    }

    /// A list, or null for none, each element by `one`.
    pub fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.int()?;
        (0..count).map(|_| one(self)).collect()
    }
}
