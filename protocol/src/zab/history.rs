//! What a log holds, as runs of zxids by epoch: enough to answer every question of a
//! synchronisation without reading the disk.
//!
//! Invariant: within an epoch counters are contiguous (ZooKeeper reads a log with a gap as broken).

use crate::base::{Epoch, Zxid};

/// The transactions of one epoch in a log: counters `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The epoch.
    pub epoch: Epoch,
    /// The first counter, at least 1.
    pub first: u32,
    /// The last counter.
    pub last: u32,
}

impl Run {
    /// Its last transaction.
    #[must_use]
    pub fn end(&self) -> Zxid {
        Zxid::new(self.epoch, self.last)
    }
}

/// A snapshot's zxid and the runs of transactions in the log.
///
/// The log may begin before the snapshot; what it holds of that time can still be sent to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Where the history stands if the log holds nothing beyond: the zxid of the snapshot.
    pub base: Zxid,
    /// Runs in order, epochs increasing.
    pub runs: Vec<Run>,
}

impl History {
    /// A history that is only a snapshot.
    #[must_use]
    pub fn at(base: Zxid) -> History {
        History { base, runs: Vec::new() }
    }

    /// The last zxid logged: what a vote carries.
    #[must_use]
    pub fn last(&self) -> Zxid {
        self.runs.last().map_or(self.base, |run| run.end().max(self.base))
    }

    /// The oldest transaction that the log still has.
    #[must_use]
    pub fn first(&self) -> Option<Zxid> {
        self.runs.first().map(|run| Zxid::new(run.epoch, run.first))
    }

    /// Whether the log holds this very transaction.
    #[must_use]
    pub fn contains(&self, zxid: Zxid) -> bool {
        self.runs.iter().any(|run| {
            run.epoch == zxid.epoch() && (run.first..=run.last).contains(&zxid.counter())
        })
    }

    /// The last transaction in the log at or before `zxid`.
    #[must_use]
    pub fn last_at_or_before(&self, zxid: Zxid) -> Option<Zxid> {
        let runs = self.runs.iter().rev();
        runs.filter(|run| Zxid::new(run.epoch, run.first) <= zxid)
            .map(|run| run.end().min(zxid))
            .next()
    }

    /// How many transactions the log has after `zxid`.
    #[must_use]
    pub fn count_after(&self, zxid: Zxid) -> u64 {
        let count = |run: &Run| {
            let first = Zxid::new(run.epoch, run.first);
            if zxid < first {
                u64::from(run.last - run.first) + 1
            } else if zxid < run.end() {
                run.end().0.saturating_sub(zxid.0).unsigned_abs()
            } else {
                0
            }
        };
        self.runs.iter().map(count).sum()
    }

    /// Adds a transaction at the end. False, and nothing done, if it does not follow.
    #[must_use]
    pub fn append(&mut self, zxid: Zxid) -> bool {
        let last = self.last();
        if !zxid.follows(last) {
            return false;
        }
        match self.runs.last_mut() {
            Some(run) if zxid.follows(run.end()) && run.epoch == zxid.epoch() => {
                run.last = zxid.counter();
            }
            _ => {
                let counter = zxid.counter();
                self.runs.push(Run { epoch: zxid.epoch(), first: counter, last: counter });
            }
        }
        true
    }

    /// Forgets everything after `zxid`.
    pub fn truncate(&mut self, zxid: Zxid) {
        self.runs.retain(|run| Zxid::new(run.epoch, run.first) <= zxid);
        if let Some(run) = self.runs.last_mut() {
            run.last = run.end().min(zxid.max(Zxid::new(run.epoch, run.first))).counter();
        }
        self.base = self.base.min(zxid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(epoch: i64, counter: u32) -> Zxid {
        Zxid::new(Epoch(epoch), counter)
    }

    fn sample() -> History {
        let mut history = History::at(at(1, 2));
        for zxid in [at(1, 1), at(1, 2)] {
            let run = Run { epoch: Epoch(1), first: 1, last: zxid.counter() };
            history.runs = vec![run];
        }
        for zxid in [at(1, 3), at(3, 1), at(3, 2)] {
            assert!(history.append(zxid));
        }
        history
    }

    #[test]
    fn a_log_grows_without_gaps_and_answers_from_its_runs() {
        let mut history = sample();
        assert_eq!(history.last(), at(3, 2));
        assert_eq!(history.first(), Some(at(1, 1)));
        assert!(!history.append(at(3, 4)), "a gap is refused");
        assert!(!history.append(at(2, 1)), "an older epoch is refused");
        assert!(history.contains(at(1, 3)));
        assert!(!history.contains(at(1, 4)));
        assert_eq!(history.last_at_or_before(at(2, 9)), Some(at(1, 3)));
        assert_eq!(history.count_after(at(1, 1)), 4);
        assert_eq!(history.count_after(at(3, 0)), 2);
        assert_eq!(history.count_after(at(3, 2)), 0);
    }

    #[test]
    fn truncating_keeps_the_named_transaction() {
        let mut history = sample();
        history.truncate(at(3, 1));
        assert_eq!(history.last(), at(3, 1));
        history.truncate(at(2, 0));
        assert_eq!(history.last(), at(1, 3));
        history.truncate(at(1, 1));
        assert_eq!((history.last(), history.base), (at(1, 1), at(1, 1)));
    }
}
