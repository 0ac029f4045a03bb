//! A server's start as its trace tells it: which parts are registered, and with what values.
//!
//! Nothing here decides or changes anything. What stands before `Started` is configuration; what
//! comes after it exists only in an ensemble.

use super::common::Step;
use crate::base::Config;
use crate::trace::{BootPart, Decision};

/// FastLeaderElection's number in `electionAlg`; this core has no other.
const FAST_LEADER_ELECTION: u8 = 3;

/// What `runFromConfig` registers before the disk is read.
pub(crate) fn registered(config: &Config, step: &mut Step<'_>) {
    let standalone = config.standalone;
    part(BootPart::Mode { standalone }, step);
    part(BootPart::ClientConnections, step);
    part(BootPart::LogAndSnapshots, step);
    if !standalone {
        part(BootPart::ElectionAlgorithm { number: FAST_LEADER_ELECTION }, step);
    }
    let (min_ms, max_ms) = (config.min_session_timeout_ms, config.max_session_timeout_ms);
    part(BootPart::SessionTimeouts { min_ms, max_ms }, step);
    if !standalone {
        let members = config.ensemble.members.len();
        let voters = config.ensemble.participants().count();
        let count = |servers: usize| u32::try_from(servers).unwrap_or(u32::MAX);
        let (participants, observers) = (count(voters), count(members.saturating_sub(voters)));
        part(BootPart::ServerList { participants, observers }, step);
    }
}

/// What `startLeaderElection` makes before the main loop begins.
pub(crate) fn connected(config: &Config, step: &mut Step<'_>) {
    if config.standalone {
        return;
    }
    part(BootPart::ConnectionManager, step);
    if let Some(own) = config.ensemble.members.get(&config.id) {
        part(BootPart::Listener { port: own.election_port }, step);
    }
}

fn part(part: BootPart, step: &mut Step<'_>) {
    step.trace(|| Decision::Registered { part });
}
