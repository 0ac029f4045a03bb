//! Faults on the page: cutting by hand, and single messages.

use serde_json::{Value, json};
use thirtyfour::prelude::*;
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

#[test]
fn a_message_is_held_released_and_treated_as_tcp_would_not() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.press(Key::Right).await;
        while visit.eval("document.querySelectorAll('#flights .glyph').length").await == json!(0) {
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
