//! `cargo xtask demo`: a real ensemble and the playground, from sources to a page to open.
//!
//! Invariants:
//! 1. Whatever ends the demo (Ctrl-C, a signal, an error, a panic), every process it started is
//!    stopped; what a killed demo left behind is stopped by the next one.
//! 2. Nothing listens on anything but loopback.
//! 3. Nothing is opened that was not asked for.

mod children;
mod ensemble;
mod ports;
pub mod rehearsal;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, wasm, web};

use children::Children;
use ensemble::Ensemble;

/// What `cargo xtask demo` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// Open the page in the browser once it is served
    #[arg(long)]
    open: bool,
    /// The page's port on 127.0.0.1
    #[arg(long, default_value_t = 8765)]
    port: u16,
    /// How many servers the ensemble has
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=9))]
    servers: u8,
    /// Start this server instead of building one, with its files in a folder apart
    #[arg(long, hide = true)]
    binary: Option<PathBuf>,
    #[command(flatten)]
    wasm: wasm::Options,
}

/// What a release build of page and server takes on a fresh machine, with room to run.
const NEEDED_BYTES: u64 = 2_500_000_000;

/// What stands before the page's address and the ensemble's.
const PAGE: &str = "   playground      ";
const CONNECT_STRING: &str = "   connect string  ";

/// The line that says that everything is up.
const READY: &str = "Ctrl-C stops everything.";

/// How often the demo looks whether something ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Runs the demo until Ctrl-C.
///
/// # Errors
/// When something can't be built, started or served; the message says what to do.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let signals = Signals::catch()?;
    let folder = workspace.target.join(if options.binary.is_some() { "rehearsal" } else { "demo" });
    children::stop_leftovers(&folder)?;
    ports::expect_free(options.port)?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => build(workspace, options)?,
    };

    let ensemble = Ensemble::prepare(&folder, options.servers)?;
    let mut children = Children::new(folder.join("running"));
    let stop = signals.only_ask();
    println!("3/3 starting {} servers", options.servers);
    ensemble.start(&binary, &mut children)?;
    ensemble.wait_until_serving(&mut children, stop)?;
    let page = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    start_playground(&binary, page, &folder, &mut children)?;
    wait_for_page(page, &mut children, stop)?;
    if !stop.load(Ordering::Relaxed) {
        announce(page, &ensemble);
        if options.open {
            open(page);
        }
    }
    attend(&mut children, stop)?;
    println!("\nstopping");
    children.stop();
    Ok(())
}

fn build(workspace: &Workspace, options: &Options) -> Result<PathBuf> {
    if !workspace.target.join("release").is_dir() {
        process::expect_free_space(&workspace.target, NEEDED_BYTES)?;
    }
    println!("1/3 building the page (the first time takes a minute or two)");
    web::build(workspace, options.wasm.wasm_std, web::Kind::Release)?;
    println!("2/3 building the server");
    let mut server = workspace.cargo();
    server.args(["build", "--release", "--package", "vivarium-server", "--bin", "vivarium"]);
    process::run(&mut server)?;
    Ok(workspace.server_binary("release"))
}

fn start_playground(
    binary: &Path,
    page: SocketAddr,
    folder: &Path,
    children: &mut Children,
) -> Result<()> {
    let mut command = Command::new(binary);
    command.arg("playground").arg("--port").arg(page.port().to_string());
    children.start("playground", &mut command, &folder.join("playground.log"))
}

fn wait_for_page(page: SocketAddr, children: &mut Children, stop: &AtomicBool) -> Result<()> {
    let limit = std::time::Instant::now() + Duration::from_secs(20);
    while !stop.load(Ordering::Relaxed) && !ports::serves_page(page) {
        children.expect_running()?;
        if std::time::Instant::now() > limit {
            bail!("the playground does not answer on {page} after 20 s");
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

fn announce(page: SocketAddr, ensemble: &Ensemble) {
    println!("\n{PAGE}http://{page}/");
    println!("{CONNECT_STRING}{}", ensemble.connect_string());
    println!("   servers' files  {}", ensemble.folder.display());
    println!("\n{READY}");
}

fn open(page: SocketAddr) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let address = format!("http://{page}/");
    if !process::succeeds_within(Command::new(opener).arg(&address), Duration::from_secs(10)) {
        println!(
            "no browser could be opened from here (`{opener}` failed): open {address} yourself"
        );
    }
}

/// Waits for the signal to stop, and tells of servers that end before it.
fn attend(children: &mut Children, stop: &AtomicBool) -> Result<()> {
    while !stop.load(Ordering::Relaxed) {
        for ended in children.newly_ended() {
            println!("{ended}");
            if ended.name == "playground" {
                bail!("the playground has ended; its log is {}", ended.log.display());
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// What Ctrl-C and its like mean at present.
struct Signals {
    /// Set once somebody wants the demo to end.
    stop: Arc<AtomicBool>,
    /// While nothing was started yet, a signal ends this program at once, builds and all.
    ends_at_once: Arc<AtomicBool>,
}

impl Signals {
    fn catch() -> Result<Signals> {
        let signals = Signals {
            stop: Arc::new(AtomicBool::new(false)),
            ends_at_once: Arc::new(AtomicBool::new(true)),
        };
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let ends_at_once = Arc::clone(&signals.ends_at_once);
            signal_hook::flag::register_conditional_shutdown(signal, 130, ends_at_once)
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&signals.stop)))
                .context("signals can't be caught")?;
        }
        Ok(signals)
    }

    /// From here on a signal only asks: there are processes to stop first.
    fn only_ask(&self) -> &AtomicBool {
        self.ends_at_once.store(false, Ordering::SeqCst);
        &self.stop
    }
}
