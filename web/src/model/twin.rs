//! Another run beside the present one, aligned where the two first differ.
//!
//! Invariant: up to the difference both runs have the same frames.

use std::rc::Rc;

use vivarium_protocol::trace::Frame;
use vivarium_sim::words::Words;
use vivarium_sim::{Command, Cuts, Run, Setup};

use super::chronicle::Chronicle;
use super::scene::Scene;

/// The other run.
pub struct Twin {
    /// All of it as the diagram draws it.
    pub chronicle: Chronicle,
    /// What its network would not carry.
    pub cuts: Vec<Cuts>,
    /// Its frames.
    pub frames: Vec<Frame>,
    /// The first step in which the two differ; `None` if one is but the beginning of the other.
    pub differs: Option<usize>,
    /// The other run's scene after that step.
    pub scene: Option<Rc<Scene>>,
}

impl Twin {
    /// Compares the other run's `frames` with `ours`; `chronicle` is one of nothing yet.
    #[must_use]
    pub fn new(
        mut chronicle: Chronicle,
        frames: Vec<Frame>,
        cuts: Vec<Cuts>,
        ours: &[Frame],
    ) -> Twin {
        let differs = frames.iter().zip(ours).position(|(other, own)| other != own);
        let mut scene = None;
        for (index, frame) in frames.iter().enumerate() {
            chronicle.push(frame);
            if differs == Some(index) {
                scene = Some(chronicle.frontier().clone());
            }
        }
        Twin { chronicle, cuts, frames, differs, scene }
    }

    /// The other run's step of the first difference.
    #[must_use]
    pub fn frame(&self) -> Option<&Frame> {
        self.frames.get(self.differs?)
    }
}

/// The run that a line makes of `run`: either something else is done at its position, as in
/// `crash 3`, or the same is done to another ensemble, as in `seed=7 latency=1000..2000`. `None` if
/// the line is neither, or changes nothing.
#[must_use]
pub fn otherwise(mut run: Run, line: &str) -> Option<Run> {
    if let Ok(commands) = Command::parse_line(line) {
        let position = run.position;
        run.commands.retain(|(at, _)| *at < position);
        run.commands.extend(commands.into_iter().map(|command| (position, command)));
        return Some(run);
    }
    let mut words = Words::of(&format!("{} {line}", run.setup)).ok()?;
    let setup = Setup::parse(&mut words).ok().filter(|setup| *setup != run.setup)?;
    Some(Run { setup, ..run })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        let crash = |at, line: &str| (at, line.parse().expect("a command"));
        let commands = vec![crash(10, "crash 1"), crash(40, "crash 2"), crash(60, "start 1")];
        Run { setup: Setup::default(), commands, position: 40 }
    }

    #[test]
    fn a_command_takes_the_place_of_what_was_done_from_there_on() {
        let other = otherwise(run(), "crash 2,3").expect("a command");
        let told: Vec<_> = other.commands.iter().map(|(at, it)| format!("{at} {it}")).collect();
        assert_eq!(told, ["10 crash 1", "40 crash 2", "40 crash 3"]);
        assert_eq!(other.setup, run().setup);
    }

    #[test]
    fn settings_make_another_ensemble_of_the_same_commands() {
        let other = otherwise(run(), "seed=9 tick=200").expect("settings");
        assert_eq!((other.setup.seed, other.setup.tick_time_ms), (9, 200));
        assert_eq!(other.commands, run().commands);
        for nothing in ["", "  ", "crash", "seed=x", "hello"] {
            assert!(otherwise(run(), nothing).is_none(), "`{nothing}` means no other run");
        }
    }
}
