//! A network of the run's own: a namespace for each server, and between them a router in this
//! process that can cut, delay and lose what it forwards.
//!
//! Each namespace has one tun device, whose other end this process holds: every packet between two
//! servers, and between clients and servers, passes through here. So one direction of one pair can
//! be treated by itself, without help of the kernel's packet filters.
//!
//! Invariants:
//! 1. Place 0 is this process (the clients), place N the server N. The address of a place is
//!    10.77.0.(100 + place).
//! 2. Packets of one direction keep their order; what is lost is lost for good, and TCP repeats it.
//! 3. This process must be in a user, network and mount namespace of its own before any of this:
//!    nothing of the machine is touched, and all of it goes when the process does.

use anyhow::{Context, Result, bail};
use std::collections::BinaryHeap;
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use tun_rs::{DeviceBuilder, SyncDevice};
use vivarium_protocol::base::Rng;

/// The longest packet on a link, bytes.
const LONGEST: usize = 1500;
/// How long a flapping link stays as it is.
const FLAP: Duration = Duration::from_millis(700);

/// What one direction between two places does to packets.
#[derive(Debug, Default)]
pub struct Link {
    /// Nothing passes.
    pub cut: AtomicBool,
    /// It passes and does not pass in turns of 0.7 seconds.
    pub flapping: AtomicBool,
    /// So many packets of a thousand are lost.
    pub loss: AtomicU64,
    /// Every packet takes at least this long, microseconds.
    pub delay_us: AtomicU64,
    /// And up to so much longer, microseconds.
    pub jitter_us: AtomicU64,
}

impl Link {
    /// Lets nothing pass.
    pub fn break_off(&self) {
        self.cut.store(true, Relaxed);
    }

    /// Makes every packet take at least `delay` and at most `jitter` longer, milliseconds.
    pub fn delay(&self, delay: u64, jitter: u64) {
        self.delay_us.store(delay * 1000, Relaxed);
        self.jitter_us.store(jitter * 1000, Relaxed);
    }

    /// As a good network has it.
    pub fn heal(&self) {
        self.cut.store(false, Relaxed);
        self.flapping.store(false, Relaxed);
        for number in [&self.loss, &self.delay_us, &self.jitter_us] {
            number.store(0, Relaxed);
        }
    }
}

/// How many packets the router has seen.
#[derive(Debug, Default)]
pub struct Counts {
    /// Sent on.
    pub forwarded: AtomicU64,
    /// Lost on purpose.
    pub lost: AtomicU64,
    /// Sent on late, on purpose.
    pub delayed: AtomicU64,
}

/// The namespaces and the router; the namespaces end when it is dropped.
pub struct Network {
    router: Arc<Router>,
    holders: Vec<Child>,
}

struct Router {
    places: usize,
    links: Vec<Link>,
    devices: Vec<SyncDevice>,
    counts: Counts,
    start: Instant,
    late: Mutex<BinaryHeap<Late>>,
    news: Condvar,
}

/// A packet that waits: the earliest is the greatest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Late {
    due: std::cmp::Reverse<(Instant, u64)>,
    to: usize,
    packet: Vec<u8>,
}

/// The address of a place.
#[must_use]
pub fn address(place: usize) -> Ipv4Addr {
    let last = u8::try_from(100 + place).expect("there are few places");
    Ipv4Addr::new(10, 77, 0, last)
}

impl Network {
    /// Makes namespaces for this many servers, with nothing wrong on any link.
    ///
    /// # Errors
    /// This process may not make namespaces or devices, or `ip` and `nsenter` are missing.
    pub fn new(servers: usize, seed: u64) -> Result<Network> {
        let places = servers + 1;
        let (mut devices, mut holders) = (Vec::new(), Vec::new());
        for place in 0..places {
            let name = format!("chaos{place}");
            let device = DeviceBuilder::new().name(&name).mtu(1500).enable(false).build_sync();
            devices.push(device.with_context(|| format!("the tun device {name} can't be made"))?);
            if place == 0 {
                configure(&mut Command::new("sh"), &name, place)?;
                continue;
            }
            let holder = hold()?;
            let id = holder.id().to_string();
            holders.push(holder);
            run(Command::new("ip").args(["link", "set", &name, "netns", &id]))?;
            let mut inside = Command::new("nsenter");
            configure(inside.args(["-t", &id, "-n", "--", "sh"]), &name, place)?;
        }
        let links = (0..places * places).map(|_| Link::default()).collect();
        let router = Arc::new(Router {
            places,
            links,
            devices,
            counts: Counts::default(),
            start: Instant::now(),
            late: Mutex::default(),
            news: Condvar::new(),
        });
        for from in 0..places {
            let router = Arc::clone(&router);
            let rng = Rng::seeded(seed.wrapping_add(from as u64));
            std::thread::spawn(move || router.carry(from, rng));
        }
        let late = Arc::clone(&router);
        std::thread::spawn(move || late.carry_late());
        Ok(Network { router, holders })
    }

    /// How many servers it connects.
    #[must_use]
    pub fn servers(&self) -> usize {
        self.holders.len()
    }

    /// One direction between two places.
    #[must_use]
    pub fn link(&self, from: usize, to: usize) -> &Link {
        &self.router.links[from * self.router.places + to]
    }

    /// Repairs everything.
    pub fn heal(&self) {
        self.router.links.iter().for_each(Link::heal);
    }

    /// What was done to packets so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.router.counts
    }

    /// A command that runs a program in the namespace of a server.
    #[must_use]
    pub fn inside(&self, server: usize) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holders[server - 1].id().to_string(), "-n", "--"]);
        command
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for holder in &mut self.holders {
            // It ends at the end of its input at the latest.
            let _ = holder.kill();
            let _ = holder.wait();
        }
    }
}

/// A process whose network namespace is a new one; it ends with this process, as its input does.
fn hold() -> Result<Child> {
    let mut command = Command::new("unshare");
    command.args(["-n", "sh", "-c", "echo ready; exec cat"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.context("`unshare` can't be started")?;
    let mut ready = [0; 6];
    let output = child.stdout.as_mut().context("its output is a pipe")?;
    std::io::Read::read_exact(output, &mut ready).context("no network namespace can be made")?;
    Ok(child)
}

/// Gives the device its address and puts it up, by a shell in the right namespace.
fn configure(shell: &mut Command, name: &str, place: usize) -> Result<()> {
    let address = address(place);
    let script = format!(
        "ip link set lo up && ip addr add {address}/24 dev {name} && ip link set {name} up"
    );
    run(shell.args(["-c", &script]))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} can't be started"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

impl Router {
    /// Forwards what one place sends, for as long as this process lives.
    fn carry(&self, from: usize, mut rng: Rng) {
        let mut packet = vec![0; LONGEST];
        let mut last_due = vec![self.start; self.places];
        let mut number = 0;
        loop {
            let Ok(length) = self.devices[from].recv(&mut packet) else { return };
            let packet = &packet[..length];
            let Some(to) = self.destination(packet).filter(|to| *to != from) else { continue };
            let link = &self.links[from * self.places + to];
            let now = Instant::now();
            if self.loses(link, now, &mut rng) {
                self.counts.lost.fetch_add(1, Relaxed);
                continue;
            }
            let (delay, jitter) = (link.delay_us.load(Relaxed), link.jitter_us.load(Relaxed));
            let wait = Duration::from_micros(delay + rng.below(jitter + 1));
            let due = last_due[to].max(now + wait);
            if due <= now {
                self.deliver(to, packet);
                continue;
            }
            last_due[to] = due;
            number += 1;
            self.counts.delayed.fetch_add(1, Relaxed);
            let due = std::cmp::Reverse((due, number));
            let mut late = self.late.lock().expect("no router thread fails");
            late.push(Late { due, to, packet: packet.to_vec() });
            self.news.notify_one();
        }
    }

    /// The place that an IPv4 packet is for.
    fn destination(&self, packet: &[u8]) -> Option<usize> {
        let [10, 77, 0, last] = packet.get(16..20)? else { return None };
        let place = usize::from(*last).checked_sub(100)?;
        (packet[0] >> 4 == 4 && place < self.places).then_some(place)
    }

    fn loses(&self, link: &Link, now: Instant, rng: &mut Rng) -> bool {
        let turn = (now - self.start).as_millis() / FLAP.as_millis();
        link.cut.load(Relaxed)
            || (link.flapping.load(Relaxed) && turn % 2 == 1)
            || rng.below(1000) < link.loss.load(Relaxed)
    }

    fn deliver(&self, to: usize, packet: &[u8]) {
        self.counts.forwarded.fetch_add(1, Relaxed);
        // A full device loses packets, as any network may.
        let _ = self.devices[to].send(packet);
    }

    /// Delivers what was delayed, when its time has come.
    fn carry_late(&self) {
        let mut late = self.late.lock().expect("no router thread fails");
        loop {
            let now = Instant::now();
            let wait = match late.peek() {
                Some(first) if first.due.0.0 <= now => {
                    let first = late.pop().expect("it was seen");
                    drop(late);
                    self.deliver(first.to, &first.packet);
                    late = self.late.lock().expect("no router thread fails");
                    continue;
                }
                Some(first) => first.due.0.0 - now,
                None => Duration::from_secs(1),
            };
            late = self.news.wait_timeout(late, wait).expect("no router thread fails").0;
        }
    }
}
