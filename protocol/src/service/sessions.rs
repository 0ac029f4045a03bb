//! SessionTracker: which sessions live, until when, and which server each is connected to.
//!
//! docs/protocol.md, C2.8 and C7. Only a leader has one. Expiry times are rounded up to whole
//! ticks and sessions expire bucket by bucket, so a session lives between its timeout and a tick
//! more after it was last heard from.

use crate::base::{LargeMap, LargeSet, Now, ServerId, SessionId, Time};
use crate::message::ErrorCode;

/// The sessions of the ensemble as its leader sees them.
#[derive(Clone, Debug)]
pub struct SessionTracker {
    tick_ms: u64,
    sessions: LargeMap<SessionId, Tracked>,
    buckets: LargeMap<u64, LargeSet<SessionId>>,
}

/// One session. Closing: its end is decided but not yet in the log.
#[derive(Clone, Copy, Debug)]
struct Tracked {
    expiry_ms: u64,
    owner: Option<ServerId>,
    closing: bool,
}

impl SessionTracker {
    /// A tracker without sessions.
    #[must_use]
    pub fn new(tick_ms: u64) -> SessionTracker {
        let tick_ms = tick_ms.max(1);
        SessionTracker { tick_ms, sessions: LargeMap::new(), buckets: LargeMap::new() }
    }

    /// Begins with these sessions, each with its full timeout and no owner yet.
    pub fn restart(&mut self, now: Now, sessions: &LargeMap<SessionId, i32>) {
        self.clear();
        for (session, timeout_ms) in sessions {
            self.add(now, *session, *timeout_ms, None);
        }
    }

    /// Forgets every session.
    pub fn clear(&mut self) {
        self.sessions.clear();
        self.buckets.clear();
    }

    /// A session begins.
    pub fn add(&mut self, now: Now, session: SessionId, timeout_ms: i32, owner: Option<ServerId>) {
        self.remove(session);
        let expiry_ms = self.expiry_ms(now, timeout_ms);
        self.sessions.insert(session, Tracked { expiry_ms, owner, closing: false });
        self.buckets.entry(expiry_ms).or_default().insert(session);
    }

    /// A session is over: its closeSession is in the log.
    pub fn remove(&mut self, session: SessionId) {
        if let Some(tracked) = self.sessions.remove(&session) {
            self.leave_bucket(session, tracked.expiry_ms);
        }
    }

    /// A session was heard from; nothing for one that is closing or unknown.
    pub fn touch(&mut self, now: Now, session: SessionId, timeout_ms: i32) {
        let expiry_ms = self.expiry_ms(now, timeout_ms);
        let Some(tracked) = self.sessions.get_mut(&session) else { return };
        let before = tracked.expiry_ms;
        if tracked.closing || before == expiry_ms {
            return;
        }
        tracked.expiry_ms = expiry_ms;
        self.leave_bucket(session, before);
        self.buckets.entry(expiry_ms).or_default().insert(session);
    }

    /// Whether a session may go on at a server; if so it is that server's from here on.
    pub fn revalidate(
        &mut self,
        now: Now,
        session: SessionId,
        timeout_ms: i32,
        owner: ServerId,
    ) -> bool {
        match self.sessions.get_mut(&session) {
            Some(tracked) if !tracked.closing => tracked.owner = Some(owner),
            _ => return false,
        }
        self.touch(now, session, timeout_ms);
        true
    }

    /// Whether a request of this session may come by this server. The first server to ask owns
    /// the session if none did.
    ///
    /// # Errors
    ///
    /// `SessionExpired` if it is closing, or unknown and no `strangers` may pass, `SessionMoved` if
    /// it is another server's.
    pub fn check(
        &mut self,
        session: SessionId,
        owner: ServerId,
        strangers: bool,
    ) -> Result<(), ErrorCode> {
        match self.sessions.get_mut(&session) {
            None if strangers => Ok(()),
            Some(tracked) if !tracked.closing => match *tracked.owner.get_or_insert(owner) {
                recorded if recorded == owner => Ok(()),
                _ => Err(ErrorCode::SessionMoved),
            },
            _ => Err(ErrorCode::SessionExpired),
        }
    }

    /// When the next bucket is due.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        self.buckets.keys().next().map(|ms| Time::from_ms(*ms))
    }

    /// The sessions whose time is up, oldest bucket first; each is closing from here on.
    pub fn expired(&mut self, now: Now) -> Vec<SessionId> {
        let now_ms = now.at.0 / 1000;
        let mut expired = Vec::new();
        while self.buckets.first_key_value().is_some_and(|(due, _)| *due <= now_ms) {
            expired.extend(self.buckets.pop_first().into_iter().flat_map(|(_, bucket)| bucket));
        }
        for session in &expired {
            if let Some(tracked) = self.sessions.get_mut(session) {
                tracked.closing = true;
            }
        }
        expired
    }

    /// How many sessions there are, closing ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there is no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The end of the tick after the one in which the timeout ends.
    fn expiry_ms(&self, now: Now, timeout_ms: i32) -> u64 {
        let timeout_ms = u64::try_from(timeout_ms).unwrap_or_default();
        ((now.at.0 / 1000 + timeout_ms) / self.tick_ms + 1) * self.tick_ms
    }

    fn leave_bucket(&mut self, session: SessionId, expiry_ms: u64) {
        if let Some(bucket) = self.buckets.get_mut(&expiry_ms) {
            bucket.remove(&session);
            if bucket.is_empty() {
                self.buckets.remove(&expiry_ms);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: SessionId = SessionId(0xa);
    const BEN: SessionId = SessionId(0xb);
    const ONE: ServerId = ServerId(1);
    const TWO: ServerId = ServerId(2);

    fn at_ms(ms: u64) -> Now {
        Now { at: Time::from_ms(ms), wall_ms: 0 }
    }

    fn tracker() -> SessionTracker {
        let mut tracker = SessionTracker::new(2000);
        tracker.add(at_ms(0), ANN, 4000, Some(ONE));
        tracker
    }

    #[test]
    fn a_silent_session_expires_at_the_end_of_a_tick() {
        let mut tracker = tracker();
        assert_eq!(tracker.next_expiry(), Some(Time::from_ms(6000)));
        assert!(tracker.expired(at_ms(5999)).is_empty());
        assert_eq!(tracker.expired(at_ms(6000)), [ANN]);
        assert!(tracker.expired(at_ms(60_000)).is_empty(), "only once");
        assert_eq!(tracker.next_expiry(), None);
    }

    #[test]
    fn a_session_heard_from_lives_on() {
        let mut tracker = tracker();
        tracker.touch(at_ms(5000), ANN, 4000);
        assert!(tracker.expired(at_ms(9999)).is_empty());
        assert_eq!(tracker.expired(at_ms(10_000)), [ANN]);
    }

    #[test]
    fn a_closing_session_is_told_so_and_can_not_be_resumed_or_kept_alive() {
        let mut tracker = tracker();
        let _ = tracker.expired(at_ms(6000));
        tracker.touch(at_ms(6000), ANN, 4000);
        assert_eq!(tracker.next_expiry(), None);
        assert_eq!(tracker.check(ANN, ONE, false), Err(ErrorCode::SessionExpired));
        assert!(!tracker.revalidate(at_ms(6000), ANN, 4000, ONE));
        assert_eq!(
            tracker.check(BEN, ONE, false),
            Err(ErrorCode::SessionExpired),
            "unknown is the same"
        );
    }

    #[test]
    fn a_stranger_may_be_another_servers_local_session_where_there_are_such() {
        let mut tracker = tracker();
        assert_eq!(tracker.check(BEN, TWO, true), Ok(()));
        assert_eq!(tracker.check(BEN, ONE, true), Ok(()), "and nobody owns it here");
        let _ = tracker.expired(at_ms(6000));
        assert_eq!(tracker.check(ANN, ONE, true), Err(ErrorCode::SessionExpired), "ann is none");
    }

    #[test]
    fn a_session_that_moved_is_refused_where_it_was() {
        let mut tracker = tracker();
        assert_eq!(tracker.check(ANN, ONE, false), Ok(()));
        assert!(tracker.revalidate(at_ms(1000), ANN, 8000, TWO));
        assert_eq!(tracker.check(ANN, ONE, false), Err(ErrorCode::SessionMoved));
        assert_eq!(tracker.check(ANN, TWO, false), Ok(()));
        assert_eq!(tracker.next_expiry(), Some(Time::from_ms(10_000)), "with its new timeout");
    }

    #[test]
    fn a_new_leader_grants_everybody_the_full_timeout_and_learns_the_owners() {
        let mut tracker = tracker();
        tracker.restart(at_ms(7000), &LargeMap::from([(ANN, 4000), (BEN, 40_000)]));
        assert_eq!(tracker.len(), 2);
        assert_eq!(tracker.next_expiry(), Some(Time::from_ms(12_000)));
        assert_eq!(tracker.check(BEN, TWO, false), Ok(()), "the first to ask owns it");
        assert_eq!(tracker.check(BEN, ONE, false), Err(ErrorCode::SessionMoved));
        assert_eq!(tracker.expired(at_ms(100_000)), [ANN, BEN]);
    }
}
