//! Vivarium and Apache ZooKeeper as members of one ensemble.
//!
//! Two Apache servers hold a majority and data; the third server is ours. What it serves must be
//! theirs, and what clients write through it must reach them.

use vivarium_protocol::message::{Op, ReplyBody};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::{self, Place, configure, places};
use vivarium_tests::mixed::tree;
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::{apache, wait_for, words};

/// Two Apache servers that serve, and the place of a third member that is not started yet.
struct Mixed {
    apaches: Vec<Process>,
    places: Vec<Place>,
    _folder: Folder,
}

impl Mixed {
    fn start(observer: bool) -> Mixed {
        let folder = Folder::new();
        let participants = if observer { 2 } else { 3 };
        let places = places(folder.path(), participants, usize::from(observer));
        for place in &places[..2] {
            configure(place, &places, apache::EXTRA);
        }
        configure(&places[2], &places, "");
        let apaches = places[..2].iter().map(apache::start_at).collect();
        for place in &places[..2] {
            wait_for("an Apache server serves", || words::mode(place.address()));
        }
        Mixed { apaches, places, _folder: folder }
    }

    fn apache(&self) -> Client {
        Client::connect(self.places[0].address()).expect("Apache serves")
    }

    fn ours(&self) -> Client {
        Client::connect(self.places[2].address()).expect("our server serves")
    }
}

fn fill(client: &mut Client) {
    for path in ["/a", "/a/b", "/a/c", "/d"] {
        assert!(client.create(path, path.as_bytes()).unwrap().is_ok());
    }
    let set = Op::SetData { path: Some("/a".to_owned()), data: Some("again".into()), version: 0 };
    assert!(client.request(&set).unwrap().is_ok());
    let multi = Op::Multi(vec![create("/m", b"", 0), create("/m/n", b"", 0)]);
    assert!(matches!(client.request(&multi).unwrap(), Ok(ReplyBody::Multi(_))));
    let delete = Op::Delete { path: Some("/d".to_owned()), version: -1 };
    assert!(client.request(&delete).unwrap().is_ok());
}

fn joins(observer: bool, mode: &str) {
    let mixed = Mixed::start(observer);
    let mut theirs = mixed.apache();
    fill(&mut theirs);

    let _server = ensemble::start_at(&mixed.places[2]);
    let joined = wait_for("our server serves", || words::mode(mixed.places[2].address()));
    assert_eq!(joined, mode);
    let mut ours = mixed.ours();
    ours.sync().unwrap();
    assert_eq!(tree(&mut ours), tree(&mut theirs), "what it found when it joined");

    assert!(ours.create("/ours", b"through Vivarium").unwrap().is_ok());
    assert!(ours.request(&create("/ours/alive", b"", 1)).unwrap().is_ok());
    assert!(theirs.create("/theirs", b"through Apache").unwrap().is_ok());
    theirs.sync().unwrap();
    ours.sync().unwrap();
    let both = tree(&mut ours);
    assert_eq!(both, tree(&mut theirs), "what was written through either");
    assert!(both.contains_key("/ours/alive"));
    ours.close().unwrap();
    theirs.sync().unwrap();
    assert_eq!(theirs.get("/ours/alive").unwrap(), None, "the ephemeral went with its session");
}

#[test]
fn a_vivarium_server_joins_two_apache_servers_as_a_follower() {
    joins(false, "follower");
}

#[test]
fn a_vivarium_server_joins_two_apache_servers_as_an_observer() {
    joins(true, "observer");
}

#[test]
fn a_vivarium_server_keeps_the_ensemble_alive_when_an_apache_server_dies() {
    let mut mixed = Mixed::start(false);
    fill(&mut mixed.apache());
    let _server = ensemble::start_at(&mixed.places[2]);
    wait_for("our server serves", || words::mode(mixed.places[2].address()));

    // Whichever of the two it is, Vivarium's acknowledgements and vote are needed now.
    mixed.apaches[0].kill();
    wait_for("two of three serve again", || {
        let modes = [1, 2].map(|at| words::mode(mixed.places[at].address()));
        let [Some(theirs), Some(ours)] = modes else { return None };
        (theirs != ours).then_some(())
    });
    let mut ours = mixed.ours();
    assert!(ours.create("/without-the-first", b"").unwrap().is_ok());
    let mut theirs = Client::connect(mixed.places[1].address()).expect("the second Apache serves");
    theirs.sync().unwrap();
    assert_eq!(tree(&mut ours), tree(&mut theirs));
}

#[test]
fn a_vivarium_server_that_lost_its_disk_gets_everything_from_an_apache_leader() {
    let mixed = Mixed::start(false);
    let mut theirs = mixed.apache();
    fill(&mut theirs);
    let place = &mixed.places[2];
    let mut server = ensemble::start_at(place);
    wait_for("our server serves", || words::mode(place.address()));
    server.kill();
    std::fs::remove_dir_all(place.folder.join("data/version-2")).expect("it can be removed");
    // More than an Apache leader keeps in memory.
    // The two that are left may lose each other for a moment on a busy machine and close their
    // clients; a client then connects again, and finds its node made or not.
    for number in 0..600 {
        while theirs.create(&format!("/n{number}"), b"x").is_err() {
            theirs =
                wait_for("Apache serves again", || Client::connect(mixed.places[0].address()).ok());
        }
    }
    let _server = ensemble::start_at(place);
    wait_for("our server serves again", || words::mode(place.address()));
    let mut ours = mixed.ours();
    ours.sync().unwrap();
    assert_eq!(tree(&mut ours), tree(&mut theirs));
}

#[test]
fn apache_servers_follow_a_vivarium_leader() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    for place in &places[..2] {
        configure(place, &places, apache::EXTRA);
    }
    configure(&places[2], &places, "");
    // The largest id wins an election among empty disks, if it is there in time.
    let _ours = ensemble::start_at(&places[2]);
    wait_for("our server is up", || words::ask(places[2].address(), "ruok"));
    let mut apaches: Vec<Process> = places[..2].iter().map(apache::start_at).collect();
    let modes = places
        .iter()
        .map(|place| wait_for("everybody serves", || words::mode(place.address())))
        .collect::<Vec<_>>();
    assert_eq!(modes, ["follower", "follower", "leader"]);

    let at = |id: usize| Client::connect(places[id - 1].address()).expect("it serves");
    fill(&mut at(1));
    let mut ours = at(3);
    ours.sync().unwrap();
    assert_eq!(tree(&mut at(1)), tree(&mut ours), "what a follower took to the leader");

    apaches[0].kill();
    for number in 0..600 {
        assert!(ours.create(&format!("/n{number}"), b"x").unwrap().is_ok());
    }
    apaches[0] = apache::start_at(&places[0]);
    wait_for("the killed follower is back", || words::mode(places[0].address()));
    let mut back = at(1);
    back.sync().unwrap();
    assert_eq!(tree(&mut back), tree(&mut ours), "what it had missed");

    apaches[1].kill();
    std::fs::remove_dir_all(places[1].folder.join("data/version-2")).expect("it can be removed");
    apaches[1] = apache::start_at(&places[1]);
    wait_for("the emptied follower is back", || words::mode(places[1].address()));
    let mut back = at(2);
    back.sync().unwrap();
    assert_eq!(tree(&mut back), tree(&mut ours), "everything");
}
