//! When to roll the log and take a snapshot: at random, so that an ensemble's servers do not all do
//! it at once (docs/protocol.md, O2.5).

use vivarium_protocol::base::Rng;

/// Apache's rule: after between half of `snapCount` and all of it, and the same for bytes.
#[derive(Clone, Debug)]
pub struct SnapshotSchedule {
    snap_count: u64,
    size_limit: Option<u64>,
    extra_records: u64,
    extra_bytes: u64,
    rng: Rng,
}

impl SnapshotSchedule {
    /// `snap_count` transactions (below 2 becomes 2) or `size_limit` bytes, `None` for no such
    /// limit; the generator should be seeded differently on each server.
    #[must_use]
    pub fn new(snap_count: u64, size_limit: Option<u64>, rng: Rng) -> SnapshotSchedule {
        let snap_count = snap_count.max(2);
        let size_limit = size_limit.filter(|limit| *limit > 0);
        let (extra_records, extra_bytes) = (0, 0);
        let mut schedule =
            SnapshotSchedule { snap_count, size_limit, extra_records, extra_bytes, rng };
        schedule.draw();
        schedule
    }

    /// Whether it is time, given what [`super::Storage::since_roll`] says. After a yes the log must
    /// be rolled, and the next moment has been drawn.
    pub fn due(&mut self, (records, bytes): (u64, u64)) -> bool {
        let by_count = records > self.snap_count / 2 + self.extra_records;
        let by_size = self.size_limit.is_some_and(|limit| bytes > limit / 2 + self.extra_bytes);
        let due = by_count || by_size;
        if due {
            self.draw();
        }
        due
    }

    fn draw(&mut self) {
        self.extra_records = self.rng.below(self.snap_count / 2);
        self.extra_bytes = self.size_limit.map_or(0, |limit| self.rng.below((limit / 2).max(1)));
    }
}
