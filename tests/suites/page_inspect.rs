//! The inspector and the Checker tab in a real Chromium: bytes and fields, why a step happened,
//! bugs put back, and a search that finds what they break.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_protocol::message::Message;
use vivarium_sim::{Run, Timeline};
use vivarium_tests::browser::{Visit, visit};

/// The bytes of the message that the page inspects, as they are made without a browser: the run is
/// replayed from its link, and the message encoded.
fn native_bytes(link: &str, from: i64, to: i64) -> Vec<String> {
    let run = Run::from_link(link).expect("the page's link opens");
    let timeline = Timeline::from_run(run);
    let flights = timeline.world().flights();
    let between = flights.iter().filter(|it| it.id.from.0 == from && it.id.to.0 == to);
    let encoded = between.map(|flight| {
        let mut bytes = bytes::BytesMut::new();
        match &flight.message {
            Message::Packet(packet) => {
                vivarium_protocol::wire::quorum::encode_packet(packet, &mut bytes);
            }
            Message::Notification(vote) => {
                vivarium_protocol::wire::frame::put_frame(&mut bytes, |out| {
                    vivarium_protocol::wire::election::encode_notification(vote, out);
                });
            }
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    });
    encoded.collect()
}

#[test]
fn a_message_is_shown_byte_for_byte_and_fields_and_bytes_mark_each_other() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        for _ in 0..12 {
            visit.press(Key::Right).await;
        }
        visit.press("m").await;
        visit.until("document.querySelector('#inspector-message #bytes button')").await;
        // The bytes are those that a server would send.
        let route = visit.text(".ihead p").await;
        let ends: Vec<i64> =
            route.split(['→', '·']).filter_map(|it| it.trim().parse().ok()).collect();
        let link = visit.eval("vivarium.link()").await;
        let natively = native_bytes(link.as_str().expect("a link"), ends[0], ends[1]);
        let hex = visit.eval("document.querySelector('#copy-hex').dataset.hex").await;
        assert!(natively.contains(&hex.as_str().unwrap().to_owned()), "{hex} of {natively:?}");
        let drawn = "[...document.querySelectorAll('#bytes button')].map(it => \
                     it.firstChild.textContent.replaceAll(' ', '')).join('')";
        let drawn = visit.eval(drawn).await;
        // A run that is too long for the panel ends in an ellipsis.
        let whole = drawn.as_str().expect("text").trim_end_matches('…').to_owned();
        let hex = hex.as_str().expect("text");
        assert!(hex.starts_with(&whole) && whole.len() > 60, "{whole} of {hex}");
        // By keyboard: Tab reaches the bytes, arrows go on, and the field in words is marked.
        visit.eval("document.querySelector('#bytes-0').focus()").await;
        visit.press(Key::Right).await;
        visit.until("document.activeElement.id === 'bytes-1'").await;
        visit.until("document.querySelector('#field-1.on')").await;
        visit.eval("document.querySelector('#field-3').focus()").await;
        visit.until("document.querySelector('#bytes-3.on')").await;
        let position = visit.eval("vivarium.state().position").await;
        assert_eq!(position, json!(12), "arrows among the bytes do not move time");
        // By pointer, or a finger.
        visit.click("#field-0").await;
        visit.until("document.querySelector('#bytes-0.on')").await;
        visit.close().await;
    });
}

#[test]
fn a_step_tells_its_cause_its_rule_and_what_followed_and_every_link_leads_there() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.press(Key::Home).await;
        // The first step in which a vote is compared has the ladder of that comparison.
        let ladder = "document.querySelector('#why .ladder')";
        for _ in 0..60 {
            visit.press(Key::Right).await;
            if visit.eval(&format!("Boolean({ladder})")).await == json!(true) {
                break;
            }
        }
        visit.until(ladder).await;
        // Effects are links to messages.
        for _ in 0..60 {
            if visit.eval("Boolean(document.querySelector('#why-effects button'))").await
                == json!(true)
            {
                break;
            }
            visit.press(Key::Right).await;
        }
        visit.click("#why-effects button").await;
        visit.until("document.querySelector('#inspector-message #bytes')").await;
        visit.press(Key::Escape).await;
        // The cause is an earlier step, and the button goes there.
        visit.until("document.querySelector('#why-cause')").await;
        let step = visit.eval("Number(document.querySelector('#why-cause').dataset.step)").await;
        visit.click("#why-cause").await;
        visit.until(&format!("vivarium.state().position === {step}")).await;
        visit.close().await;
    });
}

#[test]
fn a_bug_put_back_breaks_an_invariant_in_its_counterexample_and_the_breach_is_a_jump() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        visit.click("#t-check").await;
        visit.until("document.querySelectorAll('#invariants .inv').length === 12").await;
        visit.until("!document.querySelector('#invariants .bad')").await;
        visit.click("#play-epoch_before_history").await;
        visit.until("document.querySelector('#zoo-epoch_before_history[aria-checked=true]')").await;
        visit.press(Key::Escape).await;
        visit.eval("document.querySelector('#t-check').focus()").await;
        visit.press(Key::End).await;
        visit.until("document.querySelector('[data-promise=durability].bad')").await;
        let words = visit.text("[data-promise=durability]").await;
        assert!(words.contains("broken") && words.contains("1|2 is decided"), "{words}");
        let step = visit.eval("document.querySelector('.breach').dataset.step").await;
        visit.press(Key::Home).await;
        visit.until("!document.querySelector('#invariants .bad')").await;
        visit.press(Key::End).await;
        visit.until("document.querySelector('.breach')").await;
        visit.click(".breach").await;
        visit.until(&format!("vivarium.state().position === Number({step})")).await;
        // A link carries the switch; mended, the same commands break nothing.
        let link = visit.eval("vivarium.link()").await;
        let run = Run::from_link(link.as_str().expect("a link")).expect("it opens");
        assert!(run.setup.to_string().contains("epoch_before_history"), "{}", run.setup);
        visit.click("#zoo-epoch_before_history").await;
        visit
            .until("document.querySelector('#zoo-epoch_before_history[aria-checked=false]')")
            .await;
        visit.until("!document.querySelector('#invariants .bad')").await;
        visit.click("#lang-zh").await;
        visit.until("document.querySelector('#t-check').textContent.includes('检查')").await;
        visit.close().await;
    });
}

#[test]
fn a_search_finds_a_schedule_while_the_page_stays_usable_and_what_it_found_can_be_played() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        visit.eval("document.querySelector('#t-guide').focus()").await;
        for _ in 0..4 {
            visit.press(Key::Right).await;
        }
        visit.until("document.querySelector('#t-check[aria-selected=true]')").await;
        visit.click("#zoo-acks_before_durable").await;
        visit.until("document.querySelector('#zoo-acks_before_durable[aria-checked=true]')").await;
        visit.eval("document.querySelector('#search-start').focus()").await;
        visit.press(Key::Enter).await;
        visit.until("Number(document.querySelector('#search-schedules').textContent) > 0").await;
        // The page answers while it searches.
        visit.click("#lang-zh").await;
        visit.click("#lang-en").await;
        visit.until("document.querySelector('#search-play')").await;
        visit.click("#search-play").await;
        visit.until("vivarium.state().recorded > 20").await;
        visit.eval("document.querySelector('#t-check').focus()").await;
        visit.press(Key::End).await;
        visit.until("document.querySelector('#invariants .bad')").await;
        visit.close().await;
    });
}
