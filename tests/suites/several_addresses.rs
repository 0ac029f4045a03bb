//! Servers with several addresses: found by the one that answers, also by Apache's servers, and
//! listening at the others as soon as those are there.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use tokio::net::TcpSocket;
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::{self, Place, configure, places};
use vivarium_tests::process::Folder;
use vivarium_tests::{apache, wait_for, words};

/// The address that comes first in every line; all of 127.0.0.0/8 is this machine.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Gives every server two addresses in the place's zoo.cfg.
fn configure_two(place: &Place, all: &[Place]) {
    let path = configure(place, all, &format!("multiAddress.enabled=true\n{}", apache::EXTRA));
    let text = fs::read_to_string(&path).expect("it was written");
    let two = |line: &str| match line.split_once("=127.0.0.1:") {
        Some((key, ports)) if key.starts_with("server.") => {
            format!("{key}={FIRST}:{ports}|127.0.0.1:{ports}\n")
        }
        Some(_) | None => format!("{line}\n"),
    };
    let text: String = text.lines().map(two).collect();
    fs::write(&path, text).expect("it can be written");
}

/// Takes the ports of a server at its first address, without listening: whoever dials is refused.
fn occupy(place: &Place) -> Vec<TcpSocket> {
    let take = |port: u16| {
        let socket = TcpSocket::new_v4().expect("there are sockets");
        socket.bind(SocketAddr::from((FIRST, port))).expect("the port is free there, too");
        socket
    };
    vec![take(place.quorum), take(place.election)]
}

fn write(at: &Place, path: &str) {
    wait_for("a write succeeds", || {
        let mut client = Client::connect(at.address()).ok()?;
        client.create(path, b"x").ok()?.ok()
    });
}

#[test]
fn a_server_whose_first_address_is_dead_is_reached_at_its_second() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    places.iter().for_each(|place| configure_two(place, &places));
    // The largest id leads: others must reach both of its ports.
    let occupied = occupy(&places[2]);
    let mut running: Vec<_> = places.iter().map(ensemble::start_at).collect();
    for place in &places {
        wait_for("it serves", || words::mode(place.address()));
    }
    assert_eq!(words::mode(places[2].address()).as_deref(), Some("leader"));
    write(&places[0], "/by-the-second-address");
    assert!(running[2].printed().contains(&format!("can't listen for elections on {FIRST}:")));

    // The network of the first address comes back.
    drop(occupied);
    for port in [places[2].election, places[2].quorum] {
        let first = SocketAddr::from((FIRST, port));
        wait_for("it listens there, too", || TcpStream::connect(first).ok());
    }
    assert!(running.iter_mut().all(|server| server.terminate().success()));
}

#[test]
fn servers_of_both_kinds_tell_one_another_all_their_addresses() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    places.iter().for_each(|place| configure_two(place, &places));
    // Java asks for the word while it reads the lines, where only a flag can have said it.
    let start =
        |place: &Place| apache::start_with(place, &["-Dzookeeper.multiAddress.enabled=true"]);
    let _first = start(&places[0]);
    let _ours = ensemble::start_at(&places[1]);
    let mut last = start(&places[2]);
    for place in &places {
        wait_for("everybody serves", || words::mode(place.address()));
    }
    write(&places[1], "/through-ours");
    last.kill();
    wait_for("ours leads", || (words::mode(places[1].address())? == "leader").then_some(()));
    write(&places[0], "/through-theirs");
}
