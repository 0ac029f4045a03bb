//! The demo's ensemble: one zoo.cfg and one myid a server, as a person would write them.

use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::demo::LOOK_EVERY;
use crate::demo::children::Children;
use crate::demo::ports;

/// How long the ensemble may take to elect and synchronise: seconds would do.
const SERVING_LIMIT: Duration = Duration::from_secs(60);

/// The port that ZooKeeper's own tools try when they are told none.
const USUAL_CLIENT_PORT: u16 = 2181;

/// Servers with their ports and their files.
pub struct Ensemble {
    /// Where the servers' files are.
    pub folder: PathBuf,
    servers: Vec<Server>,
}

struct Server {
    id: u8,
    client: u16,
    quorum: u16,
    election: u16,
}

impl Ensemble {
    /// Chooses ports and writes the files of `count` servers; an earlier demo's are removed.
    ///
    /// # Errors
    /// When no ports are left or a file can't be written.
    pub fn prepare(folder: &Path, count: u8) -> Result<Ensemble> {
        let folder = folder.join("ensemble");
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("can't clear {}", folder.display()))?;
        }
        let ensemble = Ensemble { folder, servers: choose_ports(count)? };
        for server in &ensemble.servers {
            ensemble.write_files(server).with_context(|| {
                format!(
                    "can't write the files of server {} in {}",
                    server.id,
                    ensemble.folder.display()
                )
            })?;
        }
        Ok(ensemble)
    }

    /// Starts every server.
    ///
    /// # Errors
    /// When one can't be started.
    pub fn start(&self, binary: &Path, children: &mut Children) -> Result<()> {
        for server in &self.servers {
            let folder = self.folder_of(server);
            let mut command = Command::new(binary);
            command.arg("server").arg(folder.join("zoo.cfg"));
            let name = format!("server {}", server.id);
            children.start(&name, &mut command, &folder.join("log"))?;
        }
        Ok(())
    }

    /// Waits until every server says that it leads or follows.
    ///
    /// # Errors
    /// When a server ends, or when the ensemble does not serve in time.
    pub fn wait_until_serving(&self, children: &mut Children, stop: &AtomicBool) -> Result<()> {
        let limit = Instant::now() + SERVING_LIMIT;
        let mut waiting: Vec<&Server> = self.servers.iter().collect();
        while !waiting.is_empty() && !stop.load(Ordering::Relaxed) {
            children.expect_running()?;
            waiting.retain(|server| match server.mode() {
                Some(mode) => {
                    println!("   server {} serves as {mode}", server.id);
                    false
                }
                None => true,
            });
            if Instant::now() > limit && !waiting.is_empty() {
                let ids: Vec<String> = waiting.iter().map(|it| it.id.to_string()).collect();
                bail!(
                    "after {} s server {} does not serve; the servers' logs are in {}",
                    SERVING_LIMIT.as_secs(),
                    ids.join(", "),
                    self.folder.display()
                );
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// What a client is given to find the ensemble.
    pub fn connect_string(&self) -> String {
        let addresses: Vec<String> =
            self.servers.iter().map(|server| format!("127.0.0.1:{}", server.client)).collect();
        addresses.join(",")
    }

    fn folder_of(&self, server: &Server) -> PathBuf {
        self.folder.join(format!("server.{}", server.id))
    }

    fn write_files(&self, server: &Server) -> Result<()> {
        let folder = self.folder_of(server);
        let data = folder.join("data");
        fs::create_dir_all(&data)?;
        fs::write(data.join("myid"), format!("{}\n", server.id))?;
        fs::write(folder.join("zoo.cfg"), self.configuration(server, &data))?;
        Ok(())
    }

    fn configuration(&self, server: &Server, data: &Path) -> String {
        let mut text = format!(
            "tickTime=500\ninitLimit=20\nsyncLimit=10\ndataDir={}\nclientPort={}\n\
             clientPortAddress=127.0.0.1\n4lw.commands.whitelist=*\n",
            data.display(),
            server.client
        );
        // A file with a single server line means standalone, as for ZooKeeper.
        for Server { id, quorum, election, .. } in &self.servers {
            let line = writeln!(text, "server.{id}=127.0.0.1:{quorum}:{election}");
            line.expect("writing to a String does not fail");
        }
        text
    }
}

impl Server {
    /// What the server says it is, once it serves.
    fn mode(&self) -> Option<String> {
        mode(SocketAddr::from((Ipv4Addr::LOCALHOST, self.client)))
    }
}

/// What the server at this address says it is: leader, follower, observer or standalone.
pub fn mode(address: SocketAddr) -> Option<String> {
    let answer = ports::four_letter_word(address, "srvr")?;
    answer.lines().find_map(|line| line.strip_prefix("Mode: ")).map(str::to_owned)
}

fn choose_ports(count: u8) -> Result<Vec<Server>> {
    let mut wishes: Vec<Option<u16>> =
        (0..count).map(|place| Some(USUAL_CLIENT_PORT + u16::from(place))).collect();
    wishes.resize(usize::from(count) * 3, None);
    let ports = ports::choose(&wishes)?;
    let (clients, others) = ports.split_at(usize::from(count));
    let servers = (1..=count).zip(clients).zip(others.chunks(2));
    Ok(servers
        .map(|((id, client), pair)| Server {
            id,
            client: *client,
            quorum: pair[0],
            election: pair[1],
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_gets_its_own_files_and_the_same_list() {
        let folder = tempfile::tempdir().unwrap();
        let ensemble = Ensemble::prepare(folder.path(), 3).unwrap();
        let read = |path: &str| fs::read_to_string(ensemble.folder.join(path)).unwrap();
        let lists: Vec<Vec<String>> = (1..=3)
            .map(|id| {
                assert_eq!(read(&format!("server.{id}/data/myid")), format!("{id}\n"));
                let text = read(&format!("server.{id}/zoo.cfg"));
                assert!(text.contains(&format!("server.{id}/data\n")), "{text}");
                let lines = text.lines().filter(|line| line.starts_with("server."));
                lines.map(str::to_owned).collect()
            })
            .collect();
        assert_eq!(lists[0].len(), 3);
        assert!(lists.iter().all(|list| *list == lists[0]));
        assert_eq!(ensemble.connect_string().split(',').count(), 3);
    }

    #[test]
    fn what_an_earlier_demo_left_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Ensemble::prepare(folder.path(), 5).unwrap();
        let old = first.folder.join("server.1/data/version-2");
        fs::create_dir_all(&old).unwrap();
        Ensemble::prepare(folder.path(), 2).unwrap();
        assert!(!old.exists());
        assert!(!first.folder.join("server.5").exists());
    }
}
