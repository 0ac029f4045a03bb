//! A server's start as the boot view tells it: what is registered, what is connected, where the
//! main loop stands, and what a leader or a learner sets up next.
//!
//! Invariant: everything here is read off one scene, so it moves with the playhead both ways.

use vivarium_protocol::base::{Arrange, ServerId};
use vivarium_protocol::message::{Channel, PeerState};
use vivarium_protocol::trace::{BootPart, LearnerPhase, SyncMode};

use super::scene::{Scene, ServerView};

/// A box of the boot view that lights up when its part is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// zoo.cfg was read: one server or an ensemble.
    Mode,
    /// `ServerCnxnFactory`.
    Clients,
    /// `FileTxnSnapLog`.
    Log,
    /// `electionAlg`.
    Algorithm,
    /// Session timeouts.
    Timeouts,
    /// The server list.
    Servers,
    /// `QuorumCnxManager`.
    Manager,
    /// Its listener.
    Listener,
}

impl Slot {
    /// The slot of a part.
    #[must_use]
    pub fn of(part: &BootPart) -> Slot {
        match part {
            BootPart::Mode { .. } => Slot::Mode,
            BootPart::ClientConnections => Slot::Clients,
            BootPart::LogAndSnapshots => Slot::Log,
            BootPart::ElectionAlgorithm { .. } => Slot::Algorithm,
            BootPart::SessionTimeouts { .. } => Slot::Timeouts,
            BootPart::ServerList { .. } => Slot::Servers,
            BootPart::ConnectionManager => Slot::Manager,
            BootPart::Listener { .. } => Slot::Listener,
        }
    }
}

/// The part in a slot with its place in the order of registration, from 1; `None` until it is
/// registered.
#[must_use]
pub fn registered(server: &ServerView, slot: Slot) -> Option<(usize, BootPart)> {
    let at = server.boot.iter().position(|part| Slot::of(part) == slot)?;
    Some((at + 1, server.boot[at]))
}

/// Whether zoo.cfg named an ensemble; `None` before it was read.
#[must_use]
pub fn is_ensemble(server: &ServerView) -> Option<bool> {
    let BootPart::Mode { standalone } = registered(server, Slot::Mode)?.1 else { return None };
    Some(!standalone)
}

/// A connection of a server as its two ends agreed on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// With whom.
    pub peer: ServerId,
    /// Which.
    pub channel: Channel,
    /// Whether this server dialled it. On the election channel the larger id dials; on the quorum
    /// channel the learner does, for only a leader listens there.
    pub dialled: bool,
}

/// The connections that a server holds on one channel.
#[must_use]
pub fn connections(server: &ServerView, channel: Channel) -> Vec<Connection> {
    let of_channel = server.links.iter().filter(|(of, _)| *of == channel);
    let whole = of_channel.map(|(channel, peer)| Connection {
        peer: *peer,
        channel: *channel,
        dialled: match channel {
            Channel::Election => server.id > *peer,
            Channel::Quorum => server.status.role != PeerState::Leading,
        },
    });
    whole.collect()
}

/// A leader's `LearnerHandler`: one for each learner that reached its quorum port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// Whose.
    pub learner: ServerId,
    /// How far it is; `None` while nothing was heard on the connection.
    pub phase: Option<LearnerPhase>,
    /// How the learner is brought up to date.
    pub sync: Option<SyncMode>,
}

/// The handlers in a leader, by learner; empty for anybody else.
#[must_use]
pub fn handlers(server: &ServerView) -> Vec<Handler> {
    if !server.up || server.status.role != PeerState::Leading {
        return Vec::new();
    }
    let connected = connections(server, Channel::Quorum).into_iter().map(|link| link.peer);
    let known = server.status.learners.keys().copied();
    let mut ids: Vec<ServerId> = connected.chain(known).filter(|id| *id != server.id).collect();
    ids.arrange(|id| *id);
    ids.dedup();
    let handler = |learner: ServerId| {
        let status = server.status.learners.get(&learner);
        Handler {
            learner,
            phase: status.map(|status| status.phase),
            sync: status.and_then(|status| status.sync),
        }
    };
    ids.into_iter().map(handler).collect()
}

/// The leader that a learner has, and its own handler there once there is one.
#[must_use]
pub fn own_handler(server: &ServerView, scene: &Scene) -> Option<(ServerId, Option<Handler>)> {
    let leader = server.status.leader.filter(|leader| server.up && *leader != server.id)?;
    let of_leader = scene.servers.get(&leader).map(|leader| handlers(leader)).unwrap_or_default();
    Some((leader, of_leader.into_iter().find(|handler| handler.learner == server.id)))
}

/// Whether a leader's `LearnerCnxAcceptor` waits on the quorum port: in an ensemble, while it
/// leads.
#[must_use]
pub fn acceptor(server: &ServerView) -> bool {
    let leads = server.up && server.status.role == PeerState::Leading;
    leads && is_ensemble(server) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::playback::{Playback, Until};
    use vivarium_sim::{Command, Setup};

    const ALL: [Slot; 8] = [
        Slot::Mode,
        Slot::Clients,
        Slot::Log,
        Slot::Algorithm,
        Slot::Timeouts,
        Slot::Servers,
        Slot::Manager,
        Slot::Listener,
    ];

    fn lit(server: &ServerView) -> usize {
        ALL.into_iter().filter(|slot| registered(server, *slot).is_some()).count()
    }

    #[test]
    fn every_part_of_a_member_lights_up_when_it_starts_and_goes_dark_when_it_crashes() {
        let mut playback = Playback::new(Setup::default());
        let id = ServerId(2);
        assert_eq!(lit(&playback.scene().servers[&id]), 0, "nothing runs before the first step");
        while lit(&playback.scene().servers[&id]) == 0 {
            assert!(playback.step_forward());
        }
        let server = &playback.scene().servers[&id];
        assert_eq!(lit(server), 8);
        assert_eq!(is_ensemble(server), Some(true));
        let order: Vec<usize> =
            ALL.into_iter().filter_map(|slot| Some(registered(server, slot)?.0)).collect();
        assert_eq!(order, [1, 2, 3, 4, 5, 6, 7, 8]);
        playback.step_back();
        assert_eq!(lit(&playback.scene().servers[&id]), 0, "and dark again one step back");
        playback.step_forward();
        playback.command(Command::Crash(id)).unwrap();
        assert_eq!(lit(&playback.scene().servers[&id]), 0);
    }

    #[test]
    fn one_server_alone_registers_no_election() {
        let setup = Setup { participants: 1, standalone: true, ..Setup::default() };
        let mut playback = Playback::new(setup);
        playback.run_until(Until::Serving);
        let server = &playback.scene().servers[&ServerId(1)];
        assert_eq!(is_ensemble(server), Some(false));
        assert_eq!(registered(server, Slot::Listener), None);
        assert_eq!(registered(server, Slot::Algorithm), None);
        assert!(!acceptor(server));
    }

    #[test]
    fn the_leader_has_a_handler_for_each_learner_that_dialled_it() {
        let mut playback = Playback::new(Setup::default());
        assert!(playback.run_until(Until::Serving));
        for _ in 0..200 {
            playback.step_forward();
        }
        let scene = playback.scene();
        let leader = scene.leader().expect("somebody leads");
        assert!(acceptor(leader));
        let handlers = handlers(leader);
        assert_eq!(handlers.len(), scene.servers.len() - 1);
        assert!(handlers.iter().all(|one| one.phase == Some(LearnerPhase::UpToDate)));
        for learner in scene.servers.values().filter(|server| server.id != leader.id) {
            let (whose, own) = own_handler(learner, scene).expect("it follows");
            assert_eq!((whose, own.unwrap().learner), (leader.id, learner.id));
            let dialled = connections(learner, Channel::Quorum);
            assert!(dialled.iter().all(|link| link.dialled && link.peer == leader.id));
            for link in connections(learner, Channel::Election) {
                assert_eq!(link.dialled, learner.id > link.peer, "the larger id dials");
            }
        }
    }
}
