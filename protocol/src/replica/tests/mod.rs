//! Tests of the replica as a whole: what clients read, what watches tell, what images hold.

mod images;
mod lasting_watches;
mod quotas;
mod reads;
mod watches;

use crate::base::{ConnectionId, SessionId, Zxid};
use crate::message::{Acl, ReplyBody, Txn, TxnBody, TxnHeader, WatchEventKind};
use crate::replica::{DataTree, Outbox, Replica, ToClient};
use bytes::Bytes;

const ANN: ConnectionId = ConnectionId(1);
const BEN: ConnectionId = ConnectionId(2);
const SESSION: SessionId = SessionId(0xa);

/// A replica with transactions made for it, one zxid each.
struct Applied {
    replica: Replica,
    zxid: i64,
}

impl Applied {
    fn new() -> Applied {
        Applied { replica: Replica::new(DataTree::new(), Zxid::ZERO), zxid: 0 }
    }

    /// Applies a transaction; what clients are told comes back as short words.
    fn apply(&mut self, body: TxnBody) -> Vec<String> {
        let mut out = Outbox::default();
        let txn = self.txn(body);
        self.replica.apply_txn(&txn, None, &mut out);
        told(&out)
    }

    fn txn(&mut self, body: TxnBody) -> Txn {
        self.zxid += 1;
        let (session, zxid) = (SESSION, Zxid(self.zxid));
        let header = TxnHeader { session, cxid: 7, zxid, time_ms: 1000 * self.zxid };
        Txn { header, body, digest: None }
    }

    fn create(&mut self, path: &str) -> Vec<String> {
        self.apply(create(path, false))
    }

    fn delete(&mut self, path: &str) -> Vec<String> {
        self.apply(TxnBody::Delete { container: false, path: path.to_owned() })
    }

    fn set(&mut self, path: &str, text: &str) -> Vec<String> {
        self.apply(set(path, text))
    }
}

fn create(path: &str, ephemeral: bool) -> TxnBody {
    create_for(path, ephemeral, vec![Acl::open()])
}

fn create_for(path: &str, ephemeral: bool, acl: Vec<Acl>) -> TxnBody {
    let (path, data) = (path.to_owned(), Some(Bytes::new()));
    TxnBody::Create { create2: false, path, data, acl, ephemeral, parent_cversion: -1 }
}

fn set(path: &str, text: &str) -> TxnBody {
    let data = Some(Bytes::copy_from_slice(text.as_bytes()));
    TxnBody::SetData { reconfig: false, path: path.to_owned(), data, version: 1 }
}

/// Events and replies as short words, in order.
fn told(out: &Outbox) -> Vec<String> {
    let tell = |(origin, message): &(ConnectionId, ToClient)| match message {
        ToClient::Event(event) => {
            let kind = match event.kind {
                WatchEventKind::Created => "created",
                WatchEventKind::Deleted => "deleted",
                WatchEventKind::DataChanged => "changed",
                WatchEventKind::ChildrenChanged => "children",
            };
            format!("{}: {kind} {} at {}", origin.0, event.path, event.zxid.0)
        }
        ToClient::Reply(reply) => match &reply.result {
            Ok(ReplyBody::Empty) => format!("{}: done", origin.0),
            Ok(body) => format!("{}: {body:?}", origin.0),
            Err(code) => format!("{}: {}", origin.0, code.number()),
        },
    };
    out.messages.iter().map(tell).collect()
}
