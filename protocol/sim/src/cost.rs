//! What a run costs: messages between servers, their bytes on the wire and syncs of disks, by
//! family. It is read off the frames alone, so whatever records frames can ask.
//!
//! A message belongs to the family of its packet, with one exception: what a leader and a learner
//! say to each other before UPTODATE is synchronisation, proposals and their acknowledgements
//! included. A sync of a disk belongs to the first thing that was waiting for it: a promised epoch
//! is discovery; an adopted epoch and what is logged before broadcast are synchronisation.

use std::ops::Range;

use vivarium_protocol::base::{ServerId, SortedMap, SortedSet, Zxid};
use vivarium_protocol::message::{PacketKind, PeerState};
use vivarium_protocol::trace::{
    Cause, Decision, Frame, MessageId, Phase, TraceEvent, Travel, TravelFate,
};

/// What a message or a sync is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Notifications.
    Election,
    /// Agreeing on an epoch.
    Discovery,
    /// Bringing a learner up to date.
    Synchronisation,
    /// Requests, proposals, acknowledgements, commits.
    Broadcast,
    /// Pings, and sessions that move.
    Liveness,
}

impl Family {
    /// All of them, in the order of a server's life.
    pub const ALL: [Family; 5] = [
        Family::Election,
        Family::Discovery,
        Family::Synchronisation,
        Family::Broadcast,
        Family::Liveness,
    ];

    /// The family of a packet between a leader and a learner that is up to date; `None` stands for
    /// a notification.
    #[must_use]
    pub fn of(packet: Option<PacketKind>) -> Family {
        match packet {
            None => Family::Election,
            Some(
                PacketKind::FollowerInfo
                | PacketKind::ObserverInfo
                | PacketKind::LeaderInfo
                | PacketKind::AckEpoch,
            ) => Family::Discovery,
            Some(
                PacketKind::Diff
                | PacketKind::Trunc
                | PacketKind::Snap
                | PacketKind::NewLeader
                | PacketKind::UpToDate,
            ) => Family::Synchronisation,
            Some(
                PacketKind::Request
                | PacketKind::Proposal
                | PacketKind::Ack
                | PacketKind::Commit
                | PacketKind::Sync
                | PacketKind::Inform
                | PacketKind::CommitAndActivate
                | PacketKind::InformAndActivate,
            ) => Family::Broadcast,
            Some(PacketKind::Ping | PacketKind::Revalidate) => Family::Liveness,
        }
    }
}

/// One expense.
#[derive(Clone, Debug)]
struct Entry {
    step: u64,
    family: Family,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Message { id: MessageId, packet: Option<PacketKind>, zxid: Option<Zxid>, bytes: u32 },
    Sync { server: ServerId, upto: Option<Zxid> },
}

/// How much of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Messages that were sent, lost ones included.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Syncs of disks.
    pub syncs: u64,
}

/// A sum, by family and by packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// By family; families that cost nothing are missing.
    pub families: SortedMap<Family, Amount>,
    /// Messages by packet; `None` for notifications.
    pub packets: SortedMap<Option<PacketKind>, u64>,
}

impl Cost {
    /// Everything together.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.families.values().fold(Amount::default(), |sum, amount| Amount {
            messages: sum.messages + amount.messages,
            bytes: sum.bytes + amount.bytes,
            syncs: sum.syncs + amount.syncs,
        })
    }

    /// How many packets of a kind.
    #[must_use]
    pub fn count(&self, packet: PacketKind) -> u64 {
        self.packets.get(&Some(packet)).copied().unwrap_or(0)
    }

    fn add(&mut self, entry: &Entry) {
        let amount = self.families.entry(entry.family).or_default();
        match &entry.what {
            What::Message { packet, bytes, .. } => {
                amount.messages += 1;
                amount.bytes += u64::from(*bytes);
                *self.packets.entry(*packet).or_default() += 1;
            }
            What::Sync { .. } => amount.syncs += 1,
        }
    }
}

/// The last election of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Election {
    began: u64,
    ended: Option<u64>,
}

/// Every expense of a run so far.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Proposals of leaders: when, and which REQUEST brought it, if another server did.
    proposals: Vec<(u64, Zxid, Option<MessageId>)>,
    elections: Vec<Election>,
    phases: SortedMap<ServerId, Phase>,
    /// What the sync under way at each server is for, and what waits for the next one.
    unsynced: SortedMap<ServerId, (Family, Option<Family>)>,
    /// Which learner each leader has brought up to date.
    up_to_date: SortedSet<(ServerId, ServerId)>,
}

impl Ledger {
    /// Takes the next frame of the run.
    pub fn take(&mut self, frame: &Frame) {
        if frame.cause == Cause::Durable
            && let Some(server) = frame.peer
        {
            self.synced(frame, server);
        }
        for event in &frame.events {
            match event {
                TraceEvent::Decided(decision) => self.decided(frame, decision),
                TraceEvent::Travelled(travel) => self.travelled(frame.step, travel),
            }
        }
    }

    fn synced(&mut self, frame: &Frame, server: ServerId) {
        let own = self.unsynced.remove(&server);
        let family = own.map_or_else(|| self.phase(server), |(family, _)| family);
        if let Some((_, Some(next))) = own {
            self.unsynced.insert(server, (next, None));
        }
        let upto = frame.events.iter().find_map(|event| match event {
            TraceEvent::Decided(Decision::Durable { zxid }) => Some(*zxid),
            TraceEvent::Decided(_) | TraceEvent::Travelled(_) => None,
        });
        self.entries.push(Entry { step: frame.step, family, what: What::Sync { server, upto } });
    }

    fn phase(&self, server: ServerId) -> Family {
        match self.phases.get(&server) {
            Some(Phase::Election) | None => Family::Election,
            Some(Phase::Discovery) => Family::Discovery,
            Some(Phase::Synchronization) => Family::Synchronisation,
            Some(Phase::Broadcast) => Family::Broadcast,
        }
    }

    /// Something has to reach the disk. While a sync is under way it waits for the next one.
    fn writes(&mut self, server: ServerId, family: Family) {
        match self.unsynced.get_mut(&server) {
            Some((_, next)) => {
                next.get_or_insert(family);
            }
            None => {
                self.unsynced.insert(server, (family, None));
            }
        }
    }

    fn decided(&mut self, frame: &Frame, decision: &Decision) {
        let Some(server) = frame.peer else { return };
        match decision {
            Decision::PhaseChanged { phase } => {
                self.phases.insert(server, *phase);
            }
            Decision::Started { .. } => {
                self.phases.insert(server, Phase::Election);
                self.unsynced.remove(&server);
            }
            Decision::AcceptedEpoch { .. } => self.writes(server, Family::Discovery),
            Decision::CurrentEpoch { .. }
            | Decision::Truncated { .. }
            | Decision::Installed { .. } => self.writes(server, Family::Synchronisation),
            Decision::Logged { .. } => self.writes(server, self.phase(server)),
            Decision::RoleChanged { role, .. } => {
                if *role == PeerState::Looking {
                    self.looks(frame.step);
                }
            }
            Decision::Established { .. } => {
                if let Some(last) = self.elections.last_mut() {
                    last.ended.get_or_insert(frame.step + 1);
                }
            }
            Decision::Proposed { zxid, .. } => {
                self.proposals.push((frame.step, *zxid, frame.cause.message()));
            }
            Decision::Registered { .. }
            | Decision::MembersChanged { .. }
            | Decision::RoundEntered { .. }
            | Decision::Proposes { .. }
            | Decision::Judged { .. }
            | Decision::Resent { .. }
            | Decision::Elected { .. }
            | Decision::VoteRenewed { .. }
            | Decision::Quorum { .. }
            | Decision::Learner { .. }
            | Decision::SyncPlanned { .. }
            | Decision::SyncStarted { .. }
            | Decision::Durable { .. }
            | Decision::Acked { .. }
            | Decision::Committed { .. }
            | Decision::Serving { .. }
            | Decision::ReadOnly { .. }
            | Decision::TimerSet { .. }
            | Decision::SessionExpired { .. }
            | Decision::Hung { .. }
            | Decision::Halted { .. } => {}
        }
    }

    /// The first server that looks for a leader begins an election, unless one is under way.
    fn looks(&mut self, step: u64) {
        if self.elections.last().is_none_or(|last| last.ended.is_some()) {
            self.elections.push(Election { began: step, ended: None });
        }
    }

    fn travelled(&mut self, step: u64, travel: &Travel) {
        let TravelFate::Sent { .. } = travel.fate else { return };
        let link = (travel.id.from, travel.id.to);
        let back = (link.1, link.0);
        if travel.packet == Some(PacketKind::LeaderInfo) {
            self.up_to_date.remove(&link);
        } else if travel.packet == Some(PacketKind::UpToDate) {
            self.up_to_date.insert(link);
        }
        let mut family = Family::of(travel.packet);
        let ready = self.up_to_date.contains(&link) || self.up_to_date.contains(&back);
        if family == Family::Broadcast && !ready {
            family = Family::Synchronisation;
        }
        let (id, packet, zxid) = (travel.id, travel.packet, travel.zxid);
        let bytes = travel.bytes.unwrap_or(0);
        self.entries.push(Entry { step, family, what: What::Message { id, packet, zxid, bytes } });
    }

    /// What the steps of a span cost.
    #[must_use]
    pub fn cost(&self, steps: Range<u64>) -> Cost {
        let mut cost = Cost::default();
        self.within(&steps).iter().for_each(|entry| cost.add(entry));
        cost
    }

    fn within(&self, steps: &Range<u64>) -> &[Entry] {
        let place = |step: u64| self.entries.partition_point(|entry| entry.step < step);
        let (from, to) = (place(steps.start), place(steps.end));
        &self.entries[from.min(to)..to]
    }

    /// The newest election that began before `position`: from the first server that looked to the
    /// step in which the new epoch stood, or to `position` while it lasts.
    #[must_use]
    pub fn last_election(&self, position: u64) -> Option<Range<u64>> {
        let begun = self.elections.iter().rev().find(|election| election.began < position)?;
        Some(begun.began..begun.ended.map_or(position, |ended| ended.min(position)))
    }

    /// The newest transaction that was proposed before `position`.
    #[must_use]
    pub fn newest_write(&self, position: u64) -> Option<Zxid> {
        let before = self.proposals.iter().rev().find(|(step, _, _)| *step < position);
        before.map(|(_, zxid, _)| *zxid)
    }

    /// What one transaction cost until `position`: the REQUEST that brought it to its leader, what
    /// was said about it in broadcast, and at each server the first sync that covered it.
    #[must_use]
    pub fn write_cost(&self, zxid: Zxid, position: u64) -> Cost {
        let mut cost = Cost::default();
        let proposal = self.proposals.iter().rev().find(|(_, other, _)| *other == zxid);
        let Some((begun, _, request)) = proposal else { return cost };
        let mut synced = SortedSet::new();
        for entry in self.within(&(0..position)) {
            let own = match &entry.what {
                What::Message { id, packet: Some(PacketKind::Request), .. } => {
                    Some(*id) == *request
                }
                What::Message { zxid: about, packet, .. } => {
                    entry.family == Family::Broadcast && packet.is_some() && *about == Some(zxid)
                }
                What::Sync { server, upto } => {
                    let covers = upto.is_some_and(|upto| upto >= zxid) && entry.step >= *begun;
                    covers && synced.insert(*server)
                }
            };
            if own {
                cost.add(entry);
            }
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Setup, Timeline};

    /// Runs until everything proposed is applied everywhere, and gives the run with its ledger.
    fn run(setup: Setup, commands: &[&str]) -> (Timeline, Ledger) {
        let mut timeline = Timeline::new(setup);
        let settled =
            |world: &crate::World, _: &Frame| crate::Condition::Settled.holds(world, None);
        timeline.run_until(20_000, settled).expect("it settles");
        for command in commands {
            timeline.command(command.parse().unwrap()).unwrap();
            for _ in 0..2 {
                timeline.run_until(400, |_, _| false);
            }
            timeline.run_until(20_000, settled).expect("it settles again");
        }
        let mut ledger = Ledger::default();
        timeline.frames().iter().for_each(|frame| ledger.take(frame));
        (timeline, ledger)
    }

    #[test]
    fn a_write_in_five_servers_costs_what_the_protocol_says() {
        let setup = Setup { participants: 5, ..Setup::default() };
        let (timeline, ledger) = run(setup, &["c1 at 1", "c1 create /a \"x\""]);
        let position = timeline.position();
        let zxid = ledger.newest_write(position).expect("a write");
        let cost = ledger.write_cost(zxid, position);
        let counts = [PacketKind::Proposal, PacketKind::Ack, PacketKind::Commit]
            .map(|packet| cost.count(packet));
        assert_eq!(counts, [4, 4, 4], "one for each follower");
        assert_eq!(cost.count(PacketKind::Request), 1, "its client asked a follower");
        assert_eq!(cost.families[&Family::Broadcast].syncs, 5, "every disk, the leader's too");
        assert!(cost.total().bytes > 4 * 20, "{:?}", cost.total());
    }

    #[test]
    fn an_observer_is_told_with_one_inform() {
        let setup = Setup { participants: 3, observers: 2, ..Setup::default() };
        let (timeline, ledger) = run(setup, &["c1 at 3", "c1 create /a \"x\""]);
        let position = timeline.position();
        let zxid = ledger.newest_write(position).expect("a write");
        let cost = ledger.write_cost(zxid, position);
        assert_eq!(cost.count(PacketKind::Inform), 2);
        assert_eq!(cost.count(PacketKind::Proposal), 2);
        assert_eq!(cost.count(PacketKind::Request), 0, "the leader was asked itself");
    }

    #[test]
    fn an_election_costs_votes_an_epoch_and_synchronisation() {
        let (timeline, ledger) = run(Setup::default(), &[]);
        let span = ledger.last_election(timeline.position()).expect("an election");
        assert_eq!(span.start, 0);
        let cost = ledger.cost(span.clone());
        for family in [Family::Election, Family::Discovery, Family::Synchronisation] {
            assert!(cost.families[&family].messages > 0, "{family:?}");
        }
        assert_eq!(cost.count(PacketKind::NewLeader), 2);
        assert!(cost.families[&Family::Discovery].syncs >= 2, "acceptedEpoch is synced: {cost:?}");
        assert!(!cost.families.contains_key(&Family::Broadcast), "nobody asked for anything");
        let all = ledger.cost(0..timeline.position()).total();
        let rest = ledger.cost(span.end..timeline.position()).total();
        assert_eq!(all.messages, cost.total().messages + rest.messages, "spans add up");
    }

    #[test]
    fn bytes_are_those_of_the_encoding() {
        let (timeline, _) = run(Setup::default(), &["c1 at 1", "c1 create /a \"x\""]);
        let events = timeline.frames().iter().flat_map(|frame| &frame.events);
        let commits: SortedSet<u32> = events
            .filter_map(|event| match event {
                TraceEvent::Travelled(travel) if travel.packet == Some(PacketKind::Commit) => {
                    travel.bytes
                }
                TraceEvent::Travelled(_) | TraceEvent::Decided(_) => None,
            })
            .collect();
        assert_eq!(commits, SortedSet::from([20]), "type 4, zxid 8, no data 4, no ids 4");
    }
}
