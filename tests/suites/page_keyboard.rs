//! A whole story without a pointer: from the first election to a shared link, with the focus
//! visible at every step, never lost, and back at its opener when something closes.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_tests::browser::{Visit, visit};

/// Whether what has the focus is something, and looks it.
const VISIBLE: &str = "(it => it !== document.body && it.checkVisibility() && \
    (it.matches('dialog, [role=dialog]') || (it.matches(':focus-visible') && \
    (getComputedStyle(it).outlineStyle !== 'none' || getComputedStyle(it).boxShadow !== 'none'))))\
    (document.activeElement)";

/// The focus has come to an element, and can be seen there.
async fn focused(visit: &Visit, css: &str) {
    visit.until(&format!("document.activeElement.matches({})", json!(css))).await;
    visit.until(VISIBLE).await;
}

/// Goes on with Tab until the focus is there; every stop on the way can be seen.
async fn tab_to(visit: &Visit, css: &str) {
    let there = format!("document.activeElement.matches({})", json!(css));
    for _ in 0..160 {
        if visit.eval(&there).await == json!(true) {
            return focused(visit, css).await;
        }
        visit.press(Key::Tab).await;
        let stop = "document.activeElement === document.body ? null : \
                    (document.activeElement.id || document.activeElement.outerHTML.slice(0, 120))";
        let stop = visit.eval(stop).await;
        // Past the last element the browser itself has the focus, and then the first.
        let seen = stop.is_null() || visit.eval(VISIBLE).await == json!(true);
        assert!(seen, "the focus cannot be seen at {stop}");
    }
    panic!("Tab does not come to {css}");
}

async fn until_position(visit: &Visit, condition: &str) {
    visit.until(&format!("(position => {condition})(vivarium.state().position)")).await;
}

/// A link is cut, in a dialog that gives the focus back.
async fn cuts_a_link(visit: &Visit) {
    visit.press("3").await;
    focused(visit, "#server-3").await;
    visit.press("x").await;
    focused(visit, "#cut-dialog").await;
    visit.press(Key::Escape).await;
    focused(visit, "#server-3").await;
    visit.press("x").await;
    focused(visit, "#cut-dialog").await;
    visit.press("12").await;
    tab_to(visit, "#cut-both").await;
    visit.press(Key::Enter).await;
    focused(visit, "#server-3").await;
}

/// A client writes.
async fn asks_for_a_znode(visit: &Visit) {
    tab_to(visit, "[role=tab]").await;
    while visit.eval("document.activeElement.id").await != json!("t-clients") {
        visit.press(Key::Right).await;
    }
    tab_to(visit, "#new-client").await;
    visit.press(Key::Enter).await;
    tab_to(visit, "#console-line").await;
    visit.press(format!("create /a 1{}", Key::Enter.value())).await;
}

/// A message, byte by byte.
async fn reads_a_message(visit: &Visit) {
    tab_to(visit, "#play").await;
    for _ in 0..60 {
        visit.press(Key::Right).await;
        visit.press("m").await;
        let shown = "document.querySelector('#inspector-message') !== null";
        if visit.eval(shown).await == json!(true) {
            break;
        }
    }
    visit.until("document.querySelector('#inspector-message #bytes button')").await;
    visit.until(VISIBLE).await;
    tab_to(visit, "#bytes button").await;
    visit.press(Key::Right).await;
    visit.until("document.querySelector('[id^=field-].on')").await;
}

/// The answer.
async fn waits_for_the_answer(visit: &Visit) {
    tab_to(visit, "#console-await").await;
    visit.press(Key::Enter).await;
    focused(visit, "#console-line").await;
    visit.until("document.querySelector('#console-told').textContent.includes('/a')").await;
    visit.until("!vivarium.state().playing").await;
}

/// Back in time, and another course from there.
async fn takes_another_course(visit: &Visit) {
    // In a field single keys are letters.
    tab_to(visit, "#play").await;
    visit.press("g").await;
    focused(visit, "#goto-field").await;
    visit.press(format!("#12{}", Key::Enter.value())).await;
    until_position(visit, "position === 12").await;
    visit.until(VISIBLE).await;
    visit.press("2").await;
    focused(visit, "#server-2").await;
    visit.press("k").await;
    visit.until("document.querySelector('#server-2[data-state=DOWN]')").await;
    visit.until("document.querySelector('#branches summary').textContent.includes('2')").await;
    focused(visit, "#server-2").await;
}

/// A dialog of the browser's kind, and the link.
async fn shares_and_goes_back(visit: &Visit, end: &serde_json::Value) {
    tab_to(visit, "#keys-button").await;
    visit.press(Key::Enter).await;
    visit.until("document.querySelector('#keys:modal')").await;
    visit.press(Key::Escape).await;
    focused(visit, "#keys-button").await;
    tab_to(visit, "#share").await;
    visit.press(Key::Enter).await;
    visit.until("document.querySelector('#toast')").await;
    focused(visit, "#share").await;
    let link = visit.eval("location.hash.slice(1)").await;
    let run = vivarium_sim::Run::from_link(link.as_str().unwrap_or_default());
    let text = run.expect("the address is a link").to_text();
    assert!(text.contains("crash 2"), "{text}");
    visit.press("r").await;
    until_position(visit, "position === 12").await;
    visit.press(Key::End).await;
    until_position(visit, &format!("position >= {end}")).await;
}

#[test]
fn a_whole_story_is_told_without_a_pointer() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        // An election, to the moment at which its epoch stands.
        visit.press("u2").await;
        visit.until("!vivarium.state().playing && vivarium.state().leader !== null").await;
        cuts_a_link(&visit).await;
        asks_for_a_znode(&visit).await;
        reads_a_message(&visit).await;
        waits_for_the_answer(&visit).await;
        let end = visit.eval("vivarium.state().position").await;
        takes_another_course(&visit).await;
        shares_and_goes_back(&visit, &end).await;
        visit.close().await;
    });
}
