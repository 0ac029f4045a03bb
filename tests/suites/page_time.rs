//! Time on the page in a real Chromium: beats, jumps, places, branches, two runs side by side, the
//! diagram and the list that says the same in words.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_lessons::{Course, Lesson};
use vivarium_sim::{Setup, Timeline};
use vivarium_tests::browser::{Visit, visit};

async fn position(visit: &Visit) -> i64 {
    visit.eval("vivarium.state().position").await.as_i64().expect("a position is a number")
}

async fn go_to(visit: &Visit, place: &str) {
    visit.press("g").await;
    visit.until("document.activeElement.id === 'goto-field'").await;
    visit.press(format!("{place}{}", Key::Enter.value())).await;
}

/// How many elements fit.
async fn count(visit: &Visit, css: &str) -> i64 {
    let count = visit.eval(&format!("document.querySelectorAll({}).length", json!(css))).await;
    count.as_i64().expect("a count is a number")
}

#[test]
fn beats_and_jumps_are_reached_by_key_and_by_button() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.press("n").await;
        visit.until("vivarium.state().position > 1").await;
        let first = position(&visit).await;
        visit.click("#next-beat").await;
        let second = position(&visit).await;
        assert!(second > first, "{first} {second}");
        visit.click("#prev-beat").await;
        assert_eq!(position(&visit).await, first, "a beat back is where the beat on came from");

        visit.press("j2").await;
        visit.until("document.querySelector('#say').textContent.includes('is elected')").await;
        let elected = position(&visit).await;
        visit.press("j3").await;
        visit.until(&format!("vivarium.state().position > {elected}")).await;
        visit.press("J1").await;
        visit.until(&format!("vivarium.state().position < {elected}")).await;
        visit.click("#jump summary").await;
        visit.click("#jump-next-2").await;
        assert_eq!(position(&visit).await, elected, "the menu goes where the key goes");
        visit.press("J5").await;
        visit.until("document.querySelector('#toast')").await;
        assert_eq!(position(&visit).await, elected, "no promise was broken before");
        visit.close().await;
    });
}

#[test]
fn a_place_is_typed_and_a_run_of_twenty_thousand_steps_is_sought_in() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        go_to(&visit, "1.23 s").await;
        visit.until("!document.querySelector('#goto')").await;
        assert_eq!(visit.eval("vivarium.state().at").await, json!(1_230_000));
        go_to(&visit, "soon").await;
        visit.until("document.querySelector('#goto-hint[role=alert]')").await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#goto')").await;

        go_to(&visit, "#20000").await;
        visit.until("vivarium.state().position === 20000").await;
        let hash = visit.eval("vivarium.hash()").await;
        for place in [12_345, 3, 20_000] {
            go_to(&visit, &format!("#{place}")).await;
            visit.until(&format!("vivarium.state().position === {place}")).await;
        }
        assert_eq!(visit.eval("vivarium.hash()").await, hash);
        visit.press(Key::Home).await;
        visit.until("vivarium.state().position === 0").await;
        visit.close().await;
    });
}

#[test]
fn the_list_of_events_says_in_words_what_the_diagram_draws() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        let end = position(&visit).await;
        visit.press("e").await;
        visit.until("document.activeElement.id === 'event-list'").await;
        assert!(visit.text(&format!("#event-{end} span")).await.contains("Epoch 1 stands"));
        visit.press(Key::Home).await;
        visit.until("document.querySelector('#event-1[aria-selected=true]')").await;
        let told = visit.text("#event-1 span").await;
        assert!(told.contains("looks for a leader"), "{told}");
        visit.press(Key::Down).await;
        visit.press(Key::Down).await;
        visit.press(Key::Enter).await;
        visit.until("vivarium.state().position === 3").await;
        assert_eq!(visit.text("#event-3 span").await, visit.text("#say").await);
        let all = visit.eval("document.querySelector('#event-list').scrollHeight").await;
        visit.click("#events-acts").await;
        let fewer = "document.querySelector('#event-list').scrollHeight";
        visit.until(&format!("{fewer} < {all}")).await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#events')").await;
        visit.until("document.activeElement.id === 'diagram'").await;
        visit.close().await;
    });
}

#[test]
fn a_long_list_of_events_is_drawn_only_where_it_is_looked_at() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        go_to(&visit, "#3000").await;
        visit.until("vivarium.state().position === 3000").await;
        visit.click("#events-open").await;
        visit.until("document.querySelector('#event-3000')").await;
        assert!(count(&visit, ".ev").await < 100, "a window of the list is drawn");
        visit.eval("document.querySelector('#event-list').scrollTop = 0").await;
        visit
            .until("document.querySelector('#event-1') && !document.querySelector('#event-3000')")
            .await;
        visit.click("#event-2").await;
        visit.until("vivarium.state().position === 2").await;
        visit.close().await;
    });
}

/// Compares by the field in the menu of branches, without a pointer.
async fn compare_with(visit: &Visit, line: &str) {
    visit.eval("document.querySelector('#branches summary').focus()").await;
    visit.press(Key::Enter).await;
    visit.until("document.querySelector('#branches[open]')").await;
    visit.eval("document.querySelector('#beside-line').select()").await;
    visit.press(format!("{line}{}", Key::Enter.value())).await;
    visit.until("!document.querySelector('#branches[open]')").await;
}

/// What another act here, or another configuration, would have made of this run.
async fn compare_with_others(visit: &Visit, fork: i64) {
    go_to(visit, &format!("#{fork}")).await;
    visit.until(&format!("vivarium.state().position === {fork}")).await;
    compare_with(visit, "hello").await;
    visit.until("document.querySelector('#toast').textContent.includes('crash 3')").await;
    compare_with(visit, "crash 3").await;
    visit.until(&format!("document.querySelector('#twin[data-step=\"{fork}\"]')")).await;
    assert!(visit.text("#twin-other").await.contains("crash 3"));
    visit.click("#twin-close").await;
    compare_with(visit, "latency=40000..60000").await;
    visit.until("document.querySelector('#twin[data-step]')").await;
    let differs = visit.eval("Number(document.querySelector('#twin').dataset.step)").await;
    assert!(differs.as_i64() < Some(fork), "slower links show before the fork: {differs}");
}

#[test]
fn a_fork_keeps_both_branches_and_sets_them_side_by_side() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        let end = position(&visit).await;
        let first = visit.eval("vivarium.hash()").await;
        let fork = end / 2;
        go_to(&visit, &format!("#{fork}")).await;
        visit.until(&format!("vivarium.state().position === {fork}")).await;
        visit.press("2").await;
        visit.press("k").await;
        visit.until("document.querySelector('#server-2[data-state=DOWN]')").await;
        visit.until("document.querySelector('#branches summary').textContent.includes('2')").await;
        assert_eq!(count(&visit, "#diagram .fork").await, 1, "the strip shows the other branch");
        let link = visit.eval("location.hash.slice(1)").await;
        let second = visit.eval("vivarium.hash()").await;

        visit.press("R").await;
        visit.until("document.querySelector('#twin')").await;
        let differs = visit.eval("Number(document.querySelector('#twin').dataset.step)").await;
        assert_eq!(differs, json!(fork), "the step after the fork is the first difference");
        assert_ne!(visit.text("#twin-own span").await, visit.text("#twin-other span").await);
        assert_eq!(count(&visit, "#diagram [data-run]").await, 2);
        visit.until("document.querySelector('#difference')").await;
        visit.click("#twin-go").await;
        visit.until(&format!("vivarium.state().position === {}", fork + 1)).await;
        visit.click("#twin-close").await;
        visit.until("!document.querySelector('#twin')").await;

        visit.press("r").await;
        visit.until("document.querySelector('#branches summary').textContent.includes('1')").await;
        visit.press(Key::End).await;
        visit.until(&format!("vivarium.state().position === {end}")).await;
        assert_eq!(visit.eval("vivarium.hash()").await, first, "the first branch as it was");
        assert_ne!(visit.eval("location.hash.slice(1)").await, link);
        visit.click("#branches summary").await;
        visit.click("#branch-2").await;
        visit.press(Key::End).await;
        visit.until(&format!("vivarium.hash() === {second}")).await;
        visit.click("#branches summary").await;
        visit.click("#beside-seed").await;
        visit.until("document.querySelector('#twin')").await;
        assert!(visit.text("#twin").await.contains("seed"));
        visit.click("#twin-close").await;

        compare_with_others(&visit, fork).await;
        visit.close().await;
    });
}

#[test]
fn the_diagram_is_a_slider_that_counts_seconds_or_steps() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.eval("document.querySelector('#diagram').focus()").await;
        let now = position(&visit).await;
        visit.press(Key::Down).await;
        visit.until(&format!("vivarium.state().position < {now}")).await;
        let value = "document.querySelector('#diagram').getAttribute('aria-valuetext')";
        let said = visit.text("#say").await;
        visit.until(&format!("{value}.includes({})", json!(said))).await;
        visit.press(Key::Up).await;
        visit.until(&format!("vivarium.state().position >= {now}")).await;

        let tick = visit.text("#diagram .tick").await;
        visit.press("t").await;
        visit.until("document.querySelector('#diagram[data-axis=Steps]')").await;
        let steps = visit.text("#diagram .tick").await;
        assert!(!tick.starts_with('#') && steps.starts_with('#'), "{tick} {steps}");
        visit.click("#axis").await;
        visit.until("document.querySelector('#diagram[data-axis=Time]')").await;

        let first = "document.querySelector('#diagram .tick').textContent";
        let before = visit.eval(first).await;
        visit.press(">").await;
        visit.until(&format!("{first} !== {before}")).await;
        let ticks = "[...document.querySelectorAll('#diagram .tick')].map(it => it.textContent)";
        let wide: Value = visit.eval(&format!("{ticks}.join()")).await;
        let wheel = "document.querySelector('#diagram').dispatchEvent(new WheelEvent('wheel', \
                     {deltaY: -100, bubbles: true, cancelable: true}))";
        for _ in 0..4 {
            visit.eval(wheel).await;
        }
        visit.until(&format!("{ticks}.join() !== {wide}")).await;
        visit.close().await;
    });
}

/// A run in which an old bug breaks promises, several of them in one step.
fn promises_broken() -> Timeline {
    let lesson = Lesson::parse(include_str!("../../static/lessons/L19.json")).expect("a lesson");
    let mut course = Course::new(lesson, 1).expect("it can be walked through");
    let mut run = Timeline::new(course.setup());
    course.advance_to("L19.7", &mut run).expect("the step comes");
    run
}

#[test]
fn cuts_between_lanes_apart_and_promises_broken_at_once_are_drawn() {
    visit(async {
        let mut run = Timeline::new(Setup { participants: 3, ..Setup::default() });
        for line in ["", "cut 1-3"] {
            if let Ok(command) = line.parse() {
                run.command(command).expect("it fits the world");
            }
            let end = run.world().now().after_ms(1_000);
            run.seek_time(end);
        }
        let visit = Visit::open(&run.run().to_link(), &[]).await;
        let edges = "document.querySelectorAll('#diagram [data-cut=one-way]').length";
        visit.until(&format!("{edges} === 2")).await;
        visit.close().await;

        let run = promises_broken();
        let broken: Vec<u64> = run.world().violations().iter().map(|it| it.step).collect();
        let steps: BTreeSet<u64> = broken.iter().copied().collect();
        assert!(steps.len() < broken.len(), "two promises break in one step: {broken:?}");
        let visit = Visit::open(&run.run().to_link(), &[]).await;
        let last = steps.last().expect("a promise breaks") + 1;
        visit.until(&format!("document.querySelector('#diagram [data-broken=\"{last}\"]')")).await;
        visit.close().await;
    });
}

/// A run with a partition and, later, one deaf direction, each mended after a while.
fn cut_and_mended() -> Timeline {
    let mut run = Timeline::new(Setup { participants: 3, ..Setup::default() });
    for line in ["", "partition 1 / 2,3", "heal", "cut 1>3", "heal"] {
        if let Ok(command) = line.parse() {
            run.command(command).expect("it fits the world");
        }
        let end = run.world().now().after_ms(1_000);
        run.seek_time(end);
    }
    run
}

#[test]
fn causes_stand_out_and_cuts_are_hatched_for_as_long_as_they_last() {
    visit(async {
        let run = cut_and_mended();
        assert_eq!(run.cuts().len(), 4, "two cuts, two ends");
        let visit = Visit::open(&run.run().to_link(), &[]).await;
        // Out until the whole run is in the window.
        for _ in 0..9 {
            visit.press("-").await;
        }
        visit.until("document.querySelector('#diagram [data-cut=both]')").await;
        let box_of =
            |css: &str| format!("document.querySelector('#diagram {css}').getBoundingClientRect()");
        let (both, one) = (box_of("[data-cut=both]"), box_of("[data-cut=one-way]"));
        let line = box_of(".playhead line");
        visit.until(&format!("{both}.right < {one}.left && {one}.right < {line}.left")).await;
        assert_eq!(count(&visit, "#diagram .act").await, 4, "each command has a flag on the axis");
        assert!(count(&visit, "#diagram .pings[d]").await > 0, "pings are folded into dots");

        visit.press("h").await;
        visit.until("document.querySelector('#diagram [data-focus]')").await;
        visit.click("#cone").await;
        visit.until("!document.querySelector('#diagram [data-focus]')").await;
        visit.press(Key::Home).await;
        visit.press("j2").await;
        visit.until("vivarium.state().position > 0").await;
        visit.click("#cone").await;
        visit.until("document.querySelectorAll('#diagram [data-cone=past]').length > 0").await;
        assert!(count(&visit, "#diagram [data-cone=apart]").await > 0, "the rest is dimmed");
        visit.close().await;
    });
}
