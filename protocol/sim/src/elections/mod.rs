//! One election, held by each of ZooKeeper's algorithms in turn: the same servers, the same logs,
//! the same seed; what differs is the algorithm and what it costs.
//!
//! Algorithm 3 is the core's own [`Election`](vivarium_protocol::election::Election), the one that
//! every server uses; 0 to 2 are those that it replaced. Zab is not in here: an election ends when
//! whoever runs has a role.
//!
//! Invariants:
//! 1. The same contest gives the same account, natively and as wasm.
//! 2. Datagrams (0 to 2) are lost and overtake each other; connections (3) lose nothing and keep
//!    their order, and only the last message waits for a server that is down.
//! 3. What a server says to itself costs nothing and takes no time.

mod body;
mod race;
#[cfg(test)]
mod tests;

pub use race::hold;

use vivarium_protocol::base::{Epoch, ServerId, Time, Zxid};

/// ZooKeeper's election algorithms, by the number that zoo.cfg gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// `electionAlg=0`: LeaderElection.
    Polling,
    /// `electionAlg=1`: AuthFastLeaderElection without challenges.
    AuthFast,
    /// `electionAlg=2`: AuthFastLeaderElection with challenges.
    AuthFastChallenged,
    /// `electionAlg=3`: FastLeaderElection.
    Fast,
}

impl Algorithm {
    /// All four, in the order of their numbers.
    pub const ALL: [Algorithm; 4] =
        [Algorithm::Polling, Algorithm::AuthFast, Algorithm::AuthFastChallenged, Algorithm::Fast];

    /// Its number in zoo.cfg.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Algorithm::Polling => 0,
            Algorithm::AuthFast => 1,
            Algorithm::AuthFastChallenged => 2,
            Algorithm::Fast => 3,
        }
    }

    /// Its name in ZooKeeper's source.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Polling => "LeaderElection",
            Algorithm::AuthFast | Algorithm::AuthFastChallenged => "AuthFastLeaderElection",
            Algorithm::Fast => "FastLeaderElection",
        }
    }
}

/// One voter as it enters a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// Its id.
    pub id: ServerId,
    /// The last zxid in its log.
    pub zxid: Zxid,
    /// Its `currentEpoch`; only algorithm 3 looks at it.
    pub epoch: Epoch,
    /// When it starts, in milliseconds; `None` if it stays down.
    pub starts_ms: Option<u64>,
}

/// Who votes, and over what network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The voters of the ensemble, by id; at most [`Contest::MOST`].
    pub entrants: Vec<Entrant>,
    /// Decides latencies, losses, xids and challenges.
    pub seed: u64,
    /// Shortest and longest way from one server to another, in microseconds.
    pub latency_us: (u64, u64),
    /// How many of 1000 datagrams are lost.
    pub loss_permille: u64,
}

impl Contest {
    /// The most voters of a contest.
    pub const MOST: usize = 101;
}

/// What happened at one server at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// Where.
    pub server: ServerId,
    /// What.
    pub event: StepEvent,
}

/// One thing that happens in an election of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepEvent {
    /// The server starts to look for a leader.
    Starts,
    /// It sends something to another server.
    Sends {
        /// To whom.
        to: ServerId,
        /// What, in a word or two.
        name: &'static str,
        /// The payload's length.
        bytes: usize,
        /// When it arrives; `None` if it is lost or nobody is there.
        arrives: Option<Time>,
    },
    /// A poll (0) or round (1 to 3) begins, with its number.
    Round(i64),
    /// It votes for this server from now on.
    Votes {
        /// The candidate.
        leader: ServerId,
        /// The candidate's last zxid.
        zxid: Zxid,
    },
    /// It waited in vain for this server's answer or acknowledgement.
    WaitsInVain(ServerId),
    /// A poll ends with so many votes for one server, of those needed.
    Counts {
        /// The server named most often.
        leader: ServerId,
        /// How often.
        votes: usize,
        /// How many would be a majority.
        needed: usize,
    },
    /// A majority agrees; it waits for a better vote.
    Finalizes,
    /// It drops a notification of this server, which did not prove its address.
    Unproven(ServerId),
    /// It has a leader.
    Elected(ServerId),
}

/// How one algorithm did, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub algorithm: Algorithm,
    /// Everything, in order.
    pub steps: Vec<Step>,
    /// Messages sent from one server to another.
    pub messages: u64,
    /// Their payloads, in bytes; headers of TCP and UDP are left out.
    pub bytes: u64,
    /// How many of them were lost, or sent to a server that is down.
    pub lost: u64,
    /// The highest number of polls or rounds that a server went through.
    pub rounds: i64,
    /// When a leader and enough followers of it for a majority had decided.
    pub decided: Option<Time>,
    /// When the last running server had decided.
    pub settled: Option<Time>,
    /// The leader of that majority. `None` once everybody has decided means that the ensemble is
    /// split: Zab would find out when nobody becomes a quorum, and all would look again.
    pub winner: Option<ServerId>,
    /// A running server whose log is of a newer epoch than the winner's, if there is one: what only
    /// it and its like have, and may be committed, would be cut off.
    pub better: Option<ServerId>,
}
