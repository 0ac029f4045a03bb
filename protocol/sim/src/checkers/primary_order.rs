//! Primary order: each epoch has one leader, what it said is applied as it said it, and a new
//! leader speaks only when it knows everything decided before.

use std::sync::Arc;

use vivarium_protocol::base::{Epoch, ServerId, SortedMap, Zxid};
use vivarium_protocol::message::Txn;

use super::{Decided, Said, Sentence};

/// One epoch's leader.
#[derive(Clone, Debug)]
struct Reign {
    primary: ServerId,
    /// How much was decided when it spoke first.
    knew: usize,
    last: Zxid,
}

/// What leaders have proposed.
#[derive(Clone, Debug, Default)]
pub(super) struct Reigns {
    by_epoch: SortedMap<Epoch, Reign>,
    proposals: SortedMap<Zxid, Arc<Txn>>,
}

impl Reigns {
    /// A leader proposes: alone in its epoch, one counter after the other.
    pub(super) fn proposed(
        &mut self,
        peer: ServerId,
        txn: &Arc<Txn>,
        decided: usize,
    ) -> Option<Said> {
        let zxid = txn.header.zxid;
        let begun = Reign { primary: peer, knew: decided, last: zxid.epoch().start() };
        let reign = self.by_epoch.entry(zxid.epoch()).or_insert(begun);
        let last = std::mem::replace(&mut reign.last, zxid);
        let primary = reign.primary;
        self.proposals.insert(zxid, txn.clone());
        if primary != peer {
            return Some(Sentence::ProposedInEpochOf.of(&[&peer, &zxid, &primary]));
        }
        (last.successor() != Some(zxid)).then(|| Sentence::ProposedAfter.of(&[&peer, &zxid, &last]))
    }

    /// What leaders proposed before the run.
    pub(super) fn preloaded(&mut self, txns: &[Arc<Txn>]) {
        self.proposals.extend(txns.iter().map(|txn| (txn.header.zxid, txn.clone())));
    }

    /// A server delivers: only what a leader has proposed.
    pub(super) fn delivered(&self, peer: ServerId, txn: &Txn) -> Option<Said> {
        let zxid = txn.header.zxid;
        match self.proposals.get(&zxid) {
            Some(proposal) if **proposal == *txn => None,
            Some(_) => Some(Sentence::DeliveredOtherwise.of(&[&peer, &zxid])),
            None => Some(Sentence::NobodyProposed.of(&[&peer, &zxid])),
        }
    }

    /// Something is decided: nothing of a leader is passed over, and nothing of an old one comes
    /// after a new one has spoken.
    pub(super) fn decided(
        &self,
        before: Option<&Decided>,
        peer: ServerId,
        txn: &Txn,
    ) -> Option<Said> {
        let zxid = txn.header.zxid;
        let last = before.map_or(Zxid::ZERO, Decided::zxid);
        if !zxid.follows(last) {
            return Some(Sentence::DeliveredAfter.of(&[&peer, &zxid, &last]));
        }
        if zxid.epoch() != last.epoch() && zxid.counter() != 1 {
            return Some(Sentence::FirstOfEpoch.of(&[&peer, &zxid]));
        }
        let newer = self.by_epoch.range(zxid.epoch().next()..).next();
        newer.map(|(epoch, reign)| {
            let (primary, knew) = (reign.primary, reign.knew);
            Sentence::SpokeTooEarly.of(&[&primary, &epoch, &knew, &zxid])
        })
    }
}
