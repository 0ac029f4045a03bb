//! One election by four algorithms: opened from the page, chosen, scrubbed and closed again.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_tests::browser::{Visit, visit};

/// The cell of the table of costs for one algorithm, by its class or place.
async fn cost(visit: &Visit, algorithm: u8, cell: &str) -> String {
    visit.text(&format!("#cost-{algorithm} {cell}")).await
}

#[test]
fn four_algorithms_hold_the_same_election_and_only_the_newest_knows_epochs() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.click("#t-cfg").await;
        visit.click("#open-elections").await;
        visit.until("document.querySelector('#elections[open]')").await;
        for algorithm in 0..=3 {
            let contest = format!("document.querySelector('#contest-{algorithm}').dataset.winner");
            assert_eq!(visit.eval(&contest).await, json!("5"), "equal logs: the highest id");
        }
        let plain: u64 = cost(&visit, 1, ".messages").await.parse().expect("a number");
        let proven: u64 = cost(&visit, 2, ".messages").await.parse().expect("a number");
        assert!(proven > plain, "a challenge costs: {proven} against {plain}");

        let logs = visit.driver.query(By::Css("#elections-logs")).first().await.expect("a menu");
        logs.send_keys("the longer").await.expect("an option can be chosen by typing");
        visit.until("document.querySelector('#contest-0').dataset.winner === '1'").await;
        let newest = visit.eval("document.querySelector('#contest-3').dataset.winner").await;
        assert_eq!(newest, json!("5"), "the epoch comes first");
        let said = visit.text("#contest-0 .outcome").await;
        assert!(said.contains("newer epoch"), "{said}");
        visit.close().await;
    });
}

#[test]
fn the_comparison_is_opened_scrubbed_and_closed_by_keys_and_leaves_the_run_alone() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let before = visit.state().await;
        visit.press("a").await;
        visit.until("document.querySelector('#elections[open]')").await;
        let inside = "document.querySelector('#elections').contains(document.activeElement)";
        assert_eq!(visit.eval(inside).await, json!(true), "the focus is in the dialog");
        visit.eval("document.querySelector('#elections-moment').focus()").await;
        visit.press(Key::Home).await;
        visit.until("document.querySelector('.scrub output').value === '0 ms'").await;
        let first = visit.text("#contest-3 .outcome").await;
        visit.press(Key::End).await;
        visit
            .until(&format!(
                "document.querySelector('#contest-3 .outcome').textContent !== {}",
                json!(first)
            ))
            .await;
        assert!(visit.text("#contest-3 .outcome").await.contains("5 leads"));
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#elections')").await;
        assert_eq!(visit.state().await, before);
        visit.press("l").await;
        visit.press("A").await;
        visit.until("document.querySelector('#elections-title')").await;
        assert_eq!(visit.text("#elections-title").await, "同一次选举，四种算法");
        visit.press("A").await;
        visit.until("!document.querySelector('#elections')").await;
        visit.close().await;
    });
}
