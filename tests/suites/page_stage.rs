//! The stage among many servers: tiles, groups, the plate and the links of the chosen one.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_tests::browser::{Visit, visit};

#[test]
fn a_hundred_and_one_servers_stand_as_tiles_and_a_chosen_one_shows_its_plate() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.click("#size-101").await;
        visit.until("document.querySelectorAll('#plates .tile').length === 101").await;
        assert_eq!(
            visit.eval("document.querySelectorAll('#flights .glyph').length").await,
            json!(0)
        );
        visit.until("document.querySelector('#inspector-ensemble')").await;
        visit.press(Key::Right).await;
        visit.until("vivarium.state().position === 1").await;
        let groups = "[...document.querySelectorAll('.maj .seg')].map(it => +it.textContent)";
        let sum = format!("{groups}.reduce((a, b) => a + b, 0)");
        visit.until(&format!("{groups}.length === 2")).await;
        assert_eq!(visit.eval(&sum).await, json!(101), "every voter is in one group");
        visit.press("7").await;
        visit.until("document.querySelector('#plate-7.card.full')").await;
        visit.until("document.activeElement.id === 'server-7'").await;
        visit.click("#server-44").await;
        visit
            .until("document.querySelector('#plate-44') && !document.querySelector('#plate-7')")
            .await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#plate-44')").await;
        visit.close().await;
    });
}
