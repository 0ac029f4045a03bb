//! Virtual time: microseconds from a run's origin, with a wall clock beside it.
//!
//! The core never asks a clock; whoever drives it says what time it is. Time never goes back.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};

/// A moment, in microseconds from the run's origin.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The moment that many milliseconds after the origin.
    #[must_use]
    pub fn from_ms(ms: u64) -> Time {
        Time(ms.saturating_mul(1000))
    }

    /// This moment plus a number of milliseconds.
    #[must_use]
    pub fn after_ms(self, ms: u64) -> Time {
        Time(self.0.saturating_add(ms.saturating_mul(1000)))
    }

    /// How long ago `earlier` was, in microseconds; 0 if it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<u64> for Time {
    type Output = Time;

    fn add(self, micros: u64) -> Time {
        Time(self.0.saturating_add(micros))
    }
}

impl Sub<u64> for Time {
    type Output = Time;

    fn sub(self, micros: u64) -> Time {
        Time(self.0.saturating_sub(micros))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s", self.0 / 1_000_000, self.0 / 1000 % 1000)
    }
}

/// What a driver tells the core about time with each input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The monotonic moment.
    pub at: Time,
    /// The wall clock, in milliseconds since 1970: only for the timestamps that transactions carry.
    pub wall_ms: i64,
}
