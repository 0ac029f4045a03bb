//! The boot view: a server's start lights up part by part, forwards and backwards, by keyboard too.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_tests::browser::{Visit, visit};

const LIT: &str = "document.querySelectorAll('#boot .boot-part[data-on=true]').length";

#[test]
fn a_server_starts_before_the_visitors_eyes_and_goes_back_again() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.press("2").await;
        visit.press("b").await;
        visit.until("document.querySelector('#boot[data-server=\"2\"]')").await;
        assert_eq!(visit.eval(LIT).await, json!(0), "nothing is registered before the start");
        while visit.eval("vivarium.state().servers[1].state").await == json!("DOWN") {
            visit.press(Key::Right).await;
        }
        let registered = "Clients Log Algorithm Timeouts Servers Manager Listener";
        for part in registered.split(' ') {
            let lit = format!("document.querySelector('#boot [data-part={part}][data-on=true]')");
            visit.until(&lit).await;
        }
        visit.until("document.querySelector('#boot [data-state=LOOKING][data-on=true]')").await;
        assert_eq!(
            visit.text("#boot [data-part=Listener] > span").await,
            ":3888",
            "the election port of zoo.cfg"
        );
        visit.press(Key::Left).await;
        visit.until(&format!("{LIT} === 0")).await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#boot')").await;
        assert_eq!(visit.eval("document.activeElement.id").await, json!("server-2"));
        visit.close().await;
    });
}

#[test]
fn the_leader_waits_for_learners_and_has_one_handler_for_each() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        let leader = visit.eval("vivarium.state().leader").await;
        visit.click(&format!("#server-{leader}")).await;
        visit.click("#boot-open").await;
        visit.until("document.querySelector('#boot [data-part=Acceptor]')").await;
        let handlers = "document.querySelectorAll('#boot [data-handler]').length";
        assert!(visit.eval(handlers).await.as_u64() >= Some(2), "a quorum has joined");
        // Its epoch stands; it serves once its own replica is told so, a few steps later.
        let serves = "document.querySelector('#boot [data-part=Serving][data-on=true]') !== null";
        for _ in 0..60 {
            if visit.eval(serves).await == json!(true) {
                break;
            }
            visit.press(Key::Right).await;
        }
        visit.until(serves).await;
        visit.click("#lang-zh").await;
        visit.until("document.querySelector('#boot h2').textContent.includes('从 main')").await;
        visit.click("#boot-close").await;
        visit.until("!document.querySelector('#boot')").await;
        visit.close().await;
    });
}
