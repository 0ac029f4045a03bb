//! What clients asked and were told, in the order in which it happened.
//!
//! A question is noted before it leaves, an answer after it came, so the order of the notes is an
//! order that an observer could have seen: if an answer stands before a question here, it came
//! before that question was asked.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use vivarium_protocol::base::{SessionId, Zxid};
use vivarium_protocol::message::{ErrorCode, ReplyBody, WatchEvent};
use vivarium_sim::ClientOp;

/// One thing that happened to one client.
#[derive(Clone, Debug)]
pub struct Note {
    /// When, counted from the start of the run.
    pub at: Duration,
    /// Which client.
    pub client: u32,
    /// Which server it talks to.
    pub server: usize,
    /// What.
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug)]
pub enum What {
    /// A session is open, a new one or the old one again.
    Opened(SessionId),
    /// A request leaves.
    Asked(i32, ClientOp),
    /// Its answer comes.
    Answered {
        /// The number of the request.
        cxid: i32,
        /// The zxid of the answer.
        zxid: Zxid,
        /// Whether a write was asked for.
        write: bool,
        /// What it says.
        result: Result<ReplyBody, ErrorCode>,
    },
    /// A watch fired.
    Fired(WatchEvent),
    /// The watches are set again as of this zxid.
    WatchesSet(Zxid),
    /// The connection is lost: requests on their way may or may not be done.
    Lost,
    /// The servers say that the session has expired.
    Expired,
}

/// Where all clients note.
#[derive(Debug)]
pub struct Recorder {
    start: Instant,
    notes: Mutex<Vec<Note>>,
    writes: AtomicU64,
}

impl Recorder {
    /// An empty one; its clock starts now.
    #[must_use]
    pub fn new() -> Recorder {
        Recorder { start: Instant::now(), notes: Mutex::default(), writes: AtomicU64::new(0) }
    }

    /// Notes something.
    ///
    /// # Panics
    /// When another client failed while it noted something.
    pub fn note(&self, client: u32, server: usize, what: What) {
        if let What::Answered { write: true, result: Ok(_), .. } = &what {
            self.writes.fetch_add(1, Relaxed);
        }
        let mut notes = self.notes.lock().expect("no client fails while it notes");
        let at = self.start.elapsed();
        notes.push(Note { at, client, server, what });
    }

    /// How long the run has taken.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// How many writes were acknowledged so far.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Relaxed)
    }

    /// Everything noted so far, which is then forgotten here.
    ///
    /// # Panics
    /// When a client failed while it noted something.
    #[must_use]
    pub fn take(&self) -> Vec<Note> {
        std::mem::take(&mut *self.notes.lock().expect("no client fails while it notes"))
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Recorder::new()
    }
}
