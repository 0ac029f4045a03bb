//! What is done to the servers: kinds of faults, how each is done and undone.
//!
//! Which faults come, how long they last and what they hit follows from the seed and from who
//! leads at that moment.

use super::cluster::Cluster;
use super::network::{Link, Network};
use anyhow::{Context, Result};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering::Relaxed;
use vivarium_protocol::base::Rng;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `kill -9` of the leader.
    KillLeader,
    /// `kill -9` of a follower.
    KillFollower,
    /// `kill -9` of all servers at once.
    KillAll,
    /// SIGTERM of any server, and a start.
    Restart,
    /// SIGSTOP of the leader.
    StopLeader,
    /// SIGSTOP of a follower.
    StopFollower,
    /// The network in two halves.
    Partition,
    /// The leader alone, and the others together.
    IsolateLeader,
    /// Two servers that do not reach each other.
    PartialCut,
    /// One direction between two servers.
    OneWayCut,
    /// All links of one server come and go.
    Flapping,
    /// Clients do not reach one server.
    ClientsCut,
    /// Packets take long.
    Delay,
    /// Packets are lost.
    Loss,
    /// A wall clock jumps.
    ClockJump,
    /// A disk is full.
    DiskFull,
    /// A disk takes long to sync.
    SlowSync,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 17] = [
        Kind::KillLeader,
        Kind::KillFollower,
        Kind::KillAll,
        Kind::Restart,
        Kind::StopLeader,
        Kind::StopFollower,
        Kind::Partition,
        Kind::IsolateLeader,
        Kind::PartialCut,
        Kind::OneWayCut,
        Kind::Flapping,
        Kind::ClientsCut,
        Kind::Delay,
        Kind::Loss,
        Kind::ClockJump,
        Kind::DiskFull,
        Kind::SlowSync,
    ];

    /// What it is, for a table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::KillLeader => "leader killed (SIGKILL)",
            Kind::KillFollower => "follower killed (SIGKILL)",
            Kind::KillAll => "all servers killed at once",
            Kind::Restart => "server restarted (SIGTERM)",
            Kind::StopLeader => "leader stopped (SIGSTOP)",
            Kind::StopFollower => "follower stopped (SIGSTOP)",
            Kind::Partition => "network in two parts",
            Kind::IsolateLeader => "leader alone",
            Kind::PartialCut => "two servers cut off from each other",
            Kind::OneWayCut => "one direction cut between two servers",
            Kind::Flapping => "all links of a server come and go",
            Kind::ClientsCut => "clients cut off from a server",
            Kind::Delay => "packets delayed",
            Kind::Loss => "packets lost",
            Kind::ClockJump => "wall clock jumps",
            Kind::DiskFull => "disk full",
            Kind::SlowSync => "disk slow to sync",
        }
    }

    fn needs_network(self) -> bool {
        match self {
            Kind::KillLeader
            | Kind::KillFollower
            | Kind::KillAll
            | Kind::Restart
            | Kind::StopLeader
            | Kind::StopFollower
            | Kind::SlowSync => false,
            Kind::Partition
            | Kind::IsolateLeader
            | Kind::PartialCut
            | Kind::OneWayCut
            | Kind::Flapping
            | Kind::ClientsCut
            | Kind::Delay
            | Kind::Loss
            | Kind::ClockJump
            | Kind::DiskFull => true,
        }
    }

    /// Whether it can be done here.
    #[must_use]
    pub fn possible(self, cluster: &Cluster) -> bool {
        match self {
            Kind::ClockJump => cluster.clock.is_some(),
            Kind::SlowSync => Command::new("strace").arg("-V").output().is_ok(),
            other => cluster.network.is_some() || !other.needs_network(),
        }
    }
}

/// A fault that lasts.
pub struct Active {
    /// Its kind.
    pub kind: Kind,
    /// The servers that it hits.
    pub servers: Vec<usize>,
    tracer: Option<Child>,
}

/// Does a fault, and tells in words what it did.
///
/// # Errors
/// It can't be done.
pub fn begin(kind: Kind, cluster: &mut Cluster, rng: &mut Rng) -> Result<(Active, String)> {
    let servers = targets(kind, cluster, rng);
    let mut active = Active { kind, servers, tracer: None };
    let servers = active.servers.clone();
    let words = match kind {
        Kind::KillLeader | Kind::KillFollower | Kind::KillAll => {
            servers.iter().for_each(|id| cluster.kill(*id));
            format!("kill -9 {servers:?}")
        }
        Kind::Restart => {
            signal(cluster, servers[0], "TERM");
            format!("SIGTERM {servers:?}")
        }
        Kind::StopLeader | Kind::StopFollower => {
            signal(cluster, servers[0], "STOP");
            format!("SIGSTOP {servers:?}")
        }
        Kind::ClockJump => {
            let far = [5, 600, 86_400][usize::try_from(rng.below(3))?];
            let seconds = if rng.one_in(2) { far } else { -far };
            cluster.set_clock(servers[0], seconds)?;
            format!("the clock of {servers:?} jumps by {seconds:+} s")
        }
        Kind::DiskFull => {
            cluster.fill_disk(servers[0], true)?;
            format!("the disk of {servers:?} is full")
        }
        Kind::SlowSync => {
            let ms = rng.between(100, 800);
            active.tracer = slow(cluster, servers[0], ms)?;
            format!("every sync of {servers:?} takes {ms} ms")
        }
        Kind::Partition
        | Kind::IsolateLeader
        | Kind::PartialCut
        | Kind::OneWayCut
        | Kind::Flapping
        | Kind::ClientsCut
        | Kind::Delay
        | Kind::Loss => {
            let network = cluster.network.as_ref().context("there is no network to treat")?;
            on_links(kind, network, &servers, rng)
        }
    };
    Ok((active, words))
}

fn targets(kind: Kind, cluster: &Cluster, rng: &mut Rng) -> Vec<usize> {
    let all: Vec<usize> = cluster.servers.iter().map(|server| server.id).collect();
    let mut shuffled = all.clone();
    for at in (1..shuffled.len()).rev() {
        let other = usize::try_from(rng.below(at as u64 + 1)).expect("it is an index");
        shuffled.swap(at, other);
    }
    let one_of = |mode: &str| {
        let found = cluster.in_mode(mode);
        shuffled.iter().copied().find(|id| found.contains(id)).unwrap_or(shuffled[0])
    };
    match kind {
        Kind::KillAll | Kind::Delay | Kind::Loss => all,
        Kind::KillLeader | Kind::StopLeader | Kind::IsolateLeader => vec![one_of("leader")],
        Kind::KillFollower | Kind::StopFollower => vec![one_of("follower")],
        Kind::Partition => shuffled[..all.len() / 2].to_vec(),
        Kind::PartialCut | Kind::OneWayCut => shuffled[..2].to_vec(),
        Kind::Restart
        | Kind::Flapping
        | Kind::ClientsCut
        | Kind::ClockJump
        | Kind::DiskFull
        | Kind::SlowSync => vec![shuffled[0]],
    }
}

fn signal(cluster: &mut Cluster, id: usize, name: &str) {
    cluster.notice_ends();
    if let Some(process) = &cluster.server(id).process {
        process.signal(name);
    }
}

/// Delays every sync of a server, from the next one on, by its tracer.
fn slow(cluster: &mut Cluster, id: usize, ms: u64) -> Result<Option<Child>> {
    cluster.notice_ends();
    let Some(process) = &cluster.server(id).process else { return Ok(None) };
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e"]);
    command.arg(format!("inject=fsync,fdatasync:delay_enter={}", ms * 1000));
    command.args(["-p", &process.id().to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(Some).context("strace can't be started")
}

fn on_links(kind: Kind, network: &Network, servers: &[usize], rng: &mut Rng) -> String {
    let all = 1..=network.servers();
    let both = |a: usize, b: usize| [network.link(a, b), network.link(b, a)];
    let pairs: Vec<(usize, usize)> =
        all.clone().flat_map(|b| (1..b).map(move |a| (a, b))).collect();
    match kind {
        Kind::Partition | Kind::IsolateLeader => {
            let apart = |id: &usize| servers.contains(id);
            for (a, b) in pairs.iter().filter(|(a, b)| apart(a) != apart(b)) {
                both(*a, *b).into_iter().for_each(Link::break_off);
            }
            format!("{servers:?} cut off from the other servers")
        }
        Kind::PartialCut => {
            both(servers[0], servers[1]).into_iter().for_each(Link::break_off);
            format!("{} and {} cut off from each other", servers[0], servers[1])
        }
        Kind::OneWayCut => {
            network.link(servers[0], servers[1]).break_off();
            format!("nothing gets from {} to {}", servers[0], servers[1])
        }
        Kind::Flapping => {
            for other in all.filter(|other| *other != servers[0]) {
                both(servers[0], other)
                    .into_iter()
                    .for_each(|link| link.flapping.store(true, Relaxed));
            }
            format!("the links of {servers:?} come and go")
        }
        Kind::ClientsCut => {
            both(0, servers[0]).into_iter().for_each(Link::break_off);
            format!("clients cut off from {servers:?}")
        }
        Kind::Delay => {
            let (delay, jitter) = (rng.between(5, 80), rng.between(1, 60));
            let links = pairs.iter().flat_map(|(a, b)| both(*a, *b));
            links.for_each(|link| link.delay(delay, jitter));
            format!("packets between servers take {delay} to {} ms", delay + jitter)
        }
        Kind::Loss => {
            let percent = rng.between(2, 20);
            let links = pairs.iter().flat_map(|(a, b)| both(*a, *b));
            links.for_each(|link| link.loss.store(percent * 10, Relaxed));
            format!("{percent} % of the packets between servers are lost")
        }
        Kind::KillLeader
        | Kind::KillFollower
        | Kind::KillAll
        | Kind::Restart
        | Kind::StopLeader
        | Kind::StopFollower
        | Kind::ClockJump
        | Kind::DiskFull
        | Kind::SlowSync => format!("{} is no fault of the network", kind.name()),
    }
}

/// Undoes a fault. The network is repaired as a whole by whoever undoes all faults.
///
/// # Errors
/// It can't be undone.
pub fn end(mut active: Active, cluster: &mut Cluster) -> Result<()> {
    if let Some(mut tracer) = active.tracer.take() {
        // An interrupted tracer lets its program go on.
        let id = tracer.id().to_string();
        Command::new("kill").args(["-INT", &id]).status()?;
        tracer.wait()?;
    }
    for id in active.servers {
        match active.kind {
            Kind::StopLeader | Kind::StopFollower => signal(cluster, id, "CONT"),
            Kind::ClockJump => cluster.set_clock(id, 0)?,
            Kind::DiskFull => cluster.fill_disk(id, false)?,
            Kind::Restart => {
                if let Some(mut process) = cluster.server(id).process.take() {
                    process.terminate();
                }
            }
            Kind::KillLeader | Kind::KillFollower | Kind::KillAll => {}
            Kind::Partition
            | Kind::IsolateLeader
            | Kind::PartialCut
            | Kind::OneWayCut
            | Kind::Flapping
            | Kind::ClientsCut
            | Kind::Delay
            | Kind::Loss
            | Kind::SlowSync => {}
        }
    }
    Ok(())
}
