//! The keys that have a type, with ZooKeeper's defaults.
//!
//! Invariant: every key that is taken here is in [`TYPED_KEYS`], so that a slip of the pen can be
//! told what was meant.

use super::ZooCfg;
use super::reader::{Entry, Number, Reader};
use crate::base::{Learner, ZnodeRules};

/// Every key with a type.
pub(super) const TYPED_KEYS: &[&str] = &[
    "4lw.commands.whitelist",
    "DigestAuthenticationProvider.enabled",
    "DigestAuthenticationProvider.superDigest",
    "autopurge.purgeInterval",
    "autopurge.snapRetainCount",
    "clientPort",
    "clientPortAddress",
    "clientPortListenBacklog",
    "clientTcpKeepAlive",
    "cnxTimeout",
    "commitLogCount",
    "dataDir",
    "dataLogDir",
    "datadir.autocreate",
    "db.autocreate",
    "dynamicConfigFile",
    "electionAlg",
    "electionPortBindRetry",
    "enforceQuota",
    "extendedTypesEnabled",
    "fastleader.maxNotificationInterval",
    "fastleader.minNotificationInterval",
    "forceSync",
    "fsync.warningthresholdms",
    "globalOutstandingLimit",
    "initLimit",
    "jute.maxbuffer",
    "jute.maxbuffer.extrasize",
    "localSessionsEnabled",
    "localSessionsUpgradingEnabled",
    "maxClientCnxns",
    "maxCnxns",
    "maxSessionTimeout",
    "minSessionTimeout",
    "observer.syncEnabled",
    "peerType",
    "preAllocSize",
    "quorumListenOnAllIPs",
    "readonlymode.enabled",
    "reconfigEnabled",
    "skipACL",
    "snapCount",
    "snapshot.trust.empty",
    "standaloneEnabled",
    "syncEnabled",
    "syncLimit",
    "tcpKeepAlive",
    "tickTime",
    "znode.container.checkIntervalMs",
    "znode.container.maxNeverUsedIntervalMs",
    "znode.container.maxPerMinute",
];

const CHECK_INTERVAL: &str = "znode.container.checkIntervalMs";
const MAX_PER_MINUTE: &str = "znode.container.maxPerMinute";
const NEVER_USED: &str = "znode.container.maxNeverUsedIntervalMs";
const SHORTEST_INTERVAL: &str = "fastleader.minNotificationInterval";
const LONGEST_INTERVAL: &str = "fastleader.maxNotificationInterval";

/// ZooKeeper's integers are Java's.
const MOST: i64 = i32::MAX as i64;

const MILLISECONDS: Number =
    Number { range: 1..=MOST, must_be: "a positive number of milliseconds", example: 2000 };
const TICKS: Number =
    Number { range: 1..=MOST, must_be: "a positive number of ticks", example: 10 };
const PORT: Number = Number { range: 0..=65_535, must_be: "a port from 1 to 65535", example: 2181 };
const COUNT: Number = Number { range: 0..=MOST, must_be: "a number from 0 on", example: 60 };
const SIZE: Number = Number { range: 1..=MOST, must_be: "a positive size", example: 1_048_575 };

/// Takes every typed key out of `reader`; the members come later.
pub(super) fn read(reader: &mut Reader) -> ZooCfg {
    refuse_other_elections(reader);
    let tick_time_ms = milliseconds(reader, "tickTime", 3000);
    let (min_session_timeout_ms, max_session_timeout_ms) = session_timeouts(reader, tick_time_ms);
    let (data_dir, data_log_dir) = directories(reader);
    let (client_port, client_port_address) = client_port(reader);
    let sync_enabled = reader.boolean("syncEnabled", true);
    let mut cfg = ZooCfg {
        file: reader.file().to_owned(),
        data_dir,
        data_log_dir,
        tick_time_ms,
        init_limit: reader.number("initLimit", &TICKS).unwrap_or(10),
        sync_limit: reader.number("syncLimit", &TICKS).unwrap_or(5),
        min_session_timeout_ms,
        max_session_timeout_ms,
        client_port,
        client_port_address,
        listen_backlog: listen_backlog(reader),
        max_client_cnxns: small(reader, "maxClientCnxns", &COUNT, 60),
        max_cnxns: small(reader, "maxCnxns", &COUNT, 0),
        client_tcp_keep_alive: reader.property("clientTcpKeepAlive", false),
        global_outstanding_limit: count(reader, "globalOutstandingLimit", &SIZE, 1000),
        ensemble: None,
        standalone: false,
        standalone_enabled: reader.boolean("standaloneEnabled", true),
        reconfig_enabled: reader.property("reconfigEnabled", false),
        dynamic_config_file: reader.text("dynamicConfigFile"),
        peer_type: peer_type(reader),
        quorum_listen_on_all_ips: reader.boolean("quorumListenOnAllIPs", false),
        election_port_bind_retry: small(reader, "electionPortBindRetry", &COUNT, 3),
        cnx_timeout_ms: milliseconds(reader, "cnxTimeout", 5000),
        tcp_keep_alive: reader.property("tcpKeepAlive", false),
        min_notification_interval_ms: milliseconds(reader, SHORTEST_INTERVAL, 200),
        max_notification_interval_ms: milliseconds(reader, LONGEST_INTERVAL, 60_000),
        sync_enabled: reader.property("observer.syncEnabled", sync_enabled),
        commit_log_count: at_least(reader, "commitLogCount", 500, 500) as usize,
        snap_count: at_least(reader, "snapCount", 2, 100_000),
        pre_alloc_size_kb: reader.number("preAllocSize", &COUNT).unwrap_or(65_536),
        force_sync: force_sync(reader),
        fsync_warning_threshold_ms: reader
            .number("fsync.warningthresholdms", &COUNT)
            .unwrap_or(1000),
        snapshot_trust_empty: reader.property("snapshot.trust.empty", false),
        data_dir_autocreate: reader.property("datadir.autocreate", true),
        db_autocreate: reader.property("db.autocreate", true),
        snap_retain_count: at_least(reader, "autopurge.snapRetainCount", 3, 3) as u32,
        purge_interval_minutes: purge_interval(reader),
        ..ZooCfg::default()
    };
    for_clients(reader, &mut cfg);
    cfg
}

/// What clients may ask for.
fn for_clients(reader: &mut Reader, cfg: &mut ZooCfg) {
    cfg.jute_max_buffer = count(reader, "jute.maxbuffer", &SIZE, 0xf_ffff);
    cfg.jute_max_buffer_extra = extra_size(reader, cfg.jute_max_buffer);
    cfg.four_letter_whitelist = whitelist(reader);
    cfg.read_only_mode = reader.property("readonlymode.enabled", false);
    cfg.local_sessions = reader.boolean("localSessionsEnabled", false);
    cfg.local_sessions_upgrading = reader.boolean("localSessionsUpgradingEnabled", false);
    let usual = ZnodeRules::default();
    cfg.znodes = ZnodeRules {
        extended_types: reader.property("extendedTypesEnabled", false),
        check_interval_ms: milliseconds(reader, CHECK_INTERVAL, usual.check_interval_ms),
        max_per_minute: reader.number(MAX_PER_MINUTE, &SIZE).unwrap_or(usual.max_per_minute),
        max_never_used_ms: small(reader, NEVER_USED, &COUNT, 0).into(),
        enforce_quota: reader.property("enforceQuota", false),
    };
    cfg.skip_acl = reader.yes_or_no("skipACL", false);
    cfg.digest_auth_enabled = reader.property("DigestAuthenticationProvider.enabled", true);
    cfg.super_digest = reader.text("DigestAuthenticationProvider.superDigest");
}

/// Why each of the others is gone.
fn refuse_other_elections(reader: &mut Reader) {
    let Some(Entry { line, value }) = reader.take("electionAlg") else { return };
    let udp = "AuthFastLeaderElection, which votes by datagrams and without peer epochs, was \
               deprecated in ZooKeeper 3.4.0 and removed in 3.6.0 (ZOOKEEPER-2083)";
    let what = match value.trim() {
        "3" => return,
        "0" => "electionAlg=0 is not offered, because LeaderElection, which polls every server in \
                turn and knows neither rounds nor epochs, was deprecated in ZooKeeper 3.4.0 and \
                removed in 3.6.0 (ZOOKEEPER-1932)"
            .to_owned(),
        number @ ("1" | "2") => format!("electionAlg={number} is not offered, because {udp}"),
        other => format!("electionAlg must be 3, which is FastLeaderElection, not \"{other}\""),
    };
    reader.error(Some(line), &what, "remove the line or write electionAlg=3");
}

fn directories(reader: &mut Reader) -> (String, String) {
    let data_dir = reader.text("dataDir");
    let data_log_dir = reader.text("dataLogDir");
    if data_dir.is_none() {
        let line = reader.lines.get("dataDir").copied();
        let mend = "write where the data shall be, for example dataDir=/var/lib/zookeeper";
        reader.error(line, "dataDir is missing", mend);
    }
    let data_dir = data_dir.unwrap_or_default();
    let data_log_dir = data_log_dir.unwrap_or_else(|| data_dir.clone());
    for (key, path) in [("dataDir", &data_dir), ("dataLogDir", &data_log_dir)] {
        if let Some(line) = reader.lines.get(key).copied().filter(|_| is_doubtful(path)) {
            let what = format!("{key} is relative, so it depends on where the server is started");
            reader.warn(Some(line), &what, "write an absolute path, or ./ before it to insist");
        }
    }
    (data_dir, data_log_dir)
}

/// Relative, without the `./` by which ZooKeeper lets people say that they mean it.
fn is_doubtful(path: &str) -> bool {
    let drive = path.chars().nth(1) == Some(':');
    !path.is_empty() && !path.starts_with(['/', '\\']) && !path.starts_with("./") && !drive
}

/// -1 is the default in ZooKeeper, too.
fn session_timeouts(reader: &mut Reader, tick_time_ms: u64) -> (u64, u64) {
    let mut bound = |key, ticks| {
        if reader.peek(key).is_some_and(|(_, value)| value == "-1") {
            reader.take(key);
        }
        reader.number(key, &MILLISECONDS).unwrap_or(ticks * tick_time_ms)
    };
    let (min, max) = (bound("minSessionTimeout", 2), bound("maxSessionTimeout", 20));
    if min > max {
        let lines = ["minSessionTimeout", "maxSessionTimeout"].map(|key| reader.lines.get(key));
        let line = lines.into_iter().flatten().next().copied();
        let what = format!("minSessionTimeout, {min} ms, is above maxSessionTimeout, {max} ms");
        reader.error(
            line,
            &what,
            "raise the one or lower the other; they default to 2 and 20 ticks",
        );
    }
    (min, max)
}

fn client_port(reader: &mut Reader) -> (Option<u16>, Option<String>) {
    // 0 is how ZooKeeper says that there is none.
    let given = reader.peek("clientPort").is_some_and(|(_, value)| value != "0");
    let port = reader.number("clientPort", &PORT).and_then(|port| u16::try_from(port).ok());
    let port = port.filter(|port| *port != 0);
    let address = reader.text("clientPortAddress");
    if address.is_some() && !given {
        let line = reader.lines.get("clientPortAddress").copied();
        let mend = "add for example clientPort=2181";
        reader.error(line, "clientPortAddress is set, but clientPort is not", mend);
    }
    let bare = |host: String| {
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        inner.map(str::to_owned).unwrap_or(host)
    };
    (port, address.map(bare))
}

fn listen_backlog(reader: &mut Reader) -> Option<u32> {
    if reader.peek("clientPortListenBacklog").is_some_and(|(_, value)| value == "-1") {
        reader.take("clientPortListenBacklog");
    }
    let backlog = reader.number("clientPortListenBacklog", &SIZE)?;
    u32::try_from(backlog).ok()
}

fn peer_type(reader: &mut Reader) -> Option<Learner> {
    let Entry { line, value } = reader.take("peerType")?;
    match value.trim().to_ascii_lowercase().as_str() {
        "participant" => Some(Learner::Participant),
        "observer" => Some(Learner::Observer),
        other => {
            let what = format!("peerType must be participant or observer, not \"{other}\"");
            reader.error(Some(line), &what, "remove it, the server.N lines decide");
            None
        }
    }
}

fn extra_size(reader: &mut Reader, jute_max_buffer: usize) -> usize {
    count(reader, "jute.maxbuffer.extrasize", &SIZE, jute_max_buffer).max(1024)
}

/// Apache ZooKeeper takes whatever is not `yes` for `no`, even `true`; here that is an error.
fn force_sync(reader: &mut Reader) -> bool {
    let force = reader.yes_or_no("forceSync", true);
    if !force {
        let line = reader.lines.get("forceSync").copied();
        let what = "forceSync=no acknowledges what is not on disk, so a crash can lose it";
        reader.warn(line, what, "remove the line unless the data may be lost");
    }
    force
}

/// Hours; with `m`, `h` or `d` after the number minutes, hours or days.
fn purge_interval(reader: &mut Reader) -> u64 {
    let Some(Entry { line, value }) = reader.take("autopurge.purgeInterval") else { return 0 };
    let value = value.trim();
    let (digits, minutes) = match value.char_indices().last() {
        Some((at, 'm')) => (&value[..at], 1),
        Some((at, 'h')) => (&value[..at], 60),
        Some((at, 'd')) => (&value[..at], 24 * 60),
        Some(_) | None => (value, 60),
    };
    let number: Option<u32> = digits.parse().ok();
    if number.is_none() {
        let what = format!("autopurge.purgeInterval must be a number of hours, not \"{value}\"");
        reader.error(Some(line), &what, "write for example autopurge.purgeInterval=24");
    }
    u64::from(number.unwrap_or(0)) * minutes
}

fn whitelist(reader: &mut Reader) -> Vec<String> {
    let list = reader.text("4lw.commands.whitelist").unwrap_or_default();
    let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// A number that ZooKeeper raises to a least value when it is lower.
fn at_least(reader: &mut Reader, key: &str, least: u64, default: u64) -> u64 {
    let given = reader.number(key, &COUNT).unwrap_or(default);
    if given < least {
        let line = reader.lines.get(key).copied();
        let what = format!("{key} is at least {least}, so {given} is raised to that");
        reader.warn(line, &what, &format!("write {key}={least}"));
    }
    given.max(least)
}

fn milliseconds(reader: &mut Reader, key: &str, default: u64) -> u64 {
    reader.number(key, &MILLISECONDS).unwrap_or(default)
}

fn count(reader: &mut Reader, key: &str, number: &Number, default: usize) -> usize {
    let given = reader.number(key, number).and_then(|given| usize::try_from(given).ok());
    given.unwrap_or(default)
}

fn small(reader: &mut Reader, key: &str, number: &Number, default: u32) -> u32 {
    let given = reader.number(key, number).and_then(|given| u32::try_from(given).ok());
    given.unwrap_or(default)
}
