//! kazoo, a client of somebody else's: its recipes run through the same faults, and what it says
//! it was told is checked against the logs.

use crate::tools;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::{Txn, TxnBody};

/// A process of kazoo clients.
pub struct Guests {
    child: Child,
    lines: PathBuf,
}

/// What they came to.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Times that a client held the lock.
    pub held: u64,
    /// Writes that were answered.
    pub written: u64,
    /// Requests that were lost or refused.
    pub lost: u64,
    /// Data watches that fired.
    pub seen: u64,
    /// Broken promises, in sentences.
    pub violations: Vec<String>,
}

impl Guests {
    /// Starts so many clients in one process.
    ///
    /// # Errors
    /// Python can't be started.
    pub fn start(count: u32, servers: &[SocketAddr], folder: &Path) -> Result<Guests> {
        let hosts: Vec<String> = servers.iter().map(SocketAddr::to_string).collect();
        let lines = folder.join("kazoo.txt");
        let mut command = Command::new(tools::python());
        command.arg(crate::guest::source("chaos.py")).arg(hosts.join(",")).arg(count.to_string());
        command.stdin(Stdio::piped()).stdout(File::create(&lines)?);
        command.stderr(File::create(folder.join("kazoo-errors.txt"))?);
        let child = command.spawn().context("Python can't be started")?;
        Ok(Guests { child, lines })
    }

    /// Stops them and judges what they printed.
    ///
    /// # Errors
    /// They printed something else than they should.
    pub fn finish(mut self, decided: &[Txn]) -> Result<Told> {
        self.stop()?;
        let lines = BufReader::new(File::open(&self.lines)?).lines();
        let mut judge = Judge::new(decided);
        for line in lines {
            judge.take(&serde_json::from_str(&line?)?);
        }
        Ok(judge.told)
    }

    /// Stops them.
    ///
    /// # Errors
    /// They can't be waited for.
    pub fn stop(&mut self) -> Result<()> {
        drop(self.child.stdin.take());
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Guests {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Judge<'a> {
    decided: &'a [Txn],
    /// When each node of the lock came, and when it went.
    locks: BTreeMap<String, (Zxid, Option<Zxid>)>,
    /// The newest version that a watch of a session was told of.
    versions: BTreeMap<i64, i64>,
    told: Told,
}

/// The directory of the lock.
const LOCK: &str = "/kazoo/lock/";

impl<'a> Judge<'a> {
    fn new(decided: &'a [Txn]) -> Judge<'a> {
        let mut locks = BTreeMap::new();
        for txn in decided {
            let zxid = txn.header.zxid;
            match &txn.body {
                TxnBody::Create { path, .. } if path.starts_with(LOCK) => {
                    locks.insert(path.clone(), (zxid, None));
                }
                TxnBody::Delete { path, .. } => gone(&mut locks, path, zxid),
                TxnBody::CloseSession { paths: Some(paths) } => {
                    paths.iter().for_each(|path| gone(&mut locks, path, zxid));
                }
                TxnBody::Create { .. }
                | TxnBody::CreateContainer { .. }
                | TxnBody::CreateTtl { .. }
                | TxnBody::CloseSession { paths: None }
                | TxnBody::CreateSession { .. }
                | TxnBody::SetData { .. }
                | TxnBody::SetAcl { .. }
                | TxnBody::Check { .. }
                | TxnBody::Multi { .. }
                | TxnBody::Error { .. } => {}
            }
        }
        Judge { decided, locks, versions: BTreeMap::new(), told: Told::default() }
    }

    fn take(&mut self, line: &Value) {
        let path = line["path"].as_str().unwrap_or_default();
        let zxid = Zxid(line["zxid"].as_i64().unwrap_or_default());
        match line["what"].as_str().unwrap_or_default() {
            "held" => self.held(line["node"].as_str().unwrap_or_default(), zxid),
            "made" => {
                self.written(zxid, path, |body| created(body) == Some(path));
            }
            "set" => {
                let (wanted, data) = (line["version"].as_i64(), line["data"].as_str());
                let is_it = |body: &TxnBody| {
                    let TxnBody::SetData { path: set, data: written, version, .. } = body else {
                        return false;
                    };
                    let same = written.as_deref() == data.map(str::as_bytes);
                    set == path && Some(i64::from(*version)) == wanted && same
                };
                self.written(zxid, path, is_it);
            }
            "seen" => {
                self.told.seen += 1;
                let session = line["session"].as_i64().unwrap_or_default();
                let version = line["version"].as_i64().unwrap_or_default();
                let before = self.versions.insert(session, version).unwrap_or(-1);
                if version < before {
                    let what = format!("kazoo {session} saw version {version} after {before}");
                    self.told.violations.push(what);
                }
            }
            _ => self.told.lost += 1,
        }
    }

    /// Whoever holds the lock has the lowest node of all that were there.
    fn held(&mut self, node: &str, zxid: Zxid) {
        self.told.held += 1;
        let order = |path: &str| path[path.len().saturating_sub(10)..].to_owned();
        let alive =
            |(from, to): &(Zxid, Option<Zxid>)| *from <= zxid && to.is_none_or(|gone| gone > zxid);
        let before = self
            .locks
            .iter()
            .find(|(path, life)| order(path) < order(node) && alive(life))
            .map(|(path, _)| path.clone());
        if let Some(before) = before {
            let what = format!("{node} held the lock at {zxid} although {before} was before it");
            self.told.violations.push(what);
        }
        if !self.locks.contains_key(node) {
            self.told.violations.push(format!("{node} held the lock and was never decided"));
        }
    }

    fn written(&mut self, zxid: Zxid, path: &str, is_it: impl Fn(&TxnBody) -> bool) {
        self.told.written += 1;
        let place = self.decided.binary_search_by_key(&zxid, |txn| txn.header.zxid);
        if !place.is_ok_and(|place| is_it(&self.decided[place].body)) {
            let what = format!("kazoo's write of {path} was answered at {zxid} and is not there");
            self.told.violations.push(what);
        }
    }
}

/// The path that an ordinary create made.
fn created(body: &TxnBody) -> Option<&str> {
    if let TxnBody::Create { path, .. } = body { Some(path) } else { None }
}

fn gone(locks: &mut BTreeMap<String, (Zxid, Option<Zxid>)>, path: &str, zxid: Zxid) {
    if let Some(life) = locks.get_mut(path) {
        life.1 = Some(zxid);
    }
}
