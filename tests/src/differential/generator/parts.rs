//! What requests are made of: paths, lists, versions, data, valid and not.
//!
//! Below `/open` everybody may read, always, and clients watch; below `/guarded` lists are of any
//! kind and nobody watches. Servers before 3.9 do not ask a list before they send an event, so a
//! watch on a node that hides from its watcher has no comparable fate (docs/differences.md).

use super::Generator;
use crate::differential::jute::Entry;
use crate::differential::request::{Path, Request};

/// A part of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Land {
    /// Readable by everybody.
    Open,
    /// Under lists of any kind.
    Guarded,
}

impl Land {
    fn root(self) -> &'static str {
        match self {
            Land::Open => "/open",
            Land::Guarded => "/guarded",
        }
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Paths that most servers refuse, each in its own way.
const ODD: [&str; 24] = [
    "",
    "a",
    "open/a",
    "//",
    "/open//a",
    "/open/",
    "/open/a/",
    "/open/.",
    "/open/..",
    "/open/./a",
    "/open/../open",
    "/open/...",
    "/open/.a",
    "/open/a\0b",
    "/open/\u{1}",
    "/open/\u{1f}",
    "/open/\u{7f}",
    "/open/\u{9f}",
    "/open/\u{a0}",
    "/open/\u{e000}",
    "/open/\u{f900}",
    "/open/\u{fff0}",
    "/open/\u{10000}",
    "/open/\u{e9}\u{4e2d}",
];

/// Paths that the server has for itself.
const RESERVED: [&str; 5] =
    ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "/zookeeper/none"];

/// Users, the last of them the super user of both servers.
pub const USERS: [&str; 3] = ["ann:pw", "bob:secret", "super:pw"];
/// What their passwords come to.
const DIGESTS: [&str; 2] = ["ann:RYbu6l5aZwqon8VWmkcGvezdzfc=", "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ="];

/// The roots of both lands.
pub fn prologue() -> Vec<Request> {
    let everybody = [entry("world", "anyone", 31)];
    let make = |path: &str| Request::create(1, &some(path), Some(b""), Some(&everybody), 0, -1);
    vec![make("/open"), make("/guarded"), make("/open/a"), make("/guarded/a")]
}

pub fn some(path: &str) -> Path {
    Some(path.as_bytes().to_vec())
}

fn entry(scheme: &'static str, id: &str, perms: i32) -> Entry {
    Entry { perms, scheme: Some(scheme), id: Some(id.to_owned()) }
}

impl Generator {
    pub(super) fn land(&mut self) -> Land {
        self.pick(&[Land::Open, Land::Open, Land::Guarded])
    }

    /// A path of this part of the tree; or, rarely, an odd or a reserved one.
    pub(super) fn path(&mut self, land: Land) -> Path {
        match self.rng.below(100) {
            0..60 => self.known(land).unwrap_or_else(|| self.named(land)),
            60..92 => self.named(land),
            92..95 => some(self.pick(&RESERVED)),
            _ => self.odd(),
        }
    }

    /// A path at which something probably is.
    pub(super) fn known(&mut self, land: Land) -> Option<Path> {
        let count = self.hints.count(land.root());
        let at = self.rng.below(u64::try_from(count).ok()?);
        let path = self.hints.nth(land.root(), usize::try_from(at).ok()?)?;
        Some(some(path))
    }

    /// A path at which something is that probably has no children.
    pub(super) fn leaf(&mut self, land: Land) -> Option<Path> {
        let tries = (0..6).filter_map(|_| self.known(land)).collect::<Vec<_>>();
        let is_leaf = |path: &Path| {
            let text = path.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            text.len() > land.root().len() && !self.hints.is_parent(&text)
        };
        tries.into_iter().find(is_leaf)
    }

    /// A path of the few that meet each other often.
    pub(super) fn named(&mut self, land: Land) -> Path {
        let mut path = land.root().to_owned();
        for _ in 0..=self.rng.below(3) {
            path.push('/');
            path.push_str(self.pick(&NAMES));
        }
        some(&path)
    }

    fn odd(&mut self) -> Path {
        match self.rng.below(30) {
            0 => None,
            1 => Some(b"/open/\xff\xfe".to_vec()),
            2 => some(&format!("/open/{}", "long".repeat(300))),
            _ => some(self.pick(&ODD)),
        }
    }

    /// The way to a child that is to be made: below something known, mostly.
    pub(super) fn place(&mut self, land: Land, sequential: bool) -> Path {
        if self.rng.one_in(12) {
            return self.path(land);
        }
        let parent = self.known(land).flatten().unwrap_or_else(|| land.root().into());
        let name = self.pick(&NAMES);
        let ends = if sequential { ["/", "/s-", "/", "/a"] } else { ["/"; 4] };
        let mut path = parent;
        // A tree that only grows deeper would have few nodes that meet.
        if path.iter().filter(|byte| **byte == b'/').count() > 4 {
            path = land.root().into();
        }
        path.extend(self.pick(&ends).as_bytes());
        if !sequential {
            path.extend(name.as_bytes());
        }
        Some(path)
    }

    pub(super) fn data(&mut self) -> Option<Vec<u8>> {
        let length = self.pick(&[0, 1, 1, 5, 20, 200]);
        let byte = self.pick(b"xyz");
        (!self.rng.one_in(8)).then(|| vec![byte; length])
    }

    pub(super) fn version(&mut self, path: &Path) -> i32 {
        let text = path.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let known = self.hints.version(&text);
        self.pick(&[-1, -1, -1, -1, known, known, 0, 1, -2, i32::MAX])
    }

    /// A list for a node: one in eight is refused.
    pub(super) fn acl(&mut self, land: Land) -> Option<Vec<Entry>> {
        if self.rng.one_in(8) {
            return self.refused();
        }
        let everybody = entry("world", "anyone", 31);
        if self.rng.below(3) > 0 {
            return Some(vec![everybody]);
        }
        let perms = self.pick(&[0, 1, 2, 4, 8, 16, 31, 3, 17, 13, -1, 64]);
        let digest = self.pick(&DIGESTS);
        let network = self.pick(&["127.0.0.1", "127.0.0.0/8", "10.0.0.0/8", "127.0.0.1/0"]);
        let special = match self.rng.below(4) {
            0 => entry("digest", digest, perms),
            1 => entry("ip", network, perms),
            2 => entry("world", "anyone", perms),
            _ => Entry { perms, scheme: Some("auth"), id: self.pick(&[None, Some(String::new())]) },
        };
        let everybody = match land {
            Land::Open => Some(entry("world", "anyone", self.pick(&[1, 31, 15, 5]))),
            Land::Guarded => self.pick(&[None, Some(everybody)]),
        };
        // The same entry twice counts once (docs/differences.md, null-twice).
        let twice = (self.rng.one_in(6) && special.id.is_some()).then(|| special.clone());
        Some([Some(special), everybody, twice].into_iter().flatten().collect())
    }

    fn refused(&mut self) -> Option<Vec<Entry>> {
        let bad = match self.rng.below(12) {
            0 => return None,
            1 => return Some(Vec::new()),
            2 => entry("world", "somebody", 31),
            3 => entry("nobody-knows", "x", 31),
            4 => entry("digest", "no-colon", 31),
            5 => entry("digest", "a:b:c", 31),
            6 => entry("ip", "127.0.0.1/33", 31),
            7 => entry("ip", "not-an-address", 31),
            8 => entry("super", "", 31),
            9 => entry("sasl", "user", 31),
            10 => entry("", "", 31),
            // Beside another entry Apache stumbles over the null (docs/differences.md, null-twice).
            _ => return Some(vec![Entry { perms: 31, scheme: None, id: Some("anyone".into()) }]),
        };
        let good = entry("world", "anyone", 31);
        Some(self.pick(&[vec![bad.clone()], vec![good, bad]]))
    }
}
