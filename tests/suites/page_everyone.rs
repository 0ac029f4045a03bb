//! The page for everyone: axe-core finds nothing, every key of the list works, single keys can be
//! switched off, a lecturer needs nothing but a remote, and text may grow to twice its size.

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_tests::browser::{Visit, visit};
use vivarium_tests::tools;

/// What axe-core finds wrong in the page as it stands: rule, and where.
///
/// One finding is no fault here: a plate is a drawing of its server, and its name is a sentence
/// about it ("Server 4, LOOKING for 4, ELECTION"), which the digits in the drawing are not part of.
async fn complaints(visit: &Visit) -> Vec<String> {
    let run = "const done = arguments[arguments.length - 1]; \
               axe.run(document, { resultTypes: ['violations'] }).then(found => done( \
               found.violations.flatMap(it => it.nodes.filter(node => \
               it.id !== 'label-content-name-mismatch' || !/^#server-/.test(node.target[0])) \
               .map(node => \
               `${it.id}: ${node.target.join(' ')} ${node.failureSummary}`)))) \
               .catch(error => done([String(error)]));";
    let found = visit.driver.execute_async(run, Vec::new()).await.expect("axe runs");
    let list = found.json().as_array().cloned().unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Puts axe-core into the page: by the driver, since the page's own policy takes no other script.
async fn bring_axe(visit: &Visit) {
    let source = format!("{}; window.axe = window.axe || axe;", tools::axe());
    visit.driver.execute(source, Vec::new()).await.expect("axe-core can be brought in");
}

/// Every state of the page that looks different, as (name, how to get there).
const VIEWS: [(&str, &str); 6] = [
    ("the ensemble", "document.querySelector('#t-guide').click()"),
    ("a server", "document.querySelector('#server-3').click()"),
    (
        "a message",
        "document.dispatchEvent(new KeyboardEvent('keydown', \
      { key: 'm', bubbles: true }))",
    ),
    ("faults", "document.querySelector('#t-faults').click()"),
    ("zoo.cfg", "document.querySelector('#t-cfg').click()"),
    ("keys", "document.querySelector('#keys-button').click()"),
];

async fn look_everywhere(theme: &str, lang: &str) {
    let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
    let store = format!(
        "(localStorage.setItem('vivarium.theme', '{theme}'), \
         localStorage.setItem('vivarium.lang', '{lang}'))"
    );
    visit.eval(&store).await;
    visit.go("").await;
    for _ in 0..6 {
        visit.click("#next-key").await;
    }
    visit.until("!vivarium.state().playing").await;
    bring_axe(&visit).await;
    let mut wrong = Vec::new();
    for (name, open) in VIEWS {
        visit.eval(&format!("({open}, true)")).await;
        // Two pictures: what was asked for is drawn in the first.
        let drawn = "const done = arguments[arguments.length - 1]; \
                     requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
        visit.driver.execute_async(drawn, Vec::new()).await.expect("the page is drawn");
        let found = complaints(&visit).await;
        wrong.extend(found.into_iter().map(|it| format!("{theme} {lang}, {name}: {it}")));
    }
    visit.close().await;
    assert!(wrong.is_empty(), "axe-core complains: {wrong:#?}");
}

#[test]
fn axe_finds_nothing_in_the_dark_theme_in_english() {
    visit(look_everywhere("dark", "en"));
}

#[test]
fn axe_finds_nothing_in_the_light_theme_in_chinese() {
    visit(look_everywhere("light", "zh-Hans"));
}

#[test]
fn axe_finds_nothing_in_the_light_theme_in_english() {
    visit(look_everywhere("light", "en"));
}

#[test]
fn axe_finds_nothing_in_the_dark_theme_in_chinese() {
    visit(look_everywhere("dark", "zh-Hans"));
}

#[test]
fn single_keys_can_be_switched_off_and_stay_off() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        visit.press("?").await;
        visit.until("document.querySelector('dialog#keys').matches(':modal')").await;
        let inert = "!document.querySelector('#play').matches(':focus')";
        visit.until(inert).await;
        visit.click("#single-keys").await;
        visit.until("document.querySelector('#single-keys').ariaChecked === 'false'").await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#keys')").await;
        visit.press("2").await;
        visit.press("?").await;
        visit.press(Key::Right).await;
        visit.until("vivarium.state().position === 1").await;
        assert_eq!(visit.eval("document.querySelector('#keys')").await, Value::Null);
        let chosen = visit.eval("document.querySelector('#inspector-server')").await;
        assert_eq!(chosen, Value::Null, "no single key does anything");
        visit.go("").await;
        visit.press("2").await;
        visit.click("#keys-button").await;
        visit.until("document.querySelector('#single-keys').ariaChecked === 'false'").await;
        visit.click("#single-keys").await;
        visit.until("document.querySelector('#single-keys').ariaChecked === 'true'").await;
        visit.click("#keys-close").await;
        visit.until("document.activeElement.id === 'keys-button'").await;
        visit.press("2").await;
        visit.until("document.querySelector('#inspector-server[data-server=\"2\"]')").await;
        visit.close().await;
    });
}

#[test]
fn a_lecture_needs_nothing_but_a_remote() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        visit.driver.set_window_rect(0, 0, 1920, 1080).await.expect("a beamer's size");
        visit.press("p").await;
        visit.until("document.documentElement.dataset.present === 'on'").await;
        let size =
            visit.eval("parseFloat(getComputedStyle(document.querySelector('#say')).fontSize)");
        assert!(size.await.as_f64().is_some_and(|size| size >= 16.0), "projected text is large");
        // With the guide in view the remote walks through the guide: play a step, show the next.
        visit.press(Key::PageDown).await;
        visit.until("vivarium.state().playing || vivarium.state().position > 0").await;
        visit.press(Key::PageDown).await;
        visit.until("document.querySelector('#guide li[aria-current]').dataset.i === '2'").await;
        visit.press(Key::PageUp).await;
        visit.until("document.querySelector('#guide li[aria-current]').dataset.i === '1'").await;
        // Without it, from key event to key event.
        visit.press("[").await;
        visit.press(Key::Home).await;
        visit.until("vivarium.state().position === 0").await;
        visit.press(Key::PageDown).await;
        visit.until("vivarium.state().position > 0").await;
        let first = visit.eval("vivarium.state().position").await;
        visit.press(Key::PageDown).await;
        visit.until(&format!("vivarium.state().position > {first}")).await;
        visit.press(Key::PageUp).await;
        visit.until(&format!("vivarium.state().position === {first}")).await;
        for key in ["b", "."] {
            visit.press(key).await;
            visit.until("document.querySelector('#blank')").await;
            let covers = "document.elementFromPoint(innerWidth / 2, innerHeight / 2).id";
            assert_eq!(visit.eval(covers).await, json!("blank"), "nothing else can be seen");
            visit.press(key).await;
            visit.until("!document.querySelector('#blank')").await;
        }
        visit.press("b").await;
        visit.until("document.querySelector('#blank')").await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#blank')").await;
        visit.close().await;
    });
}

#[test]
fn a_screen_reader_hears_each_step_and_while_playing_only_key_events() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        let live = "document.querySelector('#live')";
        assert_eq!(visit.eval(&format!("{live}.ariaLive")).await, json!("polite"));
        visit.press(Key::Right).await;
        visit.until("vivarium.state().position === 1").await;
        assert_eq!(visit.text("#live").await, visit.text("#say").await);
        let named = visit.eval("document.querySelector('#server-3').ariaLabel").await;
        let named = named.as_str().unwrap_or_default().to_owned();
        assert!(named.starts_with("Server 3, "), "{named}");
        let hidden = "document.querySelector('#flights').getAttribute('aria-hidden')";
        assert_eq!(visit.eval(hidden).await, json!("true"), "the drawing itself is silent");
        let value = visit.eval("document.querySelector('#diagram').ariaValueText").await;
        let said = visit.text("#say").await;
        assert!(value.as_str().is_some_and(|value| value.ends_with(&said)), "{value}: {said}");
        visit.close().await;
    });
}

#[test]
fn text_of_twice_the_size_loses_nothing() {
    visit(async {
        let visit = Visit::open("", &["--blink-settings=defaultFontSize=32"]).await;
        visit.press(Key::Right).await;
        // Whatever is cut off and cannot be scrolled to is lost.
        let lost = "[...document.querySelectorAll('.top, .trans, .left .tabs, .dock')] \
                    .filter(it => it.getClientRects().length) \
                    .flatMap(it => [...it.querySelectorAll('button, select, summary')]) \
                    .filter(it => it.getClientRects().length && it.checkVisibility()) \
                    .filter(it => { const r = it.getBoundingClientRect(); \
                      it.scrollIntoView({ block: 'nearest', inline: 'nearest' }); \
                      const s = it.getBoundingClientRect(); \
                      return s.right > innerWidth + 1 || s.bottom > innerHeight + 1 \
                        || s.left < -1; }) \
                    .map(it => it.id || it.textContent)";
        assert_eq!(visit.eval(lost).await, json!([]), "these cannot be reached");
        visit.close().await;
    });
}

#[test]
fn on_a_phone_every_panel_has_room_to_be_used() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let phone = json!({
            "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true
        });
        let told = visit.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", phone).await;
        told.expect("the browser can be as small as a phone");
        visit.go("").await;
        let height = "Math.round(document.querySelector('[role=tabpanel]').clientHeight)";
        let room = visit.eval(height).await.as_u64();
        assert!(room >= Some(80), "the guide has {room:?} pixels beside the diagram");
        for tab in ["faults", "clients", "cfg", "check", "insp"] {
            visit.click(&format!("#t-{tab}")).await;
            visit.until(&format!("document.querySelector('#p-{tab}')")).await;
            let room = visit.eval(height).await.as_u64();
            assert!(room >= Some(180), "{tab} has {room:?} pixels");
            assert_eq!(visit.eval("document.querySelector('.st').offsetHeight").await, json!(0));
        }
        visit.click("#t-guide").await;
        visit.until("document.querySelector('.st').offsetHeight > 0").await;
        visit.close().await;
    });
}
