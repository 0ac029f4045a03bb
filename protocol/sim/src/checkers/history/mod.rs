//! What clients asked and were told, and whether it fits together: the promises that ZooKeeper
//! makes to its clients, judged from the clients' side.
//!
//! The order of writes is not searched for: ZooKeeper names it by zxid, so the order of the zxids
//! has to explain everything. A write lies between its question and its answer, so it comes after
//! every write that had been answered when it was asked. A read shows the tree as it was at the
//! zxid of its answer, and no session ever sees an older zxid than before.
//!
//! Recording is `mod.rs`, the rules are `judge.rs`, the tree that answers are compared with is
//! `tree.rs`. It never interferes, and keeps only the newest calls.

mod judge;
mod linear;
#[cfg(test)]
mod tests;
mod tree;

pub use linear::{Reading, Verdict};

use crate::checkers::{Promise, Said};
use crate::command::ClientOp;
use std::sync::Arc;
use tree::Tree;
use vivarium_protocol::base::{LargeMap, ServerId, SessionId, Time, Zxid};
use vivarium_protocol::message::{ErrorCode, ReplyBody, Txn, WatchEvent};

/// Calls kept; older ones have been judged, and are dropped.
const KEPT: usize = 1024;
/// Moves of replicas kept.
const STANDINGS: usize = 2048;

/// A place in the run: the step that comes next, and the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The number of the first step after it.
    pub step: u64,
    /// Virtual time.
    pub at: Time,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client still waits.
    Pending,
    /// It was answered.
    Answered {
        /// When the client heard it.
        moment: Moment,
        /// The zxid of the answer.
        zxid: Zxid,
        /// The body, or ZooKeeper's error.
        result: Result<ReplyBody, ErrorCode>,
    },
    /// The connection broke first: it may or may not have happened.
    Unknown {
        /// When the client noticed.
        moment: Moment,
    },
}

/// One request of one client, from its question to its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The client: `c1` is 1.
    pub client: u32,
    /// The client's number for it.
    pub cxid: i32,
    /// What was asked.
    pub op: ClientOp,
    /// Whom.
    pub server: Option<ServerId>,
    /// In which session; `None` if it was still being opened.
    pub session: Option<SessionId>,
    /// When it was asked.
    pub asked: Moment,
    /// The newest write that any client had been told of when it was asked.
    pub told_before: Zxid,
    /// The newest transaction that was decided when it was asked.
    pub decided_before: Zxid,
    /// The newest transaction that was decided when it ended.
    pub decided_after: Zxid,
    /// How it ended.
    pub ending: Ending,
}

/// What an answer is judged against: one client's session so far.
#[derive(Clone, Debug, Default)]
struct Session {
    id: Option<SessionId>,
    /// The newest zxid it was shown.
    seen: Zxid,
    /// Its newest answered write.
    written: Zxid,
    /// The newest write that its last sync has to show it.
    synced: Zxid,
    /// The last answered request.
    cxid: i32,
    /// The watches it left; a client sets them again on each new connection.
    watches: Vec<Watch>,
}

/// A watch that has not fired.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Watch {
    path: String,
    /// Of the children rather than the znode itself.
    children: bool,
    /// Its znode was not there: only a creation is an event for it.
    absent: bool,
    /// It was left when the tree stood here.
    since: Zxid,
}

/// The recorded history of every client, with what is known about it.
#[derive(Clone, Debug, Default)]
pub struct History {
    calls: Vec<Arc<Call>>,
    dropped: u64,
    sessions: LargeMap<u32, Session>,
    tree: Arc<Tree>,
    /// The newest write that a client was told of.
    told: Zxid,
    stale_syncs: u64,
    standings: Arc<Vec<Standing>>,
    /// Calls to keep, if more than the least.
    room: usize,
}

/// How far one server's replica was at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// When.
    pub at: Time,
    /// Which server.
    pub server: ServerId,
    /// How many decided transactions it has applied.
    pub applied: u32,
    /// How many were decided at all: applied somewhere, as a rule by the leader first.
    pub decided: u32,
}

/// What a rule found broken, in one sentence.
pub type Breach = (Promise, Said);

impl History {
    /// A history that keeps this many calls, for clients of which one may wait while others ask
    /// often.
    #[must_use]
    pub fn with_room(calls: usize) -> History {
        History { room: calls, ..History::default() }
    }

    /// The newest calls, in the order in which they were asked.
    #[must_use]
    pub fn calls(&self) -> &[Arc<Call>] {
        &self.calls
    }

    /// How many older calls are no longer kept.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How often a sync did not make the reads after it fresh, since the leader that answered it
    /// had been replaced unknowingly. ZooKeeper does not promise more: a sync asks no quorum.
    #[must_use]
    pub fn stale_syncs(&self) -> u64 {
        self.stale_syncs
    }

    /// How far the replicas came, oldest first; old entries are dropped.
    #[must_use]
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// A replica has moved.
    pub(crate) fn stands(&mut self, standing: Standing) {
        let standings = Arc::make_mut(&mut self.standings);
        standings.push(standing);
        if standings.len() > 2 * STANDINGS {
            standings.drain(..STANDINGS);
        }
    }

    /// How many transactions were decided after `zxid`, up to and with `upto`.
    #[must_use]
    pub fn between(&self, zxid: Zxid, upto: Zxid) -> usize {
        self.tree.between(zxid, upto)
    }

    /// A transaction is decided. Gives what it breaks.
    pub fn decided(&mut self, txn: &Txn) -> Option<Breach> {
        Arc::make_mut(&mut self.tree).apply(txn)
    }

    /// A client asks.
    pub fn asked(
        &mut self,
        moment: Moment,
        client: u32,
        (cxid, op): (i32, &ClientOp),
        (server, session): (Option<ServerId>, Option<SessionId>),
    ) {
        self.calls.push(Arc::new(Call {
            client,
            cxid,
            op: op.clone(),
            server,
            session,
            asked: moment,
            told_before: self.told,
            decided_before: self.tree.last(),
            decided_after: self.tree.last(),
            ending: Ending::Pending,
        }));
        let kept = self.room.max(KEPT);
        if self.calls.len() > 2 * kept {
            self.calls.drain(..kept);
            self.dropped += kept as u64;
        }
    }

    /// A client's session is open, at this server. Gives what that breaks.
    pub fn opened(
        &mut self,
        client: u32,
        server: Option<ServerId>,
        session: SessionId,
        zxid: Zxid,
    ) -> Option<Breach> {
        for call in self.calls.iter_mut().rev().filter(|call| call.client == client) {
            if call.ending != Ending::Pending {
                break;
            }
            let call = Arc::make_mut(call);
            (call.server, call.session) = (server, Some(session));
        }
        let state = self.sessions.entry(client).or_default();
        if state.id != Some(session) {
            *state = Session { id: Some(session), ..Session::default() };
        }
        state.sees(client, zxid)
    }

    /// A client's connection is gone: what it waits for may or may not happen.
    pub fn lost(&mut self, moment: Moment, client: u32) {
        let calls = self.calls.iter_mut().rev().filter(|call| call.client == client);
        for call in calls.take_while(|call| call.ending == Ending::Pending) {
            Arc::make_mut(call).ending = Ending::Unknown { moment };
        }
    }

    /// A client was told of a watch that fired. Gives what that breaks.
    pub fn fired(&mut self, client: u32, event: &WatchEvent) -> Option<Breach> {
        self.sessions.entry(client).or_default().fired(client, event)
    }

    /// A client's watches are set again as of `zxid`: every event that it missed came before.
    /// Gives what is broken otherwise.
    pub fn watches_again(&mut self, client: u32, zxid: Zxid) -> Option<Breach> {
        self.sessions.entry(client).or_default().watches_again(client, zxid, &self.tree)
    }

    /// A client was answered. Gives what that breaks; the first of it, as one breach brings others.
    pub fn answered(
        &mut self,
        moment: Moment,
        client: u32,
        cxid: i32,
        zxid: Zxid,
        result: &Result<ReplyBody, ErrorCode>,
    ) -> Option<Breach> {
        let mut calls = self.calls.iter_mut().rev();
        let call = calls.find(|call| call.client == client && call.cxid == cxid)?;
        let ended = Arc::make_mut(call);
        ended.ending = Ending::Answered { moment, zxid, result: result.clone() };
        ended.decided_after = self.tree.last();
        let call = call.clone();
        let session = self.sessions.entry(client).or_default();
        let answer = judge::Answer { call: &call, zxid, result };
        let breach = judge::judge(&answer, session, &self.tree);
        self.stale_syncs += u64::from(judge::synced_at_old_leader(&answer, session));
        session.takes(&answer);
        if call.op.is_write() && result.is_ok() {
            self.told = self.told.max(zxid);
        }
        breach
    }
}
