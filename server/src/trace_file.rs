//! What a server decides, as a file of JSON lines (`vivarium server --trace`; docs/trace.md).
//!
//! Invariant: folding the decisions of a file from its first line on gives, at every line with a
//! status, exactly that status (`vivarium_protocol::trace`). So what the page shows of a simulated
//! server can be shown of this one.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::trace::{Decision, PeerStatus};

/// What the file says that it is.
pub const FORMAT: &str = "vivarium-server-trace";
/// The version of its layout.
pub const VERSION: u32 = 1;

/// One line of the file: its head, a decision, or how the server stands after everything above
/// (written when its role, its phase or whether it serves has changed, and when it stops).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// The first line: whose file it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// When, microseconds since the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// What it decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// How it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PeerStatus>,
}

/// Whose file it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// `vivarium-server-trace`.
    pub format: String,
    /// The version of the layout, now 1.
    pub version: u32,
    /// The server.
    pub server: ServerId,
    /// When it was started, milliseconds since 1970; times count from here.
    pub started_ms: i64,
}

/// A file that is being written.
#[derive(Debug)]
pub struct TraceFile(BufWriter<File>);

impl TraceFile {
    /// Begins a file; what stood in it before is gone.
    ///
    /// # Errors
    /// It can't be written.
    pub fn create(path: &Path, server: ServerId, started_ms: i64) -> io::Result<TraceFile> {
        let mut file = TraceFile(BufWriter::new(File::create(path)?));
        let format = FORMAT.to_owned();
        let head = Head { format, version: VERSION, server, started_ms };
        file.write(&Line { head: Some(head), ..Line::default() })?;
        Ok(file)
    }

    /// Adds what was decided at one moment, and how the server stands then if that is worth a line.
    /// It is in the file when this returns, so that a crash leaves all that came before.
    ///
    /// # Errors
    /// It can't be written.
    pub fn add(
        &mut self,
        at: Time,
        decisions: &[Decision],
        status: Option<PeerStatus>,
    ) -> io::Result<()> {
        let at = Some(at);
        for decision in decisions {
            self.write(&Line { at, decision: Some(decision.clone()), ..Line::default() })?;
        }
        if status.is_some() {
            self.write(&Line { at, status, ..Line::default() })?;
        }
        self.0.flush()
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, line)?;
        self.0.write_all(b"\n")
    }
}

/// Whether the server stands otherwise after this, as an observer from outside would see it.
#[must_use]
pub fn changes_standing(decision: &Decision) -> bool {
    matches!(
        decision,
        Decision::RoleChanged { .. }
            | Decision::PhaseChanged { .. }
            | Decision::Serving { .. }
            | Decision::Established { .. }
    )
}
