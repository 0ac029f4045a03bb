//! What the clients do: registers, sequences, ephemerals, watches, synced reads, transactions.
//!
//! Invariants:
//! 1. Which requests a client makes follows from its seed and from the answers.
//! 2. Paths that are read with watches or listed are few, so that checking stays fast.

use super::record::Recorder;
use super::session::{Session, TIMEOUT_MS};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;
use vivarium_protocol::base::Rng;
use vivarium_protocol::message::ReplyBody;
use vivarium_sim::ClientOp;

/// How many registers there are.
const REGISTERS: u64 = 8;
/// How many ephemerals a client has at most.
const EPHEMERALS: u64 = 4;
/// How many nodes one parent of sequential nodes gets.
const SEQUENCE: u32 = 40;
/// The pause of a client between two things it does, milliseconds.
const PAUSE_MS: u64 = 25;

/// The nodes that must be there before clients begin.
#[must_use]
pub fn ground() -> Vec<ClientOp> {
    let mut ops: Vec<ClientOp> = ["/r", "/q", "/e", "/m"].map(persistent).into();
    ops.extend((0..REGISTERS).map(|n| persistent(&register(n))));
    ops.extend(["/m/left", "/m/right", "/kazoo"].map(persistent));
    ops
}

fn persistent(path: &str) -> ClientOp {
    create(path, "0", false, false)
}

fn create(path: &str, data: &str, ephemeral: bool, sequential: bool) -> ClientOp {
    let (path, data) = (path.to_owned(), data.to_owned());
    ClientOp::Create { path, data, ephemeral, sequential }
}

fn register(number: u64) -> String {
    format!("/r/{number}")
}

/// Clients that run until they are told to stop.
pub struct Clients {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Clients {
    /// Starts so many, numbered from 1.
    #[must_use]
    pub fn start(
        count: u32,
        servers: &[SocketAddr],
        recorder: &Arc<Recorder>,
        seed: u64,
    ) -> Clients {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (1..=count).map(|number| {
            let mut rng = Rng::seeded(seed.wrapping_mul(1000).wrapping_add(u64::from(number)));
            let (servers, recorder) = (servers.to_vec(), Arc::clone(recorder));
            let session = Session::new(number, servers, recorder, &mut rng);
            let (sequence, stop) = ((0, 0), Arc::clone(&stop));
            let mut worker = Worker { number, rng, session, sequence, writes: 0, stop };
            std::thread::spawn(move || worker.work())
        });
        let threads = threads.collect();
        Clients { stop, threads }
    }

    /// Stops them; those that wait for an answer wait no longer than their limit.
    ///
    /// # Panics
    /// When a client failed.
    pub fn finish(self) {
        self.stop.store(true, Relaxed);
        for thread in self.threads {
            thread.join().expect("no client fails");
        }
    }
}

struct Worker {
    number: u32,
    rng: Rng,
    session: Session,
    /// The parent of its sequential nodes, and how many that one has.
    sequence: (u32, u32),
    /// Makes every value that it writes a different one.
    writes: u64,
    stop: Arc<AtomicBool>,
}

impl Worker {
    fn work(&mut self) {
        while !self.stop.load(Relaxed) {
            let pause = self.rng.between(PAUSE_MS / 2, PAUSE_MS * 3 / 2);
            std::thread::sleep(Duration::from_millis(pause));
            if self.session.ensure().is_err() {
                std::thread::sleep(Duration::from_millis(self.rng.between(20, 200)));
                continue;
            }
            // What is lost is noted, and the next round connects again.
            let _ = self.round();
        }
        self.session.hang_up();
    }

    fn round(&mut self) -> io::Result<()> {
        match self.rng.below(100) {
            0..30 => self.register(),
            30..45 => self.sequence(),
            45..60 => self.ephemeral(),
            60..75 => self.watch(),
            75..85 => self.synced(),
            85..94 => self.transaction(),
            94..99 => self.pipeline(),
            _ => self.leave(),
        }
    }

    fn value(&mut self) -> String {
        self.writes += 1;
        format!("c{}-{}", self.number, self.writes)
    }

    fn any_register(&mut self) -> String {
        register(self.rng.below(REGISTERS))
    }

    /// Reads a register and sets it, if nobody was faster.
    fn register(&mut self) -> io::Result<()> {
        let path = self.any_register();
        let get = ClientOp::Get { path: path.clone(), watch: false };
        let answers = self.session.ask(&[get])?;
        let [Ok(ReplyBody::Data { stat, .. })] = &answers[..] else { return Ok(()) };
        let version = stat.version;
        let data = self.value();
        self.session.ask(&[ClientOp::Set { path, data, version }]).map(drop)
    }

    /// Creates a sequential node; every now and then below another parent.
    fn sequence(&mut self) -> io::Result<()> {
        let (round, count) = self.sequence;
        let parent = format!("/q/c{}-{round}", self.number);
        let data = self.value();
        let mut ops = Vec::new();
        if count == 0 {
            ops.push(persistent(&parent));
        }
        ops.push(create(&format!("{parent}/n-"), &data, false, true));
        if count == SEQUENCE {
            ops.push(ClientOp::Children { path: parent, watch: false });
        }
        self.sequence = if count == SEQUENCE { (round + 1, 0) } else { (round, count + 1) };
        self.session.ask(&ops).map(drop)
    }

    /// Creates or deletes one of its ephemerals, or looks whose are there.
    fn ephemeral(&mut self) -> io::Result<()> {
        let path = format!("/e/c{}-{}", self.number, self.rng.below(EPHEMERALS));
        let data = self.value();
        let op = match self.rng.below(5) {
            0 | 1 => create(&path, &data, true, false),
            2 => ClientOp::Delete { path, version: -1 },
            3 => ClientOp::Children { path: "/e".to_owned(), watch: false },
            _ => ClientOp::Get { path, watch: false },
        };
        self.session.ask(&[op]).map(drop)
    }

    /// Reads something and leaves a watch.
    fn watch(&mut self) -> io::Result<()> {
        let path = self.any_register();
        let other = format!("/e/c{}-{}", self.rng.between(1, 8), self.rng.below(EPHEMERALS));
        let op = match self.rng.below(4) {
            0 => ClientOp::Get { path, watch: true },
            1 => ClientOp::Exists { path: other, watch: true },
            2 => ClientOp::Children { path: "/e".to_owned(), watch: true },
            _ => ClientOp::Exists { path, watch: true },
        };
        self.session.ask(&[op]).map(drop)
    }

    /// Syncs, and reads: what had been answered before must be seen.
    fn synced(&mut self) -> io::Result<()> {
        let path = self.any_register();
        let sync = ClientOp::Sync { path: path.clone() };
        self.session.ask(&[sync, ClientOp::Get { path, watch: false }]).map(drop)
    }

    /// Writes two nodes or none, if a register has not changed.
    fn transaction(&mut self) -> io::Result<()> {
        let path = self.any_register();
        let exists = ClientOp::Exists { path: path.clone(), watch: false };
        let answers = self.session.ask(&[exists])?;
        let [Ok(ReplyBody::Stat(stat))] = &answers[..] else { return Ok(()) };
        let (version, data) = (stat.version, self.value());
        let set =
            |path: &str| ClientOp::Set { path: path.to_owned(), data: data.clone(), version: -1 };
        let check = ClientOp::Check { path, version };
        let ops = vec![check, set("/m/left"), set("/m/right")];
        self.session.ask(&[ClientOp::Multi(ops)]).map(drop)
    }

    /// Several requests at once, without waiting in between.
    fn pipeline(&mut self) -> io::Result<()> {
        let mut ops = Vec::new();
        for _ in 0..self.rng.between(3, 8) {
            let (path, data) = (self.any_register(), self.value());
            ops.push(match self.rng.below(2) {
                0 => ClientOp::Set { path, data, version: -1 },
                _ => ClientOp::Get { path, watch: false },
            });
        }
        self.session.ask(&ops).map(drop)
    }

    /// Leaves: closes the session, or turns to another server, or is away for longer than the
    /// session lasts.
    fn leave(&mut self) -> io::Result<()> {
        match self.rng.below(4) {
            0 => self.session.close(),
            1 => {
                self.session.hang_up();
                let timeout = u64::try_from(TIMEOUT_MS).expect("it is positive");
                for _ in 0..self.rng.between(timeout / 2, timeout * 2) / PAUSE_MS {
                    if !self.stop.load(Relaxed) {
                        std::thread::sleep(Duration::from_millis(PAUSE_MS));
                    }
                }
                Ok(())
            }
            _ => {
                self.session.hang_up();
                Ok(())
            }
        }
    }
}
