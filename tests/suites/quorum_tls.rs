//! TLS between servers: a running ensemble is moved to it step by step, whoever can't show the
//! right certificate stays outside, and Apache ZooKeeper's servers take part.

use std::fs;
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::{self, Ensemble, Place, configure, places};
use vivarium_tests::members::{ask, member_line};
use vivarium_tests::mixed::Kind::Vivarium;
use vivarium_tests::mixed::Mixed;
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::stores::{PASSWORD, Stores};
use vivarium_tests::{apache, wait_for, words};

/// Lines that name these stores for the ports between servers.
fn stores_lines(key: &str, trust: &str) -> String {
    format!(
        "ssl.quorum.keyStore.location={key}\nssl.quorum.keyStore.password={PASSWORD}\n\
         ssl.quorum.trustStore.location={trust}\nssl.quorum.trustStore.password={PASSWORD}\n"
    )
}

/// What comes after a line's beginning in what a process printed, once it is there.
fn says(process: &Process, words: &str) {
    wait_for(words, || process.printed().contains(words).then_some(()));
}

fn write_and_read(at: &Place, path: &str) {
    wait_for("a write succeeds", || {
        let mut client = Client::connect(at.address()).ok()?;
        client.create(path, b"x").ok()?.ok()
    });
}

/// Starts a member again with other lines, and waits until it serves.
fn change(ensemble: &mut Ensemble, id: usize, extra: &str) {
    let places = ensemble.places().to_vec();
    assert!(ensemble.process(id).terminate().success());
    configure(&places[id - 1], &places, extra);
    ensemble.restart(id);
    let _ = ensemble.serving(id);
}

#[test]
fn an_ensemble_moves_to_tls_server_by_server_and_never_loses_its_quorum() {
    let stores = Stores::new();
    let named = stores_lines(&stores.pem("server"), &stores.trusting(&["ca"], "t.jks", "JKS"));
    let mut ensemble = Ensemble::start(3, 0);
    let steps = [
        "portUnification=true\nsslQuorum=false\n",
        "portUnification=true\nsslQuorum=true\n",
        "sslQuorum=true\n",
    ];
    for (number, step) in steps.iter().enumerate() {
        for id in 1..=3 {
            change(&mut ensemble, id, &format!("{named}{step}"));
            write_and_read(ensemble.place(id), &format!("/step-{number}-{id}"));
        }
    }
    let _ = ensemble.serving(1);
    let mut client = Client::connect(ensemble.place(1).address()).expect("it serves");
    assert_eq!(client.children("/").unwrap().len(), 10, "nine nodes and ZooKeeper's own");

    // Now plain text is refused at both ports.
    let places = ensemble.places().to_vec();
    assert!(ensemble.process(1).terminate().success());
    configure(&places[0], &places, "");
    ensemble.restart(1);
    let other = ensemble.leader();
    says(ensemble.process(other), "does not speak TLS, and sslQuorum asks for that");
    assert_eq!(words::mode(places[0].address()), None, "it is alone");
    assert!(ensemble.process(1).terminate().success());
}

#[test]
fn whoever_shows_the_wrong_certificate_stays_outside() {
    let stores = Stores::new();
    stores.issue("far", "/CN=zk9.example.org", "DNS:zk9.example.org");
    let trust = stores.name("ca.crt");
    let kind = "ssl.quorum.trustStore.type=PEM\nsslQuorum=true\n";
    let lines = |name: &str| format!("{}{kind}", stores_lines(&stores.pem(name), &trust));
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    let start = |place: &Place, name: &str| {
        configure(place, &places, &lines(name));
        ensemble::start_at(place)
    };
    let good = [start(&places[0], "server"), start(&places[2], "server")];
    for at in [0, 2] {
        wait_for("two of three serve", || words::mode(places[at].address()));
    }
    // An authority of its own: nobody vouches for it.
    let mut stranger = start(&places[1], "eve");
    says(&good[1], "TLS: invalid peer certificate");
    assert_eq!(words::mode(places[1].address()), None);
    stranger.kill();
    // The right authority, the wrong host.
    let mut elsewhere = start(&places[1], "far");
    says(&good[0], "its certificate names neither");
    says(&elsewhere, "link to server");
    assert_eq!(words::mode(places[1].address()), None);
    elsewhere.kill();
    let _welcome = start(&places[1], "server");
    wait_for("the right one serves", || words::mode(places[1].address()));
}

#[test]
fn a_server_that_nobody_has_listed_joins_by_the_name_in_its_certificate() {
    let stores = Stores::new();
    stores.issue("named", "/CN=zk4", "DNS:localhost");
    let trust = stores.trusting(&["ca"], "t.jks", "JKS");
    let lines = |name: &str| {
        format!("sslQuorum=true\nskipACL=yes\n{}", stores_lines(&stores.pem(name), &trust))
    };
    let mut mixed = Mixed::with_one_to_join(3, &lines("server"));
    for id in 1..=3 {
        mixed.start(id, Vivarium);
    }
    // Nobody's list has its host, and its certificate does not have its address.
    let joining = format!("reconfigEnabled=true\n{}", lines("named"));
    configure(mixed.place(4), mixed.places(), &joining);
    mixed.start(4, Vivarium);
    assert_eq!(mixed.serving(4), "follower");
    let line = member_line(mixed.place(4)).replacen("127.0.0.1", "localhost", 1);
    let leader = mixed.leader();
    let text = ask(&mut mixed.client(4), &line, &leader.to_string()).expect("a quorum has it");
    assert!(text.contains("server.4=localhost"), "{text}");
    wait_for("another leads", || (mixed.leader() != leader).then_some(()));
    write_and_read(mixed.place(4), "/joined");
}

#[test]
fn stores_that_change_count_for_connections_to_come() {
    let stores = Stores::new();
    let (trust, ca) = (stores.path("trusted.pem"), stores.path("ca.crt"));
    fs::copy(stores.path("eve.crt"), &trust).expect("a file can be copied");
    let named = stores_lines(&stores.pem("server"), &trust.display().to_string());
    let lines = format!("{named}sslQuorum=true\nsslQuorumReloadCertFiles=true\n");
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    let mut running = Vec::new();
    for place in &places {
        configure(place, &places, &lines);
        running.push(ensemble::start_at(place));
    }
    says(&running[2], "TLS: invalid peer certificate");
    assert!(places.iter().all(|place| words::mode(place.address()).is_none()));
    fs::copy(ca, &trust).expect("a file can be copied");
    for place in &places {
        wait_for("they find one another", || words::mode(place.address()));
    }
}

#[test]
fn servers_of_both_kinds_speak_tls_with_one_another() {
    let stores = Stores::new();
    let key = stores.pkcs12("server", "server.p12", "");
    let named = stores_lines(&key, &stores.trusting(&["ca"], "trust.jks", "JKS"));
    let tls = format!("{named}sslQuorum=true\n");
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    configure(&places[0], &places, &format!("{tls}{}", apache::EXTRA));
    configure(&places[1], &places, &tls);
    configure(&places[2], &places, &format!("{tls}{}", apache::EXTRA));
    let mut first = apache::start_at(&places[0]);
    let _ours = ensemble::start_at(&places[1]);
    let mut last = apache::start_at(&places[2]);
    for place in &places {
        wait_for("everybody serves", || words::mode(place.address()));
    }
    write_and_read(&places[1], "/through-ours");
    // Without the largest id ours is the larger of two: it may lead, and then it is dialled.
    last.kill();
    wait_for("two of three serve again", || {
        let modes = [0, 1].map(|at| words::mode(places[at].address()));
        let [Some(theirs), Some(ours)] = modes else { return None };
        (theirs == "follower" && ours == "leader").then_some(())
    });
    write_and_read(&places[0], "/through-theirs");
    last = apache::start_at(&places[2]);
    wait_for("the third is back", || words::mode(places[2].address()));
    first.kill();
    write_and_read(&places[2], "/without-the-first");
    last.kill();
}
