//! SASL between servers: whoever does not know the password stays outside, and both ends say why;
//! an ensemble is moved to it server by server; Apache ZooKeeper's servers take part.

use std::fs;
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::{self, Ensemble, Place, configure, places};
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::{apache, wait_for, words};

const REQUIRED: &str = "quorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true\n\
                        quorum.auth.serverRequireSasl=true\n";

/// A file of logins in the place's folder: the password that it knows, and the one that it says.
fn logins(place: &Place, known: &str, said: &str) -> String {
    let module = "org.apache.zookeeper.server.auth.DigestLoginModule required";
    let text = format!(
        "QuorumServer {{\n    {module} user_zoo=\"{known}\";\n}};\n\
         QuorumLearner {{\n    {module} username=\"zoo\" password=\"{said}\";\n}};\n"
    );
    let path = place.folder.join("jaas.conf");
    fs::create_dir_all(&place.folder).expect("a folder can be made");
    fs::write(&path, text).expect("a file can be written");
    format!("java.security.auth.login.config={}\n", path.display())
}

fn says(process: &Process, words: &str) {
    wait_for(words, || process.printed().contains(words).then_some(()));
}

fn write(at: &Place, path: &str) {
    wait_for("a write succeeds", || {
        let mut client = Client::connect(at.address()).ok()?;
        client.create(path, b"x").ok()?.ok()
    });
}

#[test]
fn whoever_says_the_wrong_password_never_joins_and_both_ends_say_why() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    let start = |place: &Place, said: &str| {
        let logins = logins(place, "secret", said);
        configure(place, &places, &format!("{logins}{REQUIRED}"));
        ensemble::start_at(place)
    };
    let good = [start(&places[0], "secret"), start(&places[2], "secret")];
    for at in [0, 2] {
        wait_for("two of three serve", || words::mode(places[at].address()));
    }
    let mut stranger = start(&places[1], "guess");
    says(&stranger, "SASL: the other server refuses zoo");
    says(&good[0], "SASL: unknown user or wrong password");
    says(&good[1], "SASL: unknown user or wrong password");
    assert_eq!(words::mode(places[1].address()), None, "it does not serve");
    stranger.kill();
    assert!(good.iter().all(|it| !it.printed().contains("secret")), "no password is logged");

    // One that says nothing at all fares no better.
    configure(&places[1], &places, "");
    let mut silent = ensemble::start_at(&places[1]);
    says(&good[0], "quorum.auth.serverRequireSasl asks for that");
    assert_eq!(words::mode(places[1].address()), None);
    silent.kill();
    let _welcome = start(&places[1], "secret");
    wait_for("the right one serves", || words::mode(places[1].address()));
}

#[test]
fn an_ensemble_moves_to_sasl_server_by_server() {
    let mut ensemble = Ensemble::start(3, 0);
    let steps = [
        "quorum.auth.enableSasl=true\n",
        "quorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true\n",
        REQUIRED,
    ];
    for (number, step) in steps.iter().enumerate() {
        for id in 1..=3 {
            let places = ensemble.places().to_vec();
            let logins = logins(&places[id - 1], "secret", "secret");
            assert!(ensemble.process(id).terminate().success());
            configure(&places[id - 1], &places, &format!("{logins}{step}"));
            ensemble.restart(id);
            let _ = ensemble.serving(id);
            write(ensemble.place(id), &format!("/step-{number}-{id}"));
        }
    }
    let _ = ensemble.serving(1);
    let mut client = Client::connect(ensemble.place(1).address()).expect("it serves");
    assert_eq!(client.children("/").unwrap().len(), 10, "nine nodes and ZooKeeper's own");
}

#[test]
fn servers_of_both_kinds_know_one_another_by_password() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    for place in &places {
        let logins = logins(place, "secret", "secret");
        configure(place, &places, &format!("{logins}{REQUIRED}{}", apache::EXTRA));
    }
    let start = |at: usize| {
        // Java takes the path by a flag only.
        let path = places[at].folder.join("jaas.conf");
        let flag = format!("-Djava.security.auth.login.config={}", path.display());
        apache::start_with(&places[at], &[&flag])
    };
    let mut first = start(0);
    let _ours = ensemble::start_at(&places[1]);
    let mut last = start(2);
    for place in &places {
        wait_for("everybody serves", || words::mode(place.address()));
    }
    write(&places[1], "/through-ours");
    last.kill();
    wait_for("two of three serve again", || {
        let modes = [0, 1].map(|at| words::mode(places[at].address()));
        let [Some(theirs), Some(ours)] = modes else { return None };
        (theirs == "follower" && ours == "leader").then_some(())
    });
    write(&places[0], "/through-theirs");
    last = start(2);
    wait_for("the third is back", || words::mode(places[2].address()));
    first.kill();
    write(&places[2], "/without-the-first");
    last.kill();
}
