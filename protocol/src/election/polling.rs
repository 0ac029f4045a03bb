//! LeaderElection (`electionAlg=0`): ask every voter in turn, count, and ask again.
//!
//! The oldest of ZooKeeper's algorithms. Nobody tells anybody of a change of mind: each server asks
//! for itself, one voter after the other, and waits up to [`ANSWER_WITHIN_MS`] for each of them. It
//! has no rounds, so answers of different moments are counted together.
//!
//! Invariants:
//! 1. At most one question is unanswered at a time.
//! 2. Only votes for servers that answered in the same poll are counted.
//! 3. Every server answers questions in every state.

use super::historic::{Choice, Datagram, PlainVote, Voter, Wishes};
use crate::base::{Rng, ServerId, SortedMap, Time};
use crate::message::PeerState;

/// How long it waits for one answer, in milliseconds (`setSoTimeout(200)`).
pub const ANSWER_WITHIN_MS: u64 = 200;
/// How long it rests after a poll without a winner, in milliseconds.
pub const REST_MS: u64 = 1000;
/// How long a follower gives its leader to prepare, in milliseconds.
pub const HEAD_START_MS: u64 = 100;

/// One server's LeaderElection.
#[derive(Clone, Debug)]
pub struct PollingElection {
    voter: Voter,
    rng: Rng,
    vote: PlainVote,
    polls: i64,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Not started.
    Idle,
    /// In the middle of a poll.
    Asking(Poll),
    /// Between two polls.
    Resting { xid: i32, until: Time },
    /// A follower that lets its leader get ready.
    HeadStart { until: Time },
    /// In a role.
    Settled,
}

/// One poll: everybody is asked once.
#[derive(Clone, Debug)]
struct Poll {
    xid: i32,
    asked: ServerId,
    until: Time,
    answers: SortedMap<ServerId, PlainVote>,
}

impl PollingElection {
    /// An election that has not begun; `seed` decides its xid.
    #[must_use]
    pub fn new(voter: Voter, seed: u64) -> PollingElection {
        let vote = voter.own_vote();
        PollingElection { voter, rng: Rng::seeded(seed), vote, polls: 0, stage: Stage::Idle }
    }

    pub(super) fn start(&mut self, now: Time, wishes: &mut Wishes) {
        self.polls = 0;
        self.adopt(self.voter.own_vote(), wishes);
        let xid = self.rng.bits() as i32;
        self.begin_poll(now, xid, wishes);
    }

    pub(super) fn on_datagram(
        &mut self,
        now: Time,
        from: ServerId,
        datagram: Datagram,
        wishes: &mut Wishes,
    ) {
        match datagram {
            Datagram::Question { xid } => {
                let vote = Some(self.vote);
                wishes.sends.push((from, Datagram::Answer { xid, vote }));
            }
            Datagram::Answer { xid, vote } => self.on_answer(now, from, xid, vote, wishes),
            // Of other algorithms: a server of this one cannot read them.
            Datagram::ChallengeRequest { .. }
            | Datagram::Challenge { .. }
            | Datagram::Notification { .. }
            | Datagram::Ack { .. } => {}
        }
    }

    pub(super) fn on_deadline(&mut self, now: Time, wishes: &mut Wishes) {
        if self.next_deadline().is_none_or(|due| now < due) {
            return;
        }
        match &self.stage {
            Stage::Asking(poll) => {
                wishes.choices.push(Choice::Silent(poll.asked));
                self.ask_next(now, wishes);
            }
            Stage::Resting { xid, .. } => self.begin_poll(now, *xid, wishes),
            Stage::HeadStart { .. } => self.settle(wishes),
            Stage::Idle | Stage::Settled => {}
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        match &self.stage {
            Stage::Asking(poll) => Some(poll.until),
            Stage::Resting { until, .. } | Stage::HeadStart { until } => Some(*until),
            Stage::Idle | Stage::Settled => None,
        }
    }

    pub(super) fn state(&self) -> PeerState {
        match self.stage {
            Stage::Idle | Stage::Asking(_) | Stage::Resting { .. } => PeerState::Looking,
            Stage::HeadStart { .. } | Stage::Settled => self.voter.role_under(self.vote.leader),
        }
    }

    fn adopt(&mut self, vote: PlainVote, wishes: &mut Wishes) {
        self.vote = vote;
        wishes.choices.push(Choice::Votes(vote));
    }

    fn begin_poll(&mut self, now: Time, xid: i32, wishes: &mut Wishes) {
        self.polls += 1;
        wishes.choices.push(Choice::Round(self.polls));
        let Some(asked) = self.voter.voters.first().copied() else { return };
        let until = now.after_ms(ANSWER_WITHIN_MS);
        self.stage = Stage::Asking(Poll { xid, asked, until, answers: SortedMap::new() });
        wishes.sends.push((asked, Datagram::Question { xid }));
    }

    fn on_answer(
        &mut self,
        now: Time,
        from: ServerId,
        xid: i32,
        vote: Option<PlainVote>,
        wishes: &mut Wishes,
    ) {
        let Stage::Asking(poll) = &mut self.stage else { return };
        // An answer that comes late carries the xid of every poll of this election: it is taken for
        // the answer of the server that is being asked now, and ends the wait for it.
        if poll.xid != xid {
            return;
        }
        if let Some(vote) = vote {
            poll.answers.insert(from, vote);
        }
        self.ask_next(now, wishes);
    }

    fn ask_next(&mut self, now: Time, wishes: &mut Wishes) {
        let Stage::Asking(poll) = &mut self.stage else { return };
        let next = self.voter.voters.range(poll.asked..).nth(1).copied();
        if let Some(next) = next {
            poll.asked = next;
            poll.until = now.after_ms(ANSWER_WITHIN_MS);
            wishes.sends.push((next, Datagram::Question { xid: poll.xid }));
            return;
        }
        let (xid, answers) = (poll.xid, std::mem::take(&mut poll.answers));
        self.stage = Stage::Resting { xid, until: now.after_ms(REST_MS) };
        self.end_poll(now, &answers, wishes);
    }

    fn end_poll(
        &mut self,
        now: Time,
        answers: &SortedMap<ServerId, PlainVote>,
        wishes: &mut Wishes,
    ) {
        let Some(count) = count(answers) else {
            // Everybody alive votes for somebody who is not (ZOOKEEPER-569).
            self.adopt(self.voter.own_vote(), wishes);
            return;
        };
        let needed = self.voter.needed();
        wishes.choices.push(Choice::Counted { vote: count.winner, votes: count.votes, needed });
        if count.votes < needed {
            self.adopt(count.best, wishes);
            return;
        }
        self.adopt(count.winner, wishes);
        if count.winner.leader == self.voter.id {
            self.settle(wishes);
        } else {
            self.stage = Stage::HeadStart { until: now.after_ms(HEAD_START_MS) };
        }
    }

    fn settle(&mut self, wishes: &mut Wishes) {
        self.stage = Stage::Settled;
        wishes.choices.push(Choice::Elected(self.vote));
    }
}

/// The outcome of one poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    /// The vote named most often; of several, the best.
    winner: PlainVote,
    /// How often.
    votes: usize,
    /// The best vote: the next own one, if nobody has won.
    best: PlainVote,
}

/// Counts the valid votes of a poll; `None` if there is none (`countVotes`).
fn count(answers: &SortedMap<ServerId, PlainVote>) -> Option<Count> {
    let mut tally: SortedMap<ServerId, (usize, PlainVote)> = SortedMap::new();
    for vote in answers.values().filter(|vote| answers.contains_key(&vote.leader)) {
        let (votes, highest) = tally.entry(vote.leader).or_insert((0, *vote));
        *votes += 1;
        // Votes for one server count together, with the largest zxid that anybody saw of it.
        *highest = (*highest).max(*vote);
    }
    let best = tally.values().map(|(_, vote)| *vote).max()?;
    let (votes, winner) = tally.values().copied().max()?;
    Some(Count { winner, votes, best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Zxid;

    fn vote(zxid: i64, leader: i64) -> PlainVote {
        PlainVote { zxid: Zxid(zxid), leader: ServerId(leader) }
    }

    fn answers(votes: &[(i64, PlainVote)]) -> SortedMap<ServerId, PlainVote> {
        votes.iter().map(|(id, vote)| (ServerId(*id), *vote)).collect()
    }

    #[test]
    fn votes_for_servers_that_did_not_answer_are_left_out() {
        let all = answers(&[(1, vote(9, 3)), (2, vote(9, 3))]);
        assert_eq!(count(&all), None, "3 is silent, so nobody can vote for it");
        let some = answers(&[(1, vote(9, 3)), (2, vote(5, 2))]);
        let only = vote(5, 2);
        assert_eq!(count(&some), Some(Count { winner: only, votes: 1, best: only }));
    }

    #[test]
    fn the_most_frequent_vote_wins_and_the_best_one_is_adopted() {
        let polled = answers(&[(1, vote(5, 1)), (2, vote(5, 1)), (3, vote(9, 3))]);
        let expected = Count { winner: vote(5, 1), votes: 2, best: vote(9, 3) };
        assert_eq!(count(&polled), Some(expected));
    }

    #[test]
    fn votes_for_one_server_count_together_with_its_largest_zxid() {
        let polled = answers(&[(1, vote(4, 2)), (2, vote(7, 2)), (3, vote(5, 3))]);
        let count = count(&polled).unwrap();
        assert_eq!((count.winner, count.votes), (vote(7, 2), 2));
    }

    #[test]
    fn a_silent_server_costs_the_whole_wait_and_the_next_one_is_asked() {
        let voters = (1..=3).map(ServerId).collect();
        let voter = Voter { id: ServerId(1), voters, zxid: Zxid(0) };
        let mut election = PollingElection::new(voter, 7);
        let mut wishes = Wishes::default();
        election.start(Time(0), &mut wishes);
        let Some((ServerId(1), Datagram::Question { xid })) = wishes.sends.first().copied() else {
            panic!("the first question goes to itself: {wishes:?}");
        };
        let own = Datagram::Answer { xid, vote: Some(vote(0, 1)) };
        election.on_datagram(Time(10), ServerId(1), own, &mut wishes);
        let asked = |wishes: &Wishes| wishes.sends.last().map(|(to, _)| *to);
        assert_eq!(asked(&wishes), Some(ServerId(2)));
        election.on_deadline(Time(200_009), &mut wishes);
        assert_eq!(asked(&wishes), Some(ServerId(2)), "not yet");
        election.on_deadline(Time(200_010), &mut wishes);
        assert_eq!(asked(&wishes), Some(ServerId(3)));
        assert!(wishes.choices.contains(&Choice::Silent(ServerId(2))));
    }
}
