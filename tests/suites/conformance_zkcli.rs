//! Apache's own command-line client, `zkCli.sh`, unmodified, through a follower.

use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::shell::{assert_in_order, zk_cli};

#[test]
fn zk_cli_creates_reads_changes_lists_and_deletes_through_a_follower() {
    let ensemble = Ensemble::start(3, 0);
    let server = ensemble.place(ensemble.follower()).connect_string();
    let printed = zk_cli(
        &server,
        &[
            "create /app hello",
            "get /app",
            "set /app changed",
            "get -s /app",
            "create -s /app/item- one",
            "create -s /app/item- two",
            "create -e /app/mine alive",
            "create /app/mine again",
            "ls /app",
            "stat /app",
            "getAcl /app",
            "sync /app",
            "delete /app",
            "deleteall /app",
            "ls /",
        ],
    );
    assert_in_order(
        &printed,
        &[
            "Created /app",
            "hello",
            "changed",
            "dataVersion = 1",
            "Created /app/item-0000000000",
            "Created /app/item-0000000001",
            "Created /app/mine",
            "Node already exists: /app/mine",
            "[item-0000000000, item-0000000001, mine]",
            "numChildren = 3",
            "'world,'anyone",
            "Sync is OK",
            "Node not empty: /app",
            "[zookeeper]",
        ],
    );
}

#[test]
fn what_zk_cli_wrote_at_one_server_it_reads_at_another() {
    let ensemble = Ensemble::start(3, 0);
    let followers = ensemble.in_mode("follower");
    let at = |id: usize| ensemble.place(id).connect_string();
    let printed = zk_cli(&at(followers[0]), &["create /told here", "create -e /passing by"]);
    assert_in_order(&printed, &["Created /told", "Created /passing"]);
    let printed = zk_cli(&at(followers[1]), &["sync /", "get /told", "ls /"]);
    assert_in_order(&printed, &["Sync is OK", "here", "[told, zookeeper]"]);
}
