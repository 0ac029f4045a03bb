//! `autopurge.purgeInterval`: old snapshots and logs go when the server starts and then at every
//! interval, on a thread where waiting for the disk holds nobody up.

use crate::disk::purge;
use std::path::PathBuf;
use std::time::Duration;

/// What is purged, and how often.
#[derive(Clone, Debug)]
pub struct Purging {
    /// Where snapshots are.
    pub snapshot_dir: PathBuf,
    /// Where log files are.
    pub log_dir: PathBuf,
    /// `autopurge.snapRetainCount`.
    pub retain: usize,
    /// `autopurge.purgeInterval`.
    pub interval: Duration,
}

impl Purging {
    /// Purges now and at every interval until it is dropped. What goes wrong is logged: a server
    /// that can't tidy up still serves.
    pub async fn run(self) {
        let mut ticks = tokio::time::interval(self.interval);
        loop {
            ticks.tick().await;
            let Purging { snapshot_dir, log_dir, retain, .. } = self.clone();
            let purged =
                tokio::task::spawn_blocking(move || purge(&snapshot_dir, &log_dir, retain));
            match purged.await {
                Ok(Ok(removed)) => tracing::info!("autopurge removed {} files", removed.len()),
                Ok(Err(error)) => tracing::warn!("autopurge stopped half way: {error}"),
                Err(error) => tracing::warn!("autopurge failed: {error}"),
            }
        }
    }
}
