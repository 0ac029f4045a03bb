//! A search for a broken promise, in slices: one random schedule of faults and requests after the
//! other against an ensemble, until one breaks what the ensemble promises, and then a shorter one
//! that still does.
//!
//! It is a search and no proof: that nothing was found says only what was tried. Invariants:
//! 1. The same ensemble, switches and first seed give the same search, in slices of any size.
//! 2. What is found is a run: replayed from its beginning it breaks the same promise at its end.

use crate::checkers::Promise;
use crate::command::Command;
use crate::run::Run;
use crate::scenario::Act;
use crate::setup::Setup;
use crate::swarm;
use crate::world::World;
use vivarium_protocol::base::Time;

/// A schedule is given up after so many steps: a world that spins in one moment.
const LONGEST: u64 = 20_000;

/// How far a search has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Schedules tried to their end.
    pub schedules: u64,
    /// Steps of all servers in all of them.
    pub steps: u64,
    /// The steps of the longest schedule so far.
    pub deepest: u64,
    /// Of the shortest schedule that breaks a promise, the steps until it does.
    pub shortest: Option<u64>,
    /// Whether nothing is left to do.
    pub done: bool,
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    base: Setup,
    /// The seed of the next schedule, and how many are left.
    next: u64,
    left: u64,
    attempt: Option<Attempt>,
    shrinking: Option<Shrinking>,
    best: Option<Broken>,
    progress: Progress,
}

/// A schedule that breaks a promise.
#[derive(Clone, Debug)]
struct Broken {
    setup: Setup,
    acts: Vec<Act>,
    commands: Vec<(u64, Command)>,
    promise: Promise,
    /// The number of frames after which it is broken.
    position: u64,
}

impl Search {
    /// A search over `schedules` schedules from `seed` on, for the ensemble and the switches of
    /// `base`.
    #[must_use]
    pub fn new(base: &Setup, seed: u64, schedules: u64) -> Search {
        Search {
            base: base.clone(),
            next: seed,
            left: schedules,
            attempt: None,
            shrinking: None,
            best: None,
            progress: Progress::default(),
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The shortest run found that breaks a promise, with its playhead where it does.
    #[must_use]
    pub fn counterexample(&self) -> Option<Run> {
        self.best.as_ref().map(|best| Run {
            setup: best.setup.clone(),
            commands: best.commands.clone(),
            position: best.position,
        })
    }

    /// Goes on for about so many steps of servers; gives how far it has come.
    pub fn advance(&mut self, steps: u64) -> Progress {
        let end = self.progress.steps + steps.max(1);
        while self.progress.steps < end && !self.progress.done {
            let Some(mut attempt) = self.attempt.take().or_else(|| self.next_attempt()) else {
                self.progress.done = true;
                break;
            };
            let before = attempt.world.steps();
            let ended = attempt.advance(end - self.progress.steps);
            self.progress.steps += (attempt.world.steps() - before).max(1);
            self.progress.deepest = self.progress.deepest.max(attempt.world.steps());
            if ended {
                self.judge(attempt);
            } else {
                self.attempt = Some(attempt);
            }
        }
        self.progress
    }

    /// The next schedule to try: a shorter form of what was found, or the next seed's.
    fn next_attempt(&mut self) -> Option<Attempt> {
        if let Some(best) = &self.best {
            let acts = self.shrinking.as_mut()?.candidate(&best.acts)?;
            return Some(Attempt::new(best.setup.clone(), acts));
        }
        self.left = self.left.checked_sub(1)?;
        let seed = self.next;
        self.next = seed.wrapping_add(1);
        let (setup, acts) = swarm::schedule(seed, &self.base);
        Some(Attempt::new(setup, acts))
    }

    fn judge(&mut self, attempt: Attempt) {
        self.progress.schedules += 1;
        let broken = attempt.broken();
        match (&self.best, broken) {
            (None, Some(found)) => {
                self.shrinking = Some(Shrinking::of(&found.acts));
                self.take(found);
            }
            (Some(best), Some(found)) if found.promise == best.promise => self.take(found),
            (Some(_), Some(_) | None) => {
                if let Some(shrinking) = &mut self.shrinking {
                    shrinking.keep();
                }
            }
            (None, None) => {}
        }
    }

    fn take(&mut self, found: Broken) {
        self.progress.shortest = Some(found.position);
        self.best = Some(found);
    }
}

/// Leaves out halves, quarters … single acts.
#[derive(Clone, Debug)]
struct Shrinking {
    size: usize,
    start: usize,
    /// How many acts there were when this size began.
    before: usize,
}

impl Shrinking {
    fn of(acts: &[Act]) -> Shrinking {
        Shrinking { size: acts.len().div_ceil(2), start: 0, before: acts.len() }
    }

    /// The next shorter form; `None` when every single act is needed.
    fn candidate(&mut self, acts: &[Act]) -> Option<Vec<Act>> {
        while self.start >= acts.len() {
            if self.size <= 1 && self.before == acts.len() {
                return None;
            }
            self.size = (self.size / 2).max(1);
            (self.start, self.before) = (0, acts.len());
        }
        let mut shorter = acts.to_vec();
        shorter.drain(self.start..(self.start + self.size).min(acts.len()));
        Some(shorter)
    }

    /// What was left out is needed.
    fn keep(&mut self) {
        self.start += self.size;
    }
}

/// One schedule being played.
#[derive(Clone, Debug)]
struct Attempt {
    setup: Setup,
    acts: Vec<Act>,
    next: usize,
    wait: Option<Time>,
    world: World,
    commands: Vec<(u64, Command)>,
}

impl Attempt {
    fn new(setup: Setup, acts: Vec<Act>) -> Attempt {
        let world = World::new(&setup).untraced();
        Attempt { setup, acts, next: 0, wait: None, world, commands: Vec::new() }
    }

    /// Goes on for at most so many steps; true when it is over.
    fn advance(&mut self, steps: u64) -> bool {
        let end = self.world.steps() + steps;
        while self.world.steps() < end {
            if self.breach().is_some() || self.world.steps() >= LONGEST {
                return true;
            }
            if self.world.step_at_once().is_some() {
                continue;
            }
            if let Some(until) = self.wait {
                let due = self.world.next_at().is_some_and(|next| next <= until);
                if !due || self.world.step().is_none() {
                    self.wait = None;
                }
                continue;
            }
            let Some(act) = self.acts.get(self.next) else { return true };
            self.next += 1;
            match act {
                Act::Wait(us) => self.wait = Some(self.world.now() + *us),
                Act::Do(command) => {
                    let position = self.world.steps();
                    // One that does not fit the world is passed over.
                    if self.world.begin_command(command).is_ok() {
                        self.commands.push((position, command.clone()));
                    }
                }
                Act::Until { .. } | Act::Expect { .. } | Act::Named(_) => {}
            }
        }
        false
    }

    /// The first promise of the ensemble that was broken, and after how many frames. What one
    /// server breaks by itself is left aside: it is the cause and not yet the loss.
    fn breach(&self) -> Option<(Promise, u64)> {
        let mut broken = self.world.violations().iter();
        broken
            .find(|violation| Promise::ALL.contains(&violation.promise))
            .map(|violation| (violation.promise, violation.step + 1))
    }

    fn broken(self) -> Option<Broken> {
        let (promise, position) = self.breach()?;
        let Attempt { setup, mut acts, next, commands, .. } = self;
        acts.truncate(next);
        Some(Broken { setup, acts, commands, promise, position })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::Timeline;
    use vivarium_protocol::base::{Exhibit, Variants};

    /// The ensemble that the page begins with, three servers of it.
    fn base(exhibit: Option<Exhibit>) -> Setup {
        let faithful = Variants::faithful();
        let variants = exhibit.map_or(faithful, |exhibit| faithful.with(exhibit, true));
        Setup { variants, ..Setup::watchable(3) }
    }

    #[test]
    fn a_search_finds_what_a_switch_breaks_and_shortens_it_to_a_run_that_breaks_it_too() {
        for exhibit in [Exhibit::AcksBeforeDurable, Exhibit::KeepsDatabaseOnRoleLoss] {
            let mut search = Search::new(&base(Some(exhibit)), 1, 400);
            let mut first = None;
            while !search.progress().done {
                let progress = search.advance(1_000);
                first = first.or(progress.shortest);
            }
            let run = search.counterexample().expect("a schedule that loses something");
            let shortest = search.progress().shortest.expect("it says how long that is");
            assert_eq!(run.position, shortest);
            assert!(first.is_some_and(|first| first >= shortest), "{first:?} {shortest}");
            let timeline = Timeline::from_run(Run::from_link(&run.to_link()).expect("a link"));
            let violations = timeline.world().violations();
            let last = violations.iter().find(|v| Promise::ALL.contains(&v.promise));
            assert_eq!(last.map(|violation| violation.step + 1), Some(shortest), "{violations:?}");
        }
    }

    #[test]
    fn a_search_of_the_right_protocol_finds_nothing_and_ends() {
        let mut search = Search::new(&base(None), 1, 12);
        while !search.advance(700).done {}
        assert_eq!(search.progress().schedules, 12);
        assert_eq!(search.counterexample(), None);
    }

    #[test]
    fn slices_of_any_size_make_the_same_search() {
        let search = |slice: u64| {
            let mut search = Search::new(&base(Some(Exhibit::AcksBeforeDurable)), 7, 5);
            while !search.advance(slice).done {}
            (search.counterexample(), search.progress().schedules)
        };
        assert_eq!(search(50), search(100_000));
    }
}
