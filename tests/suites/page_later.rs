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

/// Opens a tab and watches, picture by picture, what stands in its panel until the part is there:
/// each kind of sight once, with the milliseconds from the click to the time of the picture, which
/// is the time that the style of the page goes by.
const WATCH: &str = "const done = arguments[arguments.length - 1]; const [tab, panel] = arguments; \
     const place = () => JSON.stringify(document.querySelector('#stage').getBoundingClientRect()); \
     const [seen, before, start] = [[], place(), performance.now()]; let still = true; \
     document.querySelector(tab).click(); \
     const look = (picture) => { \
       const [note, part] = ['.later[aria-busy]', 'h2'].map(it => \
         document.querySelector(`${panel} ${it}`)); \
       const hidden = note && getComputedStyle(note).visibility === 'hidden'; \
       const what = part ? 'part' : note && !hidden ? 'note' : 'nothing'; \
       if (seen.at(-1)?.what !== what) seen.push({ what, ms: picture - start }); \
       still &&= place() === before; \
       if (!part) return requestAnimationFrame(look); \
       const sheet = document.querySelector('link[href*=\"later.css\"]').sheet; \
       done({ seen, still, dressed: sheet !== null }); }; \
     requestAnimationFrame(look);";

async fn watched(visit: &Visit, tab: &str, panel: &str) -> (Vec<String>, Vec<f64>) {
    let found = visit.driver.execute_async(WATCH, vec![json!(tab), json!(panel)]).await;
    let found = found.expect("the part comes").json().clone();
    assert_eq!(found["dressed"], json!(true), "no part is seen without its style: {found}");
    assert_eq!(found["still"], json!(true), "the stage stays where it is: {found}");
    let seen = found["seen"].as_array().expect("a list").clone();
    let what = seen.iter().filter_map(|one| one["what"].as_str().map(str::to_owned)).collect();
    (what, seen.iter().filter_map(|one| one["ms"].as_f64()).collect())
}

#[test]
fn on_a_slow_connection_a_part_says_once_that_it_is_fetched_and_then_stands_there() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let tools = visit.driver.cdp();
        for (name, what) in [
            ("Network.enable", json!({})),
            ("Network.setBypassServiceWorker", json!({ "bypass": true })),
            ("Network.setCacheDisabled", json!({ "cacheDisabled": true })),
        ] {
            tools.send_raw(name, what).await.expect("the browser does what its tools ask");
        }
        visit.go("").await;
        // Each answer takes two seconds to begin, and comes with 4 Mbit a second.
        let slow = json!({ "offline": false, "latency": 2000,
            "downloadThroughput": 500_000, "uploadThroughput": 500_000 });
        tools.send_raw("Network.emulateNetworkConditions", slow).await.expect("it is slow now");
        let (what, ms) = watched(&visit, "#t-faults", "#p-faults").await;
        assert_eq!(what, ["nothing", "note", "part"], "nothing flickers: {ms:?}");
        assert!(ms[1] - ms[0] > 299.0, "a short wait is not told: {ms:?}");
        assert!(ms[1] < 1500.0 && ms[2] > 2000.0, "a long one is: {ms:?}");
        // Once it is here, every part stands at once.
        let (what, ms) = watched(&visit, "#t-check", "#p-check").await;
        assert_eq!(what.last().map(String::as_str), Some("part"), "{ms:?}");
        assert!(!what.contains(&"note".to_owned()), "nothing is fetched again: {what:?}");
        visit.close().await;
    });
}
