//! `vivarium simulate`: random stories by the thousand, until one fails or all are done.
//!
//! Every seed is a whole run of the simulator: a cluster, a load, faults, then healing. A failure
//! is shown as a short story that reproduces it, together with a link for the playground.

use super::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use vivarium_sim::swarm::{self, Found};

/// Runs that shrinking a failure may take: seconds, and stories of a dozen lines.
const SHRINKING: usize = 1000;

/// What `vivarium simulate` can be told.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vivarium simulate                           run seeds 0 to 9999 on every core
  vivarium simulate --seeds 0..100000 --jobs 2
  vivarium simulate --seeds 748               run one seed again")]
pub struct Options {
    /// The seeds: a range FIRST..END without its end, or a single one
    #[arg(long, default_value = "0..10000", value_parser = read_seeds)]
    seeds: (u64, u64),
    /// How many seeds run at once; every core if not given
    #[arg(long)]
    jobs: Option<usize>,
}

/// Runs every seed; the lowest one that fails is shrunk and shown.
///
/// # Errors
/// A seed failed.
pub fn run(options: &Options) -> Result<(), Failure> {
    let (first, end) = options.seeds;
    let jobs = options.jobs.unwrap_or_else(cores).max(1);
    let bar = progress(end.saturating_sub(first));
    let found = run_seeds(first, end, jobs, &bar);
    bar.finish_and_clear();
    let Some(found) = found else {
        println!("{} seeds: every promise kept, every ensemble came back", end - first);
        return Ok(());
    };
    eprintln!("seed {} failed; making its story shorter …", found.seed);
    let short = swarm::shrink(&found, SHRINKING);
    println!("{}", short.story);
    println!("# {}", short.failure);
    let sentence = format!(
        "seed {} {}; `vivarium simulate --seeds {}` runs it again",
        short.seed, short.failure, short.seed
    );
    Err(Failure::new(Failure::UNEXPECTED, sentence))
}

/// Runs seeds on several threads. After a failure no new seed begins; of those under way the lowest
/// that fails counts, so that the answer does not depend on the number of threads.
fn run_seeds(first: u64, end: u64, jobs: usize, bar: &ProgressBar) -> Option<Found> {
    let next = AtomicU64::new(first);
    let stop = AtomicBool::new(false);
    let lowest: Mutex<Option<Found>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    if let Err(found) = swarm::run(seed) {
                        stop.store(true, Ordering::Relaxed);
                        keep_lowest(&lowest, *found);
                    }
                    bar.inc(1);
                }
            });
        }
    });
    lowest.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn keep_lowest(lowest: &Mutex<Option<Found>>, found: Found) {
    let mut lowest = lowest.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if lowest.as_ref().is_none_or(|known| found.seed < known.seed) {
        *lowest = Some(found);
    }
}

fn progress(seeds: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{bar:30} {human_pos}/{human_len} seeds, {per_sec}, {eta} left",
    );
    let bar = ProgressBar::new(seeds);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn read_seeds(text: &str) -> Result<(u64, u64), String> {
    let wrong = || format!("`{text}` is neither a seed nor a range like 0..1000");
    let read = |number: &str| number.parse::<u64>().map_err(|_| wrong());
    let (first, end) = match text.split_once("..") {
        Some((first, end)) => (read(first)?, read(end)?),
        None => {
            let seed = read(text)?;
            (seed, seed.checked_add(1).ok_or_else(wrong)?)
        }
    };
    if first < end { Ok((first, end)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_range_or_a_single_one() {
        assert_eq!(read_seeds("0..100"), Ok((0, 100)));
        assert_eq!(read_seeds("748"), Ok((748, 749)));
        for wrong in ["", "5..5", "9..1", "a..b", "1..2..3"] {
            assert!(read_seeds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_handful_of_seeds_passes_on_any_number_of_threads() {
        for jobs in [1, 3] {
            let bar = ProgressBar::hidden();
            assert!(run_seeds(0, 12, jobs, &bar).is_none());
            assert_eq!(bar.position(), 12);
        }
    }
}
