//! Random requests against the twin: the leader prepares them while its replica lags by any amount,
//! and everything comes out as if they had been done one at a time.

use super::twin::{Asking, Outcome, Twin};
use crate::base::{Config, Ensemble, Now, ServerId, SessionId, Zxid};
use crate::message::{Acl, CreateOp, Id, MultiElement, Op, Request, Txn, TxnBody};
use crate::replica::image::{decode, encode};
use crate::replica::{DataTree, Outbox, Replica};
use crate::service::Service;
use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::VecDeque;
use std::sync::Arc;

const PATHS: [&str; 14] = [
    "/a",
    "/a",
    "/a",
    "/b",
    "/a/x",
    "/a/x",
    "/a/y",
    "/b/z",
    "/a/x/q",
    "/",
    "/zookeeper",
    "/a//b",
    "/a/",
    "a",
];

fn path() -> impl Strategy<Value = Option<String>> {
    select(&PATHS[..]).prop_map(|path| Some(path.to_owned()))
}

fn data() -> impl Strategy<Value = Option<Bytes>> {
    select(vec![None, Some(&b""[..]), Some(&b"one"[..]), Some(&b"another"[..])])
        .prop_map(|data| data.map(Bytes::from_static))
}

fn ann() -> Id {
    Id { scheme: "digest".to_owned(), id: "ann:hash".to_owned() }
}

fn acl() -> impl Strategy<Value = Option<Vec<Acl>>> {
    let hers = vec![Acl { perms: 31, id: ann() }, Acl { perms: 1, ..Acl::open() }];
    let read_only = vec![Acl { perms: 1 | 16, ..Acl::open() }];
    prop_oneof![8 => Just(vec![Acl::open()]), 1 => Just(hers), 1 => Just(read_only)].prop_map(Some)
}

fn version() -> impl Strategy<Value = i32> {
    prop_oneof![3 => Just(-1), 1 => 0..3_i32, 1 => Just(-2)]
}

fn single() -> impl Strategy<Value = Op> {
    let kinds = vec![
        (CreateOp::Create, 0),
        (CreateOp::Create2, 1),
        (CreateOp::Create, 2),
        (CreateOp::Create2, 3),
        (CreateOp::CreateContainer, 0),
        (CreateOp::Create, 4),
    ];
    prop_oneof![
        5 => (select(kinds), path(), data(), acl()).prop_map(|((op, flags), path, data, acl)| {
            Op::Create { op, path, data, acl, flags, ttl_ms: -1 }
        }),
        2 => (path(), version()).prop_map(|(path, version)| Op::Delete { path, version }),
        3 => (path(), data(), version())
            .prop_map(|(path, data, version)| Op::SetData { path, data, version }),
    ]
}

fn check() -> impl Strategy<Value = Op> {
    (path(), version()).prop_map(|(path, version)| Op::Check { path, version })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => single(),
        1 => (path(), acl(), version())
            .prop_map(|(path, acl, version)| Op::SetAcl { path, acl, version }),
        3 => prop::collection::vec(prop_oneof![4 => single(), 1 => check()], 0..5)
            .prop_map(Op::Multi),
        1 => Just(Op::CloseSession),
        2 => Just(Op::CreateSession { timeout_ms: 4000 }),
    ]
}

/// One request with who makes it and how far the replica goes on behind it.
#[derive(Clone, Debug)]
struct Move {
    session: i64,
    server: i64,
    is_ann: bool,
    op: Op,
    applies: usize,
    reports: bool,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let who = (1..3_i64, prop_oneof![9 => Just(1_i64), 1 => Just(2)], any::<bool>());
    let one = (who, op(), 0..4_usize, any::<bool>());
    let one = one.prop_map(|((session, server, is_ann), op, applies, reports)| Move {
        session,
        server,
        is_ann,
        op,
        applies,
        reports,
    });
    prop::collection::vec(one, 1..60)
}

/// A leader whose replica lags.
struct Lagging {
    service: Service,
    replica: Replica,
    queue: VecDeque<Txn>,
    log: Vec<Txn>,
}

impl Lagging {
    fn new() -> Lagging {
        let config = Config::new(ServerId(1), Arc::new(Ensemble::numbered(3, 0)));
        let mut service = Service::new(&Arc::new(config));
        let replica = Replica::new(DataTree::new(), Zxid::ZERO);
        service.begin_leading(Now::default(), replica.tree());
        Lagging { service, replica, queue: VecDeque::new(), log: Vec::new() }
    }

    fn prepare(&mut self, request: &Request, server: ServerId) -> Txn {
        let zxid = Zxid(self.log.len() as i64 + 1);
        let now = Now { wall_ms: 1000 + zxid.0, ..Now::default() };
        let txn = self.service.prepare(now, zxid, request, server, self.replica.tree());
        self.queue.push_back(txn.clone());
        self.log.push(txn.clone());
        txn
    }

    fn apply(&mut self, count: usize, report: bool) {
        for _ in 0..count {
            let Some(txn) = self.queue.pop_front() else { break };
            self.replica.apply_txn(&txn, None, &mut Outbox::default());
        }
        if report {
            self.service.applied(self.replica.last_zxid());
        }
    }
}

fn outcome(txn: &Txn) -> Outcome {
    match &txn.body {
        TxnBody::Error { code } => Err(*code),
        TxnBody::Multi { elements } => {
            let code = |MultiElement(body): &MultiElement| match body {
                TxnBody::Error { code } => *code,
                _ => 0,
            };
            Ok(elements.iter().map(code).collect())
        }
        _ => Ok(vec![0]),
    }
}

fn run(moves: &[Move]) -> (Lagging, Twin) {
    let (mut leader, mut twin) = (Lagging::new(), Twin::new());
    for one in moves {
        let auth = if one.is_ann { vec![ann()] } else { Vec::new() };
        let (session, op) = (SessionId(one.session), one.op.clone());
        let request = Request { session, cxid: 1, op, auth };
        let txn = leader.prepare(&request, ServerId(one.server));
        let (zxid, time) = (txn.header.zxid.0, txn.header.time_ms);
        let (server, ids) = (one.server, &request.auth[..]);
        let by = Asking { session: one.session, server, ids, zxid, time };
        assert_eq!(outcome(&txn), twin.ask(&one.op, by), "{one:?}");
        if let Some(digest) = txn.digest {
            assert_eq!(digest.tree, twin.digest(), "{one:?}");
        }
        leader.apply(one.applies, one.reports);
    }
    leader.apply(usize::MAX, true);
    (leader, twin)
}

fn assert_alike(tree: &DataTree, twin: &Twin) {
    assert_eq!(tree.paths(), twin.nodes.keys().cloned().collect::<Vec<_>>());
    assert_eq!(tree.node_count(), twin.nodes.len());
    for (path, expected) in &twin.nodes {
        let node = tree.get(path).unwrap();
        assert_eq!(node.data.as_deref(), expected.data.as_deref(), "{path}");
        assert_eq!(node.acl.to_vec(), expected.acl, "{path}");
        assert_eq!(node.stat.owner, expected.owner, "{path}");
        assert_eq!(node.visible_stat(), twin.stat(path), "{path}");
    }
    for session in [SessionId(1), SessionId(2)] {
        assert_eq!(tree.ephemerals_of(session), twin.owned_by(session));
        assert_eq!(tree.sessions().contains_key(&session), twin.sessions.contains_key(&session.0));
    }
    let sizes =
        twin.nodes.iter().map(|(path, node)| path.len() + node.data.as_ref().map_or(0, Vec::len));
    assert_eq!(tree.approximate_data_size(), sizes.sum::<usize>() as u64);
    assert_eq!(tree.digest(), twin.digest());
}

fn dump(tree: &DataTree) -> Vec<String> {
    let mut lines = vec![format!("{:?} {:x}", tree.sessions(), tree.digest())];
    tree.walk("/", &mut |node| lines.push(format!("{node:?}")));
    lines
}

fn reread(tree: &DataTree) -> DataTree {
    let mut bytes = BytesMut::new();
    encode(tree, &mut bytes);
    let (again, used) = decode(&bytes).unwrap();
    assert_eq!(used, bytes.len());
    again
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// However far the replica lags, each request ends as if it had been the only one.
    #[test]
    fn a_lagging_leader_prepares_what_the_twin_does(moves in moves()) {
        let (leader, twin) = run(&moves);
        prop_assert_eq!(leader.replica.digest_mismatches(), 0);
        assert_alike(leader.replica.tree(), &twin);
    }

    /// A copy made at any moment stays as it was, and an image of it reads back the same.
    #[test]
    fn copies_are_exact_and_images_read_back(moves in moves(), at in 0..60_usize) {
        let (leader, _) = run(&moves);
        let mut tree = DataTree::new();
        let (before, after) = leader.log.split_at(at.min(leader.log.len()));
        for txn in before {
            tree.apply(txn, &mut Vec::new());
        }
        let (copy, seen) = (tree.clone(), dump(&tree));
        for txn in after {
            tree.apply(txn, &mut Vec::new());
        }
        prop_assert_eq!(dump(&copy), seen);
        prop_assert_eq!(dump(&reread(&copy)), dump(&copy));
        prop_assert_eq!(dump(&tree), dump(leader.replica.tree()));
    }

    /// A log replayed over an image that has some of it already ends at the same tree.
    #[test]
    fn replaying_over_a_newer_image_changes_nothing(
        moves in moves(), from in 0..60_usize, at in 0..60_usize
    ) {
        let (leader, _) = run(&moves);
        let log = &leader.log;
        let at = at.min(log.len());
        let mut tree = DataTree::new();
        for txn in &log[..at] {
            tree.apply(txn, &mut Vec::new());
        }
        let mut fuzzy = reread(&tree);
        for txn in &log[from.min(at)..] {
            fuzzy.apply(txn, &mut Vec::new());
        }
        prop_assert_eq!(dump(&fuzzy), dump(leader.replica.tree()));
    }
}
