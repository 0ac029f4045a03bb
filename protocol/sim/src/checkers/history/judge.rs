//! The rules: what an answer or an event may say, given the session so far and the decided order.

use super::tree::{Node, Tree};
use super::{Breach, Call, Session, Watch};
use crate::checkers::{Promise, Sentence};
use crate::command::ClientOp;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::{ErrorCode, ReplyBody, Stat, WatchEvent, WatchEventKind};

/// An answer to be judged.
pub(super) struct Answer<'a> {
    pub(super) call: &'a Call,
    pub(super) zxid: Zxid,
    pub(super) result: &'a Result<ReplyBody, ErrorCode>,
}

impl Answer<'_> {
    fn asker(&self) -> String {
        format!("c{} {}", self.call.client, self.call.op)
    }

    /// Whether it shows a state of the tree.
    pub(super) fn is_read(&self) -> bool {
        let shows = matches!(self.result, Ok(_) | Err(ErrorCode::NoNode));
        shows && read_path(&self.call.op).is_some()
    }
}

/// The path that an operation reads.
pub(super) fn read_path(op: &ClientOp) -> Option<&str> {
    match op {
        ClientOp::Get { path, .. }
        | ClientOp::Exists { path, .. }
        | ClientOp::Children { path, .. } => Some(path),
        ClientOp::Create { .. }
        | ClientOp::Set { .. }
        | ClientOp::Delete { .. }
        | ClientOp::Check { .. }
        | ClientOp::Sync { .. }
        | ClientOp::Multi(_)
        | ClientOp::Reconfig { .. }
        | ClientOp::Close => None,
    }
}

/// The first rule that an answer breaks.
pub(super) fn judge(answer: &Answer, session: &Session, tree: &Tree) -> Option<Breach> {
    in_session(answer, session)
        .or_else(|| is_fresh(answer, session))
        .or_else(|| is_linear(answer, tree))
        .or_else(|| is_watched(answer, session, tree))
        .or_else(|| shows_the_tree(answer, tree))
}

/// Session order: answers in the order of the questions, own writes are seen, time never goes back.
fn in_session(answer: &Answer, session: &Session) -> Option<Breach> {
    let (asker, zxid) = (answer.asker(), answer.zxid);
    let what = if answer.call.cxid <= session.cxid {
        Sentence::AnsweredOutOfOrder.of(&[&asker])
    } else if answer.is_read() && zxid < session.written {
        Sentence::OwnWriteUnseen.of(&[&asker, &zxid, &session.written])
    } else if zxid < session.seen {
        Sentence::WentBack.of(&[&asker, &zxid, &session.seen])
    } else {
        return None;
    };
    Some((Promise::SessionOrder, what))
}

/// A read after a sync shows every write that had been answered when the sync was asked.
fn is_fresh(answer: &Answer, session: &Session) -> Option<Breach> {
    let (zxid, synced) = (answer.zxid, session.synced);
    let stale = answer.is_read() && zxid < synced && zxid.epoch() == synced.epoch();
    let what = || Sentence::StaleAfterSync.of(&[&answer.asker(), &zxid, &synced]);
    stale.then(|| (Promise::FreshSync, what()))
}

/// A sync that was answered by a leader whose successor has already been at work: it cannot know.
pub(super) fn synced_at_old_leader(answer: &Answer, session: &Session) -> bool {
    let synced = session.synced;
    answer.is_read() && answer.zxid < synced && answer.zxid.epoch() < synced.epoch()
}

/// A write that is answered was decided, after every write answered before it was asked, and did
/// what a tree at that point does.
fn is_linear(answer: &Answer, tree: &Tree) -> Option<Breach> {
    let (call, zxid) = (answer.call, answer.zxid);
    if !call.op.is_write() {
        return None;
    }
    let asker = answer.asker();
    if answer.result.is_ok() {
        if !tree.decided(zxid, call.session, call.cxid) {
            let what = Sentence::AcknowledgedUndecided.of(&[&asker, &zxid]);
            return Some((Promise::Answers, what));
        }
        if zxid <= call.told_before {
            let before = call.told_before;
            let what = Sentence::TakesPlaceBefore.of(&[&asker, &zxid, &before]);
            return Some((Promise::Linearizability, what));
        }
    }
    let (what, path, version) = outcome(answer, tree)?;
    Some((Promise::Linearizability, what.of(&[&asker, &zxid, &path, &version])))
}

/// What is wrong with the outcome of a write, if a tree that takes writes in the order of their
/// zxids would have given another: the sentence, the path that it is about, a version.
fn outcome(answer: &Answer, tree: &Tree) -> Option<(Sentence, String, i32)> {
    let zxid = answer.zxid;
    let (path, wanted) = match &answer.call.op {
        ClientOp::Create { path, .. } => (path, -1),
        ClientOp::Set { path, version, .. }
        | ClientOp::Delete { path, version }
        | ClientOp::Check { path, version } => (path, *version),
        ClientOp::Get { .. }
        | ClientOp::Exists { .. }
        | ClientOp::Children { .. }
        | ClientOp::Sync { .. }
        | ClientOp::Multi(_)
        | ClientOp::Reconfig { .. }
        | ClientOp::Close => return None,
    };
    if !Tree::knows(path) {
        return None;
    }
    let creates = matches!(answer.call.op, ClientOp::Create { .. });
    let now = tree.at(path, zxid);
    let what = match answer.result {
        Ok(body) => return success(answer, tree, body, path, wanted),
        Err(ErrorCode::NodeExists) if now.is_none() => Sentence::DoesNotExist,
        Err(ErrorCode::NoNode) if now.is_some() && !creates => Sentence::Exists,
        Err(ErrorCode::BadVersion) if now.is_some_and(|node| node.version == wanted) => {
            Sentence::HasThatVersion
        }
        Err(ErrorCode::NotEmpty) if tree.children(path, zxid).is_empty() => Sentence::HasNoChildren,
        Err(_) => return None,
    };
    Some((what, path.clone(), wanted))
}

fn success(
    answer: &Answer,
    tree: &Tree,
    body: &ReplyBody,
    path: &str,
    wanted: i32,
) -> Option<(Sentence, String, i32)> {
    let zxid = answer.zxid;
    let before = tree.before(path, zxid);
    if wanted != -1 && before.is_none_or(|node| node.version != wanted) {
        return Some((Sentence::HadNotVersion, path.to_owned(), wanted));
    }
    let made = match body {
        ReplyBody::Path(Some(made)) | ReplyBody::PathStat { path: made, .. } => made,
        _ => path,
    };
    let now = tree.at(made, zxid);
    let fits = match (&answer.call.op, body) {
        (ClientOp::Create { .. }, _) => now.is_some_and(|node| node.made == zxid),
        (ClientOp::Set { .. }, ReplyBody::Stat(stat)) => now.is_some_and(|node| is_of(stat, node)),
        (ClientOp::Delete { .. }, _) => now.is_none() && before.is_some(),
        (_, _) => true,
    };
    (!fits).then(|| (Sentence::NotAsAnswered, made.to_owned(), wanted))
}

fn is_of(stat: &Stat, node: &Node) -> bool {
    stat.version == node.version && stat.mzxid == node.changed && stat.czxid == node.made
}

/// Whether an answer is what a read at `zxid` shows.
pub(super) fn agrees(
    op: &ClientOp,
    result: &Result<ReplyBody, ErrorCode>,
    tree: &Tree,
    zxid: Zxid,
) -> bool {
    let Some(path) = read_path(op) else { return true };
    let node = tree.at(path, zxid);
    match (op, result) {
        (ClientOp::Children { .. }, Ok(body)) => match body {
            ReplyBody::Children(names) | ReplyBody::ChildrenStat { children: names, .. } => {
                let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
                names.sort_unstable();
                names == tree.children(path, zxid)
            }
            _ => true,
        },
        (_, _) if !Tree::knows(path) => true,
        (_, Err(ErrorCode::NoNode)) => node.is_none(),
        (_, Ok(ReplyBody::Data { data, stat })) => {
            node.is_some_and(|node| is_of(stat, node) && node.data == *data)
        }
        (_, Ok(ReplyBody::Stat(stat))) => node.is_some_and(|node| is_of(stat, node)),
        (_, _) => true,
    }
}

/// What a read shows is the tree at its zxid.
fn shows_the_tree(answer: &Answer, tree: &Tree) -> Option<Breach> {
    let (op, zxid) = (&answer.call.op, answer.zxid);
    if !answer.is_read() || agrees(op, answer.result, tree, zxid) {
        return None;
    }
    let path = read_path(op)?;
    let what = Sentence::ShowsWhatWasNot.of(&[&answer.asker(), &zxid, &path]);
    Some((Promise::SessionOrder, what))
}

/// Whoever watches a znode hears of a change before reading it.
fn is_watched(answer: &Answer, session: &Session, tree: &Tree) -> Option<Breach> {
    let path = read_path(&answer.call.op).filter(|_| answer.is_read())?;
    let children = matches!(answer.call.op, ClientOp::Children { .. });
    let own = |watch: &&Watch| watch.path == path && watch.children == children;
    let watch = session.watches.iter().find(own)?;
    let change = watch.changed(tree, answer.zxid)?;
    let what = Sentence::ShownBeforeEvent.of(&[&answer.asker(), &change]);
    Some((Promise::WatchOrder, what))
}

impl Watch {
    /// The first change that it owes an event for, up to and with `upto`.
    fn changed(&self, tree: &Tree, upto: Zxid) -> Option<Zxid> {
        let changes = if self.children {
            tree.child_changes(&self.path, self.since, upto)
        } else {
            tree.changes(&self.path, self.since, upto)
        };
        changes.first().copied()
    }
}

impl Session {
    /// The watches are set again as of `zxid`. Of a znode that came and went in the meantime
    /// nothing is told, as ZooKeeper looks at the tree and not at its history.
    pub(super) fn watches_again(&mut self, client: u32, zxid: Zxid, tree: &Tree) -> Option<Breach> {
        let behind = self.sees(client, zxid);
        let mut missed = None;
        for watch in &mut self.watches {
            let came_and_went = watch.absent && tree.at(&watch.path, zxid).is_none();
            let change = watch.changed(tree, zxid).filter(|_| !came_and_went);
            let owed = |change: Zxid| {
                let path = &watch.path;
                Sentence::WatchesWithoutEvent.of(&[&client, path, &change])
            };
            missed = missed.or(change.map(owed));
            watch.since = watch.since.max(zxid);
        }
        behind.or(missed.map(|what| (Promise::WatchOrder, what)))
    }

    /// Takes note of a zxid; gives what is broken if it is older than one before.
    pub(super) fn sees(&mut self, client: u32, zxid: Zxid) -> Option<Breach> {
        let seen = self.seen;
        self.seen = seen.max(zxid);
        let what = || Sentence::SessionWentBack.of(&[&client, &zxid, &seen]);
        (zxid < seen).then(|| (Promise::SessionOrder, what()))
    }

    /// Takes note of an answer that has been judged.
    pub(super) fn takes(&mut self, answer: &Answer) {
        let (call, zxid) = (answer.call, answer.zxid);
        self.cxid = self.cxid.max(call.cxid);
        self.seen = self.seen.max(zxid);
        if call.op.is_write() && answer.result.is_ok() {
            self.written = self.written.max(zxid);
        }
        if matches!(call.op, ClientOp::Sync { .. }) && answer.result.is_ok() {
            self.synced = self.synced.max(call.told_before);
        }
        let (path, children, watch) = match &call.op {
            ClientOp::Get { path, watch } => (path, false, *watch && answer.result.is_ok()),
            ClientOp::Exists { path, watch } => (path, false, *watch && answer.is_read()),
            ClientOp::Children { path, watch } => (path, true, *watch && answer.result.is_ok()),
            ClientOp::Create { .. }
            | ClientOp::Set { .. }
            | ClientOp::Delete { .. }
            | ClientOp::Check { .. }
            | ClientOp::Sync { .. }
            | ClientOp::Multi(_)
            | ClientOp::Reconfig { .. }
            | ClientOp::Close => return,
        };
        let known = self.watches.iter().any(|own| own.path == *path && own.children == children);
        if watch && !known {
            let absent = answer.result.is_err();
            self.watches.push(Watch { path: path.clone(), children, absent, since: zxid });
        }
    }

    /// An event arrives: it needs a watch, and uses it up.
    pub(super) fn fired(&mut self, client: u32, event: &WatchEvent) -> Option<Breach> {
        let (data, children) = match event.kind {
            WatchEventKind::Created | WatchEventKind::DataChanged => (true, false),
            WatchEventKind::Deleted => (true, true),
            WatchEventKind::ChildrenChanged => (false, true),
        };
        let meant = |watch: &Watch| {
            watch.path == event.path && if watch.children { children } else { data }
        };
        // Of what was missed, setWatches tells by list: of one deletion perhaps twice.
        let caught_up = event.zxid == Zxid(-1) && event.kind == WatchEventKind::Deleted;
        let asked = caught_up || self.watches.iter().any(meant);
        self.watches.retain(|watch| !meant(watch));
        let behind = self.sees(client, event.zxid.max(self.seen));
        let what = || Sentence::EventWithoutWatch.of(&[&client, &event.path]);
        behind.or((!asked).then(|| (Promise::WatchOrder, what())))
    }
}
