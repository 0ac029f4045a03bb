//! AuthFastLeaderElection (`electionAlg=1`, and 2 with challenges): votes are pushed in datagrams.
//!
//! Its idea is that of FastLeaderElection: a round, a total order on votes, and a notification to
//! everybody at each change of mind. Since datagrams get lost, every notification is acknowledged
//! and sent again; `post.rs` sees to that. In algorithm 2 a sender also proves that it can be
//! reached at the address it claims.
//!
//! Invariants:
//! 1. A vote of an older round is never counted, one of a newer round replaces the table.
//! 2. A server in a role counts nothing; its acknowledgements say how it stands.
//! 3. A poll of the queue takes at most [`POLL_MS`]; then what was said is said again.

mod post;
#[cfg(test)]
mod tests;

use super::historic::{Choice, Datagram, PlainVote, Voter, Wishes};
use crate::base::{ServerId, SortedMap, Time};
use crate::message::PeerState;
use post::{Letter, Post};

/// How long it waits for a better vote once a majority agrees, in milliseconds (`finalizeWait`).
pub const FINALIZE_WAIT_MS: u64 = 100;
/// How long it waits for anything at all before it repeats itself, in milliseconds.
pub const POLL_MS: u64 = 2 * FINALIZE_WAIT_MS;

/// One server's AuthFastLeaderElection.
#[derive(Clone, Debug)]
pub struct AuthFastLeaderElection {
    voter: Voter,
    clock: i64,
    vote: PlainVote,
    state: PeerState,
    /// What is waited for in the loop of a looking server.
    wait: Option<Wait>,
    /// The votes of this round, by sender.
    received: SortedMap<ServerId, PlainVote>,
    /// What servers in a role say, by sender.
    outside: SortedMap<ServerId, PlainVote>,
    post: Post,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// For any notification.
    Poll(Time),
    /// For a better one.
    Finalize(Time),
}

/// A vote as somebody told it.
#[derive(Clone, Copy, Debug)]
struct Told {
    from: ServerId,
    state: PeerState,
    vote: PlainVote,
    round: i64,
}

impl AuthFastLeaderElection {
    /// An election that has not begun. With `authenticates` it is algorithm 2; `seed` decides its
    /// challenges.
    #[must_use]
    pub fn new(voter: Voter, authenticates: bool, seed: u64) -> AuthFastLeaderElection {
        AuthFastLeaderElection {
            vote: voter.own_vote(),
            voter,
            clock: 0,
            state: PeerState::Looking,
            wait: None,
            received: SortedMap::new(),
            outside: SortedMap::new(),
            post: Post::new(authenticates, seed),
        }
    }

    pub(super) fn start(&mut self, now: Time, wishes: &mut Wishes) {
        self.state = PeerState::Looking;
        self.outside.clear();
        self.received.clear();
        self.enter_round(self.clock + 1, wishes);
        self.adopt(self.voter.own_vote(), wishes);
        self.tell_everybody(now, wishes);
        self.wait = Some(Wait::Poll(now.after_ms(POLL_MS)));
    }

    pub(super) fn on_datagram(
        &mut self,
        now: Time,
        from: ServerId,
        datagram: Datagram,
        wishes: &mut Wishes,
    ) {
        match datagram {
            Datagram::ChallengeRequest { tag } => self.post.on_request(from, tag, wishes),
            Datagram::Challenge { tag, challenge } => {
                self.post.on_challenge(now, from, tag, challenge, self.state, wishes);
            }
            Datagram::Notification { tag, state, vote, round, challenge } => {
                if !self.post.is_proven(from, tag, challenge) {
                    wishes.choices.push(Choice::Unproven(from));
                    return;
                }
                let (mine, my_round) = (self.vote, self.clock);
                let ack = Datagram::Ack { tag, state: self.state, vote: mine, round: my_round };
                wishes.sends.push((from, ack));
                self.hear(now, Told { from, state, vote, round }, wishes);
            }
            Datagram::Ack { tag, state, vote, round } => {
                self.post.on_ack(from, tag);
                // One that has decided tells so by its acknowledgement, and by nothing else.
                if state != PeerState::Looking {
                    self.hear(now, Told { from, state, vote, round }, wishes);
                }
            }
            // Of algorithm 0: a server of this one cannot read them.
            Datagram::Question { .. } | Datagram::Answer { .. } => {}
        }
    }

    pub(super) fn on_deadline(&mut self, now: Time, wishes: &mut Wishes) {
        self.post.on_deadline(now, self.clock, self.state, wishes);
        match self.wait {
            Some(Wait::Finalize(due)) if now >= due => self.decide(self.vote, wishes),
            Some(Wait::Poll(due)) if now >= due => {
                // Somebody was heard, so repeating oneself may help.
                if !self.outside.is_empty() || self.received.len() > 1 {
                    self.tell_everybody(now, wishes);
                }
                self.wait = Some(Wait::Poll(now.after_ms(POLL_MS)));
            }
            Some(Wait::Poll(_) | Wait::Finalize(_)) | None => {}
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        let own = self.wait.map(|wait| match wait {
            Wait::Poll(due) | Wait::Finalize(due) => due,
        });
        own.into_iter().chain(self.post.next_deadline()).min()
    }

    pub(super) fn state(&self) -> PeerState {
        self.state
    }

    fn enter_round(&mut self, round: i64, wishes: &mut Wishes) {
        self.clock = round;
        wishes.choices.push(Choice::Round(round));
    }

    fn adopt(&mut self, vote: PlainVote, wishes: &mut Wishes) {
        self.vote = vote;
        wishes.choices.push(Choice::Votes(vote));
    }

    fn tell_everybody(&mut self, now: Time, wishes: &mut Wishes) {
        for to in &self.voter.voters {
            let letter = Letter { to: *to, vote: self.vote, round: self.clock };
            self.post.send(now, letter, self.state, wishes);
        }
    }

    /// The loop of `lookForLeader`, one notification at a time.
    fn hear(&mut self, now: Time, told: Told, wishes: &mut Wishes) {
        if self.state != PeerState::Looking || !self.voter.voters.contains(&told.from) {
            return;
        }
        match told.state {
            PeerState::Looking => self.hear_looking(now, told, wishes),
            PeerState::Leading | PeerState::Following => self.hear_decided(told, wishes),
            PeerState::Observing => {}
        }
    }

    fn hear_looking(&mut self, now: Time, told: Told, wishes: &mut Wishes) {
        let better = told.vote > self.vote;
        if matches!(self.wait, Some(Wait::Finalize(_))) && !better {
            return; // While it waits for a better vote, others are not looked at.
        }
        if told.round < self.clock {
            return;
        }
        let newer = told.round > self.clock;
        if newer {
            self.received.clear();
            self.enter_round(told.round, wishes);
        }
        if better {
            self.adopt(told.vote, wishes);
        }
        if newer || better {
            self.tell_everybody(now, wishes);
        }
        self.received.insert(told.from, told.vote);
        self.wait = Some(Wait::Poll(now.after_ms(POLL_MS)));
        if self.received.len() == self.voter.voters.len() {
            self.decide(self.vote, wishes);
        } else if self.has_majority(&self.received, self.vote) {
            self.wait = Some(Wait::Finalize(now.after_ms(FINALIZE_WAIT_MS)));
            wishes.choices.push(Choice::Waits);
        }
    }

    fn hear_decided(&mut self, told: Told, wishes: &mut Wishes) {
        self.outside.insert(told.from, told.vote);
        if self.has_majority(&self.outside, told.vote) {
            self.decide(told.vote, wishes);
        }
    }

    fn has_majority(&self, votes: &SortedMap<ServerId, PlainVote>, vote: PlainVote) -> bool {
        votes.values().filter(|one| **one == vote).count() >= self.voter.needed()
    }

    /// Leaves the election (`leaveInstance`): the round moves on once more.
    fn decide(&mut self, vote: PlainVote, wishes: &mut Wishes) {
        self.vote = vote;
        self.state = self.voter.role_under(vote.leader);
        self.wait = None;
        self.received.clear();
        wishes.choices.push(Choice::Elected(vote));
        self.clock += 1;
    }
}
