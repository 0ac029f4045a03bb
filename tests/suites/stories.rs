//! Every story under `stories/` is played and must happen as it says.
//!
//! `REWRITE=1` writes what happened below the rule instead; a person then reads the difference.

use std::fmt::Write as _;

use vivarium_protocol::base::Variants;
use vivarium_sim::{Outcome, Player, Promise, Run, Setup, Story, Timeline};
use vivarium_tests::stories::{all, folder};

/// With every message going through its encoding and back.
fn play(story: &Story) -> Result<Outcome, String> {
    let mut story = story.clone();
    story.setup.codec = true;
    let outcome = Player::play(&story).map_err(|error| error.to_string())?;
    match outcome.world.violations().iter().find(|v| v.promise == Promise::Codec) {
        Some(violation) => Err(violation.to_string()),
        None => Ok(outcome),
    }
}

#[test]
fn every_story_happens_as_it_is_told() {
    let rewrite = std::env::var_os("REWRITE").is_some();
    let mut wrong = String::new();
    for (path, mut story) in all() {
        let name = path.strip_prefix(folder()).unwrap_or(&path).display().to_string();
        match play(&story) {
            Ok(outcome) if outcome.record == story.record => {}
            Ok(outcome) if rewrite => {
                story.record = outcome.record;
                std::fs::write(&path, story.to_string()).expect("a story can be written");
            }
            Ok(outcome) => {
                let _ = writeln!(wrong, "{name}\n{}", difference(&story.record, &outcome.record));
            }
            Err(error) => {
                let _ = writeln!(wrong, "{name}: {error}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nREWRITE=1 writes what happened into the stories");
}

/// The first line in which two records differ, with its neighbours.
fn difference(told: &str, happened: &str) -> String {
    let (told, happened): (Vec<_>, Vec<_>) = (told.lines().collect(), happened.lines().collect());
    let same = told.iter().zip(&happened).take_while(|(a, b)| a == b).count();
    let around =
        |lines: &[&str]| lines[same.saturating_sub(1)..lines.len().min(same + 3)].join("\n    ");
    format!("  told:\n    {}\n  happened:\n    {}", around(&told), around(&happened))
}

#[test]
fn an_exhibit_breaks_a_promise_and_the_right_protocol_keeps_them_all() {
    let exhibits: Vec<_> = all()
        .into_iter()
        .filter(|(_, story)| story.setup.variants != Variants::faithful())
        .collect();
    assert!(!exhibits.is_empty(), "there is an exhibit");
    for (path, mut story) in exhibits {
        let outcome = play(&story).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(!outcome.world.violations().is_empty(), "{}: nothing breaks", path.display());
        story.setup.variants = Variants::faithful();
        // Without the switch the story may go another way, but whatever happens is right.
        let mut player = Player::new(&story.setup);
        if let Some(leader) = story.leader {
            let condition = vivarium_sim::Condition::Leader(leader);
            let until = vivarium_sim::Act::Until { condition, within_us: 60_000_000 };
            player.act(0, &until, &mut |_, _| {}).expect("the opening is the same");
        }
        for (line, act) in &story.acts {
            let _ = player.act(*line, act, &mut |_, _| {});
        }
        let violations = player.world.violations();
        assert!(violations.is_empty(), "{}: {violations:?}", path.display());
    }
}

#[test]
fn a_story_is_a_run_and_a_run_is_a_link() {
    for (path, story) in all() {
        let Ok(outcome) = Player::play(&story) else { continue };
        let run = Run::from_link(&outcome.run.to_link()).expect("its own link opens");
        assert_eq!(run, outcome.run, "{}", path.display());
        let timeline = Timeline::from_run(run);
        assert_eq!(timeline.world().hash(), outcome.world.hash(), "{}", path.display());
    }
}

#[test]
fn a_step_forward_and_back_changes_nothing() {
    let mut timeline = Timeline::new(Setup { seed: 5, participants: 5, ..Setup::default() });
    while timeline.position() < 300 && timeline.step_forward() {}
    let at = |timeline: &mut Timeline, step: u64| {
        timeline.seek(step);
        timeline.world().hash()
    };
    let hashes: Vec<u64> = (0..=300).map(|step| at(&mut timeline, step)).collect();
    for step in (0..300).rev().step_by(7) {
        assert_eq!(at(&mut timeline, step), hashes[step as usize], "seek to {step}");
        assert!(timeline.step_forward());
        assert_eq!(timeline.world().hash(), hashes[step as usize + 1], "forward from {step}");
        assert!(timeline.step_back());
        assert_eq!(timeline.world().hash(), hashes[step as usize], "and back");
    }
}

#[test]
fn a_command_in_the_past_begins_another_future() {
    let mut timeline = Timeline::new(Setup::default());
    while timeline.position() < 200 && timeline.step_forward() {}
    let first = timeline.world().hash();
    timeline.seek(100);
    timeline.command("crash 3".parse().unwrap()).expect("3 runs");
    assert!(timeline.frames().len() < 110, "what came later is dropped");
    while timeline.position() < 200 && timeline.step_forward() {}
    assert_ne!(timeline.world().hash(), first);
    let replayed = Timeline::from_run(timeline.run());
    assert_eq!(replayed.world().hash(), timeline.world().hash());
}
