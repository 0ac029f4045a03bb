//! The word `mntr`: one line a figure, `zk_KEY<TAB>VALUE` (docs/protocol.md, O6.3).

use super::four_letter::{VERSION, java_double, mode, node_count};
use crate::clients::ClientPort;
use crate::core_loop::Event;
use std::fmt::{Display, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;
use vivarium_protocol::trace::{LearnerPhase, LearnerStatus, PeerStatus};

/// The report of one server.
pub async fn report(port: &ClientPort) -> String {
    let mut report = Report(String::new());
    let state = mode(port);
    report.line("version", VERSION);
    report.line("server_state", state);
    traffic(port, &mut report);
    tree(port, &mut report);
    if !port.shared.config.standalone {
        let status = status(port).await;
        ensemble(port, status.as_ref(), &mut report);
    }
    report.0
}

struct Report(String);

impl Report {
    fn line(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.0, "zk_{key}\t{value}");
    }
}

fn traffic(port: &ClientPort, report: &mut Report) {
    let latency = port.stats.latency();
    report.line("avg_latency", java_double(latency.mean_ms));
    report.line("min_latency", latency.least_ms);
    report.line("max_latency", latency.most_ms);
    report.line("packets_received", port.stats.received.load(Ordering::Relaxed));
    report.line("packets_sent", port.stats.sent.load(Ordering::Relaxed));
    report.line("num_alive_connections", port.replica().infos().len());
    report.line("outstanding_requests", port.shared.overview.borrow().outstanding);
    report.line("uptime", port.stats.uptime_ms());
    let slow = port.shared.slow_syncs.load(Ordering::Relaxed);
    report.line("fsync_threshold_exceed_count", slow);
    if let Some((open, most)) = file_descriptors() {
        report.line("open_file_descriptor_count", open);
        report.line("max_file_descriptor_count", most);
    }
}

fn tree(port: &ClientPort, report: &mut Report) {
    let replica = port.replica().look();
    let tree = replica.tree();
    report.line("znode_count", node_count(&replica));
    report.line("watch_count", replica.watches().count());
    report.line("ephemerals_count", tree.ephemeral_count());
    report.line("approximate_data_size", tree.approximate_data_size());
    report.line("global_sessions", tree.sessions().len());
    report.line("local_sessions", port.shared.overview.borrow().local_sessions);
    report.line("digest_mismatches_count", replica.digest_mismatches());
}

fn ensemble(port: &ClientPort, status: Option<&PeerStatus>, report: &mut Report) {
    let config = Arc::clone(&port.shared.overview.borrow().config);
    report.line("quorum_size", config.ensemble.participants().count());
    let Some(status) = status else { return };
    let role = status.role.name().to_lowercase();
    let phase = status.phase.name().to_lowercase();
    report.line("peer_state", format!("{role} - {phase}"));
    if mode(port) != "leader" {
        return;
    }
    let synced = |votes: bool| {
        let learners = status
            .learners
            .iter()
            .filter(|(id, it)| is_synced(it) && config.ensemble.is_participant(**id) == votes);
        learners.count()
    };
    report.line("learners", status.learners.len());
    report.line("synced_followers", synced(true));
    report.line("synced_observers", synced(false));
    report.line("synced_non_voting_followers", 0);
}

fn is_synced(learner: &LearnerStatus) -> bool {
    matches!(learner.phase, LearnerPhase::UpToDate)
}

async fn status(port: &ClientPort) -> Option<PeerStatus> {
    let (answer, status) = oneshot::channel();
    port.shared.events.send(Event::Status(answer)).await.ok()?;
    status.await.ok()
}

/// How many files this process has open, and how many it may have; where the system tells.
fn file_descriptors() -> Option<(usize, String)> {
    let open = std::fs::read_dir("/proc/self/fd").ok()?.count();
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    Some((open, line.split_whitespace().nth(3)?.to_owned()))
}
