//! The seeker: one server's search for a leader, from entering LOOKING to a winner.
//!
//! FastLeaderElection's `lookForLeader`, turned inside out: where ZooKeeper waits at a queue, this
//! keeps a deadline and is called again.
//!
//! Invariants:
//! 1. The proposal never gets worse within a round; a newer round starts from the own vote.
//! 2. A quorum decides only after `finalizeWait` without a better vote, or if the leader itself is
//!    among those that say that it leads.
//! 3. Between two calls the inbox is empty, and exactly one deadline is set.
//!
//! ZooKeeper asks its connections whether anything was delivered before it sends its votes again,
//! and dials if not. Here the vote is always sent again: the slot of a peer that cannot be reached
//! holds one message, and a send to such a peer is what makes its link dial.

use std::cmp::Ordering;
use std::collections::VecDeque;

use bytes::Bytes;

use super::tally::{self, Cast};
use super::{Ballot, Elected, ElectionOutput};
use crate::base::{Config, Epoch, Learner, Now, ServerId, SortedMap, SortedSet, Zxid};
use crate::message::{Notification, PeerState, Vote};
use crate::trace::{
    Comparison, Decision, ElectedHow, QuorumKind, QuorumStatus, ReceivedVote, Timer, TimerStatus,
    Verdict, VoteReason,
};

/// The version of our notifications: with a configuration.
const NOTIFICATION_VERSION: i32 = 2;

/// A notification, without the configuration that nobody reads here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) from: ServerId,
    pub(super) state: PeerState,
    pub(super) vote: Vote,
    pub(super) round: i64,
    pub(super) version: i32,
}

impl Heard {
    pub(super) fn new(from: ServerId, notification: &Notification) -> Heard {
        let Notification { state, vote, round, version, config: _ } = notification;
        Heard { from, state: *state, vote: *vote, round: *round, version: *version }
    }

    fn received(&self) -> ReceivedVote {
        ReceivedVote { vote: self.vote, round: self.round, state: self.state }
    }

    fn cast(&self) -> Cast {
        Cast { vote: self.vote, round: self.round, state: self.state, version: self.version }
    }
}

/// What a step of the election works with besides the seeker's own tables.
pub(super) struct Context<'a, 'b> {
    pub(super) clock: &'a mut i64,
    config: &'a Config,
    text: &'a Bytes,
    now: Now,
    out: &'a mut ElectionOutput<'b>,
}

impl<'a, 'b> Context<'a, 'b> {
    pub(super) fn new(
        config: &'a Config,
        text: &'a Bytes,
        clock: &'a mut i64,
        now: Now,
        out: &'a mut ElectionOutput<'b>,
    ) -> Context<'a, 'b> {
        Context { clock, config, text, now, out }
    }

    /// Sends one notification.
    pub(super) fn say(&mut self, to: ServerId, state: PeerState, vote: Vote, round: i64) {
        let (version, config) = (NOTIFICATION_VERSION, Some(self.text.clone()));
        self.out.sends.push((to, Notification { state, vote, round, version, config }));
    }

    /// Records what was made of a notification.
    pub(super) fn judged(
        &mut self,
        heard: &Heard,
        verdict: Verdict,
        against: Option<(Vote, Comparison)>,
    ) {
        let Heard { from, state, vote, round, version: _ } = *heard;
        self.out.trace.push(|| Decision::Judged { from, state, vote, round, verdict, against });
    }

    fn is_voter(&self, id: ServerId) -> bool {
        self.config.is_voter(id)
    }

    fn compare(&self, new: &Vote, current: &Vote) -> (bool, Comparison) {
        tally::compare(new, current, &self.config.ensemble)
    }
}

/// One search for a leader.
#[derive(Clone, Debug)]
pub(super) struct Seeker {
    /// The vote of this server for itself, or for nobody if it may not stand.
    initial: Vote,
    proposal: Vote,
    /// Votes of this round, of servers in any state (`recvset`).
    received: SortedMap<ServerId, ReceivedVote>,
    /// Votes of servers that have decided, of any round (`outofelection`).
    decided: SortedMap<ServerId, Cast>,
    /// Loop-backs and put-backs; empty between calls.
    inbox: VecDeque<Heard>,
    quorum: Option<QuorumStatus>,
    /// The next wait before the proposal is sent again, in milliseconds.
    resend_ms: u64,
    /// Whether a quorum stands and is waited for to be beaten.
    finalizing: bool,
    timer: Option<(Timer, TimerStatus)>,
}

impl Seeker {
    /// Enters a new round with the own vote and tells every voter.
    pub(super) fn begin(ballot: &Ballot, context: &mut Context) -> (Seeker, Option<Elected>) {
        let initial = initial_vote(ballot, context.config);
        let mut seeker = Seeker {
            initial,
            proposal: initial,
            received: SortedMap::new(),
            decided: SortedMap::new(),
            inbox: VecDeque::new(),
            quorum: None,
            resend_ms: context.config.min_notification_interval_ms,
            finalizing: false,
            timer: None,
        };
        let round = context.clock.wrapping_add(1);
        seeker.enter_round(round, context);
        seeker.propose(initial, VoteReason::OwnVote, None, Comparison::Equal, context);
        let elected = seeker.drain(context);
        (seeker, elected)
    }

    /// A voter's notification. One that is behind is told of the newer round, besides being judged.
    pub(super) fn on_notification(
        &mut self,
        heard: Heard,
        context: &mut Context,
    ) -> Option<Elected> {
        if heard.state == PeerState::Looking && heard.round < *context.clock {
            let clock = *context.clock;
            context.say(heard.from, PeerState::Looking, self.proposal, clock);
        }
        self.inbox.push_back(heard);
        self.drain(context)
    }

    /// Nothing was heard for as long as the deadline allowed: a quorum that stands has won;
    /// otherwise the proposal is sent again and the wait doubles.
    pub(super) fn on_deadline(&mut self, context: &mut Context) -> Option<Elected> {
        if self.timer.is_none_or(|(_, status)| status.at > context.now.at) {
            return None;
        }
        if self.finalizing {
            let (vote, round) = (self.proposal, *context.clock);
            return Some(self.elect(vote, round, ElectedHow::QuorumOfVotes, context));
        }
        self.resend_ms =
            self.resend_ms.saturating_mul(2).min(context.config.max_notification_interval_ms);
        let next_ms = self.resend_ms;
        context.out.trace.push(|| Decision::Resent { next_ms });
        self.broadcast(context);
        self.drain(context)
    }

    pub(super) fn proposal(&self) -> Vote {
        self.proposal
    }

    pub(super) fn votes(&self) -> &SortedMap<ServerId, ReceivedVote> {
        &self.received
    }

    pub(super) fn quorum(&self) -> Option<&QuorumStatus> {
        self.quorum.as_ref()
    }

    pub(super) fn timer(&self) -> Option<(Timer, TimerStatus)> {
        self.timer
    }

    /// Clears the deadline.
    pub(super) fn disarm(&mut self, out: &mut ElectionOutput) {
        if let Some((timer, TimerStatus { from, .. })) = self.timer.take() {
            out.trace.push(|| Decision::TimerSet { timer, from, at: None });
        }
    }

    /// Takes everything in the inbox, oldest first; what comes of it joins at the tail.
    fn drain(&mut self, context: &mut Context) -> Option<Elected> {
        while let Some(heard) = self.inbox.pop_front() {
            let elected = if self.finalizing {
                self.challenge(heard, context);
                None
            } else {
                self.judge(&heard, context)
            };
            if elected.is_some() {
                return elected;
            }
        }
        self.rearm(context);
        None
    }

    /// Whatever arrives while the winner is being confirmed is only compared with it, never
    /// counted. A better vote ends the wait and is judged like a new one, after what is queued.
    fn challenge(&mut self, heard: Heard, context: &mut Context) {
        let (better, by) = context.compare(&heard.vote, &self.proposal);
        let against = Some((self.proposal, by));
        if better {
            context.judged(&heard, Verdict::BetterWhileFinalizing, against);
            self.finalizing = false;
            self.inbox.push_back(heard);
        } else {
            context.judged(&heard, Verdict::NoBetterWhileFinalizing, against);
        }
    }

    fn judge(&mut self, heard: &Heard, context: &mut Context) -> Option<Elected> {
        let (better, by) = context.compare(&heard.vote, &self.proposal);
        let against = (self.proposal, by);
        if !context.is_voter(heard.from) || !context.is_voter(heard.vote.leader) {
            context.judged(heard, Verdict::NotAVoter, Some(against));
            return None;
        }
        match heard.state {
            PeerState::Looking => {
                self.judge_looking(heard, better, against, context);
                None
            }
            PeerState::Observing => {
                context.judged(heard, Verdict::FromObserver, Some(against));
                None
            }
            PeerState::Following | PeerState::Leading => {
                self.judge_decided(heard, against, context)
            }
        }
    }

    fn judge_looking(
        &mut self,
        heard: &Heard,
        better: bool,
        against: (Vote, Comparison),
        context: &mut Context,
    ) {
        if self.initial.zxid == Zxid::UNTRUSTED || heard.vote.zxid == Zxid::UNTRUSTED {
            context.judged(heard, Verdict::Untrusted, Some(against));
            return;
        }
        match heard.round.cmp(context.clock) {
            Ordering::Less => {
                context.judged(heard, Verdict::OldRound, Some(against));
                return;
            }
            Ordering::Equal => {
                self.count(heard, Verdict::Counted, against, context);
                if better {
                    let (beaten, by) = against;
                    self.propose(heard.vote, VoteReason::Better, Some(beaten), by, context);
                }
            }
            Ordering::Greater => self.take_over_round(heard, context),
        }
        let (vote, round) = (self.proposal, *context.clock);
        let candidate = Cast { vote, round, state: PeerState::Looking, version: 0 };
        let have = self.supporters_this_round(&candidate, context);
        self.finalizing = self.report_quorum(&have, context);
    }

    /// A newer round starts from the own vote, not from the proposal of the older one: what others
    /// said there counts for nothing here.
    fn take_over_round(&mut self, heard: &Heard, context: &mut Context) {
        self.enter_round(heard.round, context);
        let (better, by) = context.compare(&heard.vote, &self.initial);
        self.count(heard, Verdict::Counted, (self.initial, by), context);
        if better {
            let beaten = Some(self.initial);
            self.propose(heard.vote, VoteReason::NewerRoundBetter, beaten, by, context);
        } else {
            let beaten = Some(heard.vote);
            self.propose(self.initial, VoteReason::NewerRoundOwnBetter, beaten, by, context);
        }
    }

    /// A server that has decided: it counts in this round if it decided in it, and in any case
    /// among those that make up an ensemble at work.
    fn judge_decided(
        &mut self,
        heard: &Heard,
        against: (Vote, Comparison),
        context: &mut Context,
    ) -> Option<Elected> {
        let (cast, this_round) = (heard.cast(), heard.round == *context.clock);
        if this_round {
            self.count(heard, Verdict::CountedDecided, against, context);
            let have = self.supporters_this_round(&cast, context);
            let leads = self.received.get(&cast.vote.leader).map(|vote| vote.state);
            if self.report_quorum(&have, context) && confirmed(&cast, leads, context) {
                return Some(self.settle(heard, ElectedHow::SettledThisRound, context));
            }
        } else {
            context.judged(heard, Verdict::KeptApart, Some(against));
        }
        self.decided.insert(heard.from, cast);
        let votes = self.decided.iter().map(|(id, cast)| (*id, *cast));
        let have = tally::supporters(votes, &cast, context.config);
        let leads = self.decided.get(&cast.vote.leader).map(|vote| vote.state);
        // Those at work have asked whomever they had to, so who joins them need not ask a proposed
        // configuration as well: it may be one that this server alone has heard of.
        let wins = context.config.ensemble.is_quorum(&have) && confirmed(&cast, leads, context);
        if wins || !this_round {
            self.report_quorum(&have, context);
        }
        let how =
            if this_round { ElectedHow::SettledThisRound } else { ElectedHow::JoinedEstablished };
        wins.then(|| self.settle(heard, how, context))
    }

    fn settle(&mut self, heard: &Heard, how: ElectedHow, context: &mut Context) -> Elected {
        *context.clock = heard.round;
        self.elect(heard.vote, heard.round, how, context)
    }

    fn elect(&mut self, vote: Vote, round: i64, how: ElectedHow, context: &mut Context) -> Elected {
        self.inbox.clear();
        self.disarm(context.out);
        context.out.trace.push(|| Decision::Elected { vote, round, how });
        Elected { vote, round }
    }

    fn enter_round(&mut self, round: i64, context: &mut Context) {
        *context.clock = round;
        self.received.clear();
        self.quorum = None;
        context.out.trace.push(|| Decision::RoundEntered { round });
    }

    fn count(
        &mut self,
        heard: &Heard,
        verdict: Verdict,
        against: (Vote, Comparison),
        context: &mut Context,
    ) {
        self.received.insert(heard.from, heard.received());
        context.judged(heard, verdict, Some(against));
    }

    fn propose(
        &mut self,
        vote: Vote,
        why: VoteReason,
        against: Option<Vote>,
        by: Comparison,
        context: &mut Context,
    ) {
        self.proposal = vote;
        let round = *context.clock;
        context.out.trace.push(|| Decision::Proposes { vote, round, why, against, by });
        self.broadcast(context);
    }

    /// Tells every voter, itself by the inbox. Observers are never addressed.
    fn broadcast(&mut self, context: &mut Context) {
        let config = context.config;
        let (vote, round, state) = (self.proposal, *context.clock, PeerState::Looking);
        for voter in config.voters() {
            if voter == config.id {
                let version = NOTIFICATION_VERSION;
                self.inbox.push_back(Heard { from: voter, state, vote, round, version });
            } else {
                context.say(voter, state, vote, round);
            }
        }
    }

    fn supporters_this_round(&self, candidate: &Cast, context: &Context) -> SortedSet<ServerId> {
        let votes = self.received.iter().map(|(id, vote)| (*id, Cast::of_this_round(vote)));
        tally::supporters(votes, candidate, context.config)
    }

    /// Records who counts, if that changed, and tells whether they are a quorum.
    fn report_quorum(&mut self, have: &SortedSet<ServerId>, context: &mut Context) -> bool {
        let reached = context.config.is_quorum(have);
        let need = u32::try_from(context.config.ensemble.quorum_size()).unwrap_or(u32::MAX);
        let have: Vec<ServerId> = have.iter().copied().collect();
        let status = QuorumStatus { what: QuorumKind::Votes, have, need, reached };
        if self.quorum.as_ref() != Some(&status) {
            context.out.trace.push(|| {
                let QuorumStatus { what, have, need, reached } = status.clone();
                Decision::Quorum { what, have, need, reached }
            });
            self.quorum = Some(status);
        }
        reached
    }

    /// Every message that reaches the seeker starts the wait anew; the interval itself only grows.
    fn rearm(&mut self, context: &mut Context) {
        let (timer, ms) = if self.finalizing {
            (Timer::FinalizeWait, context.config.finalize_wait_ms)
        } else {
            (Timer::Resend, self.resend_ms)
        };
        let (from, at) = (context.now.at, context.now.at.after_ms(ms));
        let armed = Some((timer, TimerStatus { from, at }));
        if self.timer == armed {
            return;
        }
        if self.timer.is_some_and(|(old, _)| old != timer) {
            self.disarm(context.out);
        }
        self.timer = armed;
        context.out.trace.push(|| Decision::TimerSet { timer, from, at: Some(at) });
    }
}

/// The vote that a server enters a round with: for itself, with all that it has logged. Who may not
/// vote stands for nobody, and an observer's history is no argument.
fn initial_vote(ballot: &Ballot, config: &Config) -> Vote {
    let stands = config.ensemble.is_participant(ballot.id);
    let leader = if stands { ballot.id } else { ServerId::NOBODY };
    match ballot.learner {
        Learner::Participant => {
            Vote { leader, zxid: ballot.zxid, peer_epoch: ballot.current_epoch }
        }
        Learner::Observer => Vote { leader, zxid: Zxid::NONE, peer_epoch: Epoch::NONE },
    }
}

/// `checkLeader`: that many follow a leader proves nothing if the leader does not lead. Another
/// server must have said so itself; this server leads only in its own round.
fn confirmed(cast: &Cast, leader_state: Option<PeerState>, context: &Context) -> bool {
    if cast.vote.leader == context.config.id {
        *context.clock == cast.round
    } else {
        leader_state == Some(PeerState::Leading)
    }
}
