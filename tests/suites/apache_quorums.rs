//! Quorums of other shapes than three equals, with servers of both kinds: groups and weights, two
//! and four servers, an ensemble of one; and what a leader of one kind does about a server of the
//! other that is there and says nothing.

use std::fs;
use vivarium_protocol::base::Zxid;
use vivarium_tests::mixed::Kind::{Apache, Vivarium};
use vivarium_tests::mixed::{Kind, Mixed};
use vivarium_tests::{wait_for, words};

/// A write that a quorum has acknowledged, through this server.
fn write(mixed: &Mixed, id: usize, path: &str) -> Zxid {
    wait_for(&format!("a write through server {id}"), || {
        let mut client = mixed.client(id);
        let done = client.create(path, b"").ok()?;
        // Whether an earlier attempt was done before its server hung up is not known.
        done.is_ok().then_some(client.zxid).or_else(|| client.get(path).ok()?.map(|_| client.zxid))
    })
}

/// Waits until a server that runs has given up serving.
fn serves_no_longer(mixed: &Mixed, id: usize) {
    let at = mixed.place(id).address();
    wait_for(&format!("server {id} knows that there is no quorum"), || {
        let up = words::ask(at, "ruok").is_some();
        (up && words::mode(at).is_none()).then_some(())
    });
}

/// Two of three groups are a quorum. Servers 4 and 5 are a group each, so the two of them are
/// enough among five, while 1, 2 and 3, one group, are not. Server 1 outweighs its group.
#[test]
fn groups_and_weights_decide_and_not_the_number_of_servers() {
    let groups = "group.1=1:2:3\ngroup.2=4\ngroup.3=5\nweight.1=3\nweight.2=1\nweight.3=1\n\
        weight.4=1\nweight.5=1\n";
    let mut mixed = Mixed::new(5, 0, groups);
    mixed.start(5, Apache);
    mixed.start(4, Vivarium);
    assert_eq!(mixed.serving(5), "leader", "two of five, but two of three groups");
    assert_eq!(mixed.serving(4), "follower");
    write(&mixed, 4, "/by-4-and-5");
    mixed.start(1, Vivarium);
    mixed.start(2, Vivarium);
    assert_eq!([1, 2].map(|id| mixed.serving(id)), ["follower", "follower"]);

    // Our leader, and after it Apache's, counts as the groups say.
    mixed.kill(5);
    assert!(mixed.leader() != 5, "groups 1 and 2");
    write(&mixed, 4, "/by-1-and-2-and-4");
    mixed.kill(4);
    serves_no_longer(&mixed, 1);
    mixed.start(5, Apache);
    write(&mixed, 5, "/by-1-and-2-and-5");
    mixed.kill(2);
    write(&mixed, 1, "/by-1-and-5");
    mixed.start(2, Vivarium);
    mixed.kill(1);
    serves_no_longer(&mixed, 2);
    mixed.start(1, Vivarium);
    mixed.start(4, Vivarium);
    for id in [1, 2, 4, 5] {
        let mode = mixed.serving(id);
        assert!(["leader", "follower"].contains(&mode.as_str()), "{mode}");
    }
    for path in ["/by-4-and-5", "/by-1-and-2-and-4", "/by-1-and-2-and-5", "/by-1-and-5"] {
        let mut client = mixed.client(4);
        client.sync().unwrap();
        assert!(client.get(path).unwrap().is_some(), "{path}");
    }
    mixed.assert_agreement();
}

#[test]
fn of_two_servers_both_are_needed_and_of_four_three() {
    let mut two = Mixed::new(2, 0, "");
    two.start(2, Vivarium);
    serves_no_longer(&two, 2);
    two.start(1, Apache);
    assert_eq!([1, 2].map(|id| two.serving(id)), ["follower", "leader"]);
    write(&two, 1, "/both");
    two.kill(1);
    serves_no_longer(&two, 2);
    two.start(1, Vivarium);
    write(&two, 2, "/again");
    two.kill(2);
    two.start(2, Apache);
    write(&two, 1, "/and-again");
    assert_eq!(two.serving(2), "leader", "both have the same, and its id is larger");
    two.assert_agreement();

    let mut four = Mixed::new(4, 0, "");
    for (id, kind) in [(1, Apache), (2, Vivarium)] {
        four.start(id, kind);
    }
    serves_no_longer(&four, 2);
    four.start(3, Vivarium);
    write(&four, 2, "/three-of-four");
    four.kill(1);
    serves_no_longer(&four, 3);
    four.start(4, Apache);
    write(&four, 4, "/three-others");
    four.assert_agreement();
}

#[test]
fn an_ensemble_of_one_leads_itself_and_begins_an_epoch_at_each_start() {
    let mut mixed = Mixed::new(1, 0, "standaloneEnabled=false\n");
    let version = mixed.place(1).folder.join("data/version-2");
    let mut epoch = 0;
    for kind in [Vivarium, Apache, Vivarium, Apache] {
        mixed.start(1, kind);
        assert_eq!(mixed.serving(1), "leader");
        epoch += 1;
        let zxid = write(&mixed, 1, &format!("/epoch-{epoch}"));
        assert_eq!(zxid.epoch().0, epoch, "{kind:?} begins the next");
        for name in ["acceptedEpoch", "currentEpoch"] {
            let text = fs::read_to_string(version.join(name)).expect("it is written");
            assert_eq!(text, epoch.to_string(), "{name} of {kind:?}");
        }
        let names = mixed.client(1).children("/").unwrap();
        assert_eq!(names.len() as i64, epoch + 1, "all of them and /zookeeper: {names:?}");
        mixed.assert_agreement();
        mixed.kill(1);
    }
}

/// How many followers a leader counts as up to date.
fn synced_followers(mixed: &Mixed, leader: usize) -> Option<String> {
    let report = words::ask(mixed.place(leader).address(), "mntr")?;
    report.lines().find_map(|it| it.strip_prefix("zk_synced_followers\t")).map(str::to_owned)
}

/// Server 3 leads, server 1 is of the other kind; each freezes in turn for longer than `syncLimit`.
fn frozen_servers_are_given_up_and_come_back(leader: Kind, other: Kind) {
    let mut mixed = Mixed::new(3, 0, "syncLimit=4\n");
    mixed.start(3, leader);
    mixed.start(1, other);
    assert_eq!(mixed.serving(3), "leader");
    mixed.start(2, Vivarium);
    assert_eq!(mixed.serving(2), "follower");
    let counts = |leader: usize, expected: &str| {
        wait_for(&format!("server {leader} counts {expected} followers"), || {
            (synced_followers(&mixed, leader)? == expected).then_some(())
        });
    };
    counts(3, "2");
    mixed.signal(1, "STOP");
    write(&mixed, 3, "/while-1-is-frozen");
    counts(3, "1");
    mixed.signal(1, "CONT");
    counts(3, "2");

    mixed.signal(3, "STOP");
    let next = wait_for("another leads", || {
        let leads =
            |id: &usize| words::mode(mixed.place(*id).address()).as_deref() == Some("leader");
        [1, 2].into_iter().find(leads)
    });
    write(&mixed, next, "/while-3-is-frozen");
    mixed.signal(3, "CONT");
    wait_for("the old leader follows", || {
        let mode = words::mode(mixed.place(3).address());
        (mode.as_deref() == Some("follower")).then_some(())
    });
    counts(next, "2");
    mixed.assert_agreement();
}

#[test]
fn an_apache_leader_and_a_vivarium_follower_freeze_in_turn() {
    frozen_servers_are_given_up_and_come_back(Apache, Vivarium);
}

#[test]
fn a_vivarium_leader_and_an_apache_follower_freeze_in_turn() {
    frozen_servers_are_given_up_and_come_back(Vivarium, Apache);
}
