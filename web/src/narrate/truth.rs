//! Sentences held against random schedules: every step of many swarms, with bugs put back and
//! without, is told in both languages, and no number is named that is not the step's own.

use vivarium_protocol::base::{Exhibit, SortedSet};
use vivarium_protocol::trace::{Cause, Decision, Frame, TraceEvent};
use vivarium_sim::{Act, Player, swarm};

use super::{cause, decisions, details, sentence};
use crate::i18n::Lang;
use crate::model::scene::Scene;

/// Schedules that are told.
const SEEDS: u64 = 28;
/// Steps of each.
const STEPS: u64 = 1_200;
/// finalizeWait, in milliseconds: the one number that sentences bring along.
const FINALIZE_WAIT_MS: u64 = 200;

/// The numbers in a text; what is written in hexadecimal is left out.
fn numbers(text: &str) -> SortedSet<u64> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let words = words.filter(|word| !word.starts_with("0x"));
    let digits = words.flat_map(|word| word.split(|c: char| !c.is_ascii_digit()));
    digits.filter_map(|digits| digits.parse().ok()).collect()
}

/// The numbers that a step may be told with: those in its frame, in what it received, and in its
/// server's status; of a zxid both halves; how many there are of what it counts; waits.
fn own(frame: &Frame, scene: &Scene) -> SortedSet<u64> {
    let mut text = format!("{frame:?}");
    if let Cause::Received(id) = frame.cause {
        text.push_str(&format!("{:?}", scene.flights.get(&id).map(|flight| &flight.travel)));
    }
    let server = frame.peer.and_then(|id| scene.servers.get(&id));
    if let Some(server) = server {
        text.push_str(&format!("{} {} {:?}", server.id, server.status.round, server.status.vote));
    }
    let mut own = numbers(&text);
    let halves: Vec<u64> = own.iter().flat_map(|n| [n >> 32, n & 0xffff_ffff]).collect();
    own.extend(halves);
    own.insert(FINALIZE_WAIT_MS);
    for event in &frame.events {
        match event {
            TraceEvent::Decided(Decision::Quorum { have, .. }) => {
                own.insert(have.len() as u64);
            }
            TraceEvent::Decided(Decision::TimerSet { from, at, timer }) => {
                own.extend(at.map(|at| at.since(*from) / 1000));
                own.extend(numbers(super::deadline(*timer)));
            }
            TraceEvent::Decided(_) | TraceEvent::Travelled(_) => {}
        }
    }
    own
}

fn check(seed: u64, frame: &Frame, scene: &Scene) {
    let own = own(frame, scene);
    let mut told = Vec::new();
    for lang in [Lang::English, Lang::Chinese] {
        told.push((lang, sentence(lang, frame, scene)));
        told.push((lang, cause(lang, frame, scene)));
        let lines = details(lang, frame, scene).into_iter().chain(decisions(lang, frame, scene));
        told.extend(lines.map(|line| (lang, line)));
    }
    for (lang, line) in told {
        let place = format!("seed {seed}, step {}: {line}", frame.step);
        let end = if lang == Lang::English { '.' } else { '。' };
        assert!(line.ends_with(end) && line.chars().count() > 5, "{place}");
        assert!(
            !line.contains("Some(") && !line.contains("None") && !line.contains("  "),
            "{place}"
        );
        let foreign: Vec<u64> = numbers(&line).difference(&own).copied().collect();
        assert!(foreign.is_empty(), "{place}: {foreign:?} is not of {frame:?}");
    }
    let english = decisions(Lang::English, frame, scene);
    assert_eq!(english.len(), decisions(Lang::Chinese, frame, scene).len());
}

#[test]
fn no_sentence_names_a_number_that_is_not_the_steps_own_whatever_the_schedule() {
    let mut told = 0;
    for seed in 0..SEEDS {
        let mut story = swarm::story(seed);
        let exhibit = Exhibit::ALL.get(seed as usize % (Exhibit::ALL.len() + 1));
        if let Some(exhibit) = exhibit {
            story.setup.variants = story.setup.variants.with(*exhibit, true);
        }
        let mut player = Player::new(&story.setup);
        let ensemble = story.setup.ensemble();
        let ids = ensemble.members.keys();
        let mut scene = Scene::new(ids.map(|id| (*id, ensemble.is_observer(*id))));
        for (line, act) in &story.acts {
            if player.world.steps() > STEPS || !matches!(act, Act::Do(_) | Act::Wait(_)) {
                break;
            }
            // What does not fit the world is passed over, as a swarm does.
            let _ = player.act(*line, act, &mut |_, frame| {
                scene.fold(frame);
                check(seed, frame, &scene);
                told += 1;
            });
        }
    }
    assert!(told > 10_000, "{told} steps");
}

#[test]
fn a_number_in_a_sentence_is_found() {
    let found = numbers("3 sends DIFF 4|7 to 12; session 0x10ab is left out");
    assert_eq!(found, SortedSet::from([3, 4, 7, 12]));
}
