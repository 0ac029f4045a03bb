//! Durability: what is decided is on the disks of a quorum, now and after every crash.
//!
//! Each disk covers a prefix of the decided sequence: what its snapshot stands for and what its
//! synced log holds. The check is that those who cover all of it make a quorum; disks of servers
//! that are down count, since they come back.

use std::sync::Arc;

use vivarium_protocol::base::{Ensemble, Gather, ServerId, SortedMap, SortedSet};

use super::{Decided, Said, Sentence};
use crate::disk::Contents;

/// How much of the decided sequence each disk holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Coverage {
    held: SortedMap<ServerId, usize>,
}

impl Coverage {
    /// A disk has changed, or more is decided.
    pub(super) fn update(&mut self, id: ServerId, disk: &Contents, decided: &[Decided]) {
        let held = self.held.entry(id).or_insert(0);
        while *held > 0 && !holds(disk, &decided[*held - 1]) {
            *held -= 1;
        }
        while decided.get(*held).is_some_and(|next| holds(disk, next)) {
            *held += 1;
        }
    }

    /// What is wrong, if anything.
    pub(super) fn verdict(&self, ensemble: &Ensemble, decided: &[Decided]) -> Option<Said> {
        let last = decided.last()?;
        let whole = self.held.iter().filter(|(_, held)| **held == decided.len());
        let ids: SortedSet<ServerId> = whole.map(|(id, _)| *id).gather();
        if ensemble.is_quorum(&ids) {
            return None;
        }
        let ids: Vec<ServerId> =
            ids.into_iter().filter(|id| ensemble.is_participant(*id)).collect();
        if ids.is_empty() {
            return Some(Sentence::DurableNowhere.of(&[&last.zxid()]));
        }
        Some(Sentence::DurableOnlyAt.of(&[&last.zxid(), &crate::command::server_list(&ids)]))
    }
}

fn holds(disk: &Contents, decided: &Decided) -> bool {
    let zxid = decided.zxid();
    if zxid <= disk.snapshot.zxid {
        return true;
    }
    let place = disk.log.binary_search_by_key(&zxid, |txn| txn.header.zxid);
    place.is_ok_and(|place| {
        let own = &disk.log[place];
        Arc::ptr_eq(own, &decided.txn) || **own == *decided.txn
    })
}
