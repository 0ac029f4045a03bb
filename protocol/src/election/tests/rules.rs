//! The edges of FastLeaderElection, one story a rule (docs/protocol.md, Q4.3 to Q4.7 and Q4.11).

use std::sync::Arc;

use super::{Peer, at, fresh, looking, says, vote, zxid};
use crate::base::{
    Config, Ensemble, Epoch, Now, QuorumVerifier, ServerId, SortedMap, SortedSet, Zxid,
};
use crate::message::PeerState::{Following, Leading, Looking, Observing};
use crate::message::Vote;
use crate::trace::{Comparison, Decision, ElectedHow, Timer, Verdict, VoteReason};

const T: Now = Now { at: crate::base::Time(1000), wall_ms: 0 };

fn three() -> Arc<Ensemble> {
    Arc::new(Ensemble::numbered(3, 0))
}

fn five() -> Arc<Ensemble> {
    Arc::new(Ensemble::numbered(5, 0))
}

fn started(mut peer: Peer) -> Peer {
    peer.start(at(0));
    peer
}

#[test]
fn a_newer_round_with_a_worse_vote_resets_the_count_and_the_own_vote_is_sent_again() {
    let mut two = started(Peer::with_history(2, &five(), zxid(4, 7), 4));
    let own = vote(2, zxid(4, 7), 4);
    two.hears(T, 1, &looking(own, 1));
    assert_eq!(two.election.votes().len(), 2);
    let step = two.hears(T, 1, &looking(vote(1, zxid(4, 2), 4), 9));
    assert_eq!(two.election.round(), 9);
    assert_eq!(step.said(), [1, 3, 4, 5].map(|to| (to, Looking, own, 9)));
    assert_eq!(two.election.vote(), Some(own));
    let proposes = Decision::Proposes {
        vote: own,
        round: 9,
        why: VoteReason::NewerRoundOwnBetter,
        against: Some(vote(1, zxid(4, 2), 4)),
        by: Comparison::Zxid,
    };
    assert!(step.decisions.contains(&proposes));
}

#[test]
fn a_newer_round_is_compared_with_the_own_vote_and_not_with_the_proposal() {
    // 1 has adopted the vote of 3, which then died. In the newer round only 2 stands, and it is
    // better than 1; that it is worse than 3 must not count.
    let mut one = started(Peer::new(1, &five()));
    one.hears(T, 3, &looking(vote(3, zxid(4, 7), 4), 1));
    let step = one.hears(T, 2, &looking(fresh(2), 2));
    assert_eq!(one.election.vote(), Some(fresh(2)));
    assert_eq!(step.said(), [2, 3, 4, 5].map(|to| (to, Looking, fresh(2), 2)));
    assert!(step.decisions.iter().any(|decision| matches!(
        decision,
        Decision::Proposes { why: VoteReason::NewerRoundBetter, against: Some(against), .. }
            if *against == fresh(1)
    )));
}

#[test]
fn an_equal_vote_of_the_same_round_is_counted_in_silence() {
    let mut two = started(Peer::new(2, &three()));
    let step = two.hears(T, 1, &looking(fresh(2), 1));
    assert_eq!(step.said(), []);
    assert_eq!(step.verdicts(), [(1, Verdict::Counted)]);
    assert!(two.election.quorum().is_some_and(|quorum| quorum.reached));
    assert_eq!(two.election.next_deadline().map(|(_, timer)| timer), Some(Timer::FinalizeWait));
}

#[test]
fn a_looking_peer_of_an_older_round_is_told_of_the_newer_one() {
    let mut one = started(Peer::new(1, &three()));
    one.hears(T, 2, &looking(fresh(2), 5));
    let step = one.hears(T, 3, &looking(fresh(3), 4));
    assert_eq!(step.said(), [(3, Looking, fresh(2), 5)]);
    assert_eq!(step.verdicts(), [(3, Verdict::BetterWhileFinalizing), (3, Verdict::OldRound)]);
    assert_eq!(one.election.vote(), Some(fresh(2)), "the seeker ignores it");
    let step = one.hears(T, 3, &says(Following, fresh(3), 4));
    assert_eq!(step.said(), [], "one that has decided needs no telling");
}

#[test]
fn a_vote_for_a_stranger_and_a_vote_of_a_stranger_are_ignored() {
    let mut one = started(Peer::new(1, &three()));
    let step = one.hears(T, 2, &looking(fresh(77), 1));
    assert_eq!(step.verdicts(), [(2, Verdict::NotAVoter)]);
    assert_eq!(step.said(), []);
    let step = one.hears(T, 77, &looking(fresh(3), 1));
    assert_eq!(step.verdicts(), [(77, Verdict::NotAVoter)]);
    assert_eq!(step.said(), [(77, Looking, fresh(1), 1)], "but a stranger is answered at once");
    assert_eq!(one.election.vote(), Some(fresh(1)));
}

#[test]
fn a_stranger_hears_the_outcome_before_and_the_round_of_now() {
    // 1 follows 2, elected in round 1; then it looks again, in round 2.
    let ensemble = Arc::new(Ensemble::numbered(3, 1));
    let mut one = started(Peer::new(1, &ensemble));
    one.hears(T, 2, &looking(fresh(2), 1));
    one.deadline(at(300));
    one.renew_epoch(1);
    one.start(at(1000));
    let step = one.hears(at(1001), 4, &looking(fresh(1), 1));
    assert_eq!(step.said(), [(4, Looking, vote(2, Zxid::ZERO, 1), 2)]);
}

#[test]
fn who_has_a_role_answers_those_that_look_and_nobody_else() {
    let mut one = started(Peer::new(1, &three()));
    one.hears(T, 2, &looking(fresh(2), 1));
    one.deadline(at(300));
    let step = one.hears(at(301), 3, &looking(fresh(3), 8));
    assert_eq!(step.said(), [(3, Following, fresh(2), 1)], "with the round of the outcome");
    assert_eq!(step.verdicts(), [(3, Verdict::Answered)]);
    for state in [Following, Leading, Observing] {
        let step = one.hears(at(302), 3, &says(state, fresh(3), 8));
        assert_eq!(step.said(), []);
        assert_eq!(step.verdicts(), [(3, Verdict::NoNews)]);
    }
}

#[test]
fn followers_without_their_leader_do_not_convince() {
    let mut one = started(Peer::new(1, &five()));
    for from in [2, 3, 4] {
        let step = one.hears(T, from, &says(Following, fresh(5), 1));
        assert!(step.elected.is_none(), "{from} only follows");
    }
    assert!(one.election.quorum().is_some_and(|quorum| quorum.reached));
    let step = one.hears(T, 4, &says(Following, fresh(5), 1));
    assert!(step.elected.is_none(), "not by repeating it either");
    let step = one.hears(T, 5, &says(Leading, fresh(5), 1));
    assert!(step.elected.is_some(), "5 says so itself");
    assert_eq!(one.leader(), Some(5));
}

#[test]
fn followers_of_a_server_that_looks_do_not_convince() {
    // 5 led 2, 3 and 4 and is looking again, in the round of 1; its followers do not know yet.
    let mut one = started(Peer::with_history(1, &five(), zxid(8, 1), 8));
    one.hears(T, 5, &looking(fresh(5), 1));
    for from in [2, 3, 4] {
        let step = one.hears(T, from, &says(Following, fresh(5), 1));
        assert!(step.elected.is_none(), "{from} follows somebody who does not lead");
    }
    assert!(one.election.is_looking());
}

#[test]
fn a_worse_vote_of_a_newer_round_is_lost_while_the_winner_is_confirmed() {
    let mut two = started(Peer::with_history(2, &three(), zxid(4, 7), 4));
    two.hears(T, 1, &looking(vote(2, zxid(4, 7), 4), 1));
    let step = two.hears(T, 3, &looking(fresh(3), 9));
    assert_eq!(step.verdicts(), [(3, Verdict::NoBetterWhileFinalizing)]);
    assert_eq!(two.election.round(), 1);
}

#[test]
fn an_ensemble_at_work_is_joined_across_rounds() {
    let mut three_of_three = started(Peer::new(3, &three()));
    let works = vote(2, zxid(6, 0), 7);
    let step = three_of_three.hears(T, 1, &says(Following, works, 41));
    assert_eq!(step.verdicts(), [(1, Verdict::KeptApart)]);
    let step = three_of_three.hears(T, 2, &says(Leading, works, 41));
    assert_eq!(step.elected.map(|elected| (elected.vote, elected.round)), Some((works, 41)));
    let how = ElectedHow::JoinedEstablished;
    assert!(step.decisions.contains(&Decision::Elected { vote: works, round: 41, how }));
    assert_eq!(three_of_three.election.round(), 41);
}

#[test]
fn split_reports_of_the_epoch_do_not_add_up_across_rounds() {
    // 1 has not finished synchronising, 2 has: their reports differ in the epoch.
    let mut three_of_three = started(Peer::new(3, &three()));
    three_of_three.hears(T, 1, &says(Following, vote(2, zxid(6, 0), 6), 41));
    let step = three_of_three.hears(T, 2, &says(Leading, vote(2, zxid(6, 0), 7), 41));
    assert!(step.elected.is_none());
    let step = three_of_three.hears(T, 1, &says(Following, vote(2, zxid(6, 0), 7), 41));
    assert!(step.elected.is_some());
}

#[test]
fn within_the_round_only_the_leader_of_settled_servers_counts() {
    let mut three_of_three = started(Peer::new(3, &three()));
    three_of_three.hears(T, 1, &says(Following, vote(2, zxid(6, 0), 6), 1));
    let step = three_of_three.hears(T, 2, &says(Leading, vote(2, zxid(6, 0), 7), 1));
    assert!(step.elected.is_some());
}

#[test]
fn that_all_follow_me_in_another_round_does_not_make_me_lead() {
    let mut three_of_three = started(Peer::new(3, &three()));
    for from in [1, 2] {
        let step = three_of_three.hears(T, from, &says(Following, fresh(3), 9));
        assert!(step.elected.is_none(), "my clock says 1, theirs 9");
    }
    assert!(three_of_three.election.is_looking());
    for from in [1, 2] {
        three_of_three.hears(T, from, &says(Following, fresh(3), 1));
    }
    assert_eq!(three_of_three.state(), Leading, "in this very round I do lead");
}

#[test]
fn a_server_without_weight_is_never_adopted() {
    let mut ensemble = Ensemble::numbered(3, 0);
    let groups = SortedMap::from([(1, SortedSet::from([1, 2, 3].map(ServerId)))]);
    let weights = SortedMap::from([(ServerId(3), 0)]);
    ensemble.verifier = QuorumVerifier::Hierarchical { groups, weights };
    let mut one = started(Peer::new(1, &Arc::new(ensemble)));
    let step = one.hears(T, 3, &looking(vote(3, zxid(9, 9), 9), 1));
    assert_eq!(step.said(), []);
    assert_eq!(one.election.vote(), Some(fresh(1)));
    let against = Some((fresh(1), Comparison::NoWeight));
    assert!(step.decisions.iter().any(|decision| matches!(
        decision,
        Decision::Judged { verdict: Verdict::Counted, against: seen, .. } if *seen == against
    )));
}

#[test]
fn an_untrusted_database_neither_votes_nor_listens_but_joins() {
    let mut one = started(Peer::new(1, &three()));
    let step = one.hears(T, 3, &looking(vote(3, Zxid::UNTRUSTED, 0), 1));
    assert_eq!(step.verdicts(), [(3, Verdict::Untrusted)]);
    let mut blank = started(Peer::with_history(1, &three(), Zxid::UNTRUSTED, 0));
    assert!(blank.election.votes().is_empty(), "not even its own vote counts");
    let step = blank.hears(T, 3, &looking(fresh(3), 5));
    assert_eq!(step.verdicts(), [(3, Verdict::Untrusted)]);
    assert_eq!(blank.election.round(), 1);
    blank.hears(T, 2, &says(Following, fresh(3), 5));
    blank.hears(T, 3, &says(Leading, fresh(3), 5));
    assert_eq!((blank.state(), blank.leader()), (Following, Some(3)));
}

#[test]
fn a_better_vote_ends_the_wait_and_goes_to_the_tail() {
    let mut one = started(Peer::new(1, &three()));
    one.hears(at(10), 2, &looking(fresh(2), 1));
    assert_eq!(one.election.next_deadline(), Some((at(210).at, Timer::FinalizeWait)));
    let step = one.hears(at(100), 2, &looking(fresh(2), 1));
    assert_eq!(step.verdicts(), [(2, Verdict::NoBetterWhileFinalizing)]);
    let restarted = Some((at(300).at, Timer::FinalizeWait));
    assert_eq!(one.election.next_deadline(), restarted, "any message restarts the wait");
    let step = one.hears(at(150), 3, &looking(fresh(3), 1));
    assert_eq!(
        step.verdicts(),
        [(3, Verdict::BetterWhileFinalizing), (3, Verdict::Counted), (1, Verdict::Counted)]
    );
    assert_eq!(step.said(), [(2, Looking, fresh(3), 1), (3, Looking, fresh(3), 1)]);
    assert!(one.deadline(at(350)).elected.is_some(), "1 and 3 are a quorum of three");
    assert_eq!(one.leader(), Some(3));
}

#[test]
fn a_better_vote_of_an_older_round_ends_the_wait_until_the_own_vote_comes_round_again() {
    let mut one = started(Peer::new(1, &three()));
    one.hears(at(10), 2, &looking(fresh(2), 7));
    let step = one.hears(at(20), 3, &looking(fresh(3), 3));
    assert!(step.elected.is_none());
    assert_eq!(one.election.next_deadline(), Some((at(220).at, Timer::Resend)));
    one.deadline(at(220));
    assert_eq!(one.election.next_deadline(), Some((at(420).at, Timer::FinalizeWait)));
    assert!(one.deadline(at(420)).elected.is_some());
    assert_eq!(one.leader(), Some(2));
}

#[test]
fn the_wait_before_votes_are_sent_again_doubles_up_to_a_minute() {
    let mut one = started(Peer::new(1, &three()));
    let mut waits = Vec::new();
    for _ in 0..11 {
        let Some((due, Timer::Resend)) = one.election.next_deadline() else {
            panic!("a lone server of three keeps asking");
        };
        let step = one.deadline(Now { at: due, wall_ms: 0 });
        assert_eq!(step.said(), [(2, Looking, fresh(1), 1), (3, Looking, fresh(1), 1)]);
        waits.extend(step.decisions.iter().filter_map(|decision| match decision {
            Decision::Resent { next_ms } => Some(*next_ms),
            _ => None,
        }));
    }
    let expected = [400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000];
    assert_eq!(waits, expected);
    let step = one.start(Now { at: crate::base::Time::from_ms(900_000), wall_ms: 0 });
    assert!(step.decisions.contains(&Decision::RoundEntered { round: 2 }));
    assert_eq!(one.election.next_deadline(), Some((at(900_200).at, Timer::Resend)));
}

#[test]
fn an_observing_voter_has_nothing_to_say() {
    let mut one = started(Peer::new(1, &three()));
    let step = one.hears(T, 2, &says(Observing, fresh(2), 1));
    assert_eq!(step.verdicts(), [(2, Verdict::FromObserver)]);
}

#[test]
fn a_voter_outside_the_ensemble_sends_its_history_but_stands_for_nobody() {
    let config = Config::new(ServerId(9), three());
    assert_eq!(config.learner(), crate::base::Learner::Participant);
    let mut nine = Peer::with_history(9, &three(), zxid(3, 4), 3);
    let stands = Vote { leader: ServerId::NOBODY, zxid: zxid(3, 4), peer_epoch: Epoch(3) };
    let step = nine.start(at(0));
    assert_eq!(step.said(), [1, 2, 3].map(|to| (to, Looking, stands, 1)));
    assert!(nine.election.votes().is_empty(), "it does not hear itself");
}

#[test]
fn nothing_that_a_peer_says_makes_it_panic() {
    let extremes = [i64::MIN, -1, 0, 1, i64::MAX];
    for state in [Looking, Following, Leading, Observing] {
        let mut one = started(Peer::new(1, &three()));
        for (number, round) in (0..).zip(extremes.iter().cycle().take(50)) {
            let pick = |step: usize| extremes[(number * step + step) % extremes.len()];
            let wild = vote(pick(1), Zxid(pick(2)), pick(3));
            for leader in [wild.leader.0, 1, 2, 3] {
                let wild = Vote { leader: ServerId(leader), ..wild };
                one.hears(T, pick(4), &says(state, wild, *round));
                one.hears(T, 2 + (number % 2) as i64, &says(state, wild, *round));
            }
            if !one.election.is_looking() {
                one.start(T);
            }
        }
    }
}
