//! Who may connect now, and which requests are done now (docs/protocol.md, C2.10 and C11).
//!
//! Invariant: whatever was taken comes back when its holder is dropped, so a connection that ends
//! in the middle of anything leaves nothing behind.

use super::flow::{ConnectionFlow, Flow};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vivarium_protocol::base::Rng;

/// The share of connections dropped at random is drawn in these steps.
const STEPS: f64 = 1_000_000.0;

/// A bucket of tokens for those who connect, and with `freeze_time` a share that is dropped at
/// random, which grows while the bucket is empty (the BLUE algorithm).
#[derive(Debug)]
pub struct ConnectionThrottle {
    flow: ConnectionFlow,
    state: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: u64,
    filled: Instant,
    frozen: Instant,
    drop: f64,
    rng: Rng,
}

impl ConnectionThrottle {
    /// A full bucket.
    #[must_use]
    pub fn new(flow: ConnectionFlow, now: Instant, seed: u64) -> ConnectionThrottle {
        let rng = Rng::seeded(seed);
        let bucket = Bucket { tokens: flow.tokens, filled: now, frozen: now, drop: 0.0, rng };
        ConnectionThrottle { flow, state: Mutex::new(bucket) }
    }

    /// Takes what a connection costs, if it is there.
    #[must_use]
    pub fn admits(&self, cost: u64, now: Instant) -> bool {
        if self.flow.tokens == 0 {
            return true;
        }
        let mut bucket = self.state.lock().expect("whoever counts does not panic");
        bucket.fill(&self.flow, now);
        if let Some(freeze_ms) = self.flow.freeze_time_ms
            && bucket.drops(&self.flow, freeze_ms, now)
        {
            return false;
        }
        if bucket.tokens < cost {
            bucket.frozen = now;
            return false;
        }
        bucket.tokens -= cost;
        true
    }
}

impl Bucket {
    fn fill(&mut self, flow: &ConnectionFlow, now: Instant) {
        let passed = elapsed_ms(self.filled, now);
        if passed >= flow.fill_time_ms {
            let more = passed.saturating_mul(flow.fill_count) / flow.fill_time_ms;
            self.tokens = self.tokens.saturating_add(more).min(flow.tokens);
            self.filled = now;
        }
    }

    /// Moves the share with the bucket, at most once in a while, and draws.
    fn drops(&mut self, flow: &ConnectionFlow, freeze_ms: u64, now: Instant) -> bool {
        if elapsed_ms(self.frozen, now) > freeze_ms {
            let missing = flow.tokens - self.tokens;
            let few = (flow.tokens as f64 * flow.decrease_ratio).round() as u64;
            if self.tokens == 0 {
                self.drop = (self.drop + flow.drop_increase).min(1.0);
            } else if missing <= few {
                self.drop = (self.drop - flow.drop_decrease).max(0.0);
            }
            self.frozen = now;
        }
        (self.rng.below(STEPS as u64) as f64) < self.drop * STEPS
    }
}

fn elapsed_ms(since: Instant, now: Instant) -> u64 {
    u64::try_from(now.saturating_duration_since(since).as_millis()).unwrap_or(u64::MAX)
}

/// What requests in work hold, until they are answered.
#[derive(Debug, Default)]
pub struct InWork {
    _turn: Option<OwnedSemaphorePermit>,
    _large: Option<Large>,
}

impl InWork {
    /// What one request holds.
    #[must_use]
    pub fn new(turn: Option<OwnedSemaphorePermit>, large: Option<Large>) -> InWork {
        InWork { _turn: turn, _large: large }
    }
}

/// The requests in work, of all connections together.
#[derive(Debug)]
pub struct RequestThrottle {
    turns: Option<Arc<Semaphore>>,
    large: Option<usize>,
    large_total: usize,
    large_bytes: Arc<AtomicUsize>,
}

/// The bytes of a large request in work.
#[derive(Debug)]
pub struct Large {
    bytes: usize,
    total: Arc<AtomicUsize>,
}

impl RequestThrottle {
    /// Nothing is in work.
    #[must_use]
    pub fn new(flow: &Flow) -> RequestThrottle {
        let most = flow.requests.min(Semaphore::MAX_PERMITS);
        RequestThrottle {
            turns: (flow.requests > 0).then(|| Arc::new(Semaphore::new(most))),
            large: flow.large,
            large_total: flow.large_total,
            large_bytes: Arc::default(),
        }
    }

    /// The queue for turns, first come, first served; `None` without a limit.
    #[must_use]
    pub fn turns(&self) -> Option<&Arc<Semaphore>> {
        self.turns.as_ref()
    }

    /// Looks at the length that a frame begins with, before the frame is read.
    ///
    /// # Errors
    /// There is no room for it: its connection is to be closed.
    pub fn announce(&self, input: &[u8]) -> Result<(), NoRoom> {
        let Some(threshold) = self.large else { return Ok(()) };
        let Some(head) = input.first_chunk::<4>() else { return Ok(()) };
        let bytes = usize::try_from(i32::from_be_bytes(*head)).unwrap_or(0);
        let taken = self.large_bytes.load(Ordering::Relaxed);
        if bytes > threshold && taken.saturating_add(bytes) > self.large_total {
            return Err(NoRoom { bytes, most: self.large_total });
        }
        Ok(())
    }

    /// Counts a request of so many bytes, if it is large.
    ///
    /// # Errors
    /// There is no room for it: its connection is to be closed.
    pub fn weigh(&self, bytes: usize) -> Result<Option<Large>, NoRoom> {
        if self.large.is_none_or(|threshold| bytes <= threshold) {
            return Ok(None);
        }
        let total = Arc::clone(&self.large_bytes);
        let before = total.fetch_add(bytes, Ordering::Relaxed);
        // Dropping it takes the bytes back.
        let large = Large { bytes, total };
        if before.saturating_add(bytes) > self.large_total {
            return Err(NoRoom { bytes, most: self.large_total });
        }
        Ok(Some(large))
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A large request that does not fit beside those in work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a request of {bytes} bytes finds no room: large requests may have {most} together")]
pub struct NoRoom {
    bytes: usize,
    most: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vivarium_protocol::zoo_cfg::ZooCfg;

    fn flow(lines: &str) -> Flow {
        let text = format!("dataDir=/d\nclientPort=1\n{lines}");
        Flow::read(&ZooCfg::parse("zoo.cfg", &text).expect("it is right")).expect("it is right")
    }

    fn throttle(lines: &str, now: Instant) -> ConnectionThrottle {
        ConnectionThrottle::new(flow(lines).connections, now, 7)
    }

    #[test]
    fn a_bucket_lets_in_as_many_as_it_holds_and_fills_with_time() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let lines = "connection_throttle_tokens=3\nconnection_throttle_fill_time=10\n";
        let bucket = throttle(lines, start);
        assert!((0..3).all(|_| bucket.admits(1, start)));
        assert!(!bucket.admits(1, after(9)), "it is empty");
        assert!(bucket.admits(1, after(10)) && !bucket.admits(1, after(10)), "one has come");
        assert!(bucket.admits(3, after(10_000)), "no more come than it holds");
        assert!(!bucket.admits(1, after(10_000)));
    }

    #[test]
    fn who_costs_more_than_there_is_takes_nothing() {
        let start = Instant::now();
        let bucket = throttle("connection_throttle_tokens=3\n", start);
        assert!(bucket.admits(2, start));
        assert!(!bucket.admits(2, start));
        assert!(bucket.admits(1, start), "what was left is still there");
    }

    #[test]
    fn without_tokens_everybody_gets_in() {
        let bucket = throttle("", Instant::now());
        assert!((0..1000).all(|_| bucket.admits(5, Instant::now())));
    }

    #[test]
    fn an_empty_bucket_makes_the_share_that_is_dropped_grow_and_a_full_one_shrink() {
        let start = Instant::now();
        let mut now = start;
        let lines = "connection_throttle_tokens=10\nconnection_throttle_fill_time=1000000\n\
                     connection_throttle_freeze_time=0\nconnection_throttle_drop_increase=0.25\n\
                     connection_throttle_drop_decrease=0.5\nconnection_throttle_decrease_ratio=0.5";
        let bucket = throttle(lines, start);
        assert!((0..10).all(|_| bucket.admits(1, now)));
        for _ in 0..8 {
            now += Duration::from_millis(1);
            assert!(!bucket.admits(1, now), "no token is left");
        }
        assert!(bucket.state.lock().expect("no panic").drop > 0.9, "nearly all are dropped");
        now += Duration::from_millis(10_000_000);
        for _ in 0..4 {
            now += Duration::from_millis(1);
            let _ = bucket.admits(0, now);
        }
        assert!(bucket.state.lock().expect("no panic").drop < 0.1, "and it is forgotten again");
    }

    #[test]
    fn large_requests_share_their_bytes_and_give_them_back() {
        let throttle =
            RequestThrottle::new(&flow("largeRequestThreshold=100\nlargeRequestMaxBytes=250\n"));
        assert!(throttle.weigh(100).is_ok_and(|large| large.is_none()), "that is not large");
        let first = throttle.weigh(150).expect("there is room");
        assert!(throttle.weigh(101).is_err(), "not beside the first");
        drop(first);
        assert!(throttle.weigh(250).is_ok());
    }
}
