//! How servers of one kind bring servers of the other up to date: DIFF, TRUNC and SNAP, each forced
//! in both directions and told by what the learner says that it got.

use vivarium_protocol::base::Zxid;
use vivarium_tests::client::create;
use vivarium_tests::mixed::Kind::{Apache, Vivarium};
use vivarium_tests::mixed::{Kind, Mixed};
use vivarium_tests::{wait_for, words};

/// Ticks are long, so that a leader left alone takes one more request before it gives up.
const SETTINGS: &str = "tickTime=2000\n";

/// What a learner says that its leader has chosen, the last time: DIFF, TRUNC or SNAP.
fn last_sync(mixed: &Mixed, id: usize, kind: Kind) -> String {
    let words = match kind {
        Vivarium => [
            ("up to date by Diff", "DIFF"),
            ("up to date by Trunc", "TRUNC"),
            ("up to date by Snap", "SNAP"),
        ],
        Apache => [
            ("Getting a diff from the leader", "DIFF"),
            ("Truncating log to get in sync with the leader", "TRUNC"),
            ("Getting a snapshot from leader", "SNAP"),
        ],
    };
    let log = mixed.log(id);
    let last = log.lines().rev().find_map(|line| {
        let found = words.iter().find(|(words, _)| line.contains(words));
        let zxid = line.split_whitespace().last().unwrap_or_default();
        found.map(|(_, mode)| format!("{mode} {zxid}"))
    });
    last.unwrap_or_else(|| panic!("server {id} has not said how it was brought up to date: {log}"))
}

/// A zxid as this kind of server writes it.
fn written(zxid: Zxid, kind: Kind) -> String {
    match kind {
        Vivarium => zxid.to_string(),
        Apache => format!("0x{:x}", zxid.0),
    }
}

fn mode_of(sync: &str) -> &str {
    sync.split(' ').next().unwrap_or_default()
}

/// Waits until all three have done a transaction.
fn everybody_has(mixed: &Mixed, zxid: Zxid) {
    let line = format!("Zxid: 0x{:x}\n", zxid.0);
    for place in mixed.places() {
        wait_for(&format!("server {} has {zxid}", place.id), || {
            words::ask(place.address(), "srvr")?.contains(&line).then_some(())
        });
    }
}

/// Kills everybody but the leader, lets it log a node that nobody acknowledges, and kills it, too.
/// Returns the zxid of what had been decided before.
fn stray(mixed: &mut Mixed, leader: usize, path: &str) -> Zxid {
    let mut client = mixed.client(leader);
    let decided = format!("{path}-decided");
    assert!(client.create(&decided, b"").unwrap().is_ok());
    let zxid = client.zxid;
    everybody_has(mixed, zxid);
    for id in (1..=3).filter(|id| *id != leader) {
        mixed.kill(id);
    }
    client.send(&create(path, b"", 0)).unwrap();
    assert!(client.receive(|_| Some(1)).is_err(), "the client never hears that it was done");
    mixed.kill(leader);
    zxid
}

fn assert_absent(mixed: &Mixed, path: &str) {
    for id in 1..=3 {
        let mut reader = mixed.client(id);
        reader.sync().unwrap();
        assert_eq!(reader.get(path).unwrap(), None, "server {id} has a stray");
        assert!(reader.get(&format!("{path}-decided")).unwrap().is_some());
    }
}

/// What they were sent is on their disks.
fn all_start_again(mixed: &mut Mixed, kinds: [Kind; 3]) {
    for id in 1..=3 {
        mixed.kill(id);
    }
    for (id, kind) in (1..).zip(kinds) {
        mixed.start(id, kind);
    }
    let modes = [1, 2, 3].map(|id| mixed.serving(id));
    assert!(modes.contains(&"leader".to_owned()), "{modes:?}");
}

/// Servers 1 and 2 are of one kind, server 3 is of the other and leads first.
fn every_way(first_leader: Kind, others: Kind) {
    let mut mixed = Mixed::new(3, 0, SETTINGS);
    mixed.start(3, first_leader);
    mixed.start(1, others);
    assert_eq!(mixed.serving(3), "leader", "the larger id among empty disks");
    mixed.start(2, others);
    assert_eq!(mixed.serving(2), "follower");

    // DIFF to 1, which missed something. With nothing at all it would be sent a snapshot: no log
    // goes back to before its own first transaction.
    let mut client = mixed.client(3);
    assert!(client.create("/first", b"").unwrap().is_ok());
    everybody_has(&mixed, client.zxid);
    mixed.kill(1);
    for number in 0..20 {
        assert!(client.create(&format!("/missed-{number}"), b"x").unwrap().is_ok());
    }
    mixed.start(1, others);
    assert_eq!(mixed.serving(1), "follower");
    let told = last_sync(&mixed, 1, others);
    assert_eq!(mode_of(&told), "DIFF", "{told}");
    mixed.assert_agreement();

    // TRUNC to 3, which logged what nobody acknowledged: its new leader has begun nothing yet.
    let decided = stray(&mut mixed, 3, "/stray-at-3");
    mixed.start(2, others);
    mixed.start(1, others);
    assert_eq!(mixed.serving(2), "leader");
    mixed.start(3, first_leader);
    assert_eq!(mixed.serving(3), "follower");
    let expected = format!("TRUNC {}", written(decided, first_leader));
    assert_eq!(last_sync(&mixed, 3, first_leader), expected);
    assert_absent(&mixed, "/stray-at-3");
    mixed.assert_agreement();

    // SNAP to 2: the same, but the new epoch has transactions of its own.
    stray(&mut mixed, 2, "/stray-at-2");
    mixed.start(3, first_leader);
    mixed.start(1, others);
    assert_eq!(mixed.serving(3), "leader");
    assert!(mixed.client(3).create("/new-epoch", b"").unwrap().is_ok());
    mixed.start(2, others);
    assert_eq!(mixed.serving(2), "follower");
    let told = last_sync(&mixed, 2, others);
    assert_eq!(mode_of(&told), "SNAP", "{told}");
    assert_absent(&mixed, "/stray-at-2");
    mixed.assert_agreement();

    all_start_again(&mut mixed, [others, others, first_leader]);
    assert_absent(&mixed, "/stray-at-3");
    mixed.assert_agreement();
}

#[test]
fn an_apache_server_and_two_vivarium_servers_bring_each_other_up_to_date() {
    every_way(Apache, Vivarium);
}

#[test]
fn a_vivarium_server_and_two_apache_servers_bring_each_other_up_to_date() {
    every_way(Vivarium, Apache);
}
