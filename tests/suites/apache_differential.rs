//! Vivarium and Apache ZooKeeper answer the same random requests alike.

use vivarium_tests::apache;
use vivarium_tests::differential::{Plan, Server, compare};
use vivarium_tests::ensemble::{Ensemble, configure, places};
use vivarium_tests::process::Folder;
use vivarium_tests::{wait_for, words};

/// Both servers: sessions that outlive the run, time-to-live nodes and
/// containers that no cleaner takes meanwhile, a super user.
const SETTINGS: &str = "minSessionTimeout=200000\nmaxSessionTimeout=600000\n\
    extendedTypesEnabled=true\nznode.container.checkIntervalMs=86400000\n\
    DigestAuthenticationProvider.superDigest=super:0bX78nEegDzJM3ju0iLBEJdWzjg=\n";

/// A number that a person may give instead.
fn asked(variable: &str, otherwise: u64) -> u64 {
    let given = std::env::var(variable).ok().filter(|text| !text.is_empty());
    given.map_or(otherwise, |text| text.parse().expect("it must be a number"))
}

#[test]
fn a_vivarium_server_and_an_apache_server_answer_random_requests_alike() {
    let folder = Folder::new();
    let place = &places(folder.path(), 1, 0)[0];
    configure(place, &[], &format!("{SETTINGS}{}", apache::EXTRA));
    let _apache = apache::start_at(place);
    let vivarium = Ensemble::standalone_with(SETTINGS);
    wait_for("Apache serves", || words::mode(place.address()));
    let release = words::ask(place.address(), "srvr").expect("it serves");
    let before_3_9 = release.starts_with("Zookeeper version: 3.8");
    let plan = Plan {
        seed: asked("VIVARIUM_DIFFERENTIAL_SEED", 1),
        requests: usize::try_from(asked("VIVARIUM_DIFFERENTIAL_REQUESTS", 20_000)).unwrap(),
    };
    let theirs = Server { name: "Apache", addresses: vec![place.address()] };
    let ours = Server { name: "Vivarium", addresses: vec![vivarium.place(1).address()] };
    match compare(plan, &theirs, &ours, before_3_9) {
        Ok(outcome) => println!("{outcome}"),
        Err(difference) => panic!("{difference}"),
    }
}
