//! What a picture may touch while time flows: counted as changes of the document and not as time,
//! so that it holds on any machine.

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_sim::{Run, Setup, Timeline};
use vivarium_tests::browser::{Visit, visit};

/// Nine servers in the middle of their first election: messages under way, hundreds on the diagram.
fn election() -> String {
    let mut timeline = Timeline::new(Setup::watchable(9));
    let begun = timeline.run_until(10_000, |world, _| world.now().0 > 150_000);
    begun.expect("an election takes longer than that");
    let position = timeline.position();
    Run { position, ..timeline.run() }.to_link()
}

/// Watches so many pictures: what was changed, added and taken away.
const WATCH: &str = "const done = arguments[arguments.length - 1]; \
     const seen = { pictures: 0, slices: 0, flights: 0, moved: 0, plates: 0, many: 0, single: 0 }; \
     const canvas = document.querySelector('#flights canvas'); let last = ''; \
     const before = canvas.toDataURL(); const start = performance.now(); \
     const slice = it => (it.nodeType === 1 ? it : it.parentElement)?.closest('.slice'); \
     const watch = new MutationObserver(changes => { \
       const slices = new Set(); const plates = new Set(); \
       for (const { target } of changes) { \
         const element = target.nodeType === 1 ? target : target.parentElement; \
         if (slice(target)) slices.add(slice(target)); \
         if (target.id === 'flights' || target === canvas) seen.flights++; \
         const plate = element.closest('#plates .card'); \
         if (plate && !element.matches('.ring, .tm')) plates.add(plate); \
       } \
       seen.slices += slices.size; seen.plates += plates.size; \
     }); \
     watch.observe(document.querySelector('#app'), \
       { subtree: true, childList: true, attributes: true, characterData: true }); \
     const picture = () => { \
       const now = canvas.painted(); if (now !== last) seen.moved++; last = now; \
       seen.many = Math.max(seen.many, document.querySelectorAll('#diagram .slice').length); \
       seen.single += document.querySelectorAll('#diagram .ms').length; \
       if (++seen.pictures < 60) requestAnimationFrame(picture); \
       else { watch.disconnect(); seen.ms = Math.ceil(performance.now() - start); \
         seen.painted = canvas.toDataURL() !== before; done(seen); } }; \
     requestAnimationFrame(picture);";

async fn watched(visit: &Visit) -> Value {
    let found = visit.driver.execute_async(WATCH, Vec::new()).await.expect("pictures are drawn");
    found.json().clone()
}

/// Presses where the line of an arrow lies now; true if there is one.
const PRESS: &str = "(() => { \
     const path = [...document.querySelectorAll('#diagram .slice path')] \
       .find(it => it.getAttribute('fill') === 'none' && it.getTotalLength() > 40); \
     if (!path) return false; \
     const [x1, y1, x2, y2] = path.getAttribute('d').match(/-?[\\d.]+/g).slice(0, 4).map(Number); \
     const at = new DOMPoint((x1 + x2) / 2, (y1 + y2) / 2).matrixTransform(path.getScreenCTM()); \
     const edge = document.querySelector('#diagram .plot').getBoundingClientRect(); \
     const about = { bubbles: true, pointerId: 1, clientX: at.x, clientY: at.y }; \
     path.dispatchEvent(new PointerEvent('pointerdown', about)); \
     path.dispatchEvent(new PointerEvent('pointerup', about)); \
     return at.x > edge.left; })()";

/// Presses a message where it is painted; true if the canvas takes the pointer there.
const PICK: &str = "(() => { \
     const canvas = document.querySelector('#flights canvas'); \
     const edge = canvas.getBoundingClientRect(); \
     const place = /\"glyph\"[^>]*translate\\(([\\d.]+) ([\\d.]+)/g; \
     const places = [...canvas.painted().matchAll(place)]; \
     if (places.length === 0) return false; \
     const [, x, y] = places[0].map(Number); \
     const about = { bubbles: true, clientX: edge.left + x, clientY: edge.top + y }; \
     const under = () => document.elementFromPoint(about.clientX, about.clientY); \
     under().dispatchEvent(new PointerEvent('pointermove', about)); \
     const it = under(); \
     it.dispatchEvent(new MouseEvent('click', about)); \
     return it === canvas && canvas.title.includes('→'); })()";

/// Whether the pointer beside all messages goes through to the stage.
const BESIDE: &str = "(() => { \
     const canvas = document.querySelector('#flights canvas'); \
     const edge = canvas.getBoundingClientRect(); \
     const about = { bubbles: true, clientX: edge.left + 3, clientY: edge.bottom - 3 }; \
     canvas.dispatchEvent(new PointerEvent('pointermove', about)); \
     return document.elementFromPoint(about.clientX, about.clientY) !== canvas; })()";

/// What a picture of the stage holds of the messages that are painted: drawings, and pixels.
const TAKEN: &str = "const done = arguments[arguments.length - 1]; \
     import('/picture.js').then(({ picture }) => { \
       const { svg } = picture('stage'); \
       const drawn = new DOMParser().parseFromString(svg, 'image/svg+xml'); \
       const drawings = [...drawn.querySelectorAll('g[transform*=\"scale\"]')]; \
       const messages = drawings.filter(it => it.children.length > 0).length; \
       done({ messages, pixels: drawn.querySelectorAll('image').length }); });";

#[test]
fn while_time_flows_a_picture_changes_what_has_happened_and_nothing_else() {
    visit(async {
        let visit = Visit::open(&election(), &[]).await;
        let slow = "(() => { const it = document.querySelector('#speed'); \
             it.selectedIndex = [...it.options].findIndex(one => one.textContent === '1/50×'); \
             it.dispatchEvent(new Event('change', { bubbles: true })); })()";
        visit.eval(slow).await;
        let single = "document.querySelectorAll('#diagram .ms').length > 100";
        visit.until(single).await;

        visit.eval("document.activeElement.blur()").await;
        visit.press(" ").await;
        visit.until("document.querySelectorAll('#diagram .slice').length > 1").await;
        let seen = watched(&visit).await;
        let number = |name: &str| seen[name].as_u64().expect("a number");
        assert_eq!(number("single"), 0, "no arrow is an element of its own: {seen}");
        // Some ten moments a second are shown, each of which changes a slice or two.
        let pictures = number("pictures");
        assert!(number("moved") > pictures / 2, "messages move: {seen}");
        assert_eq!(number("flights"), 0, "and no element is touched for it: {seen}");
        assert!(number("slices") <= pictures, "slices stay as they are: {seen}");
        let moments = number("ms") / 100 + 2;
        assert!(number("plates") <= 9 * moments, "and so do plates: {seen}");
        assert_eq!(seen["painted"], json!(true), "what moves can be seen: {seen}");

        visit.until(PRESS).await;
        visit.until("document.querySelectorAll('#diagram .slice [data-cone]').length > 0").await;
        assert_eq!(visit.eval("vivarium.state().playing").await, json!(true), "time flows on");
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#diagram [data-cone]')").await;

        visit.until(PICK).await;
        visit.until("document.querySelector('#inspector-message')").await;
        visit
            .until("document.querySelector('#flights canvas').painted().includes('r=\"16\"')")
            .await;
        assert_eq!(visit.eval("vivarium.state().playing").await, json!(true), "time flows on");
        assert_eq!(visit.eval(BESIDE).await, json!(true), "what lies beneath can be reached");
        // A picture to take away holds every message as a drawing, in the theme's own colours.
        let taken = visit.driver.execute_async(TAKEN, Vec::new()).await.expect("it is drawn");
        let taken = taken.json().clone();
        assert!(taken["messages"].as_u64() > Some(3) && taken["pixels"] == 0, "{taken}");
        let look = "document.querySelector('#flights canvas').look";
        let before = visit.eval(look).await;
        visit.press("d").await;
        visit.until(&format!("{look} !== {before}")).await;
        visit.press(Key::Escape).await;

        visit.press(" ").await;
        visit.until(single).await;
        let standing = "document.querySelectorAll('#flights [data-message]').length > 3 \
                        && !document.querySelector('#flights canvas')";
        visit.until(standing).await;
        let slices = visit.eval("document.querySelectorAll('#diagram .slice').length").await;
        assert_eq!(slices, json!(0), "standing still, every arrow can be chosen by itself");
        visit.close().await;
    });
}
