//! Quotas: how many nodes and bytes a subtree has, how many it may have, and who keeps the figures.
//!
//! docs/protocol.md, C5.11. The limits of `/a` are the text of
//! `/zookeeper/quota/a/zookeeper_limits`, its figures that of `zookeeper_stats` beside it. Clients
//! make both; from then on every server keeps the figures by itself, in place: no transaction, no
//! version, no event, and nothing of it in the digest. Invariant: `quotas` holds exactly the paths
//! that have a node with limits.

use super::DataTree;
use super::path::{QUOTA, ROOT, child, name, parent};
use crate::base::LargeSet;
use bytes::Bytes;
use std::sync::Arc;

const LIMITS: &str = "zookeeper_limits";
const STATS: &str = "zookeeper_stats";

/// A text of limits or figures; what it does not say, or not as a number, is -1: no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Figures {
    count: i64,
    bytes: i64,
    count_hard_limit: i64,
    byte_hard_limit: i64,
}

impl Figures {
    /// Reads for example `count=5,bytes=-1=;byteHardLimit=9;countHardLimit=7`: the second `=` is
    /// where old readers stop.
    fn read(text: &[u8]) -> Figures {
        let (count_hard_limit, byte_hard_limit) = (-1, -1);
        let mut figures = Figures { count: -1, bytes: -1, count_hard_limit, byte_hard_limit };
        for pair in String::from_utf8_lossy(text).split([',', ';']) {
            let mut parts = pair.split('=');
            let key = parts.next();
            let number = parts.next().and_then(|number| number.parse().ok()).unwrap_or(-1);
            match key {
                Some("count") => figures.count = number,
                Some("bytes") => figures.bytes = number,
                Some("countHardLimit") => figures.count_hard_limit = number,
                Some("byteHardLimit") => figures.byte_hard_limit = number,
                Some(_) | None => {}
            }
        }
        figures
    }
}

/// The path whose quota a node beneath [`QUOTA`] with this name belongs to.
fn subject<'a>(path: &'a str, wanted: &str) -> Option<&'a str> {
    let subject = parent(path).strip_prefix(QUOTA).filter(|_| name(path) == wanted)?;
    match subject {
        "" => Some(ROOT),
        subject => subject.starts_with('/').then_some(subject),
    }
}

/// The path of the limits or figures of a path.
fn of(path: &str, name: &str) -> String {
    let mut place = QUOTA.to_owned();
    if path != ROOT {
        place.push_str(path);
    }
    child(&place, name)
}

impl DataTree {
    /// A node came (`count` 1), went (-1) or has new data (0), with this difference in bytes.
    pub(super) fn keep_quota(&mut self, path: &str, count: i64, bytes: i64) {
        if count != 0 {
            if let Some(path) = subject(path, LIMITS) {
                let quotas = Arc::make_mut(&mut self.quotas);
                if count > 0 {
                    quotas.insert(Arc::from(path));
                } else {
                    quotas.remove(path);
                }
            }
            if let Some(path) = subject(path, STATS).filter(|_| count > 0) {
                self.count_below(path);
            }
        }
        let Some(quota) = self.quota_over(path).map(|path| of(path, STATS)) else { return };
        if let Some(figures) = self.figures(&quota) {
            // Anybody may have written them: they turn around at their ends, as in Java.
            let (count, bytes) =
                (figures.count.wrapping_add(count), figures.bytes.wrapping_add(bytes));
            self.write_figures(&quota, count, bytes);
        }
    }

    /// Finds the quotas of a tree that was read from an image, and counts each anew.
    pub(super) fn find_quotas(&mut self) {
        let mut quotas: LargeSet<Arc<str>> = LargeSet::new();
        self.walk(QUOTA, &mut |node| {
            if let Some(path) = subject(&node.path, LIMITS) {
                quotas.insert(Arc::from(path));
            }
        });
        for path in &quotas {
            self.count_below(path);
        }
        self.quotas = Arc::new(quotas);
    }

    /// Whether a node more or less, or so many bytes, would break a hard limit. A soft one is only
    /// for people to look at.
    #[must_use]
    pub fn exceeds_quota(&self, path: &str, count: i64, bytes: i64) -> bool {
        let Some(quota) = self.quota_over(path) else { return false };
        let (limits, figures) = (of(quota, LIMITS), of(quota, STATS));
        let (Some(limits), Some(figures)) = (self.figures(&limits), self.figures(&figures)) else {
            return false;
        };
        let breaks = |limit: i64, now: i64, more: i64| {
            limit > -1 && more != 0 && now.wrapping_add(more) > limit
        };
        breaks(limits.count_hard_limit, figures.count, count)
            || breaks(limits.byte_hard_limit, figures.bytes, bytes)
    }

    /// The deepest path with a quota at or above this one; the root's never counts.
    fn quota_over<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut at = path;
        while !self.quotas.is_empty() && at != ROOT {
            if self.quotas.contains(at) {
                return Some(at);
            }
            at = parent(at);
        }
        None
    }

    fn figures(&self, path: &str) -> Option<Figures> {
        let node = self.get(path)?;
        Some(Figures::read(node.data.as_deref().unwrap_or_default()))
    }

    /// Counts a node and all below it, and writes that down.
    fn count_below(&mut self, path: &str) {
        let (mut count, mut bytes) = (0, 0);
        self.walk(path, &mut |node| {
            count += 1;
            bytes += node.data_length() as i64;
        });
        self.write_figures(&of(path, STATS), count, bytes);
    }

    fn write_figures(&mut self, path: &str, count: i64, bytes: i64) {
        let text = format!("count={count},bytes={bytes}");
        self.edit(path, |node| node.data = Some(Bytes::from(text)));
    }
}
