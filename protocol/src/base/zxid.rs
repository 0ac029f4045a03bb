//! Epochs and zxids: the order of everything that ZooKeeper decides.
//!
//! A zxid is `epoch << 32 | counter`. Counter 0 never belongs to a transaction; it marks the start
//! of an epoch. Both are signed as on the wire: `-1` is the zxid of a database that is not to be
//! trusted, and an observer's vote carries `Long.MIN_VALUE`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The reign of one leader: accepted, current, or a vote's peer epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Epoch(pub i64);

impl Epoch {
    /// The peer epoch in the vote of a server that may not stand.
    pub const NONE: Epoch = Epoch(i64::MIN);

    /// The epoch after this one.
    #[must_use]
    pub fn next(self) -> Epoch {
        Epoch(self.0.saturating_add(1))
    }

    /// The zxid that marks the start of this epoch: counter 0.
    #[must_use]
    pub fn start(self) -> Zxid {
        Zxid(self.0 << 32)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Epoch::NONE { f.write_str("none") } else { write!(f, "{}", self.0) }
    }
}

/// The id of a transaction: epoch in the upper 32 bits, counter in the lower 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zxid(pub i64);

impl Zxid {
    /// Before any transaction.
    pub const ZERO: Zxid = Zxid(0);
    /// The zxid of a database that is empty and must not be trusted (`db.autocreate=false`).
    pub const UNTRUSTED: Zxid = Zxid(-1);
    /// The zxid in the vote of a server that may not stand.
    pub const NONE: Zxid = Zxid(i64::MIN);
    /// The largest counter; reaching it forces an election (a new epoch).
    pub const MAX_COUNTER: u32 = u32::MAX;

    /// Puts a zxid together.
    #[must_use]
    pub fn new(epoch: Epoch, counter: u32) -> Zxid {
        Zxid((epoch.0 << 32) | i64::from(counter))
    }

    /// The epoch: an arithmetic shift, as ZooKeeper's.
    #[must_use]
    pub fn epoch(self) -> Epoch {
        Epoch(self.0 >> 32)
    }

    /// The counter within the epoch.
    #[must_use]
    pub fn counter(self) -> u32 {
        (self.0 & 0xffff_ffff) as u32
    }

    /// Whether this marks the start of an epoch rather than a transaction.
    #[must_use]
    pub fn is_epoch_start(self) -> bool {
        self.counter() == 0
    }

    /// The next zxid of the same epoch, or `None` when the counter is used up (ZOOKEEPER-1277).
    #[must_use]
    pub fn successor(self) -> Option<Zxid> {
        (self.counter() != Zxid::MAX_COUNTER).then(|| Zxid(self.0 + 1))
    }

    /// Whether `self` may follow `previous` in a log: the next counter of the same epoch, or the
    /// first transaction of a later one.
    #[must_use]
    pub fn follows(self, previous: Zxid) -> bool {
        if self.epoch() == previous.epoch() {
            Some(self) == previous.successor()
        } else {
            self.epoch() > previous.epoch() && !self.is_epoch_start()
        }
    }
}

impl fmt::Display for Zxid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Zxid::NONE => f.write_str("none"),
            Zxid::UNTRUSTED => f.write_str("untrusted"),
            zxid => write!(f, "{}|{}", zxid.epoch(), zxid.counter()),
        }
    }
}

impl FromStr for Zxid {
    type Err = ZxidParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = match text {
            "none" => Some(Zxid::NONE),
            "untrusted" => Some(Zxid::UNTRUSTED),
            other => other.split_once('|').and_then(|(epoch, counter)| {
                let epoch = i64::from(epoch.parse::<i32>().ok()?);
                Some(Zxid::new(Epoch(epoch), counter.parse().ok()?))
            }),
        };
        parsed.ok_or_else(|| ZxidParseError(text.to_owned()))
    }
}

/// A text that is no zxid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a zxid, which is written epoch|counter, as in 4|7")]
pub struct ZxidParseError(pub String);

impl Serialize for Zxid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zxid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zxid_is_written_epoch_bar_counter_and_read_back() {
        for zxid in [Zxid::new(Epoch(4), 7), Zxid::ZERO, Zxid::NONE, Zxid::UNTRUSTED] {
            assert_eq!(zxid.to_string().parse::<Zxid>(), Ok(zxid));
        }
        assert_eq!(Zxid(0x4_0000_0007).to_string(), "4|7");
        assert!("4-7".parse::<Zxid>().is_err());
    }

    #[test]
    fn what_may_follow_in_a_log() {
        let at = |epoch, counter| Zxid::new(Epoch(epoch), counter);
        let cases = [
            (at(1, 1), at(1, 2), true),
            (at(1, 1), at(1, 3), false),
            (at(1, 5), at(2, 1), true),
            (at(1, 5), at(2, 3), true),
            (at(2, 0), at(2, 1), true),
            (at(1, 5), at(2, 0), false),
            (at(2, 1), at(1, 2), false),
        ];
        for (previous, next, expected) in cases {
            assert_eq!(next.follows(previous), expected, "{previous} then {next}");
        }
    }

    #[test]
    fn the_last_counter_has_no_successor() {
        assert_eq!(Zxid::new(Epoch(1), Zxid::MAX_COUNTER).successor(), None);
    }
}
