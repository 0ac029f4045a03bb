//! Agreement: what one server delivers, every other delivers as well or has not yet reached.
//!
//! Two servers may be at different points of the story, never in different stories. Beside the
//! transactions the digests of the trees are compared: equal stories make equal trees.

use super::{Decided, Said, Sentence};
use vivarium_protocol::base::{ServerId, Zxid};
use vivarium_protocol::message::Txn;

/// A delivery where the sequence is already known.
pub(super) fn delivery(known: &Decided, peer: ServerId, txn: &Txn, digest: u64) -> Option<Said> {
    let (zxid, body) = (txn.header.zxid, txn.body.summary());
    let (place, other) = (known.zxid(), known.txn.body.summary());
    if place != zxid {
        return Some(Sentence::DeliveredElsewhere.of(&[&peer, &zxid, &body, &place, &other]));
    }
    if *known.txn != *txn {
        return Some(Sentence::DeliveredAs.of(&[&peer, &zxid, &body, &other]));
    }
    (known.digest != digest).then(|| Sentence::TreeDiffers.of(&[&peer, &zxid]))
}

/// A snapshot, compared with what was decided up to it.
pub(super) fn image(before: &[Decided], peer: ServerId, zxid: Zxid, digest: u64) -> Option<Said> {
    if zxid == Zxid::ZERO {
        return None;
    }
    match before.last() {
        Some(last) if last.zxid() == zxid => {
            (last.digest != digest).then(|| Sentence::SnapshotDiffers.of(&[&peer, &zxid]))
        }
        Some(_) | None => Some(Sentence::NeverDecided.of(&[&peer, &zxid])),
    }
}
