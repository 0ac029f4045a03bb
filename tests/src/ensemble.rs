//! An ensemble of `vivarium server` processes, or a standalone one.

use crate::process::{Folder, Process, free_ports};
use crate::{tools, wait_for, words};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Servers of one ensemble: their places, and those that run.
#[derive(Debug)]
pub struct Ensemble {
    folder: Folder,
    places: Vec<Place>,
    running: Vec<Option<Process>>,
}

/// Where one member of an ensemble lives.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its number, from 1.
    pub id: usize,
    /// Whether it only observes.
    pub observer: bool,
    /// The port for clients.
    pub client: u16,
    /// The port for learners.
    pub quorum: u16,
    /// The port for elections.
    pub election: u16,
    /// Its own folder.
    pub folder: PathBuf,
}

impl Place {
    /// Where clients find it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.client))
    }

    /// The sentence with which the server of this place refuses to start.
    ///
    /// # Panics
    /// When it starts.
    #[must_use]
    pub fn refusal(&self) -> String {
        let mut command = Command::new(tools::vivarium());
        let output = command.arg("server").arg(self.folder.join("zoo.cfg")).output();
        let output = output.expect("the program can be started");
        assert!(!output.status.success(), "it started");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Where clients find it, as text.
    #[must_use]
    pub fn connect_string(&self) -> String {
        self.address().to_string()
    }
}

/// Places for `participants` voting members and then `observers`.
#[must_use]
pub fn places(root: &Path, participants: usize, observers: usize) -> Vec<Place> {
    let count = participants + observers;
    let ports = free_ports(3 * count);
    let place = |at: usize| Place {
        id: at + 1,
        observer: at >= participants,
        client: ports[3 * at],
        quorum: ports[3 * at + 1],
        election: ports[3 * at + 2],
        folder: root.join(format!("server-{}", at + 1)),
    };
    (0..count).map(place).collect()
}

/// Writes a member's zoo.cfg and myid; `extra` are more lines for it.
///
/// # Panics
/// When they can't be written.
pub fn configure(place: &Place, all: &[Place], extra: &str) -> PathBuf {
    let data = place.folder.join("data");
    fs::create_dir_all(&data).expect("a folder can be made");
    fs::write(data.join("myid"), place.id.to_string()).expect("a file can be written");
    let tick = if extra.contains("tickTime=") { "" } else { "tickTime=500\n" };
    let mut text = format!(
        "{tick}initLimit=20\nsyncLimit=8\ndataDir={}\nclientPort={}\n\
         clientPortAddress=127.0.0.1\n4lw.commands.whitelist=*\nmaxClientCnxns=0\n{extra}",
        data.display(),
        place.client
    );
    for it in all {
        let role = if it.observer { ":observer" } else { "" };
        let (id, quorum, election) = (it.id, it.quorum, it.election);
        text.push_str(&format!("server.{id}=127.0.0.1:{quorum}:{election}{role}\n"));
    }
    let path = place.folder.join("zoo.cfg");
    fs::write(&path, text).expect("a file can be written");
    path
}

/// Starts the server of a place that has been configured.
///
/// # Panics
/// When it can't be started.
#[must_use]
pub fn start_at(place: &Place) -> Process {
    let mut command = Command::new(tools::vivarium());
    command.arg("server").arg(place.folder.join("zoo.cfg"));
    Process::start(&mut command, &place.folder.join("log.txt"))
}

impl Ensemble {
    /// Starts an ensemble and waits until every member serves.
    #[must_use]
    pub fn start(participants: usize, observers: usize) -> Ensemble {
        Ensemble::start_with(participants, observers, "")
    }

    /// The same, with more lines in everybody's zoo.cfg.
    #[must_use]
    pub fn start_with(participants: usize, observers: usize, extra: &str) -> Ensemble {
        let folder = Folder::new();
        let places = places(folder.path(), participants, observers);
        for place in &places {
            configure(place, &places, extra);
        }
        Ensemble::start_in(folder, places)
    }

    /// Starts one server that stands alone, and waits until it serves.
    #[must_use]
    pub fn standalone() -> Ensemble {
        Ensemble::standalone_with("")
    }

    /// The same, with more lines in its zoo.cfg.
    #[must_use]
    pub fn standalone_with(extra: &str) -> Ensemble {
        let folder = Folder::new();
        let places = places(folder.path(), 1, 0);
        configure(&places[0], &[], extra);
        Ensemble::start_in(folder, places)
    }

    fn start_in(folder: Folder, places: Vec<Place>) -> Ensemble {
        let running = places.iter().map(|place| Some(start_at(place))).collect();
        let ensemble = Ensemble { folder, places, running };
        for place in &ensemble.places {
            wait_for(&format!("server {} serves", place.id), || words::mode(place.address()));
        }
        ensemble
    }

    /// The folder of the test.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every member's place.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The place of the member with this number.
    #[must_use]
    pub fn place(&self, id: usize) -> &Place {
        &self.places[id - 1]
    }

    /// Places of the members that run.
    pub fn alive(&self) -> impl Iterator<Item = &Place> {
        let both = self.places.iter().zip(&self.running);
        both.filter(|(_, process)| process.is_some()).map(|(place, _)| place)
    }

    /// The number of the member that leads, once one does.
    ///
    /// # Panics
    /// When none does in time.
    #[must_use]
    pub fn leader(&self) -> usize {
        wait_for("somebody leads", || self.in_mode("leader").first().copied())
    }

    /// The numbers of the members that say they are in this mode.
    #[must_use]
    pub fn in_mode(&self, mode: &str) -> Vec<usize> {
        let is = |place: &&Place| words::mode(place.address()).as_deref() == Some(mode);
        self.alive().filter(is).map(|place| place.id).collect()
    }

    /// The lowest number among the followers, once there is one.
    ///
    /// # Panics
    /// When there is none in time.
    #[must_use]
    pub fn follower(&self) -> usize {
        wait_for("somebody follows", || self.in_mode("follower").first().copied())
    }

    /// Kills a member as `kill -9` does.
    pub fn kill(&mut self, id: usize) {
        if let Some(mut process) = self.running[id - 1].take() {
            process.kill();
        }
    }

    /// The process of a member that runs.
    ///
    /// # Panics
    /// When it does not run.
    pub fn process(&mut self, id: usize) -> &mut Process {
        self.running[id - 1].as_mut().expect("the member runs")
    }

    /// Starts a member again, on the disk that it left.
    pub fn restart(&mut self, id: usize) {
        self.running[id - 1] = Some(start_at(self.place(id)));
    }

    /// Waits until a member serves, and tells its mode.
    ///
    /// # Panics
    /// When it does not in time.
    #[must_use]
    pub fn serving(&self, id: usize) -> String {
        wait_for(&format!("server {id} serves"), || words::mode(self.place(id).address()))
    }
}
