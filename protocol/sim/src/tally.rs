//! How often what happened in a run: a swarm without trouble proves nothing.

/// How often something happened: a quiet run proves little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Servers that took office.
    pub elected: u64,
    /// Learners brought up to date by DIFF, by TRUNC and by SNAP.
    pub synchronised: [u64; 3],
    /// Logs cut back.
    pub truncated: u64,
    /// Histories replaced by a snapshot.
    pub installed: u64,
    /// Transactions lost in crashes, since they were not synced.
    pub lost_unsynced: u64,
    /// Messages lost on their way.
    pub lost_messages: u64,
    /// Disks that crashed in the middle of a record.
    pub torn: u64,
    /// Disks replaced by empty ones.
    pub wiped: u64,
    /// Messages that waited for bytes ahead of them on a link of little bandwidth.
    pub queued: u64,
    /// Messages that a standing rule held.
    pub ruled: u64,
    /// How often a server put other members in force.
    pub reconfigured: u64,
    /// Clients that set their watches again.
    pub watched_again: u64,
    /// Transactions decided.
    pub decided: u64,
    /// Steps taken.
    pub steps: u64,
}
