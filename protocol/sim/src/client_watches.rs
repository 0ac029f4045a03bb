//! The watches that a client has left, and how it sets them again on its next connection.
//!
//! As in Apache's client (docs/protocol.md, C6): a watch is the client's from the answer that left
//! it to the event that uses it up. Servers forget it with the connection, so the first thing that
//! the client says on a new one is setWatches, with the newest zxid that an answer has shown it;
//! what changed after that comes back as an event, all else is watched again. Splitting the request
//! at 128 KiB is left out: no virtual client watches that much.

use crate::agenda::Event;
use crate::client::ClientState;
use crate::command::ClientOp;
use crate::world::World;
use vivarium_protocol::base::{ConnectionId, ServerId, Zxid};
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody, WatchEvent, WatchEventKind};
use vivarium_protocol::trace::Cause;

/// The number of a setWatches, which no other request has.
pub(crate) const SET_WATCHES: i32 = -8;

/// Paths that a client watches, in the order in which it began to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientWatches {
    /// Left on a znode that was there, by getData or exists.
    pub data: Vec<String>,
    /// Left by exists on a znode that was not there.
    pub exist: Vec<String>,
    /// Left by getChildren.
    pub child: Vec<String>,
}

impl ClientWatches {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.data.len() + self.exist.len() + self.child.len()
    }

    /// A request is answered: perhaps it left a watch.
    pub(crate) fn answered(&mut self, op: &ClientOp, result: &Result<ReplyBody, ErrorCode>) {
        let (path, watch, found) = match op {
            ClientOp::Get { path, watch } => (path, *watch, &mut self.data),
            ClientOp::Children { path, watch } => (path, *watch, &mut self.child),
            ClientOp::Exists { path, watch } => match result {
                Err(ErrorCode::NoNode) => return remember(&mut self.exist, path, *watch),
                Ok(_) | Err(_) => (path, *watch, &mut self.data),
            },
            ClientOp::Create { .. }
            | ClientOp::Set { .. }
            | ClientOp::Delete { .. }
            | ClientOp::Check { .. }
            | ClientOp::Sync { .. }
            | ClientOp::Multi(_)
            | ClientOp::Reconfig { .. }
            | ClientOp::Close => return,
        };
        remember(found, path, watch && result.is_ok());
    }

    /// An event uses up what it answers to.
    pub(crate) fn fired(&mut self, event: &WatchEvent) {
        let (data, child) = match event.kind {
            WatchEventKind::Created | WatchEventKind::DataChanged => (true, false),
            WatchEventKind::Deleted => (true, true),
            WatchEventKind::ChildrenChanged => (false, true),
        };
        let other = |path: &String| *path != event.path;
        if data {
            self.data.retain(other);
            self.exist.retain(other);
        }
        if child {
            self.child.retain(other);
        }
    }

    fn to_op(&self, since: Zxid) -> Op {
        Op::SetWatches {
            two: false,
            relative_zxid: since,
            data: self.data.clone(),
            exist: self.exist.clone(),
            child: self.child.clone(),
            persistent: Vec::new(),
            recursive: Vec::new(),
        }
    }
}

fn remember(paths: &mut Vec<String>, path: &String, watch: bool) {
    if watch && !paths.contains(path) {
        paths.push(path.clone());
    }
}

impl World {
    /// The first thing that a client says on a new connection, if it watches anything.
    pub(crate) fn client_watches_again(&mut self, id: u32) {
        if self.client_mut(id).watches.count() == 0 {
            return;
        }
        self.tally.watched_again += 1;
        let soonest = self.now + self.client_delay();
        let client = self.client_mut(id);
        if let ClientState::Connected { server, connection } = client.state {
            client.last_sent = client.last_sent.max(soonest);
            let (at, op) = (client.last_sent, client.watches.to_op(client.answered_zxid));
            self.later(at, Event::ClientWatches { server, connection, op: Box::new(op) });
        }
    }

    /// A client's setWatches reaches its server.
    pub(crate) fn on_watches(
        &mut self,
        id: ServerId,
        origin: ConnectionId,
        op: Op,
    ) -> Option<Cause> {
        let served = self.peers.get_mut(&id)?.process.connections.get_mut(&origin)?;
        let client = served.client;
        let mut steps = Vec::new();
        served.pipeline.as_mut()?.accept(SET_WATCHES, op, &mut steps);
        self.run_steps(id, origin, steps);
        Some(Cause::Client { request: format!("c{client} setWatches") })
    }
}
