//! Total order: what two servers deliver, they deliver in the same order, without gaps.

use super::{Decided, Said, Sentence};
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Txn;

/// A delivery by a server that has delivered `position` transactions so far.
pub(super) fn delivery(
    decided: &[Decided],
    position: usize,
    peer: ServerId,
    txn: &Txn,
) -> Option<Said> {
    let zxid = txn.header.zxid;
    if let Some(last) = position.checked_sub(1).and_then(|last| decided.get(last))
        && zxid <= last.zxid()
    {
        return Some(Sentence::DeliveredAfter.of(&[&peer, &zxid, &last.zxid()]));
    }
    let next = decided.get(position)?;
    if next.zxid() == zxid {
        return None;
    }
    let later = decided[position..].iter().any(|other| other.zxid() == zxid);
    later.then(|| Sentence::DeliveredAndNot.of(&[&peer, &zxid, &next.zxid()]))
}
