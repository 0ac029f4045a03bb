//! The Clients tab in a real Chromium: typing as in zkCli, buttons, verdict, ribbon and cost.

use thirtyfour::prelude::*;
use vivarium_sim::{Player, Story};
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

/// Types a line that is no request.
async fn say(visit: &Visit, line: &str) {
    visit.click("#console-line").await;
    visit.press(line).await;
    visit.press(Key::Enter).await;
}

/// Plays until what the chosen client was told holds these words.
async fn until_told(visit: &Visit, words: &str) {
    let told = "document.querySelector('#console-told').textContent";
    visit.eval("document.querySelector('#play').focus()").await;
    visit.press(Key::Enter).await;
    visit.until(&format!("{told}.includes({})", serde_json::json!(words))).await;
    visit.press(Key::Enter).await;
    visit.until("!vivarium.state().playing").await;
}

#[test]
fn sessions_move_and_end_and_a_watch_goes_with_its_session() {
    visit(async {
        let visit = with_a_client().await;
        // At several times the speed: what is waited for is answers, and none of the way there.
        visit.eval("document.querySelector('#play').focus()").await;
        visit.press("....").await;
        ask(&visit, "create /a 1").await;
        ask(&visit, "get -w /a").await;
        visit.click("#server-3").await;
        visit.click("#t-clients").await;
        visit.click("#new-client").await;
        visit.until("document.querySelector('#console-c2[aria-pressed=true]')").await;
        until_told(&visit, "session").await;
        // The first client goes away; what changes meanwhile it hears at its next server.
        visit.click("#console-c1").await;
        say(&visit, "drop").await;
        visit.until("document.querySelector('#console-c1').textContent.includes('–')").await;
        visit.click("#console-c2").await;
        ask(&visit, "set /a 2").await;
        let none = visit.text("#console-told").await;
        assert!(!none.contains("WATCHER"), "the watch is the other session's: {none}");
        visit.click("#console-c1").await;
        say(&visit, "connect 2").await;
        until_told(&visit, "setWatches").await;
        let told = visit.text("#console-told").await;
        let (before, after) = told.split_once("WATCHER:: NodeDataChanged /a").expect("the event");
        assert!(before.contains("ConnectionLoss") && after.contains("setWatches"), "{told}");
        assert!(visit.text("#console-c1").await.contains("→ 2"));
        // All or nothing.
        ask(&visit, "multi create /m 1 ; delete /none").await;
        ask(&visit, "ls /").await;
        assert!(visit.text("#console-told li:last-child").await.contains("[a, zookeeper]"));
        ask(&visit, "multi create /m 1 ; set /a 3").await;
        ask(&visit, "ls /").await;
        assert!(visit.text("#console-told li:last-child").await.contains("[a, m, zookeeper]"));
        ask(&visit, "close").await;
        say(&visit, "get /a").await;
        visit.until("document.querySelector('#console-c1').textContent.includes('–')").await;
        visit.click("#console-c2").await;
        ask(&visit, "get /a").await;
        assert!(visit.text("#console-told").await.contains('3'), "the other session lives on");
        visit.close().await;
    });
}

#[test]
fn a_stale_read_is_shown_as_stale_and_called_allowed() {
    visit(async {
        let text = include_str!("../stories/service/stale_read.story");
        let story: Story = text.parse().expect("a story");
        let outcome = Player::play(&story).expect("it comes to its end");
        let visit = Visit::open(&outcome.run.to_link(), &[]).await;
        visit.click("#t-clients").await;
        visit.until("document.querySelector('#verdict-reads')").await;
        let said = visit.text("#verdict-reads").await;
        assert!(said.contains("which ZooKeeper does not promise for reads"), "{said}");
        assert!(visit.text("#verdict-kept").await.contains("Writes are linearizable"));
        let why = visit.text("#verdict .behind.stale").await;
        assert!(why.contains("c2 get /a") && why.contains("1 behind"), "{why}");
        assert!(why.contains("A linearizable read: ") && why.contains('2'), "{why}");
        visit.until("document.querySelector('#history-lines .call.stale')").await;
        let end = visit.eval("vivarium.state().position").await;
        visit.eval("document.querySelector('#verdict .behind.stale button').focus()").await;
        visit.press(Key::Enter).await;
        visit.until(&format!("vivarium.state().position < {end}")).await;
        visit.close().await;
    });
}
