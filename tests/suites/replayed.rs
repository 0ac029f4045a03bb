//! The recordings of Apache 3.9.5, played again with our server in one part: it says packet for
//! packet what Apache's said there.

use vivarium_protocol::base::{Epoch, Zxid};
use vivarium_tests::replay::{leader, learner};

#[test]
fn an_empty_server_follows_the_first_leader_as_apaches_did() {
    learner::play(&[("01-first-start", 51, None)]);
}

#[test]
fn an_empty_server_that_comes_later_takes_the_snapshot_as_apaches_did() {
    learner::play(&[("01-first-start", 57, None)]);
}

#[test]
fn a_follower_that_missed_transactions_takes_the_diff_as_apaches_did() {
    learner::play(&[("03-diff", 35, None)]);
}

#[test]
fn a_follower_that_lost_its_disk_takes_the_snapshot_as_apaches_did() {
    learner::play(&[("04-snap", 33, None)]);
}

#[test]
fn a_follower_of_a_new_leader_goes_on_as_apaches_did() {
    learner::play(&[("05-trunc", 42, None)]);
    learner::play(&[("06-snap-after-divergence", 36, Some(41))]);
    learner::play(&[("07-leader-crash", 13, None)]);
}

#[test]
fn a_leader_that_comes_back_with_strays_cuts_them_off_as_apaches_did() {
    learner::play(&[("05-trunc", 71, Some(75))]);
}

#[test]
fn a_leader_that_comes_back_after_a_divergence_takes_the_snapshot_as_apaches_did() {
    learner::play(&[("06-snap-after-divergence", 62, Some(66))]);
}

#[test]
fn a_leader_that_crashed_follows_as_apaches_did() {
    learner::play(&[("07-leader-crash", 46, None)]);
}

#[test]
fn servers_restarted_in_turn_follow_as_apaches_did() {
    learner::play(&[("08-observer", 41, None)]);
    learner::play(&[("08-observer", 81, None)]);
    learner::play(&[("08-observer", 95, None)]);
    learner::play(&[("08-observer", 122, None)]);
}

#[test]
fn an_observer_comes_as_apaches_did() {
    learner::play(&[("08-observer", 132, Some(137))]);
}

/// Creates of every kind, sets, multis, watches, errors, lists, deletes: what the client asks of
/// the follower, the follower of its leader, and what both are answered.
#[test]
fn a_client_of_a_follower_is_answered_as_apaches_was() {
    learner::play(&[("01-first-start", 51, None), ("02-client-operations", 1, Some(2))]);
}

/// The first leader and the client operations that came to it through a follower: one story, since
/// the second recording goes on with the connections of the first.
#[test]
fn the_first_leader_answers_learners_and_their_clients_as_apaches_did() {
    let same = [("02-client-operations", 1, 51), ("02-client-operations", 0, 57)];
    let names = ["01-first-start", "02-client-operations"];
    leader::play(2, Epoch(1), Zxid::ZERO, &names, &same);
}

#[test]
fn a_new_leader_cuts_strays_off_as_apaches_did() {
    leader::play(3, Epoch(2), Zxid(0x1_0000_00c9), &["05-trunc"], &[]);
}

#[test]
fn a_new_leader_with_transactions_of_its_own_sends_the_tree_as_apaches_did() {
    leader::play(2, Epoch(3), Zxid(0x2_0000_0003), &["06-snap-after-divergence"], &[]);
}

#[test]
fn the_leader_after_a_crash_answers_as_apaches_did() {
    leader::play(3, Epoch(4), Zxid(0x3_0000_0007), &["07-leader-crash"], &[]);
}

#[test]
fn a_leader_serves_an_observer_as_apaches_did() {
    leader::play(2, Epoch(5), Zxid(0x4_0000_0002), &["08-observer"], &[]);
}
