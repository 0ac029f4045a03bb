//! Swarms: a random story from a seed, run for safety, then healed and asked for progress.
//!
//! A seed draws the cluster, its latencies and limits, a load and faults. While faults last nothing
//! may break a promise; once everything is healed the ensemble must serve again, decide a new
//! write and bring every server in step. A failure comes back as a story that reproduces it.

use crate::checkers::Promise;
use crate::checkers::Violation;
use crate::command::{ClientAct, ClientOp, Command, LinkChange};
use crate::peer::Peer;
use crate::rules::{Kind, RuleAct, Traffic};
use crate::scenario::{Act, Condition, Player, Story};
use crate::setup::Setup;
use crate::tally::Tally;
use crate::world::World;
use std::collections::BTreeSet;
use vivarium_protocol::base::{Gather, Rng, ServerId};
use vivarium_protocol::message::{Channel, PacketKind};
use vivarium_protocol::trace::Cause;

/// Clients of a swarm story, numbered from 1; one more asks for progress at the end.
const CLIENTS: u64 = 3;
/// In place of a line number: acts that shrinking may leave out, and the healing, which it may not.
const FAULTS: usize = 0;
const HEALING: usize = 1;
/// How long healing may take, microseconds of virtual time: several elections that fail, and one
/// longest pause between notifications.
const PATIENCE_US: u64 = 240_000_000;
/// How long what was sent over a lossy link may still be on its way, as a rule.
const DELAYED_US: u64 = 10_000_000;

/// Why a story failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A promise was broken.
    Broken(Promise, String),
    /// A server stopped by itself, though nothing was wrong with its disk.
    Halted(ServerId, String),
    /// After healing the ensemble did not come back.
    Stuck(String),
}

impl Failure {
    /// Whether two failures are of one kind, so that shrinking does not wander off.
    fn is_like(&self, other: &Failure) -> bool {
        match (self, other) {
            (Failure::Broken(a, _), Failure::Broken(b, _)) => a == b,
            (Failure::Halted(..), Failure::Halted(..)) => true,
            (Failure::Stuck(_), Failure::Stuck(_)) => true,
            (Failure::Broken(..) | Failure::Halted(..) | Failure::Stuck(_), _) => false,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Broken(promise, what) => write!(f, "breaks {promise}: {what}"),
            Failure::Halted(id, why) => write!(f, "{id} halted: {why}"),
            Failure::Stuck(what) => write!(f, "does not come back after healing: {what}"),
        }
    }
}

/// A run that failed, with the story that shows it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The seed that found it.
    pub seed: u64,
    /// What failed.
    pub failure: Failure,
    /// A story that fails in the same way.
    pub story: Story,
}

/// Runs one seed.
///
/// # Errors
/// What failed, with its story as it was drawn; [`shrink`] makes it shorter.
pub fn run(seed: u64) -> Result<Tally, Box<Found>> {
    play(seed, story(seed))
}

/// Plays a story as a swarm does: commands that do not fit are passed over.
///
/// # Errors
/// What failed, with the story.
pub fn play(seed: u64, story: Story) -> Result<Tally, Box<Found>> {
    match fate(&story) {
        Ok(tally) => Ok(tally),
        Err(failure) => Err(Box::new(Found { seed, failure, story })),
    }
}

/// The story that a seed draws.
#[must_use]
pub fn story(seed: u64) -> Story {
    let mut rng = Rng::seeded(seed);
    let setup = draw_setup(seed, &mut rng);
    let ids: Vec<ServerId> = setup.ensemble().members.keys().copied().collect();
    let mut acts = draw_acts(&mut rng, &ids);
    if setup.reconfig {
        // With fewer members a single disk may be one too many.
        acts.retain(|act| !matches!(act, Act::Do(Command::WipeDisk(_))));
        add_reconfigurations(seed, &ids, &mut acts);
    }
    let acts = acts.into_iter().map(|act| (FAULTS, act));
    let drawn: Vec<(usize, Act)> = acts.collect();
    let healing = healing(&ids, &drawn).into_iter().map(|act| (HEALING, act));
    let acts = drawn.into_iter().chain(healing).collect();
    Story {
        why: vec![format!("Swarm, seed {seed}.")],
        setup,
        leader: None,
        acts,
        record: String::new(),
    }
}

/// What a seed draws for an ensemble that somebody else has chosen: commands and waits alone, and
/// for the setup what a disk keeps.
#[must_use]
pub fn schedule(seed: u64, base: &Setup) -> (Setup, Vec<Act>) {
    let mut rng = Rng::seeded(seed);
    let setup = Setup {
        seed,
        snapshot_every: [0, 0, 3][rng.below(3) as usize],
        torn_crashes: rng.one_in(2),
        ..base.clone()
    };
    let ids: Vec<ServerId> = setup.ensemble().members.keys().copied().collect();
    let mut acts = draw_acts(&mut rng, &ids);
    // What a replaced disk forgets is judged by `fate` alone.
    acts.retain(|act| !matches!(act, Act::Do(Command::WipeDisk(_))));
    (setup, acts)
}

/// Puts changes of the members among the acts. They are drawn apart, so that the rest of a seed's
/// story does not depend on them.
fn add_reconfigurations(seed: u64, ids: &[ServerId], acts: &mut Vec<Act>) {
    let mut rng = Rng::seeded(!seed);
    for _ in 0..rng.between(2, 6) {
        let changed = vec![ids[rng.below(ids.len() as u64) as usize]];
        let (joining, leaving) =
            if rng.one_in(2) { (changed, Vec::new()) } else { (Vec::new(), changed) };
        let act = ClientAct::Request(ClientOp::Reconfig { joining, leaving });
        let client = rng.between(1, CLIENTS) as u32;
        let place = rng.between(CLIENTS + 1, acts.len() as u64) as usize;
        acts.insert(place, Act::Do(Command::Client { client, act }));
    }
}

fn draw_acts(rng: &mut Rng, ids: &[ServerId]) -> Vec<Act> {
    let mut acts = Vec::new();
    for client in 1..=CLIENTS {
        acts.push(Act::Do(Command::Client { client: client as u32, act: ClientAct::Roam }));
    }
    acts.push(Act::Wait(rng.between(100_000, 3_000_000)));
    for _ in 0..rng.between(15, 45) {
        draw_scene(rng, ids, &mut acts);
        if !rng.one_in(3) {
            acts.push(Act::Wait(draw_pause(rng)));
        }
    }
    acts
}

fn draw_setup(seed: u64, rng: &mut Rng) -> Setup {
    let sizes = [1, 2, 3, 3, 3, 3, 4, 5, 5];
    let slow = rng.between(200, 20_000);
    Setup {
        seed,
        participants: sizes[rng.below(sizes.len() as u64) as usize],
        observers: rng.below(5).saturating_sub(2) as u16,
        tick_time_ms: 500,
        latency_us: (100, slow),
        disk_latency_us: (100, rng.between(200, 40_000)),
        apply_latency_us: if rng.one_in(3) { (0, rng.between(1, 20_000)) } else { (0, 0) },
        snapshot_every: [0, 3, 10][rng.below(3) as usize],
        purge: rng.one_in(2),
        commit_log_count: [2, 8, 500][rng.below(3) as usize],
        torn_crashes: rng.one_in(2),
        codec: seed.is_multiple_of(8),
        reconfig: seed % 4 == 3,
        ..Setup::default()
    }
}

/// A single command, or something that takes several: a burst of requests, an island that works on
/// alone, a power cut.
fn draw_scene(rng: &mut Rng, ids: &[ServerId], acts: &mut Vec<Act>) {
    let any = ids[rng.below(ids.len() as u64) as usize];
    match rng.below(11) {
        0..=2 => draw_burst(rng, acts),
        3 => {
            let others: Vec<ServerId> = ids.iter().copied().filter(|id| *id != any).collect();
            let groups = [vec![any], others].into_iter().filter(|group| !group.is_empty());
            acts.push(Act::Do(Command::Partition(groups.collect())));
            draw_burst(rng, acts);
            acts.push(Act::Wait(draw_pause(rng)));
            acts.push(Act::Do(Command::Crash(any)));
            acts.push(Act::Do(Command::HealAll));
            acts.push(Act::Do(Command::Start(any)));
        }
        4 => {
            draw_burst(rng, acts);
            acts.extend(ids.iter().map(|id| Act::Do(Command::Crash(*id))));
            acts.push(Act::Do(Command::StartAll));
        }
        5 => {
            // A disk is replaced, if the others hold all that was on it.
            acts.push(Act::Do(Command::Crash(any)));
            acts.push(Act::Do(Command::WipeDisk(any)));
            acts.push(Act::Do(Command::Start(any)));
        }
        _ => acts.push(Act::Do(draw_command(rng, ids))),
    }
}

/// Requests close upon each other, from clients that were sent back to work if need be.
fn draw_burst(rng: &mut Rng, acts: &mut Vec<Act>) {
    for client in 1..=CLIENTS as u32 {
        if rng.one_in(4) {
            acts.push(Act::Do(Command::Client { client, act: ClientAct::Roam }));
            acts.push(Act::Wait(rng.between(1_000, 100_000)));
        }
    }
    for _ in 0..rng.between(2, 8) {
        acts.push(Act::Do(draw_client(rng)));
        acts.push(Act::Wait(rng.between(0, 8_000)));
    }
}

fn draw_pause(rng: &mut Rng) -> u64 {
    let longest = [2_000, 30_000, 400_000, 4_000_000][rng.below(4) as usize];
    rng.between(0, longest)
}

fn draw_command(rng: &mut Rng, ids: &[ServerId]) -> Command {
    let any = |rng: &mut Rng| ids[rng.below(ids.len() as u64) as usize];
    let (a, b) = (any(rng), any(rng));
    let b = if a == b { ids[(b.0 as usize) % ids.len()] } else { b };
    match rng.below(55) {
        0..=13 => draw_client(rng),
        14..=17 => Command::Crash(a),
        18..=22 => Command::Start(a),
        23 => Command::StartAll,
        24..=25 => draw_partition(rng, ids),
        26..=27 => Command::CutOneWay { from: a, to: b },
        28 => Command::CutBoth { a, b },
        29..=31 => Command::HealAll,
        32 => Command::DropConnection { a, b, channel: Channel::Quorum },
        33 => Command::DropConnection { a, b, channel: Channel::Election },
        34 => Command::StallDisk(a),
        35 => Command::WakeDisk(a),
        36 => Command::Pause(a),
        37 => Command::Resume(a),
        38 => Command::Latency { a, b, us: rng.between(100, 300_000) },
        39..=44 if a != b => Command::Link { from: a, to: b, change: draw_link(rng) },
        45..=47 => Command::SlowDisk { server: a, us: draw_slowness(rng) },
        48..=50 => Command::TearDisk { server: a, kept: rng.below(4) },
        51 | 52 => draw_rule(rng, a, b),
        _ => Command::Snapshot(a),
    }
}

/// A kind of message that waits from now on, or one whose wait is over.
fn draw_rule(rng: &mut Rng, from: ServerId, to: ServerId) -> Command {
    use PacketKind::{Ack, Commit, NewLeader, Proposal};
    let kinds = [Proposal, Ack, Commit, NewLeader].map(|kind| Some(Kind::Packet(kind)));
    let kind = [None, Some(Kind::Vote)].into_iter().chain(kinds);
    let kind = kind.collect::<Vec<_>>()[rng.below(6) as usize];
    let traffic = Traffic { kind, from: Some(from), to: (!rng.one_in(3)).then_some(to) };
    let acts = [RuleAct::Hold, RuleAct::Hold, RuleAct::Release, RuleAct::Discard];
    Command::Rule { act: acts[rng.below(4) as usize], traffic }
}

fn draw_link(rng: &mut Rng) -> LinkChange {
    match rng.below(7) {
        0 | 1 => {
            let least = rng.between(100, 100_000);
            LinkChange::Delay { least, most: least + rng.between(0, 300_000) }
        }
        2 | 3 => LinkChange::Loss { percent: rng.between(1, 60) as u8 },
        4 | 5 => LinkChange::Bandwidth { bytes: Some(rng.between(500, 100_000)) },
        _ => LinkChange::Normal,
    }
}

fn draw_slowness(rng: &mut Rng) -> Option<u64> {
    if rng.one_in(4) { None } else { Some(rng.between(1_000, 400_000)) }
}

fn draw_partition(rng: &mut Rng, ids: &[ServerId]) -> Command {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for id in ids {
        if rng.one_in(2) { left.push(*id) } else { right.push(*id) }
    }
    Command::Partition([left, right].into_iter().filter(|group| !group.is_empty()).collect())
}

fn draw_client(rng: &mut Rng) -> Command {
    let client = rng.between(1, CLIENTS) as u32;
    let path = format!("/{}", ["a", "b", "c"][rng.below(3) as usize]);
    let data = rng.below(100).to_string();
    let act = match rng.below(20) {
        0 => ClientAct::Disconnect,
        1 => ClientAct::Request(ClientOp::Close),
        2 | 16 => ClientAct::Roam,
        3..=6 => {
            let (ephemeral, sequential) = (rng.one_in(3), rng.one_in(3));
            ClientAct::Request(ClientOp::Create { path, data, ephemeral, sequential })
        }
        7..=10 => ClientAct::Request(ClientOp::Set { path, data, version: -1 }),
        11 => ClientAct::Request(ClientOp::Delete { path, version: -1 }),
        12 => ClientAct::Request(ClientOp::Get { path, watch: true }),
        13 => ClientAct::Request(ClientOp::Sync { path }),
        14 => ClientAct::Request(ClientOp::Children { path: "/".to_owned(), watch: true }),
        15 => ClientAct::Request(ClientOp::Exists { path, watch: true }),
        _ => ClientAct::Request(ClientOp::Multi(vec![
            ClientOp::Set { path: path.clone(), data: data.clone(), version: -1 },
            ClientOp::Create { path: format!("{path}x"), data, ephemeral: false, sequential: true },
        ])),
    };
    Command::Client { client, act }
}

/// Repairs everything and demands a new write, decided and applied everywhere.
fn healing(ids: &[ServerId], drawn: &[(usize, Act)]) -> Vec<Act> {
    let last = CLIENTS as u32 + 1;
    let until = |condition| Act::Until { condition, within_us: PATIENCE_US };
    let path = "/last".to_owned();
    let ask = ClientOp::Create { path, data: String::new(), ephemeral: false, sequential: true };
    let everything = Traffic { kind: None, from: None, to: None };
    let release = Command::Rule { act: RuleAct::Release, traffic: everything };
    let mut acts = vec![Act::Do(Command::HealAll), Act::Do(release)];
    acts.extend(drawn.iter().filter_map(|(_, act)| back_to_normal(act)));
    for id in ids {
        acts.push(Act::Do(Command::Resume(*id)));
        acts.push(Act::Do(Command::WakeDisk(*id)));
    }
    acts.push(Act::Do(Command::StartAll));
    acts.push(until(Condition::Serving));
    // What a lossy link delayed comes first: a session opened behind it could expire before its
    // client hears of it, as in ZooKeeper.
    acts.push(Act::Wait(DELAYED_US));
    acts.push(Act::Do(Command::Client { client: last, act: ClientAct::Roam }));
    acts.push(until(Condition::Connected(last)));
    acts.push(Act::Do(Command::Client { client: last, act: ClientAct::Request(ask) }));
    acts.push(until(Condition::Answered(last)));
    acts.push(until(Condition::Settled));
    acts
}

/// What takes back a fault that no general command does. A latency stays: it is no fault.
fn back_to_normal(act: &Act) -> Option<Act> {
    let Act::Do(command) = act else { return None };
    if let Command::Link { from, to, .. } = command {
        let (from, to) = (*from, *to);
        return Some(Act::Do(Command::Link { from, to, change: LinkChange::Normal }));
    }
    let Command::SlowDisk { server, us: Some(_) } = command else { return None };
    Some(Act::Do(Command::SlowDisk { server: *server, us: None }))
}

/// Whether an ensemble survives that the disk of `id`, which is down, is replaced by an empty one:
/// the other participants, all of them and a quorum, have on disk what this one has, and have
/// promised as much. A server
/// that loses what it promised alone breaks the protocol's assumptions, as an exhibit shows.
fn may_be_wiped(world: &World, id: ServerId) -> bool {
    let ensemble = world.ensemble();
    if !ensemble.is_participant(id) {
        return true;
    }
    let Some(own) = world.peer(id).map(|peer| peer.disk.durable()) else { return false };
    let last = own.last_zxid().max(world.checkers().last_decided());
    let others: Vec<&Peer> =
        world.peers().filter(|it| it.id != id && ensemble.is_participant(it.id)).collect();
    let covers = |peer: &&Peer| {
        let disk = peer.disk.durable();
        disk.last_zxid() >= last
            && disk.accepted_epoch >= own.accepted_epoch
            && disk.current_epoch >= own.current_epoch
    };
    let ids = others.iter().map(|peer| peer.id).gather();
    ensemble.is_quorum(&ids) && others.iter().all(covers)
}

/// Whether a drawn story may do this now. It replaces no disk that holds what no other quorum does:
/// what such a disk takes with it, no protocol can bring back. Who plays a drawn story passes over
/// what it may not do.
#[must_use]
pub fn may_do(world: &World, act: &Act) -> bool {
    match act {
        Act::Do(Command::WipeDisk(id)) => may_be_wiped(world, *id),
        Act::Do(_) | Act::Until { .. } | Act::Expect { .. } | Act::Wait(_) | Act::Named(_) => true,
    }
}

/// What a replaced disk forgets by being empty is no fault of the protocol.
fn is_excused(violation: &Violation, wiped: &BTreeSet<ServerId>) -> bool {
    violation.promise == Promise::Epochs
        && wiped.contains(&violation.peer)
        && violation.what.values.last().is_some_and(|to| to == "0")
}

/// Plays a story for its failures: commands that do not fit are passed over.
fn fate(story: &Story) -> Result<Tally, Failure> {
    let mut player = Player::quick(&story.setup);
    let mut halted = None;
    let mut wiped = BTreeSet::new();
    for (line, act) in &story.acts {
        if !may_do(&player.world, act) {
            continue;
        }
        if let Act::Do(Command::WipeDisk(id)) = act {
            wiped.insert(*id);
        }
        let played = player.act(*line, act, &mut |world, frame| {
            let peer = frame.peer.filter(|_| frame.cause == Cause::Crashed);
            let why = peer.and_then(|id| Some((id, world.peer(id)?.halted.clone()?)));
            halted = halted.take().or(why);
        });
        let mut broken = player.world.violations().iter();
        if let Some(violation) = broken.find(|violation| !is_excused(violation, &wiped)) {
            return Err(Failure::Broken(violation.promise, violation.what.to_string()));
        }
        if let Some((id, why)) = halted {
            return Err(Failure::Halted(id, why));
        }
        if let (Err(error), Act::Until { .. } | Act::Expect { .. } | Act::Named(_)) = (played, act)
        {
            return Err(Failure::Stuck(error.to_string()));
        }
    }
    Ok(player.world.tally())
}

/// Makes a failing story shorter while it fails in the same way: leaves out halves, quarters …
/// single acts, and servers' settings that do not matter. At most `attempts` runs.
#[must_use]
pub fn shrink(found: &Found, attempts: usize) -> Found {
    let mut best = found.clone();
    let mut left = attempts;
    let faults = |story: &Story| story.acts.iter().filter(|(line, _)| *line == FAULTS).count();
    let mut size = faults(&best.story).div_ceil(2);
    while size > 0 && left > 0 {
        let (mut start, before) = (0, faults(&best.story));
        while start < faults(&best.story) && left > 0 {
            let mut story = best.story.clone();
            story.acts.drain(start..(start + size).min(faults(&story)));
            left -= 1;
            match fate(&story) {
                Err(failure) if failure.is_like(&best.failure) => {
                    best = Found { seed: found.seed, failure, story };
                }
                Err(_) | Ok(_) => start += size,
            }
        }
        if size > 1 || faults(&best.story) == before {
            size /= 2;
        }
    }
    best
}
