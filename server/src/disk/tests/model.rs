//! Against a slow, obvious twin: a list of zxids that survives restarts.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Append(u32),
    NewEpoch,
    Roll,
    /// Cut this many transactions off the end.
    Truncate(usize),
    Snapshot,
    Restart,
    /// A crash that loses what was not synced.
    Crash(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_u32..6).prop_map(Step::Append),
        1 => Just(Step::NewEpoch),
        1 => Just(Step::Roll),
        2 => (0_usize..5).prop_map(Step::Truncate),
        1 => Just(Step::Snapshot),
        2 => Just(Step::Restart),
        1 => (1_u32..4).prop_map(Step::Crash),
    ];
    prop::collection::vec(step, 1..25)
}

struct Twin {
    directory: TempDir,
    storage: Option<Storage>,
    log: Vec<Zxid>,
    epoch: i64,
    counter: u32,
    /// The snapshots; that of the empty tree, 0, is older than any truncation.
    snapshots: Vec<Zxid>,
}

impl Twin {
    fn storage(&mut self) -> &mut Storage {
        self.storage.as_mut().expect("open between steps")
    }

    fn next(&mut self) -> Zxid {
        self.counter += 1;
        at(self.epoch, self.counter)
    }

    fn stand(&mut self) {
        let last = self.log.last().copied().unwrap_or(at(self.epoch, 0));
        let fresh = last.epoch().0 < self.epoch;
        self.counter = if fresh { 0 } else { last.counter() };
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Append(count) => {
                let zxids: Vec<Zxid> = (0..*count).map(|_| self.next()).collect();
                append(self.storage(), &zxids);
                self.log.extend(zxids);
            }
            Step::NewEpoch => {
                self.epoch += 1;
                let epoch = Epoch(self.epoch);
                self.storage().accepted_epoch(epoch).unwrap();
                self.storage().current_epoch(epoch).unwrap();
                self.counter = 0;
            }
            Step::Roll => self.storage().roll().unwrap(),
            Step::Truncate(count) => {
                let left = self.log.len().saturating_sub(*count).max(1);
                let Some(to) = self.log.get(left - 1).copied() else {
                    return;
                };
                self.log.truncate(left);
                self.storage().truncate(to).unwrap();
                self.snapshots.retain(|zxid| *zxid <= to);
                self.stand();
            }
            Step::Snapshot => {
                let Some(last) = self.log.last().copied() else {
                    return;
                };
                let tree = vivarium_protocol::replica::DataTree::new();
                self.snapshots.push(last);
                let storage = self.storage();
                crate::disk::write_snapshot(storage.snapshot_dir(), &tree, last).unwrap();
            }
            Step::Restart => self.restart(),
            Step::Crash(count) => {
                for _ in 0..*count {
                    let zxid = self.next();
                    self.storage().append(&create(zxid)).unwrap();
                }
                self.restart();
            }
        }
    }

    fn restart(&mut self) {
        self.storage = None;
        let (storage, loaded) = open(self.directory.path());
        self.storage = Some(storage);
        self.stand();
        let recovered = loaded.recovered;
        assert_eq!(loaded.warnings, Vec::<String>::new());
        assert_eq!(recovered.history.last(), self.log.last().copied().unwrap_or_default());
        assert_eq!(
            (recovered.accepted_epoch.0, recovered.current_epoch.0),
            (self.epoch, self.epoch)
        );
        let tail: Vec<Zxid> = recovered.tail.iter().map(|txn| txn.header.zxid).collect();
        assert!(self.log.ends_with(&tail), "{tail:?} of {:?}", self.log);
        assert!(tail.iter().all(|zxid| recovered.history.contains(*zxid)));
        assert_eq!(Some(&recovered.replica_at), self.snapshots.iter().max());
    }

    fn compare(&mut self) {
        let log = self.log.clone();
        let storage = self.storage();
        assert_eq!(storage.last(), log.last().copied().unwrap_or_default());
        assert_eq!(zxids_after(storage, Zxid::ZERO), log);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_directory_remembers_what_a_list_would(steps in steps()) {
        let directory = tempfile::tempdir().unwrap();
        let storage = Some(open(directory.path()).0);
        let (log, snapshots) = (Vec::new(), vec![Zxid::ZERO]);
        let mut twin = Twin { directory, storage, log, epoch: 0, counter: 0, snapshots };
        for step in &steps {
            twin.take(step);
            twin.compare();
        }
        twin.restart();
        twin.compare();
    }
}
