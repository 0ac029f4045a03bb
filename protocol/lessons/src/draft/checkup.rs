//! A finished lesson walked through on many seeds, a seed at a time, so that whoever asks can do
//! something else in between.

use crate::course::{Course, Missed, Moved, Why};
use crate::lesson::{Lesson, LessonError};
use crate::script::Stuck;
use vivarium_sim::Timeline;

/// The seeds of a check, from 1.
const SEEDS: u64 = 20;

/// A check under way.
#[derive(Clone, Debug)]
pub struct Checkup {
    lesson: Lesson,
    /// How many seeds are done.
    done: u64,
    faults: Vec<Fault>,
}

/// Where a lesson does not hold on a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The seed.
    pub seed: u64,
    /// The id of the step, or the letter of the scene.
    pub place: String,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Something in the lesson cannot be read.
    Unreadable(String),
    /// Its condition does not come true in time.
    Late,
    /// What it does first cannot be done.
    Stuck(Stuck),
    /// Its condition holds before anything is done.
    Stands,
    /// So many of its predictions come true, and it must be one.
    Choices(usize),
}

impl Fault {
    pub(super) fn unread(seed: u64, error: &LessonError) -> Fault {
        Fault { seed, place: String::new(), what: What::Unreadable(error.to_string()) }
    }

    pub(super) fn missed(seed: u64, missed: Missed) -> Fault {
        let what = match missed.why {
            Why::Late => What::Late,
            Why::Stuck(stuck) => What::Stuck(stuck),
        };
        Fault { seed, place: missed.id, what }
    }
}

impl Checkup {
    pub(super) fn new(lesson: Lesson) -> Result<Checkup, LessonError> {
        Course::new(lesson.clone(), 1)?;
        Ok(Checkup { lesson, done: 0, faults: Vec::new() })
    }

    /// Walks through the lesson on the next seed; false if there is none left.
    pub fn advance(&mut self) -> bool {
        if self.done == SEEDS {
            return false;
        }
        self.done += 1;
        self.faults.extend(self.walk(self.done));
        self.done < SEEDS
    }

    /// How many seeds are done, and how many there are.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.done, SEEDS)
    }

    /// What was found so far, by seeds: on each seed the first place that does not hold.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    fn walk(&self, seed: u64) -> Option<Fault> {
        let mut course = Course::new(self.lesson.clone(), seed).ok()?;
        let mut timeline = Timeline::new(course.setup());
        loop {
            let reached = match course.advance(&mut timeline) {
                Moved::Reached(reached) => reached,
                Moved::Missed(missed) => return Some(Fault::missed(seed, *missed)),
                Moved::Finished => return None,
            };
            let step = self.lesson.steps().nth(reached.step).map(|(_, step)| step)?;
            let predictions = usize::from(step.predict.is_some());
            let what = if reached.stood && !step.stands {
                Some(What::Stands)
            } else {
                let count = reached.true_choices;
                (count != predictions).then_some(What::Choices(count))
            };
            if let Some(what) = what {
                return Some(Fault { seed, place: reached.id.clone(), what });
            }
        }
    }
}
