//! The twin: what ZooKeeper promises its clients, done the slow and obvious way.
//!
//! One map of paths, one request at a time, no projection, no shards, no sums kept: children are
//! counted by looking at every path, and the digest is computed from nothing each time.

use crate::base::SessionId;
use crate::base::Zxid;
use crate::message::{Acl, CreateOp, Id, Op, Stat};
use std::collections::BTreeMap;

/// A node as the twin keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub data: Option<Vec<u8>>,
    pub acl: Vec<Acl>,
    pub czxid: i64,
    pub mzxid: i64,
    pub pzxid: i64,
    pub ctime: i64,
    pub mtime: i64,
    pub version: i32,
    pub creates: i32,
    pub aversion: i32,
    pub owner: i64,
}

/// How a request ended: the error number of each of its parts, 0 for success.
pub type Outcome = Result<Vec<i32>, i32>;

/// Every node and every session with the server that it is at.
#[derive(Clone, Debug)]
pub struct Twin {
    pub nodes: BTreeMap<String, Node>,
    pub sessions: BTreeMap<i64, i64>,
}

/// Who asks, where, when.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    pub session: i64,
    pub server: i64,
    pub ids: &'a [Id],
    pub zxid: i64,
    pub time: i64,
}

impl Twin {
    pub fn new() -> Twin {
        let open = vec![Acl::open()];
        let node = |acl, aversion| Node {
            data: Some(Vec::new()),
            acl,
            czxid: 0,
            mzxid: 0,
            pzxid: 0,
            ctime: 0,
            mtime: 0,
            version: 0,
            creates: 0,
            aversion,
            owner: 0,
        };
        let nodes = BTreeMap::from([
            ("/".to_owned(), node(open.clone(), 0)),
            ("/zookeeper".to_owned(), node(open.clone(), 0)),
            ("/zookeeper/quota".to_owned(), node(open, 0)),
            ("/zookeeper/config".to_owned(), node(vec![Acl { perms: 1, ..Acl::open() }], -1)),
        ]);
        Twin { nodes, sessions: BTreeMap::new() }
    }

    /// Does what is asked.
    pub fn ask(&mut self, op: &Op, by: Asking<'_>) -> Outcome {
        match op {
            Op::CreateSession { .. } => {
                self.sessions.insert(by.session, by.server);
                Ok(vec![0])
            }
            Op::CloseSession => {
                self.sessions.remove(&by.session);
                let owned = self.nodes.iter().filter(|(_, node)| node.owner == by.session);
                let owned: Vec<String> = owned.map(|(path, _)| path.clone()).collect();
                for path in owned {
                    self.remove(&path, by.zxid);
                }
                Ok(vec![0])
            }
            Op::Multi(ops) => self.ask_all(ops, by),
            single => self.ask_one(single, by, false).map(|()| vec![0]),
        }
    }

    fn ask_all(&mut self, ops: &[Op], by: Asking<'_>) -> Outcome {
        let before = self.nodes.clone();
        for (i, op) in ops.iter().enumerate() {
            if let Err(code) = self.ask_one(op, by, true) {
                self.nodes = before;
                let rest = ops.len() - i - 1;
                return Ok([vec![0; i], vec![code], vec![-2; rest]].concat());
            }
        }
        Ok(vec![0; ops.len()])
    }

    fn ask_one(&mut self, op: &Op, by: Asking<'_>, in_multi: bool) -> Result<(), i32> {
        match op {
            Op::Create { op, path, data, acl, flags, .. } => {
                let container = *op == CreateOp::CreateContainer || (in_multi && *flags == 4);
                let owner = match flags {
                    1 | 3 => by.session,
                    _ if container => i64::MIN,
                    _ => 0,
                };
                let sequential = matches!(flags, 2 | 3);
                let data = data.as_ref().map(|data| data.to_vec());
                let (path, acl) = (path.as_deref().unwrap(), acl.as_deref().unwrap());
                self.create(path, data, acl, owner, sequential, by)
            }
            Op::Delete { path, version } => self.delete(path.as_deref().unwrap(), *version, by),
            Op::SetData { path, data, version } => {
                self.session(by)?;
                let node = self.existing(path.as_deref().unwrap(), 2, by)?;
                expect(*version, node.version)?;
                node.version += 1;
                node.data = data.as_ref().map(|data| data.to_vec());
                (node.mzxid, node.mtime) = (by.zxid, by.time);
                Ok(())
            }
            Op::SetAcl { path, acl, version } => {
                self.session(by)?;
                let node = self.existing(path.as_deref().unwrap(), 16, by)?;
                expect(*version, node.aversion)?;
                node.aversion += 1;
                node.acl = acl.clone().unwrap();
                Ok(())
            }
            Op::Check { path, version } => {
                self.session(by)?;
                let node = self.existing(path.as_deref().unwrap(), 1, by)?;
                expect(*version, node.version)
            }
            other => panic!("the twin was asked {other:?}"),
        }
    }

    fn create(
        &mut self,
        path: &str,
        data: Option<Vec<u8>>,
        acl: &[Acl],
        owner: i64,
        sequential: bool,
        by: Asking<'_>,
    ) -> Result<(), i32> {
        self.session(by)?;
        let Some(slash) = path.rfind('/') else { return Err(-8) };
        let above = if slash == 0 { "/" } else { &path[..slash] };
        let parent = self.nodes.get(above).ok_or(-101)?.clone();
        permitted(&parent, 4, by)?;
        let path = match sequential {
            true => format!("{path}{:010}", parent.creates),
            false => path.to_owned(),
        };
        if !path_is_valid(&path) {
            return Err(-8);
        }
        if self.nodes.contains_key(&path) {
            return Err(-110);
        }
        if parent.owner > 0 {
            return Err(-108);
        }
        let parent = self.nodes.get_mut(above).unwrap();
        parent.creates += 1;
        parent.pzxid = by.zxid;
        let node = Node {
            data,
            acl: acl.to_vec(),
            czxid: by.zxid,
            mzxid: by.zxid,
            pzxid: by.zxid,
            ctime: by.time,
            mtime: by.time,
            version: 0,
            creates: 0,
            aversion: 0,
            owner,
        };
        self.nodes.insert(path, node);
        Ok(())
    }

    fn delete(&mut self, path: &str, version: i32, by: Asking<'_>) -> Result<(), i32> {
        self.session(by)?;
        let reserved = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"];
        let Some(slash) = path.rfind('/') else { return Err(-8) };
        if reserved.contains(&path) {
            return Err(-8);
        }
        let above = if slash == 0 { "/" } else { &path[..slash] };
        permitted(self.nodes.get(above).ok_or(-101)?, 8, by)?;
        let node = self.nodes.get(path).ok_or(-101)?;
        expect(version, node.version)?;
        if self.children(path) > 0 {
            return Err(-111);
        }
        self.remove(path, by.zxid);
        Ok(())
    }

    fn remove(&mut self, path: &str, zxid: i64) {
        self.nodes.remove(path);
        let slash = path.rfind('/').unwrap();
        let above = if slash == 0 { "/" } else { &path[..slash] };
        self.nodes.get_mut(above).unwrap().pzxid = zxid;
    }

    fn existing(&mut self, path: &str, perms: i32, by: Asking<'_>) -> Result<&mut Node, i32> {
        if !path_is_valid(path) {
            return Err(-8);
        }
        let node = self.nodes.get_mut(path).ok_or(-101)?;
        permitted(node, perms, by)?;
        Ok(node)
    }

    fn session(&self, by: Asking<'_>) -> Result<(), i32> {
        match self.sessions.get(&by.session) {
            None => Err(-112),
            Some(server) if *server != by.server => Err(-118),
            Some(_) => Ok(()),
        }
    }

    /// How many nodes are directly below.
    pub fn children(&self, path: &str) -> usize {
        let prefix = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        let below = self.nodes.keys().filter_map(|other| other.strip_prefix(&prefix));
        below.filter(|rest| !rest.is_empty() && !rest.contains('/')).count()
    }

    /// What a client sees.
    pub fn stat(&self, path: &str) -> Stat {
        let (node, children) = (&self.nodes[path], self.children(path) as i32);
        Stat {
            czxid: Zxid(node.czxid),
            mzxid: Zxid(node.mzxid),
            pzxid: Zxid(node.pzxid),
            ctime_ms: node.ctime,
            mtime_ms: node.mtime,
            version: node.version,
            cversion: 2 * node.creates - children,
            aversion: node.aversion,
            ephemeral_owner: node.owner.max(0),
            data_length: node.data.as_ref().map_or(0, Vec::len) as i32,
            num_children: children,
        }
    }

    /// The digest of everything.
    pub fn digest(&self) -> u64 {
        let counted = self.nodes.iter().filter(|(path, _)| !path.starts_with("/zookeeper/"));
        counted.map(|(path, node)| u64::from(node_digest(path, node))).sum()
    }

    /// The paths that a session owns.
    pub fn owned_by(&self, session: SessionId) -> Vec<String> {
        let owned = self.nodes.iter().filter(|(_, node)| node.owner == session.0);
        owned.map(|(path, _)| path.clone()).collect()
    }
}

fn permitted(node: &Node, perms: i32, by: Asking<'_>) -> Result<(), i32> {
    let grants = |entry: &Acl| {
        entry.perms & perms != 0 && (entry.id.scheme == "world" || by.ids.contains(&entry.id))
    };
    if node.acl.iter().any(grants) { Ok(()) } else { Err(-102) }
}

fn expect(version: i32, current: i32) -> Result<(), i32> {
    if version == -1 || version == current { Ok(()) } else { Err(-103) }
}

fn path_is_valid(path: &str) -> bool {
    path == "/"
        || (path.starts_with('/')
            && path[1..].split('/').all(|name| !["", ".", ".."].contains(&name)))
}

fn node_digest(path: &str, node: &Node) -> u32 {
    let mut bytes = path.strip_prefix('/').map_or_else(Vec::new, |rest| {
        if rest.is_empty() { Vec::new() } else { path.as_bytes().to_vec() }
    });
    bytes.extend(node.data.iter().flatten());
    for long in [node.czxid, node.mzxid, node.pzxid, node.ctime, node.mtime] {
        bytes.extend(long.to_be_bytes());
    }
    for int in [node.version, node.creates, node.aversion] {
        bytes.extend(int.to_be_bytes());
    }
    bytes.extend(node.owner.to_be_bytes());
    crc32(&bytes)
}

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}
