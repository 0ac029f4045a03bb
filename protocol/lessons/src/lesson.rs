//! A lesson as a file says it. `docs/lessons.md` and `docs/lesson-schema.json` describe the format.

use serde::{Deserialize, Serialize};
use vivarium_sim::Setup;
use vivarium_sim::words::Words;

/// The format that is written and read here.
pub const FORMAT: u32 = 1;

/// A sentence, or several, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

/// A lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// [`FORMAT`].
    pub format: u32,
    /// Its id, as in `L09`.
    pub id: String,
    /// `chapter` or `beyond`.
    pub part: String,
    /// How long it takes, about.
    pub minutes: u32,
    /// Its title.
    pub title: Text,
    /// What somebody would ask who needs it.
    pub question: Text,
    /// What one can do afterwards.
    pub goal: Text,
    /// Its scenes, each with an ensemble of its own.
    pub scenes: Vec<Scene>,
    /// Its task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Its quiz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiz: Option<Quiz>,
}

/// An ensemble, and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    /// Its letter.
    pub id: String,
    /// What follows the word `ensemble` in a story; the seed is the course's.
    pub setup: String,
    /// What is done before its first step, in the story language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<String>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step: what is done, what is waited for, and what is said then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its id, as in `L09.3`.
    pub id: String,
    /// What is done first, in the story language.
    #[serde(default, rename = "do", skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<String>,
    /// The condition that makes its sentence true.
    pub until: String,
    /// How long that may take, of virtual time, as in `10s`.
    pub within: String,
    /// Whether it and those beside it that say so too may come in any order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub either: bool,
    /// Whether its condition may hold already before anything is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stands: bool,
    /// What to show, as in `server $leader`, `message`, `boot 1`, `diagram`, `elections`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// What is said when the condition holds.
    pub say: Text,
    /// What is asked before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predict: Option<Predict>,
}

/// A question before a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predict {
    /// The question.
    pub ask: Text,
    /// What may be chosen; the run decides which comes true.
    pub choices: Vec<Choice>,
}

/// A prediction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is predicted.
    pub say: Text,
    /// What has to hold at the step for it to have come true.
    #[serde(rename = "if")]
    pub holds: String,
}

/// A free run that is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id, as in `L09.task`.
    pub id: String,
    /// What is to be done.
    pub ask: Text,
    /// A hint, after two tries.
    pub hint: Text,
    /// Numbers to type, if it asks for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<u64>,
    /// The runs that have to be shown, each on its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<TaskRun>,
}

/// One run of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRun {
    /// The ensemble, as in a scene.
    pub setup: String,
    /// What is done before the learner begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<String>,
    /// What has to hold at some moment.
    pub check: String,
    /// Acts that solve it.
    pub solution: Vec<String>,
    /// The ensemble of the solution, where the learner has to choose another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solution_setup: Option<String>,
    /// Acts that do not.
    pub wrong: Vec<String>,
}

/// A question with an answer and a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiz {
    /// Its id, as in `L09.quiz`.
    pub id: String,
    /// The question.
    pub ask: Text,
    /// Three answers.
    pub choices: Vec<QuizChoice>,
    /// Which is right, from 0.
    pub answer: u8,
    /// Why.
    pub reason: Text,
    /// A run that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}

/// An answer to a quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuizChoice {
    /// What it says.
    pub say: Text,
}

/// A run that shows the answer of a quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The ensemble, as in a scene.
    pub setup: String,
    /// What is done.
    pub script: Vec<String>,
    /// What holds then.
    #[serde(rename = "if")]
    pub holds: String,
}

/// Why a text is no lesson.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// It is not JSON of the format.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It is of a newer format.
    #[error("this lesson is of format {0}, and format {FORMAT} is read here")]
    Newer(u32),
    /// A line, a condition or an ensemble in it cannot be read.
    #[error("{place}: {why}")]
    Line {
        /// The id of the step, task or quiz.
        place: String,
        /// What is wrong.
        why: String,
    },
}

impl Lesson {
    /// Reads a lesson; whatever is a line of the story language in it can be read afterwards.
    ///
    /// # Errors
    /// It is none; the error names the place.
    pub fn parse(json: &str) -> Result<Lesson, LessonError> {
        let lesson: Lesson = serde_json::from_str(json)?;
        if lesson.format != FORMAT {
            return Err(LessonError::Newer(lesson.format));
        }
        crate::check::check(&lesson)?;
        Ok(lesson)
    }

    /// Every step with its scene's number, in order.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &Step)> {
        let scenes = self.scenes.iter().enumerate();
        scenes.flat_map(|(place, scene)| scene.steps.iter().map(move |step| (place, step)))
    }
}

/// Reads an ensemble's line and gives it a seed.
pub(crate) fn setup(line: &str, seed: u64) -> Result<Setup, String> {
    let words = Words::of(line).and_then(|mut words| Setup::parse(&mut words));
    let setup = words.map_err(|error| error.to_string())?;
    Ok(Setup { seed, ..setup })
}
