//! One run from its start to its report.

use super::cluster::{Cluster, Maker};
use super::faults::{self, Active, Kind};
use super::guests::Guests;
use super::logs::{self, Log};
use super::network::Network;
use super::record::{Note, Recorder};
use super::report::{self, Report};
use super::session::Session;
use super::verdict;
use super::workload::{self, Clients};
use crate::words;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use vivarium_protocol::base::Rng;
use vivarium_sim::ClientOp;

/// How long servers may take to agree once everything is repaired.
const RECOVERY: Duration = Duration::from_secs(90);
/// Requests that the last reader sends at once.
const READ_AT_ONCE: usize = 50;

/// What a run is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose servers.
    pub maker: Maker,
    /// How many.
    pub servers: usize,
    /// How many clients of ours, and of kazoo.
    pub clients: (u32, u32),
    /// How long faults are done.
    pub length: Duration,
    /// What everything follows from.
    pub seed: u64,
    /// Whether this process is in namespaces of its own.
    pub isolated: bool,
    /// The only kinds of faults, by a part of their names; none for all.
    pub only: Option<String>,
    /// A mistake on purpose, which the checker has to notice: whenever all servers were killed,
    /// most of them find their disks empty.
    pub forgetful: bool,
}

/// Runs, and judges.
///
/// # Errors
/// The run could not be done. What the servers did wrong is in the report.
pub fn run(options: &Options, folder: &Path) -> Result<Report> {
    let network = match options.isolated {
        true => Some(Network::new(options.servers, options.seed)?),
        false => None,
    };
    let cluster = Cluster::new(options.maker, options.servers, folder, network)?;
    let recorder = Arc::new(Recorder::new());
    let mut run = Run {
        options,
        cluster,
        rng: Rng::seeded(options.seed),
        recorder,
        faults: Vec::new(),
        round: Vec::new(),
        violations: Vec::new(),
        killed: Vec::new(),
    };
    run.kinds_possible();
    run.prepare()?;
    let addresses = run.cluster.addresses();
    let mut guests = Guests::start(options.clients.1, &addresses, folder)?;
    let clients = Clients::start(options.clients.0, &addresses, &run.recorder, options.seed);
    let begun = run.recorder.elapsed();
    let done = run.shake();
    let times = (begun, run.recorder.elapsed());
    run.say("everything is repaired");
    run.settle()?;
    clients.finish();
    guests.stop()?;
    done?;
    let notes = run.read_back()?;
    run.stop()?;
    run.report(notes, guests, times)
}

struct Run<'a> {
    options: &'a Options,
    cluster: Cluster,
    rng: Rng,
    recorder: Arc<Recorder>,
    faults: Vec<(Kind, u64)>,
    /// Kinds of faults, by their places, that are still to come in this round.
    round: Vec<usize>,
    violations: Vec<String>,
    /// When all servers were dead, from and to.
    killed: Vec<(Duration, Duration)>,
}

impl Run<'_> {
    fn say(&self, what: &str) {
        let writes = self.recorder.writes();
        println!("[{:8.1} s, {writes:>7} writes] {what}", self.recorder.elapsed().as_secs_f64());
    }

    /// Which kinds of faults can be done here; those that can't are named.
    fn kinds_possible(&mut self) {
        let wanted = |kind: &Kind| {
            let only = self.options.only.as_deref();
            only.is_none_or(|part| part.split(',').any(|part| kind.name().contains(part)))
        };
        for kind in Kind::ALL.into_iter().filter(wanted) {
            if kind.possible(&self.cluster) {
                self.faults.push((kind, 0));
            } else {
                println!("NOT DONE on this machine: {}", kind.name());
            }
        }
    }

    fn prepare(&mut self) -> Result<()> {
        (1..=self.options.servers).for_each(|id| self.cluster.start(id));
        self.settle()?;
        let mut session = self.reader(0);
        self.patiently(&mut session, &workload::ground())?;
        session.hang_up();
        self.say("all servers serve");
        Ok(())
    }

    /// A client of this run's own, numbered beyond the others, that begins at one server.
    fn reader(&mut self, server: usize) -> Session {
        let addresses = match server {
            0 => self.cluster.addresses(),
            id => vec![self.cluster.server(id).address],
        };
        let number = 1000 + u32::try_from(server).expect("there are few servers");
        Session::new(number, addresses, Arc::clone(&self.recorder), &mut self.rng)
    }

    /// Asks until everything is answered.
    fn patiently(&self, session: &mut Session, ops: &[ClientOp]) -> Result<()> {
        let deadline = Instant::now() + RECOVERY;
        loop {
            if session.ensure().is_ok() && session.ask(ops).is_ok() {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("requests to a repaired ensemble are not answered within {RECOVERY:?}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Does and undoes faults until the time is over.
    fn shake(&mut self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < self.options.length {
            self.wait(1500, 5000)?;
            let begun = self.recorder.elapsed();
            let mut active: Vec<Active> = Vec::new();
            let count = if self.rng.one_in(3) { 2 } else { 1 };
            for _ in 0..count {
                let at = self.draw();
                let kind = self.faults[at].0;
                match faults::begin(kind, &mut self.cluster, &mut self.rng) {
                    Ok((begun, words)) => {
                        self.faults[at].1 += 1;
                        self.say(&words);
                        active.push(begun);
                    }
                    // It is not counted; everything is repaired below all the same.
                    Err(error) => self.say(&format!("NOT DONE: {}: {error:#}", kind.name())),
                }
            }
            self.wait(2000, 9000)?;
            let killed = active.iter().any(|active| active.kind == Kind::KillAll);
            self.repair(active)?;
            if killed {
                self.killed.push((begun, self.recorder.elapsed()));
            }
        }
        Ok(())
    }

    /// The place of the next kind of fault: in each round every kind comes once, in another order.
    fn draw(&mut self) -> usize {
        if self.round.is_empty() {
            self.round = (0..self.faults.len()).collect();
        }
        let place = self.rng.below(self.round.len() as u64);
        self.round.swap_remove(usize::try_from(place).expect("it is an index"))
    }

    fn wait(&mut self, least_ms: u64, most_ms: u64) -> Result<()> {
        let until = Instant::now() + Duration::from_millis(self.rng.between(least_ms, most_ms));
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(100));
            self.cluster.keep_logs()?;
        }
        Ok(())
    }

    /// Undoes faults, and starts what does not run.
    fn repair(&mut self, mut active: Vec<Active>) -> Result<()> {
        // Only a server that is let go on can end.
        active.sort_by_key(|active| active.kind == Kind::Restart);
        for active in active {
            let killed = active.kind == Kind::KillAll;
            faults::end(active, &mut self.cluster)?;
            if killed && self.options.forgetful {
                let most = 1..=self.options.servers / 2 + 1;
                self.cluster.wipe(most.clone())?;
                // They come first, and form a quorum that knows nothing.
                most.for_each(|id| self.cluster.start(id));
                self.wait(5000, 5000)?;
            }
        }
        if let Some(network) = &self.cluster.network {
            network.heal();
        }
        let before = self.cluster.ended.len();
        self.cluster.notice_ends();
        for (id, words) in &self.cluster.ended[before..] {
            self.say(&format!("server {id} has ended by itself: {words}"));
        }
        (1..=self.options.servers).for_each(|id| self.cluster.start(id));
        Ok(())
    }

    /// Waits until every server serves.
    fn settle(&mut self) -> Result<()> {
        let deadline = Instant::now() + RECOVERY;
        loop {
            self.cluster.keep_logs()?;
            (1..=self.options.servers).for_each(|id| self.cluster.start(id));
            let serving = |address: &std::net::SocketAddr| words::mode(*address).is_some();
            let addresses = self.cluster.addresses();
            let silent: Vec<_> = addresses.iter().filter(|address| !serving(address)).collect();
            if silent.is_empty() {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{silent:?} do not serve {RECOVERY:?} after everything was repaired");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Reads everything back from each server; the checker judges it like everything else.
    fn read_back(&mut self) -> Result<Vec<Note>> {
        let mut notes = self.recorder.take();
        let ops = verdict::read_everything(&notes);
        self.say(&format!("reading {} answers back from each server", ops.len()));
        for id in 1..=self.options.servers {
            let mut reader = self.reader(id);
            self.patiently(&mut reader, &[ClientOp::Sync { path: "/".to_owned() }])?;
            for part in ops.chunks(READ_AT_ONCE) {
                self.patiently(&mut reader, part)?;
            }
            reader.hang_up();
        }
        notes.extend(self.recorder.take());
        Ok(notes)
    }

    /// Stops all servers as an operator does.
    fn stop(&mut self) -> Result<()> {
        self.cluster.notice_ends();
        self.cluster.keep_logs()?;
        for server in &mut self.cluster.servers {
            if let Some(mut process) = server.process.take() {
                process.terminate();
            }
        }
        self.cluster.keep_logs()
    }

    /// Copies what explains a violation to the folder of the run, which is kept then: the disks,
    /// which are in memory, and the notes.
    fn keep_evidence(&self, notes: &[Note]) -> Result<()> {
        for server in &self.cluster.servers {
            let (from, to) = (server.disk.join("kept"), server.folder.join("logs"));
            fs::create_dir_all(&to)?;
            for entry in fs::read_dir(&from)? {
                let entry = entry?;
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        let folder = self.cluster.servers[0].folder.parent().context("it lies in the run's")?;
        let mut file = BufWriter::new(File::create(folder.join("notes.txt"))?);
        notes.iter().try_for_each(|note| writeln!(file, "{note:?}"))?;
        Ok(())
    }

    fn report(
        self,
        notes: Vec<Note>,
        guests: Guests,
        times: (Duration, Duration),
    ) -> Result<Report> {
        let disks = self.cluster.servers.iter().map(|server| &server.disk);
        let logs: Vec<Log> = disks.map(|disk| Log::read(disk)).collect::<Result<_>>()?;
        let agreed = logs::agree(&logs);
        self.say(&format!("judging {} notes of clients", notes.len()));
        let verdict = verdict::judge(&notes, &agreed.decided, self.options.maker);
        let told = guests.finish(&agreed.decided)?;
        let mut violations = self.violations.clone();
        violations.extend(agreed.violations);
        let broken = verdict.broken.iter();
        violations.extend(broken.map(|it| format!("{}: {}", it.promise, it.what)));
        violations.extend(told.violations.iter().cloned());
        // A server whose disk is full ends, and says so; Apache's say it elsewhere.
        let needless = |words: &String| !words.contains("No space left");
        if self.options.maker == Maker::Vivarium {
            let needless = self.cluster.ended.iter().filter(|(_, words)| needless(words));
            violations.extend(needless.map(|(id, words)| format!("server {id} ended: {words}")));
        }
        if !violations.is_empty() {
            self.keep_evidence(&notes)?;
        }
        let last = agreed.decided.last().context("nothing was decided")?.header.zxid;
        let packets = self.cluster.network.as_ref().map_or([0; 3], |network| {
            let counts = network.counts();
            [&counts.forwarded, &counts.lost, &counts.delayed].map(|count| count.load(Relaxed))
        });
        Ok(Report {
            maker: self.options.maker,
            servers: self.options.servers,
            length: times.1 - times.0,
            seed: self.options.seed,
            isolated: self.options.isolated,
            faults: self.faults,
            verdict,
            told,
            availability: report::availability(&notes, times, &self.killed),
            logs: (agreed.decided.len(), agreed.leftovers),
            epochs: last.epoch().0,
            packets,
            ended: self.cluster.ended.clone(),
            violations,
        })
    }
}
