//! FastLeaderElection: what its receiver does in every role.
//!
//! Notifications reach the [`Seeker`] only while this server looks for a leader. Otherwise they are
//! answered: whoever looks is told how the election ended, and a server without a vote is answered
//! at once and always, since nobody broadcasts to it.
//!
//! Invariants:
//! 1. The round never goes down while this value lives, except to join an ensemble at work.
//! 2. A voter with a role answers only those that look; so two settled servers never talk.
//!
//! Not done here: adopting a newer configuration out of a notification (`zab/reconfiguration.rs`).

use std::sync::Arc;

use bytes::Bytes;

use super::seeker::{Context, Heard, Seeker};
use super::{Ballot, Elected, ElectionOutput};
use crate::base::{Config, Epoch, Learner, Now, ServerId, SortedMap};
use crate::message::{Notification, PeerState, Vote};
use crate::trace::{Decision, QuorumStatus, ReceivedVote, Timer, TimerStatus, Verdict};

/// The table of a server that counts no votes.
static NO_VOTES: SortedMap<ServerId, ReceivedVote> = SortedMap::new();

/// One server's FastLeaderElection.
#[derive(Clone, Debug)]
pub struct FastLeaderElection {
    config: Arc<Config>,
    /// The committed configuration as it goes into every notification; made once.
    text: Bytes,
    /// `logicalclock`; wraps like Java's.
    clock: i64,
    /// `currentVote` and its round: the outcome of the last election, or the start-up value.
    reported: Option<(Vote, i64)>,
    standing: Standing,
}

#[derive(Clone, Debug)]
enum Standing {
    /// Not started yet.
    Idle,
    /// LOOKING.
    Looking(Box<Seeker>),
    /// In a role.
    Settled(PeerState),
}

impl FastLeaderElection {
    /// An election that has not begun, at round 0.
    #[must_use]
    pub fn new(config: &Arc<Config>) -> FastLeaderElection {
        FastLeaderElection {
            config: Arc::clone(config),
            text: Bytes::from(config.ensemble.text()),
            clock: 0,
            reported: None,
            standing: Standing::Idle,
        }
    }

    /// The members have changed, or are about to.
    pub(super) fn configure(&mut self, config: &Arc<Config>) {
        if !Arc::ptr_eq(&self.config, config) {
            self.config = Arc::clone(config);
            self.text = Bytes::from(config.ensemble.text());
        }
    }

    pub(super) fn start(
        &mut self,
        now: Now,
        ballot: Ballot,
        out: &mut ElectionOutput,
    ) -> Option<Elected> {
        if let Standing::Looking(seeker) = &mut self.standing {
            seeker.disarm(out);
        }
        let own = Vote { leader: ballot.id, zxid: ballot.zxid, peer_epoch: ballot.current_epoch };
        self.reported.get_or_insert((own, -1));
        let mut context = Context::new(&self.config, &self.text, &mut self.clock, now, out);
        let (seeker, elected) = Seeker::begin(&ballot, &mut context);
        self.standing = Standing::Looking(Box::new(seeker));
        self.conclude(elected)
    }

    pub(super) fn on_notification(
        &mut self,
        now: Now,
        from: ServerId,
        notification: &Notification,
        out: &mut ElectionOutput,
    ) -> Option<Elected> {
        if from == self.config.id {
            return None; // The own vote comes back inside, never through the network.
        }
        let heard = Heard::new(from, notification);
        if !self.config.is_voter(from) {
            self.answer_outsider(now, heard, out);
            return None;
        }
        let mut context = Context::new(&self.config, &self.text, &mut self.clock, now, out);
        let elected = match &mut self.standing {
            Standing::Looking(seeker) => seeker.on_notification(heard, &mut context),
            Standing::Idle | Standing::Settled(_) => {
                self.answer(now, heard, out);
                None
            }
        };
        self.conclude(elected)
    }

    pub(super) fn on_deadline(&mut self, now: Now, out: &mut ElectionOutput) -> Option<Elected> {
        let Standing::Looking(seeker) = &mut self.standing else { return None };
        let mut context = Context::new(&self.config, &self.text, &mut self.clock, now, out);
        let elected = seeker.on_deadline(&mut context);
        self.conclude(elected)
    }

    pub(super) fn settled(&mut self, state: PeerState, vote: Vote, round: i64) {
        if state != PeerState::Looking {
            self.standing = Standing::Settled(state);
            self.reported = Some((vote, round));
        }
    }

    pub(super) fn renew_epoch(&mut self, epoch: Epoch, out: &mut ElectionOutput) {
        let (Standing::Settled(_), Some((vote, _))) = (&self.standing, &mut self.reported) else {
            return;
        };
        vote.peer_epoch = epoch;
        let vote = *vote;
        out.trace.push(|| Decision::VoteRenewed { vote });
    }

    pub(super) fn timer(&self) -> Option<(Timer, TimerStatus)> {
        self.seeker().and_then(Seeker::timer)
    }

    pub(super) fn is_looking(&self) -> bool {
        self.seeker().is_some()
    }

    pub(super) fn round(&self) -> i64 {
        self.clock
    }

    pub(super) fn vote(&self) -> Option<Vote> {
        match &self.standing {
            Standing::Looking(seeker) => Some(seeker.proposal()),
            Standing::Idle | Standing::Settled(_) => self.reported.map(|(vote, _)| vote),
        }
    }

    pub(super) fn votes(&self) -> &SortedMap<ServerId, ReceivedVote> {
        self.seeker().map_or(&NO_VOTES, Seeker::votes)
    }

    pub(super) fn quorum(&self) -> Option<&QuorumStatus> {
        self.seeker().and_then(Seeker::quorum)
    }

    fn seeker(&self) -> Option<&Seeker> {
        match &self.standing {
            Standing::Looking(seeker) => Some(seeker),
            Standing::Idle | Standing::Settled(_) => None,
        }
    }

    fn state(&self) -> PeerState {
        match &self.standing {
            Standing::Idle | Standing::Looking(_) => PeerState::Looking,
            Standing::Settled(state) => *state,
        }
    }

    /// The winner is known: from here on this server answers those that still look.
    fn conclude(&mut self, elected: Option<Elected>) -> Option<Elected> {
        let Elected { vote, round } = elected?;
        let state = match self.config.learner() {
            Learner::Participant if vote.leader == self.config.id => PeerState::Leading,
            Learner::Participant => PeerState::Following,
            Learner::Observer => PeerState::Observing,
        };
        self.settled(state, vote, round);
        elected
    }

    /// A server without a vote hears of elections only by such answers. They carry the clock, not
    /// the round of the vote, and while looking the outcome of the election before.
    fn answer_outsider(&mut self, now: Now, heard: Heard, out: &mut ElectionOutput) {
        let state = self.state();
        let mut context = Context::new(&self.config, &self.text, &mut self.clock, now, out);
        let verdict = match state {
            PeerState::Looking => Verdict::NotAVoter,
            PeerState::Following | PeerState::Leading | PeerState::Observing => Verdict::Answered,
        };
        context.judged(&heard, verdict, None);
        if let Some((vote, _)) = self.reported {
            let clock = *context.clock;
            context.say(heard.from, state, vote, clock);
        }
    }

    /// A voter that looks is told the outcome; one with a role has nothing to learn here.
    fn answer(&mut self, now: Now, heard: Heard, out: &mut ElectionOutput) {
        let state = self.state();
        let mut context = Context::new(&self.config, &self.text, &mut self.clock, now, out);
        match (&self.standing, heard.state, self.reported) {
            (Standing::Settled(_), PeerState::Looking, Some((vote, round))) => {
                context.judged(&heard, Verdict::Answered, None);
                context.say(heard.from, state, vote, round);
            }
            (Standing::Idle | Standing::Looking(_) | Standing::Settled(_), _, _) => {
                context.judged(&heard, Verdict::NoNews, None);
            }
        }
    }
}
