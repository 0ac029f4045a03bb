//! Stores that change while the server runs.

use super::context::TlsError;
use super::terms::Terms;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How often stores are looked at for a change.
const LOOK: Duration = Duration::from_millis(1000);

/// Calls `read` whenever a store has changed, if that is asked for; `whom` says, for the log, who
/// gets the new ones. A store that can't be used changes nothing.
pub async fn follow(
    terms: &Terms,
    whom: &str,
    mut read: impl FnMut() -> Result<Vec<String>, TlsError>,
) {
    if !terms.reload {
        return;
    }
    let mut known = marks(terms);
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        ticks.tick().await;
        let marks = marks(terms);
        if marks == known {
            continue;
        }
        known = marks;
        match read() {
            Ok(warnings) => {
                tracing::info!("the stores for TLS have changed; {whom} get the new ones");
                warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
            }
            // It may be half written; then it will change again.
            Err(error) => tracing::warn!("the stores for TLS stay as they were: {error}"),
        }
    }
}

/// When the stores were last written, and how long they are.
fn marks(terms: &Terms) -> Vec<Option<(SystemTime, u64)>> {
    let stores = [Some(&terms.key_store), terms.trust_store.as_ref()];
    stores.into_iter().flatten().map(|store| mark(&store.path)).collect()
}

fn mark(path: &Path) -> Option<(SystemTime, u64)> {
    let known = std::fs::metadata(path).ok()?;
    Some((known.modified().ok()?, known.len()))
}
