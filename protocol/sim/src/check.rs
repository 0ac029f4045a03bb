//! Where the world shows the checkers what happened.

use crate::checkers::Promise;
use crate::world::World;
use bytes::BytesMut;
use std::sync::Arc;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::{Message, PeerState, Txn};
use vivarium_protocol::wire;

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
        let disk = (id, self.peers[&id].disk.durable());
        self.checkers.check_disks(id, std::iter::once(disk));
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
            let what = format!("{message:?} came back as {back:?}");
            self.checkers.report(Promise::Codec, from, what);
        }
    }
}
