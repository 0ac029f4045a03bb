//! Telling what happened: one line for a step that matters, one for what a client is told.

use crate::checkers::{Promise, Violation};
use crate::command::server_list;

pub mod narrate {
    //! Lines of a record.

    use super::server_list;
    use crate::client::{Told, VirtualClient};
    use crate::world::World;
    use vivarium_protocol::base::{SessionId, Zxid};
    use vivarium_protocol::message::{MultiResult, PacketKind, PeerState, ReplyBody};
    use vivarium_protocol::trace::{
        Cause, Decision, Frame, SyncMode, TraceEvent, Travel, TravelFate,
    };

    /// A step in one line; `None` if nothing in it matters to a reader.
    #[must_use]
    pub fn frame(frame: &Frame, world: &World) -> Option<String> {
        let id = frame.peer?;
        let mut parts = Vec::new();
        match &frame.cause {
            Cause::Started => parts.push("started".to_owned()),
            Cause::Crashed => parts.push(fall(frame, world)),
            Cause::LinkUp { .. }
            | Cause::LinkDown { .. }
            | Cause::Received(_)
            | Cause::Deadline { .. }
            | Cause::Durable
            | Cause::Applied
            | Cause::Client { .. }
            | Cause::Command { .. } => {}
        }
        for event in &frame.events {
            parts.extend(match event {
                TraceEvent::Decided(decision) => decided(decision, world),
                TraceEvent::Travelled(travel) => acked(travel),
            });
        }
        (!parts.is_empty()).then(|| format!("{id}: {}", parts.join(", ")))
    }

    fn fall(frame: &Frame, world: &World) -> String {
        let peer = frame.peer.and_then(|id| world.peer(id));
        let lost = peer.map(|peer| peer.last_lost.as_slice()).unwrap_or_default();
        let half = peer.and_then(|peer| peer.half_written);
        let word = |zxid: &Zxid| match half {
            Some(half) if half == *zxid => format!("{zxid} (half written)"),
            Some(_) | None => zxid.to_string(),
        };
        let lost: Vec<String> = lost.iter().map(word).collect();
        if lost.is_empty() { "fell".to_owned() } else { format!("fell; lost {}", lost.join(" ")) }
    }

    fn decided(decision: &Decision, world: &World) -> Option<String> {
        Some(match decision {
            Decision::RoleChanged { role: PeerState::Looking, .. } => "LOOKING".to_owned(),
            Decision::RoleChanged { role: PeerState::Leading, .. } => "LEADING".to_owned(),
            Decision::RoleChanged { role, leader, .. } => match leader {
                Some(leader) => format!("{} {leader}", role.name()),
                None => role.name().to_owned(),
            },
            Decision::Elected { vote, round, .. } => format!("elected {vote} in round {round}"),
            Decision::AcceptedEpoch { epoch } => format!("accepted epoch {epoch}"),
            Decision::CurrentEpoch { epoch } => format!("current epoch {epoch}"),
            Decision::SyncPlanned { learner, mode, zxid, count, .. } => {
                format!("plans {} {zxid} and {count} more for {learner}", sync_name(*mode))
            }
            Decision::MembersChanged { version, in_force, voters } => {
                let stand = if *in_force { "in force" } else { "proposed" };
                format!("members {version} {stand}: {}", server_list(voters))
            }
            Decision::Truncated { to } => format!("truncated to {to}"),
            Decision::Installed { zxid } => format!("installed the snapshot {zxid}"),
            Decision::Proposed { zxid, summary } => format!("proposed {zxid} {summary}"),
            Decision::Durable { zxid } => format!("logged {zxid}"),
            Decision::Committed { zxid, by } if !by.is_empty() && !zxid.is_epoch_start() => {
                format!("committed {zxid} by {}", server_list(by))
            }
            Decision::Serving { serving: true } => "serves".to_owned(),
            Decision::Serving { serving: false } => "serves no longer".to_owned(),
            Decision::ReadOnly { serving: true } => "serves readers without a leader".to_owned(),
            Decision::ReadOnly { serving: false } => "serves no readers any more".to_owned(),
            Decision::Established { epoch } => format!("epoch {epoch} established"),
            Decision::SessionExpired { session } => {
                format!("expired the session of {}", owner(*session, world))
            }
            Decision::Halted { why } => format!("halted: {why}"),
            Decision::Registered { .. }
            | Decision::Started { .. }
            | Decision::PhaseChanged { .. }
            | Decision::RoundEntered { .. }
            | Decision::Proposes { .. }
            | Decision::Judged { .. }
            | Decision::Resent { .. }
            | Decision::VoteRenewed { .. }
            | Decision::Quorum { .. }
            | Decision::Learner { .. }
            | Decision::SyncStarted { .. }
            | Decision::Logged { .. }
            | Decision::Acked { .. }
            | Decision::Committed { .. }
            | Decision::TimerSet { .. }
            | Decision::Hung { .. } => return None,
        })
    }

    fn sync_name(mode: SyncMode) -> &'static str {
        match mode {
            SyncMode::Diff => "DIFF",
            SyncMode::Trunc => "TRUNC",
            SyncMode::Snap => "SNAP",
        }
    }

    fn owner(session: SessionId, world: &World) -> String {
        let own = world.clients().iter().find(|client| client.session == Some(session));
        own.map_or_else(|| "somebody".to_owned(), |client| format!("c{}", client.id))
    }

    fn acked(travel: &Travel) -> Option<String> {
        let sent = matches!(travel.fate, TravelFate::Sent { .. });
        let acks = sent && travel.packet == Some(PacketKind::Ack);
        let of_a_txn = travel.zxid.is_some_and(|zxid| !zxid.is_epoch_start());
        (acks && of_a_txn).then(|| "acked".to_owned())
    }

    /// What clients were told since last time; `seen` remembers how much that was.
    #[must_use]
    pub fn clients(clients: &[VirtualClient], seen: &mut Vec<usize>) -> Vec<String> {
        seen.resize(clients.len(), 0);
        let mut lines = Vec::new();
        for (client, seen) in clients.iter().zip(seen.iter_mut()) {
            let news = client.told.get(*seen..).unwrap_or_default();
            lines.extend(news.iter().map(|(_, told)| format!("c{}: {}", client.id, tell(told))));
            *seen = client.told.len();
        }
        lines
    }

    fn tell(told: &Told) -> String {
        match told {
            Told::Session(_) => "session open".to_owned(),
            Told::Answer { op, result: Ok(body), .. } => format!("{op}: {}", body_text(body)),
            Told::Answer { op, result: Err(code), .. } => {
                let code = code.to_string();
                format!("{op}: {}", code.split(' ').next().unwrap_or_default())
            }
            Told::Event(event) => format!("watch: {:?} {}", event.kind, event.path),
            Told::WatchesSet => "watches set again".to_owned(),
            Told::ConnectionLost => "connection lost".to_owned(),
            Told::Expired => "session expired".to_owned(),
        }
    }

    fn body_text(body: &ReplyBody) -> String {
        let data = |data: &Option<bytes::Bytes>| match data {
            Some(bytes) => crate::words::quote(&String::from_utf8_lossy(bytes)),
            None => "null".to_owned(),
        };
        match body {
            ReplyBody::Empty | ReplyBody::Token(_) => "done".to_owned(),
            ReplyBody::Path(path) => path.clone().unwrap_or_default(),
            ReplyBody::PathStat { path, .. } => path.clone(),
            ReplyBody::Stat(stat) => format!("version {}", stat.version),
            ReplyBody::Data { data: found, stat } => {
                format!("{} version {}", data(found), stat.version)
            }
            ReplyBody::Acl { acl, .. } => format!("{} entries", acl.len()),
            ReplyBody::Children(children) | ReplyBody::ChildrenStat { children, .. } => {
                format!("[{}]", children.join(", "))
            }
            ReplyBody::Number(number) => number.to_string(),
            ReplyBody::Multi(results) => {
                let failed = |result: &&MultiResult| matches!(result, MultiResult::Error(_));
                match results.iter().filter(failed).count() {
                    0 => "all done".to_owned(),
                    _ => "none done".to_owned(),
                }
            }
            ReplyBody::ClientInfo(pairs) => format!("{} identities", pairs.len()),
            ReplyBody::Connected { .. } => "connected".to_owned(),
        }
    }
}

/// The last lines of a record: which promises hold, which are broken and how.
#[must_use]
pub fn verdict(violations: &[Violation]) -> String {
    let broken = |promise: &Promise| violations.iter().any(|v| v.promise == *promise);
    let held: Vec<String> =
        Promise::ALL.iter().filter(|p| !broken(p)).map(Promise::to_string).collect();
    let mut lines = Vec::new();
    let all = Promise::ALL.iter().chain(&Promise::EARLY).chain(&Promise::TO_CLIENTS);
    for promise in all.filter(|promise| broken(promise)) {
        let first = violations.iter().find(|violation| violation.promise == *promise);
        lines.extend(first.map(|violation| format!("breaks: {promise}: {}", violation.what)));
    }
    lines.push(format!("holds: {}", held.join(", ")));
    lines.join("\n")
}
