//! What the limits of the quorum do in a real server: `initLimit`, `syncLimit`,
//! `connectToLearnerMasterLimit` and `cnxTimeout`. The other servers are played, so each can fall
//! silent at the point in question; which limit it was is what the server's trace says.

use bytes::BytesMut;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use vivarium_protocol::base::{Epoch, ServerId, Zxid};
use vivarium_protocol::message::{LearnerInfo, Notification, Packet, PeerState, Vote};
use vivarium_protocol::trace::{Decision, RoleReason};
use vivarium_protocol::wire::quorum::encode_packet;
use vivarium_server::trace_file::Line;
use vivarium_tests::ensemble::{Place, configure, places};
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::replay::{elections, stream::Stream};
use vivarium_tests::{tools, wait_for, words};

/// One tick is 100 ms here.
const TICK_US: u64 = 100_000;
const QUICK: &str = "tickTime=100\ninitLimit=6\nsyncLimit=4\n";

/// One server of three that is ours; the others are played.
struct Ours {
    _folder: Folder,
    places: Vec<Place>,
    id: usize,
    _process: Process,
}

impl Ours {
    /// Starts server `id`; the others say that `leader` leads, or if that is ours that they vote
    /// for it.
    fn start(id: usize, leader: usize, extra: &str) -> Ours {
        let folder = Folder::new();
        let places = places(folder.path(), 3, 0);
        let answer = move |from: usize, heard: &Notification| {
            let (number, peer_epoch) = (i64::try_from(leader).expect("it is small"), Epoch(0));
            let vote = Vote { leader: ServerId(number), zxid: Zxid::ZERO, peer_epoch };
            let state = match leader {
                leader if leader == id => PeerState::Looking,
                leader if leader == from => PeerState::Leading,
                _ => PeerState::Following,
            };
            Notification { state, vote, ..heard.clone() }
        };
        elections::play(&places, id, Arc::new(answer));
        let process = start(&places, id, extra);
        Ours { _folder: folder, places, id, _process: process }
    }

    fn place(&self) -> &Place {
        &self.places[self.id - 1]
    }

    /// Waits until it is looking for a leader again, for whatever reason; that, and after how much
    /// time in the role before.
    fn gives_up(&self) -> (RoleReason, u64) {
        wait_for("it gives its role up", || {
            let roles = self.roles();
            let up = roles.iter().skip(1).position(|(_, role, _)| *role == PeerState::Looking)?;
            let (since, _, _) = roles[up];
            let (at, _, why) = roles[up + 1];
            Some((why, at - since))
        })
    }

    /// Every change of its role: when in microseconds, which, and why.
    fn roles(&self) -> Vec<(u64, PeerState, RoleReason)> {
        let text = std::fs::read_to_string(trace(self.place())).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        lines
            .filter_map(|line| match (line.at, line.decision) {
                (Some(at), Some(Decision::RoleChanged { role, why, .. })) => {
                    Some((at.0, role, why))
                }
                _ => None,
            })
            .collect()
    }

    /// Its connection to server 2, which it takes for its leader, once it has named itself.
    fn comes_to_its_leader(&self) -> Played {
        let port = (Ipv4Addr::LOCALHOST, self.places[1].quorum);
        let port = TcpListener::bind(port).expect("it is free");
        let (socket, _) = port.accept().expect("it comes");
        let mut leader = Played(Stream::new(socket));
        leader.hear("FOLLOWERINFO");
        leader
    }

    /// Comes to it as a learner with this number.
    fn learner(&self, id: i64) -> Played {
        let port = self.place().quorum;
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let socket = wait_for("it listens for learners", || TcpStream::connect(at).ok());
        let mut learner = Played(Stream::new(socket));
        learner.say(&Packet::FollowerInfo(LearnerInfo {
            accepted_epoch: Epoch(0),
            id: ServerId(id),
            protocol_version: 0x1_0000,
            config_version: 0,
        }));
        learner
    }

    /// A follower that has promised the epoch and is asked for its NEWLEADER.
    fn promised_follower(&self) -> (Played, Epoch) {
        let mut follower = self.learner(1);
        follower.hear("LEADERINFO");
        follower.say(&Packet::AckEpoch { current_epoch: Some(Epoch(0)), last_zxid: Zxid::ZERO });
        match follower.hear("NEWLEADER") {
            Packet::NewLeader { epoch, .. } => (follower, epoch),
            other => panic!("{other:?} is no NEWLEADER"),
        }
    }
}

fn trace(place: &Place) -> std::path::PathBuf {
    place.folder.join("trace.jsonl")
}

fn start(places: &[Place], id: usize, extra: &str) -> Process {
    let place = &places[id - 1];
    configure(place, places, &format!("{QUICK}{extra}"));
    let mut command = Command::new(tools::vivarium());
    command.arg("server").arg(place.folder.join("zoo.cfg")).arg("--trace").arg(trace(place));
    Process::start(&mut command, &place.folder.join("log.txt"))
}

/// The other end of a connection of the quorum port.
struct Played(Stream);

impl Played {
    fn say(&mut self, packet: &Packet) {
        let mut out = BytesMut::new();
        encode_packet(packet, &mut out);
        self.0.send(&out);
    }

    /// Reads on to the packet of this name.
    fn hear(&mut self, name: &str) -> Packet {
        loop {
            let packet = self.0.next(name);
            if packet.kind().name() == name {
                return packet;
            }
        }
    }
}

const INIT_US: u64 = 6 * TICK_US;
const SYNC_US: u64 = 4 * TICK_US;

#[test]
fn init_limit_is_how_long_a_leader_waits_for_its_quorum_at_each_step() {
    let ours = Ours::start(3, 3, "");
    let (why, after) = ours.gives_up();
    assert_eq!(why, RoleReason::NoQuorumRegistered);
    assert!(after >= INIT_US, "after {after} µs");

    let ours = Ours::start(3, 3, "");
    let mut silent = ours.learner(1);
    silent.hear("LEADERINFO");
    assert_eq!(ours.gives_up().0, RoleReason::NoQuorumPromised);

    let ours = Ours::start(3, 3, "");
    let _silent = ours.promised_follower();
    assert_eq!(ours.gives_up().0, RoleReason::NoQuorumSynced);
}

#[test]
fn init_limit_is_how_long_a_learner_waits_for_a_leader_that_takes_it_and_says_nothing() {
    let ours = Ours::start(1, 2, "");
    let _silent = ours.comes_to_its_leader();
    let (why, after) = ours.gives_up();
    assert_eq!(why, RoleReason::LeaderSilent);
    assert!(after >= INIT_US, "after {after} µs");
}

#[test]
fn sync_limit_is_how_long_a_follower_goes_without_a_word_of_its_leader() {
    let ours = Ours::start(1, 2, "");
    let mut leader = ours.comes_to_its_leader();
    leader.say(&Packet::LeaderInfo { epoch: Epoch(1), protocol_version: 0x1_0000 });
    leader.hear("ACKEPOCH");
    leader.say(&Packet::Diff(Zxid::ZERO));
    leader.say(&Packet::NewLeader { epoch: Epoch(1), config: None });
    leader.hear("ACK");
    leader.say(&Packet::UpToDate);
    assert_eq!(wait_for("it serves", || words::mode(ours.place().address())), "follower");
    let (why, after) = ours.gives_up();
    assert_eq!(why, RoleReason::LeaderSilent);
    assert!(after >= SYNC_US, "after {after} µs");
}

#[test]
fn sync_limit_is_how_long_a_leader_goes_without_a_word_of_its_quorum() {
    let ours = Ours::start(3, 3, "");
    let (mut follower, epoch) = ours.promised_follower();
    follower.say(&Packet::Ack(epoch.start()));
    follower.hear("UPTODATE");
    assert_eq!(wait_for("it serves", || words::mode(ours.place().address())), "leader");
    // It asks, and is not answered.
    follower.hear("PING");
    let (why, after) = ours.gives_up();
    assert_eq!(why, RoleReason::LostQuorum);
    assert!(after >= SYNC_US, "after {after} µs");
}

#[test]
fn connect_to_learner_master_limit_is_how_long_a_leader_that_is_not_there_is_tried() {
    // The first attempt fails at once, and the next would come after the limit.
    let pause = "leaderConnectDelayDuringRetryMs=2000\n";
    let short = Ours::start(1, 2, &format!("connectToLearnerMasterLimit=3\n{pause}"));
    assert_eq!(short.gives_up().0, RoleReason::CannotConnect);
    // With more patience it finds the leader that comes late.
    let patient = Ours::start(1, 2, &format!("connectToLearnerMasterLimit=300\n{pause}"));
    let following = |role: &(u64, PeerState, RoleReason)| role.1 == PeerState::Following;
    wait_for("it follows", || patient.roles().iter().any(following).then_some(()));
    let _leader = patient.comes_to_its_leader();
    assert_eq!(patient.roles().len(), 2, "LOOKING, and FOLLOWING ever since");
}

#[test]
fn cnx_timeout_is_how_long_a_server_that_does_not_answer_is_called() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    // Server 1 is there and takes no connection: those of others fill what may wait at its port.
    let runtime = tokio::runtime::Runtime::new().expect("it starts");
    let _inside = runtime.enter();
    let port = tokio::net::TcpSocket::new_v4().expect("a socket");
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, places[0].election));
    port.bind(at).expect("it is free");
    let _port = port.listen(1).expect("it listens");
    let others = || TcpStream::connect_timeout(&at, Duration::from_millis(300)).ok();
    let waiting: Vec<TcpStream> = std::iter::from_fn(others).take(64).collect();
    assert!(waiting.len() < 64, "the system lets no more wait than it is told");
    let ours = start(&places, 2, "cnxTimeout=250\n");
    wait_for("it has given up once", || {
        let end = "can't open the Election link to server 1: no answer in 250ms";
        ours.printed().contains(end).then_some(())
    });
}
