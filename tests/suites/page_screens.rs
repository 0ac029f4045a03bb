//! Every screen has its arrangement: a phone upright and on its side, an upright tablet; and on
//! none of them does one thing lie on another.

use serde_json::{Value, json};
use vivarium_tests::browser::{Visit, visit};

/// The page on a screen of this size, in pixels.
async fn on_screen(width: u32, height: u32, hash: &str) -> Visit {
    let visit = Visit::open("", &[]).await;
    turn(&visit, width, height).await;
    visit.go(hash).await;
    visit
}

async fn turn(visit: &Visit, width: u32, height: u32) {
    let screen = json!({
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 900
    });
    let told = visit.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await;
    told.expect("the browser can be of any size");
}

/// An element's `[left, top, right, bottom]`, in whole pixels.
async fn edges(visit: &Visit, css: &str) -> [i64; 4] {
    let script = format!(
        "(r => [r.left, r.top, r.right, r.bottom].map(Math.round))\
         (document.querySelector('{css}').getBoundingClientRect())"
    );
    let edges: Value = visit.eval(&script).await;
    serde_json::from_value(edges).expect("four numbers")
}

#[test]
fn on_a_phone_no_event_loses_a_word_and_ways_to_cut_stand_in_rows_of_two() {
    visit(async {
        let visit = on_screen(390, 844, "").await;
        visit.serve_clients().await;
        visit.press("e").await;
        visit.until("document.querySelectorAll('.ev').length > 10").await;
        let cut = "[...document.querySelectorAll('.ev')].filter(it => \
            it.lastElementChild.scrollHeight > it.clientHeight || \
            it.lastElementChild.scrollWidth > it.lastElementChild.clientWidth)\
            .map(it => it.textContent)";
        assert_eq!(visit.eval(cut).await, json!([]), "every sentence is there to its end");
        let wrapped = "[...document.querySelectorAll('.ev span:last-child')]\
            .filter(it => it.offsetHeight > 20).length > 3";
        assert_eq!(visit.eval(wrapped).await, json!(true), "long ones take a second row");
        let [.., bottom] = edges(&visit, "[role=tablist]").await;
        assert_eq!(bottom, 844, "and the tabs stay where they are");
        // A line chosen by key is the line that is seen.
        visit.press(thirtyfour::Key::Home).await;
        visit.until("document.querySelector('#event-1[aria-selected=true]')").await;
        let [_, top, _, bottom] = edges(&visit, "#event-1").await;
        let [_, first, _, last] = edges(&visit, "#event-list").await;
        assert!(first <= top && bottom <= last, "{top}..{bottom} in {first}..{last}");
        visit.press("e").await;
        visit.press("x").await;
        visit.until("document.querySelectorAll('.cut-ways button').length === 4").await;
        let rows = "new Set([...document.querySelectorAll('.cut-ways button')]\
            .map(it => it.offsetTop)).size";
        assert_eq!(visit.eval(rows).await, json!(2), "no button stands in a row of its own");
        visit.close().await;
    });
}

#[test]
fn a_phone_on_its_side_has_the_stage_left_and_the_rest_right_of_it() {
    visit(async {
        let visit = on_screen(844, 390, "").await;
        visit.serve_clients().await;
        let [_, top, right, bottom] = edges(&visit, "#stage").await;
        assert!(bottom == 390 && right < 500, "the stage reaches down: {bottom}, {right}");
        for css in [".dock", ".left"] {
            let [left, ..] = edges(&visit, css).await;
            assert!(left >= right, "{css} begins at {left}, right of the stage's {right}");
        }
        let plates = "[...document.querySelectorAll('.card')].map(it => it.offsetHeight)";
        let plates: Vec<i64> = serde_json::from_value(visit.eval(plates).await).expect("heights");
        assert!(plates.iter().all(|height| *height > 50), "plates and not tiles: {plates:?}");
        assert!(top < 60);
        // A server chosen by key is inspected there, in the diagram's place.
        visit.press("3").await;
        visit.until("document.querySelector('#p-insp h2').textContent.includes('3')").await;
        let room = visit.eval("document.querySelector('#p-insp').clientHeight").await;
        assert!(room.as_i64() >= Some(100), "the inspector has {room} pixels");
        // Upright again, all of it stands as on any phone.
        turn(&visit, 390, 844).await;
        visit.until("document.querySelector('#stage').offsetWidth === 390").await;
        visit.close().await;
    });
}

#[test]
fn an_upright_tablet_shows_the_chosen_server_and_the_inspector_at_once() {
    visit(async {
        let visit = on_screen(768, 1024, "").await;
        visit.serve_clients().await;
        visit.press("4").await;
        visit.until("document.querySelector('.right.open #connections')").await;
        let [.., inspector, _] = edges(&visit, ".right").await;
        let [plate, ..] = edges(&visit, "#server-4").await;
        assert!(inspector <= plate, "the inspector ends at {inspector}, the plate is at {plate}");
        let cut = "[...document.querySelectorAll('.right .vars dd')].filter(it => \
            it.scrollWidth > it.clientWidth + 1).map(it => it.textContent)";
        assert_eq!(visit.eval(cut).await, json!([]), "every value is there to its end");
        let covered = "[...document.querySelectorAll('#connections .vote')].filter(it => \
            it.children[0].getBoundingClientRect().right > \
            it.children[1].getBoundingClientRect().left).length";
        assert_eq!(visit.eval(covered).await, json!(0), "no coin lies on a word");
        visit.close().await;
    });
}

#[test]
fn on_a_small_laptop_the_inspector_stands_beside_the_stage_and_covers_no_server() {
    visit(async {
        let visit = on_screen(1024, 768, "").await;
        visit.serve_clients().await;
        visit.press("4").await;
        visit.until("document.querySelector('.right.open #connections')").await;
        let covered = "(() => { const box = it => it.getBoundingClientRect(); \
             const hits = (a, b) => a.left < b.right && b.left < a.right \
               && a.top < b.bottom && b.top < a.bottom; \
             const others = ['.right', '.left', '.ens'].map(it => \
               box(document.querySelector(it))); \
             return [...document.querySelectorAll('#plates .card')].map(box) \
               .filter(it => others.some(other => hits(it, other))).length; })()";
        visit.until(&format!("{covered} === 0")).await;
        let tabs = "(it => it.scrollWidth - it.clientWidth)(document.querySelector('.tabs'))";
        assert_eq!(visit.eval(tabs).await, json!(0), "every tab is there to its end");
        visit.press(thirtyfour::Key::Escape).await;
        visit.until("!document.querySelector('.right.open')").await;
        visit.close().await;
        // A low page leaves the stage room for more than a row of tiles.
        let visit = on_screen(1280, 480, "").await;
        let height = "document.querySelector('#stage').getBoundingClientRect().height";
        assert!(visit.eval(height).await.as_f64() > Some(200.0));
        visit.close().await;
    });
}

/// What lies on what it should not, on the stage as it is: names on messages, plates and names,
/// numbers of trains on plates, messages on plates and on each other.
const LIES_ON: &str = r#"(() => {
    const box = it => it.getBoundingClientRect();
    const all = css => [...document.querySelectorAll(css)];
    const hits = (a, b) => a.left < b.right && b.left < a.right
        && a.top < b.bottom && b.top < a.bottom;
    const plates = all('#plates .card').map(box);
    const names = all('#flights .tag').map(box);
    const glyphs = all('#flights circle[r=\"18\"]')
        .filter(it => !it.parentElement.hasAttribute('opacity'));
    // The shape reaches nine of the eighteen units from the middle within which it is picked.
    const shape = it => (r => {
        const [x, y, reach] = [r.left + r.width / 2, r.top + r.height / 2, r.width / 4];
        return { left: x - reach, right: x + reach, top: y - reach, bottom: y + reach };
    })(box(it));
    const shapes = glyphs.map(shape);
    const numbers = all('#flights .glyph rect[rx=\"7\"]').map(box);
    const apart = (a, b) => Math.hypot(a.left + a.right - b.left - b.right,
        a.top + a.bottom - b.top - b.bottom) / 2;
    const wrong = [];
    names.forEach((name, i) => {
        if (shapes.some(one => hits(name, one))) wrong.push('a name on a message');
        if (plates.some(one => hits(name, one))) wrong.push('a name on a plate');
        if (names.some((one, j) => j < i && hits(name, one))) wrong.push('a name on a name');
    });
    if (numbers.some(it => plates.some(one => hits(it, one)))) wrong.push('a number on a plate');
    shapes.forEach((it, i) => {
        const inside = one => it.right - 3 > one.left && it.left + 3 < one.right
            && it.bottom - 3 > one.top && it.top + 3 < one.bottom;
        if (plates.some(inside)) wrong.push('a message on a plate');
        const close = (one, j) => j < i && apart(it, one) < 9;
        if (shapes.some(close)) wrong.push('messages on each other');
    });
    return { wrong, named: names.length, seen: shapes.length };
})()"#;

#[test]
fn round_a_leader_in_its_crowd_no_word_and_no_message_lies_on_another_or_on_a_plate() {
    visit(async {
        for (width, height, servers) in [(1440, 900, 5), (1440, 900, 9), (390, 844, 5)] {
            let visit = on_screen(width, height, "").await;
            visit.click(&format!("#size-{servers}")).await;
            visit.until(&format!("document.querySelectorAll('.card').length === {servers}")).await;
            visit.serve_clients().await;
            // From the middle of the synchronisation on, a step at a time.
            let (mut named, mut seen) = (0, 0);
            for _ in 0..24 {
                let step = "Number(document.querySelector('#step').dataset.step)";
                let before = visit.eval(step).await;
                visit.press(thirtyfour::Key::Left).await;
                visit.until(&format!("{step} === {before} - 1")).await;
                let look = visit.eval(LIES_ON).await;
                assert_eq!(look["wrong"], json!([]), "{servers} servers on {width}x{height}");
                named += look["named"].as_u64().unwrap_or(0);
                seen += look["seen"].as_u64().unwrap_or(0);
            }
            assert!(seen > 60, "it is a crowd: {seen}");
            assert!(width < 900 || named > 8, "and many have their name: {named}");
            visit.close().await;
        }
    });
}
