//! One znode: its data, its access control list, its stat as persisted and as clients see it.
//!
//! docs/protocol.md, C5.2 to C5.9. The visible cversion counts creates and deletes of children, the
//! persisted one only creates.

use super::digest;
use crate::base::{LargeSet, SessionId, Zxid};
use crate::message::{Acl, Stat};
use bytes::Bytes;
use std::sync::Arc;

/// The largest time to live: 2^40 - 1 milliseconds, about 34 years.
pub const MAX_TTL_MS: i64 = 0xff_ffff_ffff;

const CONTAINER: i64 = i64::MIN;
const TTL_MARK: i64 = 0xff << 56;
const TTL_FEATURE: i64 = 0xff_ffff << 40;

/// Who keeps a znode alive: the reading of a persisted `ephemeralOwner`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody: a persistent node.
    Nobody,
    /// An ephemeral of this session.
    Session(SessionId),
    /// A container: goes when its last child has gone.
    Container,
    /// Goes when it has no children and was not changed for this many milliseconds.
    Ttl(i64),
}

impl Owner {
    /// Reads a persisted owner. A mark of extended types with an unknown feature is taken for a
    /// session's.
    #[must_use]
    pub fn from_raw(raw: i64) -> Owner {
        match raw {
            0 => Owner::Nobody,
            CONTAINER => Owner::Container,
            ttl if ttl & TTL_FEATURE == TTL_MARK => Owner::Ttl(ttl & MAX_TTL_MS),
            session => Owner::Session(SessionId(session)),
        }
    }

    /// The persisted form.
    #[must_use]
    pub fn raw(self) -> i64 {
        match self {
            Owner::Nobody => 0,
            Owner::Session(session) => session.0,
            Owner::Container => CONTAINER,
            Owner::Ttl(ttl_ms) => TTL_MARK | (ttl_ms & MAX_TTL_MS),
        }
    }
}

/// A znode's stat as it is stored, sent and digested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersistedStat {
    /// The create.
    pub czxid: Zxid,
    /// The last setData, or the create.
    pub mzxid: Zxid,
    /// The last create or delete of a direct child, or the create.
    pub pzxid: Zxid,
    /// When it was created, milliseconds since 1970.
    pub ctime_ms: i64,
    /// When its data was last set.
    pub mtime_ms: i64,
    /// How often its data was set.
    pub version: i32,
    /// How many direct children were ever created.
    pub cversion: i32,
    /// How often its list was set.
    pub aversion: i32,
    /// The raw owner; see [`Owner`].
    pub owner: i64,
}

impl PersistedStat {
    /// The stat of a node made by this transaction.
    #[must_use]
    pub fn created(zxid: Zxid, time_ms: i64, owner: Owner) -> PersistedStat {
        PersistedStat {
            czxid: zxid,
            mzxid: zxid,
            pzxid: zxid,
            ctime_ms: time_ms,
            mtime_ms: time_ms,
            owner: owner.raw(),
            ..PersistedStat::default()
        }
    }

    /// Notes a child's creation. The counter only ever rises, so a log may be replayed over a
    /// newer state, and it sticks at its maximum.
    pub fn child_created(&mut self, parent_cversion: i32, zxid: Zxid) {
        let cversion =
            if parent_cversion == -1 { self.cversion.wrapping_add(1) } else { parent_cversion };
        if cversion > self.cversion {
            self.cversion = cversion;
            self.pzxid = zxid;
        }
    }

    /// Notes a child's deletion.
    pub fn child_deleted(&mut self, zxid: Zxid) {
        self.pzxid = self.pzxid.max(zxid);
    }

    /// Notes new data.
    pub fn data_set(&mut self, version: i32, zxid: Zxid, time_ms: i64) {
        self.version = version;
        self.mzxid = zxid;
        self.mtime_ms = time_ms;
    }

    /// Who keeps the node alive.
    #[must_use]
    pub fn owner(&self) -> Owner {
        Owner::from_raw(self.owner)
    }

    /// What clients see, for a node with that many bytes of data and that many children.
    #[must_use]
    pub fn visible(&self, data_length: usize, num_children: usize) -> Stat {
        let num_children = num_children as i32;
        Stat {
            czxid: self.czxid,
            mzxid: self.mzxid,
            ctime_ms: self.ctime_ms,
            mtime_ms: self.mtime_ms,
            version: self.version,
            cversion: self.cversion.wrapping_mul(2).wrapping_sub(num_children),
            aversion: self.aversion,
            ephemeral_owner: match self.owner() {
                Owner::Session(session) => session.0,
                Owner::Nobody | Owner::Container | Owner::Ttl(_) => 0,
            },
            data_length: data_length as i32,
            num_children,
            pzxid: self.pzxid,
        }
    }
}

/// One node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Znode {
    /// Its full path, shared with the tree's index.
    pub path: Arc<str>,
    /// Its data; null and empty differ.
    pub data: Option<Bytes>,
    /// Its access control list, shared with every node that has the same.
    pub acl: Arc<[Acl]>,
    /// Its stat as persisted.
    pub stat: PersistedStat,
    /// The last components of its children.
    pub children: LargeSet<Arc<str>>,
    /// Its share of the tree's digest.
    pub digest: u64,
}

impl Znode {
    /// A node without children.
    #[must_use]
    pub fn new(path: Arc<str>, data: Option<Bytes>, acl: Arc<[Acl]>, stat: PersistedStat) -> Znode {
        let digest = digest::node(&path, data.as_deref(), &stat);
        Znode { path, data, acl, stat, children: LargeSet::new(), digest }
    }

    /// What clients see.
    #[must_use]
    pub fn visible_stat(&self) -> Stat {
        self.stat.visible(self.data_length(), self.children.len())
    }

    /// Bytes of data; 0 when it is null.
    #[must_use]
    pub fn data_length(&self) -> usize {
        self.data.as_ref().map_or(0, Bytes::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_read_back() {
        let cases = [
            (Owner::Nobody, 0),
            (Owner::Session(SessionId(0x0100_0034_97b1_002b)), 0x0100_0034_97b1_002b),
            (Owner::Container, i64::MIN),
            (Owner::Ttl(60_000), 0xff00_0000_0000_ea60_u64 as i64),
            (Owner::Ttl(MAX_TTL_MS), 0xff00_00ff_ffff_ffff_u64 as i64),
            (Owner::Session(SessionId(-2)), -2),
        ];
        for (owner, raw) in cases {
            assert_eq!(owner.raw(), raw);
            assert_eq!(Owner::from_raw(raw), owner);
        }
    }

    #[test]
    fn the_visible_cversion_counts_creates_and_deletes() {
        let stat = PersistedStat { cversion: 9, ..PersistedStat::default() };
        assert_eq!(stat.visible(0, 5).cversion, 13, "nine creates, four deletes");
        assert_eq!(stat.visible(0, 3).cversion, 15, "two more went with their session");
    }

    #[test]
    fn containers_and_ttl_nodes_show_no_owner() {
        for owner in [Owner::Container, Owner::Ttl(5), Owner::Nobody] {
            let stat = PersistedStat::created(Zxid(1), 0, owner);
            assert_eq!(stat.visible(0, 0).ephemeral_owner, 0, "{owner:?}");
        }
    }

    #[test]
    fn the_counter_of_children_only_rises_and_sticks_at_its_maximum() {
        let mut stat = PersistedStat { cversion: 4, pzxid: Zxid(9), ..PersistedStat::default() };
        stat.child_created(3, Zxid(7));
        assert_eq!((stat.cversion, stat.pzxid), (4, Zxid(9)), "an old create, replayed");
        stat.child_created(-1, Zxid(10));
        assert_eq!((stat.cversion, stat.pzxid), (5, Zxid(10)), "a record without a counter");
        stat.child_created(i32::MAX, Zxid(11));
        stat.child_created(i32::MAX.wrapping_add(1), Zxid(12));
        assert_eq!((stat.cversion, stat.pzxid), (i32::MAX, Zxid(11)));
        stat.child_deleted(Zxid(3));
        assert_eq!(stat.pzxid, Zxid(11), "an old delete, replayed");
    }
}
