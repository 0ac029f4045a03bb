//! Sessions that move between servers of the two kinds: same id, same password, ephemerals and
//! watches with them, whoever leads and whoever only observes.

use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::{Op, WatchEventKind};
use vivarium_protocol::wire::client::{ConnectRequest, ConnectResponse};
use vivarium_tests::client::{Client, create};
use vivarium_tests::mixed::Kind::{Apache, Vivarium};
use vivarium_tests::mixed::{Kind, Mixed};
use vivarium_tests::wait_for;

const EPHEMERAL: i32 = 1;

/// A client's session and what it would tell the next server it comes to.
struct Traveller {
    session: ConnectResponse,
    client: Option<Client>,
    zxid: Zxid,
}

impl Traveller {
    fn arrive(mixed: &Mixed, id: usize) -> Traveller {
        let client = mixed.client(id);
        Traveller { session: client.session.clone(), zxid: client.zxid, client: Some(client) }
    }

    fn here(&mut self) -> &mut Client {
        self.client.as_mut().expect("it is connected")
    }

    /// Hangs up without a word.
    fn leave(&mut self) {
        if let Some(client) = self.client.take() {
            self.zxid = client.zxid;
        }
    }

    /// Goes on at another server, with the same session.
    fn go_on(&mut self, mixed: &Mixed, id: usize) {
        self.leave();
        let at = mixed.place(id).address();
        // A server that has not come so far as this client hangs up: the client asks again.
        let client = wait_for(&format!("the session goes on at server {id}"), || {
            Client::resume(at, &self.session, self.zxid).ok()
        });
        assert_eq!(client.session, self.session, "server {id} gives the same session back");
        self.client = Some(client);
    }

    /// Sets the watches again that it had before it left.
    fn watch_again(&mut self, data: &[&str], exist: &[&str], child: &[&str]) {
        let texts = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        let set = Op::SetWatches {
            two: false,
            relative_zxid: self.zxid,
            data: texts(data),
            exist: texts(exist),
            child: texts(child),
            persistent: Vec::new(),
            recursive: Vec::new(),
        };
        self.here().request(&set).unwrap().unwrap();
    }

    /// The events that came, in order, up to now.
    fn events(&mut self) -> Vec<(WatchEventKind, String)> {
        self.here().sync().unwrap();
        self.here().events.drain(..).map(|event| (event.kind, event.path)).collect()
    }
}

fn event(kind: WatchEventKind, path: &str) -> (WatchEventKind, String) {
    (kind, path.to_owned())
}

fn write(mixed: &Mixed, id: usize, op: &Op) {
    let mut client = mixed.client(id);
    client.request(op).unwrap().unwrap();
    client.close().unwrap();
}

fn owner(mixed: &Mixed, id: usize, path: &str) -> Option<i64> {
    let mut client = mixed.client(id);
    client.sync().unwrap();
    let found = client.get(path).unwrap();
    client.close().unwrap();
    found.map(|(_, stat)| stat.ephemeral_owner)
}

/// Five servers: 1 is ours, 2 is Apache's, 3 leads, 4 and 5 observe, one of each kind.
fn start(leader: Kind) -> Mixed {
    let mut mixed = Mixed::new(3, 2, "");
    mixed.start(3, leader);
    mixed.start(1, Vivarium);
    assert_eq!(mixed.serving(3), "leader", "the larger id among empty disks");
    mixed.start(4, Vivarium);
    mixed.start(2, Apache);
    mixed.start(5, Apache);
    assert_eq!(mixed.serving(2), "follower");
    assert_eq!([4, 5].map(|id| mixed.serving(id)), ["observer", "observer"]);
    mixed
}

/// Whichever server is asked, with a wrong password.
fn nobody_else_may_have(mixed: &Mixed, session: &ConnectResponse) {
    let stolen = ConnectResponse { password: *b"0123456789abcdef", ..session.clone() };
    for id in 1..=5 {
        let address = mixed.place(id).address();
        let answer = Client::resume(address, &stolen, Zxid::ZERO).unwrap().session;
        assert_eq!((answer.timeout_ms, answer.session.0), (0, 0), "server {id}");
    }
}

fn a_session_moves(leader: Kind) {
    let mut mixed = start(leader);
    for path in ["/w", "/parent"] {
        write(&mixed, 2, &create(path, b"", 0));
    }
    let mut moving = Traveller::arrive(&mixed, 1);
    moving.here().request(&create("/alive", b"", EPHEMERAL)).unwrap().unwrap();
    let read = Op::GetData { path: Some("/w".to_owned()), watch: true };
    moving.here().request(&read).unwrap().unwrap();

    // What changes while it is between two servers reaches it at the next.
    moving.leave();
    let set = Op::SetData { path: Some("/w".to_owned()), data: Some("new".into()), version: 0 };
    write(&mixed, 3, &set);
    moving.go_on(&mixed, 2);
    moving.watch_again(&["/w"], &["/later"], &["/parent"]);
    assert_eq!(moving.events(), [event(WatchEventKind::DataChanged, "/w")]);

    // Its other watches go on with it, from either kind of server to the other, observers too.
    for (at, path) in [(4, "/parent/a"), (5, "/parent/b"), (1, "/parent/c"), (2, "/parent/d")] {
        moving.go_on(&mixed, at);
        moving.watch_again(&[], &["/later"], &["/parent"]);
        assert_eq!(moving.events(), []);
        write(&mixed, 3, &create(path, b"", 0));
        assert_eq!(moving.events(), [event(WatchEventKind::ChildrenChanged, "/parent")]);
        let mine = format!("/alive-{at}");
        moving.here().request(&create(&mine, b"", EPHEMERAL)).unwrap().unwrap();
    }
    write(&mixed, 5, &create("/later", b"", 0));
    assert_eq!(moving.events(), [event(WatchEventKind::Created, "/later")]);
    moving.leave();

    nobody_else_may_have(&mixed, &moving.session);

    // The leader dies; the session, kept by the next one, goes on with all that it owns.
    moving.go_on(&mixed, 4);
    mixed.kill(3);
    let next = mixed.leader();
    moving.go_on(&mixed, 3 - next);
    let all = ["/alive", "/alive-1", "/alive-2", "/alive-4", "/alive-5"];
    for id in [1, 2, 4, 5] {
        for path in all {
            assert_eq!(owner(&mixed, id, path), Some(moving.session.session.0), "{path} at {id}");
        }
    }
    moving.go_on(&mixed, 5);
    moving.client.take().unwrap().close().unwrap();
    for id in [1, 2, 4, 5] {
        for path in all {
            assert_eq!(owner(&mixed, id, path), None, "{path} at {id} went with its session");
        }
    }
    mixed.assert_agreement();
}

#[test]
fn a_session_moves_among_servers_of_both_kinds_under_an_apache_leader() {
    a_session_moves(Apache);
}

#[test]
fn a_session_moves_among_servers_of_both_kinds_under_a_vivarium_leader() {
    a_session_moves(Vivarium);
}

/// A session that nobody goes on with expires at the leader, of whichever kind, that heard of it
/// from a server of the other kind; one that is pinged there does not.
fn a_silent_session_expires(leader: Kind, at: usize) {
    let mixed = start(leader);
    let asking = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid::ZERO,
        timeout_ms: 2000,
        session: vivarium_protocol::base::SessionId(0),
        password: None,
        read_only: Some(false),
    };
    let address = mixed.place(at).address();
    let mut silent = Client::connect_with(address, &asking).unwrap();
    let mut living = Client::connect_with(address, &asking).unwrap();
    silent.request(&create("/silent", b"", EPHEMERAL)).unwrap().unwrap();
    living.request(&create("/living", b"", EPHEMERAL)).unwrap().unwrap();
    drop(silent);
    wait_for("the silent session expires", || {
        living.request(&Op::Ping).unwrap().unwrap();
        living.get("/silent").unwrap().is_none().then_some(())
    });
    for id in 1..=5 {
        assert_eq!(owner(&mixed, id, "/silent"), None);
        living.request(&Op::Ping).unwrap().unwrap();
        assert_eq!(owner(&mixed, id, "/living"), Some(living.session.session.0));
    }
    mixed.assert_agreement();
}

#[test]
fn an_apache_leader_hears_from_vivarium_learners_which_sessions_live() {
    a_silent_session_expires(Apache, 4);
}

#[test]
fn a_vivarium_leader_hears_from_apache_learners_which_sessions_live() {
    a_silent_session_expires(Vivarium, 2);
}
