//! How many events a second the simulator takes natively: `replay_speed LINK ROUNDS` replays a
//! run that often and prints, as JSON, its steps, its hash and the seconds of the fastest round.
//!
//! `cargo xtask bench web` holds the figure against the page's own for the same link; equal hashes
//! say that both did the same work.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "it measures the simulator from outside; the simulator itself has no clock"
)]

use std::time::Instant;

use vivarium_sim::{Run, Timeline};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let link = arguments.next().ok_or("a link is wanted")?;
    let rounds: u32 = arguments.next().map_or(Ok(3), |rounds| rounds.parse())?;
    let run = Run::from_link(&link)?;
    let mut fastest = f64::INFINITY;
    let (mut steps, mut hash) = (0, 0);
    for _ in 0..rounds {
        let started = Instant::now();
        let timeline = Timeline::from_run(run.clone());
        fastest = fastest.min(started.elapsed().as_secs_f64());
        (steps, hash) = (timeline.position(), timeline.world().hash());
    }
    println!("{{\"steps\": {steps}, \"hash\": \"{hash:016x}\", \"seconds\": {fastest:.6}}}");
    Ok(())
}
