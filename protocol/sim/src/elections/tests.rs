//! Whole elections by every algorithm: they agree, they cost what they cost, and the old ones lose
//! what epochs were invented to keep.

use super::{Account, Algorithm, Contest, Entrant, StepEvent, hold};
use vivarium_protocol::base::{Epoch, ServerId, Zxid};

/// Voters 1..=n, all started together, whose logs are given as epoch, last counter, current epoch.
fn contest(logs: &[(i64, u32, i64)], seed: u64) -> Contest {
    let entrant = |(index, (epoch, counter, current)): (usize, &(i64, u32, i64))| Entrant {
        id: ServerId(index as i64 + 1),
        zxid: Zxid::new(Epoch(*epoch), *counter),
        epoch: Epoch(*current),
        starts_ms: Some(0),
    };
    Contest {
        entrants: logs.iter().enumerate().map(entrant).collect(),
        seed,
        latency_us: (1_000, 20_000),
        loss_permille: 0,
    }
}

fn equal(voters: usize, seed: u64) -> Contest {
    contest(&vec![(1, 5, 1); voters], seed)
}

#[test]
fn with_equal_logs_every_algorithm_elects_the_highest_id_on_every_seed() {
    for seed in 0..40 {
        for algorithm in Algorithm::ALL {
            let account = hold(&equal(5, seed), algorithm);
            assert_eq!(account.winner, Some(ServerId(5)), "{algorithm:?}, seed {seed}");
            assert!(account.settled.is_some(), "{algorithm:?}, seed {seed}");
            assert_eq!(account.lost, 0);
        }
    }
}

#[test]
fn only_the_algorithm_with_epochs_keeps_what_the_newer_epoch_agreed_upon() {
    // 1 has a long log of epoch 1 with a tail nobody else has; 2 and 3 went on into epoch 2 and
    // have written nothing there yet.
    let split = contest(&[(1, 8, 1), (1, 6, 2), (1, 6, 2)], 3);
    for algorithm in Algorithm::ALL {
        let account = hold(&split, algorithm);
        let (winner, better) = match algorithm {
            Algorithm::Fast => (ServerId(3), None),
            Algorithm::Polling | Algorithm::AuthFast | Algorithm::AuthFastChallenged => {
                (ServerId(1), Some(ServerId(2)))
            }
        };
        assert_eq!((account.winner, account.better), (Some(winner), better), "{algorithm:?}");
    }
}

#[test]
fn a_silent_server_makes_polling_wait_and_the_others_not() {
    let mut contest = equal(5, 1);
    contest.entrants[0].starts_ms = None;
    let polling = hold(&contest, Algorithm::Polling);
    let fast = hold(&contest, Algorithm::Fast);
    let waits = |account: &Account| {
        let waited = |event: &StepEvent| matches!(event, StepEvent::WaitsInVain(ServerId(1)));
        account.steps.iter().filter(|step| waited(&step.event)).count()
    };
    assert!(waits(&polling) >= 4, "each of four servers asks the silent one");
    assert_eq!(waits(&fast), 0);
    assert!(polling.decided.unwrap() > fast.decided.unwrap());
}

#[test]
fn lost_datagrams_are_made_good_but_an_old_vote_that_comes_late_can_split_the_ensemble() {
    let mut splits = Vec::new();
    for algorithm in [Algorithm::Polling, Algorithm::AuthFast, Algorithm::AuthFastChallenged] {
        for seed in 0..20 {
            let mut lossy = equal(5, seed);
            lossy.loss_permille = 150;
            let account = hold(&lossy, algorithm);
            assert!(account.settled.is_some(), "{algorithm:?}, seed {seed}");
            assert!(account.lost > 0, "{algorithm:?}, seed {seed}");
            if account.winner.is_none() {
                splits.push((algorithm, seed));
            }
        }
    }
    // 5 leads with 4, while 1, 2 and 3 follow 4: its first vote was lost, and sent again unchanged
    // after 4 had changed its mind. Zab would find out, and everybody would look again.
    assert!(splits.contains(&(Algorithm::AuthFastChallenged, 16)), "{splits:?}");
}

#[test]
fn a_challenge_doubles_what_a_vote_costs() {
    let plain = hold(&equal(5, 2), Algorithm::AuthFast);
    let proven = hold(&equal(5, 2), Algorithm::AuthFastChallenged);
    let notifications = |account: &Account| {
        let told =
            |event: &StepEvent| matches!(event, StepEvent::Sends { name: "notification", .. });
        account.steps.iter().filter(|step| told(&step.event)).count() as u64
    };
    // A notification and its acknowledgement, against a request and a challenge before them.
    assert!(plain.messages <= 2 * notifications(&plain), "{}", plain.messages);
    assert!(proven.messages > 3 * notifications(&proven), "{}", proven.messages);
}

#[test]
fn without_a_majority_nobody_wins_and_the_account_ends() {
    let mut contest = equal(5, 1);
    for entrant in &mut contest.entrants[..3] {
        entrant.starts_ms = None;
    }
    for algorithm in Algorithm::ALL {
        let account = hold(&contest, algorithm);
        assert_eq!((account.winner, account.decided), (None, None), "{algorithm:?}");
    }
}

#[test]
fn who_starts_late_joins_the_leader_that_is_there() {
    for algorithm in [Algorithm::AuthFast, Algorithm::AuthFastChallenged, Algorithm::Fast] {
        let mut contest = equal(5, 4);
        contest.entrants[4].starts_ms = Some(5_000);
        let account = hold(&contest, algorithm);
        assert_eq!(account.winner, Some(ServerId(4)), "{algorithm:?}");
        let last = account.steps.iter().rev().find(|step| step.server == ServerId(5));
        assert_eq!(last.map(|step| step.event), Some(StepEvent::Elected(ServerId(4))));
    }
}

#[test]
fn the_same_contest_gives_the_same_account() {
    for algorithm in Algorithm::ALL {
        assert_eq!(hold(&equal(7, 9), algorithm), hold(&equal(7, 9), algorithm));
    }
}
