//! The words by which conditions call roles, phases, reasons and parts: ZooKeeper's names in
//! capitals, and the names that the trace has for the rest.

use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{BootPart, Phase, RoleReason, SyncMode, Timer};

use crate::words::{WordError, Words};

pub(super) const ROLES: [(&str, PeerState); 4] = [
    ("LOOKING", PeerState::Looking),
    ("FOLLOWING", PeerState::Following),
    ("LEADING", PeerState::Leading),
    ("OBSERVING", PeerState::Observing),
];
pub(super) const PHASES: [(&str, Phase); 4] = [
    ("ELECTION", Phase::Election),
    ("DISCOVERY", Phase::Discovery),
    ("SYNCHRONIZATION", Phase::Synchronization),
    ("BROADCAST", Phase::Broadcast),
];
pub(super) const SYNCS: [(&str, SyncMode); 3] =
    [("DIFF", SyncMode::Diff), ("TRUNC", SyncMode::Trunc), ("SNAP", SyncMode::Snap)];
pub(super) const REASONS: [(&str, RoleReason); 16] = [
    ("Started", RoleReason::Started),
    ("Alone", RoleReason::Alone),
    ("ElectedMyself", RoleReason::ElectedMyself),
    ("ElectedAnother", RoleReason::ElectedAnother),
    ("CannotConnect", RoleReason::CannotConnect),
    ("LostLeader", RoleReason::LostLeader),
    ("LeaderSilent", RoleReason::LeaderSilent),
    ("Reconfigured", RoleReason::Reconfigured),
    ("EpochTooOld", RoleReason::EpochTooOld),
    ("LeaderMisbehaved", RoleReason::LeaderMisbehaved),
    ("NoQuorumRegistered", RoleReason::NoQuorumRegistered),
    ("NoQuorumPromised", RoleReason::NoQuorumPromised),
    ("NoQuorumSynced", RoleReason::NoQuorumSynced),
    ("LostQuorum", RoleReason::LostQuorum),
    ("CounterExhausted", RoleReason::CounterExhausted),
    ("Halted", RoleReason::Halted),
];
pub(super) const TIMERS: [(&str, Timer); 9] = [
    ("Resend", Timer::Resend),
    ("FinalizeWait", Timer::FinalizeWait),
    ("InitLimit", Timer::InitLimit),
    ("LeaderSilence", Timer::LeaderSilence),
    ("HalfTick", Timer::HalfTick),
    ("SessionExpiry", Timer::SessionExpiry),
    ("ContainerCheck", Timer::ContainerCheck),
    ("ReadOnlyMode", Timer::ReadOnlyMode),
    ("Pause", Timer::Pause),
];
/// The parts of a server that starts, by their names in the trace.
pub(super) const PARTS: [(&str, &str); 8] = [
    ("Mode", "Mode"),
    ("ClientConnections", "ClientConnections"),
    ("LogAndSnapshots", "LogAndSnapshots"),
    ("ElectionAlgorithm", "ElectionAlgorithm"),
    ("SessionTimeouts", "SessionTimeouts"),
    ("ServerList", "ServerList"),
    ("ConnectionManager", "ConnectionManager"),
    ("Listener", "Listener"),
];

/// The name of a part.
pub(super) fn part_name(part: &BootPart) -> &'static str {
    match part {
        BootPart::Mode { .. } => "Mode",
        BootPart::ClientConnections => "ClientConnections",
        BootPart::LogAndSnapshots => "LogAndSnapshots",
        BootPart::ElectionAlgorithm { .. } => "ElectionAlgorithm",
        BootPart::SessionTimeouts { .. } => "SessionTimeouts",
        BootPart::ServerList { .. } => "ServerList",
        BootPart::ConnectionManager => "ConnectionManager",
        BootPart::Listener { .. } => "Listener",
    }
}

/// Takes one of the names of a table.
pub(super) fn one_of<T: Copy>(words: &mut Words, table: &[(&str, T)]) -> Result<T, WordError> {
    let wanted = "a name in capitals, as in LOOKING, BROADCAST or SNAP";
    let word = words.bare(wanted)?;
    let row = table.iter().find(|(name, _)| *name == word);
    row.map(|(_, value)| *value).ok_or(WordError::Unexpected { wanted, found: word })
}

/// A value's name in its table.
pub(super) fn name_of<T: PartialEq>(value: &T, table: &[(&'static str, T)]) -> &'static str {
    table.iter().find(|(_, other)| other == value).map_or("", |(name, _)| name)
}
