//! The order within one connection, step by step, and against a script of any length.

use crate::base::{SessionId, Zxid};
use crate::message::{ErrorCode, Id, Op, Reply, ReplyBody};
use crate::service::{Pipeline, Step};
use bytes::Bytes;

fn pipeline() -> Pipeline {
    Pipeline::new(SessionId(1), Vec::new(), None)
}

fn write() -> Op {
    Op::Delete { path: Some("/a".to_owned()), version: -1 }
}

fn read() -> Op {
    Op::Exists { path: Some("/a".to_owned()), watch: false }
}

fn reply(cxid: i32) -> Reply {
    Reply { cxid, zxid: Zxid(i64::from(cxid)), result: Ok(ReplyBody::Empty) }
}

/// What a list of steps does, as short words.
fn told(steps: &mut Vec<Step>) -> Vec<String> {
    let tell = |step| match step {
        Step::Submit(request) => format!("submit {}", request.cxid),
        Step::Read { cxid, .. } => format!("read {cxid}"),
        Step::Identify(ids) => format!("identify {}", ids.len()),
        Step::Send(reply) => match reply.result {
            Ok(_) => format!("send {}", reply.cxid),
            Err(code) => format!("send {} {}", reply.cxid, code.number()),
        },
        Step::Close => "close".to_owned(),
    };
    steps.drain(..).map(tell).collect()
}

fn accept(pipeline: &mut Pipeline, cxid: i32, op: Op) -> Vec<String> {
    let mut steps = Vec::new();
    pipeline.accept(cxid, op, &mut steps);
    told(&mut steps)
}

fn answer(pipeline: &mut Pipeline, cxid: i32) -> Vec<String> {
    let mut steps = Vec::new();
    pipeline.answered(reply(cxid), &mut steps);
    told(&mut steps)
}

#[test]
fn a_read_waits_for_the_write_before_it_and_holds_up_the_one_behind_it() {
    let mut pipeline = pipeline();
    assert_eq!(accept(&mut pipeline, 1, write()), ["submit 1"]);
    assert_eq!(accept(&mut pipeline, 2, write()), ["submit 2"], "writes do not wait");
    assert!(accept(&mut pipeline, 3, read()).is_empty());
    assert!(accept(&mut pipeline, 4, write()).is_empty(), "read 3 must not see it");
    assert_eq!(answer(&mut pipeline, 1), ["send 1"]);
    assert_eq!(answer(&mut pipeline, 2), ["send 2", "read 3", "submit 4"]);
    assert_eq!(answer(&mut pipeline, 4), Vec::<String>::new(), "reply 3 is due first");
    assert_eq!(answer(&mut pipeline, 3), ["send 3", "send 4"]);
    assert!(pipeline.is_empty());
}

#[test]
fn pings_wait_like_reads_and_are_answered_with_their_own_number() {
    let mut pipeline = pipeline();
    assert_eq!(accept(&mut pipeline, 5, Op::Sync { path: None }), ["submit 5"]);
    assert!(accept(&mut pipeline, 77, Op::Ping).is_empty());
    assert_eq!(answer(&mut pipeline, 5), ["send 5", "read 77"]);
    assert_eq!(answer(&mut pipeline, 77), ["send -2"]);
}

#[test]
fn numbers_may_repeat_and_answers_that_nobody_waits_for_are_dropped() {
    let mut pipeline = pipeline();
    assert_eq!(accept(&mut pipeline, 0, write()), ["submit 0"]);
    assert_eq!(accept(&mut pipeline, 0, write()), ["submit 0"]);
    assert!(answer(&mut pipeline, 9).is_empty());
    assert_eq!(answer(&mut pipeline, 0), ["send 0"]);
    assert_eq!(answer(&mut pipeline, 0), ["send 0"]);
    assert!(answer(&mut pipeline, 0).is_empty());
}

#[test]
fn auth_counts_at_once_and_is_answered_in_its_turn() {
    let mut pipeline = pipeline();
    assert_eq!(accept(&mut pipeline, 1, write()), ["submit 1"]);
    let (scheme, auth) = (Some("digest".to_owned()), Some(Bytes::from_static(b"u:p")));
    let ann = Op::Auth { scheme, auth };
    assert_eq!(accept(&mut pipeline, -4, ann), ["identify 1"]);
    let mut steps = Vec::new();
    pipeline.accept(2, write(), &mut steps);
    let expected = Id { scheme: "digest".into(), id: "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=".into() };
    assert!(matches!(&steps[..], [Step::Submit(request)] if request.auth == [expected]));
    assert_eq!(answer(&mut pipeline, 1), ["send 1", "send -4"]);
}

#[test]
fn a_connection_ends_after_what_ends_it_is_answered() {
    let nobody = Op::Auth { scheme: Some("digest".to_owned()), auth: None };
    let cases = [
        (Op::Unsupported { opcode: 13 }, "send 2 -6"),
        (Op::Check { path: None, version: 0 }, "send 2 -6"),
        (Op::CreateSession { timeout_ms: 1 }, "send 2 -6"),
        (Op::DeleteContainer { path: "/c".to_owned() }, "send 2 -6"),
        (nobody, "send 2 -115"),
    ];
    for (op, refusal) in cases {
        let mut pipeline = pipeline();
        let _ = accept(&mut pipeline, 1, write());
        assert!(accept(&mut pipeline, 2, op).is_empty());
        assert!(accept(&mut pipeline, 3, read()).is_empty(), "nothing more is taken");
        assert_eq!(answer(&mut pipeline, 1), ["send 1", refusal, "close"]);
    }
    let mut pipeline = pipeline();
    assert_eq!(accept(&mut pipeline, 1, Op::CloseSession), ["submit 1"]);
    assert!(accept(&mut pipeline, 2, write()).is_empty());
    assert_eq!(answer(&mut pipeline, 1), ["send 1", "close"]);
}

#[test]
fn a_request_that_does_not_decode_is_refused_in_its_turn_and_not_back_in_time() {
    let mut pipeline = pipeline();
    let _ = accept(&mut pipeline, 8, write());
    let mut steps = Vec::new();
    pipeline.refuse(9, ErrorCode::MarshallingError, Zxid(3), &mut steps);
    assert!(steps.is_empty());
    pipeline.answered(reply(8), &mut steps);
    let refusal = Reply { cxid: 9, zxid: Zxid(8), result: Err(ErrorCode::MarshallingError) };
    assert_eq!(steps, [Step::Send(reply(8)), Step::Send(refusal)]);
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// Drives a pipeline with a core that answers in order when told to, and a replica that
    /// counts the writes it has seen; every reply says how many that were.
    fn run(script: &[u8]) -> Vec<i64> {
        let mut pipeline = pipeline();
        let (mut at_core, mut applied, mut sent) = (VecDeque::new(), 0, Vec::new());
        let (mut cxid, mut asked) = (0, Vec::new());
        let mut drive = |pipeline: &mut Pipeline,
                         mut steps: Vec<Step>,
                         at_core: &mut VecDeque<i32>,
                         applied: i64| {
            let mut next = 0;
            while next < steps.len() {
                match steps[next].clone() {
                    Step::Submit(request) => at_core.push_back(request.cxid),
                    Step::Read { cxid, .. } => {
                        let result = Ok(ReplyBody::Number(applied as i32));
                        let reply = Reply { cxid, zxid: Zxid(applied), result };
                        pipeline.answered(reply, &mut steps);
                    }
                    Step::Send(reply) => sent.push((reply.cxid, reply.zxid.0)),
                    Step::Identify(_) | Step::Close => {}
                }
                next += 1;
            }
        };
        for byte in script.iter().chain(std::iter::repeat_n(&2, script.len())) {
            let mut steps = Vec::new();
            match byte % 3 {
                2 => {
                    let Some(answered) = at_core.pop_front() else { continue };
                    applied += 1;
                    let reply = Reply { zxid: Zxid(applied), ..reply(answered) };
                    pipeline.answered(reply, &mut steps);
                }
                kind => {
                    cxid += 1;
                    asked.push(kind == 0);
                    pipeline.accept(cxid, if kind == 0 { write() } else { read() }, &mut steps);
                }
            }
            drive(&mut pipeline, steps, &mut at_core, applied);
        }
        assert!(pipeline.is_empty());
        let numbers: Vec<i32> = sent.iter().map(|(cxid, _)| *cxid).collect();
        assert_eq!(numbers, (1..=cxid).collect::<Vec<_>>(), "in the order asked");
        let mut writes = 0;
        for (is_write, (cxid, seen)) in asked.iter().zip(&sent) {
            writes += i64::from(*is_write);
            assert_eq!(*seen, writes, "request {cxid} sees exactly the writes before it");
        }
        sent.into_iter().map(|(_, seen)| seen).collect()
    }

    proptest! {
        #[test]
        fn every_request_sees_exactly_the_writes_before_it(
            script in prop::collection::vec(any::<u8>(), 0..60)
        ) {
            let seen = run(&script);
            prop_assert!(seen.is_sorted());
        }
    }
}
