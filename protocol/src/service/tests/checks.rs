//! Which code each failing check gives, and in which order they come (docs/protocol.md, C3.4,
//! C3.6).

use crate::base::ConnectionId;
use crate::base::{Config, Ensemble, Now, ServerId, SessionId, ZnodeRules, Zxid};
use crate::message::{
    Acl, CreateOp, Id, MultiElement, MultiResult, Op, ReplyBody, Request, Txn, TxnBody, TxnHeader,
};
use crate::replica::{DataTree, Outbox, Replica, ToClient};
use crate::service::Service;
use bytes::Bytes;
use std::sync::Arc;

const ANN: SessionId = SessionId(0xa);

/// A leader that applies everything at once.
pub struct Leader {
    pub service: Service,
    pub replica: Replica,
    zxid: Zxid,
}

impl Leader {
    fn new(extended_types: bool) -> Leader {
        Leader::with(ZnodeRules { extended_types, ..ZnodeRules::default() })
    }

    fn with(znodes: ZnodeRules) -> Leader {
        let mut config = Config::new(ServerId(1), Arc::new(Ensemble::numbered(3, 0)));
        config.znodes = znodes;
        let mut service = Service::new(&Arc::new(config));
        let replica = Replica::new(DataTree::new(), Zxid::ZERO);
        service.begin_leading(Now::default(), replica.tree());
        let mut leader = Leader { service, replica, zxid: Zxid::ZERO };
        let _ = leader.ask(Op::CreateSession { timeout_ms: 4000 });
        leader
    }

    fn prepare(&mut self, op: Op) -> TxnBody {
        let request = Request { session: ANN, cxid: 1, op, auth: Vec::new() };
        self.zxid = self.zxid.successor().unwrap();
        let now = Now { wall_ms: 1000, ..Now::default() };
        let tree = self.replica.tree();
        let txn = self.service.prepare(now, self.zxid, &request, ServerId(1), tree);
        assert_eq!(txn.digest.is_none(), matches!(txn.body, TxnBody::Error { .. }));
        txn.body
    }

    fn ask(&mut self, op: Op) -> Result<ReplyBody, i32> {
        let request = Request { session: ANN, cxid: 1, op, auth: Vec::new() };
        self.zxid = self.zxid.successor().unwrap();
        let now = Now { wall_ms: 1000, ..Now::default() };
        let tree = self.replica.tree();
        let txn = self.service.prepare(now, self.zxid, &request, ServerId(1), tree);
        let mut out = Outbox::default();
        self.replica.apply_txn(&txn, Some(ConnectionId(1)), &mut out);
        self.service.applied(self.zxid);
        assert_eq!(self.replica.digest_mismatches(), 0);
        match out.messages.pop() {
            Some((_, ToClient::Reply(reply))) => reply.result.map_err(|code| code.number()),
            other => panic!("{other:?} is no reply"),
        }
    }

    fn code(&mut self, op: Op) -> i32 {
        self.ask(op).err().unwrap_or_default()
    }

    /// What an older log has left: a transaction as it stands there.
    fn replay(&mut self, body: TxnBody) {
        self.zxid = self.zxid.successor().unwrap();
        let header = TxnHeader { session: ANN, cxid: 0, zxid: self.zxid, time_ms: 0 };
        let txn = Txn { header, body, digest: None };
        self.replica.apply_txn(&txn, None, &mut Outbox::default());
    }

    fn created(&mut self, op: Op) -> String {
        match self.ask(op) {
            Ok(ReplyBody::Path(Some(path)) | ReplyBody::PathStat { path, .. }) => path,
            other => panic!("{other:?} is no path"),
        }
    }
}

fn create(path: &str, flags: i32) -> Op {
    create_with(CreateOp::Create, Some(path), flags, -1, Some(vec![Acl::open()]))
}

fn create_with(
    op: CreateOp,
    path: Option<&str>,
    flags: i32,
    ttl_ms: i64,
    acl: Option<Vec<Acl>>,
) -> Op {
    let path = path.map(str::to_owned);
    Op::Create { op, path, data: None, acl, flags, ttl_ms }
}

fn delete(path: &str, version: i32) -> Op {
    Op::Delete { path: Some(path.to_owned()), version }
}

fn set(path: &str, version: i32) -> Op {
    Op::SetData { path: Some(path.to_owned()), data: None, version }
}

fn set_acl(path: &str, perms: i32, version: i32) -> Op {
    let acl = Some(vec![Acl { perms, ..Acl::open() }]);
    Op::SetAcl { path: Some(path.to_owned()), acl, version }
}

fn check(path: &str, version: i32) -> Op {
    Op::Check { path: Some(path.to_owned()), version }
}

#[test]
fn creates_fail_with_the_code_of_their_first_failing_check() {
    let open = || Some(vec![Acl::open()]);
    let mut leader = Leader::new(false);
    for (path, flags) in [("/a", 0), ("/mine", 1), ("/closed", 0)] {
        assert_eq!(leader.code(create(path, flags)), 0);
    }
    assert_eq!(leader.code(set_acl("/closed", 1, -1)), 0);
    let nobody = Some(vec![Acl { perms: 31, id: Id { scheme: "what".into(), id: "".into() } }]);
    let cases = [
        (create("/a", 7), -8, "no such flags"),
        (create("/a", -1), -8, "no such flags"),
        (create_with(CreateOp::CreateTtl, Some("/t"), 5, 100, open()), -6, "types are off"),
        (create_with(CreateOp::Create, None, 7, -1, open()), -8, "flags before the null path"),
        (create_with(CreateOp::Create, None, 0, -1, open()), -5, "a null path"),
        (create("/a//b", 0), -101, "the parent before the path"),
        (create("foo/bar", 0), -101, "the parent before the path"),
        (create("foo", 0), -8, "no slash"),
        (create("/a\0", 0), -8, "a NUL"),
        (create("/a/", 0), -8, "ends with a slash"),
        (create("/", 0), -110, "the root exists"),
        (create("/.", 0), -8, "a dot alone"),
        (create_with(CreateOp::Create, Some("/none/b"), 0, -1, None), -114, "list before parent"),
        (create_with(CreateOp::Create, Some("/b"), 0, -1, Some(vec![])), -114, "an empty list"),
        (create_with(CreateOp::Create, Some("/b"), 0, -1, nobody), -114, "an unknown scheme"),
        (create("/none/b", 0), -101, "no parent"),
        (create("/closed/..", 0), -102, "permission before the path"),
        (create("/closed/b", 0), -102, "no CREATE on the parent"),
        (create("/a", 0), -110, "it exists"),
        (create("/mine/b", 0), -108, "the parent is an ephemeral"),
        (
            create_with(CreateOp::CreateContainer, Some("/c"), 1, -1, open()),
            -8,
            "an owned container",
        ),
        (create_with(CreateOp::CreateTtl, Some("/c"), 0, -1, open()), -8, "a TTL of none"),
    ];
    for (op, code, why) in cases {
        assert_eq!(leader.code(op.clone()), code, "{why}: {op:?}");
    }
}

#[test]
fn ttl_nodes_need_a_time_to_live_that_fits() {
    let mut leader = Leader::new(true);
    let ttl = |flags, ttl_ms| {
        create_with(CreateOp::CreateTtl, Some("/t"), flags, ttl_ms, Some(vec![Acl::open()]))
    };
    for (op, code) in [
        (ttl(5, 0), -8),
        (ttl(5, -1), -8),
        (ttl(5, 1 << 40), -8),
        (ttl(0, 100), -8),
        (create("/t", 5), -8),
        (ttl(5, (1 << 40) - 1), 0),
    ] {
        assert_eq!(leader.code(op.clone()), code, "{op:?}");
    }
    assert_eq!(leader.created(ttl(6, 9)), "/t0000000001");
}

#[test]
fn deletes_sets_and_checks_fail_with_the_code_of_their_first_failing_check() {
    let mut leader = Leader::new(false);
    for path in ["/a", "/a/b", "/closed", "/closed/b"] {
        assert_eq!(leader.code(create(path, 0)), 0);
    }
    assert_eq!(leader.code(set_acl("/closed", 1, 0)), 0);
    let unlisted = Op::SetAcl { path: Some("/none".into()), acl: Some(vec![]), version: -1 };
    let cases = [
        (delete("/", -1), -8, "the root"),
        (delete("/zookeeper", -1), -8, "reserved"),
        (delete("/zookeeper/quota", -1), -8, "reserved"),
        (delete("/zookeeper/config", -1), -8, "reserved"),
        (delete("foo", -1), -8, "no slash"),
        (delete("/none/b", -1), -101, "no parent"),
        (delete("/closed/b", -1), -102, "no DELETE on the parent"),
        (delete("/closed/none", -1), -102, "permission before existence"),
        (delete("/none", -1), -101, "no node"),
        (delete("/a", 1), -103, "version before children"),
        (delete("/a", -2), -103, "only -1 matches everything"),
        (delete("/a", 0), -111, "children"),
        (set("/a/", -1), -8, "path"),
        (set("/none", 5), -101, "no node"),
        (set("/closed", 5), -102, "permission before version"),
        (set("/a", 5), -103, "version"),
        (unlisted, -114, "list before node"),
        (set_acl("/none", 31, -1), -101, "no node"),
        (set_acl("/closed", 31, 5), -102, "permission before version"),
        (set_acl("/a", 31, 5), -103, "the version of the list"),
        (set_acl("/zookeeper/config", 31, -1), -102, "for nobody but super"),
        (check("/a", 0), -6, "a check that stands alone"),
    ];
    for (op, code, why) in cases {
        assert_eq!(leader.code(op.clone()), code, "{why}: {op:?}");
    }
}

#[test]
fn names_are_numbered_by_all_the_children_ever_created() {
    let mut leader = Leader::new(false);
    assert_eq!(leader.created(create("/t", 0)), "/t");
    assert_eq!(leader.created(create("/t/one", 0)), "/t/one");
    assert_eq!(leader.created(create("/t/two", 0)), "/t/two");
    assert_eq!(leader.code(create("/t/two", 0)), -110);
    assert_eq!(leader.created(create("/t/s-", 2)), "/t/s-0000000002");
    assert_eq!(leader.created(create("/t/e-", 3)), "/t/e-0000000003");
    assert_eq!(leader.code(delete("/t/s-0000000002", -1)), 0);
    assert_eq!(leader.created(create("/t/", 2)), "/t/0000000004");
    assert_eq!(leader.created(create("/.", 2)), "/.0000000001");
    let voided = Op::Multi(vec![create("/t/m-", 2), check("/none", 0)]);
    assert!(leader.ask(voided).is_ok());
    assert_eq!(leader.created(create("/t/n-", 2)), "/t/n-0000000005", "a failed multi leaves none");
}

#[test]
fn a_multi_sees_its_own_changes_and_answers_each() {
    let mut leader = Leader::new(false);
    let multi = Op::Multi(vec![
        create("/a", 0),
        set("/a", 0),
        check("/a", 1),
        create_with(CreateOp::Create2, Some("/a/b"), 0, -1, Some(vec![Acl::open()])),
        create("/c", 4),
        delete("/a/b", -1),
    ]);
    let Ok(ReplyBody::Multi(results)) = leader.ask(multi) else { panic!("it succeeds") };
    let stat = |path: &str| leader.replica.tree().get(path).unwrap().visible_stat();
    assert_eq!(results[0], MultiResult::Create { path: "/a".to_owned() });
    assert!(matches!(results[1], MultiResult::SetData { stat } if stat.version == 1));
    assert_eq!(results[2], MultiResult::Check);
    let MultiResult::Create2 { path, stat: first } = &results[3] else { panic!("{results:?}") };
    assert_eq!((path.as_str(), first.pzxid), ("/a/b", first.czxid));
    assert_eq!(results[4], MultiResult::Create2 { path: "/c".to_owned(), stat: stat("/c") });
    assert_eq!(results[5], MultiResult::Delete);
    assert_eq!(leader.ask(Op::Multi(vec![])), Ok(ReplyBody::Multi(vec![])));
}

#[test]
fn a_failed_multi_says_which_element_failed_and_changes_nothing() {
    let mut leader = Leader::new(false);
    let failing = || {
        let deleted = delete("/none", -1);
        Op::Multi(vec![create("/a", 0), deleted, create("/b", 0), delete("/zookeeper", 0)])
    };
    let body = leader.prepare(failing());
    let TxnBody::Multi { elements } = body else { panic!("{body:?} is no multi") };
    let types: Vec<i32> = elements.iter().map(|MultiElement(body)| body.type_number()).collect();
    assert_eq!(types, [1, -1, -1, -1], "the element before keeps its record");
    let expected = [0, -101, -2, -2].map(MultiResult::Error).to_vec();
    assert_eq!(leader.ask(failing()), Ok(ReplyBody::Multi(expected)));
    assert_eq!(leader.replica.tree().node_count(), 4);
}

#[test]
fn a_multi_with_an_element_that_has_no_place_in_it_fails_as_a_whole() {
    let open = Some(vec![Acl::open()]);
    let mut leader = Leader::new(true);
    for stranger in [
        create("/x", 7),
        create("/x", 5),
        create_with(CreateOp::Create2, Some("/x"), 6, -1, open),
        create_with(CreateOp::Create, Some("/x"), 0, -1, None),
        set_acl("/", 31, -1),
        Op::Exists { path: None, watch: false },
        Op::Multi(vec![]),
    ] {
        let multi = Op::Multi(vec![create("/a", 0), stranger.clone()]);
        assert_eq!(leader.code(multi), -5, "{stranger:?}");
    }
    assert_eq!(leader.replica.tree().node_count(), 4);
}

#[test]
fn closing_takes_what_is_still_on_its_way_and_refuses_what_comes_behind() {
    let mut leader = Leader::new(false);
    assert_eq!(leader.code(create("/parent", 0)), 0);
    assert_eq!(leader.code(create("/parent/old", 1)), 0);
    assert_eq!(leader.code(create("/parent/gone", 1)), 0);
    // From here on nothing is applied.
    leader.prepare(delete("/parent/gone", -1));
    leader.prepare(create("/parent/new", 1));
    let paths = Some(vec!["/parent/new".to_owned(), "/parent/old".to_owned()]);
    assert_eq!(leader.prepare(Op::CloseSession), TxnBody::CloseSession { paths });
    assert_eq!(leader.prepare(set("/parent", -1)), TxnBody::Error { code: -112 });
    assert_eq!(leader.prepare(Op::CloseSession), TxnBody::CloseSession { paths: Some(vec![]) });
    let ben = Request { session: SessionId(0xb), cxid: 1, op: delete("/parent", -1), auth: vec![] };
    let opening = Request { op: Op::CreateSession { timeout_ms: 4000 }, ..ben.clone() };
    let mut ask = |request, zxid| {
        let (now, tree) = (Now::default(), leader.replica.tree());
        leader.service.prepare(now, Zxid(zxid), request, ServerId(1), tree).body
    };
    ask(&opening, 100);
    let deleted = TxnBody::Delete { container: false, path: "/parent".to_owned() };
    assert_eq!(ask(&ben, 101), deleted, "its children are counted as gone");
}

#[test]
fn a_reconfiguration_is_refused_as_disabled_and_takes_a_zxid_all_the_same() {
    let mut leader = Leader::new(false);
    let text = Some("server.4=d:1:2:participant".to_owned());
    let op = Op::Reconfig { joining: text, leaving: None, members: None, config_id: -1 };
    assert!(op.is_write());
    assert_eq!(leader.code(op), -123);
    assert_eq!(leader.replica.last_zxid(), Zxid(2), "after the session's");
}

#[test]
fn a_quota_refuses_only_where_it_is_enforced_and_by_the_tree_as_it_is() {
    let holding = |path: &str, text: &'static [u8]| {
        let (path, data) = (Some(path.to_owned()), Some(Bytes::from_static(text)));
        let (op, acl) = (CreateOp::Create, Some(vec![Acl::open()]));
        Op::Create { op, path, data, acl, flags: 0, ttl_ms: -1 }
    };
    let text = |path: &str, text: &'static [u8]| Op::SetData {
        path: Some(path.to_owned()),
        data: Some(Bytes::from_static(text)),
        version: -1,
    };
    for enforce_quota in [false, true] {
        let refused = if enforce_quota { -125 } else { 0 };
        let mut leader = Leader::with(ZnodeRules { enforce_quota, ..ZnodeRules::default() });
        for (path, data) in [
            ("/a", &b"12"[..]),
            ("/zookeeper/quota/a", b""),
            ("/zookeeper/quota/a/zookeeper_limits", b"countHardLimit=3;byteHardLimit=6"),
            ("/zookeeper/quota/a/zookeeper_stats", b""),
        ] {
            assert_eq!(leader.code(holding(path, data)), 0);
        }
        assert_eq!(leader.code(holding("/a/long", b"12345")), refused, "7 bytes");
        assert_eq!(leader.code(text("/a", b"1234567")), refused, "7 bytes");
        assert_eq!(leader.code(text("/a", b"12")), 0, "no more than before");
        if enforce_quota {
            let several = Op::Multi(vec![create("/a/x", 0), create("/a/y", 0), create("/a/z", 0)]);
            assert!(leader.ask(several).is_ok(), "each is held against the tree before the multi");
            assert_eq!(leader.code(create("/a/q", 0)), -125, "4 nodes are too many already");
            let Ok(ReplyBody::Multi(results)) = leader.ask(Op::Multi(vec![create("/a/q", 0)]))
            else {
                panic!("a multi is answered element by element");
            };
            assert_eq!(results, [MultiResult::Error(-125)]);
            assert_eq!(leader.code(delete("/a/x", -1)), 0, "less is always allowed");
            assert_eq!(leader.code(create("/a/y", 0)), -110, "what else is wrong comes first");
        }
    }
}

#[test]
fn the_counter_of_names_sticks_at_its_end() {
    let mut leader = Leader::new(false);
    assert_eq!(leader.code(create("/p", 0)), 0);
    let (path, acl) = ("/p/old".to_owned(), vec![Acl::open()]);
    let (create2, ephemeral, parent_cversion) = (false, false, i32::MAX);
    let body = TxnBody::Create { create2, path, data: None, acl, ephemeral, parent_cversion };
    leader.replay(body);
    let stat = |leader: &Leader| leader.replica.tree().get("/p").unwrap().stat;
    let before = stat(&leader);
    assert_eq!(leader.created(create("/p/a-", 2)), "/p/a-2147483647");
    assert_eq!(leader.code(create("/p/a-", 2)), -110, "it was given out");
    assert_eq!(leader.created(create("/p/b-", 2)), "/p/b-2147483647", "once for each prefix");
    assert_eq!(stat(&leader), before, "neither the counter nor pzxid moves any more");
    // The next two are prepared before the first is applied.
    leader.prepare(create("/p/c-", 2));
    assert_eq!(leader.prepare(create("/p/c-", 2)), TxnBody::Error { code: -110 });
}

#[test]
fn versions_begin_anew_from_the_lowest_number_and_pass_over_the_one_that_means_any() {
    let mut leader = Leader::new(false);
    assert_eq!(leader.code(create("/a", 0)), 0);
    for (before, after) in [(i32::MAX, i32::MIN), (-2, 0)] {
        let path = "/a".to_owned();
        leader.replay(TxnBody::SetData { reconfig: false, path, data: None, version: before });
        let Ok(ReplyBody::Stat(stat)) = leader.ask(set("/a", before)) else { panic!("it is set") };
        assert_eq!(stat.version, after);
        leader.replay(TxnBody::SetAcl {
            path: "/a".to_owned(),
            acl: vec![Acl::open()],
            version: before,
        });
        let Ok(ReplyBody::Stat(stat)) = leader.ask(set_acl("/a", 31, before)) else {
            panic!("it is set")
        };
        assert_eq!(stat.aversion, after);
    }
}
