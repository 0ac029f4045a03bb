//! Carrying out lines of the story language on a timeline.

use vivarium_protocol::base::Time;
use vivarium_sim::scenario::{Act, Cast, CastError, Condition, Watch, read_acts};
use vivarium_sim::{Timeline, command::CommandError};

/// Frames after which a wait is given up whatever the clock says.
pub(crate) const PATIENCE: u64 = 200_000;

/// Why a line could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stuck {
    /// A name means nobody at this moment.
    #[error("`{line}`: {error}")]
    Nobody {
        /// The line.
        line: String,
        /// Which name.
        error: CastError,
    },
    /// The world does not take the command.
    #[error("`{line}`: {error}")]
    Refused {
        /// The line.
        line: String,
        /// Why not.
        error: CommandError,
    },
    /// What it waits for or expects does not come.
    #[error("`{0}` does not come true")]
    InVain(String),
    /// The line cannot be read.
    #[error("`{0}` cannot be read")]
    Unreadable(String),
}

/// A script under way.
pub(crate) struct Stage<'a> {
    /// The run.
    pub timeline: &'a mut Timeline,
    /// The names.
    pub cast: &'a mut Cast,
    /// Since which position things are counted.
    pub begin: u64,
}

impl Stage<'_> {
    /// Carries out lines, one after the other.
    pub fn play(&mut self, lines: &[String]) -> Result<(), Stuck> {
        lines.iter().try_for_each(|line| self.line(line))
    }

    fn line(&mut self, line: &str) -> Result<(), Stuck> {
        let nobody = |error| Stuck::Nobody { line: line.to_owned(), error };
        if Cast::binds(line) {
            return self.cast.bind(line, self.timeline.world()).map_err(nobody);
        }
        let resolved = self.cast.resolve(line, self.timeline.world()).map_err(nobody)?;
        let acts = read_acts(&resolved).map_err(|_| Stuck::Unreadable(line.to_owned()))?;
        acts.iter().try_for_each(|act| self.act(line, act))
    }

    fn act(&mut self, line: &str, act: &Act) -> Result<(), Stuck> {
        match act {
            Act::Do(command) => self
                .timeline
                .command(command.clone())
                .map_err(|error| Stuck::Refused { line: line.to_owned(), error }),
            Act::Until { condition, within_us } => {
                let mut watch = self.watch(condition.clone(), self.timeline.position());
                let end = self.timeline.world().now() + *within_us;
                let holds = watch.look(self.timeline.world(), None);
                let met = holds || self.run_until(end, |watch_world| watch_world.see(&mut watch));
                if met { Ok(()) } else { Err(Stuck::InVain(line.to_owned())) }
            }
            Act::Expect { condition, holds } => {
                let mut watch = self.watch(condition.clone(), self.timeline.position());
                let last = self.timeline.last_frame();
                let met = watch.look(self.timeline.world(), last) == *holds;
                if met { Ok(()) } else { Err(Stuck::InVain(line.to_owned())) }
            }
            Act::Wait(us) => {
                let end = self.timeline.world().now() + *us;
                self.run_until(end, |_| false);
                Ok(())
            }
            Act::Named(_) => Err(Stuck::Unreadable(line.to_owned())),
        }
    }

    /// A watch that has seen everything since the beginning, up to a position.
    pub fn watch(&self, condition: Condition, upto: u64) -> Watch {
        self.timeline.watched(condition, self.begin, upto)
    }

    /// Lets time pass up to a moment, or until somebody who sees each frame says stop.
    pub fn run_until(&mut self, end: Time, mut stop: impl FnMut(&Shot<'_>) -> bool) -> bool {
        for _ in 0..PATIENCE {
            let recorded = self.timeline.frames().get(self.timeline.position() as usize);
            let next = recorded.map(|frame| frame.at).or(self.timeline.world().next_at());
            let before = self.timeline.position();
            if next.is_none_or(|next| next > end) || !self.timeline.step_forward() {
                return false;
            }
            // What came next was no frame, and the next frame lies beyond the moment.
            if self.timeline.world().now() > end {
                self.timeline.seek(before);
                return false;
            }
            if stop(&Shot { timeline: self.timeline }) {
                return true;
            }
        }
        false
    }
}

/// The moment right after a frame.
pub(crate) struct Shot<'a> {
    timeline: &'a Timeline,
}

impl Shot<'_> {
    /// Shows it to a watch; tells whether the condition holds.
    pub fn see(&self, watch: &mut Watch) -> bool {
        let frame = self.timeline.last_frame();
        frame.is_some_and(|frame| watch.see(self.timeline.world(), frame))
    }

    /// How many frames lie behind it.
    pub fn position(&self) -> u64 {
        self.timeline.position()
    }
}
