//! The tree as bytes: what follows SNAP on the wire and what a snapshot file holds between its
//! header and its seals.
//!
//! docs/protocol.md, QC and O3.1 to O3.5. Sessions, then the table of
//! access control lists, then nodes with parents first, then the mark `/`. Nothing is allocated by
//! a count or length before the bytes are there.

use super::DataTree;
use super::path;
use super::znode::PersistedStat;
use crate::base::{Gather, LargeMap, SessionId, Zxid};
use crate::message::{Acl, Id};
use bytes::{BufMut, Bytes, BytesMut};
use std::sync::Arc;

/// The number that stands for the open list, which is not in the table.
const OPEN_ACL: i64 = -1;

/// What a node takes beside its path and data: two lengths, a list's number, the stat.
const NODE_BYTES: usize = 4 + 4 + 8 + 60;

/// An image that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The bytes end too early.
    #[error("image ends early, at byte {0}")]
    Truncated(usize),
    /// A length or count is negative where that means nothing.
    #[error("negative length at byte {0} of the image")]
    NegativeLength(usize),
    /// A path is not UTF-8, or null.
    #[error("text at byte {0} of the image is null or not utf-8")]
    BadText(usize),
    /// A node's parent does not come before it, or a node comes twice.
    #[error("node `{0}` of the image has no parent before it, or comes twice")]
    Misplaced(String),
    /// More bytes follow than an image has.
    #[error("image is followed by {0} bytes that do not belong to it")]
    Trailing(usize),
}

/// Writes sessions, ACL table and znodes, with the mark that ends them.
pub fn encode(tree: &DataTree, out: &mut BytesMut) {
    out.reserve(tree.approximate_data_size() as usize + tree.node_count() * NODE_BYTES);
    out.put_i32(tree.sessions().len() as i32);
    for (session, timeout_ms) in tree.sessions() {
        out.put_i64(session.0);
        out.put_i32(*timeout_ms);
    }
    let lists = number_lists(tree);
    let by_number: LargeMap<i64, &[Acl]> = lists.iter().map(|(acl, id)| (*id, &**acl)).gather();
    out.put_i32(by_number.len() as i32);
    for (id, acl) in by_number {
        out.put_i64(id);
        put_acl(acl, out);
    }
    let open = [Acl::open()];
    tree.walk(path::ROOT, &mut |node| {
        put_text(if &*node.path == path::ROOT { "" } else { &node.path }, out);
        put_buffer(node.data.as_deref(), out);
        out.put_i64(if *node.acl == open { OPEN_ACL } else { lists[&*node.acl] });
        put_stat(&node.stat, out);
    });
    put_text(path::ROOT, out);
}

/// Numbers every list but the open one, in the order of the nodes.
fn number_lists(tree: &DataTree) -> LargeMap<Arc<[Acl]>, i64> {
    let open = [Acl::open()];
    let mut lists = LargeMap::new();
    tree.walk(path::ROOT, &mut |node| {
        if *node.acl != open && !lists.contains_key(&*node.acl) {
            lists.insert(Arc::clone(&node.acl), lists.len() as i64 + 1);
        }
    });
    lists
}

fn put_acl(acl: &[Acl], out: &mut BytesMut) {
    out.put_i32(acl.len() as i32);
    for entry in acl {
        out.put_i32(entry.perms);
        put_text(&entry.id.scheme, out);
        put_text(&entry.id.id, out);
    }
}

fn put_text(text: &str, out: &mut BytesMut) {
    put_buffer(Some(text.as_bytes()), out);
}

fn put_buffer(bytes: Option<&[u8]>, out: &mut BytesMut) {
    let Some(bytes) = bytes else { return out.put_i32(-1) };
    out.put_i32(bytes.len() as i32);
    out.put_slice(bytes);
}

fn put_stat(stat: &PersistedStat, out: &mut BytesMut) {
    for long in [stat.czxid.0, stat.mzxid.0, stat.ctime_ms, stat.mtime_ms] {
        out.put_i64(long);
    }
    for int in [stat.version, stat.cversion, stat.aversion] {
        out.put_i32(int);
    }
    out.put_i64(stat.owner);
    out.put_i64(stat.pzxid.0);
}

/// Reads what [`encode`] wrote; returns the tree and how many bytes it took.
///
/// # Errors
///
/// When the bytes are no image.
pub fn decode(bytes: &[u8]) -> Result<(DataTree, usize), ImageError> {
    let mut reader = Reader { bytes, at: 0 };
    let mut tree = DataTree::empty();
    for _ in 0..reader.count()? {
        let session = SessionId(reader.i64()?);
        tree.add_session(session, reader.i32()?);
    }
    let nobody = nobody();
    let mut lists: LargeMap<i64, Vec<Acl>> = [(OPEN_ACL, vec![Acl::open()])].into_iter().gather();
    for _ in 0..reader.count()? {
        let id = reader.i64()?;
        lists.insert(id, reader.acl()?);
    }
    loop {
        let path = reader.text()?;
        if path == path::ROOT {
            break;
        }
        let path = if path.is_empty() { path::ROOT } else { path };
        let data = reader.buffer()?.map(Bytes::copy_from_slice);
        let acl_id = reader.i64()?;
        let stat = reader.stat()?;
        let acl = lists.get(&acl_id).map_or(&nobody[..], |acl| acl);
        if !tree.insert(path, data, acl, stat) {
            return Err(ImageError::Misplaced(path.to_owned()));
        }
    }
    if tree.get(path::ROOT).is_none() {
        return Err(ImageError::Misplaced(path::ROOT.to_owned()));
    }
    tree.find_quotas();
    Ok((tree, reader.at))
}

/// The list of a node whose number is not in the table, which a fuzzy image may have: nobody may do
/// anything, until the transaction that made the list is replayed.
fn nobody() -> [Acl; 1] {
    [Acl { perms: 0, ..Acl::open() }]
}

/// A place in the bytes.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ImageError> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(ImageError::Truncated(self.bytes.len()))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn i32(&mut self) -> Result<i32, ImageError> {
        let bytes = self.take(4)?;
        Ok(i32::from_be_bytes(bytes.try_into().expect("four bytes were taken")))
    }

    fn i64(&mut self) -> Result<i64, ImageError> {
        let bytes = self.take(8)?;
        Ok(i64::from_be_bytes(bytes.try_into().expect("eight bytes were taken")))
    }

    fn count(&mut self) -> Result<usize, ImageError> {
        let at = self.at;
        usize::try_from(self.i32()?).map_err(|_| ImageError::NegativeLength(at))
    }

    /// A buffer; -1 is null.
    fn buffer(&mut self) -> Result<Option<&'a [u8]>, ImageError> {
        let at = self.at;
        match self.i32()? {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| ImageError::NegativeLength(at))?;
                self.take(length).map(Some)
            }
        }
    }

    fn text(&mut self) -> Result<&'a str, ImageError> {
        let at = self.at;
        let bytes = self.buffer()?.ok_or(ImageError::BadText(at))?;
        str::from_utf8(bytes).map_err(|_| ImageError::BadText(at))
    }

    /// A list of access control entries; null is the empty list, a null id the empty text.
    fn acl(&mut self) -> Result<Vec<Acl>, ImageError> {
        let mut acl = Vec::new();
        for _ in 0..self.i32()?.max(0) {
            let perms = self.i32()?;
            let (scheme, id) = (self.lenient_text()?, self.lenient_text()?);
            acl.push(Acl { perms, id: Id { scheme, id } });
        }
        Ok(acl)
    }

    /// Text outside of paths: null is empty, and what is not UTF-8 (ZooKeeper writes characters
    /// beyond U+FFFF in a form of its own) is replaced.
    fn lenient_text(&mut self) -> Result<String, ImageError> {
        let bytes = self.buffer()?.unwrap_or_default();
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn stat(&mut self) -> Result<PersistedStat, ImageError> {
        Ok(PersistedStat {
            czxid: Zxid(self.i64()?),
            mzxid: Zxid(self.i64()?),
            ctime_ms: self.i64()?,
            mtime_ms: self.i64()?,
            version: self.i32()?,
            cversion: self.i32()?,
            aversion: self.i32()?,
            owner: self.i64()?,
            pzxid: Zxid(self.i64()?),
        })
    }
}
