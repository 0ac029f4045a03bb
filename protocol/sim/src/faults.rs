//! Carrying out commands: what a visitor, a story or a swarm does to the world.

use std::sync::Arc;

use vivarium_protocol::base::{Gather, ServerId, SortedSet, Zxid};
use vivarium_protocol::message::Channel;
use vivarium_protocol::replica::{DataTree, Replica};

use crate::agenda::Event;
use crate::command::{Command, CommandError, LinkChange};
use crate::disk::Disk;
use crate::network::LinkFault;
use crate::world::World;

impl World {
    /// Does what a command says; what follows from it at once goes to the front of the agenda.
    pub(crate) fn carry_out(&mut self, command: &Command) -> Result<(), CommandError> {
        match command {
            Command::Start(id) => self.command_start(*id),
            Command::StartAll => {
                for id in self.ids(|peer| !peer.is_up()) {
                    self.at_once(Event::Start(id));
                }
                Ok(())
            }
            Command::Crash(id) => {
                self.up(*id)?;
                self.at_once(Event::Crash(*id, None));
                Ok(())
            }
            Command::Partition(groups) => self.partition(groups),
            Command::CutOneWay { from, to } => self.cut(&[(*from, *to)]),
            Command::CutBoth { a, b } => self.cut(&[(*a, *b), (*b, *a)]),
            Command::HealAll => {
                let cuts: Vec<_> = self.faults.cuts.iter().copied().collect();
                self.heal(&cuts);
                Ok(())
            }
            Command::Heal { from, to } => {
                self.known(*from)?;
                self.known(*to)?;
                self.heal(&[(*from, *to)]);
                Ok(())
            }
            Command::DropConnection { a, b, channel } => self.drop_connection(*a, *b, *channel),
            Command::StallDisk(id) => self.stall(*id),
            Command::WakeDisk(id) => self.wake(*id),
            Command::Pause(id) => self.pause(*id),
            Command::Resume(id) => self.resume(*id),
            Command::Latency { a, b, us } => {
                let change = LinkChange::Delay { least: *us, most: *us };
                self.change_link(*a, *b, change)?;
                self.change_link(*b, *a, change)
            }
            Command::Link { from, to, change } => self.change_link(*from, *to, *change),
            Command::SlowDisk { server, us } => self.slow(*server, *us),
            Command::WipeDisk(id) => self.wipe(*id),
            Command::TearDisk { server, kept } => self.tear(*server, *kept),
            Command::Message { id, act } => self.message_act(*id, *act),
            Command::Rule { act, traffic } => self.rule(*act, *traffic),
            Command::Configure { server, file } => self.configure(*server, file),
            Command::Snapshot(id) => {
                self.up(*id)?;
                if let Some(peer) = self.peers.get_mut(id) {
                    peer.snapshot();
                }
                Ok(())
            }
            Command::Client { client, act } => self.client_acts(*client, act),
        }
    }

    fn ids(&self, which: impl Fn(&crate::peer::Peer) -> bool) -> Vec<ServerId> {
        self.peers.values().filter(|peer| which(peer)).map(|peer| peer.id).collect()
    }

    fn known(&self, id: ServerId) -> Result<(), CommandError> {
        if self.peers.contains_key(&id) { Ok(()) } else { Err(CommandError::NoSuchServer(id)) }
    }

    fn up(&self, id: ServerId) -> Result<(), CommandError> {
        self.known(id)?;
        if self.peers[&id].is_up() { Ok(()) } else { Err(CommandError::Down(id)) }
    }

    fn command_start(&mut self, id: ServerId) -> Result<(), CommandError> {
        self.known(id)?;
        if self.peers[&id].is_up() {
            return Err(CommandError::AlreadyUp(id));
        }
        self.at_once(Event::Start(id));
        Ok(())
    }

    fn partition(&mut self, groups: &[Vec<ServerId>]) -> Result<(), CommandError> {
        for id in groups.iter().flatten() {
            self.known(*id)?;
        }
        let group_of = |id: &ServerId| groups.iter().position(|group| group.contains(id));
        let ids: Vec<ServerId> = self.peers.keys().copied().collect();
        let mut apart = SortedSet::new();
        for from in &ids {
            let others = ids.iter().filter(|to| *to != from);
            let away = others.filter(|to| group_of(to).is_none() || group_of(to) != group_of(from));
            apart.extend(away.map(|to| (*from, *to)));
        }
        let joined: Vec<_> = self.faults.cuts.difference(&apart).copied().collect();
        self.heal(&joined);
        let apart: Vec<_> = apart.into_iter().collect();
        self.cut(&apart)
    }

    /// Cuts directions: what is on its way there is lost.
    fn cut(&mut self, directions: &[(ServerId, ServerId)]) -> Result<(), CommandError> {
        for (from, to) in directions {
            self.known(*from)?;
            self.known(*to)?;
            if from == to {
                return Err(CommandError::Itself(*from));
            }
        }
        for (from, to) in directions {
            self.faults.cuts.insert((*from, *to));
            let between = self.agenda.flights_mut().filter(|(_, flight)| {
                !flight.lost && (flight.id.from, flight.id.to) == (*from, *to)
            });
            let conns: SortedSet<u64> = between.map(|(conn, _)| conn).gather();
            for conn in conns {
                self.break_lane(conn, *from);
            }
        }
        Ok(())
    }

    /// Repairs directions. A connection that lost something there breaks now: TCP would find out
    /// with the next segment.
    fn heal(&mut self, directions: &[(ServerId, ServerId)]) {
        for (from, to) in directions {
            if !self.faults.cuts.remove(&(*from, *to)) {
                continue;
            }
            for channel in [Channel::Election, Channel::Quorum] {
                let Some(end) = self.net.ends.get(&(*from, *to, channel)).copied() else {
                    continue;
                };
                let broken = self.net.conns.get_mut(&end.conn);
                if broken.is_some_and(|made| made.lane(*from).broken) {
                    let at = self.now + self.latency(*from, *to);
                    let (owner, other, conn) = (*to, *from, end.conn);
                    self.later(at, Event::Fin { owner, other, channel, conn });
                    let at = at + self.latency(*to, *from);
                    let (owner, other) = (*from, *to);
                    self.later(at, Event::Fin { owner, other, channel, conn });
                }
            }
        }
    }

    fn drop_connection(
        &mut self,
        a: ServerId,
        b: ServerId,
        channel: Channel,
    ) -> Result<(), CommandError> {
        self.known(a)?;
        self.known(b)?;
        let end = self.net.ends.get(&(a, b, channel)).or(self.net.ends.get(&(b, a, channel)));
        let conn = end.map(|end| end.conn).ok_or(CommandError::NoConnection(a, b))?;
        self.reset(conn);
        Ok(())
    }

    fn stall(&mut self, id: ServerId) -> Result<(), CommandError> {
        self.up(id)?;
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.disk.stall();
        }
        self.faults.stalled.insert(id);
        self.agenda.retain(|event| !matches!(event, Event::Synced(peer) if *peer == id));
        Ok(())
    }

    fn wake(&mut self, id: ServerId) -> Result<(), CommandError> {
        self.known(id)?;
        self.faults.stalled.remove(&id);
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.disk.wake();
        }
        self.sync(id);
        Ok(())
    }

    fn change_link(
        &mut self,
        from: ServerId,
        to: ServerId,
        change: LinkChange,
    ) -> Result<(), CommandError> {
        self.known(from)?;
        self.known(to)?;
        let link = self.faults.links.entry((from, to)).or_default();
        match change {
            LinkChange::Delay { least, most } => link.delay = Some((least, most.max(least))),
            LinkChange::Loss { percent } => link.loss = percent.min(95),
            LinkChange::Bandwidth { bytes } => link.bandwidth = bytes.map(|bytes| bytes.max(1)),
            LinkChange::Normal => *link = LinkFault::default(),
        }
        if link.bandwidth.is_none() {
            self.net.busy.remove(&(from, to));
        }
        if *link == LinkFault::default() {
            self.faults.links.remove(&(from, to));
        }
        Ok(())
    }

    fn slow(&mut self, id: ServerId, us: Option<u64>) -> Result<(), CommandError> {
        self.known(id)?;
        match us {
            Some(us) => self.faults.slow.insert(id, us),
            None => self.faults.slow.remove(&id),
        };
        Ok(())
    }

    fn wipe(&mut self, id: ServerId) -> Result<(), CommandError> {
        self.known(id)?;
        let Some(peer) = self.peers.get_mut(&id).filter(|peer| !peer.is_up()) else {
            return Err(CommandError::Running(id));
        };
        self.tally.wiped += 1;
        peer.disk = Disk::new();
        peer.half_written = None;
        peer.replica = Replica::new(DataTree::new(), Zxid::ZERO);
        self.check_disk(id);
        Ok(())
    }

    fn tear(&mut self, id: ServerId, kept: u64) -> Result<(), CommandError> {
        self.up(id)?;
        if let Some(peer) = self.peers.get_mut(&id) {
            self.tally.torn += 1;
            peer.tearing = Some(usize::try_from(kept).unwrap_or(usize::MAX));
        }
        self.at_once(Event::Crash(id, None));
        Ok(())
    }

    fn configure(&mut self, id: ServerId, file: &str) -> Result<(), CommandError> {
        self.known(id)?;
        let own = match file {
            "" => None,
            text => Some(self.setup.own_file(id, text).map_err(CommandError::BadFile)?),
        };
        let config = match &own {
            Some(own) => own.config.clone(),
            None => Arc::new(self.setup.config(id, &self.ensemble().clone())),
        };
        if let Some(peer) = self.peers.get_mut(&id) {
            (peer.own_file, peer.next_config) = (own, Some(config));
        }
        Ok(())
    }

    fn pause(&mut self, id: ServerId) -> Result<(), CommandError> {
        self.up(id)?;
        self.faults.paused.insert(id);
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.paused = true;
        }
        Ok(())
    }

    fn resume(&mut self, id: ServerId) -> Result<(), CommandError> {
        self.known(id)?;
        if !self.faults.paused.remove(&id) {
            return Err(CommandError::NotPaused(id));
        }
        let Some(peer) = self.peers.get_mut(&id) else { return Ok(()) };
        peer.paused = false;
        for (event, by) in std::mem::take(&mut peer.process.held) {
            self.agenda.at_once(self.now, event, by);
        }
        Ok(())
    }
}
