//! Somebody writes a lesson by doing it, and it holds on seeds that they have never seen.

use vivarium_sim::{Command, Condition, Setup, Timeline};

use super::{Draft, Gap, Off, What};
use crate::lesson::{Choice, Lesson, Predict, Text};
use crate::{Course, Moved};

/// An ensemble that somebody watches, on a seed of their own.
fn ensemble() -> Timeline {
    let mut timeline = Timeline::new(Setup { seed: 7, ..Setup::watchable(5) });
    wait_for(&mut timeline, "settled");
    timeline
}

fn wait_for(timeline: &mut Timeline, condition: &str) {
    let condition = Condition::of(condition).unwrap();
    timeline
        .run_until(50_000, |world, frame| condition.holds(world, Some(frame)))
        .expect("it comes");
}

fn act(timeline: &mut Timeline, line: &str) {
    for command in Command::parse_line(line).unwrap() {
        timeline.command(command).unwrap();
    }
}

fn say(draft: &mut Draft, step: usize, en: &str, zh: &str) {
    draft.change(|lesson| {
        let mut steps = lesson.scenes.iter_mut().flat_map(|scene| &mut scene.steps);
        steps.nth(step).unwrap().say = Text { en: en.to_owned(), zh: zh.to_owned() };
    });
}

/// The leader falls, another takes over, the old one comes back as a follower.
fn written() -> (Draft, Timeline) {
    let mut timeline = ensemble();
    let mut draft = Draft::default();
    draft.begin_scene(&timeline).unwrap();
    act(&mut timeline, "crash 5");
    wait_for(&mut timeline, "role any LEADING");
    wait_for(&mut timeline, "settled");
    let first = draft.offers(&timeline).unwrap();
    assert!(first[0].here && first[0].condition == "down $leader1 and settled", "{first:?}");
    let place = |line: &str| first.iter().position(|offer| offer.condition == line);
    assert!(place("down $leader1") < place("role 4 LEADING"), "numbers come late: {first:?}");
    let leads = first.iter().find(|offer| offer.condition.ends_with("role any LEADING")).unwrap();
    assert!(!leads.here, "that came true earlier");
    draft.record_step(&timeline, &leads.condition).unwrap();
    act(&mut timeline, "start 5");
    wait_for(&mut timeline, "role 5 FOLLOWING");
    draft.record_step(&timeline, "role $leader1 FOLLOWING").unwrap();
    (draft, timeline)
}

fn walk(lesson: &Lesson, seed: u64) -> Vec<String> {
    let mut course = Course::new(lesson.clone(), seed).unwrap();
    let mut timeline = Timeline::new(course.setup());
    loop {
        match course.advance(&mut timeline) {
            Moved::Reached(reached) => assert!(!reached.stood, "{} holds before", reached.id),
            Moved::Missed(missed) => panic!("seed {seed}: {missed:?}"),
            Moved::Finished => return course.reached().iter().map(|it| it.id.clone()).collect(),
        }
    }
}

#[test]
fn what_an_author_did_is_a_lesson_that_comes_true_on_fifty_other_seeds() {
    let (mut draft, _) = written();
    let scene = &draft.lesson().scenes[0];
    assert_eq!(scene.setup, "5 watchable");
    assert_eq!(scene.script, ["until settled within 10s"]);
    let first = &scene.steps[0];
    assert_eq!(first.acts, ["name leader1 = leader", "crash $leader1"]);
    assert_eq!(first.until, "down $leader1 and role any LEADING");
    assert_eq!(scene.steps[1].acts.last().unwrap(), "start $leader1");
    say(&mut draft, 0, "Another server leads.", "另一台服务器领导。");
    say(&mut draft, 1, "The old leader follows.", "原来的 Leader 跟随。");
    draft.change(|lesson| {
        let text = || Text { en: "A leader falls".to_owned(), zh: "Leader 倒下".to_owned() };
        (lesson.title, lesson.question, lesson.goal) = (text(), text(), text());
    });
    let file = draft.export().expect("nothing is missing");
    let lesson = Lesson::parse(&file).unwrap();
    assert_eq!(&lesson, draft.lesson());
    for seed in 1..=50 {
        assert_eq!(walk(&lesson, seed), ["L99.1", "L99.2"]);
    }
}

#[test]
fn what_is_offered_came_true_since_the_last_step_and_the_best_comes_first() {
    let mut timeline = ensemble();
    let mut draft = Draft::default();
    draft.begin_scene(&timeline).unwrap();
    act(&mut timeline, "client c1 at 2: create /a \"x\"");
    wait_for(&mut timeline, "reply c1 ok");
    let offers = draft.offers(&timeline).unwrap();
    let words: Vec<&str> = offers.iter().map(|offer| offer.condition.as_str()).collect();
    assert!(words.contains(&"reply c1 ok"), "{words:?}");
    assert!(words.contains(&"connected c1"), "{words:?}");
    assert!(words.contains(&"client c1 at $follower1"), "{words:?}");
    assert!(!words.contains(&"settled"), "that held before: {words:?}");
    let answered = offers.iter().find(|offer| offer.condition == "reply c1 ok").unwrap();
    assert!(answered.here && answered.after_us > 0);
    for offer in &offers {
        assert_eq!(super::unread_condition(&offer.condition), None);
        let mut other = draft.clone();
        other.record_step(&timeline, &offer.condition).unwrap_or_else(|off| {
            panic!("{}: {off:?}", offer.condition);
        });
    }
}

#[test]
fn a_message_that_arrives_where_the_author_stopped_is_offered_between_the_parts_of_its_ends() {
    let mut timeline = ensemble();
    let mut draft = Draft::default();
    draft.begin_scene(&timeline).unwrap();
    act(&mut timeline, "client c1 at 5: create /a \"x\"");
    wait_for(&mut timeline, "delivered PROPOSAL 5>1");
    let offers = draft.offers(&timeline).unwrap();
    let arrival = "delivered PROPOSAL $leader1>$follower";
    assert!(offers[0].here, "{offers:?}");
    assert!(offers.iter().any(|offer| offer.here && offer.condition == arrival), "{offers:?}");
}

#[test]
fn servers_keep_their_numbers_where_the_author_wants_so() {
    let mut timeline = ensemble();
    let mut draft = Draft { by_part: false, ..Draft::default() };
    draft.begin_scene(&timeline).unwrap();
    act(&mut timeline, "partition 1,2 / 3,4,5");
    act(&mut timeline, "latency 3-5 40ms");
    assert_eq!(draft.done(&timeline).unwrap(), ["partition 1,2 / 3,4,5", "latency 3-5 40ms"]);
    draft.by_part = true;
    let lines = draft.done(&timeline).unwrap();
    assert_eq!(lines.last().unwrap(), "latency 3-$leader1 40ms");
    assert!(lines.contains(&"partition $follower1,$follower2 / 3,4,$leader1".to_owned()));
}

#[test]
fn between_two_commands_the_lesson_waits_for_what_came_about_and_else_for_a_time() {
    let mut timeline = Timeline::new(Setup { autostart: false, ..Setup::watchable(3) });
    let mut draft = Draft::default();
    draft.begin_scene(&timeline).unwrap();
    act(&mut timeline, "start all");
    wait_for(&mut timeline, "settled");
    act(&mut timeline, "crash 1");
    let later = timeline.world().now() + 300_000;
    timeline.seek_time(later);
    act(&mut timeline, "start 1");
    let lines = draft.done(&timeline).unwrap();
    assert_eq!(lines[..2], ["start all", "until settled within 10s"]);
    assert_eq!(lines[2..4], ["name follower1 = follower", "crash $follower1"]);
    assert_eq!(lines[4], "until down $follower1 within 10s");
    assert_eq!(lines[5..], ["start $follower1"]);
}

#[test]
fn a_condition_that_cannot_be_read_or_does_not_come_is_refused_in_words() {
    let (mut draft, mut timeline) = written();
    wait_for(&mut timeline, "settled");
    let steps = draft.lesson().steps().count();
    let refused = |until: &str| draft.clone().record_step(&timeline, until).unwrap_err();
    let Off::Unreadable(why) = refused("servin") else { panic!("it is refused") };
    assert!(why.contains("a condition") && why.contains("servin"), "{why}");
    assert_eq!(refused("role $nobody LEADING"), Off::Nobody("nobody is $nobody now".to_owned()));
    assert_eq!(refused("role all LOOKING"), Off::InVain);
    assert_eq!(draft.lesson().steps().count(), steps);
    assert!(super::unread_line("begin 3").is_some() && super::unread_line("crash $old").is_none());
    timeline.seek(0);
    assert_eq!(draft.record_step(&timeline, "serving"), Err(Off::Astray));
}

#[test]
fn what_is_missing_is_said_by_place_and_language() {
    let (mut draft, _) = written();
    say(&mut draft, 0, "Another server leads.", "");
    draft.change(|lesson| {
        lesson.title = Text { en: "T".to_owned(), zh: "题".to_owned() };
        lesson.goal = lesson.title.clone();
        lesson.question = lesson.title.clone();
    });
    let missing = draft.export().unwrap_err();
    let missing: Vec<_> = missing.iter().map(|it| (it.place.as_str(), it.gap)).collect();
    let second = [("L99.2", Gap::English), ("L99.2", Gap::Chinese)];
    assert_eq!(missing[0], ("L99.1", Gap::Chinese));
    assert_eq!(missing[1..], second);
    let nothing = Draft::default().missing();
    assert!(nothing.iter().any(|it| it.gap == Gap::Step));
}

#[test]
fn a_draft_is_put_aside_and_gone_on_with_where_it_ended() {
    let (draft, _) = written();
    let mut later = Draft::take_up(&draft.to_json()).expect("unfinished as it is");
    let mut timeline = ensemble();
    assert_eq!(later.offers(&timeline), Err(Off::Nowhere));
    later.resume(&mut timeline).unwrap();
    act(&mut timeline, "crash 5");
    let mut walked = later.clone();
    assert_eq!(later.done(&timeline).unwrap(), ["crash $leader1"], "the names go on");
    wait_for(&mut timeline, "not serves 5");
    assert_eq!(walked.record_step(&timeline, "down $leader1"), Ok(2));
    assert_eq!(walked.lesson().steps().last().unwrap().1.id, "L99.3");
    walked.change(|lesson| {
        lesson.scenes[0].steps.swap(0, 1);
    });
    assert_eq!(walked.offers(&timeline), Err(Off::Nowhere), "what it does has changed");
    assert!(walked.resume(&mut timeline).is_err(), "nobody is down who could come back first");
}

#[test]
fn every_lesson_of_ours_can_be_gone_on_with() {
    let json = include_str!("../../../../static/lessons/L09.json");
    let mut draft = Draft::open(json).unwrap();
    assert_eq!(draft.missing(), []);
    let mut timeline = Timeline::new(Setup::default());
    draft.resume(&mut timeline).unwrap();
    draft.is_on_path(&timeline).unwrap();
    assert_eq!(Draft::open(&draft.export().unwrap()).unwrap().lesson(), draft.lesson());
}

#[test]
fn a_check_on_many_seeds_says_at_which_step_and_why_a_lesson_fails() {
    let (mut draft, _) = written();
    let faults = |draft: &Draft| {
        let mut checkup = draft.checkup().unwrap();
        while checkup.advance() {}
        assert_eq!(checkup.progress(), (20, 20));
        checkup.faults().to_vec()
    };
    assert_eq!(faults(&draft), []);
    let good = draft.clone();
    draft.change(|lesson| lesson.scenes[0].steps[1].until = "role all LOOKING".to_owned());
    let found = faults(&draft);
    assert_eq!(found.len(), 20);
    assert_eq!((found[0].place.as_str(), &found[0].what), ("L99.2", &What::Late));
    let mut draft = good.clone();
    draft.change(|lesson| lesson.scenes[0].steps[0].acts = vec!["start $leader".to_owned()]);
    assert!(matches!(faults(&draft)[0].what, What::Stuck(_)));
    let mut draft = good.clone();
    draft.change(|lesson| lesson.scenes[0].steps[0].until = "serving".to_owned());
    assert_eq!(faults(&draft)[0].what, What::Stands);
    let mut draft = good;
    draft.change(|lesson| {
        let choice = |holds: &str| Choice { say: Text::default(), holds: holds.to_owned() };
        let choices = vec![choice("serving or not serving"), choice("role any LEADING")];
        lesson.scenes[0].steps[0].predict = Some(Predict { ask: Text::default(), choices });
    });
    assert_eq!(faults(&draft)[0].what, What::Choices(2));
}
