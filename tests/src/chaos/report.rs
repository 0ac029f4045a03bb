//! What a run came to, for a person: on the screen and as a table of RELIABILITY.md.

use super::cluster::Maker;
use super::faults::Kind;
use super::guests::Told;
use super::record::{Note, What};
use super::verdict::Verdict;
use std::fmt::Write as _;
use std::time::Duration;

/// How long writes were possible, and how long not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Availability {
    /// Windows of one second.
    pub windows: u64,
    /// Those of them in which some write was acknowledged.
    pub with_write: u64,
    /// The longest time without any acknowledged write.
    pub longest_pause: Duration,
    /// When that began, counted from the start of the run.
    pub longest_at: Duration,
    /// The longest such time in which not all servers had been killed.
    pub longest_alive: Duration,
}

/// Everything about one run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whose servers.
    pub maker: Maker,
    /// How many.
    pub servers: usize,
    /// How long faults were done.
    pub length: Duration,
    /// The seed.
    pub seed: u64,
    /// Whether servers had networks and disks of their own.
    pub isolated: bool,
    /// How often each kind of fault was done.
    pub faults: Vec<(Kind, u64)>,
    /// What the checker found.
    pub verdict: Verdict,
    /// What kazoo's clients came to.
    pub told: Told,
    /// How long writes were possible.
    pub availability: Availability,
    /// Decided transactions, and records that were left over.
    pub logs: (usize, usize),
    /// The epoch of the last transaction: how often a leader was established.
    pub epochs: i64,
    /// Packets forwarded, lost on purpose, delayed on purpose.
    pub packets: [u64; 3],
    /// Servers that ended by themselves, with their last words.
    pub ended: Vec<(usize, String)>,
    /// Everything that is wrong.
    pub violations: Vec<String>,
}

/// Looks at when writes were acknowledged in the time from one moment to another; `killed` is when
/// all servers were dead, from and to.
#[must_use]
pub fn availability(
    notes: &[Note],
    (from, upto): (Duration, Duration),
    killed: &[(Duration, Duration)],
) -> Availability {
    let written = notes.iter().filter(|note| {
        let written = matches!(&note.what, What::Answered { write: true, result: Ok(_), .. });
        written && note.at >= from && note.at < upto
    });
    let mut found = Availability { windows: (upto - from).as_secs(), ..Availability::default() };
    let (mut last, mut last_window) = (from, None);
    for at in written.map(|note| note.at).chain([upto]) {
        if at - last > found.longest_pause {
            (found.longest_pause, found.longest_at) = (at - last, last);
        }
        if !killed.iter().any(|(from, to)| *from < at && last < *to) {
            found.longest_alive = found.longest_alive.max(at - last);
        }
        let second = (at - from).as_secs();
        let window = Some(second);
        found.with_write += u64::from(window != last_window && second < found.windows);
        (last, last_window) = (at, window);
    }
    found
}

impl Availability {
    /// The share of windows with an acknowledged write, percent.
    #[must_use]
    pub fn percent(&self) -> f64 {
        100.0 * self.with_write as f64 / (self.windows.max(1)) as f64
    }
}

impl Report {
    /// The rows of the table: a name and a figure.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        let mut row = |name: &str, figure: String| rows.push((name.to_owned(), figure));
        let (verdict, availability) = (&self.verdict, &self.availability);
        let maker = match self.maker {
            Maker::Vivarium => "Vivarium",
            Maker::Apache => "Apache ZooKeeper",
        };
        row("servers", format!("{} of {maker}", self.servers));
        row("length, seed", format!("{} s, seed {}", self.length.as_secs(), self.seed));
        let faults: u64 = self.faults.iter().map(|(_, count)| count).sum();
        row("faults", faults.to_string());
        for (kind, count) in &self.faults {
            row(&format!("– {}", kind.name()), count.to_string());
        }
        let [forwarded, lost, delayed] = self.packets;
        row("packets forwarded, lost, delayed", format!("{forwarded}, {lost}, {delayed}"));
        row("leaders established", self.epochs.to_string());
        row("requests", verdict.asked.to_string());
        row("– done (of these writes)", format!("{} ({})", verdict.done.0, verdict.done.1));
        row("– refused", verdict.refused.to_string());
        let unknown = format!("{} ({})", verdict.unknown, verdict.unknown_decided);
        row("– lost with their connection (of these decided)", unknown);
        row("watches that fired", verdict.events.to_string());
        row("sessions that expired", verdict.expired.to_string());
        let Told { held, written, lost, seen, .. } = &self.told;
        row("kazoo: locks, writes, watches, lost", format!("{held}, {written}, {seen}, {lost}"));
        row("decided transactions", self.logs.0.to_string());
        row("records left over, never decided", self.logs.1.to_string());
        row("syncs answered by a replaced leader", verdict.stale_syncs.to_string());
        row("servers that stopped by themselves", self.ended.len().to_string());
        row("seconds with an acknowledged write", format!("{:.2} %", availability.percent()));
        let pause = availability.longest_pause.as_secs_f64();
        let at = availability.longest_at.as_secs();
        row("longest pause between two acknowledged writes", format!("{pause:.1} s (at {at} s)"));
        let pause = availability.longest_alive.as_secs_f64();
        row("– while not all servers were killed", format!("{pause:.1} s"));
        row("violations", self.violations.len().to_string());
        rows
    }

    /// The table as Markdown, and what is wrong below it.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = "| | |\n|---|---:|\n".to_owned();
        for (name, figure) in self.rows() {
            // Writing into a text can't fail.
            let _ = writeln!(text, "| {name} | {figure} |");
        }
        for violation in &self.violations {
            let _ = writeln!(text, "\n- {violation}");
        }
        text
    }
}
