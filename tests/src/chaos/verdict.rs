//! The checker: the notes of all clients against what the logs say was decided.
//!
//! The rules are those of the simulator (`vivarium_sim::checkers::history`): linearizable writes,
//! sessions in order, fresh reads after a sync, answers that hold, ephemerals that go once, watches
//! that fire before what they announce is seen.
//!
//! Apache's servers answer a read with the zxid that the tree has when the answer is written, which
//! may be newer than what was read. For them a read is also right if it was right at an earlier
//! moment that the session had not yet passed.

use super::cluster::Maker;
use super::record::{Note, What};
use std::collections::BTreeMap;
use vivarium_protocol::base::{ServerId, SessionId, Time, Zxid};
use vivarium_protocol::message::Txn;
use vivarium_sim::checkers::history::{Breach, History, Moment};
use vivarium_sim::{ClientOp, Promise};

/// Calls that are kept while some client waits.
const ROOM: usize = 16 * 1024;
/// How many transactions back a read by Apache's servers is looked for.
const BACK: usize = 64;

/// A broken promise to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which promise.
    pub promise: Promise,
    /// What happened.
    pub what: String,
}

/// What the checker found out.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Broken promises.
    pub broken: Vec<Broken>,
    /// Requests that were asked.
    pub asked: u64,
    /// Answered with a success, among them so many writes.
    pub done: (u64, u64),
    /// Answered with an error, such as a version that did not fit.
    pub refused: u64,
    /// The connection broke first.
    pub unknown: u64,
    /// Of those writes, how many were decided all the same.
    pub unknown_decided: u64,
    /// Watches that fired.
    pub events: u64,
    /// Sessions that expired.
    pub expired: u64,
    /// Syncs that a replaced leader answered.
    pub stale_syncs: u64,
}

/// Judges all notes.
#[must_use]
pub fn judge(notes: &[Note], decided: &[Txn], maker: Maker) -> Verdict {
    let mut replay = Replay::new(decided, maker);
    for (step, note) in notes.iter().enumerate() {
        replay.take(step, note);
    }
    let Replay { history, mut verdict, .. } = replay;
    verdict.stale_syncs = history.stale_syncs();
    verdict
}

struct Replay<'a> {
    history: History,
    decided: &'a [Txn],
    /// Which requests of which sessions were decided.
    by_request: BTreeMap<(SessionId, i32), Zxid>,
    maker: Maker,
    seen: BTreeMap<u32, (SessionId, Zxid)>,
    waiting: BTreeMap<(u32, i32), bool>,
    verdict: Verdict,
}

impl<'a> Replay<'a> {
    fn new(decided: &'a [Txn], maker: Maker) -> Replay<'a> {
        let mut history = History::with_room(ROOM);
        let mut verdict = Verdict::default();
        let mut by_request = BTreeMap::new();
        for txn in decided {
            verdict.broken.extend(history.decided(txn).map(broken));
            by_request.insert((txn.header.session, txn.header.cxid), txn.header.zxid);
        }
        Replay {
            history,
            decided,
            by_request,
            maker,
            seen: BTreeMap::new(),
            waiting: BTreeMap::new(),
            verdict,
        }
    }

    fn take(&mut self, step: usize, note: &Note) {
        let at = Time(u64::try_from(note.at.as_micros()).unwrap_or(u64::MAX));
        let moment = Moment { step: step as u64, at };
        let (client, server) = (note.client, Some(ServerId(note.server as i64)));
        let breach = match &note.what {
            What::Opened(session) => {
                let (id, seen) = self.seen.get(&client).copied().unwrap_or_default();
                let seen = if id == *session { seen } else { Zxid::ZERO };
                self.seen.insert(client, (*session, seen));
                self.history.opened(client, server, *session, seen)
            }
            What::Asked(cxid, op) => {
                self.verdict.asked += 1;
                self.waiting.insert((client, *cxid), op.is_write());
                let session = self.seen.get(&client).map(|(session, _)| *session);
                self.history.asked(moment, client, (*cxid, op), (server, session));
                None
            }
            What::Answered { cxid, zxid, write, result } => {
                self.waiting.remove(&(client, *cxid));
                match result {
                    Ok(_) => {
                        self.verdict.done.0 += 1;
                        self.verdict.done.1 += u64::from(*write);
                    }
                    Err(_) => self.verdict.refused += 1,
                }
                self.sees(client, *zxid);
                self.answered(moment, client, *cxid, *zxid, (*write, result))
            }
            What::Fired(event) => {
                self.verdict.events += 1;
                self.sees(client, event.zxid);
                self.history.fired(client, event)
            }
            What::WatchesSet(zxid) => {
                self.sees(client, *zxid);
                self.history.watches_again(client, *zxid)
            }
            What::Lost => {
                self.lost(client);
                self.history.lost(moment, client);
                None
            }
            What::Expired => {
                self.verdict.expired += 1;
                None
            }
        };
        self.verdict.broken.extend(breach.map(broken));
    }

    fn sees(&mut self, client: u32, zxid: Zxid) {
        if let Some((_, seen)) = self.seen.get_mut(&client) {
            *seen = zxid.max(*seen);
        }
    }

    fn lost(&mut self, client: u32) {
        let session = self.seen.get(&client).map(|(session, _)| *session).unwrap_or_default();
        let open: Vec<(i32, bool)> = self
            .waiting
            .range((client, i32::MIN)..=(client, i32::MAX))
            .map(|((_, cxid), write)| (*cxid, *write))
            .collect();
        for (cxid, write) in open {
            self.waiting.remove(&(client, cxid));
            self.verdict.unknown += 1;
            let happened = write && self.by_request.contains_key(&(session, cxid));
            self.verdict.unknown_decided += u64::from(happened);
        }
    }

    fn answered(
        &mut self,
        moment: Moment,
        client: u32,
        cxid: i32,
        zxid: Zxid,
        (write, result): (bool, &super::session::Answer),
    ) -> Option<Breach> {
        if self.maker == Maker::Vivarium || write {
            return self.history.answered(moment, client, cxid, zxid, result);
        }
        let before = self.history.clone();
        let breach = self.history.answered(moment, client, cxid, zxid, result)?;
        let upto = self.decided.partition_point(|txn| txn.header.zxid < zxid);
        for txn in self.decided[upto.saturating_sub(BACK)..upto].iter().rev() {
            let mut earlier = before.clone();
            if earlier.answered(moment, client, cxid, txn.header.zxid, result).is_none() {
                self.history = earlier;
                return None;
            }
        }
        Some(breach)
    }
}

fn broken((promise, what): Breach) -> Broken {
    Broken { promise, what: what.to_string() }
}

/// The requests with which a reader looks at everything that should be there at the end: at what
/// was decided about every path that a client made, and at every list of children.
#[must_use]
pub fn read_everything(notes: &[Note]) -> Vec<ClientOp> {
    let mut paths: Vec<String> = Vec::new();
    for note in notes {
        let What::Asked(_, op) = &note.what else { continue };
        if let ClientOp::Create { path, sequential: false, .. } = op {
            paths.push(path.clone());
        }
    }
    paths.sort();
    paths.dedup();
    let get = |path: &String| ClientOp::Get { path: path.clone(), watch: false };
    let list = |path: &String| ClientOp::Children { path: path.clone(), watch: false };
    paths.iter().flat_map(|path| [get(path), list(path)]).collect()
}
