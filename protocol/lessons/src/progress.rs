//! What a learner has done, as a value that the page keeps and can give away: no names in it.

use serde::{Deserialize, Serialize};

use crate::lesson::FORMAT;

/// Tries after which the hint is shown.
const HINT_AFTER: u32 = 2;

/// Everything a learner has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// [`FORMAT`].
    pub format: u32,
    /// By lesson, in the order in which they were begun.
    pub lessons: Vec<LessonProgress>,
}

/// What a learner has done in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonProgress {
    /// Its id.
    pub id: String,
    /// The ids of the steps reached.
    #[serde(default)]
    pub steps: Vec<String>,
    /// What was predicted, the first time.
    #[serde(default)]
    pub predictions: Vec<Prediction>,
    /// How often the task was tried.
    #[serde(default)]
    pub tries: u32,
    /// Whether it is solved.
    #[serde(default)]
    pub solved: bool,
    /// Whether its solution was shown before it was solved.
    #[serde(default)]
    pub helped: bool,
    /// The first answer to the quiz, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiz: Option<u8>,
    /// Whether that was right.
    #[serde(default)]
    pub right: bool,
}

/// A prediction and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    /// The step's id.
    pub step: String,
    /// The choice, from 0.
    pub choice: usize,
    /// Whether it came true; `None` until the step is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
}

impl Default for Progress {
    fn default() -> Progress {
        Progress { format: FORMAT, lessons: Vec::new() }
    }
}

impl Progress {
    /// Reads what [`Progress::to_json`] wrote; `None` for anything else.
    #[must_use]
    pub fn parse(json: &str) -> Option<Progress> {
        let progress: Progress = serde_json::from_str(json).ok()?;
        (progress.format == FORMAT).then_some(progress)
    }

    /// The progress as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// One lesson's, if it was begun.
    #[must_use]
    pub fn of(&self, lesson: &str) -> Option<&LessonProgress> {
        self.lessons.iter().find(|own| own.id == lesson)
    }

    /// One lesson's, which is begun by this.
    pub fn begin(&mut self, lesson: &str) -> &mut LessonProgress {
        let known = self.lessons.iter().position(|own| own.id == lesson);
        let place = known.unwrap_or_else(|| {
            self.lessons.push(LessonProgress { id: lesson.to_owned(), ..Default::default() });
            self.lessons.len() - 1
        });
        &mut self.lessons[place]
    }
}

impl LessonProgress {
    /// Somebody predicts; only the first choice for a step is kept.
    pub fn predicts(&mut self, step: &str, choice: usize) {
        if self.predictions.iter().all(|own| own.step != step) {
            let step = step.to_owned();
            self.predictions.push(Prediction { step, choice, right: None });
        }
    }

    /// A step is reached, and with it one of its choices has come true. A prediction that was
    /// judged once stays as it was judged.
    pub fn reaches(&mut self, step: &str, came_true: Option<usize>) {
        if self.steps.iter().all(|own| own != step) {
            self.steps.push(step.to_owned());
        }
        let own = self.predictions.iter_mut().find(|own| own.step == step);
        if let Some(own) = own.filter(|own| own.right.is_none()) {
            own.right = came_true.map(|choice| choice == own.choice);
        }
    }

    /// The task is tried.
    pub fn tries(&mut self, solved: bool) {
        if !self.solved {
            self.tries += 1;
            self.solved = solved;
        }
    }

    /// Whether the hint is due.
    #[must_use]
    pub fn wants_hint(&self) -> bool {
        !self.solved && self.tries >= HINT_AFTER
    }

    /// The quiz is answered; only the first answer is kept.
    pub fn answers(&mut self, choice: u8, right: bool) {
        if self.quiz.is_none() {
            (self.quiz, self.right) = (Some(choice), right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_keeps_first_answers_and_survives_its_text() {
        let mut progress = Progress::default();
        let lesson = progress.begin("L09");
        lesson.predicts("L09.3", 1);
        lesson.predicts("L09.3", 2);
        lesson.reaches("L09.3", Some(1));
        lesson.reaches("L09.3", Some(2));
        assert_eq!(lesson.predictions[0].right, Some(true), "the first choice, judged once");
        lesson.tries(false);
        assert!(!lesson.wants_hint());
        lesson.tries(false);
        assert!(lesson.wants_hint());
        lesson.tries(true);
        assert!((lesson.solved, lesson.tries) == (true, 3) && !lesson.wants_hint());
        lesson.answers(2, false);
        lesson.answers(1, true);
        assert_eq!((lesson.quiz, lesson.right), (Some(2), false));
        assert_eq!(Progress::parse(&progress.to_json()), Some(progress));
        assert_eq!(Progress::parse("{\"format\":2,\"lessons\":[]}"), None);
    }
}
