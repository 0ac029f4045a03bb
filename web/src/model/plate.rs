//! What one plate shows: its server, and what bears on it of the others and of the world outside.
//!
//! Invariant: a plate is drawn from this value and from the time alone, so that a plate whose value
//! is the same as before need not be drawn again. What moves with time itself (the ring and the
//! seconds of a timer) is not part of it.

use std::rc::Rc;

use vivarium_protocol::base::{Epoch, ServerId, Time, Zxid};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Timer, TimerStatus};

use super::outside::Outside;
use super::scene::{CellState, Field, Scene, ServerView};

/// How long a changed value stays marked, in microseconds of virtual time.
pub const MARKED_US: u64 = 60_000;
/// Cells of a log that a plate shows; older ones collapse to a number.
const CELLS: usize = 9;

/// One cell of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its place in the order.
    pub zxid: Zxid,
    /// How it stands.
    pub state: CellState,
    /// Who led its epoch, if that is known: the cell wears that server's hue.
    pub leader: Option<ServerId>,
}

/// Everything that one plate shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlateView {
    /// The server.
    pub server: Rc<ServerView>,
    /// Whether its machine takes no step.
    pub paused: bool,
    /// Whether its disk completes nothing.
    pub stalled: bool,
    /// The epoch that it leads, once it has one of its own.
    pub leads: Option<Epoch>,
    /// How many servers vote in its ensemble.
    pub voters: usize,
    /// The end of its log, oldest cell first.
    pub cells: Vec<Cell>,
    /// How many cells are older than those.
    pub older: usize,
    /// Who led the epoch of the snapshot that its log stands on.
    pub base_leader: Option<ServerId>,
    /// Entries that its leader is still to send.
    pub missing: usize,
    /// Entries that its leader told it to cut off.
    pub cut: usize,
    /// Entries that no other server has; counted only while it is down.
    pub only_here: usize,
    /// Whether the vote, the accepted and the current epoch changed just now.
    pub changed: [bool; 3],
}

impl PlateView {
    /// The plate of a server at a moment; `None` for a server that is not in the scene.
    #[must_use]
    pub fn of(id: ServerId, scene: &Scene, outside: &Outside, now: Time) -> Option<PlateView> {
        let server = scene.servers.get(&id)?;
        let leader_of = |zxid: Zxid| scene.leaders.get(&zxid.epoch()).copied();
        let all = scene.cells(server);
        let older = all.len().saturating_sub(CELLS);
        let count = |wanted| all.iter().filter(|(_, state)| *state == wanted).count();
        let (missing, cut) = match server.plan {
            Some(_) => (count(CellState::Missing), count(CellState::ToBeCut)),
            None => (0, 0),
        };
        let cell = |(zxid, state): &(Zxid, CellState)| {
            let (zxid, state) = (*zxid, *state);
            Cell { zxid, state, leader: leader_of(zxid) }
        };
        let fields = [Field::Vote, Field::AcceptedEpoch, Field::CurrentEpoch];
        Some(PlateView {
            paused: outside.paused.contains(&id),
            stalled: outside.stalled.contains(&id),
            leads: server.leads_epoch(scene),
            voters: scene.voters(),
            cells: all[older..].iter().map(cell).collect(),
            older,
            base_leader: leader_of(server.base),
            missing,
            cut,
            only_here: if server.up { 0 } else { only_here(server, scene) },
            changed: fields.map(|field| server.just_changed(field, now, MARKED_US).is_some()),
            server: server.clone(),
        })
    }

    /// The deadline that the ring shows, while there is a process to keep it.
    #[must_use]
    pub fn timer(&self) -> Option<TimerStatus> {
        let runs = self.server.up && !self.paused;
        timer(&self.server).map(|(_, timer)| timer).filter(|_| runs)
    }

    /// The server's state in one word, as ZooKeeper names it.
    #[must_use]
    pub fn state(&self) -> &'static str {
        if self.server.up { self.server.status.role.name() } else { "DOWN" }
    }

    /// Whether it leads.
    #[must_use]
    pub fn is_leading(&self) -> bool {
        self.server.up && self.server.status.role == PeerState::Leading
    }
}

/// The deadline that a server's ring shows: the one that says what it is waiting for.
#[must_use]
pub fn timer(server: &ServerView) -> Option<(Timer, TimerStatus)> {
    let order = [
        Timer::FinalizeWait,
        Timer::Resend,
        Timer::InitLimit,
        Timer::LeaderSilence,
        Timer::HalfTick,
        Timer::Pause,
    ];
    let set = |timer: Timer| server.status.timers.get(&timer).map(|status| (timer, *status));
    order.into_iter().find_map(set)
}

/// What is left of a deadline, from 1 down to 0.
#[must_use]
pub fn left(timer: TimerStatus, now: Time) -> f64 {
    let whole = timer.at.since(timer.from).max(1) as f64;
    timer.at.since(now) as f64 / whole
}

/// Entries that no other server has.
fn only_here(server: &ServerView, scene: &Scene) -> usize {
    let holds = |other: &ServerView, zxid: Zxid| {
        let place = other.log.binary_search_by_key(&zxid, |entry| entry.zxid);
        other.base >= zxid || place.is_ok()
    };
    let known =
        |zxid| scene.servers.values().any(|other| other.id != server.id && holds(other, zxid));
    server.log.iter().filter(|entry| !known(entry.zxid)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::playback::{Playback, Until};
    use vivarium_protocol::trace::{Decision, Frame, TraceEvent};
    use vivarium_sim::{Command, Setup};

    fn plates(playback: &Playback) -> Vec<PlateView> {
        let outside = Outside::of(playback.timeline().world());
        let (scene, now) = (playback.scene(), playback.now());
        let ids = scene.servers.keys();
        ids.filter_map(|id| PlateView::of(*id, scene, &outside, now)).collect()
    }

    fn serving() -> Playback {
        let mut playback = Playback::new(Setup { participants: 9, ..Setup::default() });
        assert!(playback.run_until(Until::Serving));
        playback
    }

    /// Whom a step is about: the server that took it, and the learners that it tells something.
    fn concerned(frame: &Frame) -> Vec<ServerId> {
        let told = frame.events.iter().filter_map(|event| match event {
            TraceEvent::Decided(
                Decision::SyncPlanned { learner, .. } | Decision::Learner { learner, .. },
            ) => Some(*learner),
            TraceEvent::Decided(_) | TraceEvent::Travelled(_) => None,
        });
        frame.peer.into_iter().chain(told).collect()
    }

    #[test]
    fn a_step_changes_the_plates_that_it_concerns_and_leaves_the_others() {
        let mut playback = serving();
        let (mut changed, mut silent) = (0, 0);
        for _ in 0..400 {
            let before = plates(&playback);
            playback.step_forward();
            let after = plates(&playback);
            let frame = playback.last_frame().expect("a step was taken");
            let concerned = concerned(frame);
            for (a, b) in before.iter().zip(&after) {
                let same = Rc::ptr_eq(&a.server, &b.server);
                let id = a.server.id;
                assert!(same || concerned.contains(&id), "step {} changed {id}", frame.step);
            }
            let count = before.iter().zip(&after).filter(|(a, b)| a != b).count();
            changed += count;
            silent += usize::from(count == 0);
        }
        assert!(silent > 50, "many a message changes no plate at all: {silent}");
        assert!((1..800).contains(&changed), "hardly two of nine in a step: {changed} in 400");
    }

    #[test]
    fn a_server_that_is_down_tells_how_many_entries_it_alone_has() {
        let mut playback = serving();
        let leader = playback.scene().leader().expect("it serves").id;
        playback.command(Command::Crash(leader)).expect("a leader may crash");
        let plates = plates(&playback);
        let down = plates.iter().find(|plate| plate.server.id == leader).expect("it has a plate");
        assert_eq!((down.state(), down.only_here, down.timer()), ("DOWN", 0, None));
    }
}
