//! From a configuration file to what the parts of the server are told.
//!
//! How zoo.cfg and myid are read is `vivarium_protocol::zoo_cfg`'s business; here they are found,
//! and what is wrong becomes one failure with ZooKeeper's exit code.

use crate::auth::{Authentication, Identities};
use crate::cli::Failure;
use crate::clients::Limits;
use crate::clients::flow::Flow;
use crate::disk_settings::DiskSettings;
use crate::links::LinkSettings;
use crate::members::MemberFiles;
use crate::tls::TlsSettings;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vivarium_protocol::base::{Config, Ensemble, Learner, ServerId};
use vivarium_protocol::zoo_cfg::{ConfigError, ZooCfg, parse_my_id};

/// The id of a standalone server, as in ZooKeeper's session ids.
const ALONE: ServerId = ServerId(1);

/// Everything that one server is told before it starts.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The file's settings.
    pub cfg: ZooCfg,
    /// What the core is told.
    pub core: Arc<Config>,
    /// How clients say who they are.
    pub authentication: Authentication,
    /// How clients come by TLS, if they can.
    pub tls: Option<TlsSettings>,
    /// How servers connect to one another.
    pub links: LinkSettings,
    /// Where to write what the core decides (`--trace`), if anywhere.
    pub trace: Option<PathBuf>,
    /// How files are kept.
    pub disk: DiskSettings,
}

impl ServerConfig {
    /// Reads zoo.cfg, the members' file that it may name, and in an ensemble `myid`.
    ///
    /// # Errors
    /// Everything that is wrong with them, with ZooKeeper's exit code for it.
    pub fn load(path: &Path) -> Result<ServerConfig, Failure> {
        let text = read(path, "give the path of a zoo.cfg")?;
        let mut cfg = ZooCfg::parse(&path.display().to_string(), &text).map_err(all)?;
        if let Some(members) = cfg.dynamic_config_file.clone() {
            let text = read(Path::new(&members), "correct dynamicConfigFile")?;
            cfg = cfg.with_members(&members, &text).map_err(all)?;
        }
        ServerConfig::new(cfg)
    }

    /// A standalone server on a port and a directory, as ZooKeeper takes them from its command
    /// line.
    ///
    /// # Errors
    /// As for a file with these settings.
    pub fn standalone(port: u16, data_dir: &str, tick_ms: u64) -> Result<ServerConfig, Failure> {
        let text = format!("dataDir={data_dir}\nclientPort={port}\ntickTime={tick_ms}\n");
        ServerConfig::new(ZooCfg::parse("the command line", &text).map_err(all)?)
    }

    fn new(mut cfg: ZooCfg) -> Result<ServerConfig, Failure> {
        let id = if cfg.standalone { ALONE } else { my_id(&cfg)? };
        let warnings = cfg.check_my_id(id).map_err(all)?;
        cfg.warnings.extend(warnings);
        let (tls, warnings) = TlsSettings::from(&cfg).map_err(all)?;
        cfg.warnings.extend(warnings);
        let (disk, warnings) = DiskSettings::read(&cfg).map_err(all)?;
        cfg.warnings.extend(warnings);
        let read = |path: &str| std::fs::read_to_string(path);
        let identities = Identities::from(&cfg, tls.is_some(), read);
        let Identities { authentication, rules, warnings } = identities.map_err(all)?;
        cfg.warnings.extend(warnings);
        let (links, warnings) = LinkSettings::from(&cfg, read).map_err(all)?;
        cfg.warnings.extend(warnings);
        let connect_limit = links.reach_limit;
        let mut core = Config { acl: rules, connect_limit, ..cfg.to_config(id) };
        if core.reconfig_enabled && cfg.dynamic_config_file.is_some() {
            let newer = |it: &Ensemble| it.version > core.ensemble.version;
            core.proposed = MemberFiles::beside(&cfg.file).proposed().filter(newer).map(Arc::new);
        }
        let core = Arc::new(core);
        Ok(ServerConfig { cfg, core, authentication, tls, links, trace: None, disk })
    }

    /// Where this server listens for clients, if it does.
    #[must_use]
    pub fn client_address(&self) -> Option<(String, u16)> {
        self.cfg.client_address(Some(self.core.id))
    }

    /// What clients may do.
    ///
    /// # Errors
    /// A limit that is no number in its range.
    pub fn limits(&self) -> Result<Limits, Failure> {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let mut commands = self.cfg.four_letter_whitelist.clone();
        if self.cfg.read_only_mode {
            commands.push("isro".to_owned());
        }
        let flow = Flow::read(&self.cfg).map_err(all)?;
        Ok(Limits {
            max_connections_per_ip: count(self.cfg.max_client_cnxns),
            max_connections: count(self.cfg.max_cnxns),
            max_frame: self.cfg.jute_max_buffer,
            commands,
            keep_alive: self.cfg.client_tcp_keep_alive,
            flow,
        })
    }

    /// What the file asks for and this server does not do, a sentence each.
    #[must_use]
    pub fn passed_over(&self) -> Vec<&'static str> {
        let cfg = &self.cfg;
        let asked = [(!cfg.sync_enabled, "syncEnabled asks for an observer without logs")];
        asked.into_iter().filter_map(|(asked, what)| asked.then_some(what)).collect()
    }

    /// What the word `conf` shows, in ZooKeeper's order.
    #[must_use]
    pub fn settings(&self) -> Vec<(String, String)> {
        let (cfg, core) = (&self.cfg, &self.core);
        let port = self.client_address().map_or(-1, |(_, port)| i64::from(port));
        let secure = self.tls.as_ref().and_then(|tls| tls.address.as_ref());
        let secure = secure.map_or(-1, |(_, port)| i64::from(*port));
        let version_2 = |dir: &str| absolute(dir).join("version-2").display().to_string();
        let own = core.ensemble.members.get(&core.id).filter(|_| !core.standalone);
        let mut settings = vec![
            ("clientPort", port.to_string()),
            ("secureClientPort", secure.to_string()),
            ("dataDir", version_2(&cfg.data_dir)),
            ("dataLogDir", version_2(&cfg.data_log_dir)),
            ("tickTime", cfg.tick_time_ms.to_string()),
            ("maxClientCnxns", cfg.max_client_cnxns.to_string()),
            ("minSessionTimeout", cfg.min_session_timeout_ms.to_string()),
            ("maxSessionTimeout", cfg.max_session_timeout_ms.to_string()),
            ("clientPortListenBacklog", backlog(cfg.listen_backlog)),
            ("serverId", if core.standalone { 0 } else { core.id.0 }.to_string()),
        ];
        if let Some(own) = own {
            let observer = own.learner == Learner::Observer;
            settings.extend([
                ("initLimit", cfg.init_limit.to_string()),
                ("syncLimit", cfg.sync_limit.to_string()),
                ("electionAlg", "3".to_owned()),
                ("electionPort", own.election_port.to_string()),
                ("quorumPort", own.quorum_port.to_string()),
                ("peerType", u8::from(observer).to_string()),
            ]);
        }
        settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// What `conf` shows once the members have changed: their line for this server counts.
#[must_use]
pub fn in_force(settings: &[(String, String)], config: &Config) -> Vec<(String, String)> {
    let mut settings = settings.to_vec();
    let own = config.ensemble.members.get(&config.id).filter(|_| !config.standalone);
    let Some(own) = own else { return settings };
    let client = own.client.as_ref().map(|(_, port)| port.to_string());
    let told = [
        ("clientPort", client),
        ("electionPort", Some(own.election_port.to_string())),
        ("quorumPort", Some(own.quorum_port.to_string())),
        ("peerType", Some(u8::from(own.learner == Learner::Observer).to_string())),
    ];
    for (key, value) in told {
        let setting = settings.iter_mut().find(|(it, _)| it == key);
        if let (Some((_, old)), Some(new)) = (setting, value) {
            *old = new;
        }
    }
    settings
}

fn backlog(given: Option<u32>) -> String {
    given.map_or_else(|| "-1".to_owned(), |backlog| backlog.to_string())
}

fn absolute(dir: &str) -> PathBuf {
    std::path::absolute(dir).unwrap_or_else(|_| PathBuf::from(dir))
}

fn my_id(cfg: &ZooCfg) -> Result<ServerId, Failure> {
    let path = Path::new(&cfg.data_dir).join("myid");
    let text = read(&path, "write this server's number from its server.N line into it")?;
    parse_my_id(&path.display().to_string(), &text).map_err(|error| all(vec![error]))
}

fn read(path: &Path, mend: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        Failure::new(Failure::INVALID, format!("can't read {path}: {error}; {mend}"))
    })
}

fn all(errors: Vec<ConfigError>) -> Failure {
    let lines: Vec<String> = errors.iter().map(ConfigError::to_string).collect();
    Failure::new(Failure::INVALID, lines.join("\n       "))
}
