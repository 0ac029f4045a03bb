//! One server from its configuration to its end: recovery, ports, threads, and a clean stop.
//!
//! Invariants:
//! 1. Nothing listens before the disk has been read.
//! 2. A stop goes in this order: nobody is let in any more; what own clients have asked for is
//!    answered, for as long as that is worth it; clients and other servers are hung up on behind
//!    the last that they are told; the core ends, then the disk with all that was queued for it.

use crate::cli::Failure;
use crate::clients::{ClientPort, Shared};
use crate::config::ServerConfig;
use crate::core_loop::{
    CLIENT_MAILBOX, Clock, CoreLoop, Ended, Event, Mailboxes, Overview, PEER_MAILBOX, wall_ms,
};
use crate::disk::{Loaded, SnapshotSchedule, Storage, StorageOptions};
use crate::disk_thread::{DiskHandle, Reports};
use crate::links::{Door, LinkTable, election, quorum};
use crate::listening::Ports;
use crate::members::MemberFiles;
use crate::purging::Purging;
use crate::replica::SharedReplica;
use crate::snapshots::Snapshots;
use crate::tls::TlsPort;
use crate::trace_file::TraceFile;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use vivarium_protocol::base::{Config, Rng, Zxid};
use vivarium_protocol::replica::Replica;
use vivarium_protocol::{Effects, Server, service};

/// How long clients may take to read their last answers when a server stops.
const FAREWELL: Duration = Duration::from_millis(2000);
/// How often it is looked whether they have.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a server until `stopped`, or until it can't go on.
///
/// # Errors
/// Why it can't, with ZooKeeper's exit code.
pub async fn run(config: ServerConfig, stopped: impl Future<Output = ()>) -> Result<(), Failure> {
    describe(&config);
    let limits = config.limits()?;
    allow_many_connections();
    let (storage, loaded) = open(&config)?;
    let purging = purging(&config, &storage);
    let tls = open_tls(&config)?;
    let door = open_door(&config)?;
    let ports = Ports::open(&config, tls.as_ref()).await?;
    let parts = assemble(&config, storage, loaded, &door)?;

    let (stop, stop_to) = oneshot::channel();
    let (core_thread, ended) =
        spawn_core(parts.core_loop, parts.mailboxes, stop_to).map_err(|e| no_thread(&e))?;
    let first_session = service::first_session_id(config.core.id, wall_ms());
    let settings = config.settings();
    let port = Arc::new(ClientPort::new(
        parts.shared,
        limits,
        config.authentication.clone(),
        settings,
        first_session,
    ));
    tokio::spawn(Arc::clone(&port).report_touches());
    purging.map(|purging| tokio::spawn(purging.run()));
    let mut listening = ports.serve(&port, parts.election, parts.members);
    if let Some(tls) = tls {
        tokio::spawn(tls.follow_stores());
    }
    if let Some(tls) = door.tls() {
        tokio::spawn(Arc::clone(tls).follow_stores());
    }
    let ended = tokio::select! {
        () = stopped => {
            tracing::info!("stopping");
            listening.abort_all();
            // The core loop may have ended at this very moment.
            let _ = stop.send(());
            Ended::Stopped
        }
        // Without a word it ends only in a panic, and then joining says so.
        ended = ended => ended.unwrap_or(Ended::Stopped),
    };
    join(core_thread, parts.disk_thread).await?;
    let _ = tokio::time::timeout(FAREWELL, all_gone(&port)).await;
    outcome(ended)
}

/// Waits until every client has been told the last that there is for it, and is hung up on.
async fn all_gone(port: &ClientPort) {
    let mut looks = tokio::time::interval(LOOK);
    while !port.replica().infos().is_empty() {
        looks.tick().await;
    }
}

/// A server put together and not yet running.
struct Parts {
    core_loop: CoreLoop,
    mailboxes: Mailboxes,
    shared: Shared,
    election: election::Port,
    members: watch::Receiver<Arc<Config>>,
    disk_thread: JoinHandle<()>,
}

fn assemble(
    config: &ServerConfig,
    storage: Storage,
    loaded: Loaded,
    door: &Arc<Door>,
) -> Result<Parts, Failure> {
    let Loaded { recovered, tree, .. } = loaded;
    let mut replica = Replica::new(tree, recovered.replica_at);
    let config_text = config_text(config);
    if let Some(text) = &config_text {
        replica.set_config(text.clone(), Zxid(config.core.ensemble.version), wall_ms());
    }
    // With reconfiguration an image from the leader says more than this server's own files.
    let fixed_text = config_text.filter(|_| !config.core.reconfig_enabled);
    let replica = Arc::new(SharedReplica::new(replica, fixed_text));
    let (disk, Reports { durable, trouble, thread: disk_thread, slow_syncs }) =
        start_disk(config, storage, &replica)?;
    let (events, from_events) = mpsc::channel(PEER_MAILBOX);
    let (core, from_clients) = mpsc::channel(CLIENT_MAILBOX);
    let (overview, overview_to) = watch::channel(Overview::at_start(&config.core));
    door.expect(&config.core);
    let (election, quorum) = ports(config, &events, door);
    let links = LinkTable::new(Handle::current(), election.clone(), quorum);
    let members = links.members();

    let clock = Clock::start();
    let trace_file = trace_file(config)?;
    let mut effects = Effects::traced();
    let server = Server::recover(Arc::clone(&config.core), recovered, clock.now(), &mut effects);
    let shared = Shared {
        config: Arc::clone(&config.core),
        replica: Arc::clone(&replica),
        core,
        events,
        overview: overview_to,
        slow_syncs,
    };
    let core_loop = CoreLoop { server, effects, clock, replica, links, disk, overview, trace_file };
    let mailboxes = Mailboxes { events: from_events, clients: from_clients, durable, trouble };
    Ok(Parts { core_loop, mailboxes, shared, election, members, disk_thread })
}

/// The file for decisions, if one is asked for.
fn trace_file(config: &ServerConfig) -> Result<Option<TraceFile>, Failure> {
    let Some(path) = &config.trace else { return Ok(None) };
    let created = TraceFile::create(path, config.core.id, wall_ms());
    let said = |error| Failure::new(Failure::INVALID, format!("{}: {error}", path.display()));
    created.map(Some).map_err(said)
}

fn ports(
    config: &ServerConfig,
    events: &mpsc::Sender<Event>,
    door: &Arc<Door>,
) -> (election::Port, quorum::Port) {
    let generations = Arc::new(AtomicU64::new(1));
    let election = election::Port {
        config: Arc::clone(&config.core),
        events: events.clone(),
        generations: Arc::clone(&generations),
        door: Arc::clone(door),
    };
    let quorum = quorum::Port {
        config: Arc::clone(&config.core),
        events: events.clone(),
        generations,
        door: Arc::clone(door),
    };
    (election, quorum)
}

/// Says at the start what this server is and has, part by part.
fn describe(config: &ServerConfig) {
    let (cfg, core) = (&config.cfg, &config.core);
    for warning in &cfg.warnings {
        tracing::warn!("{warning}");
    }
    for setting in config.passed_over() {
        tracing::warn!("{}: {setting}; this release goes on without", cfg.file);
    }
    tracing::info!("Vivarium {} starts from {}", env!("CARGO_PKG_VERSION"), cfg.file);
    if core.standalone {
        tracing::info!("mode: standalone");
    } else {
        tracing::info!("mode: ensemble, server {} ({:?})", core.id, core.learner());
        for line in core.ensemble.text().lines() {
            tracing::info!("member: {line}");
        }
        tracing::info!("election algorithm: 3 (FastLeaderElection)");
    }
    tracing::info!("transaction log in {}, snapshots in {}", cfg.data_log_dir, cfg.data_dir);
    let secure = config.tls.as_ref().and_then(|tls| tls.address.as_ref());
    match config.client_address() {
        Some((host, port)) => tracing::info!("client connections at {host}:{port}"),
        None if secure.is_some() => {}
        None => tracing::warn!("no clientPort is set: this server serves no clients"),
    }
    if let Some((host, port)) = secure {
        tracing::info!("client connections by TLS at {host}:{port}");
    }
    tracing::info!(
        "tick {} ms, initLimit {} ticks, syncLimit {} ticks, session timeouts {} to {} ms",
        core.tick_time_ms,
        core.init_limit,
        core.sync_limit,
        core.min_session_timeout_ms,
        core.max_session_timeout_ms
    );
}

/// Lets this process open as many files as the system allows: every connection is one. (Java does
/// so by itself, so nobody raises the limit for a ZooKeeper server by hand.)
#[cfg(unix)]
fn allow_many_connections() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!("the limit of open files can't be raised: {error}");
    }
}

#[cfg(not(unix))]
fn allow_many_connections() {}

fn open(config: &ServerConfig) -> Result<(Storage, Loaded), Failure> {
    let cfg = &config.cfg;
    let options = StorageOptions {
        data_log_dir: Some(cfg.data_log_dir.clone().into()),
        ensemble: !config.core.standalone,
        pre_alloc_kib: cfg.pre_alloc_size_kb,
        max_record: cfg.jute_max_buffer.saturating_add(cfg.jute_max_buffer_extra),
        tail: cfg.commit_log_count,
        log_size_limit_kib: config.disk.log_size_limit_kib,
        force_sync: cfg.force_sync,
        trust_empty_snapshot: cfg.snapshot_trust_empty,
        autocreate_database: cfg.db_autocreate,
        autocreate_directory: cfg.data_dir_autocreate,
        ..StorageOptions::new(&cfg.data_dir)
    };
    let opened = Storage::open(&options);
    let (storage, loaded) = opened.map_err(|error| Failure::new(error.exit_code(), error))?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let recovered = &loaded.recovered;
    tracing::info!(
        "recovered: snapshot at {}, log up to {}, accepted epoch {}, current epoch {}",
        recovered.replica_at,
        recovered.history.last(),
        recovered.accepted_epoch,
        recovered.current_epoch
    );
    Ok((storage, loaded))
}

/// What is purged, where the file asks for it.
fn purging(config: &ServerConfig, storage: &Storage) -> Option<Purging> {
    let minutes = config.cfg.purge_interval_minutes;
    (minutes > 0).then(|| Purging {
        snapshot_dir: storage.snapshot_dir().to_owned(),
        log_dir: storage.log_dir().to_owned(),
        retain: config.cfg.snap_retain_count as usize,
        interval: Duration::from_secs(minutes.saturating_mul(60)),
    })
}

fn start_disk(
    config: &ServerConfig,
    storage: Storage,
    replica: &Arc<SharedReplica>,
) -> Result<(DiskHandle, Reports), Failure> {
    let seed = wall_ms().unsigned_abs() ^ config.core.id.0.unsigned_abs();
    let schedule = SnapshotSchedule::new(
        config.cfg.snap_count,
        config.disk.snapshot_size_limit,
        Rng::seeded(seed),
    );
    let folder = storage.snapshot_dir().to_owned();
    let snapshots = Snapshots::new(Arc::clone(replica), folder, config.disk.compression);
    let members = MemberFiles::beside(&config.cfg.file);
    let slow = Duration::from_millis(config.cfg.fsync_warning_threshold_ms);
    DiskHandle::start(storage, schedule, snapshots, members, slow)
        .map_err(|error| no_thread(&error))
}

/// What `/zookeeper/config` says; a standalone server leaves it as it is.
fn config_text(config: &ServerConfig) -> Option<bytes::Bytes> {
    let ensemble = &config.core.ensemble;
    (!config.core.standalone).then(|| bytes::Bytes::from(ensemble.text()))
}

/// Reads the stores for TLS, if clients can come by it.
fn open_tls(config: &ServerConfig) -> Result<Option<Arc<TlsPort>>, Failure> {
    let Some(settings) = config.tls.clone() else { return Ok(None) };
    let opened = TlsPort::open(settings);
    let (port, warnings) = opened.map_err(|error| Failure::new(Failure::INVALID, error))?;
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(Some(Arc::new(port)))
}

/// Reads the stores for TLS between servers, if it is spoken.
fn open_door(config: &ServerConfig) -> Result<Arc<Door>, Failure> {
    let opened = Door::open(config.links.clone());
    let (door, warnings) = opened.map_err(|error| Failure::new(Failure::INVALID, error))?;
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(Arc::new(door))
}

type CoreThread = (JoinHandle<()>, oneshot::Receiver<Ended>);

fn spawn_core(
    core_loop: CoreLoop,
    mailboxes: Mailboxes,
    stop: oneshot::Receiver<()>,
) -> std::io::Result<CoreThread> {
    let (report, ended) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let thread = std::thread::Builder::new().name("core".to_owned()).spawn(move || {
        let how = runtime.block_on(core_loop.run(mailboxes, stop));
        // Nobody waits for it once the server has been told to stop.
        let _ = report.send(how);
    })?;
    Ok((thread, ended))
}

async fn join(core: JoinHandle<()>, disk: JoinHandle<()>) -> Result<(), Failure> {
    let joined = tokio::task::spawn_blocking(move || core.join().and(disk.join())).await;
    match joined {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => {
            Err(Failure::new(Failure::UNEXPECTED, "a thread of this server ended in a panic"))
        }
    }
}

fn outcome(ended: Ended) -> Result<(), Failure> {
    match ended {
        Ended::Stopped => {
            tracing::info!("stopped");
            Ok(())
        }
        Ended::Halted(halt) => {
            let code = u8::try_from(halt.exit_code).unwrap_or(Failure::UNEXPECTED);
            Err(Failure::new(code, halt.why))
        }
        Ended::Disk(trouble) => Err(Failure::new(trouble.exit_code(), trouble)),
    }
}

fn no_thread(error: &std::io::Error) -> Failure {
    Failure::new(Failure::UNEXPECTED, format!("the system gives no thread: {error}"))
}
