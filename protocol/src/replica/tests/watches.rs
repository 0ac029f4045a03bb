//! Who is told what, and in which order (docs/protocol.md, C6).

use super::*;
use crate::message::{Id, Op};
use crate::replica::{Mode, Table};

impl Applied {
    pub(super) fn ask(&mut self, origin: ConnectionId, op: Op) -> Vec<String> {
        let mut out = Outbox::default();
        let reply = self.replica.read(origin, 1, &op, &[], SESSION, &mut out);
        out.messages.push((origin, ToClient::Reply(reply)));
        told(&out)
    }

    pub(super) fn watch_data(&mut self, origin: ConnectionId, path: &str) {
        self.ask(origin, Op::GetData { path: Some(path.to_owned()), watch: true });
    }

    fn watch_existence(&mut self, origin: ConnectionId, path: &str) {
        self.ask(origin, Op::Exists { path: Some(path.to_owned()), watch: true });
    }

    pub(super) fn watch_children(&mut self, origin: ConnectionId, path: &str) {
        self.ask(origin, Op::GetChildren { path: Some(path.to_owned()), watch: true });
    }

    pub(super) fn watch_all(&mut self, origin: ConnectionId, path: &str, mode: Mode) {
        let recursive = mode == Mode::Recursive;
        let op = Op::AddWatch { path: Some(path.to_owned()), recursive };
        assert_eq!(self.ask(origin, op), [format!("{}: Number(0)", origin.0)]);
    }
}

fn set_watches(since: i64, data: &[&str], exist: &[&str], child: &[&str], all: &[&str]) -> Op {
    let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
    Op::SetWatches {
        two: true,
        relative_zxid: Zxid(since),
        data: owned(data),
        exist: owned(exist),
        child: owned(child),
        persistent: owned(all),
        recursive: Vec::new(),
    }
}

#[test]
fn a_watch_tells_once() {
    let mut applied = Applied::new();
    applied.create("/a");
    applied.watch_data(ANN, "/a");
    applied.watch_data(ANN, "/a");
    assert_eq!(applied.set("/a", "x"), ["1: changed /a at 2"]);
    assert!(applied.set("/a", "y").is_empty());
    assert!(applied.replica.watches().is_empty());
}

#[test]
fn an_existence_watch_waits_for_what_is_not_there_and_a_data_watch_does_not() {
    let mut applied = Applied::new();
    applied.watch_existence(ANN, "/later");
    applied.watch_data(BEN, "/later");
    applied.watch_children(BEN, "/later");
    assert_eq!(applied.create("/later"), ["1: created /later at 1"]);
}

#[test]
fn a_create_tells_the_node_first_and_the_parent_then() {
    let mut applied = Applied::new();
    applied.create("/a");
    applied.watch_children(ANN, "/a");
    applied.watch_existence(ANN, "/a/b");
    applied.watch_children(BEN, "/");
    assert_eq!(applied.create("/a/b"), ["1: created /a/b at 2", "1: children /a at 2"]);
    assert_eq!(applied.create("/top"), ["2: children / at 3"]);
}

#[test]
fn a_delete_is_told_once_to_who_watches_data_and_children() {
    let mut applied = Applied::new();
    applied.create("/a");
    applied.watch_data(ANN, "/a");
    applied.watch_children(ANN, "/a");
    applied.watch_children(BEN, "/a");
    applied.watch_children(BEN, "/");
    let expected = ["1: deleted /a at 2", "2: deleted /a at 2", "2: children / at 2"];
    assert_eq!(applied.delete("/a"), expected);
    assert!(applied.replica.watches().is_empty());
}

#[test]
fn lists_checks_sessions_and_errors_tell_nobody() {
    let mut applied = Applied::new();
    applied.create("/a");
    applied.watch_data(ANN, "/a");
    applied.watch_children(ANN, "/");
    let path = "/a".to_owned();
    for body in [
        TxnBody::SetAcl { path: path.clone(), acl: vec![Acl::open()], version: 1 },
        TxnBody::Check { path, version: 1 },
        TxnBody::CreateSession { timeout_ms: 1 },
        TxnBody::Error { code: -101 },
    ] {
        assert!(applied.apply(body.clone()).is_empty(), "{body:?}");
    }
    assert_eq!(applied.replica.watches().count(), 2);
}

#[test]
fn a_closed_session_tells_of_each_of_its_nodes_before_it_is_answered() {
    let mut applied = Applied::new();
    for path in ["/e1", "/e2"] {
        applied.apply(create(path, true));
    }
    applied.watch_children(ANN, "/");
    applied.watch_all(BEN, "/", Mode::Persistent);
    let body = TxnBody::CloseSession { paths: Some(vec!["/e2".to_owned(), "/e1".to_owned()]) };
    let txn = applied.txn(body);
    let mut out = Outbox::default();
    applied.replica.apply_txn(&txn, Some(ANN), &mut out);
    let expected = ["1: children / at 3", "2: children / at 3", "2: children / at 3", "1: done"];
    assert_eq!(told(&out), expected);
    assert_eq!(out.closed, [SESSION]);
}

#[test]
fn a_persistent_watch_stays_and_sees_its_own_level() {
    let mut applied = Applied::new();
    applied.watch_all(ANN, "/a", Mode::Persistent);
    assert_eq!(applied.create("/a"), ["1: created /a at 1"]);
    assert_eq!(applied.create("/a/b"), ["1: children /a at 2"]);
    assert!(applied.set("/a/b", "x").is_empty());
    assert!(applied.create("/a/b/c").is_empty());
    assert_eq!(applied.set("/a", "x"), ["1: changed /a at 5"]);
    applied.delete("/a/b/c");
    assert_eq!(applied.delete("/a/b"), ["1: children /a at 7"]);
    assert_eq!(applied.delete("/a"), ["1: deleted /a at 8"]);
    assert_eq!(applied.create("/a"), ["1: created /a at 9"]);
}

#[test]
fn a_recursive_watch_sees_every_node_below_and_never_its_children_as_such() {
    let mut applied = Applied::new();
    applied.watch_all(ANN, "/a", Mode::Recursive);
    assert_eq!(applied.create("/a"), ["1: created /a at 1"]);
    assert_eq!(applied.create("/a/b"), ["1: created /a/b at 2"]);
    assert_eq!(applied.create("/a/b/c"), ["1: created /a/b/c at 3"]);
    assert_eq!(applied.set("/a/b/c", "x"), ["1: changed /a/b/c at 4"]);
    assert_eq!(applied.delete("/a/b/c"), ["1: deleted /a/b/c at 5"]);
    assert!(applied.create("/ab").is_empty(), "only below, not beside");
    applied.replica.forget(ANN);
    assert!(applied.delete("/a/b").is_empty());
}

#[test]
fn modes_on_one_path_are_kept_apart_and_tell_once() {
    let mut applied = Applied::new();
    applied.create("/a");
    applied.watch_data(ANN, "/a");
    applied.watch_all(ANN, "/a", Mode::Persistent);
    applied.watch_all(ANN, "/", Mode::Recursive);
    assert_eq!(applied.set("/a", "x"), ["1: changed /a at 2"]);
    assert_eq!(applied.set("/a", "y"), ["1: changed /a at 3"], "only the standard one is gone");
}

#[test]
fn who_may_not_read_is_not_told_and_has_no_watch_any_more() {
    let hers = Id { scheme: "digest".to_owned(), id: "ann:hash".to_owned() };
    let acl = vec![Acl { perms: 31, id: hers.clone() }];
    let mut applied = Applied::new();
    for origin in [ANN, BEN] {
        applied.watch_existence(origin, "/secret");
    }
    applied.replica.identify(ANN, vec![hers]);
    assert_eq!(applied.apply(create_for("/secret", false, acl)), ["1: created /secret at 1"]);
    assert!(applied.replica.watches().is_empty(), "both are used up");
}

#[test]
fn the_ids_that_a_read_came_with_count_until_others_are_shown() {
    let hers = Id { scheme: "digest".to_owned(), id: "ann:hash".to_owned() };
    let acl = vec![Acl { perms: 31, id: hers.clone() }];
    let mut applied = Applied::new();
    applied.apply(create_for("/secret", false, acl));
    let op = Op::GetData { path: Some("/secret".to_owned()), watch: true };
    let mut out = Outbox::default();
    applied.replica.read(ANN, 1, &op, &[hers], SESSION, &mut out);
    assert_eq!(applied.set("/secret", "x"), ["1: changed /secret at 2"]);
}

#[test]
fn a_connection_takes_its_watches_with_it() {
    let mut applied = Applied::new();
    applied.create("/a");
    for origin in [ANN, BEN] {
        applied.watch_data(origin, "/a");
        applied.watch_children(origin, "/a");
    }
    applied.replica.forget(ANN);
    assert_eq!(applied.replica.watches().count(), 2);
    assert_eq!(applied.set("/a", "x"), ["2: changed /a at 2"]);
}

#[test]
fn set_watches_tells_what_was_missed_before_it_is_answered_and_watches_the_rest() {
    let mut applied = Applied::new();
    for path in ["/old", "/new"] {
        applied.create(path);
    }
    applied.set("/new", "x");
    let op = set_watches(
        2,
        &["/old", "/new", "/gone"],
        &["/absent", "/old"],
        &["/old", "/", "/gone"],
        &["/all"],
    );
    let expected = [
        "1: changed /new at -1",
        "1: deleted /gone at -1",
        "1: created /old at -1",
        "1: deleted /gone at -1",
        "1: done",
    ];
    assert_eq!(applied.ask(ANN, op), expected, "the root's children are as new as 2, not newer");
    assert_eq!(applied.create("/absent"), ["1: created /absent at 4", "1: children / at 4"]);
    assert_eq!(applied.set("/old", "y"), ["1: changed /old at 5"]);
    assert!(applied.set("/new", "y").is_empty(), "an event means that the watch is not set");
    assert_eq!(applied.create("/old/kid"), ["1: children /old at 7"]);
    assert_eq!(applied.create("/all"), ["1: created /all at 8"]);
}

#[test]
fn an_event_comes_before_the_reply_to_the_write_that_caused_it() {
    let mut applied = Applied::new();
    applied.create("/a");
    applied.watch_data(ANN, "/a");
    let txn = applied.txn(TxnBody::Delete { container: false, path: "/a".to_owned() });
    let mut out = Outbox::default();
    applied.replica.apply_txn(&txn, Some(ANN), &mut out);
    assert_eq!(told(&out), ["1: deleted /a at 2", "1: done"]);
}

/// Random watches and triggers against a list that is searched from end to end.
#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use crate::message::WatcherType;
    use crate::replica::{Trigger, WatchManager};
    use proptest::prelude::*;
    use proptest::sample::select;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    const PATHS: [&str; 5] = ["/", "/a", "/a/b", "/a/b/c", "/ab"];

    #[derive(Clone, Debug)]
    enum Move {
        Watch(Table, &'static str, Mode, u64),
        Fire(WatchEventKind, &'static str),
        Forget(u64),
        Find(WatcherType, &'static str, u64, bool),
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let path = || select(&PATHS[..]);
        let table = select(vec![Table::Data, Table::Child]);
        let mode = select(vec![Mode::Standard, Mode::Standard, Mode::Persistent]);
        let kind = select(vec![
            WatchEventKind::Created,
            WatchEventKind::Deleted,
            WatchEventKind::DataChanged,
            WatchEventKind::ChildrenChanged,
        ]);
        let one = prop_oneof![
            4 => (table, path(), mode, 0..3_u64).prop_map(|(t, p, m, c)| Move::Watch(t, p, m, c)),
            1 => (path(), 0..3_u64)
                .prop_map(|(p, c)| Move::Watch(Table::Data, p, Mode::Recursive, c)),
            4 => (kind, path()).prop_map(|(kind, path)| Move::Fire(kind, path)),
            1 => (0..3_u64).prop_map(Move::Forget),
            2 => (1..=5, path(), 0..3_u64, any::<bool>()).prop_map(|(kind, path, who, remove)| {
                let kind = WatcherType::from_number(kind).expect("one of five");
                Move::Find(kind, path, who, remove)
            }),
        ];
        prop::collection::vec(one, 0..50)
    }

    type Watch = (Table, &'static str, u8, u64);

    fn hears(watch: &Watch, table: Table, path: &str) -> bool {
        let (of, base, mode, _) = watch;
        let below = *base == "/" || path.starts_with(&format!("{base}/"));
        *of == table && (*base == path || (*mode == Mode::Recursive as u8 && below))
    }

    /// Whether a type of watcher means a watch.
    fn means(kind: WatcherType, (table, _, mode, _): &Watch) -> bool {
        match kind {
            WatcherType::Children => *table == Table::Child && *mode == Mode::Standard as u8,
            WatcherType::Data => *table == Table::Data && *mode == Mode::Standard as u8,
            WatcherType::Any => true,
            WatcherType::Persistent => *mode == Mode::Persistent as u8,
            WatcherType::PersistentRecursive => *mode == Mode::Recursive as u8,
        }
    }

    fn twin_fires(twin: &mut BTreeSet<Watch>, kind: WatchEventKind, path: &str) -> BTreeSet<u64> {
        let tables = match kind {
            WatchEventKind::Created | WatchEventKind::DataChanged => vec![Table::Data],
            WatchEventKind::Deleted => vec![Table::Data, Table::Child],
            WatchEventKind::ChildrenChanged => vec![Table::Child],
        };
        let hit = |watch: &&Watch| tables.iter().any(|table| hears(watch, *table, path));
        let hits: Vec<Watch> = twin.iter().filter(hit).copied().collect();
        for watch in &hits {
            if watch.2 == Mode::Standard as u8 {
                twin.remove(watch);
            }
        }
        hits.into_iter().map(|(_, _, _, connection)| connection).collect()
    }

    proptest! {
        #[test]
        fn the_tables_tell_whom_a_plain_list_would_tell(moves in moves()) {
            let (mut watches, mut twin) = (WatchManager::default(), BTreeSet::new());
            for one in moves {
                match one {
                    Move::Watch(table, path, mode, connection) => {
                        watches.add(table, path, mode, ConnectionId(connection), &[]);
                        twin.insert((table, path, mode as u8, connection));
                    }
                    Move::Forget(connection) => {
                        watches.forget(ConnectionId(connection));
                        twin.retain(|watch| watch.3 != connection);
                    }
                    Move::Find(kind, path, who, remove) => {
                        let hit = |w: &Watch| w.1 == path && w.3 == who && means(kind, w);
                        let found = watches.find(ConnectionId(who), path, kind, remove);
                        prop_assert_eq!(found, twin.iter().any(hit));
                        twin.retain(|watch| !(remove && hit(watch)));
                    }
                    Move::Fire(kind, path) => {
                        let trigger = Trigger { kind, path: Arc::from(path), acl: Arc::from([]) };
                        let mut out = Vec::new();
                        watches.fire(&trigger, Zxid(1), &mut out);
                        let told: Vec<u64> = out.iter().map(|(origin, _)| origin.0).collect();
                        let once: BTreeSet<u64> = told.iter().copied().collect();
                        prop_assert_eq!(once.len(), told.len(), "nobody is told twice");
                        prop_assert_eq!(once, twin_fires(&mut twin, kind, path));
                    }
                }
                let distinct: BTreeSet<_> = twin.iter().map(|w| (w.0, w.1, w.3)).collect();
                prop_assert_eq!(watches.count(), distinct.len());
                prop_assert_eq!(watches.is_empty(), twin.is_empty());
            }
        }
    }
}
