//! Conditions that a part of a run has made true: what a step may wait for, best first.
//!
//! Invariant: every condition offered did not hold where the part begins and came true within it,
//! as the run itself shows.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Cause, Decision, Frame, RoleReason, TraceEvent, TravelFate};
use vivarium_sim::scenario::{Bound, Measure, MessageLike, Relation, ReplyIs};
use vivarium_sim::{ClientState, Condition, Timeline, Watch, World};

use super::names::{Names, marked};
use super::record::Span;

/// So many are offered at most.
const MOST: usize = 14;

/// A condition that came true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// In the words of the story language.
    pub condition: String,
    /// How long after the acts it came true, in microseconds of virtual time.
    pub after_us: u64,
    /// Whether that was in the very frame at which the playhead stands.
    pub here: bool,
    /// After how many frames of the run it came true.
    pub(super) met: u64,
}

/// A part of a run with the worlds at its ends.
pub(super) struct Window<'a> {
    pub timeline: &'a Timeline,
    pub span: Span,
    pub from: World,
    pub to: World,
}

impl<'a> Window<'a> {
    pub fn new(timeline: &'a Timeline, span: Span) -> Window<'a> {
        let (from, to) = (timeline.world_after(span.from), timeline.world_after(span.to));
        Window { timeline, span, from, to }
    }

    fn is_new(&self, condition: &Condition) -> bool {
        condition.holds(&self.to, None) && !condition.holds(&self.from, None)
    }

    /// After how many frames each of some conditions held first; and whether it held anew then,
    /// after a moment at which it did not.
    fn firsts(&self, conditions: &[Condition]) -> Vec<(Option<u64>, bool)> {
        let begin = |condition: &Condition| Watch::new(condition.clone(), &self.from);
        let mut watches: Vec<Watch> = conditions.iter().map(begin).collect();
        let mut firsts = vec![(None, false); conditions.len()];
        self.timeline.replay(self.span.from, self.span.to, |world, frame| {
            for (watch, (met, lapsed)) in watches.iter_mut().zip(&mut firsts) {
                if !watch.see(world, frame) {
                    *lapsed = true;
                } else if met.is_none() {
                    *met = Some(world.steps());
                }
            }
        });
        firsts
    }
}

/// The best state that a wait between two commands has brought about: one that needs no number of
/// a server.
pub(super) fn came_about(window: &Window<'_>, names: &Names) -> Option<String> {
    let mut states = of_all();
    states.extend(of_clients(&window.to));
    states.extend(names.servers().flat_map(|id| of_server(&window.to, id)));
    let new = states.into_iter().map(|state| (clear(&state), state));
    let best = new.into_iter().find(|(plain, _)| window.is_new(plain));
    best.map(|(_, state)| names.written(&state.to_string(), None))
}

/// What a step may wait for: `done` is the position right behind its acts. With `by_part` servers
/// are called by the parts that they play there.
pub(super) fn offers(window: &Window<'_>, names: &Names, done: u64, by_part: bool) -> Vec<Offer> {
    let after_acts = window.timeline.world_after(done);
    let parts = by_part.then_some(&after_acts);
    let found = candidates(window, names);
    let plain: Vec<Condition> = found.iter().map(clear).collect();
    let firsts = window.firsts(&plain);
    let mut offers: Vec<(u8, Offer)> = Vec::new();
    for (condition, (met, _)) in found.iter().zip(firsts) {
        let Some(met) = met.filter(|met| *met >= done.min(window.span.to)) else { continue };
        let text = names.written(&condition.to_string(), parts);
        if offers.iter().any(|(_, offer)| offer.condition == text) {
            continue;
        }
        let at = window.timeline.frames().get(met.saturating_sub(1) as usize);
        let after_us = at.map_or(0, |frame| frame.at.0.saturating_sub(after_acts.now().0));
        let here = met == window.span.to;
        let numbered = text.split([' ', '>']).any(|word| word.parse::<u64>().is_ok());
        let rank = match (here, numbered, is_event(condition)) {
            (true, false, _) => 0,
            (false, false, false) => 1,
            (_, true, false) | (true, true, true) => 2,
            (false, _, true) => 3,
        };
        offers.push((rank, Offer { condition: text, after_us, here, met }));
    }
    offers.sort_by_key(|(rank, _)| *rank);
    offers.into_iter().map(|(_, offer)| offer).take(MOST).collect()
}

/// Whether it speaks of one frame, and not of what lasts.
fn is_event(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::Sent(_)
            | Condition::Delivered(_)
            | Condition::Lost(_)
            | Condition::Planned(..)
            | Condition::Truncated(..)
            | Condition::Why(..)
            | Condition::Elected(..)
            | Condition::Crashed(_)
    )
}

/// Everything that came about, with servers' numbers marked, best first.
fn candidates(window: &Window<'_>, names: &Names) -> Vec<Condition> {
    let new = |state: &Condition| window.is_new(&clear(state));
    let all: Vec<Condition> = of_all().into_iter().filter(new).collect();
    let clients: Vec<Condition> = of_clients(&window.to).into_iter().filter(new).collect();
    let of_these = |ids: Vec<ServerId>| -> Vec<Condition> {
        ids.into_iter().flat_map(|id| of_server(&window.to, id)).filter(new).collect()
    };
    let named = of_these(names.servers().collect());
    let others = of_these(window.to.peers().map(|peer| peer.id).collect());
    let again = again(window, clients.iter().chain(&named).chain(&others).chain(&all).next());
    let decided = Condition::Decided(window.to.checkers().last_decided());
    let decided = Some(decided).filter(|decided| window.is_new(decided));
    let events = events(window);
    let (here, before) = events.into_iter().partition::<Vec<_>, _>(|(_, here)| *here);
    let plain = |events: Vec<(Condition, bool)>| events.into_iter().map(|(event, _)| event);
    let states = again.into_iter().chain(all).chain(clients).chain(named).chain(decided);
    plain(here).chain(states).chain(others).chain(plain(before)).collect()
}

/// What held, did not for a while, and holds again, together with something new: a new leader
/// where the old one is down.
fn again(window: &Window<'_>, new: Option<&Condition>) -> Vec<Condition> {
    let Some(new) = new else { return Vec::new() };
    let bases = [Condition::AnyRole(PeerState::Leading), Condition::Serving, Condition::Settled];
    let stands = |base: &Condition| base.holds(&window.from, None) && base.holds(&window.to, None);
    let firsts = window.firsts(&bases);
    let lapsed = bases.into_iter().zip(firsts).filter(|(_, (_, lapsed))| *lapsed);
    let back = lapsed.map(|(base, _)| base).filter(stands);
    back.map(|base| Condition::And(vec![new.clone(), base])).collect()
}

/// States of the whole ensemble.
fn of_all() -> Vec<Condition> {
    vec![
        Condition::Settled,
        Condition::Serving,
        Condition::AnyRole(PeerState::Leading),
        Condition::AllRole(PeerState::Looking),
        Condition::Not(Box::new(Condition::Serving)),
    ]
}

/// States of the clients.
fn of_clients(world: &World) -> Vec<Condition> {
    let mut states = Vec::new();
    for client in world.clients() {
        let id = client.id;
        for how in [ReplyIs::Error, ReplyIs::Unknown, ReplyIs::Ok, ReplyIs::Waits] {
            states.push(Condition::Reply(id, how));
        }
        let answers = Measure::Answers(id);
        let told = answers_of(client);
        if told > 0 {
            states.push(Condition::Compare(answers, Relation::AtLeast, Bound::Fixed(told)));
        }
        states.extend([
            Condition::Stale(id),
            Condition::Watched(id),
            Condition::Ended(id),
            Condition::Connected(id),
            Condition::Not(Box::new(Condition::Connected(id))),
        ]);
        if let ClientState::Connected { server, .. } = client.state {
            states.push(Condition::At(id, marked(server)));
        }
    }
    states
}

/// How many requests of a client have succeeded.
fn answers_of(client: &vivarium_sim::VirtualClient) -> u64 {
    let good = |told: &vivarium_sim::Told| {
        matches!(told, vivarium_sim::Told::Answer { result: Ok(_), .. })
    };
    client.told.iter().filter(|(_, told)| good(told)).count() as u64
}

/// States of one server.
fn of_server(world: &World, id: ServerId) -> Vec<Condition> {
    let Some(peer) = world.peer(id) else { return Vec::new() };
    let who = marked(id);
    let Some(status) = peer.status() else { return vec![Condition::Down(who)] };
    let mut states = vec![Condition::Role(who, status.role), Condition::Phase(who, status.phase)];
    if let Some(mode) = status.sync {
        states.insert(0, Condition::Sync(who, mode));
    }
    if peer.serves() {
        states.push(Condition::Serves(who));
    }
    states.push(Condition::Applied(who, peer.applied()));
    states
}

/// The events of the window, each once, and whether they are those of its last frame.
fn events(window: &Window<'_>) -> Vec<(Condition, bool)> {
    let span = window.span.from as usize..window.span.to as usize;
    let frames = window.timeline.frames().get(span).unwrap_or_default();
    let mut found: Vec<(Condition, bool)> = Vec::new();
    let mut note = |event: Condition, here: bool| {
        // Its first time is what a step would wait for.
        if found.iter().all(|(other, _)| *other != event) {
            found.push((event, here));
        }
    };
    for (place, frame) in frames.iter().enumerate() {
        for event in events_of(frame) {
            note(event, place + 1 == frames.len());
        }
    }
    found
}

/// The events of a frame that conditions speak of.
fn events_of(frame: &Frame) -> Vec<Condition> {
    let mut events = Vec::new();
    if let (Cause::Crashed, Some(id)) = (&frame.cause, frame.peer) {
        events.push(Condition::Crashed(marked(id)));
    }
    for event in &frame.events {
        match event {
            TraceEvent::Decided(decision) => events.extend(decided(frame, decision)),
            TraceEvent::Travelled(travel) => {
                let kind = travel.packet.map_or("VOTE", |packet| packet.name());
                if kind == "PING" {
                    continue;
                }
                let (from, to) = (Some(marked(travel.id.from)), Some(marked(travel.id.to)));
                let like = MessageLike { kind: kind.to_owned(), from, to, zxid: None };
                match travel.fate {
                    TravelFate::Sent { .. } => events.push(Condition::Sent(like)),
                    TravelFate::Arrived => events.push(Condition::Delivered(like)),
                    TravelFate::Lost => events.push(Condition::Lost(like)),
                }
            }
        }
    }
    events
}

/// What a decision is to a condition.
fn decided(frame: &Frame, decision: &Decision) -> Option<Condition> {
    let own = frame.peer.map(marked)?;
    match decision {
        Decision::SyncPlanned { learner, mode, .. } => {
            Some(Condition::Planned(marked(*learner), *mode, None))
        }
        Decision::Truncated { to } => Some(Condition::Truncated(own, *to)),
        Decision::Elected { vote, .. } => Some(Condition::Elected(own, marked(vote.leader))),
        Decision::RoleChanged { why: RoleReason::Started, .. } => None,
        Decision::RoleChanged { why, .. } => Some(Condition::Why(None, *why)),
        _ => None,
    }
}

/// A condition with servers' own numbers in the place of marked ones.
pub(super) fn clear(condition: &Condition) -> Condition {
    let text = Names::default().written(&condition.to_string(), None);
    Condition::of(&text).expect("what Display writes is read back")
}
