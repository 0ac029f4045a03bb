//! Servers of Apache ZooKeeper, in Java, at the same kind of places.

use crate::ensemble::Place;
use crate::process::Process;
use crate::tools;
use std::process::Command;

/// More lines for an Apache member's zoo.cfg: no admin server, whose port is fixed.
pub const EXTRA: &str = "admin.enableServer=false\n";

/// Starts Apache's server at a place that has been configured.
///
/// # Panics
/// When it can't be started.
#[must_use]
pub fn start_at(place: &Place) -> Process {
    start_with(place, &[])
}

/// The same, with more flags for Java.
///
/// # Panics
/// When it can't be started.
#[must_use]
pub fn start_with(place: &Place, flags: &[&str]) -> Process {
    let mut command = Command::new(tools::java());
    command.args(flags).args(["-Xmx256m", "-Dzookeeper.admin.enableServer=false"]);
    // Its cleaner would take a zxid whenever a minute is over.
    command.args(["-Dznode.container.checkIntervalMs=86400000", "-cp"]);
    command.arg(tools::zookeeper_class_path_of_servers());
    command.arg("org.apache.zookeeper.server.quorum.QuorumPeerMain");
    command.arg(place.folder.join("zoo.cfg"));
    Process::start(&mut command, &place.folder.join("log.txt"))
}
