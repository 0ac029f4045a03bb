//! The servers of a run: where they live, how they are started and what is known of their ends.
//!
//! Invariants:
//! 1. Where namespaces can be had, each server has its own network namespace and its own small file
//!    system in memory, and clocks that can be set; else all are on loopback, and it is said so.
//! 2. Log files are kept by a second name as soon as they appear: what a server removes later can
//!    still be read at the end.
//! 3. A server that ends by itself is noted with the last thing that it said.

use super::network::{self, Network};
use crate::process::{Process, free_ports};
use crate::{tools, words};
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Settings of every server beside its members: a tick short enough for many faults an hour.
const SETTINGS: &str = "tickTime=500\ninitLimit=20\nsyncLimit=6\nsnapCount=20000\n\
    preAllocSize=256\nmaxClientCnxns=0\n4lw.commands.whitelist=*\nautopurge.purgeInterval=0\n\
    admin.enableServer=false\nznode.container.checkIntervalMs=86400000\n";
/// The file system of one server, KiB.
const DISK_KIB: u64 = 4 << 20;
/// Room that a disk that is called full still has, KiB.
const LEFT_KIB: u64 = 8;

/// Whose servers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// `vivarium server`.
    Vivarium,
    /// Apache ZooKeeper, in Java.
    Apache,
}

/// One server.
pub struct Server {
    /// Its number, from 1.
    pub id: usize,
    /// Where clients find it.
    pub address: SocketAddr,
    /// Its folder: zoo.cfg, the clock, what it printed.
    pub folder: PathBuf,
    /// Its own file system, or a folder in the other one.
    pub disk: PathBuf,
    ports: (u16, u16),
    /// While it runs.
    pub process: Option<Process>,
}

/// All servers.
pub struct Cluster {
    maker: Maker,
    /// The network between them; without one they share the loopback.
    pub network: Option<Network>,
    /// The library that gives a program another clock, if it is here.
    pub clock: Option<PathBuf>,
    /// The servers in the order of their numbers.
    pub servers: Vec<Server>,
    /// Servers that ended by themselves: which, and their last words.
    pub ended: Vec<(usize, String)>,
}

impl Cluster {
    /// Configures so many servers in a folder; none runs yet.
    ///
    /// # Errors
    /// Files or file systems can't be made.
    pub fn new(
        maker: Maker,
        count: usize,
        root: &Path,
        network: Option<Network>,
    ) -> Result<Cluster> {
        let ports = free_ports(3 * count);
        if network.is_some() {
            name_places(root, count)?;
        }
        let mut servers = Vec::new();
        for id in 1..=count {
            let folder = root.join(format!("server-{id}"));
            let disk = folder.join("disk");
            fs::create_dir_all(&disk)?;
            fs::write(folder.join("clock"), "+0s\n")?;
            if network.is_some() {
                mount(&disk)?;
            }
            fs::create_dir_all(disk.join("data"))?;
            fs::create_dir_all(disk.join("kept"))?;
            fs::write(disk.join("data/myid"), id.to_string())?;
            let (ip, client, quorum, election) = match &network {
                Some(_) => (network::address(id), 2181, 2888, 3888),
                None => {
                    let own = &ports[3 * (id - 1)..];
                    (Ipv4Addr::LOCALHOST, own[0], own[1], own[2])
                }
            };
            let (address, ports) = (SocketAddr::from((ip, client)), (quorum, election));
            servers.push(Server { id, address, folder, disk, ports, process: None });
        }
        // Java's threads would spin: their timed waits do not stand the library.
        let settable = network.is_some() && maker == Maker::Vivarium;
        let clock = settable.then(clock_library).flatten();
        let cluster = Cluster { maker, network, clock, servers, ended: Vec::new() };
        cluster.configure()?;
        Ok(cluster)
    }

    fn configure(&self) -> Result<()> {
        let mut members = String::new();
        for server in &self.servers {
            let (id, ip, (quorum, election)) = (server.id, server.address.ip(), server.ports);
            members.push_str(&format!("server.{id}={ip}:{quorum}:{election}\n"));
        }
        for server in &self.servers {
            let (ip, port) = (server.address.ip(), server.address.port());
            let text = format!(
                "{SETTINGS}dataDir={}\nclientPort={port}\nclientPortAddress={ip}\n{members}",
                server.disk.join("data").display()
            );
            fs::write(server.folder.join("zoo.cfg"), text)?;
        }
        Ok(())
    }

    /// Addresses for clients.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(|server| server.address).collect()
    }

    /// The server with this number.
    pub fn server(&mut self, id: usize) -> &mut Server {
        &mut self.servers[id - 1]
    }

    /// Starts a server if it does not run.
    pub fn start(&mut self, id: usize) {
        self.notice_ends();
        if self.servers[id - 1].process.is_some() {
            return;
        }
        let server = &self.servers[id - 1];
        let mut command = match &self.network {
            Some(network) => network.inside(id),
            None => Command::new("env"),
        };
        if let Some(library) = &self.clock {
            command.env("LD_PRELOAD", library);
            command.env("FAKETIME_TIMESTAMP_FILE", server.folder.join("clock"));
            command.env("FAKETIME_CACHE_DURATION", "1");
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            command.env("DONT_FAKE_MONOTONIC", "1");
        }
        let file = server.folder.join("zoo.cfg");
        match self.maker {
            Maker::Vivarium => command.arg(tools::vivarium()).arg("server").arg(file),
            Maker::Apache => command
                .arg(tools::java())
                .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
                .args(["-Dzookeeper.snapshotSizeFactor=1000000"])
                .args(["-Dzookeeper.admin.enableServer=false", "-cp"])
                .arg(tools::zookeeper_class_path())
                .args(["org.apache.zookeeper.server.quorum.QuorumPeerMain"])
                .arg(file),
        };
        let process = Process::start(&mut command, &server.folder.join("log.txt"));
        self.servers[id - 1].process = Some(process);
    }

    /// Kills a server as `kill -9` does.
    pub fn kill(&mut self, id: usize) {
        if let Some(mut process) = self.servers[id - 1].process.take() {
            process.kill();
        }
    }

    /// Notes which servers have ended by themselves.
    pub fn notice_ends(&mut self) {
        for server in &mut self.servers {
            let Some(process) = &mut server.process else { continue };
            if let Some(status) = process.exited() {
                if status.success() {
                    // It was asked to.
                    server.process = None;
                    continue;
                }
                let printed = process.printed();
                let last = printed.lines().rev().find(|line| !line.trim().is_empty());
                let last = last.unwrap_or("it said nothing");
                self.ended.push((server.id, format!("{status}: {last}")));
                server.process = None;
            }
        }
    }

    /// The numbers of the servers that say they are in this mode.
    #[must_use]
    pub fn in_mode(&self, mode: &str) -> Vec<usize> {
        let running = self.servers.iter().filter(|server| server.process.is_some());
        let is = |server: &&Server| words::mode(server.address).as_deref() == Some(mode);
        running.filter(is).map(|server| server.id).collect()
    }

    /// Gives every log file that has none yet a second name.
    ///
    /// # Errors
    /// A directory can't be read.
    pub fn keep_logs(&self) -> Result<()> {
        self.servers.iter().try_for_each(|server| keep_logs(&server.disk))
    }

    /// Kills servers and empties their disks, which nobody may do to a majority.
    ///
    /// # Errors
    /// Files can't be removed.
    pub fn wipe(&mut self, ids: std::ops::RangeInclusive<usize>) -> Result<()> {
        for id in ids {
            self.kill(id);
            let files = self.servers[id - 1].disk.join("data/version-2");
            if files.exists() {
                fs::remove_dir_all(files)?;
            }
        }
        Ok(())
    }

    /// Leaves a server's disk no room, or gives it back.
    ///
    /// # Errors
    /// The file system can't be changed.
    pub fn fill_disk(&self, id: usize, full: bool) -> Result<()> {
        let disk = &self.servers[id - 1].disk;
        if !full {
            return resize(disk, DISK_KIB);
        }
        // A server that writes may need more room than it had at the last look.
        let mut left = LEFT_KIB;
        while let Err(error) = resize(disk, used_kib(disk)? + left) {
            if left > DISK_KIB {
                return Err(error);
            }
            left *= 2;
        }
        Ok(())
    }

    /// Sets a server's clock off by so many seconds.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn set_clock(&self, id: usize, seconds: i64) -> Result<()> {
        let clock = self.servers[id - 1].folder.join("clock");
        fs::write(&clock, format!("{seconds:+}s\n")).context("the clock can't be set")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for server in &mut self.servers {
            server.process = None;
            if self.network.is_some() {
                // It goes with the namespace at the latest.
                let _ = shell(&format!("umount -l {}", server.disk.display()));
            }
        }
    }
}

/// Gives the addresses names, in files that only this process and its children see: Java asks for
/// the name of every address, and there is nobody in a namespace who could answer.
fn name_places(root: &Path, servers: usize) -> Result<()> {
    let mut hosts = "127.0.0.1 localhost\n".to_owned();
    for place in 0..=servers {
        hosts.push_str(&format!("{} place{place}\n", network::address(place)));
    }
    let (names, resolver) = (root.join("hosts"), root.join("resolv.conf"));
    fs::write(&names, hosts)?;
    fs::write(&resolver, "")?;
    shell(&format!("mount --bind {} /etc/hosts", names.display()))?;
    shell(&format!("mount --bind {} /etc/resolv.conf", resolver.display()))
}

fn mount(disk: &Path) -> Result<()> {
    shell(&format!("mount -t tmpfs -o size={DISK_KIB}k chaos {}", disk.display()))
}

fn resize(disk: &Path, kib: u64) -> Result<()> {
    shell(&format!("mount -o remount,size={kib}k {}", disk.display()))
}

fn used_kib(disk: &Path) -> Result<u64> {
    let it = rustix::fs::statvfs(disk)?;
    Ok((it.f_blocks - it.f_bfree) * it.f_frsize / 1024)
}

fn shell(script: &str) -> Result<()> {
    let output = Command::new("sh").args(["-c", script]).output()?;
    if !output.status.success() {
        bail!("`{script}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn clock_library() -> Option<PathBuf> {
    let named = std::env::var_os("VIVARIUM_FAKETIME").map(PathBuf::from);
    named.filter(|path| path.is_file())
}

/// Log files may be in the directory itself, or put aside in one below it. Of snapshots the names
/// are kept.
fn keep_logs(disk: &Path) -> Result<()> {
    let mut folders = vec![disk.join("data/version-2")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                folders.push(path);
            } else if name.to_string_lossy().starts_with("snapshot.") {
                // Its name is all that matters; it may have been noted before.
                let _ = fs::File::create_new(disk.join("kept").join(name));
            } else if name.to_string_lossy().starts_with("log.") {
                let kept = disk.join("kept").join(format!("{}", about.ino()));
                if !kept.exists() {
                    // It may have been renamed at this very moment; the next round finds it.
                    let _ = fs::hard_link(&path, &kept);
                }
            }
        }
    }
    Ok(())
}
