//! The transaction logs of all servers, compared record for record.
//!
//! Files are read here by hand, without the server's own code: a header of 16 bytes, then records
//! of checksum, length, body and the byte `B` (docs/protocol.md, O2.1).
//!
//! What was decided: a record that most servers have. A leader may also have kept a record alone
//! and have given others its whole tree instead of it; so a record of fewer servers is decided,
//! too, if another server has a snapshot as of it or of a later one of its epoch, or if nobody is
//! known to have gone on without it. A server has gone on without it if its log continues with a
//! later epoch's first record. (Apache's servers also snapshot at the start of each epoch, with
//! counter 0, which says nothing.)

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::Txn;
use vivarium_protocol::wire::txn::decode_txn;

/// The header of a file, bytes.
const HEADER: usize = 16;
/// Checksum and length of a record, bytes.
const HEAD: usize = 12;

/// What one server has on its disk.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Every record that any of its files has.
    pub records: BTreeMap<Zxid, Txn>,
    /// The zxids of its snapshots.
    pub snapshots: BTreeSet<Zxid>,
}

/// What the logs of all servers come to.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    /// The decided transactions in their order.
    pub decided: Vec<Txn>,
    /// Records that some server kept although they were never decided.
    pub leftovers: usize,
    /// Where servers disagree, in sentences.
    pub violations: Vec<String>,
}

impl Log {
    /// Reads what was kept of a server's disk: log files, and the names of snapshots.
    ///
    /// # Errors
    /// A file can't be read, or a record in the middle of one is damaged.
    pub fn read(disk: &Path) -> Result<Log> {
        let mut log = Log::default();
        for entry in fs::read_dir(disk.join("kept"))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(digits) = name.strip_prefix("snapshot.") {
                let digits = digits.split('.').next().unwrap_or_default();
                log.snapshots.extend(i64::from_str_radix(digits, 16).ok().map(Zxid));
                continue;
            }
            let bytes = fs::read(&path)?;
            log.take(&bytes).with_context(|| format!("{}", path.display()))?;
        }
        Ok(log)
    }

    /// Takes the records of one file.
    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes.get(HEADER..).unwrap_or_default();
        while let Some((head, body)) = rest.split_at_checked(HEAD) {
            let length = u32::from_be_bytes(head[8..].try_into()?) as usize;
            // Zeros are room for more; a record without its end is what a kill leaves.
            if length == 0 || body.get(length) != Some(&b'B') {
                return Ok(());
            }
            let txn = match decode_txn(&body[..length]) {
                Ok(txn) => txn,
                Err(error) => bail!("after {} bytes: {error}", bytes.len() - rest.len()),
            };
            // A file that was cut back may have been filled again: the newer record counts.
            self.records.insert(txn.header.zxid, txn);
            rest = &body[length + 1..];
        }
        Ok(())
    }

    /// Whether this server has gone on without a transaction, as its log shows, unless a snapshot
    /// of this kind stands in between.
    fn went_on_without(&self, zxid: Zxid, is_reason: impl Fn(&Zxid) -> bool) -> bool {
        let Some((next, _)) = self.records.range(zxid..).next() else { return false };
        let by_snapshot = self.snapshots.range(zxid..*next).any(is_reason);
        *next != zxid && next.counter() == 1 && !by_snapshot
    }

    /// Whether this server got a tree that had a transaction, instead of the transaction.
    fn was_given(&self, zxid: Zxid) -> bool {
        let next = self.snapshots.range(zxid..).next();
        !self.records.contains_key(&zxid) && next.is_some_and(|at| at.epoch() == zxid.epoch())
    }
}

/// Compares logs, and finds what was decided.
#[must_use]
pub fn agree(logs: &[Log]) -> Agreed {
    let mut agreed = Agreed::default();
    let all: BTreeSet<Zxid> = logs.iter().flat_map(|log| log.records.keys().copied()).collect();
    for zxid in all {
        let holders: Vec<usize> =
            (0..logs.len()).filter(|at| logs[*at].records.contains_key(&zxid)).collect();
        let first = &logs[holders[0]].records[&zxid];
        let most = holders.len() > logs.len() / 2;
        let without_at_all = |log: &Log| log.went_on_without(zxid, |_| true);
        let in_use = |at: &Zxid| !at.is_epoch_start();
        let without = logs.iter().any(|log| log.went_on_without(zxid, in_use));
        if !most && without && !logs.iter().any(|log| log.was_given(zxid)) {
            agreed.leftovers += 1;
            continue;
        }
        for other in &holders[1..] {
            let txn = &logs[*other].records[&zxid];
            if let Some(what) = difference(first, txn) {
                let (a, b) = (holders[0] + 1, other + 1);
                agreed.violations.push(format!("{zxid}: servers {a} and {b} differ in {what}"));
            }
        }
        if most && let Some(at) = logs.iter().position(without_at_all) {
            let without = at + 1;
            agreed
                .violations
                .push(format!("{zxid} is decided, and server {without} went on without"));
        }
        agreed.decided.push(first.clone());
    }
    agreed.violations.extend(gaps(&agreed.decided));
    agreed
}

/// In what two records of one zxid differ. A digest that only one of them has is no difference.
fn difference(one: &Txn, other: &Txn) -> Option<String> {
    if one.header != other.header {
        return Some(format!("{:?} and {:?}", one.header, other.header));
    }
    if one.body != other.body {
        return Some(format!("{} and {}", one.body.summary(), other.body.summary()));
    }
    match (one.digest, other.digest) {
        (Some(a), Some(b)) if a != b => Some(format!("the digests {a:?} and {b:?}")),
        (Some(_) | None, Some(_) | None) => None,
    }
}

/// Decided transactions of one epoch have consecutive numbers from 1.
fn gaps(decided: &[Txn]) -> Vec<String> {
    let mut found = Vec::new();
    let mut last = Zxid::ZERO;
    for txn in decided {
        let zxid = txn.header.zxid;
        let expected = if zxid.epoch() == last.epoch() { last.counter() + 1 } else { 1 };
        if zxid.counter() != expected {
            found.push(format!("{zxid} comes after {last}: something between them is missing"));
        }
        last = zxid;
    }
    found
}
