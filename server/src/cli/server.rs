//! `vivarium server`: one ZooKeeper server, standalone or of an ensemble, as its zoo.cfg says.

use super::Failure;
use crate::config::ServerConfig;
use crate::start;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use tracing_subscriber::EnvFilter;

/// What `vivarium server` can be told.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vivarium server zoo.cfg                   as the file says: standalone or of an ensemble
  vivarium server 2181 /var/lib/zookeeper   standalone, on a port and a directory

zoo.cfg and the data directory are Apache ZooKeeper's own. VIVARIUM_LOG sets how much is logged
(error, warn, info, debug). Exit codes are ZooKeeper's: 0 stopped, 1 unexpected, 2 configuration,
3 data directory, 12 and 13 a broken promise of the leader, 14 election port.")]
pub struct Options {
    /// The configuration file, or the client port of a standalone server
    #[arg(value_name = "ZOO.CFG|PORT")]
    first: String,
    /// The data directory of a standalone server
    #[arg(value_name = "DATADIR")]
    data_dir: Option<String>,
    /// The tick of a standalone server, milliseconds
    #[arg(value_name = "TICKTIME", default_value_t = 3000)]
    tick_time: u64,
    /// Write everything that the server decides to a file of JSON lines (docs/trace.md)
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

/// Runs the server until SIGINT or SIGTERM.
///
/// # Errors
/// Why it did not start, or could not go on.
pub fn run(options: &Options) -> Result<(), Failure> {
    let filter = EnvFilter::try_from_env("VIVARIUM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let config = ServerConfig { trace: options.trace.clone(), ..configuration(options)? };
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(Failure::UNEXPECTED, format!("no threads: {error}")))?;
    let ended = runtime.block_on(start::run(config, super::stop_signal()));
    // Connections have no state that must be waited for.
    runtime.shutdown_background();
    ended
}

fn configuration(options: &Options) -> Result<ServerConfig, Failure> {
    match &options.data_dir {
        None => ServerConfig::load(Path::new(&options.first)),
        Some(data_dir) => {
            let port = options.first.parse().map_err(|_| {
                let what = format!("`{}` is no port", options.first);
                Failure::new(Failure::INVALID, format!("{what}; give one from 1 to 65535"))
            })?;
            ServerConfig::standalone(port, data_dir, options.tick_time)
        }
    }
}
