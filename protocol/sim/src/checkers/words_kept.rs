//! Words that one server must keep by itself: what it acknowledges or promises is on its own disk
//! first, and no epoch that it stood by goes back.
//!
//! These promises are kept or broken in one step of one server, long before an ensemble loses
//! anything by it, so they warn early. Whether the ensemble loses something is for `durability`.

use vivarium_protocol::base::{Epoch, ServerId, SortedMap, Zxid};

use super::{Said, Sentence};
use crate::disk::Contents;

/// What servers stood by.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    promised: SortedMap<ServerId, Epoch>,
    on_disk: SortedMap<ServerId, (Epoch, Epoch)>,
}

/// A learner says ACK: that it holds a transaction, or (the start of an epoch) NEWLEADER.
pub(super) fn acknowledges(peer: ServerId, zxid: Zxid, disk: &Contents) -> Option<Said> {
    if zxid.is_epoch_start() {
        let early = disk.current_epoch < zxid.epoch();
        return early.then(|| Sentence::AcknowledgedEpochEarly.of(&[&peer, &zxid.epoch()]));
    }
    let logged = disk.log.binary_search_by_key(&zxid, |txn| txn.header.zxid).is_ok();
    let held = logged || zxid <= disk.snapshot.zxid;
    (!held).then(|| Sentence::AcknowledgedEarly.of(&[&peer, &zxid]))
}

impl Words {
    /// A server has promised an epoch, or offers it as a leader.
    pub(super) fn promises(
        &mut self,
        peer: ServerId,
        epoch: Epoch,
        disk: &Contents,
    ) -> Option<Said> {
        self.promised.insert(peer, epoch);
        (disk.accepted_epoch < epoch).then(|| Sentence::PromisedEarly.of(&[&peer, &epoch]))
    }

    /// A server starts with what its disk gives back.
    pub(super) fn starts(&mut self, peer: ServerId, disk: &Contents) -> Option<Said> {
        let promised = *self.promised.get(&peer)?;
        let now = disk.accepted_epoch;
        (now < promised).then(|| Sentence::PromiseForgotten.of(&[&peer, &promised, &now]))
    }

    /// A disk has changed.
    pub(super) fn disk(&mut self, peer: ServerId, disk: &Contents) -> Option<Said> {
        let now = (disk.accepted_epoch, disk.current_epoch);
        let before = self.on_disk.insert(peer, now).unwrap_or((Epoch(0), Epoch(0)));
        let back = [("acceptedEpoch", before.0, now.0), ("currentEpoch", before.1, now.1)];
        let back = back.into_iter().find(|(_, before, now)| now < before);
        back.map(|(file, before, now)| Sentence::EpochWentBack.of(&[&file, &peer, &before, &now]))
    }
}
