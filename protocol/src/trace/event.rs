//! Decisions of a core, and travels of messages.
//!
//! A decision carries the values that decided, so that a sentence can be made of it without asking
//! anybody else.

use super::boot::BootPart;
use crate::base::{Epoch, ServerId, SessionId, Time, Zxid};
use crate::message::{Channel, PacketKind, PeerState, Vote};
use serde::{Deserialize, Serialize};

/// Zab's phase (`ZabState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    /// Looking for a leader.
    Election,
    /// Agreeing on a new epoch.
    Discovery,
    /// Bringing histories together.
    Synchronization,
    /// Ordering new transactions.
    Broadcast,
}

impl Phase {
    /// ZooKeeper's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Phase::Election => "ELECTION",
            Phase::Discovery => "DISCOVERY",
            Phase::Synchronization => "SYNCHRONIZATION",
            Phase::Broadcast => "BROADCAST",
        }
    }
}

/// How a learner's history is brought to the leader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SyncMode {
    /// Only what is missing is sent.
    Diff,
    /// What the leader never had is cut off first.
    Trunc,
    /// The whole tree is sent.
    Snap,
}

/// Which rule of the leader's choice applied (docs/protocol.md, Q5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SyncRule {
    /// The learner's last zxid is the leader's: an empty DIFF.
    SameZxid,
    /// The learner is ahead of everything the leader has, within the leader's last epoch: TRUNC.
    LearnerAhead,
    /// The learner's zxid is in the leader's history: DIFF of what follows.
    InHistory,
    /// The learner's zxid is only the start of an epoch, so nothing needs cutting: DIFF.
    EpochStart,
    /// The learner logged something of this epoch that the leader never had: TRUNC, then the rest.
    Divergent,
    /// The learner diverged in an epoch whose end the leader cannot name: SNAP.
    AcrossEpochs,
    /// The leader no longer has what the learner lacks: SNAP.
    TooOld,
}

/// Why a server changed its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RoleReason {
    /// It has just started.
    Started,
    /// It runs alone (standalone).
    Alone,
    /// The election chose it.
    ElectedMyself,
    /// The election chose another.
    ElectedAnother,
    /// The connection to the leader could not be made.
    CannotConnect,
    /// The connection to the leader was lost.
    LostLeader,
    /// The leader was silent for syncLimit (or initLimit before it served).
    LeaderSilent,
    /// The leader offered an epoch older than the one promised.
    EpochTooOld,
    /// The leader sent what it should not have sent here.
    LeaderMisbehaved,
    /// No quorum of learners registered within initLimit.
    NoQuorumRegistered,
    /// No quorum promised the epoch within initLimit.
    NoQuorumPromised,
    /// No quorum acknowledged NEWLEADER within initLimit.
    NoQuorumSynced,
    /// The leader no longer hears a quorum.
    LostQuorum,
    /// The epoch's counter is used up.
    CounterExhausted,
    /// Its members have changed, and with them its role or its leader.
    Reconfigured,
    /// A promise that it relies on was broken: it stops for good.
    Halted,
}

/// Why a server's own proposal changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VoteReason {
    /// A new round begins with its own vote.
    OwnVote,
    /// A vote of a newer round arrived that is better than its own vote.
    NewerRoundBetter,
    /// A vote of a newer round arrived, its own vote is better.
    NewerRoundOwnBetter,
    /// A better vote of the same round arrived.
    Better,
}

/// The first component in which two votes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// The higher peer epoch wins.
    Epoch,
    /// Equal epochs; the higher zxid wins.
    Zxid,
    /// Equal epochs and zxids; the higher server id wins.
    Id,
    /// The same vote.
    Equal,
    /// The candidate has no weight and can never win.
    NoWeight,
}

/// What a server made of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Its sender or its candidate has no vote here.
    NotAVoter,
    /// Its round is over; a LOOKING sender is told of the newer one.
    OldRound,
    /// Its sender's database, or the receiver's, is not to be trusted.
    Untrusted,
    /// Counted in this round.
    Counted,
    /// Counted; its sender has already decided.
    CountedDecided,
    /// Its sender has decided in another round; kept apart.
    KeptApart,
    /// An observer has nothing to say.
    FromObserver,
    /// Discarded: it came while the winner was being confirmed, and is no better.
    NoBetterWhileFinalizing,
    /// Better than the winner that was being confirmed: the wait is over, the count goes on.
    BetterWhileFinalizing,
    /// The receiver is not looking; the sender was told the outcome.
    Answered,
    /// The receiver is not looking and neither is the sender.
    NoNews,
}

/// How an election ended for one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ElectedHow {
    /// A quorum of equal votes of its own round, unbeaten for finalizeWait.
    QuorumOfVotes,
    /// A quorum, the leader among them, said in this round that it is settled.
    SettledThisRound,
    /// A quorum, the leader among them, said so in another round: it joins an ensemble at work.
    JoinedEstablished,
}

/// What a quorum is being counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum QuorumKind {
    /// Votes for one candidate.
    Votes,
    /// Learners that registered (FOLLOWERINFO).
    Registered,
    /// Learners that promised the epoch (ACKEPOCH).
    Promised,
    /// Learners that hold the leader's history (ACK of NEWLEADER).
    Synced,
}

/// Where the leader stands with one learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LearnerPhase {
    /// Registered; waits for the epoch.
    Registered,
    /// LEADERINFO sent; its promise is awaited.
    EpochOffered,
    /// It promised; the quorum of promises is awaited.
    Promised,
    /// Its history is being brought up to date; NEWLEADER is on its way.
    Syncing,
    /// It acknowledged NEWLEADER; the quorum is awaited.
    Synced,
    /// UPTODATE sent: it takes part in broadcast.
    UpToDate,
}

/// The deadlines a server can have; each has at most one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Votes are sent again (doubling from 200 ms).
    Resend,
    /// A quorum stands; wait for a better vote (200 ms).
    FinalizeWait,
    /// initLimit: a leader waits for registrations, promises or NEWLEADER acknowledgements.
    InitLimit,
    /// How long a learner bears its leader's silence: initLimit, then syncLimit.
    LeaderSilence,
    /// Half a tick at the leader: ping, and every other time count who is heard.
    HalfTick,
    /// The next client session to expire (leader).
    SessionExpiry,
    /// The next look for containers and nodes that need not stay (leader).
    ContainerCheck,
    /// How long a server waits for a leader before it serves readers (`readonlymode.enabled`).
    ReadOnlyMode,
    /// A pause before looking again.
    Pause,
}

/// What a server decided. Everything that changes its [`super::PeerStatus`] is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Decision {
    /// Starting, it registered one of its parts. Says nothing to a status.
    Registered {
        /// Which, with its values.
        part: BootPart,
    },
    /// It came to life with what its disk gave back. Starts every fold.
    Started {
        /// From `acceptedEpoch`.
        accepted_epoch: Epoch,
        /// From `currentEpoch`.
        current_epoch: Epoch,
        /// The last zxid in its log or snapshot.
        last_logged: Zxid,
    },
    /// It took a role.
    RoleChanged {
        /// The new one.
        role: PeerState,
        /// The leader it now follows, or itself.
        leader: Option<ServerId>,
        /// Why.
        why: RoleReason,
    },
    /// It knows of other members than before.
    MembersChanged {
        /// Their version: the zxid of the reconfiguration, or the start of an epoch.
        version: Zxid,
        /// Whether they are in force; if not, both old and new quorums are asked.
        in_force: bool,
        /// Who votes among them.
        voters: Vec<ServerId>,
    },
    /// It entered a phase.
    PhaseChanged {
        /// The new one.
        phase: Phase,
    },
    /// It began a round of election, or took over a newer one, with an empty table of votes.
    RoundEntered {
        /// The round.
        round: i64,
    },
    /// It proposes this candidate from now on and says so to every voter.
    Proposes {
        /// The candidate.
        vote: Vote,
        /// In which round.
        round: i64,
        /// Why.
        why: VoteReason,
        /// The proposal that was beaten, where one was.
        against: Option<Vote>,
        /// What decided between the two.
        by: Comparison,
    },
    /// It judged a notification.
    Judged {
        /// The sender.
        from: ServerId,
        /// The sender's state.
        state: PeerState,
        /// The sender's vote.
        vote: Vote,
        /// The sender's round.
        round: i64,
        /// What was made of it.
        verdict: Verdict,
        /// Its own proposal at that moment and what decides between the two.
        against: Option<(Vote, Comparison)>,
    },
    /// Nothing was heard: the proposal was sent again.
    Resent {
        /// The wait until the next time, in milliseconds.
        next_ms: u64,
    },
    /// The election is over for this server.
    Elected {
        /// The winner.
        vote: Vote,
        /// Its round.
        round: i64,
        /// How.
        how: ElectedHow,
    },
    /// Its report of the leader moved on to the new epoch, so that late joiners see one story.
    VoteRenewed {
        /// The vote it now reports.
        vote: Vote,
    },
    /// The quorum counted here changed.
    Quorum {
        /// What is counted.
        what: QuorumKind,
        /// Who counts so far.
        have: Vec<ServerId>,
        /// How many a majority needs.
        need: u32,
        /// Whether it is a quorum now.
        reached: bool,
    },
    /// It promised an epoch (the write to disk is under way).
    AcceptedEpoch {
        /// The epoch.
        epoch: Epoch,
    },
    /// It adopted an epoch (the write to disk is under way).
    CurrentEpoch {
        /// The epoch.
        epoch: Epoch,
    },
    /// Leader: a learner's standing changed.
    Learner {
        /// Which.
        learner: ServerId,
        /// Its standing; `None` when it is gone.
        phase: Option<LearnerPhase>,
    },
    /// Leader: how one learner will be brought up to date, and by which rule.
    SyncPlanned {
        /// Which.
        learner: ServerId,
        /// The learner's last zxid.
        learner_zxid: Zxid,
        /// The oldest transaction the leader can send, and its newest.
        window: (Zxid, Zxid),
        /// The mode.
        mode: SyncMode,
        /// For TRUNC where to cut; otherwise the target.
        zxid: Zxid,
        /// How many transactions follow.
        count: u64,
        /// The rule that chose.
        rule: SyncRule,
    },
    /// Learner: it was told how it will be brought up to date.
    SyncStarted {
        /// The mode.
        mode: SyncMode,
        /// The zxid of the packet.
        zxid: Zxid,
    },
    /// Its log was cut back.
    Truncated {
        /// The last zxid that stays.
        to: Zxid,
    },
    /// Its history was replaced by a snapshot.
    Installed {
        /// The snapshot's zxid.
        zxid: Zxid,
    },
    /// A transaction was handed to the log (not yet synced).
    Logged {
        /// The transaction.
        zxid: Zxid,
        /// What it does, for people.
        summary: String,
    },
    /// Everything up to here survives a crash.
    Durable {
        /// The last such transaction.
        zxid: Zxid,
    },
    /// Leader: a request became a proposal.
    Proposed {
        /// Its zxid.
        zxid: Zxid,
        /// What it does, for people.
        summary: String,
    },
    /// Leader: an acknowledgement was counted.
    Acked {
        /// By whom.
        from: ServerId,
        /// Up to which zxid.
        zxid: Zxid,
    },
    /// It knows this to be decided.
    Committed {
        /// The transaction.
        zxid: Zxid,
        /// Leader: who had it on disk.
        by: Vec<ServerId>,
    },
    /// It may answer clients.
    Serving {
        /// From here on.
        serving: bool,
    },
    /// Without a leader: it may answer readers that accept that (`readonlymode.enabled`).
    ReadOnly {
        /// From here on.
        serving: bool,
    },
    /// Leader: the new epoch stands.
    Established {
        /// The epoch.
        epoch: Epoch,
    },
    /// A deadline was set, moved or cleared.
    TimerSet {
        /// Which.
        timer: Timer,
        /// When it was set.
        from: Time,
        /// When it fires; `None` clears it.
        at: Option<Time>,
    },
    /// Leader: a client session was not heard from and is being closed.
    SessionExpired {
        /// Which.
        session: SessionId,
    },
    /// It closed the connection to a peer.
    Hung {
        /// To whom.
        peer: ServerId,
        /// Which connection.
        channel: Channel,
        /// Why, for people and logs (English).
        why: String,
    },
    /// It stopped for good: a promise that it relies on was broken.
    Halted {
        /// What, for people and logs (English).
        why: String,
    },
}

/// How a message's travel stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate")]
pub enum TravelFate {
    /// It left; where latency is known beforehand (simulation), when it will arrive.
    Sent {
        /// The moment of arrival, unless something happens to the link.
        arrives: Option<Time>,
    },
    /// It arrived.
    Arrived,
    /// It never will.
    Lost,
}

/// One message on one link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Travel {
    /// Which message.
    pub id: super::MessageId,
    /// Its family: `None` for a notification.
    pub packet: Option<PacketKind>,
    /// Of a notification: state, vote and round.
    pub notification: Option<(PeerState, Vote, i64)>,
    /// The zxid it is about, if any.
    pub zxid: Option<Zxid>,
    /// What it is, in one line, as in `PROPOSAL 4|7 create /a`.
    pub summary: String,
    /// When it leaves: the length of its encoding on the wire, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u32>,
    /// Where it stands.
    #[serde(flatten)]
    pub fate: TravelFate,
}
