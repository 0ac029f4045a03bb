//! What reads answer, and who may ask (docs/protocol.md, C3.5 and C8.5).

use super::*;
use crate::effects::Delivery;
use crate::message::{ErrorCode, Id, MultiResult, Op, Reply};

fn some(path: &str) -> Option<String> {
    Some(path.to_owned())
}

fn ann() -> Id {
    Id { scheme: "digest".to_owned(), id: "ann:hash".to_owned() }
}

fn sample() -> Applied {
    let mut applied = Applied::new();
    for path in ["/a", "/a/c", "/a/b", "/a/b/x"] {
        applied.create(path);
    }
    for path in ["/e1", "/g", "/ge1"] {
        applied.apply(create(path, true));
    }
    applied.apply(create_for("/hers", false, vec![Acl { perms: 31, id: ann() }]));
    applied.apply(create_for("/write-only", false, vec![Acl { perms: 2, ..Acl::open() }]));
    applied.apply(create_for("/admin", false, vec![Acl { perms: 16, id: ann() }]));
    applied
}

fn answer(applied: &Applied, op: &Op, auth: &[Id]) -> Result<ReplyBody, i32> {
    let reply = applied.replica.read_shared(op, auth, SESSION, 5).expect("it leaves no watch");
    assert_eq!((reply.cxid, reply.zxid), (5, Zxid(applied.zxid)));
    reply.result.map_err(ErrorCode::number)
}

#[test]
fn reads_fail_as_zookeeper_fails_them() {
    let applied = sample();
    let exists = |path| Op::Exists { path, watch: false };
    let data = |path| Op::GetData { path, watch: false };
    let cases = [
        (exists(None), -5),
        (exists(some("/none")), -101),
        (exists(some("/a\0")), -8),
        (data(some("/a\0")), -101),
        (data(some("a//b")), -101),
        (data(some("/write-only")), -102),
        (exists(some("/write-only")), -102),
        (Op::GetChildren { path: some("/hers"), watch: false }, -102),
        (Op::GetChildren2 { path: None, watch: false }, -5),
        (Op::GetAllChildrenNumber { path: some("/hers") }, -102),
        (Op::GetAcl { path: some("/write-only") }, -102),
        (Op::GetAcl { path: some("/none") }, -101),
    ];
    for (op, code) in cases {
        assert_eq!(answer(&applied, &op, &[]), Err(code), "{op:?}");
    }
}

#[test]
fn children_come_by_name_and_descendants_are_counted() {
    let applied = sample();
    let children = Op::GetChildren { path: some("/a"), watch: false };
    let names = vec!["b".to_owned(), "c".to_owned()];
    assert_eq!(answer(&applied, &children, &[]), Ok(ReplyBody::Children(names)));
    let count = |path| Op::GetAllChildrenNumber { path: some(path) };
    assert_eq!(answer(&applied, &count("/a"), &[]), Ok(ReplyBody::Number(3)));
    assert_eq!(answer(&applied, &count("/a/c"), &[]), Ok(ReplyBody::Number(0)));
    assert_eq!(answer(&applied, &count("/"), &[]), Ok(ReplyBody::Number(13)));
    assert_eq!(answer(&Applied::new(), &count("/"), &[]), Ok(ReplyBody::Number(3)));
    assert_eq!(answer(&Applied::new(), &count(""), &[]), Ok(ReplyBody::Number(4)));
}

#[test]
fn ephemerals_are_listed_by_plain_prefix() {
    let applied = sample();
    let cases = [
        (Some("/g"), vec!["/g", "/ge1"]),
        (Some("/ge"), vec!["/ge1"]),
        (None, vec!["/e1", "/g", "/ge1"]),
        (Some(" "), vec!["/e1", "/g", "/ge1"]),
        (Some("/"), vec!["/e1", "/g", "/ge1"]),
        (Some("/ "), vec!["/e1", "/g", "/ge1"]),
        (Some("/none"), vec![]),
    ];
    for (prefix, expected) in cases {
        let op = Op::GetEphemerals { prefix: prefix.map(str::to_owned) };
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(answer(&applied, &op, &[]), Ok(ReplyBody::Children(expected)), "{prefix:?}");
    }
}

#[test]
fn a_list_shows_its_digests_only_to_who_administers() {
    let applied = sample();
    let shown = |auth: &[Id]| match answer(&applied, &Op::GetAcl { path: some("/admin") }, auth) {
        Ok(ReplyBody::Acl { acl, .. }) => Ok(acl[0].id.id.clone()),
        Ok(other) => panic!("{other:?}"),
        Err(code) => Err(code),
    };
    assert_eq!(shown(&[ann()]), Ok("ann:hash".to_owned()));
    assert_eq!(shown(&[]), Err(-102));
    let mut applied = Applied::new();
    let readable = vec![Acl { perms: 16, id: ann() }, Acl { perms: 1, ..Acl::open() }];
    applied.apply(create_for("/admin", false, readable));
    let Ok(ReplyBody::Acl { acl, .. }) =
        answer(&applied, &Op::GetAcl { path: some("/admin") }, &[])
    else {
        panic!("it is readable")
    };
    assert_eq!(acl[0].id.id, "ann:x");
}

#[test]
fn who_am_i_shows_users_and_no_hashes() {
    let ids = [
        ann(),
        Id { scheme: "ip".to_owned(), id: "10.0.0.1".to_owned() },
        Id { scheme: "super".to_owned(), id: String::new() },
    ];
    let pair = |scheme: &str, user: &str| (scheme.to_owned(), user.to_owned());
    let expected = vec![pair("digest", "ann"), pair("ip", "10.0.0.1"), pair("super", "")];
    let answered = answer(&Applied::new(), &Op::WhoAmI, &ids);
    assert_eq!(answered, Ok(ReplyBody::ClientInfo(expected)));
}

#[test]
fn a_shared_read_is_none_that_leaves_a_watch_or_goes_through_the_log() {
    let replica = Applied::new().replica;
    for op in [
        Op::Exists { path: some("/"), watch: true },
        Op::GetChildren2 { path: some("/"), watch: true },
        Op::Delete { path: some("/a"), version: -1 },
        Op::CloseSession,
    ] {
        assert_eq!(replica.read_shared(&op, &[], SESSION, 1), None, "{op:?}");
    }
    assert!(replica.read_shared(&Op::Ping, &[], SESSION, 1).is_some());
}

#[test]
fn replies_carry_the_start_of_the_epoch_until_something_newer_is_applied() {
    let mut applied = Applied::new();
    applied.create("/a");
    let mut out = Outbox::default();
    assert!(!applied.replica.serving());
    applied.replica.deliver(&Delivery::Serve { at: Zxid(9) }, &mut out);
    assert!(applied.replica.serving());
    assert_eq!((applied.replica.last_zxid(), applied.replica.reply_zxid()), (Zxid(1), Zxid(9)));
    let sync = Delivery::Sync { origin: ANN, cxid: 3, path: some("/a") };
    applied.replica.deliver(&sync, &mut out);
    let result = Ok(ReplyBody::Path(some("/a")));
    let reply = Reply { cxid: 3, zxid: Zxid(9), result };
    assert_eq!(out.messages, [(ANN, ToClient::Reply(reply))]);
    applied.zxid = 9;
    applied.create("/b");
    assert_eq!(applied.replica.reply_zxid(), Zxid(10));
    applied.replica.deliver(&Delivery::StopServing, &mut out);
    assert!(!applied.replica.serving());
}

#[test]
fn a_write_of_a_session_that_moved_closes_its_connection_without_a_word() {
    let mut applied = Applied::new();
    let moved = || TxnBody::Error { code: -118 };
    let element = crate::message::MultiElement;
    for body in [moved(), TxnBody::Multi { elements: vec![element(moved())] }] {
        let txn = applied.txn(body);
        let mut out = Outbox::default();
        applied.replica.apply_txn(&txn, Some(ANN), &mut out);
        assert_eq!((out.messages, out.moved), (vec![], vec![ANN]));
    }
}

#[test]
fn an_opened_session_is_answered_with_its_password() {
    let mut applied = Applied::new();
    let txn = applied.txn(TxnBody::CreateSession { timeout_ms: 4000 });
    let mut out = Outbox::default();
    applied.replica.apply_txn(&txn, Some(ANN), &mut out);
    let password = crate::replica::password(SESSION);
    let connected = ReplyBody::Connected { timeout_ms: 4000, session: SESSION, password };
    let reply = Reply { cxid: 7, zxid: Zxid(1), result: Ok(connected) };
    assert_eq!(out.messages, [(ANN, ToClient::Reply(reply))]);
    assert_eq!(applied.replica.tree().sessions()[&SESSION], 4000);
}

#[test]
fn what_was_applied_already_is_not_applied_again() {
    let mut applied = Applied::new();
    let txn = applied.txn(create("/a", false));
    let mut out = Outbox::default();
    applied.replica.apply_txn(&txn, Some(ANN), &mut out);
    applied.replica.apply_txn(&txn, Some(ANN), &mut out);
    assert_eq!(out.messages.len(), 1);
}

#[test]
fn a_digest_that_differs_is_counted_and_nothing_more() {
    let mut applied = Applied::new();
    let mut txn = applied.txn(create("/a", false));
    txn.digest = Some(crate::message::TxnDigest { version: 2, tree: 1 });
    applied.replica.apply_txn(&txn, None, &mut Outbox::default());
    assert_eq!(applied.replica.digest_mismatches(), 1);
    assert!(applied.replica.tree().get("/a").is_some());
}

#[test]
fn several_reads_at_once_are_answered_each_for_itself() {
    let applied = sample();
    let data = |path| Op::GetData { path, watch: false };
    let names = |path| Op::GetChildren { path, watch: true };
    let several =
        vec![data(some("/a/c")), names(some("/a")), data(some("/none")), names(some("/hers"))];
    assert!(
        !crate::replica::read::wants_watch(&Op::MultiRead(several.clone())),
        "whatever is asked"
    );
    let stat = applied.replica.tree().get("/a/c").unwrap().visible_stat();
    let expected = vec![
        MultiResult::Data { data: Some(Bytes::new()), stat },
        MultiResult::Children(vec!["b".to_owned(), "c".to_owned()]),
        MultiResult::Error(-101),
        MultiResult::Error(-102),
    ];
    assert_eq!(answer(&applied, &Op::MultiRead(several), &[]), Ok(ReplyBody::Multi(expected)));
    let none = Ok(ReplyBody::Multi(vec![]));
    assert_eq!(answer(&applied, &Op::MultiRead(vec![]), &[]), none);
    let with_null = Op::MultiRead(vec![data(some("/a")), data(None)]);
    assert_eq!(answer(&applied, &with_null, &[]), Err(-5));
}
