//! Agreement: what one server delivers, every other delivers as well or has not yet reached.
//!
//! Two servers may be at different points of the story, never in different stories. Beside the
//! transactions the digests of the trees are compared: equal stories make equal trees.

use super::Decided;
use vivarium_protocol::base::{ServerId, Zxid};
use vivarium_protocol::message::Txn;

/// A delivery where the sequence is already known.
pub(super) fn delivery(known: &Decided, peer: ServerId, txn: &Txn, digest: u64) -> Option<String> {
    let (zxid, body) = (txn.header.zxid, txn.body.summary());
    let (place, other) = (known.zxid(), known.txn.body.summary());
    if place != zxid {
        return Some(format!("{peer} delivered {zxid} {body} where {place} {other} was decided"));
    }
    if *known.txn != *txn {
        return Some(format!("{peer} delivered {zxid} as {body}, others as {other}"));
    }
    (known.digest != digest)
        .then(|| format!("the tree of {peer} differs from others' after {zxid}"))
}

/// A snapshot, compared with what was decided up to it.
pub(super) fn image(before: &[Decided], peer: ServerId, zxid: Zxid, digest: u64) -> Option<String> {
    if zxid == Zxid::ZERO {
        return None;
    }
    match before.last() {
        Some(last) if last.zxid() == zxid => (last.digest != digest)
            .then(|| format!("the snapshot of {peer} at {zxid} is not the tree of that moment")),
        Some(_) | None => Some(format!("{peer} stands at {zxid}, which was never decided")),
    }
}
