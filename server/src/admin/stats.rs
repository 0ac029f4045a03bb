//! Counters of one server, for monitoring: cheap to bump, read without stopping anybody.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What ZooKeeper's `ServerStats` counts.
#[derive(Debug)]
pub struct Stats {
    /// Requests received.
    pub received: AtomicU64,
    /// Replies and events sent.
    pub sent: AtomicU64,
    started: Instant,
    answered: AtomicU64,
    total_ms: AtomicU64,
    least_ms: AtomicU64,
    most_ms: AtomicU64,
}

/// How long requests took, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// The quickest.
    pub least_ms: u64,
    /// The mean.
    pub mean_ms: f64,
    /// The slowest.
    pub most_ms: u64,
}

impl Default for Stats {
    fn default() -> Self {
        Stats {
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            started: Instant::now(),
            answered: AtomicU64::new(0),
            total_ms: AtomicU64::new(0),
            least_ms: AtomicU64::new(u64::MAX),
            most_ms: AtomicU64::new(0),
        }
    }
}

impl Stats {
    /// A request was answered after this time.
    pub fn took(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.total_ms.fetch_add(ms, Ordering::Relaxed);
        self.least_ms.fetch_min(ms, Ordering::Relaxed);
        self.most_ms.fetch_max(ms, Ordering::Relaxed);
    }

    /// How long requests took so far; zeros before the first.
    #[must_use]
    pub fn latency(&self) -> Latency {
        let answered = self.answered.load(Ordering::Relaxed);
        if answered == 0 {
            return Latency { least_ms: 0, mean_ms: 0.0, most_ms: 0 };
        }
        Latency {
            least_ms: self.least_ms.load(Ordering::Relaxed),
            mean_ms: self.total_ms.load(Ordering::Relaxed) as f64 / answered as f64,
            most_ms: self.most_ms.load(Ordering::Relaxed),
        }
    }

    /// How long this server has been up, milliseconds.
    #[must_use]
    pub fn uptime_ms(&self) -> u128 {
        self.started.elapsed().as_millis()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_the_least_the_mean_and_the_most() {
        let stats = Stats::default();
        assert_eq!(stats.latency(), Latency { least_ms: 0, mean_ms: 0.0, most_ms: 0 });
        for ms in [4, 1, 7] {
            stats.took(Duration::from_millis(ms));
        }
        assert_eq!(stats.latency(), Latency { least_ms: 1, mean_ms: 4.0, most_ms: 7 });
    }
}
