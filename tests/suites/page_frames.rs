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
     const seen = { pictures: 0, slices: 0, gone: 0, moved: 0, plates: 0, many: 0, single: 0 }; \
     const slice = it => (it.nodeType === 1 ? it : it.parentElement)?.closest('.slice'); \
     const watch = new MutationObserver(changes => { \
       const slices = new Set(); const plates = new Set(); \
       for (const { target, removedNodes, attributeName } of changes) { \
         const element = target.nodeType === 1 ? target : target.parentElement; \
         if (slice(target)) slices.add(slice(target)); \
         if (target.id === 'flights') seen.gone += removedNodes.length; \
         if (attributeName === 'style' && element.matches('#flights > .glyph')) seen.moved++; \
         const plate = element.closest('#plates .card'); \
         if (plate && !element.matches('.ring, .tm')) plates.add(plate); \
       } \
       seen.slices += slices.size; seen.plates += plates.size; \
     }); \
     watch.observe(document.querySelector('#app'), \
       { subtree: true, childList: true, attributes: true, characterData: true }); \
     const picture = () => { \
       seen.many = Math.max(seen.many, document.querySelectorAll('#diagram .slice').length); \
       seen.single += document.querySelectorAll('#diagram .ms').length; \
       if (++seen.pictures < 60) requestAnimationFrame(picture); \
       else { watch.disconnect(); done(seen); } }; \
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
        assert!(number("moved") > 0, "messages move: {seen}");
        assert_eq!(number("gone"), 0, "and none is built anew for it: {seen}");
        // Some ten moments a second are shown, each of which changes a slice or two.
        let pictures = number("pictures");
        assert!(number("slices") <= pictures, "slices stay as they are: {seen}");
        assert!(number("plates") <= 2 * pictures, "and so do plates: {seen}");

        visit.until(PRESS).await;
        visit.until("document.querySelectorAll('#diagram .slice [data-cone]').length > 0").await;
        assert_eq!(visit.eval("vivarium.state().playing").await, json!(true), "time flows on");
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#diagram [data-cone]')").await;

        visit.press(" ").await;
        visit.until(single).await;
        let slices = visit.eval("document.querySelectorAll('#diagram .slice').length").await;
        assert_eq!(slices, json!(0), "standing still, every arrow can be chosen by itself");
        visit.close().await;
    });
}
