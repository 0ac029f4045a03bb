//! What zoo.cfg says about how much clients may ask for at once (docs/protocol.md, C2.10 and C11).
//!
//! Invariant: a setting that is no number in its range is refused when the server starts. All of it
//! is off unless it is set, as in ZooKeeper.

use std::time::Duration;
use vivarium_protocol::zoo_cfg::ZooCfg;

/// The limits to the flow of connections and requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// `nio.sessionlessCnxnTimeout`: how long a connection may be without a session. Default 10 s.
    pub sessionless: Duration,
    /// `connection_throttle_…`.
    pub connections: ConnectionFlow,
    /// `request_throttle_max_requests`: requests in work before others wait; 0, the default, is no
    /// limit.
    pub requests: usize,
    /// `request_stale_latency_check`: whether a request that waited longer than its session's
    /// timeout ends its connection. Default false.
    pub stale_latency: bool,
    /// `throttled_op_wait_time`: a request that waited longer for its turn is not done but answered
    /// with -127; zero, the default, is never.
    pub throttled: Duration,
    /// `largeRequestThreshold`: requests with more bytes are large; `None` (-1), the default, is
    /// none.
    pub large: Option<usize>,
    /// `largeRequestMaxBytes`: what large requests in work may have together. Default 100 MiB.
    pub large_total: usize,
}

/// `connection_throttle_…`: a bucket of tokens for those who connect.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionFlow {
    /// `_tokens`: how many the bucket holds; 0, the default, is no limit.
    pub tokens: u64,
    /// `_fill_time`, milliseconds: how often it is filled. Default 1.
    pub fill_time_ms: u64,
    /// `_fill_count`: by how many. Default 1.
    pub fill_count: u64,
    /// `_freeze_time`, milliseconds between two changes of the share of connections that are
    /// dropped at random; `None` (-1), the default, drops none at random.
    pub freeze_time_ms: Option<u64>,
    /// `_drop_increase`: by how much that share grows while the bucket is empty. Default 0.02.
    pub drop_increase: f64,
    /// `_drop_decrease`: by how much it falls while few tokens are missing. Default 0.002.
    pub drop_decrease: f64,
    /// `_decrease_ratio`: which part of the tokens counts as few. Default 0.
    pub decrease_ratio: f64,
    /// What a connection costs: for a new session, a new local one, and one resumed. 1 each, or
    /// with `_weight_enabled` `_global_session_weight` (3), `_local_session_weight` (1) and
    /// `_renew_session_weight` (2).
    pub weights: [u64; 3],
}

impl Flow {
    /// Takes the limits out of a configuration.
    ///
    /// # Errors
    /// One sentence for the first setting that is no number in its range.
    pub fn read(cfg: &ZooCfg) -> Result<Flow, String> {
        let take = Take(cfg);
        Ok(Flow {
            sessionless: take.milliseconds("nio.sessionlessCnxnTimeout", 10_000)?,
            connections: ConnectionFlow::read(&take)?,
            requests: take.count("request_throttle_max_requests", 0)?,
            stale_latency: take.flag("request_stale_latency_check", false),
            throttled: take.milliseconds("throttled_op_wait_time", 0)?,
            large: take.optional("largeRequestThreshold")?,
            large_total: take.count("largeRequestMaxBytes", 100 << 20)?,
        })
    }
}

impl ConnectionFlow {
    fn read(take: &Take<'_>) -> Result<ConnectionFlow, String> {
        let weighted = take.flag("connection_throttle_weight_enabled", false);
        let weight = |key, usual| if weighted { take.number(key, usual) } else { Ok(1) };
        Ok(ConnectionFlow {
            tokens: take.number("connection_throttle_tokens", 0)?,
            fill_time_ms: take.number("connection_throttle_fill_time", 1)?.max(1),
            fill_count: take.number("connection_throttle_fill_count", 1)?,
            freeze_time_ms: take.optional("connection_throttle_freeze_time")?,
            drop_increase: take.ratio("connection_throttle_drop_increase", 0.02)?,
            drop_decrease: take.ratio("connection_throttle_drop_decrease", 0.002)?,
            decrease_ratio: take.ratio("connection_throttle_decrease_ratio", 0.0)?,
            weights: [
                weight("connection_throttle_global_session_weight", 3)?,
                weight("connection_throttle_local_session_weight", 1)?,
                weight("connection_throttle_renew_session_weight", 2)?,
            ],
        })
    }
}

/// Reads settings that are numbers.
struct Take<'a>(&'a ZooCfg);

impl Take<'_> {
    fn parsed<T: std::str::FromStr>(
        &self,
        key: &str,
        usual: T,
        what: &str,
        fits: impl FnOnce(&T) -> bool,
    ) -> Result<T, String> {
        let Some(text) = self.0.setting(key) else { return Ok(usual) };
        let value = text.trim().parse().ok().filter(fits);
        value.ok_or_else(|| {
            let file = &self.0.file;
            format!("{file}: {key} is \"{text}\"; it must be {what}, or leave it out")
        })
    }

    fn number<T: std::str::FromStr>(&self, key: &str, usual: T) -> Result<T, String> {
        self.parsed(key, usual, "a whole number from 0 on", |_| true)
    }

    fn count(&self, key: &str, usual: usize) -> Result<usize, String> {
        self.number(key, usual)
    }

    fn milliseconds(&self, key: &str, usual: u64) -> Result<Duration, String> {
        self.number(key, usual).map(Duration::from_millis)
    }

    /// A number that -1 turns off, as it is unless given.
    fn optional<T: TryFrom<i64>>(&self, key: &str) -> Result<Option<T>, String> {
        let what = "a whole number from 0 on, or -1 for no limit";
        let value = self.parsed(key, -1, what, |value| *value >= -1)?;
        Ok(T::try_from(value).ok())
    }

    fn ratio(&self, key: &str, usual: f64) -> Result<f64, String> {
        self.parsed(key, usual, "a number from 0 to 1", |value| (0.0..=1.0).contains(value))
    }

    fn flag(&self, key: &str, usual: bool) -> bool {
        self.0.setting(key).map_or(usual, |text| text.trim().eq_ignore_ascii_case("true"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Flow, String> {
        let text = format!("dataDir=/d\nclientPort=1\n{lines}");
        Flow::read(&ZooCfg::parse("zoo.cfg", &text).expect("the rest is right"))
    }

    #[test]
    fn nothing_is_limited_unless_it_is_asked_for() {
        let flow = read("").expect("nothing is wrong");
        assert_eq!((flow.connections.tokens, flow.requests, flow.large), (0, 0, None));
        assert_eq!(flow.sessionless, Duration::from_millis(10_000));
        assert_eq!(flow.throttled, Duration::ZERO);
        assert_eq!(flow.connections.weights, [1, 1, 1]);
    }

    #[test]
    fn every_key_is_taken_with_or_without_its_prefix() {
        let flow = read(
            "zookeeper.connection_throttle_tokens=9\nconnection_throttle_fill_time=20\n\
             connection_throttle_weight_enabled=true\nconnection_throttle_drop_increase=0.5\n\
             connection_throttle_freeze_time=-1\nlargeRequestThreshold=4096\n\
             zookeeper.request_throttle_max_requests=7\nthrottled_op_wait_time=40\n\
             zookeeper.nio.sessionlessCnxnTimeout=300\n",
        )
        .expect("all of it is right");
        assert_eq!((flow.connections.tokens, flow.connections.fill_time_ms), (9, 20));
        assert_eq!((flow.connections.weights, flow.connections.freeze_time_ms), ([3, 1, 2], None));
        assert_eq!((flow.large, flow.requests), (Some(4096), 7));
        assert_eq!(flow.throttled, Duration::from_millis(40));
        assert_eq!(flow.sessionless, Duration::from_millis(300));
    }

    #[test]
    fn what_is_no_number_is_refused_in_one_sentence() {
        for (line, part) in [
            ("connection_throttle_tokens=many", "connection_throttle_tokens is \"many\""),
            ("request_throttle_max_requests=-4", "from 0 on"),
            ("largeRequestThreshold=-2", "-1 for no limit"),
            ("connection_throttle_drop_increase=2", "from 0 to 1"),
        ] {
            let error = read(line).expect_err(line);
            assert!(error.starts_with("zoo.cfg: ") && error.contains(part), "{error}");
        }
    }
}
