//! Lessons: scenes of a simulated ensemble, with sentences that wait for what they speak of.
//!
//! A [`Lesson`] is data, in both languages (`static/lessons/`, `docs/lessons.md`). A [`Course`]
//! walks through one on a `Timeline` that somebody else holds: every act is an ordinary command of
//! that run, every step a place in it, so that forks, links and travelling in time work on a lesson
//! as on any other run. Invariants:
//! 1. Nothing here knows what an ensemble does: what comes true is judged on the run alone.
//! 2. The same lesson and seed give the same run.
//!
//! ```
//! use vivarium_lessons::{Course, Lesson, Moved};
//! use vivarium_sim::Timeline;
//! let lesson = Lesson::parse(r#"{
//!     "format": 1, "id": "L00", "part": "chapter", "minutes": 1,
//!     "title": {"en": "A test", "zh": "测试"}, "question": {"en": "Why?", "zh": "为什么？"},
//!     "goal": {"en": "See.", "zh": "看。"},
//!     "scenes": [{"id": "A", "setup": "3 watchable down", "steps": [
//!         {"id": "L00.1", "do": ["start all"], "until": "role any LEADING", "within": "5s",
//!          "say": {"en": "One server leads.", "zh": "一台服务器领导。"}}]}]
//! }"#).unwrap();
//! let mut course = Course::new(lesson, 7).unwrap();
//! let mut timeline = Timeline::new(course.setup());
//! let Moved::Reached(step) = course.advance(&mut timeline) else { panic!("it is missed") };
//! assert_eq!((step.id.as_str(), timeline.position()), ("L00.1", step.run.position));
//! ```

mod attempt;
mod check;
mod course;
pub mod draft;
mod lesson;
mod progress;
mod script;
mod task;
#[cfg(test)]
mod tests;

pub use course::{Course, Missed, Moved, Reached, Why};
pub use lesson::{
    Choice, Lesson, LessonError, Predict, Quiz, QuizChoice, Scene, Shown, Step, Task, TaskRun, Text,
};
pub use progress::{LessonProgress, Prediction, Progress};
pub use script::Stuck;
pub use task::Opened;
