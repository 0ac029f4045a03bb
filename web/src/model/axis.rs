//! What the diagram's axis counts: microseconds of virtual time, or steps.
//!
//! Both are told in units, so that a window of the diagram is the same thing on either axis: a unit
//! is a microsecond, or a ten-thousandth of a step. On the axis of steps every step takes the same
//! room, however long the run waited for it.

use vivarium_protocol::base::Time;
use vivarium_protocol::trace::Frame;

use super::flight::micros;
use super::playback::Playback;
use crate::model::decimal::Between;

/// Units to a step.
pub const STEP: f64 = 10_000.0;

/// What the axis counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// Virtual time.
    #[default]
    Time,
    /// Steps of the run.
    Steps,
}

impl Axis {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Axis {
        match self {
            Axis::Time => Axis::Steps,
            Axis::Steps => Axis::Time,
        }
    }

    /// Where something lies that happened then, `after` that many frames.
    #[must_use]
    pub fn place(self, at: Time, after: usize) -> f64 {
        match self {
            Axis::Time => micros(at),
            Axis::Steps => after as f64 * STEP,
        }
    }

    /// Where a moment lies of which no step is known; beyond the end of what is recorded nobody
    /// knows how many steps are to come, and one for each 20 ms is assumed.
    #[must_use]
    pub fn of_time(self, frames: &[Frame], time: f64) -> f64 {
        if self == Axis::Time {
            return time;
        }
        let after = frames.partition_point(|frame| micros(frame.at) <= time);
        let last = after.checked_sub(1).map_or(0.0, |last| micros(frames[last].at));
        let part = match frames.get(after) {
            Some(next) => (time - last) / (micros(next.at) - last).max(1.0),
            None => (time - last) / 20_000.0,
        };
        (after as f64 + part) * STEP
    }

    /// The moment and the number of frames behind it at a place.
    #[must_use]
    pub fn moment(self, frames: &[Frame], place: f64) -> (f64, usize) {
        if self == Axis::Time {
            return (place, frames.partition_point(|frame| micros(frame.at) <= place));
        }
        let after = ((place / STEP).round().max(0.0) as usize).min(frames.len());
        (after.checked_sub(1).map_or(0.0, |last| micros(frames[last].at)), after)
    }

    /// Where the playhead lies.
    #[must_use]
    pub fn playhead(self, playback: &Playback) -> f64 {
        if self == Axis::Time {
            return playback.playhead();
        }
        let (frames, after) = (playback.timeline().frames(), playback.position());
        let last = after.checked_sub(1).map_or(0.0, |last| micros(frames[last].at));
        let part = frames
            .get(after)
            .map_or(0.0, |next| (playback.playhead() - last) / (micros(next.at) - last).max(1.0));
        (after as f64 + part.between(0.0, 1.0)) * STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_protocol::trace::Cause;

    fn frames() -> Vec<Frame> {
        let frame = |step: u64, at: u64| Frame {
            step,
            at: Time(at),
            peer: None,
            cause: Cause::Durable,
            caused_by: None,
            events: Vec::new(),
        };
        vec![frame(0, 0), frame(1, 1_000), frame(2, 1_000), frame(3, 90_000)]
    }

    #[test]
    fn on_the_axis_of_steps_waiting_takes_no_room() {
        let frames = frames();
        let places: Vec<f64> = [500.0, 1_000.0, 45_500.0, 90_000.0, 110_000.0]
            .into_iter()
            .map(|time| Axis::Steps.of_time(&frames, time) / STEP)
            .collect();
        assert_eq!(places, [1.5, 3.0, 3.5, 4.0, 5.0]);
        assert_eq!(Axis::Steps.moment(&frames, 3.4 * STEP), (1_000.0, 3));
        assert_eq!(Axis::Steps.moment(&frames, 99.0 * STEP), (90_000.0, 4));
        assert_eq!(Axis::Time.moment(&frames, 2_000.0), (2_000.0, 3));
    }
}
