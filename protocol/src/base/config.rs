//! What one server is told before it starts: who it is, its ensemble, its limits.
//!
//! Durations are milliseconds or ticks, as in zoo.cfg; where a default is ZooKeeper's, its field
//! says so. How zoo.cfg is read is `zoo_cfg`'s business.

use super::ensemble::Ensemble;
use super::gather::Gather;
use super::ids::ServerId;
use super::member::Learner;
use super::sorted::SortedSet;
use super::variants::Variants;
use std::sync::Arc;

/// The configuration of one server; shared. A reconfiguration makes another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// This server's id (`myid`).
    pub id: ServerId,
    /// The members, as they are in force; one participant and `standalone` for a server alone.
    pub ensemble: Arc<Ensemble>,
    /// The members of a reconfiguration that was proposed and is not in force: newer than
    /// `ensemble`. While there is one, what needs a quorum needs one of both.
    pub proposed: Option<Arc<Ensemble>>,
    /// `reconfigEnabled`: whether the members may change at run time.
    pub reconfig_enabled: bool,
    /// `standaloneEnabled`: an ensemble with one participant is none, so two must stay.
    pub standalone_enabled: bool,
    /// `multiAddress.enabled`: whether members may have several addresses.
    pub several_addresses: bool,
    /// One server without election, epochs or learners, as ZooKeeper decides from zoo.cfg.
    pub standalone: bool,
    /// `tickTime`, milliseconds.
    pub tick_time_ms: u64,
    /// `initLimit`, ticks: discovery, synchronisation, the NEWLEADER quorum.
    pub init_limit: u64,
    /// `connectToLearnerMasterLimit`: ticks that the connection to a leader may take to be made; 0,
    /// the default, takes `init_limit`.
    pub connect_limit: u64,
    /// `syncLimit`, ticks: how long a peer may be silent or behind.
    pub sync_limit: u64,
    /// `minSessionTimeout`, milliseconds; ZooKeeper's default is 2 ticks.
    pub min_session_timeout_ms: u64,
    /// `maxSessionTimeout`, milliseconds; ZooKeeper's default is 20 ticks.
    pub max_session_timeout_ms: u64,
    /// `fastleader.minNotificationInterval`, milliseconds: first wait before votes are sent again.
    pub min_notification_interval_ms: u64,
    /// `fastleader.maxNotificationInterval`, milliseconds: where its doubling stops.
    pub max_notification_interval_ms: u64,
    /// How long a voter with a quorum waits for a better vote, milliseconds (200, fixed in
    /// ZooKeeper's `finalizeWait`).
    pub finalize_wait_ms: u64,
    /// `commitLogCount`: how many committed transactions stay in memory for DIFF (least 500).
    pub commit_log_count: usize,
    /// The most transactions a DIFF may bring from disk before SNAP is sent instead.
    pub max_diff_from_disk: u64,
    /// `globalOutstandingLimit`: proposals under way at a leader.
    pub outstanding_limit: usize,
    /// What znodes may be, and how long they stay.
    pub znodes: ZnodeRules,
    /// `localSessionsEnabled`: sessions begin as this server's own and cost no transaction.
    pub local_sessions: bool,
    /// `localSessionsUpgradingEnabled`: a local session that asks for an ephemeral becomes global.
    pub local_sessions_upgrading: bool,
    /// `readonlymode.enabled`: without a leader, clients that accept it may read.
    pub read_only_mode: bool,
    /// `zookeeper.DigestAuthenticationProvider.superDigest`, as in `super:hash`: who may do
    /// everything.
    pub super_digest: Option<Arc<str>>,
    /// Which schemes access control lists may name, and who passes every check.
    pub acl: AclRules,
    /// Departures from the protocol for exhibits; [`Variants::faithful`] in every real server.
    pub variants: Variants,
}

/// What znodes may be and how long those stay that nobody needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZnodeRules {
    /// `extendedTypesEnabled`: whether znodes may have a time to live.
    pub extended_types: bool,
    /// `znode.container.checkIntervalMs`: how often the leader looks for what may go; at least 1.
    pub check_interval_ms: u64,
    /// `znode.container.maxPerMinute`: how many it deletes in a minute at most; at least 1.
    pub max_per_minute: u64,
    /// `znode.container.maxNeverUsedIntervalMs`: how long a container may wait for its first child,
    /// milliseconds; 0 is for ever.
    pub max_never_used_ms: i64,
    /// `enforceQuota`: whether a write that would break a hard limit is refused.
    pub enforce_quota: bool,
}

impl Default for ZnodeRules {
    /// ZooKeeper's defaults.
    fn default() -> ZnodeRules {
        ZnodeRules {
            extended_types: false,
            check_interval_ms: 60_000,
            max_per_minute: 10_000,
            max_never_used_ms: 0,
            enforce_quota: false,
        }
    }
}

/// What a server is told about access control lists (docs/protocol.md, C8.2 and C8.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclRules {
    /// `skipACL`: nothing is checked.
    pub skip: bool,
    /// `DigestAuthenticationProvider.enabled`: whether a list may name the scheme `digest`.
    pub digest: bool,
    /// Whether a list may name the scheme `sasl`: only with its provider.
    pub sasl: bool,
    /// Whether a list may name the scheme `x509`: only with its provider.
    pub x509: bool,
    /// `letAnySaslUserDoX`: a name in lists that stands for everybody who came by SASL.
    pub any_sasl_user: Option<Box<str>>,
}

impl Default for AclRules {
    fn default() -> AclRules {
        AclRules { skip: false, digest: true, sasl: false, x509: false, any_sasl_user: None }
    }
}

impl Config {
    /// ZooKeeper's defaults (`tickTime=2000`, `initLimit=10`, `syncLimit=5` of its sample file) for
    /// one member of `ensemble`.
    #[must_use]
    pub fn new(id: ServerId, ensemble: Arc<Ensemble>) -> Config {
        Config {
            id,
            ensemble,
            proposed: None,
            reconfig_enabled: false,
            standalone_enabled: true,
            several_addresses: false,
            standalone: false,
            tick_time_ms: 2000,
            connect_limit: 0,
            init_limit: 10,
            sync_limit: 5,
            min_session_timeout_ms: 4000,
            max_session_timeout_ms: 40_000,
            min_notification_interval_ms: 200,
            max_notification_interval_ms: 60_000,
            finalize_wait_ms: 200,
            commit_log_count: 500,
            max_diff_from_disk: 100_000,
            outstanding_limit: 1000,
            znodes: ZnodeRules::default(),
            local_sessions: false,
            local_sessions_upgrading: false,
            read_only_mode: false,
            super_digest: None,
            acl: AclRules::default(),
            variants: Variants::faithful(),
        }
    }

    /// Sets `tickTime` and the session bounds that follow from it (2 and 20 ticks).
    #[must_use]
    pub fn with_tick_time_ms(mut self, tick_time_ms: u64) -> Config {
        self.tick_time_ms = tick_time_ms;
        self.min_session_timeout_ms = 2 * tick_time_ms;
        self.max_session_timeout_ms = 20 * tick_time_ms;
        self
    }

    /// Whether this server votes or observes. A server that its ensemble does not name takes part
    /// as a learner that does not count.
    #[must_use]
    pub fn learner(&self) -> Learner {
        if self.ensemble.is_observer(self.id) { Learner::Observer } else { Learner::Participant }
    }

    /// Whether `id` may vote, now or once the proposed configuration is in force.
    #[must_use]
    pub fn is_voter(&self, id: ServerId) -> bool {
        self.ensemble.is_participant(id)
            || self.proposed.as_ref().is_some_and(|proposed| proposed.is_participant(id))
    }

    /// All those, by id.
    #[must_use]
    pub fn voters(&self) -> SortedSet<ServerId> {
        let proposed = self.proposed.iter().flat_map(|proposed| proposed.participants());
        self.ensemble.participants().chain(proposed).gather()
    }

    /// Whether `ids` hold a quorum, or both quorums.
    #[must_use]
    pub fn is_quorum(&self, ids: &SortedSet<ServerId>) -> bool {
        self.ensemble.is_quorum(ids)
            && self.proposed.as_ref().is_none_or(|proposed| proposed.is_quorum(ids))
    }

    /// The newest configuration that this server knows of, in force or not.
    #[must_use]
    pub fn last_seen(&self) -> &Arc<Ensemble> {
        self.proposed.as_ref().unwrap_or(&self.ensemble)
    }

    /// `connect_limit` in milliseconds.
    #[must_use]
    pub fn connect_limit_ms(&self) -> u64 {
        match self.connect_limit {
            0 => self.init_limit_ms(),
            ticks => ticks.saturating_mul(self.tick_time_ms),
        }
    }

    /// `initLimit` in milliseconds.
    #[must_use]
    pub fn init_limit_ms(&self) -> u64 {
        self.tick_time_ms.saturating_mul(self.init_limit)
    }

    /// `syncLimit` in milliseconds.
    #[must_use]
    pub fn sync_limit_ms(&self) -> u64 {
        self.tick_time_ms.saturating_mul(self.sync_limit)
    }
}
