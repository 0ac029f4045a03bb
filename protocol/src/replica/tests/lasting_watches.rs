//! Watches that last until they are removed, looked for and taken away (docs/protocol.md, C6.7).

use super::*;
use crate::message::{Id, Op, WatcherType};
use crate::replica::Mode;

fn check(path: &str, kind: WatcherType) -> Op {
    Op::CheckWatches { path: Some(path.to_owned()), kind }
}

fn remove(path: &str, kind: WatcherType) -> Op {
    Op::RemoveWatches { path: Some(path.to_owned()), kind }
}

/// Ann watches `/a` in every way there is.
fn in_every_way() -> Applied {
    let mut applied = Applied::new();
    applied.create("/a");
    applied.watch_data(ANN, "/a");
    applied.watch_children(ANN, "/a");
    applied.watch_all(ANN, "/a", Mode::Persistent);
    applied.watch_all(ANN, "/a", Mode::Recursive);
    applied
}

const EVERY_TYPE: [WatcherType; 5] = [
    WatcherType::Children,
    WatcherType::Data,
    WatcherType::Any,
    WatcherType::Persistent,
    WatcherType::PersistentRecursive,
];

#[test]
fn looking_for_a_watch_leaves_it_where_it_is() {
    let mut applied = in_every_way();
    for kind in EVERY_TYPE {
        assert_eq!(applied.ask(ANN, check("/a", kind)), ["1: done"], "{kind:?}");
        assert_eq!(applied.ask(BEN, check("/a", kind)), ["2: -121"], "Ben has none: {kind:?}");
        assert_eq!(applied.ask(ANN, check("/", kind)), ["1: -121"], "not at that path: {kind:?}");
    }
    assert_eq!(applied.set("/a", "x"), ["1: changed /a at 2"], "they are all still there");
}

#[test]
fn each_type_removes_its_own_mode_and_leaves_the_others() {
    for (i, kind) in EVERY_TYPE.into_iter().enumerate() {
        let mut applied = in_every_way();
        applied.watch_data(BEN, "/a");
        assert_eq!(applied.ask(ANN, remove("/a", kind)), ["1: done"], "no event, just an answer");
        assert_eq!(applied.ask(ANN, remove("/a", kind)), ["1: -121"], "once is enough");
        for (j, other) in EVERY_TYPE.into_iter().enumerate() {
            let answer = applied.ask(ANN, check("/a", other));
            let gone = i == j || kind == WatcherType::Any;
            assert_eq!(answer, [if gone { "1: -121" } else { "1: done" }], "{kind:?}, {other:?}");
        }
        assert_eq!(applied.ask(BEN, check("/a", WatcherType::Data)), ["2: done"], "Ben keeps his");
    }
}

#[test]
fn what_was_removed_tells_nothing_any_more() {
    let mut applied = in_every_way();
    applied.ask(ANN, remove("/a", WatcherType::Data));
    applied.ask(ANN, remove("/a", WatcherType::Persistent));
    assert_eq!(applied.create("/a/b"), ["1: created /a/b at 2", "1: children /a at 2"]);
    assert!(applied.create("/a/c").len() == 1, "the child watch was a standard one");
    applied.ask(ANN, remove("/a", WatcherType::PersistentRecursive));
    assert!(applied.create("/a/d").is_empty());
    assert!(applied.replica.watches().is_empty());
}

#[test]
fn a_watch_waits_at_any_text_and_even_at_a_null_path() {
    let mut applied = Applied::new();
    applied.watch_all(ANN, "not a path", Mode::Recursive);
    let odd = check("not a path", WatcherType::PersistentRecursive);
    assert_eq!(applied.ask(ANN, odd), ["1: done"]);
    let kind = WatcherType::PersistentRecursive;
    for (op, answer) in [
        (Op::CheckWatches { path: None, kind }, "1: -121"),
        (Op::AddWatch { path: None, recursive: true }, "1: Number(0)"),
        (Op::CheckWatches { path: None, kind }, "1: done"),
        (Op::RemoveWatches { path: None, kind }, "1: done"),
        (Op::RemoveWatches { path: None, kind }, "1: -121"),
    ] {
        assert_eq!(applied.ask(ANN, op), [answer]);
    }
    assert_eq!(applied.replica.watches().count(), 1);
}

#[test]
fn a_recursive_watch_is_judged_by_the_list_of_the_node_that_changed() {
    let hers = Id { scheme: "digest".to_owned(), id: "ann:hash".to_owned() };
    let mut applied = Applied::new();
    applied.create("/a");
    for origin in [ANN, BEN] {
        applied.watch_all(origin, "/a", Mode::Recursive);
    }
    applied.replica.identify(ANN, vec![hers.clone()]);
    let acl = vec![Acl { perms: 31, id: hers }];
    let told = applied.apply(create_for("/a/secret", false, acl));
    assert_eq!(told, ["1: created /a/secret at 2"], "/a is open, but not what is below");
    assert_eq!(applied.set("/a", "x"), ["1: changed /a at 3", "2: changed /a at 3"]);
    assert_eq!(applied.delete("/a/secret"), ["1: deleted /a/secret at 4"], "judged as before it");
}

#[test]
fn a_multi_tells_of_its_elements_in_their_order() {
    use crate::message::MultiElement;
    let mut applied = Applied::new();
    applied.watch_all(ANN, "/", Mode::Recursive);
    applied.watch_children(BEN, "/");
    let deleted = TxnBody::Delete { container: false, path: "/a".to_owned() };
    let elements = [create("/a", false), set("/a", "x"), deleted].map(MultiElement).to_vec();
    let expected =
        ["1: created /a at 1", "2: children / at 1", "1: changed /a at 1", "1: deleted /a at 1"];
    assert_eq!(applied.apply(TxnBody::Multi { elements }), expected);
}

#[test]
fn watches_set_again_last_as_before_and_catch_nothing_up() {
    let mut applied = Applied::new();
    applied.create("/a");
    let owned = |path: &str| vec![path.to_owned()];
    let op = Op::SetWatches {
        two: true,
        relative_zxid: Zxid::ZERO,
        data: vec![],
        exist: vec![],
        child: vec![],
        persistent: owned("/a"),
        recursive: owned("/"),
    };
    assert_eq!(applied.ask(ANN, op), ["1: done"], "/a is newer, and nothing is said of it");
    for round in [2, 4] {
        let expected =
            [format!("1: created /a/b at {round}"), format!("1: children /a at {round}")];
        assert_eq!(applied.create("/a/b"), expected);
        applied.delete("/a/b");
    }
}
