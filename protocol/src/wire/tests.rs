//! Properties of the codecs: what is written reads back as it was; any bytes, and any damage to
//! good ones, are refused without a panic.

use super::client::RequestError;
use super::fuzzing::{self, TARGETS};
use super::txn::{decode_txn, encode_txn};
use crate::base::{Epoch, ServerId, SessionId, Zxid};
use crate::message::{
    Acl, CreateOp, ErrorCode, ForwardedRequest, Id, LearnerInfo, MultiElement, MultiResult,
    Notification, Op, Packet, PeerState, Reply, ReplyBody, Stat, Txn, TxnBody, TxnDigest,
    TxnHeader, Vote, WatcherType,
};
use bytes::{BufMut, Bytes, BytesMut};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::sync::Arc;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["/[a-z]{0,5}(/[a-z]{1,3}){0,2}", "\\PC{0,6}"]
}

fn path() -> impl Strategy<Value = String> {
    "/[a-z]{1,6}"
}

fn data() -> impl Strategy<Value = Option<Bytes>> {
    option::of(vec(any::<u8>(), 0..12).prop_map(Bytes::from))
}

fn acl() -> impl Strategy<Value = Vec<Acl>> {
    let entry = (any::<i32>(), text(), text())
        .prop_map(|(perms, scheme, id)| Acl { perms, id: Id { scheme, id } });
    vec(entry, 0..3)
}

fn zxid() -> impl Strategy<Value = Zxid> {
    any::<i64>().prop_map(Zxid)
}

fn element() -> impl Strategy<Value = TxnBody> {
    prop_oneof![
        any::<i32>().prop_map(|code| TxnBody::Error { code }),
        (any::<bool>(), text(), data(), acl(), any::<bool>(), any::<i32>()).prop_map(
            |(create2, path, data, acl, ephemeral, parent_cversion)| TxnBody::Create {
                create2,
                path,
                data,
                acl,
                ephemeral,
                parent_cversion
            }
        ),
        (text(), data(), acl(), any::<i32>()).prop_map(|(path, data, acl, parent_cversion)| {
            TxnBody::CreateContainer { path, data, acl, parent_cversion }
        }),
        (text(), data(), acl(), any::<i32>(), any::<i64>()).prop_map(
            |(path, data, acl, parent_cversion, ttl_ms)| TxnBody::CreateTtl {
                path,
                data,
                acl,
                parent_cversion,
                ttl_ms
            }
        ),
        (any::<bool>(), text()).prop_map(|(container, path)| TxnBody::Delete { container, path }),
        (text(), data(), any::<i32>()).prop_map(|(path, data, version)| TxnBody::SetData {
            reconfig: false,
            path,
            data,
            version
        }),
        (text(), any::<i32>()).prop_map(|(path, version)| TxnBody::Check { path, version }),
    ]
}

fn body() -> impl Strategy<Value = TxnBody> {
    prop_oneof![
        5 => element().prop_filter("a check stands only in a multi", |body| {
            !matches!(body, TxnBody::Check { .. })
        }),
        1 => any::<i32>().prop_map(|timeout_ms| TxnBody::CreateSession { timeout_ms }),
        1 => option::of(vec(path(), 0..3)).prop_map(|paths| TxnBody::CloseSession { paths }),
        1 => (text(), acl(), any::<i32>())
            .prop_map(|(path, acl, version)| TxnBody::SetAcl { path, acl, version }),
        1 => (text(), data()).prop_map(|(path, data)| TxnBody::SetData {
            reconfig: true,
            path,
            data,
            version: -1
        }),
        2 => vec(element().prop_map(MultiElement), 0..4)
            .prop_map(|elements| TxnBody::Multi { elements }),
    ]
}

fn txn() -> impl Strategy<Value = Txn> {
    let header = (any::<i64>(), any::<i32>(), zxid(), any::<i64>()).prop_map(
        |(session, cxid, zxid, time_ms)| TxnHeader {
            session: SessionId(session),
            cxid,
            zxid,
            time_ms,
        },
    );
    let digest = option::of(any::<u64>().prop_map(|tree| TxnDigest { version: 2, tree }));
    (header, body(), digest).prop_map(|(header, body, digest)| Txn { header, body, digest })
}

fn create_op() -> impl Strategy<Value = Op> {
    let path = text().prop_map(Some);
    let op = prop_oneof![
        Just(CreateOp::Create),
        Just(CreateOp::Create2),
        Just(CreateOp::CreateContainer),
        Just(CreateOp::CreateTtl)
    ];
    (op, path, data(), acl(), 0..5_i32, any::<i64>()).prop_map(
        |(op, path, data, acl, flags, ttl)| {
            let ttl_ms = if op == CreateOp::CreateTtl { ttl } else { -1 };
            Op::Create { op, path, data, acl: Some(acl), flags, ttl_ms }
        },
    )
}

fn multi_op() -> impl Strategy<Value = Op> {
    let versioned = || (text().prop_map(Some), any::<i32>());
    prop_oneof![
        create_op(),
        versioned().prop_map(|(path, version)| Op::Delete { path, version }),
        versioned().prop_map(|(path, version)| Op::Check { path, version }),
        (versioned(), data()).prop_map(|((path, version), data)| Op::SetData {
            path,
            data,
            version
        }),
    ]
}

fn multi_read_op() -> impl Strategy<Value = Op> {
    (text().prop_map(Some), any::<bool>(), any::<bool>()).prop_map(|(path, watch, children)| {
        if children { Op::GetChildren { path, watch } } else { Op::GetData { path, watch } }
    })
}

fn op() -> impl Strategy<Value = Op> {
    let watched = || (option::of(text()), any::<bool>());
    let lists = || vec(vec(text(), 0..3), 5);
    prop_oneof![
        multi_op(),
        vec(multi_op(), 0..4).prop_map(Op::Multi),
        watched().prop_map(|(path, watch)| Op::Exists { path, watch }),
        watched().prop_map(|(path, watch)| Op::GetData { path, watch }),
        watched().prop_map(|(path, watch)| Op::GetChildren { path, watch }),
        watched().prop_map(|(path, watch)| Op::GetChildren2 { path, watch }),
        option::of(text()).prop_map(|path| Op::GetAcl { path }),
        option::of(text()).prop_map(|path| Op::Sync { path }),
        option::of(text()).prop_map(|prefix| Op::GetEphemerals { prefix }),
        option::of(text()).prop_map(|path| Op::GetAllChildrenNumber { path }),
        (option::of(text()), option::of(acl()), any::<i32>())
            .prop_map(|(path, acl, version)| Op::SetAcl { path, acl, version }),
        (option::of(text()), data()).prop_map(|(scheme, auth)| Op::Auth { scheme, auth }),
        (any::<bool>(), zxid(), lists()).prop_map(|(two, relative_zxid, lists)| {
            let mut lists = lists.into_iter();
            let mut next = |present: bool| lists.next().filter(|_| present).unwrap_or_default();
            Op::SetWatches {
                two,
                relative_zxid,
                data: next(true),
                exist: next(true),
                child: next(true),
                persistent: next(two),
                recursive: next(two),
            }
        }),
        any::<i32>().prop_map(|timeout_ms| Op::CreateSession { timeout_ms }),
        Just(Op::Ping),
        Just(Op::WhoAmI),
        Just(Op::CloseSession),
        Just(Op::Unsupported { opcode: 20 }),
        data().prop_map(|data| Op::SetData { path: None, data, version: -1 }),
        vec(multi_read_op(), 0..4).prop_map(Op::MultiRead),
        (option::of(text()), any::<bool>())
            .prop_map(|(path, recursive)| Op::AddWatch { path, recursive }),
        (option::of(text()), 1..=5, any::<bool>()).prop_map(|(path, number, remove)| {
            let kind = WatcherType::from_number(number).expect("one of five");
            if remove { Op::RemoveWatches { path, kind } } else { Op::CheckWatches { path, kind } }
        }),
        (vec(option::of(text()), 3), any::<i64>()).prop_map(|(texts, config_id)| {
            let [joining, leaving, members] = texts.try_into().expect("three of them");
            Op::Reconfig { joining, leaving, members, config_id }
        }),
    ]
}

fn packet() -> impl Strategy<Value = Packet> {
    let txn = || txn().prop_map(Arc::new);
    let epoch = || (0..=i64::from(i32::MAX)).prop_map(Epoch);
    let info = (epoch(), any::<i64>(), any::<i32>(), any::<i64>()).prop_map(
        |(accepted_epoch, id, protocol_version, config_version)| LearnerInfo {
            accepted_epoch,
            id: ServerId(id),
            protocol_version,
            config_version,
        },
    );
    let ids = vec((text(), text()).prop_map(|(scheme, id)| Id { scheme, id }), 0..3);
    let touched = vec((any::<i64>().prop_map(SessionId), any::<i32>()), 0..3);
    prop_oneof![
        (any::<i64>(), any::<i32>(), op(), option::of(ids)).prop_map(
            |(session, cxid, op, auth)| {
                let (session, opcode) = (SessionId(session), op.opcode());
                Packet::Request(ForwardedRequest { session, cxid, opcode, op, auth })
            }
        ),
        txn().prop_map(Packet::Proposal),
        txn().prop_map(Packet::Inform),
        (txn(), any::<i64>()).prop_map(|(txn, designated)| Packet::InformAndActivate {
            txn,
            designated: ServerId(designated)
        }),
        (zxid(), option::of(touched)).prop_map(|(zxid, touched)| Packet::Ping { zxid, touched }),
        zxid().prop_map(Packet::Ack),
        zxid().prop_map(Packet::Commit),
        zxid().prop_map(Packet::Diff),
        zxid().prop_map(Packet::Trunc),
        info.clone().prop_map(Packet::FollowerInfo),
        info.prop_map(Packet::ObserverInfo),
        (epoch(), any::<i32>())
            .prop_map(|(epoch, protocol_version)| Packet::LeaderInfo { epoch, protocol_version }),
        (option::of(epoch()), zxid())
            .prop_map(|(current_epoch, last_zxid)| Packet::AckEpoch { current_epoch, last_zxid }),
        (epoch(), data()).prop_map(|(epoch, config)| Packet::NewLeader { epoch, config }),
        (any::<i64>(), any::<i32>()).prop_map(|(session, timeout_ms)| Packet::Revalidate {
            session: SessionId(session),
            timeout_ms
        }),
        (any::<i64>(), any::<bool>()).prop_map(|(session, valid)| Packet::Revalidated {
            session: SessionId(session),
            valid
        }),
        (zxid(), any::<i64>()).prop_map(|(zxid, designated)| Packet::CommitAndActivate {
            zxid,
            designated: ServerId(designated)
        }),
        Just(Packet::Sync),
        Just(Packet::UpToDate),
    ]
}

fn stat() -> impl Strategy<Value = Stat> {
    (vec(any::<i64>(), 6), vec(any::<i32>(), 5)).prop_map(|(longs, ints)| Stat {
        czxid: Zxid(longs[0]),
        mzxid: Zxid(longs[1]),
        ctime_ms: longs[2],
        mtime_ms: longs[3],
        version: ints[0],
        cversion: ints[1],
        aversion: ints[2],
        ephemeral_owner: longs[4],
        data_length: ints[3],
        num_children: ints[4],
        pzxid: Zxid(longs[5]),
    })
}

/// A body with an opcode that it answers.
fn reply_body() -> impl Strategy<Value = (i32, ReplyBody)> {
    let results = vec(
        prop_oneof![
            text().prop_map(|path| MultiResult::Create { path }),
            (text(), stat()).prop_map(|(path, stat)| MultiResult::Create2 { path, stat }),
            stat().prop_map(|stat| MultiResult::SetData { stat }),
            any::<i32>().prop_map(MultiResult::Error),
            Just(MultiResult::Delete),
            Just(MultiResult::Check),
            (data(), stat()).prop_map(|(data, stat)| MultiResult::Data { data, stat }),
            vec(text(), 0..3).prop_map(MultiResult::Children),
        ],
        0..4,
    );
    prop_oneof![
        Just((2, ReplyBody::Empty)),
        option::of(text()).prop_map(|path| (1, ReplyBody::Path(path))),
        (text(), stat()).prop_map(|(path, stat)| (15, ReplyBody::PathStat { path, stat })),
        stat().prop_map(|stat| (5, ReplyBody::Stat(stat))),
        (data(), stat()).prop_map(|(data, stat)| (4, ReplyBody::Data { data, stat })),
        (acl(), stat()).prop_map(|(acl, stat)| (6, ReplyBody::Acl { acl, stat })),
        vec(text(), 0..3).prop_map(|children| (8, ReplyBody::Children(children))),
        (vec(text(), 0..3), stat())
            .prop_map(|(children, stat)| (12, ReplyBody::ChildrenStat { children, stat })),
        any::<i32>().prop_map(|number| (104, ReplyBody::Number(number))),
        Just((106, ReplyBody::Number(0))),
        Just((18, ReplyBody::Empty)),
        (results, prop_oneof![Just(14), Just(22)])
            .prop_map(|(results, opcode)| (opcode, ReplyBody::Multi(results))),
        vec((text(), text()), 0..3).prop_map(|pairs| (107, ReplyBody::ClientInfo(pairs))),
    ]
}

fn notification() -> impl Strategy<Value = Notification> {
    let state = prop_oneof![
        Just(PeerState::Looking),
        Just(PeerState::Following),
        Just(PeerState::Leading),
        Just(PeerState::Observing)
    ];
    (state, any::<i64>(), zxid(), any::<i64>(), any::<i64>(), vec(any::<u8>(), 0..20)).prop_map(
        |(state, leader, zxid, epoch, round, config)| Notification {
            state,
            vote: Vote { leader: ServerId(leader), zxid, peer_epoch: Epoch(epoch) },
            round,
            version: 2,
            config: Some(Bytes::from(config)),
        },
    )
}

fn written(put: impl FnOnce(&mut BytesMut)) -> BytesMut {
    let mut out = BytesMut::new();
    put(&mut out);
    out
}

/// Bytes of something good, with the target that reads it.
fn good() -> impl Strategy<Value = (usize, BytesMut)> {
    let target = |name| TARGETS.iter().position(|target| target.0 == name).expect("a target");
    let (notifications, packets) = (target("notification"), target("packets"));
    let (txns, requests, replies) = (target("txn"), target("request"), target("from_server"));
    prop_oneof![
        notification().prop_map(move |value| {
            (notifications, written(|out| super::election::encode_notification(&value, out)))
        }),
        vec(packet(), 1..3).prop_map(move |values| {
            let all = |out: &mut BytesMut| {
                values.iter().for_each(|value| super::quorum::encode_packet(value, out));
            };
            (packets, written(all))
        }),
        txn().prop_map(move |value| (txns, written(|out| encode_txn(&value, out)))),
        op().prop_map(move |value| {
            (requests, written(|out| super::client::encode_request(7, &value, out)))
        }),
        reply_body().prop_map(move |(opcode, body)| {
            let reply = Reply { cxid: 7, zxid: Zxid(9), result: Ok(body) };
            let opcode = u8::try_from(opcode).expect("a small opcode");
            let put = |out: &mut BytesMut| {
                out.extend_from_slice(&[opcode]);
                super::client::encode_reply(&reply, out);
            };
            (replies, written(put))
        }),
    ]
}

#[test]
fn what_fails_a_request_as_a_whole_is_found_while_it_is_read() {
    let path = || Some("/a".to_owned());
    let read = |path| Op::GetData { path, watch: false };
    let delete = |path| Op::Delete { path, version: -1 };
    let create = |acl, flags| {
        let (op, ttl_ms) = (CreateOp::Create, -1);
        Op::Create { op, path: path(), data: None, acl, flags, ttl_ms }
    };
    let whole = [
        Op::Multi(vec![delete(path()), delete(None)]),
        Op::Multi(vec![read(path())]),
        Op::Multi(vec![Op::SetAcl { path: path(), acl: None, version: -1 }]),
        Op::Multi(vec![create(None, 0)]),
        Op::Multi(vec![create(Some(vec![]), 5)]),
        Op::Multi(vec![create(Some(vec![]), 7)]),
        Op::MultiRead(vec![read(path()), read(None)]),
        Op::MultiRead(vec![read(path()), delete(path())]),
        Op::MultiRead(vec![Op::Exists { path: path(), watch: false }]),
    ];
    let mut frames: Vec<BytesMut> =
        whole.iter().map(|op| written(|out| super::client::encode_request(7, op, out))).collect();
    for (opcode, number) in [(106, 2), (106, -1), (17, 0), (18, 6)] {
        frames.push(written(|out| {
            [7, opcode, 0, number].into_iter().for_each(|int| out.put_i32(int));
        }));
    }
    for frame in frames {
        let refused = super::client::decode_request(&frame);
        assert!(matches!(refused, Err(RequestError::Malformed { xid: 7, .. })), "{refused:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        for (_, target) in TARGETS {
            target(&bytes);
        }
    }

    #[test]
    fn good_bytes_that_were_damaged_are_read_or_refused(
        (target, good) in good(),
        at in any::<prop::sample::Index>(),
        (with, cut) in (any::<u8>(), any::<bool>()),
    ) {
        let mut bytes = good.to_vec();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = with;
            if cut {
                bytes.truncate(at);
            }
        }
        TARGETS[target].1(&bytes);
    }

    #[test]
    fn a_transaction_reads_back(value in txn()) {
        let bytes = written(|out| encode_txn(&value, out));
        prop_assert_eq!(decode_txn(&bytes), Ok(value));
    }

    #[test]
    fn a_notification_reads_back(value in notification()) {
        let bytes = written(|out| super::election::encode_notification(&value, out));
        prop_assert_eq!(super::election::decode_notification(&bytes), Ok(value));
    }

    #[test]
    fn packets_read_back_in_any_pieces(values in vec(packet(), 1..4), piece in 1_usize..40) {
        let mut bytes = BytesMut::new();
        values.iter().for_each(|value| super::quorum::encode_packet(value, &mut bytes));
        fuzzing::packets(&bytes);
        let (mut decoder, mut input) = (super::quorum::PacketDecoder::default(), BytesMut::new());
        let mut read = Vec::new();
        for piece in bytes.chunks(piece) {
            input.extend_from_slice(piece);
            while let Some(packet) = decoder.decode(&mut input).expect("good bytes") {
                read.push(packet);
            }
        }
        prop_assert_eq!(read, values);
    }

    #[test]
    fn a_request_reads_back(xid in any::<i32>(), value in op()) {
        let bytes = written(|out| super::client::encode_request(xid, &value, out));
        prop_assert_eq!(super::client::decode_request(&bytes), Ok((xid, value)));
    }

    #[test]
    fn a_reply_reads_back((opcode, body) in reply_body(), cxid in any::<i32>(), zxid in zxid()) {
        for result in [Ok(body.clone()), Err(ErrorCode::NoNode)] {
            let reply = Reply { cxid, zxid, result };
            let bytes = written(|out| super::client::encode_reply(&reply, out));
            prop_assert_eq!(super::client::decode_reply(&bytes, opcode), Ok(reply));
        }
    }
}
