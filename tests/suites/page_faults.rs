//! Faults on the page: cutting by hand and by keyboard, links, disks, single messages.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::trace::{TraceEvent, TravelFate};
use vivarium_sim::{Run, Timeline};
use vivarium_tests::browser::{Visit, visit};

/// The middle of an element, in pixels of the window.
async fn middle(visit: &Visit, css: &str) -> (i64, i64) {
    let rect = format!("document.querySelector('{css}').getBoundingClientRect()");
    let half = |side: &str, size: &str| format!("Math.round({rect}.{side} + {rect}.{size} / 2)");
    let x = visit.eval(&half("left", "width")).await.as_i64().expect("a number");
    let y = visit.eval(&half("top", "height")).await.as_i64().expect("a number");
    (x, y)
}

/// Draws a stroke with the mouse.
async fn draw(visit: &Visit, points: &[(i64, i64)]) {
    let (x, y) = points[0];
    let mut chain = visit.driver.action_chain().move_to(x, y).click_and_hold();
    for (x, y) in &points[1..] {
        chain = chain.move_to(*x, *y);
    }
    chain.release().perform().await.expect("a stroke can be drawn");
}

/// Draws a stroke with a finger.
async fn touch(visit: &Visit, points: &[(i64, i64)]) {
    let tools = visit.driver.cdp();
    let send = |kind: &'static str, points: Value| {
        let tools = &tools;
        async move {
            let event = json!({ "type": kind, "touchPoints": points });
            let sent = tools.send_raw("Input.dispatchTouchEvent", event).await;
            sent.expect("a touch can be sent");
        }
    };
    for (at, (x, y)) in points.iter().enumerate() {
        let kind = if at == 0 { "touchStart" } else { "touchMove" };
        send(kind, json!([{ "x": x, "y": y }])).await;
    }
    send("touchEnd", json!([])).await;
}

async fn in_force(visit: &Visit) -> String {
    visit.text("#p-faults").await
}

#[test]
fn servers_are_cut_off_by_keyboard_and_the_cut_is_undone() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.press("x").await;
        visit.until("document.activeElement.id === 'cut-dialog'").await;
        visit.press("12").await;
        visit.until("document.querySelector('#pick-2[aria-pressed=true]')").await;
        let words = visit.text("#cut-words").await;
        assert_eq!(words, "1 2 | 3 4 5 · 3 4 5 can decide");
        visit.press(Key::Enter).await;
        visit.until("!document.querySelector('#cut-dialog')").await;
        visit.until("document.querySelector('.fence-label')").await;
        visit.click("#t-faults").await;
        let said = in_force(&visit).await;
        assert!(said.contains("partition 1 2 | 3 4 5") && said.contains("3 4 5 can decide"));
        visit.click("#mend-1").await;
        visit.until("!document.querySelector('#in-force')").await;
        assert_eq!(visit.eval("document.querySelectorAll('.matrix .cut').length").await, 0);

        visit.click("#open-cut").await;
        visit.until("document.querySelector('#cut-both').disabled").await;
        visit.click("#pick-3").await;
        visit.click("#pick-4").await;
        visit.click("#cut-back").await;
        visit.until("document.querySelector('#cut-4-3[aria-pressed=true]')").await;
        assert_eq!(visit.eval("document.querySelectorAll('.matrix .cut').length").await, 1);
        visit.eval("document.querySelector('#cut-4-3').focus()").await;
        visit.press(Key::Down).await;
        visit.until("document.activeElement.id === 'cut-4-5'").await;
        visit.press(" ").await;
        visit.until("document.querySelector('#cut-4-5[aria-pressed=true]')").await;
        visit.press("x").await;
        visit.until("document.querySelector('#cut-dialog')").await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#cut-dialog')").await;
        visit.close().await;
    });
}

#[test]
fn a_stroke_over_the_stage_is_a_partition() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.click("#t-faults").await;
        let (x, y) = middle(&visit, "#server-5").await;
        let (to_x, to_y) = middle(&visit, "#stage").await;
        draw(&visit, &[(x, y), (x - 60, y), (to_x, to_y + 120)]).await;
        visit.until("document.querySelector('.fence-label')").await;
        assert!(in_force(&visit).await.contains("partition 5 | 1 2 3 4"), "a plate pulled out");
        visit.click("#mend-1").await;

        let (top_x, top_y) = middle(&visit, "#server-3").await;
        let below = top_y + 130;
        draw(&visit, &[(top_x - 400, below), (top_x, below), (top_x + 390, below - 4)]).await;
        visit.until("document.querySelector('#in-force')").await;
        let said = in_force(&visit).await;
        assert!(said.contains("partition 3 | 1 2 4 5"), "a line under the uppermost: {said}");
        visit.click("#mend-1").await;

        let (x, y) = middle(&visit, "#server-1").await;
        let around = [(-122, -86), (122, -86), (122, 84), (-122, 84), (-122, -70)];
        let points: Vec<_> = around.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
        touch(&visit, &points).await;
        visit.until("document.querySelector('#in-force')").await;
        let said = in_force(&visit).await;
        assert!(said.contains("partition 1 | 2 3 4 5"), "a loop by touch: {said}");
        visit.close().await;
    });
}

/// Types a number into a field of the form for links.
async fn number(visit: &Visit, field: &str, value: &str) {
    visit.eval(&format!("document.querySelector('#link-{field}').select()")).await;
    visit.press(value).await;
}

/// How long every message took from one server to another, in microseconds, if it was sent after
/// `step` and has arrived: from the page's own recording.
async fn times(visit: &Visit, from: i64, to: i64, step: u64) -> Vec<u64> {
    let link = visit.eval("vivarium.link()").await;
    let run = Run::from_link(link.as_str().expect("a link")).expect("it opens");
    let timeline = Timeline::from_run(run);
    let mut sent = BTreeMap::new();
    let mut times = Vec::new();
    for frame in timeline.frames().iter().filter(|frame| frame.step > step) {
        for event in &frame.events {
            let TraceEvent::Travelled(travel) = event else { continue };
            if (travel.id.from, travel.id.to) != (ServerId(from), ServerId(to)) {
                continue;
            }
            if let TravelFate::Sent { .. } = travel.fate {
                sent.insert(travel.id, frame.at);
            } else if let Some(left) = sent.remove(&travel.id) {
                times.push(frame.at.since(left));
            }
        }
    }
    times
}

async fn position(visit: &Visit) -> u64 {
    visit.eval("vivarium.state().position").await.as_u64().expect("a position is a number")
}

/// Plays for so many milliseconds of the run.
async fn play(visit: &Visit, ms: u64) {
    let now = visit.eval("vivarium.state().at").await.as_u64().expect("a time is a number");
    visit.press("g").await;
    visit.until("document.activeElement.id === 'goto-field'").await;
    visit.press(format!("{} ms{}", now / 1000 + ms, Key::Enter.value())).await;
    visit.until("!document.querySelector('#goto')").await;
    visit.until(&format!("vivarium.state().at >= {}", now + ms * 1000 - 1000)).await;
}

#[test]
fn one_direction_of_a_link_gets_delay_jitter_loss_and_bandwidth_and_the_messages_obey() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.click("#server-5").await;
        visit.click("#t-faults").await;
        visit.until("document.querySelector('#link-from').value === '5'").await;
        visit.click("#link-both").await;
        number(&visit, "delay", "200").await;
        number(&visit, "jitter", "50").await;
        visit.press(Key::Tab).await;
        visit.until("document.activeElement.id === 'link-loss'").await;
        visit.press(Key::Tab + Key::Tab).await;
        visit.until("document.activeElement.id === 'link-set'").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#in-force')").await;
        let said = in_force(&visit).await;
        assert!(said.contains("5 → 1, 5 → 2, 5 → 3, 5 → 4: 150–250 ms"), "{said}");
        let label = "document.querySelector('#cut-1-5').getAttribute('aria-label')";
        let back =
            visit.eval("document.querySelector('#cut-5-1').getAttribute('aria-label')").await;
        assert_ne!(visit.eval(label).await, back, "one direction alone");
        let begin = position(&visit).await;
        play(&visit, 1500).await;
        let slow = times(&visit, 5, 1, begin).await;
        assert!(slow.len() > 3 && slow.iter().all(|us| *us >= 150_000), "{slow:?}");
        assert!(slow.iter().any(|us| us % 1000 != slow[0] % 1000), "jitter: {slow:?}");
        let fast = times(&visit, 1, 5, begin).await;
        assert!(fast.len() > 3 && fast.iter().all(|us| *us < 100_000), "{fast:?}");

        number(&visit, "delay", "0").await;
        number(&visit, "jitter", "0").await;
        number(&visit, "loss", "60").await;
        visit.click("#link-set").await;
        visit.until("document.querySelector('#in-force').textContent.includes('60 % lost')").await;
        let begin = position(&visit).await;
        play(&visit, 4000).await;
        let lossy = times(&visit, 5, 1, begin).await;
        assert!(lossy.iter().any(|us| *us >= 200_000), "TCP sends again: {lossy:?}");
        visit.click("#link-normal").await;
        visit.until("!document.querySelector('#in-force')").await;

        number(&visit, "loss", "0").await;
        number(&visit, "bandwidth", "1").await;
        visit.click("#link-set").await;
        visit.until("document.querySelector('#in-force').textContent.includes('1 kB/s')").await;
        let begin = position(&visit).await;
        play(&visit, 2000).await;
        let narrow = times(&visit, 5, 1, begin).await;
        assert!(narrow.iter().any(|us| *us >= 20_000), "20 bytes take 20 ms: {narrow:?}");
        visit.close().await;
    });
}

#[test]
fn a_disk_is_slowed_torn_and_wiped_and_the_log_shows_it() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.click("#server-2").await;
        visit.click("#t-faults").await;
        visit.until("document.querySelector('#act-needs')").await;
        let needs = visit.text("#act-needs").await;
        assert!(needs.contains("Wipe disk: needs a server that is down"), "{needs}");
        assert!(needs.contains("Tear disk: needs records that are not synced"), "{needs}");
        visit.click("#act-slow").await;
        visit
            .until("document.querySelector('#in-force').textContent.includes('A sync of 2')")
            .await;
        visit.click("#t-clients").await;
        visit.click("#new-client").await;
        visit.click("#console-line").await;
        visit.press("create /a 1").await;
        visit.press(Key::Enter).await;
        visit.click("#t-faults").await;
        visit.until("document.querySelector('#act-tear')").await;
        for _ in 0..400 {
            if visit.eval("document.querySelector('#act-tear').disabled").await == json!(false) {
                break;
            }
            visit.press(Key::Right).await;
        }
        visit.eval("document.querySelector('#act-tear').focus()").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#server-2[data-state=DOWN]')").await;
        let said = in_force(&visit).await;
        assert!(said.contains("is written; a start cuts it off"), "{said}");
        visit.click("#act-wipe").await;
        visit.click("#act-crash").await;
        visit.until("vivarium.state().servers[1].up").await;
        let empty = "vivarium.state().servers[1]";
        visit.until(&format!("{empty}.log.length === 0 && {empty}.accepted_epoch === 0")).await;
        let said = in_force(&visit).await;
        assert!(!said.contains("is written"), "{said}");
        visit.close().await;
    });
}

#[test]
fn a_message_is_held_released_and_treated_as_tcp_would_not() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.press(Key::Right).await;
        let flying = "document.querySelectorAll('#flights [data-message]').length";
        while visit.eval(flying).await == json!(0) {
            visit.press(Key::Right).await;
        }
        visit.press("m").await;
        visit.until("document.querySelector('#message-hold')").await;
        visit.eval("document.querySelector('#message-hold').focus()").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#message-release')").await;
        visit.click("#play").await;
        visit.until("vivarium.state().at > 220000").await;
        visit.click("#play").await;
        assert!(
            visit.text("#inspector-message").await.contains("途") || {
                let head = visit.text(".ihead").await;
                head.contains("held on its way")
            }
        );
        visit.click("#message-release").await;
        visit.until("!document.querySelector('#message-release')").await;
        visit.press(Key::Right).await;
        visit
            .until("document.querySelector('#message-acts').textContent.includes('on its way can')")
            .await;

        while visit.eval("document.querySelector('#message-hold') !== null").await != json!(true) {
            visit.press(Key::Right).await;
            visit.press("m").await;
        }
        visit.click("#unreal summary").await;
        visit.click("#message-duplicate").await;
        visit.until("document.querySelector('#unreal-verdict')").await;
        let verdict = visit.text("#unreal-verdict").await;
        assert_eq!(verdict, "1 unreal act in this run: every promise holds");
        visit.close().await;
    });
}
