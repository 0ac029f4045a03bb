//! The Clients tab in a real Chromium: typing as in zkCli, buttons, verdict, ribbon and cost.

use thirtyfour::prelude::*;
use vivarium_tests::browser::{Visit, visit};

/// A page whose servers serve, with the Clients tab open and one client connected.
async fn with_a_client() -> Visit {
    let visit = Visit::open("", &[]).await;
    visit.serve_clients().await;
    visit.click("#t-clients").await;
    visit.click("#new-client").await;
    visit.until("document.querySelector('#console-line')").await;
    visit
}

/// Types a line and plays until it is answered.
async fn ask(visit: &Visit, line: &str) {
    visit.click("#console-line").await;
    visit.press(line).await;
    visit.press(Key::Enter).await;
    visit.until("!document.querySelector('#console-await').disabled").await;
    visit.click("#console-await").await;
    let answered = "document.querySelector('#console-await').disabled";
    visit.until(&format!("!vivarium.state().playing && {answered}")).await;
}

#[test]
fn a_client_writes_and_reads_by_keyboard_and_the_link_keeps_it() {
    visit(async {
        let visit = with_a_client().await;
        visit.click("#console-line").await;
        visit.press("get a").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#console-wrong')").await;
        let said = visit.text("#console-wrong").await;
        assert!(said.contains("begins with a slash"), "{said}");
        visit.eval("document.querySelector('#console-line').select()").await;
        visit.press("cr").await;
        visit.press(Key::Tab).await;
        visit.until("document.querySelector('#console-line').value === 'create '").await;
        ask(&visit, "/a hello").await;
        ask(&visit, "get -w /a").await;
        let told = visit.text("#console-told").await;
        assert!(told.contains("$ get -w /a") && told.contains("hello"), "{told}");
        assert!(told.contains("dataVersion 0") && told.contains("zxid 1|"), "{told}");
        visit.click("#console-line").await;
        visit.press(Key::Up).await;
        visit.press(Key::Up).await;
        visit.until("document.querySelector('#console-line').value === 'create /a hello'").await;
        let link = visit.eval("location.hash.slice(1)").await;
        let run = vivarium_sim::Run::from_link(link.as_str().unwrap_or_default());
        let text = run.expect("the address is a link").to_text();
        assert!(text.contains("c1 create /a \"hello\""), "{text}");
        let kept = visit.text("#verdict-kept").await;
        assert!(kept.contains("Writes are linearizable"), "{kept}");
        assert!(visit.text("#verdict-reads").await.contains("Linearizable"));
        visit.close().await;
    });
}

#[test]
fn a_write_by_buttons_has_its_cost() {
    visit(async {
        let visit = with_a_client().await;
        visit.click("#request-path").await;
        visit.press("/b").await;
        visit.click("#request-send").await;
        visit.until("!document.querySelector('#console-await').disabled").await;
        visit.click("#console-await").await;
        let answered = "document.querySelector('#console-await').disabled";
        visit.until(&format!("!vivarium.state().playing && {answered}")).await;
        assert!(visit.text("#cost-election").await.starts_with("election"), "an election first");
        visit.click("#cost-span option:nth-child(3)").await;
        visit.until("document.querySelector('#cost-formula')").await;
        let words = visit.text("#cost-words").await;
        assert!(words.contains("4 PROPOSAL"), "{words}");
        let rows = visit.eval("document.querySelectorAll('#staleness .behind').length").await;
        assert_eq!(rows, 5, "a ribbon for each server");
        let calls = visit.eval("document.querySelectorAll('#history-lines .call').length").await;
        assert_eq!(calls, 1);
        visit.close().await;
    });
}
