//! Folding a server's trace from birth gives exactly what the server says of itself, after every
//! step; and a run is the same whenever it is played.

use vivarium_sim::observe::Fold;
use vivarium_sim::scenario::Player;
use vivarium_sim::{Act, swarm};

/// Seeds whose every step is compared.
const SEEDS: u64 = 60;

#[test]
fn the_trace_tells_the_status_after_every_step() {
    for seed in 0..SEEDS {
        let story = swarm::story(seed);
        let mut player = Player::new(&story.setup);
        let mut fold = Fold::default();
        for (line, act) in &story.acts {
            if !swarm::may_do(&player.world, act) {
                continue;
            }
            let played = player.act(*line, act, &mut |world, frame| {
                fold.take(frame);
                let status = frame.peer.and_then(|id| Some((id, world.peer(id)?.status()?)));
                if let Some((id, status)) = status {
                    let folded = fold.status(id).expect("a running server has started");
                    assert_eq!(*folded, status, "seed {seed}, step {}, server {id}", frame.step);
                }
            });
            assert!(played.is_ok() || matches!(act, Act::Do(_)), "seed {seed}: {played:?}");
        }
    }
}

#[test]
fn a_seed_is_one_run() {
    for seed in 0..10 {
        let story = swarm::story(seed);
        let hash = || {
            let mut player = Player::new(&story.setup);
            for (line, act) in &story.acts {
                let _ = player.act(*line, act, &mut |_, _| {});
            }
            player.world.hash()
        };
        assert_eq!(hash(), hash(), "seed {seed}");
    }
}
