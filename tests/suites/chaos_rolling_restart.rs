//! Five servers are restarted one after the other, the leader last, while clients write: nobody
//! loses more than the request that was on its way, no session ends, and a leader that is asked to
//! stop is replaced at once.

#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use vivarium_protocol::base::Rng;
use vivarium_sim::ClientOp;
use vivarium_tests::chaos::Maker;
use vivarium_tests::chaos::cluster::Cluster;
use vivarium_tests::chaos::logs::{self, Log};
use vivarium_tests::chaos::record::{Note, Recorder, What};
use vivarium_tests::chaos::session::Session;
use vivarium_tests::chaos::verdict;
use vivarium_tests::process::Folder;
use vivarium_tests::{wait_for, words};

const SERVERS: usize = 5;
const CLIENTS: u32 = 10;
/// How long a server may take to end, most of it the disk's.
const LONGEST_STOP: Duration = Duration::from_secs(3);
/// How long no client may be able to write because one leader stops: an election lasts 0.2 seconds
/// once everybody looks, and the rest is a busy machine's.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Clients that set a node of their own without pause, one request at a time.
struct Writers {
    recorder: Arc<Recorder>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Writers {
    fn start(cluster: &Cluster) -> Writers {
        let (recorder, stop) = (Arc::new(Recorder::new()), Arc::new(AtomicBool::new(false)));
        let threads = (1..=CLIENTS).map(|number| {
            let mut rng = Rng::seeded(u64::from(number));
            let session =
                Session::new(number, cluster.addresses(), Arc::clone(&recorder), &mut rng);
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || write(number, session, &stop))
        });
        let threads = threads.collect();
        Writers { recorder, stop, threads }
    }

    /// Waits until so many more writes were acknowledged.
    fn progress(&self, writes: u64) {
        let goal = self.recorder.writes() + writes;
        wait_for("clients write", || (self.recorder.writes() >= goal).then_some(()));
    }

    fn finish(self) -> Vec<Note> {
        self.stop.store(true, Relaxed);
        self.threads.into_iter().for_each(|it| it.join().expect("no client fails"));
        self.recorder.take()
    }
}

fn write(number: u32, mut session: Session, stop: &AtomicBool) {
    let path = format!("/c{number}");
    let (data, ephemeral, sequential) = (String::new(), true, false);
    let mut next = ClientOp::Create { path: path.clone(), data, ephemeral, sequential };
    let mut count = 0_u64;
    while !stop.load(Relaxed) {
        if session.ensure().is_err() || session.ask(&[next.clone()]).is_err() {
            // Whoever finds no server that serves tries the next, as clients' libraries do.
            std::thread::sleep(Duration::from_millis(20));
            continue;
        }
        count += 1;
        next = ClientOp::Set { path: path.clone(), data: count.to_string(), version: -1 };
    }
    session.hang_up();
}

/// What one stop cost.
#[derive(Debug)]
struct Cost {
    leader: bool,
    /// How long the process took to end.
    stopping: Duration,
    /// The longest time in which no client's write was acknowledged.
    pause: Duration,
    /// Requests that were on their way and were lost.
    lost: usize,
    /// Clients that were connected to it.
    connected: usize,
}

/// Stops a server as an operator does, starts it again, and waits until it serves.
fn restart(cluster: &mut Cluster, id: usize, writers: &Writers) -> (Duration, Duration, Duration) {
    let begun = writers.recorder.elapsed();
    let mut process = cluster.server(id).process.take().expect("it runs");
    let asked = Instant::now();
    assert!(process.terminate().success(), "server {id} ends as if something were wrong");
    let stopping = asked.elapsed();
    writers.progress(50);
    cluster.start(id);
    wait_for("it serves again", || words::mode(cluster.server(id).address));
    writers.progress(50);
    (begun, writers.recorder.elapsed(), stopping)
}

/// What the notes of that time say.
fn cost(
    notes: &[Note],
    server: usize,
    leader: bool,
    times: (Duration, Duration, Duration),
) -> Cost {
    let (begun, ended, stopping) = times;
    let mut waiting = [false; CLIENTS as usize + 1];
    let mut at = [0; CLIENTS as usize + 1];
    let (mut lost, mut connected) = (0, 0);
    let (mut last, mut pause) = (begun, Duration::ZERO);
    for (place, note) in notes.iter().enumerate().take_while(|(_, note)| note.at <= ended) {
        let client = note.client as usize;
        let during = note.at >= begun;
        if during && (place == 0 || notes[place - 1].at < begun) {
            connected = at.iter().filter(|at| **at == server).count();
        }
        match &note.what {
            What::Opened(_) => at[client] = note.server,
            What::Asked(_, _) => waiting[client] = true,
            What::Answered { .. } => {
                waiting[client] = false;
                if during {
                    (pause, last) = (pause.max(note.at - last), note.at);
                }
            }
            What::Lost => {
                lost += usize::from(during && waiting[client]);
                (waiting[client], at[client]) = (false, 0);
            }
            What::Fired(_) | What::WatchesSet(_) | What::Expired => {}
        }
    }
    Cost { leader, stopping, pause, lost, connected }
}

#[test]
fn a_rolling_restart_costs_nobody_more_than_the_request_on_its_way() {
    let folder = Folder::new();
    let mut cluster = Cluster::new(Maker::Vivarium, SERVERS, folder.path(), None)
        .expect("five servers can be configured");
    (1..=SERVERS).for_each(|id| cluster.start(id));
    let leader = wait_for("somebody leads all others", || {
        let all = cluster.in_mode("follower").len() == SERVERS - 1;
        cluster.in_mode("leader").first().copied().filter(|_| all)
    });
    let writers = Writers::start(&cluster);
    writers.progress(200);
    let followers = (1..=SERVERS).filter(|id| *id != leader);
    let order: Vec<usize> = followers.chain([leader]).collect();
    let times: Vec<_> = order.iter().map(|id| restart(&mut cluster, *id, &writers)).collect();
    cluster.keep_logs().expect("files can be linked");
    let notes = writers.finish();

    for (id, times) in order.iter().zip(times) {
        let cost = cost(&notes, *id, *id == leader, times);
        println!("server {id}: {cost:?}");
        assert!(cost.stopping < LONGEST_STOP, "server {id} takes long to stop: {cost:?}");
        // When the leader goes, its followers turn to the next one, and away from their clients.
        let most = if cost.leader { CLIENTS as usize } else { cost.connected };
        assert!(cost.lost <= most, "more was lost than was on its way: {cost:?}");
        assert!(cost.pause < LONGEST_PAUSE, "nobody could write for too long: {cost:?}");
    }
    judge(&cluster, &notes);
}

/// No session ended, no request was refused, and everything that was answered holds.
fn judge(cluster: &Cluster, notes: &[Note]) {
    let disks = cluster.servers.iter().map(|server| &server.disk);
    let logs: Vec<Log> = disks.map(|disk| Log::read(disk).expect("a log can be read")).collect();
    let agreed = logs::agree(&logs);
    let verdict = verdict::judge(notes, &agreed.decided, Maker::Vivarium);
    assert_eq!((agreed.violations, &verdict.broken), (Vec::new(), &Vec::new()));
    assert_eq!(verdict.expired, 0, "a session ended");
    // A client asks again for a create of which it does not know whether it happened.
    assert!(verdict.refused <= u64::from(CLIENTS), "{} requests were refused", verdict.refused);
}
