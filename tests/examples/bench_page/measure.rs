//! One function for each figure; every one has a browser of its own, in a fresh profile.

use std::time::Duration;

use serde_json::{Value, json};
use vivarium_tests::browser::Visit;

/// What the page is told before its own scripts run.
const PAGE: &str = include_str!("page.js");
/// How long pictures are watched, in seconds.
const WATCHED: u64 = 10;
/// Places that the playhead is put at.
const SEEKS: u32 = 60;

/// A browser whose pages are measured; nothing of ours is open in it yet.
async fn browser() -> Visit {
    let flags = ["--enable-precise-memory-info", "--js-flags=--expose-gc"];
    let visit = Visit::open("", &flags).await;
    let source = json!({ "source": PAGE });
    let tools = visit.driver.cdp();
    let added = tools.send_raw("Page.addScriptToEvaluateOnNewDocument", source).await;
    added.expect("a script can be added");
    visit
}

fn sorted(values: &Value) -> Vec<f64> {
    let values = values.as_array().expect("a list of numbers");
    let mut values: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which that share of the sorted values lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

fn spread(values: &Value) -> Value {
    let values = sorted(values);
    json!({
        "count": values.len(),
        "p50": quantile(&values, 0.5),
        "p95": quantile(&values, 0.95),
        "max": quantile(&values, 1.0),
    })
}

/// Loads the page that often without any cache: bytes and milliseconds until it can be used.
pub async fn load(times: usize) -> Value {
    let visit = browser().await;
    let tools = visit.driver.cdp();
    let off = json!({ "cacheDisabled": true });
    tools.send_raw("Network.enable", json!({})).await.expect("a domain opens");
    tools.send_raw("Network.setCacheDisabled", off).await.expect("no cache");
    // What the service worker kept is a cache too, and it answers with decoded bodies.
    let past = json!({ "bypass": true });
    tools.send_raw("Network.setBypassServiceWorker", past).await.expect("no worker");
    let mut usable = Vec::new();
    let mut bytes = Value::Null;
    for _ in 0..times {
        visit.go("").await;
        visit.until("bench.usable !== null").await;
        usable.push(visit.eval("bench.usable").await);
        bytes = visit
            .eval(
                "[...performance.getEntriesByType('navigation'), \
              ...performance.getEntriesByType('resource')] \
             .filter(it => it.name.startsWith('http')) \
             .reduce((sum, it) => sum + it.encodedBodySize, 0)",
            )
            .await;
    }
    visit.close().await;
    json!({ "bytes": bytes, "usable_ms": spread(&json!(usable)) })
}

/// Plays a run at each of these speeds, by the names that the page gives them, and watches the
/// pictures.
pub async fn frames(link: &str, speeds: &[&str]) -> Value {
    let visit = browser().await;
    let mut found = Vec::new();
    for speed in speeds {
        visit.go(link).await;
        let choose = format!(
            "(() => {{ const it = document.querySelector('#speed'); \
             it.selectedIndex = [...it.options].findIndex(one => one.textContent === {}); \
             it.dispatchEvent(new Event('change', {{ bubbles: true }})); \
             return it.selectedOptions[0].textContent; }})()",
            json!(speed)
        );
        let name = visit.eval(&choose).await;
        visit.eval("document.querySelector('#play').click()").await;
        // The first pictures of a run build what the later ones only change.
        let warm = "bench.pictures.length > 30 || performance.now() > 20000";
        visit.until(warm).await;
        visit.eval("bench.pictures.splice(0).length").await;
        tokio::time::sleep(Duration::from_secs(WATCHED)).await;
        found.push(watched(&visit, name).await);
    }
    visit.close().await;
    json!(found)
}

/// What the pictures since the last look cost.
async fn watched(visit: &Visit, speed: Value) -> Value {
    let painted = "document.querySelector('#flights canvas').painted().split('class=\"glyph\"')";
    let glyphs = visit.eval(&format!("{painted}.length - 1")).await;
    let playing = visit.eval("vivarium.state().playing").await;
    let pictures = visit.eval("bench.pictures.splice(0)").await;
    let list = pictures.as_array().expect("a list of pictures");
    let of = |name: &str| -> Vec<f64> {
        list.iter().filter_map(|picture| picture[name].as_f64()).collect()
    };
    let at = of("at");
    let apart: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    json!({
        "speed": speed,
        "glyphs": glyphs,
        "playing": playing,
        "apart_ms": spread(&json!(apart)),
        "script_ms": spread(&json!(of("script"))),
        "whole_ms": spread(&json!(of("whole"))),
    })
}

/// How long the page takes to simulate the run behind a link, three times over.
pub async fn engine(link: &str) -> Value {
    let visit = browser().await;
    visit.go("").await;
    let replay = format!(
        "(() => {{ const link = {}; const took = []; let hash; for (let i = 0; i < 4; i++) {{ \
         const start = performance.now(); hash = vivarium.replay(link); \
         took.push(performance.now() - start); }} return {{ hash, took }}; }})()",
        json!(link)
    );
    let found = visit.eval(&replay).await;
    visit.close().await;
    let took = sorted(&found["took"]);
    json!({ "hash": found["hash"], "seconds": quantile(&took, 0.0) / 1000.0 })
}

/// How long it takes from asking for another place of a long run until it is drawn.
pub async fn seek(link: &str) -> Value {
    let visit = browser().await;
    visit.go(link).await;
    let script = format!(
        "const done = arguments[arguments.length - 1]; const took = []; const drawn = []; \
         const most = vivarium.state().recorded; let seed = 7; \
         const channel = new MessageChannel(); let left = {SEEKS}; let start = 0; \
         const next = () => {{ seed = (seed * 16807) % 2147483647; start = performance.now(); \
           vivarium.seek(seed % most); took.push(performance.now() - start); \
           requestAnimationFrame(() => channel.port2.postMessage(0)); }}; \
         channel.port1.onmessage = () => {{ drawn.push(performance.now() - start); \
           if (--left > 0) next(); else done({{ most, took, drawn }}); }}; next();"
    );
    let found = visit.driver.execute_async(script, Vec::new()).await.expect("the page seeks");
    let found = found.json().clone();
    visit.close().await;
    json!({
        "steps": found["most"],
        "state_ms": spread(&found["took"]),
        "drawn_ms": spread(&found["drawn"]),
    })
}

/// Plays an ensemble with a leader for so long, and weighs the page before and after.
pub async fn heap(seconds: u64) -> Value {
    let visit = browser().await;
    visit.go("").await;
    visit.serve_clients().await;
    visit.eval("document.querySelector('#play').click()").await;
    visit.until("vivarium.state().playing").await;
    let mut weights = vec![weigh(&visit).await];
    let parts = 6;
    for _ in 0..parts {
        tokio::time::sleep(Duration::from_secs_f64(seconds as f64 / f64::from(parts))).await;
        weights.push(weigh(&visit).await);
    }
    let steps = visit.eval("vivarium.state().recorded").await;
    visit.close().await;
    json!({ "seconds": seconds, "steps": steps, "weights": weights })
}

/// Bytes that the page holds once the collector has run.
async fn weigh(visit: &Visit) -> Value {
    visit
        .eval(
            "(gc(), { js: performance.memory.usedJSHeapSize, wasm: bench.memory.buffer.byteLength, \
             steps: vivarium.state().recorded })",
        )
        .await
}
