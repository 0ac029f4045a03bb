//! node-zookeeper-client, unmodified, through a follower of three servers, one of which dies.

use std::process::Command;
use vivarium_tests::guest::{self, Victim};
use vivarium_tests::tools;

#[test]
fn nodes_client_works_through_a_follower_and_its_session_outlives_a_server() {
    for victim in [Victim::Its, Victim::Leader] {
        guest::outlives(victim, || {
            let mut node = Command::new(tools::node());
            node.arg(guest::source("operations.js")).arg(tools::node_client());
            node
        });
    }
}
