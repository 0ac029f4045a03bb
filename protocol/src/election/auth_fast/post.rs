//! Notifications on their way: numbered, in algorithm 2 preceded by a challenge, sent again until
//! they are acknowledged.
//!
//! Invariants:
//! 1. A tag is used for one letter only, so an acknowledgement ends exactly one of them.
//! 2. A letter is tried [`ATTEMPTS`] times; then it is given up, or queued anew while its round
//!    lasts.
//! 3. A challenge is good for the server and the tag it was given for, and for one notification.

use super::super::historic::{Choice, Datagram, PlainVote, Wishes};
use crate::base::{Rng, ServerId, SortedMap, Time};
use crate::message::PeerState;

/// How often one letter is tried before it is queued anew or given up.
const ATTEMPTS: u32 = 3;
/// The first wait for an acknowledgement or a challenge, in milliseconds.
const FIRST_WAIT_MS: u64 = 100;
/// The most letters that may be on their way; the oldest are given up beyond it.
const MOST_LETTERS: usize = 1_000;

/// A vote for one receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// The receiver.
    pub(super) to: ServerId,
    /// The vote.
    pub(super) vote: PlainVote,
    /// The round that it belongs to.
    pub(super) round: i64,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    letter: Letter,
    attempt: u32,
    /// What the receiver gave out, once it has.
    challenge: Option<i64>,
    due: Time,
}

/// Everything that one server has sent and not yet seen acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Post {
    authenticates: bool,
    rng: Rng,
    next_tag: i64,
    pending: SortedMap<i64, Pending>,
    /// What was given out, by receiver and tag.
    given: SortedMap<(ServerId, i64), i64>,
}

impl Post {
    pub(super) fn new(authenticates: bool, seed: u64) -> Post {
        Post {
            authenticates,
            rng: Rng::seeded(seed),
            next_tag: 1,
            pending: SortedMap::new(),
            given: SortedMap::new(),
        }
    }

    /// Sends a letter, or asks for the challenge that has to come first.
    pub(super) fn send(
        &mut self,
        now: Time,
        letter: Letter,
        state: PeerState,
        wishes: &mut Wishes,
    ) {
        if self.pending.len() >= MOST_LETTERS
            && let Some((_, oldest)) = self.pending.pop_first()
        {
            wishes.choices.push(Choice::GaveUp(oldest.letter.to));
        }
        let tag = self.next_tag;
        self.next_tag += 1;
        let mut pending = Pending { letter, attempt: 0, challenge: None, due: now };
        if !self.authenticates {
            pending.challenge = Some(0);
        }
        self.pending.insert(tag, pending);
        self.attempt(now, tag, state, wishes);
    }

    pub(super) fn on_request(&mut self, from: ServerId, tag: i64, wishes: &mut Wishes) {
        if self.given.len() >= MOST_LETTERS {
            self.given.pop_first();
        }
        let challenge = self.rng.bits() as i64;
        self.given.insert((from, tag), challenge);
        wishes.sends.push((from, Datagram::Challenge { tag, challenge }));
    }

    pub(super) fn on_challenge(
        &mut self,
        now: Time,
        from: ServerId,
        tag: i64,
        challenge: i64,
        state: PeerState,
        wishes: &mut Wishes,
    ) {
        let Some(pending) = self.pending.get_mut(&tag) else { return };
        if pending.letter.to == from && pending.challenge.is_none() {
            pending.challenge = Some(challenge);
            self.attempt(now, tag, state, wishes);
        }
    }

    /// Whether a notification brings back what was given out for it; algorithm 1 gives out nothing.
    pub(super) fn is_proven(&mut self, from: ServerId, tag: i64, challenge: i64) -> bool {
        !self.authenticates || self.given.remove(&(from, tag)) == Some(challenge)
    }

    pub(super) fn on_ack(&mut self, from: ServerId, tag: i64) {
        if self.pending.get(&tag).is_some_and(|pending| pending.letter.to == from) {
            self.pending.remove(&tag);
        }
    }

    /// Tries again what was not acknowledged in time.
    pub(super) fn on_deadline(
        &mut self,
        now: Time,
        round: i64,
        state: PeerState,
        wishes: &mut Wishes,
    ) {
        let late = self.pending.iter().filter(|(_, pending)| pending.due <= now);
        let late: Vec<i64> = late.map(|(tag, _)| *tag).collect();
        for tag in late {
            let Some(pending) = self.pending.get_mut(&tag) else { continue };
            pending.attempt += 1;
            if pending.attempt < ATTEMPTS {
                // A challenge is good for one notification: another try needs another one.
                if self.authenticates {
                    pending.challenge = None;
                }
                self.attempt(now, tag, state, wishes);
                continue;
            }
            let letter = pending.letter;
            self.pending.remove(&tag);
            if letter.round == round && state == PeerState::Looking {
                self.send(now, letter, state, wishes);
            } else {
                wishes.choices.push(Choice::GaveUp(letter.to));
            }
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        self.pending.values().map(|pending| pending.due).min()
    }

    fn attempt(&mut self, now: Time, tag: i64, state: PeerState, wishes: &mut Wishes) {
        let Some(pending) = self.pending.get_mut(&tag) else { return };
        let Letter { to, vote, round } = pending.letter;
        let (datagram, factor) = match pending.challenge {
            None => (Datagram::ChallengeRequest { tag }, 2u64),
            Some(challenge) => (Datagram::Notification { tag, state, vote, round, challenge }, 10),
        };
        pending.due = now.after_ms(FIRST_WAIT_MS * factor.pow(pending.attempt));
        wishes.sends.push((to, datagram));
    }
}
