//! The table of named deadlines of one server. Each timer has at most one deadline at a time.

use crate::base::{SortedMap, Time};
use crate::effects::TraceLane;
use crate::trace::{Decision, Timer, TimerStatus};

/// Deadlines by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers(SortedMap<Timer, TimerStatus>);

impl Timers {
    /// Sets or moves a deadline.
    pub fn set(&mut self, timer: Timer, from: Time, after_ms: u64, trace: &mut TraceLane) {
        let at = from.after_ms(after_ms);
        self.0.insert(timer, TimerStatus { from, at });
        trace.push(|| Decision::TimerSet { timer, from, at: Some(at) });
    }

    /// Clears a deadline, if it is set.
    pub fn clear(&mut self, timer: Timer, now: Time, trace: &mut TraceLane) {
        if self.0.remove(&timer).is_some() {
            trace.push(|| Decision::TimerSet { timer, from: now, at: None });
        }
    }

    /// Clears them all.
    pub fn clear_all(&mut self, now: Time, trace: &mut TraceLane) {
        for timer in std::mem::take(&mut self.0).into_keys() {
            trace.push(|| Decision::TimerSet { timer, from: now, at: None });
        }
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<(Time, Timer)> {
        self.0.iter().map(|(timer, status)| (status.at, *timer)).min()
    }

    /// Takes one deadline that has passed, the earliest first.
    pub fn take_due(&mut self, now: Time, trace: &mut TraceLane) -> Option<Timer> {
        let (at, timer) = self.next()?;
        (at <= now).then(|| {
            self.clear(timer, now, trace);
            timer
        })
    }

    /// All of them, for a viewer.
    pub fn status(&self) -> &SortedMap<Timer, TimerStatus> {
        &self.0
    }
}
