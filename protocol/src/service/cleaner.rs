//! ContainerManager: deletes containers that nobody needs any more and nodes whose time is over.
//!
//! docs/protocol.md, C5.8 and C5.9. Only a leader or a standalone server cleans. It looks through
//! the tree as it is applied, at intervals, and asks for one deletion after another, spread over
//! time; each is judged again where it is prepared. Invariant: there is a deadline only while there
//! is a container or a node with a time to live.

use crate::base::{Now, Time, ZnodeRules};
use crate::replica::{DataTree, Owner, PersistedStat};
use std::collections::VecDeque;
use std::sync::Arc;

/// When to look, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Cleaner {
    next: Option<Time>,
    /// When this round began.
    since: Time,
    /// What this round has found and not yet asked for.
    found: VecDeque<Arc<str>>,
}

impl Cleaner {
    /// The first round begins after one interval, as soon as there is something that may go.
    pub fn begin(&mut self, now: Now, tree: &DataTree, rules: &ZnodeRules) {
        if self.next.is_none() && !tree.expirable().is_empty() {
            self.next = Some(now.at.after_ms(rules.check_interval_ms));
        }
    }

    /// When to ask for the next deletion, or to look.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.next
    }

    /// What is to be deleted now, if it is time and there is something.
    pub fn take_due(&mut self, now: Now, tree: &DataTree, rules: &ZnodeRules) -> Option<Arc<str>> {
        if self.next.is_none_or(|at| at > now.at) {
            return None;
        }
        if self.found.is_empty() {
            self.since = now.at;
            for path in tree.expirable() {
                let node = tree.get(path);
                if node.is_some_and(|it| is_over(&it.stat, it.children.len(), now, rules)) {
                    self.found.push_back(Arc::clone(path));
                }
            }
        }
        let due = self.found.pop_front();
        self.next = if !self.found.is_empty() {
            Some(now.at.after_ms(60_000 / rules.max_per_minute.max(1)))
        } else if tree.expirable().is_empty() {
            None
        } else {
            // At least a millisecond on, so that time can pass.
            Some(self.since.after_ms(rules.check_interval_ms).max(now.at.after_ms(1)))
        };
        due
    }
}

/// Whether a node may go: a container that had children once, or was never used for too long; a
/// node that nobody changed within its time to live. Children keep either.
#[must_use]
pub fn is_over(stat: &PersistedStat, children: usize, now: Now, rules: &ZnodeRules) -> bool {
    let unchanged_ms = now.wall_ms.saturating_sub(stat.mtime_ms);
    children == 0
        && match stat.owner() {
            Owner::Container => {
                let most = rules.max_never_used_ms;
                stat.cversion > 0 || (most > 0 && unchanged_ms > most)
            }
            Owner::Ttl(ttl_ms) => ttl_ms > 0 && unchanged_ms > ttl_ms,
            Owner::Nobody | Owner::Session(_) => false,
        }
}
