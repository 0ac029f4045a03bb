//! `vivarium playground`: serves the page, on loopback unless told otherwise.

use super::Failure;
use crate::admin::http;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What `vivarium playground` can be told.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vivarium playground                     serve http://127.0.0.1:8765/
  vivarium playground --port 0            let the system choose a free port
  vivarium playground --listen 0.0.0.0    let other machines look, too")]
pub struct Options {
    /// The port to listen on; 0 lets the system choose
    #[arg(long, default_value_t = 8765)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
}

/// Serves the page until SIGINT or SIGTERM.
///
/// # Errors
/// When the port can't be had.
pub fn run(options: &Options) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(Failure::UNEXPECTED, format!("no threads: {error}")))?;
    runtime.block_on(serve(options))
}

async fn serve(options: &Options) -> Result<(), Failure> {
    let address = SocketAddr::new(options.listen, options.port);
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| Failure::new(Failure::UNEXPECTED, cannot_listen(address, &error)))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(Failure::UNEXPECTED, cannot_listen(address, &error)))?;
    if !http::is_built() {
        eprintln!("warning: the page is not built; run `cargo xtask web`, then reload it");
    }
    println!("The playground is at http://{}/ (Ctrl-C stops it)", browsable(address));
    let stopped = super::stop_signal();
    axum::serve(listener, http::page())
        .with_graceful_shutdown(stopped)
        .await
        .map_err(|error| Failure::new(Failure::UNEXPECTED, format!("can't serve: {error}")))
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "port {} is in use by another program; stop that one, or choose another port with \
             --port (0 takes any free one)",
            address.port()
        ),
        ErrorKind::PermissionDenied => format!(
            "port {} needs more rights than this user has; choose one above 1023 with --port",
            address.port()
        ),
        ErrorKind::AddrNotAvailable => format!(
            "{} is no address of this machine; choose one of its own with --listen",
            address.ip()
        ),
        _ => format!("can't listen on {address}: {error}"),
    }
}

/// Where a browser on this machine finds what listens on `address`.
fn browsable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()))
        }
        IpAddr::V6(ip) if ip.is_unspecified() => {
            SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, address.port()))
        }
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}
