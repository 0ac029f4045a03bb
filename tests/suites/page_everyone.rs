//! The page for everyone: axe-core finds nothing, every key of the list works, single keys can be
//! switched off, a lecturer needs nothing but a remote, and text may grow to twice its size.

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_protocol::message::{Message, Packet};
use vivarium_sim::{Condition, Flight, Setup, Timeline};
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

/// A single key, pressed wherever the focus is.
const PRESS: &str = "key => document.dispatchEvent(new KeyboardEvent('keydown', \
                     { key, bubbles: true }))";

/// Every state of the page that looks different: its name, the way there, and what is there then.
const VIEWS: [(&str, &str, &str); 19] = [
    ("the ensemble", "document.querySelector('#t-guide').click()", "#p-guide"),
    ("a server", "document.querySelector('#server-3').click()", "#inspector-server"),
    ("a message", "press('m')", "#inspector-message #bytes"),
    ("faults", "document.querySelector('#t-faults').click()", "#link-set"),
    ("the cut dialog", "press('x')", "#cut-dialog"),
    ("clients", "document.querySelector('#t-clients').click()", "#console-told li"),
    ("the checker", "document.querySelector('#t-check').click()", "#invariants .inv"),
    ("zoo.cfg", "document.querySelector('#t-cfg').click()", "#cfg"),
    ("elections", "press('a')", "#elections"),
    ("boot", "press('b')", "#boot"),
    ("the list of events", "press('e')", "#event-list .ev"),
    ("export", "document.querySelector('#export').open = true", "#export[open]"),
    ("keys", "document.querySelector('#keys-button').click()", "#keys"),
    // A lesson takes the run's place, so these come last.
    (
        "the front page",
        "(press('Escape'), document.querySelector('#t-guide').click())",
        ".questions button",
    ),
    ("the teacher's view", "document.querySelector('#open-teacher').click()", ".plan tbody tr"),
    ("writing a lesson", "document.querySelector('#write-lesson').click()", "#scene-begin"),
    ("a step that asks", "location.hash = 'lesson=L01.4'", "[data-choice]"),
    ("a step", "document.querySelector('[data-choice]').click()", "#lesson-verdict"),
    ("a task and a quiz", "document.querySelector('#task-begin-1').click()", "#task-check"),
];

/// Those that are closed again before the next.
const DIALOGS: [&str; 5] =
    ["the cut dialog", "elections", "boot", "the list of events", "the teacher's view"];

/// A run in which a client has been answered, and asks again: the proposal is on its way.
fn asked() -> String {
    let setup = Setup { participants: 5, tick_time_ms: 100, ..Setup::default() };
    let mut timeline = Timeline::new(setup);
    for line in ["c1 at 2", "c1 create /a \"1\"", "c1 get /a watch"] {
        timeline.run_until(2_000, |world, _| Condition::Settled.holds(world, None));
        timeline.command(line.parse().expect("a command")).expect("it fits the world");
    }
    timeline.run_until(2_000, |world, _| Condition::Answered(1).holds(world, None));
    timeline.command("c1 set /a \"2\"".parse().expect("a command")).expect("it fits the world");
    let proposal = |flight: &Flight| matches!(flight.message, Message::Packet(Packet::Proposal(_)));
    timeline.run_until(2_000, |world, _| world.flights().iter().any(proposal));
    timeline.run().to_link()
}

/// What axe finds in the page as it stands, with the name of it.
async fn look(visit: &Visit, name: &str, wrong: &mut Vec<String>) {
    // Two pictures: what was asked for is drawn in the first.
    let drawn = "const done = arguments[arguments.length - 1]; \
                 requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
    visit.driver.execute_async(drawn, Vec::new()).await.expect("the page is drawn");
    let found = complaints(visit).await;
    wrong.extend(found.into_iter().map(|it| format!("{name}: {it}")));
}

async fn look_everywhere(theme: &str, lang: &str) {
    let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
    let store = format!(
        "(localStorage.setItem('vivarium.theme', '{theme}'), \
         localStorage.setItem('vivarium.lang', '{lang}'))"
    );
    visit.eval(&store).await;
    let link = asked();
    visit.go(&link).await;
    visit.until("!vivarium.state().playing").await;
    bring_axe(&visit).await;
    visit.eval(&format!("(window.press = {PRESS}, true)")).await;
    let mut wrong = Vec::new();
    for (name, open, there) in VIEWS {
        // What is open is closed, as far as it can be.
        visit.eval("(document.querySelector('#export').open = false, true)").await;
        visit.eval(&format!("({open}, true)")).await;
        visit.until(&format!("document.querySelector('{there}')")).await;
        look(&visit, name, &mut wrong).await;
        if DIALOGS.contains(&name) {
            visit.eval("press('Escape')").await;
            visit.until(&format!("!document.querySelector('{there}')")).await;
        }
    }
    // The page within another page.
    let frame = format!("{}embed.html?theme={theme}#{link}~lang={lang}", visit.address);
    visit.driver.goto("about:blank").await.expect("a blank page opens");
    visit.driver.goto(frame).await.expect("the embedded page opens");
    visit.until("window.vivarium && document.querySelector('#plates .card') !== null").await;
    bring_axe(&visit).await;
    look(&visit, "embedded", &mut wrong).await;
    visit.close().await;
    assert!(wrong.is_empty(), "axe-core complains, {theme} {lang}: {wrong:#?}");
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
        // On the front page the first press shows an election.
        visit.press(Key::PageDown).await;
        visit.until("vivarium.state().playing || vivarium.state().position > 0").await;
        let step = "document.querySelector('#guide li[aria-current]')?.dataset.i";
        visit.until(&format!("{step} === '3'")).await;
        visit.press(Key::PageDown).await;
        visit.until(&format!("{step} === '4'")).await;
        visit.press(Key::PageUp).await;
        visit.until(&format!("{step} === '3'")).await;
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
        assert!(room >= Some(180), "the front page has {room:?} pixels");
        visit.click("#open-walk").await;
        visit.until("document.querySelector('#guide')").await;
        let room = visit.eval(height).await.as_u64();
        assert!(room >= Some(80), "the walk has {room:?} pixels beside the diagram");
        for tab in ["faults", "clients", "cfg", "check", "insp"] {
            visit.click(&format!("#t-{tab}")).await;
            visit.until(&format!("document.querySelector('#p-{tab}')")).await;
            let room = visit.eval(height).await.as_u64();
            assert!(room >= Some(180), "{tab} has {room:?} pixels");
            assert_eq!(visit.eval("document.querySelector('.st').offsetHeight").await, json!(0));
        }
        visit.click("#t-guide").await;
        visit.until("document.querySelector('.st').offsetHeight > 0").await;
        visit.click("#export summary").await;
        let cut_off = "[...document.querySelectorAll('.menu.export .btn')] \
            .filter(it => it.scrollWidth > it.clientWidth).map(it => it.textContent)";
        assert_eq!(visit.eval(cut_off).await, json!([]), "every export has room for its words");
        // What a lesson says of its newest step can be read without a finger.
        visit.go("lesson=L09.2").await;
        visit.until("document.querySelector('#lesson li[aria-current] .said')").await;
        let inside = "(() => { const box = it => it.getBoundingClientRect(); \
             const said = box(document.querySelector('#lesson li[aria-current] .said')); \
             const panel = box(document.querySelector('[role=tabpanel]')); \
             return said.top >= panel.top - 1 && said.bottom <= panel.bottom + 1; })()";
        visit.until(inside).await;
        visit.close().await;
    });
}

/// The page is shown as to somebody who asked their system for this.
async fn emulate(visit: &Visit, feature: &str, value: &str) {
    let ask = json!({ "features": [{ "name": feature, "value": value }] });
    let told = visit.driver.cdp().send_raw("Emulation.setEmulatedMedia", ask).await;
    told.expect("the browser can pretend");
    visit.until(&format!("matchMedia('({feature}: {value})').matches")).await;
}

/// A computed property of the first element that fits.
async fn style(visit: &Visit, css: &str, property: &str) -> String {
    let script =
        format!("getComputedStyle(document.querySelector('{css}')).getPropertyValue('{property}')");
    visit.eval(&script).await.as_str().unwrap_or_default().trim().to_owned()
}

#[test]
fn forced_colours_more_contrast_and_less_motion_are_what_the_page_then_shows() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let quiet = style(&visit, "html", "--ink-3").await;
        emulate(&visit, "prefers-contrast", "more").await;
        let strong = style(&visit, "html", "--ink-3").await;
        assert_ne!(quiet, strong, "quiet text is louder");

        visit.serve_clients().await;
        let leader = visit.eval("vivarium.state().leader").await;
        visit.click(&format!("#server-{leader}")).await;
        visit.press("k").await;
        visit.until(&format!("document.querySelector('#server-{leader}[data-state=DOWN]')")).await;
        emulate(&visit, "forced-colors", "active").await;
        // What fills said is said by lines: a role by its border, a choice by an outline.
        let down = format!("#server-{leader}");
        assert_eq!(style(&visit, &down, "border-top-style").await, "dashed");
        assert_eq!(style(&visit, &down, "outline-style").await, "solid", "it is the chosen one");
        let other = ".card[data-state=FOLLOWING]";
        assert_eq!(style(&visit, other, "border-top-style").await, "solid");
        let canvas = "(it => (it.style.color = 'CanvasText', document.body.append(it), \
                      getComputedStyle(it).color))(document.createElement('i'))";
        let text = visit.eval(canvas).await;
        assert_eq!(json!(style(&visit, other, "border-top-color").await), text);
        assert_eq!(json!(style(&visit, "#diagram text", "fill").await), text);

        emulate(&visit, "prefers-reduced-motion", "reduce").await;
        assert_eq!(style(&visit, "html", "--d-calm").await, "0ms");
        visit.go("").await;
        visit.click("#play").await;
        // From one step worth a look to the next: what is shown is always a step, never a way.
        let at_a_step = "(async ({ position, at }) => position === 0 || \
            (await vivarium.frames(position - 1, position))[0].at === at)(vivarium.state())";
        for wanted in [1, 3, 5] {
            visit.until(&format!("vivarium.state().position >= {wanted}")).await;
            assert_eq!(visit.eval(at_a_step).await, json!(true), "something is on its way");
        }
        visit.click("#play").await;
        visit.close().await;
    });
}

/// With half a line typed, and half a file.
async fn with_half_a_line_and_half_a_file(visit: &Visit) {
    visit.click("#t-clients").await;
    visit.click("#console-line").await;
    visit.press("create /half").await;
    visit.click("#lang-zh").await;
    visit.until("document.querySelector('#t-clients').textContent.includes('客户端')").await;
    let line = "document.querySelector('#console-line').value";
    assert_eq!(visit.eval(line).await, json!("create /half"));
    visit.click("#t-cfg").await;
    visit.until("document.querySelector('#cfg')").await;
    visit.eval("document.querySelector('#cfg').select()").await;
    visit.press("tickTime=soon").await;
    visit.until("document.querySelector('#cfg-errors')").await;
    let chinese = visit.text("#cfg-errors").await;
    visit.click("#lang-en").await;
    visit.until("document.querySelector('#cfg-errors').textContent.includes('line 1')").await;
    assert_ne!(visit.text("#cfg-errors").await, chinese);
    assert_eq!(visit.eval("document.querySelector('#cfg').value").await, json!("tickTime=soon"));
}

#[test]
fn the_language_changes_at_any_moment_and_nothing_else_does() {
    visit(async {
        let visit = Visit::open(&asked(), &[]).await;
        // While it plays.
        visit.press(Key::Home).await;
        visit.click("#play").await;
        visit.until("vivarium.state().position > 2").await;
        visit.press("l").await;
        visit.until("document.documentElement.lang === 'zh-Hans'").await;
        let then = visit.eval("vivarium.state().position").await;
        assert_eq!(visit.eval("vivarium.state().playing").await, json!(true));
        visit.until(&format!("vivarium.state().position > {then}")).await;
        visit.click("#play").await;
        visit.press(Key::End).await;
        visit.until("!vivarium.state().playing").await;
        let (hash, link) =
            (visit.eval("vivarium.hash()").await, visit.eval("vivarium.link()").await);

        // With a server chosen, the list of events open, and a side of a cut half chosen.
        visit.press("2").await;
        visit.press("e").await;
        visit.until("document.querySelector('#event-list .ev')").await;
        visit.press("x").await;
        visit.until("document.activeElement.id === 'cut-dialog'").await;
        visit.press("13").await;
        visit.until("document.querySelector('#pick-3[aria-pressed=true]')").await;
        visit.click("#lang-en").await;
        visit
            .until("document.querySelector('#cut-words').textContent.includes('can decide')")
            .await;
        let kept = "document.querySelector('#pick-1[aria-pressed=true]') && \
                    document.querySelector('#pick-3[aria-pressed=true]') && \
                    document.querySelector('#event-list .ev') && \
                    document.querySelector('#inspector-server[data-server=\"2\"]')";
        visit.until(kept).await;
        visit.press(Key::Escape).await;

        with_half_a_line_and_half_a_file(&visit).await;
        assert_eq!(visit.eval("vivarium.hash()").await, hash);
        assert_eq!(visit.eval("vivarium.link()").await, link);
        visit.close().await;
    });
}
