//! The thread that owns the disk: takes all that is queued, writes it, syncs once, reports once.
//!
//! Invariants:
//! 1. Effects are carried out in the order of their numbers; `Durable` names the last one that a
//!    sync covered, so a crash keeps a prefix.
//! 2. This thread never waits for the core loop: its report is a value that is overwritten.
//! 3. A disk that fails ends the server: nothing may be acknowledged that it does not hold.

use crate::disk::{LogSource, SnapshotSchedule, Storage, StorageError};
use crate::members::MemberFiles;
use crate::snapshots::Snapshots;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};
use vivarium_protocol::base::{DiskSeq, Zxid};
use vivarium_protocol::effects::DiskEffect;
use vivarium_protocol::message::Txn;

/// How many effects may wait for the disk before the core loop waits, too.
const QUEUE: usize = 16_384;
/// The most effects that one sync covers.
const BATCH: usize = 1000;

/// The disk failed.
#[derive(Debug, thiserror::Error)]
pub enum DiskTrouble {
    /// It could not be written or read.
    #[error("the disk failed: {_0}{mend}", mend = mend(_0))]
    Storage(#[from] StorageError),
    /// Its thread has ended.
    #[error("the disk thread has ended")]
    Ended,
}

/// What to do about it, where that is known.
fn mend(error: &StorageError) -> &'static str {
    let StorageError::Io { source, .. } = error else { return "" };
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "; nothing acknowledged is lost: make room and start this server again"
        }
        _ => "",
    }
}

impl DiskTrouble {
    /// ZooKeeper's exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            DiskTrouble::Storage(error) => error.exit_code(),
            DiskTrouble::Ended => 1,
        }
    }
}

enum Command {
    Effect(DiskSeq, DiskEffect),
    /// Answer once everything before can be read.
    Written(mpsc::Sender<()>),
}

/// What the core loop holds of the disk thread; the thread ends when it is dropped.
#[derive(Debug)]
pub struct DiskHandle {
    commands: SyncSender<Command>,
    source: Arc<LogSource>,
}

/// What the disk thread reports.
pub struct Reports {
    /// The last effect that survives a crash.
    pub durable: watch::Receiver<DiskSeq>,
    /// That it failed.
    pub trouble: oneshot::Receiver<DiskTrouble>,
    /// To wait for its end.
    pub thread: JoinHandle<()>,
    /// How many syncs took longer than they may.
    pub slow_syncs: Arc<AtomicU64>,
}

impl DiskHandle {
    /// Starts the thread; `slow` is how long a sync may take before the log says so.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(
        storage: Storage,
        schedule: SnapshotSchedule,
        snapshots: Snapshots,
        members: MemberFiles,
        slow: Duration,
    ) -> std::io::Result<(DiskHandle, Reports)> {
        let (commands, queue) = mpsc::sync_channel(QUEUE);
        let (durable, durable_to) = watch::channel(DiskSeq(0));
        let (failed, trouble) = oneshot::channel();
        let source = Arc::new(storage.source().clone());
        let slow_syncs = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&slow_syncs);
        let mut worker =
            Worker { storage, schedule, snapshots, members, durable, slow, slow_syncs: counted };
        let thread = std::thread::Builder::new().name("disk".to_owned()).spawn(move || {
            if let Err(error) = worker.work(&queue) {
                tracing::error!("the disk failed: {error}");
                // The core loop may have ended already.
                let _ = failed.send(DiskTrouble::Storage(error));
            }
        })?;
        let reports = Reports { durable: durable_to, trouble, thread, slow_syncs };
        Ok((DiskHandle { commands, source }, reports))
    }

    /// Queues an effect; waits while the queue is full.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn write(&self, seq: DiskSeq, effect: DiskEffect) -> Result<(), DiskTrouble> {
        self.commands.send(Command::Effect(seq, effect)).map_err(|_| DiskTrouble::Ended)
    }

    /// Waits until everything queued so far can be read back.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn written(&self) -> Result<(), DiskTrouble> {
        let (answer, answered) = mpsc::channel();
        self.commands.send(Command::Written(answer)).map_err(|_| DiskTrouble::Ended)?;
        answered.recv().map_err(|_| DiskTrouble::Ended)
    }

    /// The log, to read: it has what was durable, or [`DiskHandle::written`], before.
    #[must_use]
    pub fn log(&self) -> Arc<LogSource> {
        Arc::clone(&self.source)
    }
}

/// Reads the log from one zxid to another, at most `most` transactions.
///
/// # Errors
/// A log that can't be read.
pub fn read_log(
    log: &LogSource,
    after: Zxid,
    upto: Zxid,
    most: usize,
) -> Result<Vec<Arc<Txn>>, StorageError> {
    log.between(after, upto)?.take(most).map(|txn| txn.map(Arc::new)).collect()
}

/// What the thread works with.
struct Worker {
    storage: Storage,
    schedule: SnapshotSchedule,
    snapshots: Snapshots,
    members: MemberFiles,
    durable: watch::Sender<DiskSeq>,
    /// `fsync.warningthresholdms`.
    slow: Duration,
    slow_syncs: Arc<AtomicU64>,
}

impl Worker {
    fn work(&mut self, queue: &Receiver<Command>) -> Result<(), StorageError> {
        while let Ok(first) = queue.recv() {
            let mut upto = None;
            let rest = std::iter::from_fn(|| queue.try_recv().ok());
            for command in std::iter::once(first).chain(rest).take(BATCH) {
                match command {
                    Command::Effect(seq, effect) => {
                        self.carry_out(effect)?;
                        upto = Some(seq);
                    }
                    Command::Written(answer) => {
                        self.storage.sync()?;
                        // Whoever asked may be gone by now.
                        let _ = answer.send(());
                    }
                }
            }
            if let Some(upto) = upto {
                self.sync()?;
                self.durable.send_replace(upto);
            }
            if self.schedule.due(self.storage.since_roll()) {
                self.storage.roll()?;
                self.snapshots.begin();
            }
        }
        self.storage.sync()
    }

    /// Syncs, and complains of a disk that takes long: everybody waits for it.
    fn sync(&mut self) -> Result<(), StorageError> {
        let started = Instant::now();
        self.storage.sync()?;
        let took = started.elapsed();
        if took > self.slow {
            self.slow_syncs.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("the disk took {took:?} to sync; every write waits for that");
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: DiskEffect) -> Result<(), StorageError> {
        match effect {
            DiskEffect::Append(txn) => self.storage.append(&txn),
            DiskEffect::Truncate(zxid) => self.storage.truncate(zxid),
            DiskEffect::AcceptedEpoch(epoch) => self.storage.accepted_epoch(epoch),
            DiskEffect::CurrentEpoch(epoch) => self.storage.current_epoch(epoch),
            DiskEffect::Install(image) => self.storage.install(&image),
            DiskEffect::Configure(config) => {
                self.members.keep(&config);
                Ok(())
            }
        }
    }
}
