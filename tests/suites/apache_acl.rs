//! Access control lists and `addauth`, case by case, as a server of Apache ZooKeeper judges them.

use std::process::Command;
use vivarium_tests::apache;
use vivarium_tests::ensemble::{Place, configure, places, start_at};
use vivarium_tests::process::Folder;
use vivarium_tests::{tools, wait_for, words};

/// What both are told: sasl and x509 have their providers, so lists may name them.
const LINES: &str = "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n\
                     authProvider.2=org.apache.zookeeper.server.auth.X509AuthenticationProvider\n\
                     DigestAuthenticationProvider.superDigest=super:0bX78nEegDzJM3ju0iLBEJdWzjg=\n";
const USERS: &str = "java.security.auth.login.config=";

/// What a server makes of every case.
fn cases(place: &Place) -> Vec<String> {
    wait_for("it serves", || words::mode(place.address()));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/acl_cases.py");
    let mut command = Command::new(tools::python());
    let output = command.args([script, &place.connect_string()]).output();
    let output = output.expect("python can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn lists_permissions_and_addauth_come_to_the_same_as_with_apache() {
    let folder = Folder::new();
    let [theirs, ours] = places(folder.path(), 2, 0).try_into().expect("two places were made");
    configure(&theirs, &[], &format!("{}{LINES}", apache::EXTRA));
    let jaas = folder.path().join("jaas.conf");
    let logins = "Server { org.apache.zookeeper.server.auth.DigestLoginModule required; };";
    std::fs::write(&jaas, logins).expect("a file can be written");
    configure(&ours, &[], &format!("{LINES}{USERS}{}\n", jaas.display()));
    let (_apache, _vivarium) = (apache::start_at(&theirs), start_at(&ours));
    let (expected, found) = (cases(&theirs), cases(&ours));
    assert_eq!(expected.len(), found.len());
    assert!(expected.len() > 100, "there are cases");
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(found, expected);
    }
}
