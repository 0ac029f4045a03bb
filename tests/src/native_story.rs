//! A story told by processes: the same acts, the same expectations, as far as real time and real
//! sockets allow.
//!
//! How a server stands is known from its trace (`vivarium server --trace`), folded as the page
//! folds a simulated run. Invariants:
//! 1. What can't be done to processes is refused with its line before anything is started.
//! 2. Of the record below the rule every answer to a client must come as it is told there; the
//!    order of the servers' steps is chance, and is not compared.

mod clients;
mod servers;

use crate::wait_for;
use clients::Clients;
use servers::Servers;
use std::time::{Duration, Instant};
use vivarium_protocol::base::{ServerId, Variants};
use vivarium_protocol::message::PeerState;
use vivarium_sim::command::{ClientAct, Command};
use vivarium_sim::{Act, Condition, Story};

/// What a wait is given besides the time that the story gives it: processes take time to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a story can't be told by processes; `None` if it can.
#[must_use]
pub fn obstacle(story: &Story) -> Option<String> {
    let setup = &story.setup;
    let world = [
        (setup.variants != Variants::faithful(), "servers that depart from the protocol"),
        (!setup.preload.is_empty(), "disks that are made up"),
        (setup.purge || setup.snapshot_every > 0, "snapshots at chosen moments"),
        (setup.apply_latency_us != (0, 0), "a replica that is slow on purpose"),
    ];
    if let Some((_, what)) = world.iter().find(|(given, _)| *given) {
        return Some(format!("the setup asks for {what}"));
    }
    story.acts.iter().find_map(|(line, act)| {
        let what = match act {
            Act::Do(command) => (!is_possible(command)).then(|| command.to_string()),
            Act::Until { condition, .. } | Act::Expect { condition, .. } => {
                (!is_visible(condition)).then(|| condition.to_string())
            }
            Act::Wait(_) => None,
            Act::Named(text) => Some(text.clone()),
        };
        what.map(|what| format!("line {line}: {what}"))
    })
}

/// The rest needs a network, a disk or a clock of one's own.
fn is_possible(command: &Command) -> bool {
    if let Command::Client { act, .. } = command {
        return match act {
            ClientAct::Request(op) => clients::request(op).is_some(),
            ClientAct::Connect { .. } | ClientAct::Roam | ClientAct::Disconnect => true,
            ClientAct::Balanced | ClientAct::List { .. } => false,
        };
    }
    matches!(
        command,
        Command::Start(_)
            | Command::StartAll
            | Command::Crash(_)
            | Command::WipeDisk(_)
            | Command::Pause(_)
            | Command::Resume(_)
    )
}

/// The rest are moments between two looks, or what only a whole world knows.
fn is_visible(condition: &Condition) -> bool {
    if let Condition::Not(inner) = condition {
        return is_visible(inner);
    }
    if let Condition::And(all) | Condition::Or(all) = condition {
        return all.iter().all(is_visible);
    }
    matches!(
        condition,
        Condition::Serving
            | Condition::Settled
            | Condition::Leader(_)
            | Condition::Role(..)
            | Condition::AnyRole(_)
            | Condition::AllRole(_)
            | Condition::Phase(..)
            | Condition::Serves(_)
            | Condition::Down(_)
            | Condition::Logged(..)
            | Condition::Durable(..)
            | Condition::Decided(_)
            | Condition::Connected(_)
            | Condition::Answered(_)
    )
}

/// Tells a story by processes.
///
/// # Errors
/// Why it can't be told, or where it goes another way.
pub fn tell(story: &Story) -> Result<(), String> {
    if let Some(obstacle) = obstacle(story) {
        return Err(format!("it can't be told by processes: {obstacle}"));
    }
    let mut told = Telling { servers: Servers::new(&story.setup), clients: Clients::default() };
    told.open(story);
    for (line, act) in &story.acts {
        told.act(act).map_err(|what| format!("line {line}: {what}"))?;
    }
    wait_for("all clients have their answers", || {
        told.look();
        told.clients.answered().then_some(())
    });
    told.clients.compare(&story.record)?;
    told.servers.agree(told.clients.paths())
}

/// A story that is being told.
struct Telling {
    servers: Servers,
    clients: Clients,
}

impl Telling {
    /// Starts whoever runs from the beginning. The largest id wins an election among empty disks,
    /// so larger ones than the leader to be come after it.
    fn open(&mut self, story: &Story) {
        if !story.setup.autostart {
            return;
        }
        let last = story.leader.unwrap_or(ServerId(i64::MAX));
        let (early, late): (Vec<_>, Vec<_>) =
            self.servers.ids().into_iter().partition(|id| *id <= last);
        early.into_iter().for_each(|id| self.servers.start(id));
        if let Some(leader) = story.leader {
            self.wait_until(&Condition::Leader(leader));
            late.into_iter().for_each(|id| self.servers.start(id));
            self.wait_until(&Condition::Settled);
        }
    }

    fn wait_until(&mut self, condition: &Condition) {
        wait_for(&condition.to_string(), || {
            self.look();
            self.holds(condition).then_some(())
        });
    }

    /// Reads what has been traced, and lets clients go on.
    fn look(&mut self) {
        self.servers.look();
        self.clients.go_on(&self.servers);
    }

    fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Do(command) => self.command(command),
            Act::Until { condition, within_us } => {
                let end = Instant::now() + PATIENCE + Duration::from_micros(*within_us);
                loop {
                    self.look();
                    if self.holds(condition) {
                        return Ok(());
                    }
                    if Instant::now() >= end {
                        return Err(format!("it does not come to `{condition}`"));
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            Act::Expect { condition, holds } => {
                self.look();
                let now = self.holds(condition);
                let what = if now { "holds" } else { "does not hold" };
                if now == *holds { Ok(()) } else { Err(format!("`{condition}` {what}")) }
            }
            Act::Wait(us) => {
                std::thread::sleep(Duration::from_micros(*us));
                Ok(())
            }
            Act::Named(text) => Err(format!("`{text}` names parts")),
        }
    }

    fn command(&mut self, command: &Command) -> Result<(), String> {
        match command {
            Command::Start(id) => self.servers.start(*id),
            Command::StartAll => {
                let down = self.servers.ids().into_iter().filter(|id| !self.servers.is_up(*id));
                down.collect::<Vec<_>>().into_iter().for_each(|id| self.servers.start(id));
            }
            Command::Crash(id) => self.servers.kill(*id),
            Command::WipeDisk(id) => self.servers.wipe(*id),
            Command::Pause(id) => self.servers.signal(*id, "STOP"),
            Command::Resume(id) => self.servers.signal(*id, "CONT"),
            Command::Client { client, act } => self.clients.act(*client, act),
            other => return Err(format!("`{other}` can't be done to processes")),
        }
        Ok(())
    }

    fn holds(&self, condition: &Condition) -> bool {
        let status = |id: &ServerId| self.servers.status(*id);
        match condition {
            Condition::Not(inner) => !self.holds(inner),
            Condition::And(all) => all.iter().all(|it| self.holds(it)),
            Condition::Or(all) => all.iter().any(|it| self.holds(it)),
            Condition::Serving => self.servers.is_serving(),
            Condition::Settled => self.servers.is_settled() && self.clients.answered(),
            Condition::Leader(id) => {
                status(id).is_some_and(|it| it.role == PeerState::Leading && it.serving)
            }
            Condition::Role(id, role) => status(id).is_some_and(|it| it.role == *role),
            Condition::AnyRole(role) => self.servers.statuses().any(|it| it.role == *role),
            Condition::AllRole(role) => self.servers.statuses().all(|it| it.role == *role),
            Condition::Phase(id, phase) => status(id).is_some_and(|it| it.phase == *phase),
            Condition::Serves(id) => status(id).is_some_and(|it| it.serving),
            Condition::Down(id) => !self.servers.is_up(*id),
            Condition::Logged(id, zxid) => status(id).is_some_and(|it| it.last_logged >= *zxid),
            Condition::Durable(id, zxid) => status(id).is_some_and(|it| it.last_durable >= *zxid),
            Condition::Decided(zxid) => {
                self.servers.statuses().any(|it| it.last_committed >= *zxid)
            }
            Condition::Connected(client) => self.clients.is_connected(*client),
            Condition::Answered(client) => self.clients.has_answers(*client),
            // `obstacle` has refused the others.
            _ => false,
        }
    }
}
