//! Finds the end of a snapshot's stream, as its bytes arrive.
//!
//! The stream has no length (docs/protocol.md, QC): sessions, the ACL table, znodes up to
//! the path `/`, then the string `BenWasHere`. Searching for that string would trust what clients
//! wrote into their znodes; here the structure is followed instead.
//!
//! Invariant: every byte is looked at once, however small the pieces in which they come. What the
//! bytes mean is the replica's business.

use super::IMAGE_SIGNATURE;
use crate::wire::jute::{Decoded, Fault, Reader};

/// The bytes of one session: its id and timeout.
const SESSION: usize = 12;
/// The bytes that follow a znode's data: its ACL's number and its persisted stat.
const ACL_AND_STAT: usize = 8 + 60;
/// The bytes of the signature with its length.
pub(super) const SIGNATURE: usize = 4 + IMAGE_SIGNATURE.len();

/// Where a scan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageScan {
    limit: usize,
    offset: usize,
    expect: Expect,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    SessionCount,
    Sessions { left: usize },
    ListCount,
    List { left: usize },
    Entries { left: usize, lists: usize },
    Node,
    Signature,
    End,
}

impl ImageScan {
    /// A scan at the start of a stream, with the longest accepted field in bytes.
    #[must_use]
    pub fn new(limit: usize) -> ImageScan {
        ImageScan { limit, offset: 0, expect: Expect::SessionCount }
    }

    /// Goes on with the stream as far as it has arrived, from its first byte. `None`: more is
    /// needed. Otherwise the length of the image, without the signature that follows it.
    ///
    /// # Errors
    /// A length, count or signature that no snapshot has; offsets count from the stream's start.
    pub fn advance(&mut self, stream: &[u8]) -> Decoded<Option<usize>> {
        while self.expect != Expect::End {
            let rest = stream.get(self.offset..).unwrap_or_default();
            let mut reader = Reader::within(rest, self.limit);
            match step(self.expect, &mut reader) {
                Ok(next) => self.expect = next,
                Err(error) if error.is_end_of_input() => return Ok(None),
                Err(error) => return Err(error.beyond(self.offset)),
            }
            self.offset += reader.offset();
        }
        Ok(Some(self.offset - SIGNATURE))
    }
}

/// Reads one element; whoever calls repeats it when the input ends within.
fn step(expect: Expect, reader: &mut Reader<'_>) -> Decoded<Expect> {
    Ok(match expect {
        Expect::SessionCount => Expect::Sessions { left: count(reader, "sessions")? },
        Expect::Sessions { left: 0 } => Expect::ListCount,
        Expect::Sessions { left } => {
            let here = (reader.remaining() / SESSION).clamp(1, left);
            reader.take("sessions", here * SESSION)?;
            Expect::Sessions { left: left - here }
        }
        Expect::ListCount => Expect::List { left: count(reader, "acls")? },
        Expect::List { left: 0 } => Expect::Node,
        Expect::List { left } => {
            reader.i64("acl id")?;
            Expect::Entries { left: count(reader, "acl")?, lists: left - 1 }
        }
        Expect::Entries { left: 0, lists } => Expect::List { left: lists },
        Expect::Entries { left, lists } => {
            reader.i32("perms")?;
            reader.buffer("scheme")?;
            reader.buffer("id")?;
            Expect::Entries { left: left - 1, lists }
        }
        Expect::Node => node(reader)?,
        Expect::Signature => signature(reader)?,
        Expect::End => Expect::End,
    })
}

/// A count; as in ZooKeeper a negative one is none.
fn count(reader: &mut Reader<'_>, field: &'static str) -> Decoded<usize> {
    Ok(usize::try_from(reader.i32(field)?).unwrap_or(0))
}

fn node(reader: &mut Reader<'_>) -> Decoded<Expect> {
    let at = reader.clone();
    match reader.buffer("path")? {
        None => Err(at.error("path", Fault::Null)),
        Some(b"/") => Ok(Expect::Signature),
        Some(_) => {
            reader.buffer("data")?;
            reader.take("stat", ACL_AND_STAT)?;
            Ok(Expect::Node)
        }
    }
}

fn signature(reader: &mut Reader<'_>) -> Decoded<Expect> {
    let at = reader.clone();
    match reader.nullable_string("signature")? {
        Some(text) if text == IMAGE_SIGNATURE => Ok(Expect::End),
        other => Err(at.error("signature", Fault::Text(other.unwrap_or_default()))),
    }
}
