//! Thousands of random stories: no promise is broken, and after healing every ensemble comes back.
//!
//! Each property has a *sometimes* partner: the swarm must have seen the things that make it hard.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use vivarium_sim::{Tally, swarm};

/// Seeds of one run of this suite.
const SEEDS: u64 = 2000;

#[test]
fn two_thousand_seeds_keep_every_promise_and_come_back() {
    let next = AtomicU64::new(0);
    let tallies = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= SEEDS {
                        break;
                    }
                    match swarm::run(seed) {
                        Ok(tally) => tallies.lock().expect("nobody panics here").push(tally),
                        Err(found) => {
                            let found = swarm::shrink(&found, 300);
                            panic!("seed {seed} {}\n{}", found.failure, found.story);
                        }
                    }
                }
            });
        }
    });
    let tallies = tallies.into_inner().expect("nobody panicked");
    assert_eq!(tallies.len() as u64, SEEDS);
    saw_what_makes_it_hard(&tallies);
}

/// A swarm without trouble proves nothing.
fn saw_what_makes_it_hard(tallies: &[Tally]) {
    let sometimes = |what: &str, at_least: usize, happened: &dyn Fn(&Tally) -> bool| {
        let seen = tallies.iter().filter(|tally| happened(tally)).count();
        assert!(seen >= at_least, "{what}: in {seen} runs, expected {at_least} or more");
    };
    sometimes("more than one leader", 1000, &|tally| tally.elected > 1);
    sometimes("DIFF", 1000, &|tally| tally.synchronised[0] > 0);
    sometimes("TRUNC", 20, &|tally| tally.synchronised[1] > 0);
    sometimes("SNAP", 200, &|tally| tally.synchronised[2] > 0);
    sometimes("a log cut back", 20, &|tally| tally.truncated > 0);
    sometimes("a history replaced", 200, &|tally| tally.installed > 0);
    sometimes("unsynced transactions lost", 500, &|tally| tally.lost_unsynced > 0);
    sometimes("messages lost", 1000, &|tally| tally.lost_messages > 0);
    sometimes("a torn record", 200, &|tally| tally.torn > 0);
    sometimes("a replaced disk", 200, &|tally| tally.wiped > 0);
    sometimes("a narrow link", 200, &|tally| tally.queued > 0);
    sometimes("messages held by a rule", 200, &|tally| tally.ruled > 0);
    sometimes("other members", 200, &|tally| tally.reconfigured > 3);
    sometimes("watches set again", 200, &|tally| tally.watched_again > 0);
    sometimes("a good load", 1000, &|tally| tally.decided >= 15);
    sometimes("a long run", 1900, &|tally| tally.steps >= 200);
}

#[test]
fn a_failure_shrinks_to_a_story_that_fails_alike() {
    // A switch that is known to break durability stands for a bug.
    let broken = (0..200).find_map(|seed| {
        let mut story = swarm::story(seed);
        story.setup.variants = story.setup.variants.with_acks_before_durable();
        swarm::play(seed, story).err()
    });
    let found = broken.expect("a swarm finds what the switch breaks");
    let shrunk = swarm::shrink(&found, 300);
    assert!(shrunk.story.acts.len() < found.story.acts.len());
    let text = shrunk.story.to_string();
    let again = swarm::play(0, text.parse().expect("a shrunk story can be read"));
    assert!(again.is_err(), "{text}");
}
