//! One server of the scene: what a decision changes about it, and what follows from what it knows.

use std::collections::VecDeque;
use std::rc::Rc;

use vivarium_protocol::base::{Epoch, ServerId, SortedMap, SortedSet, Time, Zxid};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::message::Vote;
use vivarium_protocol::trace::{Decision, Frame, PeerStatus, Timer};

use super::{Entry, Field, Judgement, MOVES_KEPT, Scene, ServerView, VERDICTS_KEPT};

impl ServerView {
    pub(super) fn new(id: ServerId, observer: bool) -> ServerView {
        ServerView {
            id,
            observer,
            votes: !observer,
            up: false,
            since: Time::default(),
            status: PeerStatus::born(Epoch(0), Epoch(0), Zxid::ZERO),
            log: Vec::new(),
            base: Zxid::ZERO,
            cut_off: Vec::new(),
            judgements: VecDeque::new(),
            changed: SortedMap::new(),
            plan: None,
            last_step: None,
            boot: Vec::new(),
            links: Rc::default(),
            half_ticks: 0,
            moves: Vec::new(),
        }
    }

    /// The epoch that it leads, once it has one of its own.
    #[must_use]
    pub fn leads_epoch(&self, scene: &Scene) -> Option<Epoch> {
        let epoch = self.status.accepted_epoch;
        (scene.leaders.get(&epoch) == Some(&self.id)).then_some(epoch)
    }

    /// Whose hue it wears: the candidate it votes for, the leader it follows, nobody when down.
    #[must_use]
    pub fn stands_with(&self) -> Option<ServerId> {
        if !self.up {
            return None;
        }
        let candidate = || self.status.vote.map(|vote| vote.leader);
        self.status.leader.or_else(candidate).filter(|id| *id != ServerId::NOBODY)
    }

    /// Whether `field` changed less than `within` microseconds ago, and what it was.
    #[must_use]
    pub fn just_changed(&self, field: Field, now: Time, within: u64) -> Option<&str> {
        let (at, was) = self.changed.get(&field)?;
        (self.up && now.since(*at) < within).then_some(was.as_str())
    }

    /// The votes of this election for the candidate that has most of them, its voters in order.
    #[must_use]
    pub fn front_runner(&self) -> Option<(ServerId, Vec<ServerId>)> {
        let mut by_candidate: SortedMap<ServerId, SortedSet<ServerId>> = SortedMap::new();
        for (from, received) in &self.status.votes {
            by_candidate.entry(received.vote.leader).or_default().insert(*from);
        }
        if let (Some(vote), true) = (self.status.vote, self.votes) {
            for voters in by_candidate.values_mut() {
                voters.remove(&self.id);
            }
            by_candidate.entry(vote.leader).or_default().insert(self.id);
        }
        let best = by_candidate.into_iter().max_by_key(|(id, voters)| (voters.len(), *id))?;
        Some((best.0, best.1.into_iter().collect()))
    }

    /// A process that ends leaves nothing of its start and its connections to the next.
    pub(super) fn forget_process(&mut self) {
        self.boot.clear();
        self.links = Rc::default();
        self.moves.clear();
    }

    pub(super) fn fold(&mut self, frame: &Frame, decision: &Decision) {
        self.last_step = Some(frame.step);
        if let Decision::Registered { part } = decision {
            self.boot.push(*part);
        } else if let Decision::RoleChanged { role, .. } = decision {
            if self.moves.len() == MOVES_KEPT {
                self.moves.remove(0);
            }
            self.moves.push((frame.at, *role));
            if *role != PeerState::Looking {
                self.observer = *role == PeerState::Observing;
            }
            self.cut_off.clear();
            self.half_ticks = 0;
        } else if let Decision::TimerSet { timer: Timer::HalfTick, at: Some(_), .. } = decision {
            self.half_ticks += 1;
        }
        self.fold_log(decision);
        self.fold_votes(frame, decision);
        // Nothing marks a change of these two, and among many servers they are long.
        let votes = std::mem::take(&mut self.status.votes);
        let learners = std::mem::take(&mut self.status.learners);
        let before = self.status.clone();
        (self.status.votes, self.status.learners) = (votes, learners);
        self.status.fold(decision);
        if matches!(decision, Decision::Started { .. }) {
            self.changed.clear();
        } else {
            self.note_changes(frame.at, &before);
        }
    }

    fn fold_log(&mut self, decision: &Decision) {
        match decision {
            // What was not yet on disk is gone; what is older than the watching has no name.
            Decision::Started { last_logged, .. } => {
                self.log.retain(|entry| entry.zxid <= *last_logged);
                if self.log.last().map_or(self.base, |entry| entry.zxid) < *last_logged {
                    self.base = *last_logged;
                    self.log.clear();
                }
            }
            Decision::Logged { zxid, summary } => {
                self.log.retain(|entry| entry.zxid < *zxid);
                self.cut_off.retain(|cut| cut != zxid);
                self.log.push(Entry { zxid: *zxid, summary: Rc::from(summary.as_str()) });
            }
            Decision::Truncated { to } => {
                let from = self.log.partition_point(|entry| entry.zxid <= *to);
                self.cut_off = self.log[from..].iter().map(|entry| entry.zxid).collect();
                self.log.truncate(from);
                if let Some(plan) = &mut self.plan {
                    plan.cut_done = true;
                }
            }
            Decision::Installed { zxid } => {
                self.log.clear();
                self.base = *zxid;
            }
            Decision::Registered { .. }
            | Decision::MembersChanged { .. }
            | Decision::RoleChanged { .. }
            | Decision::PhaseChanged { .. }
            | Decision::RoundEntered { .. }
            | Decision::Proposes { .. }
            | Decision::Judged { .. }
            | Decision::Resent { .. }
            | Decision::Elected { .. }
            | Decision::VoteRenewed { .. }
            | Decision::Quorum { .. }
            | Decision::AcceptedEpoch { .. }
            | Decision::CurrentEpoch { .. }
            | Decision::Learner { .. }
            | Decision::SyncPlanned { .. }
            | Decision::SyncStarted { .. }
            | Decision::Durable { .. }
            | Decision::Proposed { .. }
            | Decision::Acked { .. }
            | Decision::Committed { .. }
            | Decision::Serving { .. }
            | Decision::ReadOnly { .. }
            | Decision::Established { .. }
            | Decision::TimerSet { .. }
            | Decision::SessionExpired { .. }
            | Decision::Hung { .. }
            | Decision::Halted { .. } => {}
        }
    }

    fn fold_votes(&mut self, frame: &Frame, decision: &Decision) {
        if let Decision::Judged { from, state, vote, round, verdict, against } = decision {
            if self.judgements.len() == VERDICTS_KEPT {
                self.judgements.pop_front();
            }
            self.judgements.push_back(Judgement {
                at: frame.at,
                from: *from,
                state: *state,
                vote: *vote,
                round: *round,
                verdict: *verdict,
                against: *against,
            });
        } else if matches!(decision, Decision::RoundEntered { .. }) {
            self.judgements.clear();
        }
    }

    fn note_changes(&mut self, at: Time, before: &PeerStatus) {
        let now = &self.status;
        let vote = |vote: Option<Vote>| vote.map_or_else(String::new, |vote| vote.to_string());
        let changes = [
            (Field::Role, before.role != now.role, before.role.name().to_owned()),
            (Field::Phase, before.phase != now.phase, before.phase.name().to_owned()),
            (Field::Round, before.round != now.round, before.round.to_string()),
            (Field::Vote, before.vote != now.vote, vote(before.vote)),
            (
                Field::AcceptedEpoch,
                before.accepted_epoch != now.accepted_epoch,
                before.accepted_epoch.to_string(),
            ),
            (
                Field::CurrentEpoch,
                before.current_epoch != now.current_epoch,
                before.current_epoch.to_string(),
            ),
            (
                Field::LastLogged,
                before.last_logged != now.last_logged,
                before.last_logged.to_string(),
            ),
            (
                Field::LastCommitted,
                before.last_committed != now.last_committed,
                before.last_committed.to_string(),
            ),
            (Field::Quorum, before.quorum != now.quorum, String::new()),
            (Field::Serving, before.serving != now.serving, String::new()),
        ];
        for (field, changed, was) in changes {
            if changed {
                self.changed.insert(field, (at, was));
            }
        }
    }
}
