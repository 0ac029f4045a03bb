//! Where the world shows the checkers what happened.

use crate::checkers::{Promise, Sentence};
use crate::world::World;
use bytes::{BufMut, BytesMut};
use std::sync::Arc;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::{Message, Packet, PeerState, Txn};
use vivarium_protocol::wire;

/// How many bytes a message is on the wire, its frame included.
pub(crate) fn encoded_length(message: &Message) -> u32 {
    let mut bytes = BytesMut::new();
    match message {
        Message::Notification(notification) => {
            // On a link its length goes before it; a packet says itself where it ends.
            bytes.put_i32(0);
            wire::election::encode_notification(notification, &mut bytes);
        }
        Message::Packet(packet) => wire::quorum::encode_packet(packet, &mut bytes),
    }
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

impl World {
    /// A replica has applied a transaction.
    pub(crate) fn delivered(&mut self, id: ServerId, txn: &Arc<Txn>) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.process.applied_since_snapshot += 1;
        let digest = peer.replica.tree().digest();
        if self.checkers.delivered(id, txn, digest) {
            let disks = self.peers.values().map(|peer| (peer.id, peer.disk.durable()));
            self.checkers.check_disks(id, disks);
        }
    }

    /// A replica stands at a snapshot.
    pub(crate) fn stands_at_snapshot(&mut self, id: ServerId) {
        let replica = &self.peers[&id].replica;
        self.checkers.recovered(id, replica.last_zxid(), replica.tree().digest());
    }

    /// A disk holds more than before, or less.
    pub(crate) fn check_disk(&mut self, id: ServerId) {
        let disk = self.peers[&id].disk.durable();
        self.checkers.check_epochs(id, disk);
        self.checkers.check_disks(id, std::iter::once((id, disk)));
    }

    /// A server comes to life with what its disk gives back.
    pub(crate) fn check_start(&mut self, id: ServerId) {
        self.checkers.starts(id, self.peers[&id].disk.durable());
    }

    /// A server gives its word.
    pub(crate) fn check_word(&mut self, from: ServerId, message: &Message) {
        let Message::Packet(packet) = message else { return };
        let Some(peer) = self.peers.get(&from) else { return };
        let disk = peer.disk.durable();
        match packet {
            Packet::Ack(zxid) => self.checkers.acknowledges(from, *zxid, disk),
            Packet::LeaderInfo { epoch, .. } => self.checkers.promises(from, *epoch, disk),
            // Without an epoch it says: do not count me again.
            Packet::AckEpoch { current_epoch: None, .. } => {}
            Packet::AckEpoch { current_epoch: Some(_), .. } => {
                // What is promised is not in the packet: it answers the epoch that was offered.
                if let Some(status) = peer.status() {
                    self.checkers.promises(from, status.accepted_epoch, disk);
                }
            }
            Packet::Request(_)
            | Packet::Proposal(_)
            | Packet::Commit(_)
            | Packet::Ping { .. }
            | Packet::Revalidate { .. }
            | Packet::Revalidated { .. }
            | Packet::Sync
            | Packet::Inform(_)
            | Packet::CommitAndActivate { .. }
            | Packet::NewLeader { .. }
            | Packet::FollowerInfo(_)
            | Packet::UpToDate
            | Packet::Diff(_)
            | Packet::Trunc(_)
            | Packet::Snap(_)
            | Packet::ObserverInfo(_)
            | Packet::InformAndActivate { .. } => {}
        }
    }

    /// A server begins to serve.
    pub(crate) fn check_serving(&mut self, id: ServerId) {
        let role = self.peers[&id].server.as_ref().map(|server| server.role());
        if role == Some(PeerState::Leading) {
            self.checkers.established(id);
        }
    }

    /// Sends a message through its encoding and back, where the setup asks for it.
    pub(crate) fn check_codec(&mut self, from: ServerId, message: &Message) {
        if !self.setup.codec {
            return;
        }
        let mut bytes = BytesMut::new();
        let back = match message {
            Message::Notification(notification) => {
                wire::election::encode_notification(notification, &mut bytes);
                wire::election::decode_notification(&bytes).map(Message::Notification).ok()
            }
            Message::Packet(packet) => {
                wire::quorum::encode_packet(packet, &mut bytes);
                let packet = wire::quorum::decode_packet(&mut bytes).ok().flatten();
                packet.filter(|_| bytes.is_empty()).map(Message::Packet)
            }
        };
        if back.as_ref() != Some(message) {
            let what = match message {
                Message::Notification(_) => Sentence::NotificationChanged.of(&[]),
                Message::Packet(packet) => Sentence::PacketChanged.of(&[&packet.kind().name()]),
            };
            self.checkers.report(Promise::Codec, from, what);
        }
    }
}
