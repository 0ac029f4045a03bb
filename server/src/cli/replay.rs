//! `vivarium replay`: plays a run from a playground's link, or a story from a file.
//!
//! The hash that it prints is the one that the page shows for the same link: both bodies of the
//! core took the same steps.

use super::Failure;
use std::path::{Path, PathBuf};
use vivarium_protocol::base::Time;
use vivarium_sim::export;
use vivarium_sim::scenario::narrate;
use vivarium_sim::{Player, Run, Story, Timeline};

/// What `vivarium replay` can be told.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vivarium replay 'http://127.0.0.1:8765/#v1.…~lang=en'   what a shared link shows
  vivarium replay v1.…                                    the same, without the address
  vivarium replay tests/stories/recovery/trunc.story      a story
  vivarium replay --steps v1.…                            with every step that matters
  vivarium replay v1.… --trace run.json                   its trace, as the page exports it")]
pub struct Options {
    /// A link, the part of it that begins with v1., or a story file
    what: String,
    /// Print what happened, one line for each step that matters
    #[arg(long)]
    steps: bool,
    /// Write the trace as JSON, the same bytes that the page exports (docs/trace.md)
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Write a Mermaid sequence diagram, without pings
    #[arg(long, value_name = "FILE")]
    mermaid: Option<PathBuf>,
    /// Write a log for ShiViz, with vector clocks
    #[arg(long, value_name = "FILE")]
    shiviz: Option<PathBuf>,
}

impl Options {
    /// Writes the files that were asked for.
    fn write_files(&self, timeline: &Timeline) -> Result<(), Failure> {
        let whole = (Time(0), timeline.world().now());
        let mermaid = || export::mermaid(timeline, whole, &export::is_no_ping);
        write(self.trace.as_deref(), || export::trace(timeline))?;
        write(self.mermaid.as_deref(), mermaid)?;
        write(self.shiviz.as_deref(), || export::shiviz(timeline))
    }
}

fn write(path: Option<&Path>, text: impl FnOnce() -> String) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let said = |error| Failure::new(Failure::UNEXPECTED, format!("{}: {error}", path.display()));
    std::fs::write(path, text()).map_err(said)
}

/// Plays it and prints how many steps it took, until when, and its hash.
///
/// # Errors
/// What was given is neither a link nor a story that plays to its end.
pub fn run(options: &Options) -> Result<(), Failure> {
    let invalid = |error: &dyn std::fmt::Display| Failure::new(Failure::INVALID, error);
    let link = Run::link_in(&options.what).filter(|_| !Path::new(&options.what).exists());
    let run = match link {
        Some(link) => Run::from_link(link).map_err(|error| invalid(&error))?,
        None => story_run(&options.what)?,
    };
    let timeline = Timeline::from_run(run);
    if options.steps {
        print_steps(&timeline);
    }
    options.write_files(&timeline)?;
    let world = timeline.world();
    println!("steps: {}", timeline.position());
    println!("virtual time: {}", world.now());
    println!("hash: {:016x}", world.hash());
    for violation in world.violations() {
        println!("breaks {violation}");
    }
    Ok(())
}

fn story_run(path: &str) -> Result<Run, Failure> {
    let invalid =
        |error: &dyn std::fmt::Display| Failure::new(Failure::INVALID, format!("{path}: {error}"));
    let text = std::fs::read_to_string(path).map_err(|error| invalid(&error))?;
    let story: Story = text.parse().map_err(|error| invalid(&error))?;
    Ok(Player::play(&story).map_err(|error| invalid(&error))?.run)
}

fn print_steps(timeline: &Timeline) {
    let mut again = timeline.clone();
    again.seek(0);
    let mut told = Vec::new();
    while again.position() < timeline.position() && again.step_forward() {
        let frame = &again.frames()[again.position() as usize - 1];
        if let Some(line) = narrate::frame(frame, again.world()) {
            println!("{} {line}", frame.at);
        }
        for line in narrate::clients(again.world().clients(), &mut told) {
            println!("{} {line}", frame.at);
        }
    }
}
