//! Which keys there are besides the typed ones, and which of them must not be passed over.
//!
//! A key that Apache ZooKeeper knows is never a surprise here: it is obeyed, or it makes no
//! difference, or it is refused or warned about with a sentence. A key that it does not know is
//! most likely a slip of the pen; ZooKeeper is silent about those.
//!
//! Invariant: what would weaken a promise if it were ignored (an oracle for two servers) is an
//! error. What the keys of TLS and authentication say is the server's to read.

use super::reader::Reader;

/// Keys whose meaning Vivarium does not implement, and when that matters.
struct Unsupported {
    /// A key, or with a dot at its end the beginning of keys.
    key: &'static str,
    /// The values that ask for nothing that is missing, lower case; empty for keys that always do.
    harmless: &'static [&'static str],
    /// Whether going on without it would betray what the file asks for.
    fatal: bool,
    /// What it would do, as in "TLS for clients".
    what: &'static str,
}

const fn refused(
    key: &'static str,
    harmless: &'static [&'static str],
    what: &'static str,
) -> Unsupported {
    Unsupported { key, harmless, fatal: true, what }
}

const fn idle(
    key: &'static str,
    harmless: &'static [&'static str],
    what: &'static str,
) -> Unsupported {
    Unsupported { key, harmless, fatal: false, what }
}

/// Apache ZooKeeper's own, lower case.
const METRICS_PROVIDERS: &[&str] = &[
    "org.apache.zookeeper.metrics.prometheus.prometheusmetricsprovider",
    "org.apache.zookeeper.metrics.impl.defaultmetricsprovider",
    "org.apache.zookeeper.metrics.impl.nullmetricsprovider",
];

const UNSUPPORTED: &[Unsupported] = &[
    refused("metricsProvider.className", METRICS_PROVIDERS, "a metrics provider of one's own"),
    refused("oraclePath", &[], "a two-server quorum with an oracle"),
    idle("emulate353TTLNodes", &["false"], "reading times to live as release 3.5.3 wrote them"),
    idle("observerMasterPort", &["0"], "followers that serve observers"),
    idle("audit.enable", &["false"], "the audit log"),
    idle("leaderServes", &["yes"], "a leader without clients"),
];

/// Keys that Vivarium can pass over because nothing that a client or an operator relies on would
/// differ, or that it obeys as plain settings. With a dot or underscore at its end: a beginning.
const KNOWN: &[&str] = &[
    "admin.",
    "allowSaslFailedClients",
    "audit.",
    "authProvider.",
    "bitHashCacheSize",
    "client.certReload",
    "client.portUnification",
    "closeSessionTxn.enabled",
    "commitProcessor.",
    "connectToLearnerMasterLimit",
    "connection_throttle_",
    "digest.enabled",
    "DigestAuthenticationProvider.digestAlg",
    "enableEagerACLCheck",
    "enforce.auth.",
    "ensembleAuthName",
    "fips-mode",
    "flushDelay",
    "follower.",
    "forceSnapshotSync",
    "forward_learner_requests_to_commit_processor_disabled",
    "intBufferStartingSizeBytes",
    "IPAuthenticationProvider.usexforwardedfor",
    "SASLAuthenticationProvider.superPassword",
    "X509AuthenticationProvider.superUser",
    "jaasLoginRenew",
    "java.security.auth.login.config",
    "jvm.pause.",
    "kerberos.",
    "largeRequestMaxBytes",
    "largeRequestThreshold",
    "leader.",
    "leaderConnectDelayDuringRetryMs",
    "learner.",
    "letAnySaslUserDoX",
    "maxBatchSize",
    "maxGetChildrenResponseCacheSize",
    "maxInProcessingDeadWatchers",
    "maxResponseCacheSize",
    "maxWriteQueuePollTime",
    "messageTracker.",
    "metricsProvider.",
    "multiAddress.",
    "netty.",
    "nio.",
    "observer.",
    "observerMaster.",
    "pathStats.",
    "portUnification",
    "quorum.auth.",
    "quorum.cnxn.threads.size",
    "quorumCnxnTimeoutMs",
    "request_",
    "request_throttler.",
    "requireClientAuthScheme",
    "sasl.",
    "secureClientPort",
    "secureClientPortAddress",
    "security.auth_to_local",
    "serializeLastProcessedZxid.enabled",
    "server.realm",
    "serverCnxnFactory",
    "sessionRequireClientSASLAuth",
    "snapSizeLimitInKb",
    "snapshot.compression.method",
    "snapshotSizeFactor",
    "ssl.",
    "sslQuorum",
    "sslQuorumReloadCertFiles",
    "superUser",
    "superUser.",
    "testingonly.initialZxid",
    "throttled_op_wait_time",
    "txnLogSizeLimitInKb",
    "watchManagerName",
    "watcherClean",
];

/// Refuses or warns about what the file asks for and Vivarium does not do, and warns about keys
/// that nobody knows. To be called when the typed keys have been taken.
pub(super) fn examine(reader: &mut Reader) {
    let left: Vec<(String, u32, String)> =
        reader.rest().map(|(key, line, value)| (key.to_owned(), line, value.to_owned())).collect();
    for (key, line, value) in left {
        if let Some(unsupported) = UNSUPPORTED.iter().find(|entry| matches(entry.key, &key)) {
            report(reader, unsupported, &key, line, &value);
        } else if !KNOWN.iter().any(|known| matches(known, &key)) {
            let what = format!("{key} is no setting that ZooKeeper knows");
            let mend = match nearest(&key) {
                Some(meant) => format!("perhaps {meant} is meant"),
                None => "remove it, it has no effect".to_owned(),
            };
            reader.warn(Some(line), &what, &mend);
        }
    }
}

fn report(reader: &mut Reader, unsupported: &Unsupported, key: &str, line: u32, value: &str) {
    if unsupported.harmless.contains(&value.to_ascii_lowercase().as_str()) {
        return;
    }
    let what = format!("{key} asks for {}, which Vivarium does not offer yet", unsupported.what);
    if unsupported.fatal {
        reader.error(Some(line), &what, "remove the line to run without it");
    } else {
        reader.warn(Some(line), &what, "it goes on without");
    }
}

fn matches(known: &str, key: &str) -> bool {
    if known.ends_with(['.', '_']) || known == "watcherClean" {
        key.starts_with(known)
    } else {
        key == known
    }
}

/// The known key that differs least, if a slip of the pen explains the difference.
fn nearest(key: &str) -> Option<&'static str> {
    let candidates = super::TYPED_KEYS.iter().chain(KNOWN);
    let plain = key.to_ascii_lowercase();
    candidates
        .map(|known| (distance(&plain, &known.to_ascii_lowercase()), *known))
        .filter(|(distance, known)| *distance <= 2 && *distance < known.len() / 2)
        .min()
        .map(|(_, known)| known)
}

/// How many letters must be added, removed or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.chars().enumerate() {
            let change = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_between_words() {
        let cases = [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("tick", "tikc", 2)];
        for (one, other, expected) in cases {
            assert_eq!(distance(one, other), expected, "{one} and {other}");
        }
    }
}
