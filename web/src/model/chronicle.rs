//! The chronicle: the whole recorded run as the space-time diagram draws it.
//!
//! It grows by one frame at a time, and a fork cuts it back to where the runs part. All that is in
//! it knows its step, so that it can be cut and so that time can be told in steps as well. What is
//! drawn of it is the diagram's business.

use std::rc::Rc;

use vivarium_protocol::base::{Gather, ServerId, SortedMap, Time};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{
    Cause, Decision, Frame, MessageId, QuorumKind, TraceEvent, Travel, TravelFate,
};
use vivarium_sim::cost::Ledger;

use super::scene::Scene;

/// How a server stands for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It does not run.
    Down,
    /// It runs, in this role, with this candidate or leader.
    Up(PeerState, Option<ServerId>),
}

/// A stretch of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// From here.
    pub from: Time,
    /// To here; `None` while it lasts.
    pub to: Option<Time>,
    /// How the server stands.
    pub stand: Stand,
    /// How many frames lie before it: the number of the step that began it, plus one.
    pub after: usize,
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is still on its way.
    Flying,
    /// It arrived.
    Arrived,
    /// It was lost at that moment.
    Lost(Time),
}

/// A message on the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// What it is.
    pub travel: Rc<Travel>,
    /// When it left.
    pub sent: Time,
    /// When it arrives, or would have.
    pub arrives: Time,
    /// How it ended.
    pub ending: Ending,
    /// The step that sent it.
    pub step: u64,
    /// The step in which it arrived or was lost, once it has.
    pub ended: Option<u64>,
}

/// A sign above a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// Cross.
    Crash,
    /// Triangle.
    Start,
    /// Flag.
    Elected,
    /// Diamond.
    Epoch,
    /// Bar.
    Truncated,
    /// Square.
    Committed,
}

/// A sign, where and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Time,
    /// On whose lane.
    pub server: ServerId,
    /// Which.
    pub kind: MarkKind,
    /// In which step.
    pub step: u64,
}

/// Something done to the world from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Time,
    /// In which step.
    pub step: u64,
    /// What, in the story language.
    pub text: Rc<str>,
}

/// The run as far as it is recorded.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    scene: Rc<Scene>,
    /// Lanes, by server.
    pub lanes: SortedMap<ServerId, Vec<Band>>,
    /// Messages in the order they were sent.
    pub arrows: Vec<Arrow>,
    /// Signs, in order.
    pub marks: Vec<Mark>,
    /// What was done from outside, in order.
    pub acts: Vec<Act>,
    /// The longest that a message was on its way, in microseconds.
    pub longest: u64,
    /// Steps that a visitor may want to jump to: index of the frame, and its time.
    pub keys: Vec<(usize, Time)>,
    /// The time of the last frame.
    pub end: Time,
    /// What it has cost.
    pub ledger: Ledger,
    /// By sender, since among a hundred servers thousands are under way.
    under_way: SortedMap<ServerId, SortedMap<MessageId, usize>>,
}

impl Chronicle {
    /// A chronicle of nothing yet.
    #[must_use]
    pub fn new(scene: Rc<Scene>) -> Chronicle {
        let down = Band { from: Time::default(), to: None, stand: Stand::Down, after: 0 };
        let lanes = scene.servers.keys().map(|id| (*id, vec![down])).gather();
        Chronicle { scene, lanes, ..Chronicle::default() }
    }

    /// How many frames it holds.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.scene.frames
    }

    /// The newest scene.
    #[must_use]
    pub fn frontier(&self) -> &Rc<Scene> {
        &self.scene
    }

    /// Takes the next frame.
    pub fn push(&mut self, frame: &Frame) {
        if is_key(frame) {
            self.keys.push((self.scene.frames, frame.at));
        }
        Rc::make_mut(&mut self.scene).fold(frame);
        self.ledger.take(frame);
        self.end = frame.at;
        for event in &frame.events {
            match event {
                TraceEvent::Travelled(travel) => self.travel(frame, travel),
                TraceEvent::Decided(decision) => self.mark(frame, decision),
            }
        }
        if let Cause::Command { text } = &frame.cause {
            let text = Rc::from(text.as_str());
            self.acts.push(Act { at: frame.at, step: frame.step, text });
        }
        if let Some(id) = frame.peer {
            self.mark_cause(id, frame);
            self.stand(id, frame.at);
        }
    }

    /// Forgets every frame that is not in `scene`, which is the scene where the run parts.
    pub fn cut_back(&mut self, scene: Rc<Scene>) {
        let (position, step) = (scene.frames, scene.frames as u64);
        for lane in self.lanes.values_mut() {
            lane.truncate(lane.partition_point(|band| band.after <= position));
            if let Some(last) = lane.last_mut() {
                last.to = None;
            }
        }
        self.arrows.truncate(self.arrows.partition_point(|arrow| arrow.step < step));
        self.under_way.clear();
        for (index, arrow) in self.arrows.iter_mut().enumerate() {
            if arrow.ended.is_none_or(|ended| ended >= step) {
                (arrow.ending, arrow.ended) = (Ending::Flying, None);
                if let TravelFate::Sent { arrives: Some(planned) } = &arrow.travel.fate {
                    arrow.arrives = *planned;
                }
                let id = arrow.travel.id;
                self.under_way.entry(id.from).or_default().insert(id, index);
            }
        }
        self.marks.truncate(self.marks.partition_point(|mark| mark.step < step));
        self.acts.truncate(self.acts.partition_point(|act| act.step < step));
        self.keys.truncate(self.keys.partition_point(|(index, _)| *index < position));
        self.end = scene.at;
        self.scene = scene;
    }

    fn stand(&mut self, id: ServerId, at: Time) {
        let Some(server) = self.scene.servers.get(&id) else { return };
        let stand = if server.up {
            Stand::Up(server.status.role, server.stands_with())
        } else {
            Stand::Down
        };
        let bands = self.lanes.entry(id).or_default();
        if bands.last().is_some_and(|band| band.stand == stand) {
            return;
        }
        if let Some(last) = bands.last_mut() {
            last.to = Some(at);
        }
        bands.push(Band { from: at, to: None, stand, after: self.scene.frames });
    }

    fn travel(&mut self, frame: &Frame, travel: &Travel) {
        let ending = match &travel.fate {
            TravelFate::Sent { arrives } => {
                let arrow = Arrow {
                    travel: Rc::new(travel.clone()),
                    sent: frame.at,
                    arrives: arrives.unwrap_or(frame.at),
                    ending: Ending::Flying,
                    step: frame.step,
                    ended: None,
                };
                self.longest = self.longest.max(arrow.arrives.since(arrow.sent));
                let sent = self.under_way.entry(travel.id.from).or_default();
                sent.insert(travel.id, self.arrows.len());
                self.arrows.push(arrow);
                return;
            }
            TravelFate::Arrived => Ending::Arrived,
            TravelFate::Lost => Ending::Lost(frame.at),
        };
        let sent = self.under_way.get_mut(&travel.id.from);
        if let Some(index) = sent.and_then(|sent| sent.remove(&travel.id)) {
            let arrow = &mut self.arrows[index];
            if ending == Ending::Arrived {
                // A held message, and one for a paused server, arrives later than it was to.
                arrow.arrives = frame.at;
                self.longest = self.longest.max(arrow.arrives.since(arrow.sent));
            }
            (arrow.ending, arrow.ended) = (ending, Some(frame.step));
        }
    }

    fn mark(&mut self, frame: &Frame, decision: &Decision) {
        let Some(server) = frame.peer else { return };
        let kind = match decision {
            Decision::Elected { vote, .. } => match vote.leader == server {
                true => MarkKind::Elected,
                false => return,
            },
            Decision::AcceptedEpoch { .. } => MarkKind::Epoch,
            Decision::Truncated { .. } | Decision::Installed { .. } => MarkKind::Truncated,
            Decision::Committed { .. } => MarkKind::Committed,
            Decision::Registered { .. }
            | Decision::MembersChanged { .. }
            | Decision::Started { .. }
            | Decision::RoleChanged { .. }
            | Decision::PhaseChanged { .. }
            | Decision::RoundEntered { .. }
            | Decision::Proposes { .. }
            | Decision::Judged { .. }
            | Decision::Resent { .. }
            | Decision::VoteRenewed { .. }
            | Decision::Quorum { .. }
            | Decision::CurrentEpoch { .. }
            | Decision::Learner { .. }
            | Decision::SyncPlanned { .. }
            | Decision::SyncStarted { .. }
            | Decision::Logged { .. }
            | Decision::Durable { .. }
            | Decision::Proposed { .. }
            | Decision::Acked { .. }
            | Decision::Serving { .. }
            | Decision::ReadOnly { .. }
            | Decision::Established { .. }
            | Decision::TimerSet { .. }
            | Decision::SessionExpired { .. }
            | Decision::Hung { .. }
            | Decision::Halted { .. } => return,
        };
        self.marks.push(Mark { at: frame.at, server, kind, step: frame.step });
    }

    fn mark_cause(&mut self, server: ServerId, frame: &Frame) {
        let kind = match frame.cause {
            Cause::Crashed => MarkKind::Crash,
            Cause::Started => MarkKind::Start,
            Cause::LinkUp { .. }
            | Cause::LinkDown { .. }
            | Cause::Received(_)
            | Cause::Deadline { .. }
            | Cause::Durable
            | Cause::Applied
            | Cause::Client { .. }
            | Cause::Command { .. } => return,
        };
        self.marks.push(Mark { at: frame.at, server, kind, step: frame.step });
    }
}

/// Whether the step is one that "next key event" stops at.
#[must_use]
pub fn is_key(frame: &Frame) -> bool {
    let by_cause = matches!(frame.cause, Cause::Crashed | Cause::Command { .. });
    by_cause
        || frame.events.iter().any(|event| match event {
            TraceEvent::Decided(decision) => is_key_decision(frame.peer, decision),
            TraceEvent::Travelled(_) => false,
        })
}

fn is_key_decision(peer: Option<ServerId>, decision: &Decision) -> bool {
    match decision {
        Decision::Elected { vote, .. } => Some(vote.leader) == peer,
        Decision::RoleChanged { role, .. } => *role == PeerState::Looking,
        Decision::Quorum { reached, what, .. } => *reached && *what != QuorumKind::Votes,
        Decision::Committed { by, .. } => !by.is_empty(),
        Decision::SyncPlanned { .. }
        | Decision::MembersChanged { .. }
        | Decision::Truncated { .. }
        | Decision::Installed { .. }
        | Decision::Established { .. }
        | Decision::SessionExpired { .. }
        | Decision::Halted { .. }
        | Decision::Serving { .. }
        | Decision::ReadOnly { .. } => true,
        Decision::Registered { .. }
        | Decision::Started { .. }
        | Decision::PhaseChanged { .. }
        | Decision::RoundEntered { .. }
        | Decision::Proposes { .. }
        | Decision::Judged { .. }
        | Decision::Resent { .. }
        | Decision::VoteRenewed { .. }
        | Decision::AcceptedEpoch { .. }
        | Decision::CurrentEpoch { .. }
        | Decision::Learner { .. }
        | Decision::SyncStarted { .. }
        | Decision::Logged { .. }
        | Decision::Durable { .. }
        | Decision::Proposed { .. }
        | Decision::Acked { .. }
        | Decision::TimerSet { .. }
        | Decision::Hung { .. } => false,
    }
}
