//! Looking at a run: one line for a packet, and the statuses that follow from the trace.

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::message::Packet;
use vivarium_protocol::trace::{Decision, Frame, PeerStatus, TraceEvent};

/// A packet in one line: its name, its zxid, and what it carries.
#[must_use]
pub fn packet_summary(packet: &Packet) -> String {
    let name = packet.kind().name();
    match packet {
        Packet::Proposal(txn) | Packet::Inform(txn) | Packet::InformAndActivate { txn, .. } => {
            format!("{name} {} {}", txn.header.zxid, txn.body.summary())
        }
        Packet::Request(request) => format!("{name} {}", request.op.summary()),
        Packet::NewLeader { epoch, .. } | Packet::LeaderInfo { epoch, .. } => {
            format!("{name} {epoch}")
        }
        Packet::FollowerInfo(info) | Packet::ObserverInfo(info) => {
            format!("{name} {}", info.accepted_epoch)
        }
        Packet::AckEpoch { current_epoch, last_zxid } => match current_epoch {
            Some(epoch) => format!("{name} {epoch} {last_zxid}"),
            None => format!("{name} again {last_zxid}"),
        },
        Packet::Revalidate { session, .. } => format!("{name} {session}"),
        Packet::Revalidated { session, valid } => format!("{name} {session} {valid}"),
        Packet::Ack(zxid)
        | Packet::Commit(zxid)
        | Packet::Diff(zxid)
        | Packet::Trunc(zxid)
        | Packet::Ping { zxid, .. }
        | Packet::CommitAndActivate { zxid, .. } => format!("{name} {zxid}"),
        Packet::Snap(image) => format!("{name} {}", image.zxid),
        Packet::Sync | Packet::UpToDate => name.to_owned(),
    }
}

/// Every server's status as it follows from the trace alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fold {
    statuses: SortedMap<ServerId, PeerStatus>,
}

impl Fold {
    /// Takes a frame.
    pub fn take(&mut self, frame: &Frame) {
        let Some(id) = frame.peer else { return };
        for event in &frame.events {
            match event {
                TraceEvent::Decided(
                    started @ Decision::Started { accepted_epoch, current_epoch, last_logged },
                ) => {
                    let mut born = PeerStatus::born(*accepted_epoch, *current_epoch, *last_logged);
                    born.fold(started);
                    self.statuses.insert(id, born);
                }
                TraceEvent::Decided(decision) => {
                    if let Some(status) = self.statuses.get_mut(&id) {
                        status.fold(decision);
                    }
                }
                TraceEvent::Travelled(_) => {}
            }
        }
    }

    /// A server's status, if it has started.
    #[must_use]
    pub fn status(&self, id: ServerId) -> Option<&PeerStatus> {
        self.statuses.get(&id)
    }
}
