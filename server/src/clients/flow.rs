//! What zoo.cfg says about how much clients may ask for at once (docs/protocol.md, C2.10 and C11).
//!
//! Invariant: a setting that is no number in its range is refused when the server starts. All of it
//! is off unless it is set, as in ZooKeeper.

use crate::findings::Findings;
use std::str::FromStr;
use std::time::Duration;
use vivarium_protocol::zoo_cfg::{ConfigError, ZooCfg};

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
    /// One sentence for each setting that is no number in its range.
    pub fn read(cfg: &ZooCfg) -> Result<Flow, Vec<ConfigError>> {
        let mut found = Findings::of(cfg);
        let flow = Flow {
            sessionless: milliseconds(&mut found, "nio.sessionlessCnxnTimeout", 10_000),
            connections: ConnectionFlow::read(&mut found),
            requests: number(&mut found, "request_throttle_max_requests", 0),
            stale_latency: found.flag("request_stale_latency_check", false),
            throttled: milliseconds(&mut found, "throttled_op_wait_time", 0),
            large: optional(&mut found, "largeRequestThreshold"),
            large_total: number(&mut found, "largeRequestMaxBytes", 100 << 20),
        };
        if found.errors.is_empty() { Ok(flow) } else { Err(found.errors) }
    }
}

impl ConnectionFlow {
    fn read(found: &mut Findings<'_>) -> ConnectionFlow {
        let weighted = found.flag("connection_throttle_weight_enabled", false);
        let mut weight = |key, usual| if weighted { number(found, key, usual) } else { 1 };
        let weights = [
            weight("connection_throttle_global_session_weight", 3),
            weight("connection_throttle_local_session_weight", 1),
            weight("connection_throttle_renew_session_weight", 2),
        ];
        ConnectionFlow {
            tokens: number(found, "connection_throttle_tokens", 0),
            fill_time_ms: number(found, "connection_throttle_fill_time", 1).max(1),
            fill_count: number(found, "connection_throttle_fill_count", 1),
            freeze_time_ms: optional(found, "connection_throttle_freeze_time"),
            drop_increase: ratio(found, "connection_throttle_drop_increase", 0.02),
            drop_decrease: ratio(found, "connection_throttle_drop_decrease", 0.002),
            decrease_ratio: ratio(found, "connection_throttle_decrease_ratio", 0.0),
            weights,
        }
    }
}

/// A setting that fits, or what is usual.
fn parsed<T: FromStr>(
    found: &mut Findings<'_>,
    key: &str,
    usual: T,
    what: &str,
    fits: impl FnOnce(&T) -> bool,
) -> T {
    let Some(text) = found.cfg.setting(key) else { return usual };
    if let Some(value) = text.trim().parse().ok().filter(fits) {
        return value;
    }
    let said = format!("{key} must be {what}, not \"{text}\"");
    found.error(key, said, "write such a number, or leave the line out");
    usual
}

fn number<T: FromStr>(found: &mut Findings<'_>, key: &str, usual: T) -> T {
    parsed(found, key, usual, "a whole number from 0 on", |_| true)
}

fn milliseconds(found: &mut Findings<'_>, key: &str, usual: u64) -> Duration {
    Duration::from_millis(number(found, key, usual))
}

/// A number that -1 turns off, as it is unless given.
fn optional<T: TryFrom<i64>>(found: &mut Findings<'_>, key: &str) -> Option<T> {
    let what = "a whole number from 0 on, or -1 for no limit";
    T::try_from(parsed(found, key, -1, what, |value| *value >= -1)).ok()
}

fn ratio(found: &mut Findings<'_>, key: &str, usual: f64) -> f64 {
    parsed(found, key, usual, "a number from 0 to 1", |value| (0.0..=1.0).contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Flow, Vec<ConfigError>> {
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
            (
                "connection_throttle_tokens=many",
                "connection_throttle_tokens must be a whole number from 0 on, not \"many\"",
            ),
            ("request_throttle_max_requests=-4", "from 0 on"),
            ("largeRequestThreshold=-2", "-1 for no limit"),
            ("connection_throttle_drop_increase=2", "from 0 to 1"),
        ] {
            let errors = read(line).expect_err(line);
            let [error] = &errors[..] else { panic!("one sentence: {errors:?}") };
            let error = error.to_string();
            assert!(error.starts_with("zoo.cfg:3: ") && error.contains(part), "{error}");
        }
    }
}
