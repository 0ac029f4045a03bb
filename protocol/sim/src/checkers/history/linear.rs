//! The whole history as one object would have shown it: which reads a linearizable service would
//! have answered otherwise. ZooKeeper promises that for writes only, so this is no breach; it is
//! what a client pays for reading from the nearest server.

use super::judge::{agrees, read_path};
use super::tree::Tree;
use super::{Call, Ending, History};
use crate::command::ClientOp;
use vivarium_protocol::base::Zxid;

/// How a read compares with a linearizable one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The zxid as of which it was answered.
    pub shown: Zxid,
    /// How many transactions were decided already when it was asked, and are missing in it.
    pub behind: usize,
    /// What a linearizable read would have given at least: the state that was decided when it was
    /// asked, in words.
    pub fresh: String,
    /// Whether a linearizable read could have given the same answer.
    pub linearizable: bool,
}

/// What is to be said of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not answered, or not in a way that tells anything.
    Open,
    /// A write that took its place in the order.
    Write(Zxid),
    /// A read.
    Read(Reading),
}

impl History {
    /// What is to be said of a call of this history.
    #[must_use]
    pub fn verdict(&self, call: &Call) -> Verdict {
        let Ending::Answered { zxid, result, .. } = &call.ending else { return Verdict::Open };
        if call.op.is_write() {
            return Verdict::Write(*zxid);
        }
        let Some(path) = read_path(&call.op) else { return Verdict::Open };
        let (shown, tree) = (*zxid, &*self.tree);
        let floor = self.floor(call, path);
        // One of the states from the floor on, up to what was decided when the answer came, must
        // give this answer.
        let later = changes(tree, &call.op, path, floor, call.decided_after);
        let mut points = std::iter::once(floor).chain(later);
        let linearizable =
            shown >= floor || points.any(|zxid| agrees(&call.op, result, tree, zxid));
        Verdict::Read(Reading {
            shown,
            behind: tree.between(shown, call.decided_before),
            fresh: state(tree, &call.op, path, call.decided_before.max(shown)),
            linearizable,
        })
    }

    /// The oldest state of `path` that a linearizable service may still show: with every write
    /// that was answered before the question, and with whatever other reads had shown by then.
    fn floor(&self, call: &Call, path: &str) -> Zxid {
        let mut floor = call.told_before;
        for other in self.calls().iter().take_while(|other| other.asked < call.asked) {
            let Ending::Answered { moment, zxid, .. } = &other.ending else { continue };
            let same = read_path(&other.op) == Some(path) && moment.at < call.asked.at;
            if same && *zxid > floor {
                let shown = changes(&self.tree, &other.op, path, floor, *zxid);
                floor = shown.last().copied().unwrap_or(floor);
            }
        }
        floor
    }

    /// Whether a client's newest answer to a read is one that no linearizable service would give.
    #[must_use]
    pub fn is_stale(&self, client: u32) -> bool {
        let read = |call: &&Call| {
            let answered = matches!(call.ending, Ending::Answered { .. });
            call.client == client && answered && read_path(&call.op).is_some()
        };
        let newest = self.calls().iter().rev().map(|call| &**call).find(read);
        newest.is_some_and(|call| self.breaks_linearizability(call))
    }

    /// How many of a client's reads, of those still kept, were answered with an old state.
    #[must_use]
    pub fn stale_reads(&self, client: u32) -> usize {
        let own = self.calls().iter().filter(|call| call.client == client);
        own.filter(|call| self.breaks_linearizability(call)).count()
    }

    fn breaks_linearizability(&self, call: &Call) -> bool {
        match self.verdict(call) {
            Verdict::Read(reading) => !reading.linearizable,
            Verdict::Open | Verdict::Write(_) => false,
        }
    }

    /// The first read that no linearizable service could have answered so.
    #[must_use]
    pub fn first_stale(&self) -> Option<&Call> {
        self.calls().iter().map(|call| &**call).find(|call| self.breaks_linearizability(call))
    }
}

fn changes(tree: &Tree, op: &ClientOp, path: &str, since: Zxid, upto: Zxid) -> Vec<Zxid> {
    if matches!(op, ClientOp::Children { .. }) {
        tree.child_changes(path, since, upto)
    } else {
        tree.changes(path, since, upto)
    }
}

/// The state that a read of `path` shows at `zxid`, in a few words.
fn state(tree: &Tree, op: &ClientOp, path: &str, zxid: Zxid) -> String {
    if let ClientOp::Children { .. } = op {
        return format!("[{}]", tree.children(path, zxid).join(", "));
    }
    if !Tree::knows(path) {
        return String::new();
    }
    match tree.at(path, zxid) {
        Some(node) => {
            let data = node.data.as_deref().unwrap_or_default();
            format!("\"{}\" (version {})", String::from_utf8_lossy(data), node.version)
        }
        None => "NoNode".to_owned(),
    }
}
