//! `vivarium replay`: plays a run from a playground's link, or a story from a file.
//!
//! The hash that it prints is the one that the page shows for the same link: both bodies of the
//! core took the same steps.

use super::Failure;
use vivarium_sim::scenario::narrate;
use vivarium_sim::{Player, Run, Story, Timeline};

/// What `vivarium replay` can be told.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vivarium replay 'http://127.0.0.1:8765/#run=v1.…'    what a shared link shows
  vivarium replay v1.…                                 the same, without the address
  vivarium replay tests/stories/recovery/trunc.story   a story
  vivarium replay --steps v1.…                         with every step that matters")]
pub struct Options {
    /// A link, the part of it that begins with v1., or a story file
    what: String,
    /// Print what happened, one line for each step that matters
    #[arg(long)]
    steps: bool,
}

/// Plays it and prints how many steps it took, until when, and its hash.
///
/// # Errors
/// What was given is neither a link nor a story that plays to its end.
pub fn run(options: &Options) -> Result<(), Failure> {
    let invalid = |error: &dyn std::fmt::Display| Failure::new(Failure::INVALID, error);
    let run = match link_in(&options.what) {
        Some(link) => Run::from_link(link).map_err(|error| invalid(&error))?,
        None => story_run(&options.what)?,
    };
    let timeline = Timeline::from_run(run);
    if options.steps {
        print_steps(&timeline);
    }
    let world = timeline.world();
    println!("steps: {}", timeline.position());
    println!("virtual time: {}", world.now());
    println!("hash: {:016x}", world.hash());
    for violation in world.violations() {
        println!("breaks {violation}");
    }
    Ok(())
}

/// The link within an address, or by itself.
fn link_in(text: &str) -> Option<&str> {
    let begins = |at: &usize| *at == 0 || !text.as_bytes()[*at - 1].is_ascii_alphanumeric();
    let start = text.match_indices("v1.").map(|(at, _)| at).find(begins)?;
    let link = &text[start..];
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    Some(link.find(ends).map_or(link, |end| &link[..end]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_in_an_address() {
        assert_eq!(link_in("v1.abc-_9"), Some("v1.abc-_9"));
        assert_eq!(link_in("http://127.0.0.1:8765/#run=v1.abc&x=1"), Some("v1.abc"));
        assert_eq!(link_in("stories/recovery/trunc.story"), None);
        assert_eq!(link_in("dev1.story"), None);
    }
}
