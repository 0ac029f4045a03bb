//! Random requests: every opcode, with right and wrong arguments.

use super::Generator;
use super::parts::{Land, USERS, some};
use crate::differential::request::{Path, Request};
use crate::differential::step::Slot;

/// How a client watches a path. Servers before 3.9 keep one way for each path and connection, the
/// last one set, and ask for it in other terms; with them a client watches a path in one way only
/// (docs/differences.md, one-way-to-watch).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Standard,
    Persistent,
    Recursive,
}

impl Generator {
    /// A random request of a client.
    pub(super) fn ask(&mut self, slot: Slot) -> Request {
        match self.rng.below(100) {
            0..40 => self.write(),
            40..46 => self.multi(),
            46..78 => self.read(slot),
            78..90 => self.watch(slot),
            90..94 => self.about_the_connection(),
            94..96 => self.ending(),
            _ => self.malformed(slot),
        }
    }

    /// A request that changes something, if it succeeds.
    fn write(&mut self) -> Request {
        let land = self.land();
        match self.rng.below(20) {
            0..8 => self.create(land),
            8..13 => self.delete(land),
            13..17 => {
                let path = self.path(land);
                let (data, version) = (self.data(), self.version(&path));
                Request::set_data(&path, data.as_deref(), version)
            }
            17..19 => {
                let path = self.path(land);
                let is_land = path == some("/open") || path == some("/guarded");
                // Nobody is to lock the others out of everything.
                let path = if is_land { self.named(land) } else { path };
                let (acl, version) = (self.acl(land), self.version(&path));
                Request::set_acl(&path, acl.as_deref(), version)
            }
            _ => {
                let joining = self.pick(&[None, Some("server.9=127.0.0.1:1:2:participant;3")]);
                Request::reconfig(joining, self.pick(&[-1, 0, 7]))
            }
        }
    }

    fn create(&mut self, land: Land) -> Request {
        let opcode = self.pick(&[1, 1, 1, 15, 15, 19, 21]);
        // What opcode and flags contradict each other about has no comparable answer
        // (docs/differences.md); what both agree is wrong has.
        let flags = match opcode {
            19 => 4,
            21 => self.pick(&[5, 6]),
            _ => self.pick(&[0, 0, 0, 1, 1, 2, 2, 3, 5, 7, -1]),
        };
        let path = self.place(land, matches!(flags, 2 | 3 | 6));
        let (data, acl) = (self.data(), self.acl(land));
        let ttl = self.pick(&[3_600_000, 0xff_ffff_ffff, 0, -1, 0x100_0000_0000, i64::MIN]);
        Request::create(opcode, &path, data.as_deref(), acl.as_deref(), flags, ttl)
    }

    fn delete(&mut self, land: Land) -> Request {
        let leaf = if self.rng.below(3) > 0 { self.leaf(land) } else { None };
        let path = leaf.unwrap_or_else(|| self.path(land));
        let is_land = path == some("/open") || path == some("/guarded");
        let path = if is_land { self.named(land) } else { path };
        let version = self.version(&path);
        Request::with_number(2, &path, version)
    }

    fn multi(&mut self) -> Request {
        if self.rng.one_in(4) {
            let count = self.rng.below(5);
            return Request::multi(22, (0..count).map(|_| self.element_of_reads()).collect());
        }
        let count = self.rng.below(6);
        let mut elements: Vec<Request> = (0..count).map(|_| self.element()).collect();
        // Before 3.9 the answer to a null path in a multi is half an answer.
        elements.retain(|element| !self.before_3_9 || element.path.is_some());
        Request::multi(14, elements)
    }

    fn element_of_reads(&mut self) -> Request {
        let land = self.land();
        let path = self.path(land);
        match self.rng.below(20) {
            0 => Request::with_number(2, &path, -1),
            1 => Request::watching(3, &path, false),
            it => Request::watching(if it % 2 == 0 { 4 } else { 8 }, &path, it > 15),
        }
    }

    fn element(&mut self) -> Request {
        let land = self.land();
        let path = self.path(land);
        match self.rng.below(40) {
            // One element of a kind that has no place here spoils the whole request.
            0 => Request::with_path(6, &path),
            1..20 => self.create_element(land),
            20..27 => self.delete(land),
            27..34 => {
                let (data, version) = (self.data(), self.version(&path));
                Request::set_data(&path, data.as_deref(), version)
            }
            _ => {
                let version = self.version(&path);
                Request::with_number(13, &path, version)
            }
        }
    }

    /// A create whose flags and list are such that it fails alone, if it fails
    /// (docs/differences.md, multi-as-a-whole).
    fn create_element(&mut self, land: Land) -> Request {
        loop {
            let request = self.create(land);
            let fits = match request.flags {
                Some(0..=4) => true,
                Some(5 | 6) => request.opcode == 21,
                _ => false,
            };
            if fits && request.has_acl {
                return request;
            }
        }
    }

    /// A request that changes nothing, but may leave a watch.
    fn read(&mut self, slot: Slot) -> Request {
        let land = self.land();
        let path = self.path(land);
        let opcode = self.pick(&[3, 3, 4, 4, 4, 6, 6, 8, 8, 12, 12, 9, 103, 104]);
        if matches!(opcode, 3 | 4 | 8 | 12) {
            let standard = self.watches(slot, &path, Way::Standard);
            let watch = standard && is_open(&path) && self.rng.one_in(2);
            return Request::watching(opcode, &path, watch);
        }
        Request::with_path(opcode, &path)
    }

    /// A request about watches.
    fn watch(&mut self, slot: Slot) -> Request {
        let path = self.path(Land::Open);
        // A path that is none has no comparable answer (docs/differences.md, watches-of-no-path).
        let is_path = path.as_deref().is_some_and(|path| path.starts_with(b"/"));
        let path = if is_path { path } else { self.named(Land::Open) };
        match self.rng.below(12) {
            0..4 => {
                let modes = [0, 1, 0, 1, 2, -1];
                let mode = self.pick(&modes);
                let wanted = if mode == 0 { Way::Persistent } else { Way::Recursive };
                let fits = is_open(&path) && self.watches(slot, &path, wanted);
                Request::with_number(106, &path, if fits { mode } else { 2 })
            }
            it @ 4..8 => {
                let any = !self.before_3_9;
                let standard = way(slot, &path) == Way::Standard;
                let kinds: &[i32] = match (any, standard) {
                    (true, _) => &[1, 2, 3, 3, 4, 5, 0, 6, -1],
                    (false, true) => &[1, 2, 3, 3, 0, 6, -1],
                    (false, false) => &[3, 3, 0, 6, -1],
                };
                let kind = self.pick(kinds);
                Request::with_number(if it < 6 { 18 } else { 17 }, &path, kind)
            }
            it => self.set_watches(slot, it > 9),
        }
    }

    /// Whether a client may watch a path in this way.
    fn watches(&self, slot: Slot, path: &Path, wanted: Way) -> bool {
        !self.before_3_9 || way(slot, path) == wanted
    }

    fn set_watches(&mut self, slot: Slot, two: bool) -> Request {
        let ways = [Way::Standard; 3].into_iter().chain([Way::Persistent, Way::Recursive]);
        let ways = ways.take(if two { 5 } else { 3 });
        let mut lists = ways.map(|wanted| Some(self.watched(slot, wanted))).collect::<Vec<_>>();
        if self.rng.one_in(20) {
            // Before a null list in a later place Apache serves the lists in front of it
            // (docs/differences.md, null-lists).
            lists[0] = None;
        }
        let zxid = self.hints.zxid;
        let since = self.pick(&[zxid, zxid - 10, zxid - 100, 0, i64::MAX]);
        Request::set_watches(since, &lists)
    }

    fn watched(&mut self, slot: Slot, wanted: Way) -> Vec<Path> {
        let count = self.rng.below(4);
        let paths = (0..count).map(|_| self.path(Land::Open)).collect::<Vec<_>>();
        let fits = |path: &Path| is_open(path) && self.watches(slot, path, wanted);
        paths.into_iter().filter(fits).collect()
    }

    fn about_the_connection(&mut self) -> Request {
        match self.rng.below(2) {
            0 => Request::bare(107),
            _ => Request::bare(11),
        }
    }

    /// A request behind which nothing can be sent: the server may close the connection.
    fn ending(&mut self) -> Request {
        if self.rng.one_in(10) {
            let opcode = self.pick(&[0, 10, -1, 23, 99, 108, -12, i32::MAX]);
            return Request::bare(opcode).alone();
        }
        let user = self.pick(&USERS).as_bytes();
        let nobody = &b"nobody"[..];
        match self.rng.below(24) {
            0 => Request::auth(Some("digest"), None),
            6 | 7 => Request::sasl(self.pick(&[Some(&b""[..]), Some(&b"token"[..]), None])),
            1 => Request::auth(Some("unknown"), Some(user)),
            2 => Request::auth(Some("world"), Some(b"anyone")),
            3 => Request::auth(Some("ip"), Some(b"10.0.0.1")),
            4 => Request::auth(Some("digest"), Some(nobody)),
            5 => Request::auth(None, Some(user)),
            _ => Request::auth(Some("digest"), Some(user)),
        }
    }

    /// A request whose record is cut short, or goes on behind its end.
    fn malformed(&mut self, slot: Slot) -> Request {
        let request = match self.rng.below(4) {
            0 => self.write(),
            1 => self.multi(),
            2 => self.read(slot),
            _ => self.watch(slot),
        };
        if self.rng.one_in(3) {
            return request.trailed();
        }
        let kept = self.rng.below(u64::try_from(request.body.len()).expect("it is a length"));
        request.cut(usize::try_from(kept).expect("it is below a length"))
    }
}

fn way(slot: Slot, path: &Path) -> Way {
    let bytes = path.as_deref().unwrap_or_default();
    let sum = bytes.iter().fold(slot, |sum, byte| sum * 31 % 1009 + usize::from(*byte));
    match sum % 4 {
        0 | 1 => Way::Standard,
        2 => Way::Persistent,
        _ => Way::Recursive,
    }
}

fn is_open(path: &Path) -> bool {
    path.as_deref().is_some_and(|path| path.starts_with(b"/open"))
}
