//! Playing stories: acts against a world, with a record of what happened.

use super::{Act, Cast, CastError, Condition, Story, Watch, narrate, read_acts, verdict};
use crate::command::{Command, CommandError};
use crate::run::Run;
use crate::setup::Setup;
use crate::timeline::Timeline;
use crate::world::World;
use vivarium_protocol::base::Time;
use vivarium_protocol::trace::Frame;

/// Steps after which a wait is given up whatever the clock says: a world that spins in one moment.
const PATIENCE: u64 = 200_000;

/// Why a story does not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StuckError {
    /// A condition did not come about in time.
    #[error("line {line}: waited in vain for `{condition}`")]
    InVain {
        /// Which line, from 1; 0 for the opening.
        line: usize,
        /// For what.
        condition: String,
    },
    /// An expectation was disappointed.
    #[error("line {line}: expected `{expectation}`")]
    Disappointed {
        /// Which line, from 1.
        line: usize,
        /// What.
        expectation: String,
    },
    /// A name means nobody.
    #[error("line {line}: {error}")]
    Cast {
        /// Which line, from 1.
        line: usize,
        /// Which name.
        error: CastError,
    },
    /// A command does not fit the world.
    #[error("line {line}: `{command}`: {error}")]
    Command {
        /// Which line, from 1.
        line: usize,
        /// Which command.
        command: String,
        /// Why not.
        error: CommandError,
    },
}

/// A story that was played.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The world at its end.
    pub world: World,
    /// The same as a run.
    pub run: Run,
    /// What happened, in the story's words.
    pub record: String,
}

/// Plays acts against a world.
#[derive(Clone, Debug)]
pub struct Player {
    /// The world.
    pub world: World,
    setup: Setup,
    commands: Vec<(u64, Command)>,
    cast: Cast,
    /// After how many frames the record begins.
    begun: u64,
    lines: Vec<String>,
    told: Vec<usize>,
    last: Option<Frame>,
    records: bool,
}

impl Player {
    /// A player that records nothing yet.
    #[must_use]
    pub fn new(setup: &Setup) -> Player {
        Player {
            world: World::new(setup),
            setup: setup.clone(),
            commands: Vec::new(),
            cast: Cast::default(),
            begun: 0,
            lines: Vec::new(),
            told: Vec::new(),
            last: None,
            records: false,
        }
    }

    /// The same, without traces: for swarms.
    #[must_use]
    pub fn quick(setup: &Setup) -> Player {
        let mut player = Player::new(setup);
        player.world = player.world.untraced();
        player
    }

    /// Plays a whole story.
    ///
    /// # Errors
    /// It does not come to its end.
    pub fn play(story: &Story) -> Result<Outcome, StuckError> {
        Player::play_watched(story, |_, _| {})
    }

    /// The same, with somebody who sees every frame.
    ///
    /// # Errors
    /// The story does not come to its end.
    pub fn play_watched(
        story: &Story,
        mut watch: impl FnMut(&World, &Frame),
    ) -> Result<Outcome, StuckError> {
        let mut player = Player::new(&story.setup);
        if let Some(leader) = story.leader {
            for condition in [Condition::Leader(leader), Condition::Settled] {
                let opening = Act::Until { condition, within_us: 60_000_000 };
                player.act(0, &opening, &mut watch)?;
            }
        }
        player.records = true;
        player.begun = player.world.steps();
        for (line, act) in &story.acts {
            player.act(*line, act, &mut watch)?;
        }
        let mut record = player.lines.join("\n");
        record.push_str(&format!("\n{}", verdict(player.world.violations())));
        let run = Run {
            setup: story.setup.clone(),
            commands: player.commands,
            position: player.world.steps(),
        };
        Ok(Outcome { world: player.world, run, record: record.trim().to_owned() })
    }

    /// Plays one act.
    ///
    /// # Errors
    /// It does not come to its end.
    pub fn act(
        &mut self,
        line: usize,
        act: &Act,
        watch: &mut impl FnMut(&World, &Frame),
    ) -> Result<(), StuckError> {
        match act {
            Act::Do(command) => self.command(command, watch).map_err(|error| StuckError::Command {
                line,
                command: command.to_string(),
                error,
            }),
            Act::Wait(us) => {
                let end = self.world.now() + *us;
                self.step_until(end, watch, |_, _| false);
                Ok(())
            }
            Act::Until { condition, within_us } => {
                let mut looks = self.watch(condition);
                let end = self.world.now() + *within_us;
                let met = looks.look(&self.world, None)
                    || self.step_until(end, watch, |world, frame| looks.see(world, frame));
                let condition = condition.to_string();
                if met { Ok(()) } else { Err(StuckError::InVain { line, condition }) }
            }
            Act::Expect { condition, holds } => {
                let met = self.watch(condition).look(&self.world, self.last.as_ref()) == *holds;
                let expectation = act.to_string();
                if met { Ok(()) } else { Err(StuckError::Disappointed { line, expectation }) }
            }
            Act::Named(text) => self.named(line, text, watch),
        }
    }

    /// Plays a line that uses or binds names.
    fn named(
        &mut self,
        line: usize,
        text: &str,
        watch: &mut impl FnMut(&World, &Frame),
    ) -> Result<(), StuckError> {
        let unknown = |error: CastError| StuckError::Cast { line, error };
        if Cast::binds(text) {
            return self.cast.bind(text, &self.world).map_err(unknown);
        }
        let resolved = self.cast.resolve(text, &self.world).map_err(unknown)?;
        for act in read_acts(&resolved).unwrap_or_default() {
            // Nothing in it is a name any more, so this goes no deeper.
            self.act(line, &act, watch)?;
        }
        Ok(())
    }

    /// A watch that has seen everything since the record began, where it has to.
    fn watch(&self, condition: &Condition) -> Watch {
        if !condition.looks_back() {
            return Watch::new(condition.clone(), &self.world);
        }
        let timeline = Timeline::from_run(Run {
            setup: self.setup.clone(),
            commands: self.commands.clone(),
            position: self.world.steps(),
        });
        timeline.watched(condition.clone(), self.begun, self.world.steps())
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// It does not fit the world.
    pub fn command(
        &mut self,
        command: &Command,
        watch: &mut impl FnMut(&World, &Frame),
    ) -> Result<(), CommandError> {
        let position = self.world.steps();
        let frame = self.world.begin_command(command)?;
        self.commands.push((position, command.clone()));
        self.saw(frame, watch);
        while let Some(frame) = self.world.step_at_once() {
            self.saw(frame, watch);
        }
        Ok(())
    }

    /// Steps while the next thing happens by `end`, until the condition holds.
    fn step_until(
        &mut self,
        end: Time,
        watch: &mut impl FnMut(&World, &Frame),
        mut condition: impl FnMut(&World, &Frame) -> bool,
    ) -> bool {
        for _ in 0..PATIENCE {
            if self.world.next_at().is_none_or(|next| next > end) {
                return false;
            }
            let Some(frame) = self.world.step() else { return false };
            let met = condition(&self.world, &frame);
            self.saw(frame, watch);
            if met {
                return true;
            }
        }
        false
    }

    fn saw(&mut self, frame: Frame, watch: &mut impl FnMut(&World, &Frame)) {
        watch(&self.world, &frame);
        if self.records {
            let line = narrate::frame(&frame, &self.world);
            let line = line.filter(|line| self.lines.last() != Some(line));
            self.lines.extend(line);
        }
        let news = narrate::clients(self.world.clients(), &mut self.told);
        if self.records {
            self.lines.extend(news);
        }
        self.last = Some(frame);
    }
}
