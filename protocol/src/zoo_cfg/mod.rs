//! `zoo.cfg` and `myid`: Apache ZooKeeper's configuration files, read into types.
//!
//! Pure text in, a [`ZooCfg`] or every error at once out; so the page can read a file as well as
//! the server can. What a missing `myid` or a missing file means is the caller's business.
//!
//! Invariants:
//! 1. A file that Apache ZooKeeper takes and that asks for nothing that Vivarium lacks is taken,
//!    with the same meaning. (One exception: `forceSync` must be `yes` or `no`.)
//! 2. Nothing that a file asks for is passed over silently if clients or operators could tell.

mod error;
mod generate;
mod keys;
mod member_check;
mod members;
mod properties;
mod reader;
mod settings;
#[cfg(test)]
mod tests;

pub use error::{ConfigError, ConfigWarning};
pub use generate::generate;

use std::sync::Arc;

use crate::base::{
    AclRules, Arrange, Config, Ensemble, Gather, Learner, ServerId, SortedMap, ZnodeRules,
};
use reader::Reader;
use settings::TYPED_KEYS;

/// A configuration as read from `zoo.cfg`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ZooCfg {
    /// The file, as it was named to the parser.
    pub file: String,
    /// `dataDir`: snapshots, epochs, `myid`.
    pub data_dir: String,
    /// `dataLogDir`: transaction logs; `dataDir` if not given.
    pub data_log_dir: String,
    /// `tickTime`, milliseconds; ZooKeeper's default is 3000.
    pub tick_time_ms: u64,
    /// `initLimit`, ticks; 10 for a standalone server that gives none.
    pub init_limit: u64,
    /// `syncLimit`, ticks; 5 for a standalone server that gives none.
    pub sync_limit: u64,
    /// `minSessionTimeout`, milliseconds; 2 ticks if not given.
    pub min_session_timeout_ms: u64,
    /// `maxSessionTimeout`, milliseconds; 20 ticks if not given.
    pub max_session_timeout_ms: u64,
    /// The static `clientPort`; a member line may give another, see [`ZooCfg::client_address`].
    pub client_port: Option<u16>,
    /// The static `clientPortAddress`, a host.
    pub client_port_address: Option<String>,
    /// `clientPortListenBacklog`; `None` leaves it to the system.
    pub listen_backlog: Option<u32>,
    /// `maxClientCnxns`: connections of one client address; 0 is no limit. Default 60.
    pub max_client_cnxns: u32,
    /// `maxCnxns`: connections in all; 0, the default, is no limit.
    pub max_cnxns: u32,
    /// `clientTcpKeepAlive`.
    pub client_tcp_keep_alive: bool,
    /// `globalOutstandingLimit`: requests in flight in the whole ensemble. Default 1000.
    pub global_outstanding_limit: usize,
    /// The members; `None` without `server.N` lines.
    pub ensemble: Option<Ensemble>,
    /// Whether the server runs alone, as ZooKeeper decides: no more than one participant, and
    /// `standaloneEnabled`. Undecided, so false, while [`ZooCfg::with_members`] is to come.
    pub standalone: bool,
    /// `standaloneEnabled`. Default true.
    pub standalone_enabled: bool,
    /// `reconfigEnabled`: whether the members may change at run time. Default false.
    pub reconfig_enabled: bool,
    /// `dynamicConfigFile`: where the members stand instead; to be given to
    /// [`ZooCfg::with_members`].
    pub dynamic_config_file: Option<String>,
    /// `peerType`; the member line decides, this only gives rise to a warning.
    pub peer_type: Option<Learner>,
    /// `quorumListenOnAllIPs`.
    pub quorum_listen_on_all_ips: bool,
    /// `electionPortBindRetry`; 0 is for ever. Default 3.
    pub election_port_bind_retry: u32,
    /// `cnxTimeout`: how long a connection for notifications may take, milliseconds. Default 5000.
    pub cnx_timeout_ms: u64,
    /// `tcpKeepAlive`, of connections between servers.
    pub tcp_keep_alive: bool,
    /// `fastleader.minNotificationInterval`, milliseconds. Default 200.
    pub min_notification_interval_ms: u64,
    /// `fastleader.maxNotificationInterval`, milliseconds. Default 60000.
    pub max_notification_interval_ms: u64,
    /// `syncEnabled`, `observer.syncEnabled`: whether an observer keeps logs. Default true.
    pub sync_enabled: bool,
    /// `commitLogCount`: committed transactions in memory; at least 500, the default.
    pub commit_log_count: usize,
    /// `snapCount`: transactions between snapshots, at least 2. Default 100000.
    pub snap_count: u64,
    /// `preAllocSize`, KiB by which a log file grows. Default 65536.
    pub pre_alloc_size_kb: u64,
    /// `forceSync`: whether the log is synced before anything is acknowledged. Default true.
    pub force_sync: bool,
    /// `fsync.warningthresholdms`. Default 1000.
    pub fsync_warning_threshold_ms: u64,
    /// `snapshot.trust.empty`: whether a log without a snapshot may be read. Default false.
    pub snapshot_trust_empty: bool,
    /// `datadir.autocreate`: whether missing directories are made. Default true.
    pub data_dir_autocreate: bool,
    /// `db.autocreate`: whether an empty database may vote. Default true.
    pub db_autocreate: bool,
    /// `autopurge.snapRetainCount`, at least 3, the default.
    pub snap_retain_count: u32,
    /// `autopurge.purgeInterval`, in minutes; 0, the default, is never.
    pub purge_interval_minutes: u64,
    /// `jute.maxbuffer`, bytes: the largest request, string or buffer. Default 1048575.
    pub jute_max_buffer: usize,
    /// `jute.maxbuffer.extrasize`, bytes: what records from servers and disks may have beyond it;
    /// at least 1024, `jute.maxbuffer` if not given.
    pub jute_max_buffer_extra: usize,
    /// `4lw.commands.whitelist`, as listed; `*` is all. See [`ZooCfg::allows_four_letter`].
    pub four_letter_whitelist: Vec<String>,
    /// `readonlymode.enabled`. Default false.
    pub read_only_mode: bool,
    /// `localSessionsEnabled`. Default false.
    pub local_sessions: bool,
    /// `localSessionsUpgradingEnabled`. Default false.
    pub local_sessions_upgrading: bool,
    /// `extendedTypesEnabled`, `enforceQuota` and the keys that begin with `znode.container.`.
    pub znodes: ZnodeRules,
    /// `skipACL`. Default false.
    pub skip_acl: bool,
    /// `DigestAuthenticationProvider.enabled`. Default true.
    pub digest_auth_enabled: bool,
    /// `DigestAuthenticationProvider.superDigest`: `user:hash` of the super user.
    pub super_digest: Option<String>,
    /// Every other setting, by its key without `zookeeper.`, trimmed.
    pub settings: SortedMap<String, String>,
    /// What works, but hardly as it was meant.
    pub warnings: Vec<ConfigWarning>,
    /// Where the keys stood.
    lines: SortedMap<String, u32>,
}

impl ZooCfg {
    /// Reads a configuration; `file_name` is only for the messages.
    ///
    /// ```
    /// use vivarium_protocol::zoo_cfg::ZooCfg;
    /// let cfg = ZooCfg::parse("zoo.cfg", "dataDir=/var/lib/zookeeper\nclientPort=2181").unwrap();
    /// assert!(cfg.standalone);
    /// assert_eq!(cfg.client_port, Some(2181));
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with the file, in the order of its lines.
    pub fn parse(file_name: &str, text: &str) -> Result<ZooCfg, Vec<ConfigError>> {
        let mut reader = Reader::new(file_name, text);
        let mut cfg = settings::read(&mut reader);
        if let Some(elsewhere) = &cfg.dynamic_config_file {
            for (key, entry) in reader.take_all(members::is_member_key) {
                let what = format!("{key} cannot stand beside dynamicConfigFile");
                reader.error(Some(entry.line), &what, &format!("move it to {elsewhere}"));
            }
        } else {
            cfg.ensemble = members::read(&mut reader, 0);
            cfg.decide_standalone(&mut reader);
        }
        keys::examine(&mut reader);
        for (key, entry) in reader.take_all(|_| true) {
            cfg.settings.insert(key, entry.value.trim().to_owned());
        }
        cfg.finish(reader)
    }

    /// Adds the members out of the file that `dynamicConfigFile` names. Its version is the
    /// hexadecimal number after the last dot of its name, or 0.
    ///
    /// # Errors
    /// Everything that is wrong with that file.
    pub fn with_members(mut self, file_name: &str, text: &str) -> Result<ZooCfg, Vec<ConfigError>> {
        let mut reader = Reader::new(file_name, text);
        let suffix = file_name.rsplit_once('.').map(|(_, suffix)| suffix);
        let version = suffix.and_then(|suffix| i64::from_str_radix(suffix, 16).ok()).unwrap_or(0);
        self.ensemble = members::read(&mut reader, version);
        let strangers: Vec<_> =
            reader.rest().map(|(key, line, _)| (key.to_owned(), line)).collect();
        for (key, line) in strangers {
            let what = format!("{key} does not belong into a file of members");
            let mend = if key == "version" {
                "the version is the hexadecimal end of the file's name".to_owned()
            } else {
                format!("move it to {}", self.file)
            };
            reader.error(Some(line), &what, &mend);
        }
        self.decide_standalone(&mut reader);
        reader.lines.extend(std::mem::take(&mut self.lines));
        self.finish(reader)
    }

    /// What the core is told. For a standalone server `my_id` is the id in its session ids, for
    /// which ZooKeeper takes 1.
    #[must_use]
    pub fn to_config(&self, my_id: ServerId) -> Config {
        let ensemble = match (&self.ensemble, self.standalone) {
            (Some(ensemble), false) => ensemble.clone(),
            (Some(_) | None, _) => {
                let alone = Ensemble::numbered(1, 0);
                let members = alone.members.into_values().map(|member| (my_id, member)).gather();
                Ensemble { members, ..alone }
            }
        };
        let others = ensemble.participants().count().saturating_sub(1);
        Config {
            standalone: self.standalone,
            tick_time_ms: self.tick_time_ms,
            init_limit: self.init_limit,
            sync_limit: self.sync_limit,
            min_session_timeout_ms: self.min_session_timeout_ms,
            max_session_timeout_ms: self.max_session_timeout_ms,
            min_notification_interval_ms: self.min_notification_interval_ms,
            max_notification_interval_ms: self.max_notification_interval_ms,
            commit_log_count: self.commit_log_count,
            outstanding_limit: match others {
                0 | 1 => self.global_outstanding_limit,
                others => (self.global_outstanding_limit / others).max(1),
            },
            reconfig_enabled: self.reconfig_enabled,
            standalone_enabled: self.standalone_enabled,
            several_addresses: self
                .setting("multiAddress.enabled")
                .is_some_and(|enabled| enabled.eq_ignore_ascii_case("true")),
            local_sessions: self.local_sessions,
            local_sessions_upgrading: self.local_sessions_upgrading,
            read_only_mode: self.read_only_mode,
            znodes: self.znodes,
            acl: AclRules {
                skip: self.skip_acl,
                digest: self.digest_auth_enabled,
                ..AclRules::default()
            },
            ..Config::new(my_id, Arc::new(ensemble))
        }
    }

    /// Where `my_id` listens for clients: what its member line says, else the static keys. The host
    /// is `0.0.0.0` unless given; `None` opens no client port. A standalone server may go by the
    /// only member line whatever its id, also without `myid`, where ZooKeeper opens no port.
    #[must_use]
    pub fn client_address(&self, my_id: Option<ServerId>) -> Option<(String, u16)> {
        let members = self.ensemble.as_ref().map(|ensemble| &ensemble.members);
        let own = my_id.and_then(|id| members?.get(&id));
        let only = || members.filter(|_| self.standalone)?.values().next();
        let client = own.or_else(only).and_then(|member| member.client.clone());
        client.or_else(|| self.static_client_address())
    }

    /// Whether this four-letter word is answered. `srvr` always is; `isro` with read-only mode.
    #[must_use]
    pub fn allows_four_letter(&self, word: &str) -> bool {
        word == "srvr"
            || (word == "isro" && self.read_only_mode)
            || self.four_letter_whitelist.iter().any(|listed| listed == word || listed == "*")
    }

    /// Whether the file has this key, with or without a type.
    #[must_use]
    pub fn gives(&self, key: &str) -> bool {
        self.lines.contains_key(key)
    }

    /// The line on which a key stands, from 1.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<u32> {
        self.lines.get(key).copied()
    }

    /// A setting without a type, by its key without `zookeeper.`.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(String::as_str)
    }

    fn static_client_address(&self) -> Option<(String, u16)> {
        let host = self.client_port_address.clone().unwrap_or_else(|| "0.0.0.0".to_owned());
        self.client_port.map(|port| (host, port))
    }

    /// `QuorumPeerConfig.isDistributed`, with the complaints of `parseDynamicConfig`.
    fn decide_standalone(&mut self, reader: &mut Reader) {
        let voters = self.ensemble.as_ref().map_or(0, |ensemble| ensemble.participants().count());
        let members = self.ensemble.as_ref().map_or(0, |ensemble| ensemble.members.len());
        let line = self.ensemble.as_ref().and_then(|ensemble| {
            let first = ensemble.members.keys().next()?;
            reader.lines.get(&format!("server.{first}")).copied()
        });
        self.standalone = self.standalone_enabled && voters <= 1;
        let third = "add servers until there are three participants";
        match (voters, members) {
            (0, 0) if !self.standalone_enabled => {
                let line = reader.lines.get("standaloneEnabled").copied();
                let what = "standaloneEnabled=false needs at least one participant";
                reader.error(line, what, "add the server.N lines");
            }
            (0, 0) => {}
            (0, _) if reader.errors.is_empty() => {
                let what = "there are observers and nobody for them to observe";
                reader.error(line, what, "make at least one server a participant");
            }
            (1, 1) if self.standalone_enabled => {
                let what = "the only server listed runs standalone and the list is ignored";
                let mend = "remove it, or set standaloneEnabled=false for an ensemble of one";
                reader.warn(line, what, mend);
            }
            (1, _) if self.standalone_enabled => {
                let what = "one participant with observers is no ensemble";
                reader.error(line, what, "add participants or set standaloneEnabled=false");
            }
            (1 | 2, _) => reader.warn(line, "no failure of a server will be tolerated", third),
            (even, _) if even % 2 == 0 => {
                let what =
                    format!("{even} participants tolerate no more failures than {}", even - 1);
                reader.warn(line, &what, "make their number odd");
            }
            (_, _) => {}
        }
    }

    fn finish(mut self, mut reader: Reader) -> Result<ZooCfg, Vec<ConfigError>> {
        let settled = self.ensemble.is_some() || self.dynamic_config_file.is_none();
        if settled && !self.standalone {
            for key in ["initLimit", "syncLimit"] {
                if !reader.lines.contains_key(key) {
                    let mend = format!("write for example {key}=5, a number of ticks");
                    let what = format!("{key} is not set, and an ensemble needs it");
                    reader.errors.push(ConfigError {
                        file: self.file.clone(),
                        line: None,
                        what,
                        mend,
                    });
                }
            }
        }
        if !reader.errors.is_empty() {
            reader.errors.arrange(|error| error.line.unwrap_or(u32::MAX));
            return Err(reader.errors);
        }
        self.warnings.append(&mut reader.warnings);
        self.warnings.arrange(|warning| warning.line.unwrap_or(u32::MAX));
        self.lines = reader.lines;
        Ok(self)
    }
}

/// Reads a `myid` file: the server's number in decimal on the first line.
///
/// # Errors
/// The text is no such number.
pub fn parse_my_id(file_name: &str, text: &str) -> Result<ServerId, ConfigError> {
    let first = text.lines().next().unwrap_or_default().trim();
    let id = first.parse().ok().filter(|id| *id >= 0).map(ServerId);
    id.ok_or_else(|| ConfigError {
        file: file_name.to_owned(),
        line: Some(1),
        what: format!("myid must be the number of this server, not \"{first}\""),
        mend: "write the N of its server.N line and nothing else".to_owned(),
    })
}
