//! Writing a snapshot without holding anybody up.
//!
//! Copying the tree copies its shard pointers; encoding and writing happen on a thread of their
//! own. One snapshot at a time; a failure costs only a longer replay at the next start.

use crate::disk::{Compression, write_compressed};
use crate::replica::SharedReplica;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Writes snapshots of the replica.
#[derive(Clone, Debug)]
pub struct Snapshots {
    replica: Arc<SharedReplica>,
    folder: PathBuf,
    compression: Compression,
    under_way: Arc<AtomicBool>,
}

impl Snapshots {
    /// Snapshots of `replica` into `folder`.
    #[must_use]
    pub fn new(
        replica: Arc<SharedReplica>,
        folder: PathBuf,
        compression: Compression,
    ) -> Snapshots {
        Snapshots { replica, folder, compression, under_way: Arc::default() }
    }

    /// Begins a snapshot of the replica as it stands now, unless one is under way.
    pub fn begin(&self) {
        if self.under_way.swap(true, Ordering::AcqRel) {
            return;
        }
        let (tree, zxid) = {
            let replica = self.replica.look();
            (replica.tree().clone(), replica.last_zxid())
        };
        let this = self.clone();
        let spawned = std::thread::Builder::new().name("snapshot".to_owned()).spawn(move || {
            match write_compressed(&this.folder, &tree, zxid, this.compression) {
                Ok(_) => tracing::info!("snapshot written at {zxid}"),
                Err(error) => tracing::error!("no snapshot was written at {zxid}: {error}"),
            }
            this.under_way.store(false, Ordering::Release);
        });
        if let Err(error) = spawned {
            tracing::error!("no thread for a snapshot: {error}");
            self.under_way.store(false, Ordering::Release);
        }
    }
}
