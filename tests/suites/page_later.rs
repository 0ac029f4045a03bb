//! What is not needed for the first picture is fetched when it is asked for, and not before; when
//! it can't be fetched, the page says so and the reader can ask again.

use serde_json::json;
use vivarium_tests::browser::{Visit, visit};

/// How often the second file was fetched.
const FETCHED: &str = "performance.getEntriesByType('resource')\
    .filter(one => one.name.includes('/split_') && one.responseStatus === 200).length";

#[test]
fn the_second_file_comes_when_a_part_of_it_is_opened() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let tools = visit.driver.cdp();
        // The worker would fetch everything in time: it is left out here, so that what the page
        // asks for itself can be counted and forbidden.
        for (name, what) in [
            ("Network.enable", json!({})),
            ("Network.setBypassServiceWorker", json!({ "bypass": true })),
            ("Network.setBlockedURLs", json!({ "urls": ["*/split_*"] })),
        ] {
            tools.send_raw(name, what).await.expect("the browser does what its tools ask");
        }
        visit.go("").await;
        visit.click("#play").await;
        visit.until("vivarium.state().position > 20").await;
        visit.click("#play").await;
        assert_eq!(visit.eval(FETCHED).await, json!(0), "a run is seen with the first file alone");

        visit.click("#t-faults").await;
        visit.until("document.querySelector('#p-faults [role=alert] #fetch-again')").await;
        visit.driver.browser_log().await.expect("what was forbidden is in the log");
        let none = json!({ "urls": [] });
        tools.send_raw("Network.setBlockedURLs", none).await.expect("nothing is forbidden now");
        visit.click("#fetch-again").await;
        visit.until("document.querySelector('#p-faults h2')").await;
        visit.click("#t-check").await;
        visit.until("document.querySelector('#p-check h2')").await;
        assert_eq!(visit.eval(FETCHED).await, json!(1), "one file holds every later part");
        visit.close().await;
    });
}
