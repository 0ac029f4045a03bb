//! A message under way: its family, its letter, where it is.

use vivarium_protocol::base::{ServerId, Time, Zxid};
use vivarium_protocol::message::{PacketKind, PeerState};
use vivarium_protocol::trace::Travel;

use super::scene::FlightView;
use crate::model::decimal::Between;

/// What a message is about: one shape each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A notification: circle.
    Vote,
    /// FOLLOWERINFO, OBSERVERINFO, LEADERINFO, ACKEPOCH: diamond.
    Epoch,
    /// DIFF, TRUNC, SNAP, NEWLEADER, UPTODATE: hexagon.
    Sync,
    /// PROPOSAL, ACK, COMMIT, INFORM, REQUEST and their kin: square.
    Broadcast,
    /// PING: dot.
    Ping,
}

/// What can be shown or hidden as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filters {
    /// Notifications.
    pub votes: bool,
    /// Epoch handshake and synchronisation.
    pub sync: bool,
    /// Broadcast.
    pub broadcast: bool,
    /// Pings.
    pub pings: bool,
}

impl Default for Filters {
    fn default() -> Filters {
        Filters { votes: true, sync: true, broadcast: true, pings: false }
    }
}

impl Filters {
    /// Whether messages of `family` are drawn.
    #[must_use]
    pub fn show(&self, family: Family) -> bool {
        match family {
            Family::Vote => self.votes,
            Family::Epoch | Family::Sync => self.sync,
            Family::Broadcast => self.broadcast,
            Family::Ping => self.pings,
        }
    }
}

/// The family of a message.
#[must_use]
pub fn family(travel: &Travel) -> Family {
    match travel.packet {
        None => Family::Vote,
        Some(packet) => packet_family(packet),
    }
}

fn packet_family(packet: PacketKind) -> Family {
    match packet {
        PacketKind::FollowerInfo
        | PacketKind::ObserverInfo
        | PacketKind::LeaderInfo
        | PacketKind::AckEpoch => Family::Epoch,
        PacketKind::Diff
        | PacketKind::Trunc
        | PacketKind::Snap
        | PacketKind::NewLeader
        | PacketKind::UpToDate => Family::Sync,
        PacketKind::Request
        | PacketKind::Proposal
        | PacketKind::Ack
        | PacketKind::Commit
        | PacketKind::Revalidate
        | PacketKind::Sync
        | PacketKind::Inform
        | PacketKind::CommitAndActivate
        | PacketKind::InformAndActivate => Family::Broadcast,
        PacketKind::Ping => Family::Ping,
    }
}

/// The letter inside a diamond or a hexagon.
#[must_use]
pub fn letter(packet: PacketKind) -> &'static str {
    match packet {
        PacketKind::FollowerInfo => "F",
        PacketKind::ObserverInfo => "O",
        PacketKind::LeaderInfo => "L",
        PacketKind::AckEpoch => "A",
        PacketKind::Diff => "D",
        PacketKind::Trunc => "T",
        PacketKind::Snap | PacketKind::Sync => "S",
        PacketKind::NewLeader => "N",
        PacketKind::UpToDate => "U",
        PacketKind::Revalidate => "R",
        PacketKind::Request => "?",
        PacketKind::Proposal
        | PacketKind::Ack
        | PacketKind::Commit
        | PacketKind::Ping
        | PacketKind::Inform
        | PacketKind::CommitAndActivate
        | PacketKind::InformAndActivate => "",
    }
}

/// The candidate that a notification names.
#[must_use]
pub fn candidate(travel: &Travel) -> Option<ServerId> {
    travel.notification.map(|(_, vote, _)| vote.leader)
}

/// Whether the sender of a notification has decided.
#[must_use]
pub fn is_decided(travel: &Travel) -> bool {
    travel.notification.is_some_and(|(state, _, _)| state != PeerState::Looking)
}

/// The transaction that a broadcast cell shows.
#[must_use]
pub fn cell_zxid(travel: &Travel) -> Option<Zxid> {
    let shows = matches!(
        travel.packet,
        Some(
            PacketKind::Proposal
                | PacketKind::Commit
                | PacketKind::Inform
                | PacketKind::CommitAndActivate
                | PacketKind::InformAndActivate
        )
    );
    travel.zxid.filter(|_| shows)
}

/// A packet's name with its zxid, as in `DIFF 4|7`; `None` for a notification, which is named in
/// the reader's language.
#[must_use]
pub fn packet_name(travel: &Travel) -> Option<String> {
    let packet = travel.packet?;
    Some(match travel.zxid {
        Some(zxid) if packet != PacketKind::Request => format!("{} {zxid}", packet.name()),
        Some(_) | None => packet.name().to_owned(),
    })
}

/// Where a message stands between its two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// From 0 at the sender to 1 where it docks.
    pub along: f64,
    /// From 1 to 0 as it fades.
    pub opacity: f64,
    /// Whether it is lost and has stopped.
    pub lost: bool,
}

/// The place of `flight` when it is `now` (microseconds); `None` once there is nothing to draw.
#[must_use]
pub fn place(flight: &FlightView, now: f64) -> Option<Place> {
    let (sent, arrives) = (micros(flight.sent), micros(flight.arrives));
    if now < sent {
        return None;
    }
    let span = (arrives - sent).max(1.0);
    if let Some(lost) = flight.lost {
        return Some(lost_place(sent, span, micros(lost), now));
    }
    let along = (now - sent) / span;
    if along <= 1.0 {
        return Some(Place { along, opacity: 1.0, lost: false });
    }
    let faded = (now - arrives) / super::scene::DOCK_LINGERS as f64;
    (faded < 1.0).then_some(Place { along: 1.0, opacity: 1.0 - faded, lost: false })
}

/// A message that was refused at once still travels a little, or nobody would see it go.
fn lost_place(sent: f64, span: f64, lost: f64, now: f64) -> Place {
    let stops = ((lost - sent) / span).between(0.45, 0.9);
    let stopped_at = lost.max(sent + 40_000.0);
    let along = ((now - sent) / (stopped_at - sent).max(1.0)).min(1.0) * stops;
    let faded = ((now - stopped_at) / super::scene::LOST_LINGERS as f64).between(0.0, 1.0);
    Place { along, opacity: 1.0 - 0.6 * faded, lost: now >= stopped_at }
}

/// A moment as a number for drawing.
#[must_use]
pub fn micros(time: Time) -> f64 {
    time.0 as f64
}

/// `--ease-link`: near linear with a soft landing, as the cubic Bézier (.3, .1, .5, 1).
#[must_use]
pub fn ease(along: f64) -> f64 {
    let bezier = |a: f64, b: f64, t: f64| {
        let rest = 1.0 - t;
        3.0 * rest * rest * t * a + 3.0 * rest * t * t * b + t * t * t
    };
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..14 {
        let middle = f64::midpoint(low, high);
        if bezier(0.3, 0.5, middle) < along {
            low = middle;
        } else {
            high = middle;
        }
    }
    bezier(0.1, 1.0, f64::midpoint(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;
    use vivarium_protocol::message::Channel;
    use vivarium_protocol::trace::{MessageId, TravelFate};

    fn flight(lost: Option<u64>) -> FlightView {
        let id =
            MessageId { from: ServerId(1), to: ServerId(2), channel: Channel::Quorum, count: 1 };
        let travel = Travel {
            id,
            packet: Some(PacketKind::Diff),
            notification: None,
            zxid: Some("4|7".parse().unwrap()),
            summary: "DIFF 4|7".to_owned(),
            bytes: None,
            fate: TravelFate::Arrived,
        };
        FlightView {
            travel: Rc::new(travel),
            sent: Time(1_000),
            arrives: Time(41_000),
            lost: lost.map(Time),
            arrived: None,
            step: 0,
        }
    }

    #[test]
    fn a_message_moves_from_its_sender_to_its_dock_and_fades_there() {
        let flight = flight(None);
        assert_eq!(place(&flight, 0.0), None);
        assert_eq!(place(&flight, 21_000.0).unwrap().along, 0.5);
        let docked = place(&flight, 71_000.0).unwrap();
        assert!(docked.along == 1.0 && docked.opacity < 1.0);
        assert_eq!(place(&flight, 200_000.0), None);
    }

    #[test]
    fn a_lost_message_stops_short_and_says_so() {
        let flight = flight(Some(21_000));
        assert!(!place(&flight, 30_000.0).unwrap().lost);
        let stopped = place(&flight, 60_000.0).unwrap();
        assert!(stopped.lost && stopped.along < 0.9);
    }

    #[test]
    fn easing_keeps_both_ends_and_the_order() {
        assert!(ease(0.0) < 0.001 && ease(1.0) > 0.999);
        let steps: Vec<f64> = (0..=20).map(|i| ease(f64::from(i) / 20.0)).collect();
        assert!(steps.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn a_packet_is_named_with_its_zxid_and_shaped_by_its_family() {
        let flight = flight(None);
        assert_eq!(packet_name(&flight.travel).unwrap(), "DIFF 4|7");
        assert_eq!(family(&flight.travel), Family::Sync);
        assert_eq!(letter(PacketKind::Diff), "D");
    }
}
