//! A learner leaves the path, comes back, and goes on.

use vivarium_sim::{Command, Timeline};

use crate::{Course, Lesson, Moved, Reached};

const LESSON: &str = r#"{
    "format": 1, "id": "L00", "part": "chapter", "minutes": 1,
    "title": {"en": "", "zh": ""}, "question": {"en": "", "zh": ""}, "goal": {"en": "", "zh": ""},
    "scenes": [
        {"id": "A", "setup": "3 watchable down", "steps": [
            {"id": "L00.1", "do": ["start 1"], "until": "round 1 = 1", "within": "1s",
             "say": {"en": "", "zh": ""}},
            {"id": "L00.2", "do": ["start 2,3"], "until": "serving", "within": "5s",
             "focus": "server $leader", "say": {"en": "", "zh": ""},
             "predict": {"ask": {"en": "", "zh": ""}, "choices": [
                {"say": {"en": "", "zh": ""}, "if": "not role 3 LEADING"},
                {"say": {"en": "", "zh": ""}, "if": "role 3 LEADING"}]}}]},
        {"id": "B", "setup": "3 watchable", "script": ["until settled within 20s"], "steps": [
            {"id": "L00.3", "do": ["name old = leader", "crash $old"], "either": true,
             "until": "crashes = 1 and role any LEADING", "within": "5s",
             "say": {"en": "", "zh": ""}},
            {"id": "L00.4", "either": true, "until": "not serving and down $old", "within": "5s",
             "say": {"en": "", "zh": ""}},
            {"id": "L00.5", "do": ["start $old"], "until": "role $old FOLLOWING", "within": "5s",
             "say": {"en": "", "zh": ""}}]}]
}"#;

fn course() -> (Course, Timeline) {
    let course = Course::new(Lesson::parse(LESSON).unwrap(), 3).unwrap();
    let timeline = Timeline::new(course.setup());
    (course, timeline)
}

fn reaches(course: &mut Course, timeline: &mut Timeline) -> Reached {
    match course.advance(timeline) {
        Moved::Reached(reached) => *reached,
        other => panic!("{other:?}"),
    }
}

fn act(timeline: &mut Timeline, line: &str) {
    timeline.command(line.parse::<Command>().unwrap()).unwrap();
}

#[test]
fn steps_that_may_come_in_any_order_come_in_that_of_the_run() {
    let (mut course, mut timeline) = course();
    let ids: Vec<String> = (0..5).map(|_| reaches(&mut course, &mut timeline).id).collect();
    assert_eq!(ids, ["L00.1", "L00.2", "L00.4", "L00.3", "L00.5"]);
    assert!(matches!(course.advance(&mut timeline), Moved::Finished));
    let second = &course.reached()[1];
    assert_eq!((second.focus.as_deref(), second.came_true), (Some("server 3"), Some(1)));
}

#[test]
fn a_reached_step_is_opened_again_as_it_was_in_any_scene() {
    let (mut course, mut timeline) = course();
    let first: Vec<Reached> = (0..5).map(|_| reaches(&mut course, &mut timeline)).collect();
    course.return_to(0, &mut timeline);
    assert_eq!(timeline.position(), first[0].run.position);
    for expected in &first[1..] {
        assert_eq!(reaches(&mut course, &mut timeline), *expected);
        assert_eq!(timeline.position(), expected.run.position);
        let frame = timeline.last_frame().map(|frame| frame.step);
        assert!(expected.frame.is_none() || frame == expected.frame);
    }
    let mut anew = Course::new(course.lesson().clone(), 3).unwrap();
    let linked = anew.advance_to("L00.5", &mut timeline).unwrap();
    assert_eq!(linked, first[4], "a link to a step leads to the same run");
}

#[test]
fn who_makes_a_step_impossible_is_led_back_to_the_last_point_from_which_it_comes() {
    let (mut course, mut timeline) = course();
    reaches(&mut course, &mut timeline);
    let there = timeline.position();
    act(&mut timeline, "start 2");
    let (harmless, fatal) = (timeline.position(), "crash 1");
    act(&mut timeline, fatal);
    act(&mut timeline, "zoo.cfg 1 \"dataDir=/d\\nclientPort=2181\"");
    assert!(!course.is_on_path(&timeline));
    // The step starts 2 itself, and that is refused where 2 runs already.
    let Moved::Missed(missed) = course.advance(&mut timeline) else { panic!("it can't come") };
    assert_eq!((missed.id.as_str(), missed.back.position), ("L00.2", there));
    assert!(missed.back.position < harmless);
    timeline.follow(&missed.back);
    assert!(course.is_on_path(&timeline));
    assert_eq!(reaches(&mut course, &mut timeline).id, "L00.2");
}

#[test]
fn a_learner_may_go_on_in_a_run_of_their_own_or_come_back() {
    let (mut course, mut timeline) = course();
    let at = reaches(&mut course, &mut timeline).run.position;
    act(&mut timeline, "latency 1-2 80ms");
    assert!(!course.is_on_path(&timeline));
    let tail = course.back(&mut timeline).expect("what the learner did is given back");
    assert_eq!((tail.position(), timeline.position()), (at, at));
    assert!(course.is_on_path(&timeline) && timeline.commands().len() == 1);
    let tail = timeline.swap(tail);
    assert!(tail.frames().is_empty() && timeline.commands().len() == 2);
    timeline.seek(u64::MAX);
    let reached = reaches(&mut course, &mut timeline);
    assert!(reached.run.commands.iter().any(|(_, own)| own.to_string() == "latency 1-2 80ms"));
    assert!(course.is_on_path(&timeline), "the learner's run is the lesson's now");
}

#[test]
fn what_cannot_be_read_is_named_with_its_step() {
    let broken = [("\"serving\"", "\"servin\"", "L00.2"), ("start 2,3", "begin 2", "L00.2")];
    for (good, bad, place) in broken {
        let error = Lesson::parse(&LESSON.replace(good, bad)).unwrap_err().to_string();
        assert!(error.starts_with(place), "{error}");
    }
    let newer = Lesson::parse(&LESSON.replace("\"format\": 1", "\"format\": 2")).unwrap_err();
    assert_eq!(newer.to_string(), "this lesson is of format 2, and format 1 is read here");
}

#[test]
fn a_file_without_a_scene_or_a_step_is_no_lesson() {
    let (head, _) = LESSON.split_once("\"scenes\"").unwrap();
    for scenes in ["[]", r#"[{"id": "A", "setup": "3 watchable", "steps": []}]"#] {
        let error = Lesson::parse(&format!("{head}\"scenes\": {scenes}}}")).unwrap_err();
        assert!(error.to_string().contains("every scene has a step"), "{error}");
    }
}
