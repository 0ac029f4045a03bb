//! What one plate shows: its server, and what bears on it of the others and of the world outside.
//!
//! Invariant: a plate is drawn from this value and from the time alone, so that a plate whose value
//! is the same as before need not be drawn again. What moves with time itself (the ring and the
//! seconds of a timer) is not part of it.

use std::rc::Rc;

use vivarium_protocol::base::{Epoch, ServerId, Time, Zxid};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::TimerStatus;

use super::outside::Outside;
use super::scene::{CellState, Entry, Field, Scene, ServerView};
use super::strips::{Columns, Strip};
use super::timers::{self, Limits};

/// How long a changed value stays marked, in microseconds of virtual time.
pub const MARKED_US: u64 = 60_000;
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
    /// Its log, in the columns of every plate.
    pub strip: Rc<Strip>,
    /// What its zoo.cfg says about patience, unless it has a file of its own.
    pub limits: Option<Limits>,
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
    pub fn of(
        id: ServerId,
        scene: &Scene,
        outside: &Outside,
        columns: &Columns,
        limits: Option<Limits>,
        now: Time,
    ) -> Option<PlateView> {
        let server = scene.servers.get(&id)?;
        let to_be_cut = |entry: &&Entry| scene.cell_state(server, entry.zxid) == CellState::ToBeCut;
        let (missing, cut) = match server.plan {
            Some(_) => (
                scene.missing_from(server, Zxid::ZERO).len(),
                server.log.iter().rev().take_while(to_be_cut).count(),
            ),
            None => (0, 0),
        };
        let fields = [Field::Vote, Field::AcceptedEpoch, Field::CurrentEpoch];
        Some(PlateView {
            paused: outside.paused.contains(&id),
            stalled: outside.stalled.contains(&id),
            leads: server.leads_epoch(scene),
            voters: scene.voters(),
            strip: Rc::new(columns.strip(scene, server)),
            limits,
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
        timers::foremost(&self.server).map(|(_, timer)| timer).filter(|_| runs)
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
    use crate::model::layout::PlateSize;
    use crate::model::playback::{Playback, Until};
    use vivarium_protocol::trace::{Decision, Frame, TraceEvent};
    use vivarium_sim::{Command, Setup};

    fn plates(playback: &Playback) -> Vec<PlateView> {
        let outside = Outside::of(playback.timeline().world());
        let (scene, now) = (playback.scene(), playback.now());
        let columns = Columns::of(scene, PlateSize::Full);
        let plate = |id: &ServerId| PlateView::of(*id, scene, &outside, &columns, None, now);
        scene.servers.keys().filter_map(plate).collect()
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
