//! What AuthFastLeaderElection does with single datagrams. Whole elections, with loss, are run by
//! the simulator.

use super::super::historic::{Choice, Datagram, PlainVote, Voter, Wishes};
use super::AuthFastLeaderElection;
use crate::base::{ServerId, Time, Zxid};
use crate::message::PeerState;

fn one_of_three(authenticates: bool) -> (AuthFastLeaderElection, Wishes) {
    let voters = (1..=3).map(ServerId).collect();
    let voter = Voter { id: ServerId(1), voters, zxid: Zxid(5) };
    let mut election = AuthFastLeaderElection::new(voter, authenticates, 7);
    let mut wishes = Wishes::default();
    election.start(Time(0), &mut wishes);
    (election, wishes)
}

fn vote(zxid: i64, leader: i64) -> PlainVote {
    PlainVote { zxid: Zxid(zxid), leader: ServerId(leader) }
}

fn notification(tag: i64, vote: PlainVote, round: i64) -> Datagram {
    Datagram::Notification { tag, state: PeerState::Looking, vote, round, challenge: 0 }
}

#[test]
fn a_better_vote_is_adopted_acknowledged_and_passed_on_to_everybody() {
    let (mut election, _) = one_of_three(false);
    let mut wishes = Wishes::default();
    election.on_datagram(Time(10), ServerId(3), notification(1, vote(9, 3), 1), &mut wishes);
    assert!(matches!(wishes.sends[0], (ServerId(3), Datagram::Ack { tag: 1, .. })));
    assert!(wishes.choices.contains(&Choice::Votes(vote(9, 3))));
    let told: Vec<i64> = wishes.sends[1..].iter().map(|(to, _)| to.0).collect();
    assert_eq!(told, [1, 2, 3]);
}

#[test]
fn a_vote_of_an_older_round_is_acknowledged_and_not_counted() {
    let (mut election, _) = one_of_three(false);
    let mut wishes = Wishes::default();
    election.on_datagram(Time(10), ServerId(3), notification(1, vote(9, 3), 0), &mut wishes);
    assert_eq!(wishes.sends.len(), 1, "{wishes:?}");
    assert!(wishes.choices.is_empty());
}

#[test]
fn a_majority_waits_for_a_better_vote_and_then_decides() {
    let (mut election, _) = one_of_three(false);
    let mut wishes = Wishes::default();
    election.on_datagram(Time(10), ServerId(1), notification(1, vote(5, 1), 1), &mut wishes);
    election.on_datagram(Time(20), ServerId(2), notification(1, vote(5, 1), 1), &mut wishes);
    assert!(wishes.choices.contains(&Choice::Waits));
    election.on_deadline(Time(100_019), &mut wishes);
    assert_eq!(election.state(), PeerState::Looking);
    election.on_deadline(Time(100_020), &mut wishes);
    assert_eq!(election.state(), PeerState::Leading);
    assert_eq!(wishes.choices.last(), Some(&Choice::Elected(vote(5, 1))));
}

#[test]
fn an_unacknowledged_notification_is_sent_again_after_growing_waits() {
    let (mut election, first) = one_of_three(false);
    let to_two = |wishes: &Wishes| wishes.sends.iter().filter(|(to, _)| to.0 == 2).count();
    assert_eq!(to_two(&first), 1);
    let mut wishes = Wishes::default();
    election.on_deadline(Time(99_999), &mut wishes);
    assert_eq!(to_two(&wishes), 0);
    election.on_deadline(Time(100_000), &mut wishes);
    assert_eq!(to_two(&wishes), 1, "after 100 ms");
    election.on_deadline(Time(1_099_999), &mut wishes);
    assert_eq!(to_two(&wishes), 1);
    election.on_deadline(Time(1_100_000), &mut wishes);
    assert_eq!(to_two(&wishes), 2, "after 1000 ms more");
}

#[test]
fn who_is_acknowledged_by_servers_in_a_role_joins_their_leader() {
    let (mut election, _) = one_of_three(false);
    let mut wishes = Wishes::default();
    for (from, state) in [(2, PeerState::Following), (3, PeerState::Leading)] {
        let ack = Datagram::Ack { tag: from, state, vote: vote(4, 3), round: 9 };
        election.on_datagram(Time(10), ServerId(from), ack, &mut wishes);
    }
    assert_eq!(election.state(), PeerState::Following);
    assert_eq!(wishes.choices.last(), Some(&Choice::Elected(vote(4, 3))));
}

#[test]
fn algorithm_2_counts_only_who_brings_back_the_challenge_it_was_given() {
    let (mut election, first) = one_of_three(true);
    let asks = |(_, it): &(ServerId, Datagram)| matches!(it, Datagram::ChallengeRequest { .. });
    assert!(first.sends.iter().all(asks), "{first:?}");
    let mut wishes = Wishes::default();
    election.on_datagram(Time(1), ServerId(3), notification(1, vote(9, 3), 1), &mut wishes);
    assert_eq!(wishes.choices, [Choice::Unproven(ServerId(3))]);
    assert!(wishes.sends.is_empty(), "and gets no acknowledgement");
    let request = Datagram::ChallengeRequest { tag: 2 };
    election.on_datagram(Time(2), ServerId(3), request, &mut wishes);
    let Some((_, Datagram::Challenge { challenge, .. })) = wishes.sends.pop() else {
        panic!("no challenge: {wishes:?}");
    };
    let proven = Datagram::Notification {
        tag: 2,
        state: PeerState::Looking,
        vote: vote(9, 3),
        round: 1,
        challenge,
    };
    election.on_datagram(Time(3), ServerId(3), proven, &mut wishes);
    assert!(wishes.choices.contains(&Choice::Votes(vote(9, 3))));
    let again = wishes.choices.len();
    election.on_datagram(Time(4), ServerId(3), proven, &mut wishes);
    assert_eq!(wishes.choices[again..], [Choice::Unproven(ServerId(3))], "good for one use");
}
