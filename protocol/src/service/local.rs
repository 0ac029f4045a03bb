//! Local sessions: those that only this server knows (docs/protocol.md, C7.5 and C2.9).
//!
//! With `localSessionsEnabled` every session begins as one, without a transaction; what needs the
//! ensemble's knowledge of a session, an ephemeral znode, makes it global first or is refused. In
//! read-only mode there are no others. Invariant: a session is in this table or in the tree, never
//! in both.

use super::sessions::SessionTracker;
use crate::base::{LargeMap, Now, SessionId, Time};
use crate::message::{CreateKind, Op};

/// The local sessions of one server, in whatever role.
#[derive(Clone, Debug)]
pub struct LocalSessions {
    tracker: SessionTracker,
    timeouts_ms: LargeMap<SessionId, i32>,
}

impl LocalSessions {
    /// A table without sessions; they expire in steps of a tick.
    #[must_use]
    pub fn new(tick_ms: u64) -> LocalSessions {
        LocalSessions { tracker: SessionTracker::new(tick_ms), timeouts_ms: LargeMap::new() }
    }

    /// A session begins.
    pub fn open(&mut self, now: Now, session: SessionId, timeout_ms: i32) {
        self.tracker.add(now, session, timeout_ms, None);
        self.timeouts_ms.insert(session, timeout_ms);
    }

    /// Whether this is a local session of this server.
    #[must_use]
    pub fn contains(&self, session: SessionId) -> bool {
        self.timeouts_ms.contains_key(&session)
    }

    /// A session was heard from, or goes on at a new connection with this timeout; `false` if it
    /// is none of these.
    pub fn touch(&mut self, now: Now, session: SessionId, timeout_ms: i32) -> bool {
        let Some(known) = self.timeouts_ms.get_mut(&session) else { return false };
        *known = timeout_ms;
        self.tracker.touch(now, session, timeout_ms);
        true
    }

    /// A session is over here, or becomes global: its timeout, if it was one of these.
    pub fn remove(&mut self, session: SessionId) -> Option<i32> {
        self.tracker.remove(session);
        self.timeouts_ms.remove(&session)
    }

    /// Forgets them all.
    pub fn clear(&mut self) {
        self.tracker.clear();
        self.timeouts_ms.clear();
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.timeouts_ms.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.timeouts_ms.is_empty()
    }

    /// When the next of them expire, unless they are heard from.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        self.tracker.next_expiry()
    }

    /// Takes out the sessions whose time is up.
    pub fn expired(&mut self, now: Now) -> Vec<SessionId> {
        let expired = self.tracker.expired(now);
        for session in &expired {
            self.remove(*session);
        }
        expired
    }
}

/// Whether a request makes an ephemeral znode, which only a global session can own.
#[must_use]
pub fn needs_global(op: &Op) -> bool {
    match op {
        Op::Create { flags, .. } => {
            CreateKind::from_flags(*flags).is_some_and(CreateKind::is_ephemeral)
        }
        Op::Multi(ops) => ops.iter().any(needs_global),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_ms(ms: u64) -> Now {
        Now { at: Time::from_ms(ms), wall_ms: 0 }
    }

    #[test]
    fn a_local_session_lives_as_long_as_it_is_heard_from() {
        let (ann, ben) = (SessionId(1), SessionId(2));
        let mut local = LocalSessions::new(2000);
        local.open(at_ms(0), ann, 4000);
        assert!(local.touch(at_ms(5000), ann, 4000));
        assert!(!local.touch(at_ms(5000), ben, 4000), "ben is none of them");
        assert!(local.expired(at_ms(9999)).is_empty());
        assert_eq!(local.next_expiry(), Some(Time::from_ms(10_000)));
        assert_eq!(local.expired(at_ms(10_000)), [ann]);
        assert!(!local.contains(ann), "and is forgotten then");
        assert_eq!(local.next_expiry(), None);
    }

    #[test]
    fn a_session_that_becomes_global_takes_its_newest_timeout_along() {
        let ann = SessionId(1);
        let mut local = LocalSessions::new(2000);
        local.open(at_ms(0), ann, 4000);
        local.touch(at_ms(1), ann, 8000);
        assert_eq!(local.remove(ann), Some(8000));
        assert_eq!(local.remove(ann), None);
        assert_eq!(local.next_expiry(), None, "it is not for this server to expire it");
    }
}
