//! Where a server listens, for clients and for elections, and how that follows its own line when
//! the members change (docs/protocol.md, Q7.5). (The port for learners is the leader's:
//! `links/quorum.rs`.)
//!
//! Invariants:
//! 1. A port is given up only for another: what is not told, or can't be had, leaves clients where
//!    they are.
//! 2. Connections outlive the port by which they came.
//! 3. What can't be had is tried again until it can.

use crate::cli::Failure;
use crate::clients::admission::Admission;
use crate::clients::stream::Speech;
use crate::clients::{ClientPort, listener};
use crate::config::ServerConfig;
use crate::links::{dial, election, election_addresses};
use crate::tls::TlsPort;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use vivarium_protocol::base::Config;

/// The pause between two attempts to have a port.
const BIND_PAUSE: Duration = Duration::from_millis(1000);

/// A host and a port.
type Address = (String, u16);

/// Every port of a server that has just started.
#[derive(Debug)]
pub struct Ports {
    client: Option<(Address, TcpListener)>,
    secure: Option<(TcpListener, Speech)>,
    elections: BTreeMap<Address, TcpListener>,
    plain: Speech,
    backlog: u32,
    everywhere: bool,
}

impl Ports {
    /// Opens them all.
    ///
    /// # Errors
    /// One that a server can't do without can't be had.
    pub async fn open(config: &ServerConfig, tls: Option<&Arc<TlsPort>>) -> Result<Ports, Failure> {
        let unified = tls.filter(|tls| tls.settings().unified);
        let plain = unified.map_or(Speech::Plain, |tls| Speech::Either(Arc::clone(tls)));
        let backlog = config.cfg.listen_backlog.unwrap_or(dial::BACKLOG);
        let mut client = None;
        if let Some(address) = config.client_address() {
            let listener = for_clients(&address, backlog, "clientPort").await?;
            client = Some((address, listener));
        }
        let mut secure = None;
        if let Some(tls) = tls
            && let Some(address) = &tls.settings().address
        {
            let listener = for_clients(address, backlog, "secureClientPort").await?;
            secure = Some((listener, Speech::Tls(Arc::clone(tls))));
        }
        let everywhere = config.links.all_addresses;
        let elections = for_elections(config, everywhere).await?;
        Ok(Ports { client, secure, elections, plain, backlog, everywhere })
    }

    /// Lets clients and servers in, from now on where the members say. The limits hold for all
    /// ports of clients together.
    pub fn serve(
        self,
        port: &Arc<ClientPort>,
        election: election::Port,
        members: watch::Receiver<Arc<Config>>,
    ) -> JoinSet<()> {
        let limits = &port.limits;
        let admission = Admission::new(limits.max_connections_per_ip, limits.max_connections);
        let mut tasks = JoinSet::new();
        if let Some((listener, speech)) = self.secure {
            let (port, admission) = (Arc::clone(port), Arc::clone(&admission));
            tasks.spawn(listener::accept(listener, port, speech, admission));
        }
        let mut listening = Listening {
            port: Arc::clone(port),
            admission,
            plain: self.plain,
            backlog: self.backlog,
            client: None,
            election,
            everywhere: self.everywhere,
            elections: BTreeMap::new(),
        };
        if let Some((address, listener)) = self.client {
            listening.let_clients_in(address, listener);
        }
        for (address, listener) in self.elections {
            listening.let_servers_in(address, listener);
        }
        tasks.spawn(listening.follow(members));
        tasks
    }
}

/// A port, as the task that accepts there; ends when it is dropped.
type Accepting = JoinSet<()>;

/// The ports that a reconfiguration may move.
struct Listening {
    port: Arc<ClientPort>,
    admission: Arc<Admission>,
    plain: Speech,
    backlog: u32,
    client: Option<(Address, Accepting)>,
    election: election::Port,
    everywhere: bool,
    elections: BTreeMap<Address, Accepting>,
}

impl Listening {
    fn let_clients_in(&mut self, address: Address, listener: TcpListener) {
        let (port, admission) = (Arc::clone(&self.port), Arc::clone(&self.admission));
        let mut task = JoinSet::new();
        task.spawn(listener::accept(listener, port, self.plain.clone(), admission));
        self.client = Some((address, task));
    }

    fn let_servers_in(&mut self, address: Address, listener: TcpListener) {
        let mut task = JoinSet::new();
        task.spawn(self.election.clone().accept(listener));
        self.elections.insert(address, task);
    }

    /// Moves whenever the members do.
    async fn follow(mut self, mut members: watch::Receiver<Arc<Config>>) {
        let mut told = Vec::new();
        loop {
            let config = Arc::clone(&members.borrow_and_update());
            let moves = [self.move_client(&config).await, self.move_elections(&config).await];
            let troubles: Vec<String> = moves.into_iter().filter_map(Result::err).collect();
            let settled = troubles.is_empty();
            if troubles != told {
                troubles.iter().for_each(|it| tracing::warn!("{it}; trying until it can"));
                told = troubles;
            }
            tokio::select! {
                changed = members.changed() => if changed.is_err() {
                    // The core has ended, and so will the server.
                    return;
                },
                () = tokio::time::sleep(BIND_PAUSE), if !settled => {}
            }
        }
    }

    /// Goes where this server's line says that clients come to, if it says so.
    async fn move_client(&mut self, config: &Config) -> Result<(), String> {
        let own = config.ensemble.members.get(&config.id).filter(|_| !config.standalone);
        let Some(address) = own.and_then(|own| own.client.clone()) else { return Ok(()) };
        if self.client.as_ref().is_some_and(|(here, _)| *here == address) {
            return Ok(());
        }
        // The same port of another host can't be had before the old one is free.
        if let Some((_, task)) = self.client.take_if(|((_, port), _)| *port == address.1) {
            close(task).await;
        }
        let listener = dial::listen_with(&address.0, address.1, self.backlog).await;
        let listener = listener.map_err(|error| refusal("clients", &address, &error))?;
        let (host, port) = &address;
        tracing::info!("client connections at {host}:{port} from now on");
        self.let_clients_in(address, listener);
        Ok(())
    }

    /// Goes where this server's line says that notifications come to. Nobody looks for it at the
    /// old addresses, so those are closed first.
    async fn move_elections(&mut self, config: &Config) -> Result<(), String> {
        let own = config.ensemble.members.get(&config.id).filter(|_| !config.standalone);
        let Some(own) = own else { return Ok(()) };
        let wanted = dial::listening(election_addresses(own), self.everywhere);
        let gone = self.elections.extract_if(.., |address, _| !wanted.contains(address));
        for (_, task) in gone.collect::<Vec<_>>() {
            close(task).await;
        }
        let mut outcome = Ok(());
        for address in wanted {
            if self.elections.contains_key(&address) {
                continue;
            }
            match dial::listen(&address.0, address.1).await {
                Ok(listener) => {
                    tracing::info!("elections at {}:{} from now on", address.0, address.1);
                    self.let_servers_in(address, listener);
                }
                Err(error) => outcome = Err(refusal("elections", &address, &error)),
            }
        }
        outcome
    }
}

/// Waits until the port is free.
async fn close(mut task: Accepting) {
    task.shutdown().await;
}

fn refusal(whom: &str, (host, port): &Address, error: &io::Error) -> String {
    format!("can't listen for {whom} on {host}:{port}: {error}")
}

async fn for_clients(address: &Address, backlog: u32, key: &str) -> Result<TcpListener, Failure> {
    dial::listen_with(&address.0, address.1, backlog).await.map_err(|error| {
        let what = refusal("clients", address, &error);
        Failure::new(
            Failure::UNEXPECTED,
            format!("{what}; stop what uses that port or change {key}"),
        )
    })
}

/// Listens for other servers at every own address. With several one is enough to go on with, since
/// the network of another may be away for now; the others follow when they can.
async fn for_elections(
    config: &ServerConfig,
    everywhere: bool,
) -> Result<BTreeMap<Address, TcpListener>, Failure> {
    let core = &config.core;
    let Some(own) = core.ensemble.members.get(&core.id).filter(|_| !core.standalone) else {
        return Ok(BTreeMap::new());
    };
    let places = dial::listening(election_addresses(own), everywhere);
    let retries = config.cfg.election_port_bind_retry;
    let mut tries = 0;
    loop {
        tries += 1;
        let (mut listeners, mut failures) = (BTreeMap::new(), Vec::new());
        for address in &places {
            match dial::listen(&address.0, address.1).await {
                Ok(listener) => drop(listeners.insert(address.clone(), listener)),
                Err(error) => failures.push(refusal("elections", address, &error)),
            }
        }
        let what = failures.join("; ");
        if !listeners.is_empty() {
            return Ok(listeners);
        }
        if retries > 0 && tries >= retries {
            let mend = format!("stop what uses that port or change server.{}", core.id);
            return Err(Failure::new(Failure::ELECTION_PORT, format!("{what}; {mend}")));
        }
        tracing::warn!("{what}; trying again");
        tokio::time::sleep(BIND_PAUSE).await;
    }
}
