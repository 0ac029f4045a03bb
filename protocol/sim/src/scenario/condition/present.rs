//! Leaves of conditions against the world as it stands, and against its last frame.

use vivarium_protocol::base::{ServerId, SortedSet};
use vivarium_protocol::message::{Channel, PeerState, ReplyBody};
use vivarium_protocol::trace::{Cause, Decision, Frame, PeerStatus, TraceEvent, TravelFate};

use super::names::part_name;
use super::{Condition, ReplyIs};
use crate::client::{ClientState, Told, VirtualClient};
use crate::peer::Peer;
use crate::world::World;

impl Condition {
    /// Whether a state of the world holds; false for an event and for what is composed.
    pub(super) fn stands(&self, world: &World) -> bool {
        let status = |id: &ServerId| world.peer(*id).and_then(Peer::status);
        let peer = |id: &ServerId| world.peer(*id);
        match self {
            Condition::Serving => is_serving(world),
            Condition::Settled => is_settled(world),
            Condition::Leader(id) => {
                status(id).is_some_and(|s| s.role == PeerState::Leading && s.serving)
            }
            Condition::Role(id, role) => status(id).is_some_and(|s| s.role == *role),
            Condition::AnyRole(role) => statuses(world).any(|s| s.role == *role),
            Condition::AllRole(role) => {
                statuses(world).next().is_some() && statuses(world).all(|s| s.role == *role)
            }
            Condition::Phase(id, phase) => status(id).is_some_and(|s| s.phase == *phase),
            Condition::Serves(id) => peer(id).is_some_and(Peer::serves),
            Condition::Down(id) => peer(id).is_some_and(|peer| !peer.is_up()),
            Condition::Sync(id, mode) => status(id).is_some_and(|s| s.sync == Some(*mode)),
            Condition::Logged(id, zxid) => status(id).is_some_and(|s| s.last_logged >= *zxid),
            Condition::Durable(id, zxid) => {
                peer(id).is_some_and(|peer| peer.disk.durable().last() >= *zxid)
            }
            Condition::Applied(id, zxid) => peer(id).is_some_and(|peer| peer.applied() >= *zxid),
            Condition::Decided(zxid) => world.checkers().last_decided() >= *zxid,
            Condition::Vote(id, candidate, zxid) => {
                status(id).and_then(|s| s.vote).is_some_and(|vote| {
                    vote.leader == *candidate && zxid.is_none_or(|zxid| zxid == vote.zxid)
                })
            }
            Condition::File(id) => peer(id).is_some_and(|peer| peer.own_file.is_some()),
            Condition::Bounds(id, least, most) => peer(id).is_some_and(|peer| {
                let config = &peer.config;
                let bounds = (config.min_session_timeout_ms, config.max_session_timeout_ms);
                peer.is_up() && bounds == (*least, *most)
            }),
            Condition::Timer(id, timer) => status(id).is_some_and(|s| s.timers.contains_key(timer)),
            Condition::Mode { server, standalone } => peer(server)
                .is_some_and(|peer| peer.is_up() && peer.config.standalone == *standalone),
            Condition::Broken(promise) => {
                world.violations().iter().any(|violation| violation.promise == *promise)
            }
            _ => self.stands_on_links(world) || self.stands_at_clients(world),
        }
    }

    fn stands_on_links(&self, world: &World) -> bool {
        match self {
            Condition::Linked(a, b, channel) => {
                world.is_linked(*a, *b, *channel) && world.is_linked(*b, *a, *channel)
            }
            Condition::Dialling(from, to) => {
                world.net.dials.get(&(*from, *to, Channel::Election)).is_some()
            }
            Condition::Dialled(from, to) => {
                let ends = [(*from, *to, Channel::Election), (*to, *from, Channel::Election)];
                let end = ends.iter().find_map(|side| world.net.ends.get(side));
                let conn = end.and_then(|end| world.net.conns.get(&end.conn));
                conn.is_some_and(|conn| conn.dialer == *from)
            }
            Condition::Outbox { from, to, candidate } => {
                let server = world.peer(*from).and_then(|peer| peer.server.as_ref());
                let waits = server.and_then(|server| server.waiting_vote(*to));
                waits.is_some_and(|vote| vote.leader == *candidate)
            }
            Condition::Held(like) => world.held().any(|flight| like.is_flight(flight)),
            _ => false,
        }
    }

    fn stands_at_clients(&self, world: &World) -> bool {
        let client = |id: &u32| world.clients().iter().find(|client| client.id == *id);
        match self {
            Condition::Connected(id) => client(id).is_some_and(|client| client.server().is_some()),
            Condition::At(id, server) => client(id).is_some_and(|c| c.server() == Some(*server)),
            Condition::Answered(id) => client(id).is_some_and(|client| client.pending.is_empty()),
            Condition::Ended(id) => {
                client(id).is_some_and(|c| matches!(c.state, ClientState::Ended { .. }))
            }
            Condition::Watched(id) => client(id)
                .is_some_and(|c| c.told.iter().any(|(_, told)| matches!(told, Told::Event(_)))),
            Condition::Stale(id) => world.checkers().history().is_stale(*id),
            Condition::Reply(id, how) => client(id).is_some_and(|client| is_replied(client, how)),
            _ => false,
        }
    }

    /// The place in a frame of the event that a leaf is about; nothing for a state.
    pub(super) fn event_of_leaf(&self, frame: &Frame) -> Option<usize> {
        match self {
            Condition::Sent(like) => {
                like.place(frame, |fate| matches!(fate, TravelFate::Sent { .. }))
            }
            Condition::Delivered(like) => like.place(frame, |fate| *fate == TravelFate::Arrived),
            Condition::Lost(like) => like.place(frame, |fate| *fate == TravelFate::Lost),
            _ => frame.events.iter().position(|event| match event {
                TraceEvent::Decided(decision) => self.is_decided(frame, decision),
                TraceEvent::Travelled(_) => false,
            }),
        }
    }

    /// Whether a leaf that speaks of an event took place in a frame.
    pub(super) fn happened(&self, frame: &Frame) -> bool {
        match self {
            Condition::Crashed(id) => frame.cause == Cause::Crashed && frame.peer == Some(*id),
            Condition::TurnedAway(client) => {
                let Cause::Client { request } = &frame.cause else { return false };
                *request == format!("c{client} is turned away")
            }
            Condition::Sent(_)
            | Condition::Delivered(_)
            | Condition::Lost(_)
            | Condition::Planned(..)
            | Condition::Truncated(..)
            | Condition::Registered(..)
            | Condition::Why(..)
            | Condition::Elected(..) => self.event_of_leaf(frame).is_some(),
            _ => false,
        }
    }

    /// Whether a decision is what a leaf speaks of: an event, or what brought a state about.
    fn is_decided(&self, frame: &Frame, decision: &Decision) -> bool {
        let own = |id: &ServerId| frame.peer == Some(*id);
        match (self, decision) {
            (
                Condition::Planned(id, mode, count),
                Decision::SyncPlanned { learner, mode: planned, count: counted, .. },
            ) => learner == id && mode == planned && count.is_none_or(|it| it == *counted),
            (Condition::Truncated(id, zxid), Decision::Truncated { to }) => own(id) && to == zxid,
            (Condition::Registered(id, name), Decision::Registered { part }) => {
                own(id) && part_name(part) == *name
            }
            (Condition::Why(id, reason), Decision::RoleChanged { why, .. }) => {
                id.is_none_or(|id| own(&id)) && why == reason
            }
            (Condition::Elected(id, leader), Decision::Elected { vote, .. }) => {
                own(id) && vote.leader == *leader
            }
            (Condition::Role(id, role), Decision::RoleChanged { role: taken, .. }) => {
                own(id) && role == taken
            }
            (Condition::AnyRole(role), Decision::RoleChanged { role: taken, .. }) => role == taken,
            (Condition::Phase(id, phase), Decision::PhaseChanged { phase: entered }) => {
                own(id) && phase == entered
            }
            (Condition::Vote(id, leader, _), Decision::Proposes { vote, .. }) => {
                own(id) && vote.leader == *leader
            }
            (Condition::Sync(id, mode), Decision::SyncStarted { mode: begun, .. }) => {
                own(id) && mode == begun
            }
            (Condition::Timer(id, timer), Decision::TimerSet { timer: set, at: Some(_), .. }) => {
                own(id) && timer == set
            }
            (Condition::Serving, Decision::Serving { serving }) => *serving,
            _ => false,
        }
    }
}

fn statuses(world: &World) -> impl Iterator<Item = PeerStatus> {
    world.peers().filter_map(Peer::status)
}

/// How a client's newest request stands.
fn is_replied(client: &VirtualClient, how: &ReplyIs) -> bool {
    let newest = client.next_cxid;
    let waits = client.pending.iter().any(|pending| pending.cxid == newest);
    let answer = client.told.iter().rev().find_map(|(_, told)| match told {
        Told::Answer { cxid, result, .. } if *cxid == newest => Some(result),
        Told::Answer { .. }
        | Told::Session(_)
        | Told::Event(_)
        | Told::WatchesSet
        | Told::ConnectionLost
        | Told::Expired => None,
    });
    match how {
        ReplyIs::Waits => waits,
        ReplyIs::Unknown => newest > 0 && !waits && answer.is_none(),
        ReplyIs::Ok => answer.is_some_and(Result::is_ok),
        ReplyIs::Error => answer.is_some_and(Result::is_err),
        ReplyIs::Text(text) => answer.is_some_and(|result| match result {
            Ok(ReplyBody::Data { data, .. }) => {
                data.as_deref().unwrap_or_default() == text.as_bytes()
            }
            Ok(ReplyBody::Path(Some(path)) | ReplyBody::PathStat { path, .. }) => path == text,
            Ok(_) | Err(_) => false,
        }),
    }
}

/// A leader serves, and enough others do.
fn is_serving(world: &World) -> bool {
    let serving: SortedSet<ServerId> =
        world.peers().filter(|peer| !peer.paused && peer.serves()).map(|peer| peer.id).collect();
    let leads = |id: &ServerId| {
        let server = world.peer(*id).and_then(|peer| peer.server.as_ref());
        server.is_some_and(|server| server.role() == PeerState::Leading)
    };
    serving.iter().any(leads) && world.ensemble().is_quorum(&serving)
}

/// Nothing is left to do but to ping.
fn is_settled(world: &World) -> bool {
    is_serving(world)
        && world
            .peers()
            .all(|peer| !peer.is_up() || is_in_step(peer, world) || is_outside(peer, world))
        && world.clients().iter().all(|client| client.pending.is_empty())
}

fn is_in_step(peer: &Peer, world: &World) -> bool {
    let last = world.checkers().last_decided();
    peer.serves()
        && peer.applied() == last
        && peer.disk.unsynced() == 0
        && peer.server.as_ref().is_some_and(|server| server.last_logged() == last)
}

/// Whether a server has promised more than the leader it would follow can offer.
fn is_outside(peer: &Peer, world: &World) -> bool {
    let statuses = world.peers().filter(|peer| peer.serves()).filter_map(Peer::status);
    let reigning = statuses.map(|status| status.current_epoch).max();
    peer.status().is_some_and(|status| Some(status.accepted_epoch) > reigning)
}
