//! Requests of this server's own clients on their way through the quorum.
//!
//! A transaction comes back with session and cxid; if the oldest request of that session has that
//! number, it is the one, and its connection gets the answer. A session has one order, so only the
//! oldest can match: what ZooKeeper's CommitProcessor does. Numbers alone could mislead where a
//! client counts from 0, as some do: 0 is also the number of the closeSession of an expiry.

use crate::base::{ConnectionId, LargeMap, SessionId};
use crate::message::{Op, Request, Txn, TxnBody};
use std::collections::VecDeque;

/// The requests on their way, by session, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    sessions: LargeMap<SessionId, VecDeque<Waiting>>,
    count: usize,
}

/// One request; its connection may be gone, but the transaction may still come.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    cxid: i32,
    closes: bool,
    origin: Option<ConnectionId>,
}

impl Pending {
    /// A request goes on its way.
    pub fn push(&mut self, request: &Request, origin: ConnectionId) {
        let closes = request.op == Op::CloseSession;
        let waiting = Waiting { cxid: request.cxid, closes, origin: Some(origin) };
        self.sessions.entry(request.session).or_default().push_back(waiting);
        self.count += 1;
    }

    /// A transaction came back: where to answer.
    pub fn take(&mut self, txn: &Txn) -> Option<ConnectionId> {
        let (session, cxid) = (txn.header.session, txn.header.cxid);
        let closes = matches!(txn.body, TxnBody::CloseSession { .. });
        let queue = self.sessions.get_mut(&session)?;
        let oldest = queue.pop_front_if(|it| it.cxid == cxid && it.closes == closes)?;
        if queue.is_empty() {
            self.sessions.remove(&session);
        }
        self.count -= 1;
        oldest.origin
    }

    /// A connection is gone: its requests keep their places, since their transactions may still
    /// come, and must not be taken for those of the session's next connection.
    pub fn disconnect(&mut self, origin: ConnectionId) {
        for waiting in self.sessions.values_mut().flatten() {
            waiting.origin = waiting.origin.filter(|kept| *kept != origin);
        }
    }

    /// How many requests are on their way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Forgets them all; returns where each would have been answered, with its cxid.
    pub fn drain(&mut self) -> Vec<(ConnectionId, i32)> {
        self.count = 0;
        let dropped = std::mem::take(&mut self.sessions).into_values().flatten();
        dropped.filter_map(|waiting| Some((waiting.origin?, waiting.cxid))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Zxid;
    use crate::message::TxnHeader;

    const HERE: ConnectionId = ConnectionId(7);

    fn request(session: i64, cxid: i32) -> Request {
        let op = Op::Delete { path: None, version: -1 };
        Request { session: SessionId(session), cxid, op, auth: Vec::new() }
    }

    fn txn(session: i64, cxid: i32) -> Txn {
        let header = TxnHeader { session: SessionId(session), cxid, zxid: Zxid(1), time_ms: 0 };
        Txn { header, body: TxnBody::Error { code: -5 }, digest: None }
    }

    #[test]
    fn an_expiry_is_not_the_answer_to_a_request_with_number_0() {
        let mut pending = Pending::default();
        pending.push(&request(1, 0), HERE);
        let expiry = Txn { body: TxnBody::CloseSession { paths: None }, ..txn(1, 0) };
        assert_eq!(pending.take(&expiry), None);
        assert_eq!(pending.take(&txn(1, 0)), Some(HERE));
    }

    #[test]
    fn only_the_oldest_request_of_a_session_can_come_back() {
        let mut pending = Pending::default();
        pending.push(&request(1, 5), HERE);
        pending.push(&request(1, 6), HERE);
        assert_eq!(pending.take(&txn(1, 6)), None, "not its turn");
        assert_eq!(pending.take(&txn(2, 5)), None, "another session's");
        assert_eq!(pending.take(&txn(1, 5)), Some(HERE));
        assert_eq!(pending.take(&txn(1, 6)), Some(HERE));
        assert!(pending.is_empty());
    }

    #[test]
    fn a_request_of_a_gone_connection_keeps_its_place() {
        let mut pending = Pending::default();
        let later = ConnectionId(8);
        pending.push(&request(1, 5), HERE);
        pending.disconnect(HERE);
        pending.push(&request(1, 5), later);
        assert_eq!(pending.len(), 2);
        assert_eq!(pending.take(&txn(1, 5)), None, "the gone connection's");
        assert_eq!(pending.take(&txn(1, 5)), Some(later));
    }

    #[test]
    fn what_is_dropped_names_who_still_waits() {
        let mut pending = Pending::default();
        pending.push(&request(1, 5), HERE);
        pending.push(&request(2, 1), ConnectionId(8));
        pending.disconnect(HERE);
        assert_eq!(pending.drain(), [(ConnectionId(8), 1)]);
        assert_eq!(pending.len(), 0);
    }
}
