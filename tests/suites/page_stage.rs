//! The stage: log strips and timers on plates, clients under them; and among many servers tiles,
//! groups, the plate and the links of the chosen one.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_sim::{Player, Run, Story};
use vivarium_tests::browser::{Visit, visit};

/// A link to a run of servers whose time is slow enough to watch.
fn link(ensemble: &str, lines: &[&str]) -> String {
    let speed = "tick=100 init=20 sync=4 latency=25000..60000 disk=4000..12000";
    let text = format!("ensemble {ensemble} {speed}\n{}\n", lines.join("\n"));
    Run::from_text(&text).expect("the lines are a run's").to_link()
}

#[test]
fn every_plate_has_its_log_in_the_same_columns_and_names_what_it_waits_for() {
    visit(async {
        // The leader, cut off with a write of its own, comes back; its neighbour was down.
        let lines = [
            "117 c1 at 1",
            "240 c1 create /a \"x\"",
            "285 crash 2",
            "300 c1 create /b \"x\"",
            "500 .",
        ];
        let visit = Visit::open(&link("5", &lines), &[]).await;
        let log = |id: u32| format!("document.querySelector('#server-{id}-log')");
        let zxids = |id| format!("[...{}.querySelectorAll('s[data-zxid]')]", log(id));
        let columns = |id| format!("{}.map(it => it.dataset.zxid).join()", zxids(id));
        visit.until(&format!("{}.length > 2", zxids(1))).await;
        for id in 2..=5 {
            assert_eq!(visit.eval(&columns(id)).await, visit.eval(&columns(1)).await, "{id}");
        }
        // The same column stands at the same place on its plate, whatever is before it.
        let place = |id| {
            format!(
                "Math.round({}.at(-1).getBoundingClientRect().left \
                 - document.querySelector('#server-{id}').getBoundingClientRect().left)",
                zxids(id)
            )
        };
        for id in 2..=5 {
            assert_eq!(visit.eval(&place(id)).await, visit.eval(&place(1)).await, "{id}");
        }
        let last = |id| format!("{}.at(-1).className", zxids(id));
        visit.until(&format!("{}.startsWith('c ')", last(5))).await;
        visit.until(&format!("{}.startsWith('none')", last(2))).await;
        let said = visit.eval(&format!("{}.title", log(5))).await.to_string();
        assert!(said.contains("committed"), "{said}");
        // By name, with ticks where ZooKeeper counts in ticks.
        let waits = "document.querySelector('#server-1 .tmr').textContent";
        visit.until(&format!("/^syncLimittick [1-4] of 4/.test({waits})")).await;
        let leader = "document.querySelector('.card.is-LEADING .tmr').textContent";
        // A leader's half ticks by what they are for: every other one counts who is heard.
        let step = "(document.querySelector('#step-forward').click(), false)";
        for name in ["ping roundtick . 2", "sync checktick", "ping roundtick . 2"] {
            let names = format!("/^{name}[0-9]+ ms left/.test({leader})");
            visit.until(&format!("{names} || {step}")).await;
        }
        visit.press("l").await;
        visit.until(&format!("/^syncLimit第 [1-4]\\/4 个 tick/.test({waits})")).await;
        // Nine plates have less room, and the name is there all the same, uncut.
        visit.go(&link("9", &["300 ."])).await;
        visit.until("document.querySelectorAll('.card.compact .tmr b').length === 9").await;
        let cut = "[...document.querySelectorAll('.tmr')].filter(it => it.scrollWidth > \
                   it.clientWidth + 1).length";
        assert_eq!(visit.eval(cut).await, json!(0), "no timer is cut off");
        visit.close().await;
    });
}

#[test]
fn each_client_of_a_server_is_seen_and_the_rest_are_counted_and_listed() {
    visit(async {
        let lines = [
            "300 c1 at 1",
            "300 c2 at 1",
            "300 c3 at 1",
            "300 c4 at 1",
            "300 c5 at 1",
            "460 c4 get / watch",
            "520 c5 create /a \"x\"",
            "525 .",
        ];
        let visit = Visit::open(&link("5", &lines), &[]).await;
        let pills = "[...document.querySelectorAll('#clients-1 .client')]";
        visit.until(&format!("{pills}.length === 4")).await;
        let shown = format!("{pills}.map(it => it.id).join()");
        assert_eq!(visit.eval(&shown).await, json!("client-1,client-2,client-5,"));
        assert_eq!(visit.text("#clients-1 .more").await, "and 2 more");
        assert_eq!(visit.text("#client-5 code").await, "create");
        // By keyboard: Enter opens the list, Escape closes it and leaves the focus.
        visit.eval("document.querySelector('#client-2').focus()").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelectorAll('#client-list tbody tr').length === 5").await;
        let cell = |client: u32, column: u32| {
            format!("#client-list tr[data-client='{client}'] td:nth-child({column})")
        };
        assert!(visit.text(&cell(1, 2)).await.starts_with("0x"), "a session");
        assert_eq!(visit.text(&cell(4, 5)).await, "/", "a watch");
        assert_eq!(visit.text(&cell(5, 4)).await, "create /a", "what is pending");
        let seen = visit.text(&cell(4, 3)).await;
        assert!(seen.contains('|') && seen != "0|0", "the last zxid: {seen}");
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#client-list')").await;
        assert_eq!(visit.eval("document.activeElement.id").await, json!("client-2"));
        visit.close().await;
    });
}

#[test]
fn a_hundred_and_one_servers_stand_as_tiles_and_a_chosen_one_shows_its_plate() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.click("#size-101").await;
        visit.until("document.querySelectorAll('#plates .tile').length === 101").await;
        assert_eq!(
            visit.eval("document.querySelectorAll('#flights [data-message]').length").await,
            json!(0)
        );
        visit.until("document.querySelector('#inspector-ensemble')").await;
        visit.press(Key::Right).await;
        visit.until("vivarium.state().position === 1").await;
        let groups = "[...document.querySelectorAll('.maj .seg')].map(it => +it.textContent)";
        let sum = format!("{groups}.reduce((a, b) => a + b, 0)");
        visit.until(&format!("{groups}.length === 2")).await;
        assert_eq!(visit.eval(&sum).await, json!(101), "every voter is in one group");
        let clear = "(() => { const box = it => it.getBoundingClientRect(); \
             const tick = box(document.querySelector('.maj .t')); \
             return [...document.querySelectorAll('.maj .seg')].every(it => { \
               const words = document.createRange(); words.selectNodeContents(it); \
               return box(words).right < tick.left || box(words).left > tick.right; }); })()";
        assert_eq!(visit.eval(clear).await, json!(true), "no count stands on the tick");
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

#[test]
fn a_link_lists_what_is_under_way_on_it_and_each_message_can_be_picked_by_keyboard() {
    visit(async {
        // A crash, two writes and a return: the leader sends the train of a synchronisation.
        let lines = [
            "117 c1 at 1",
            "240 c1 create /a \"x\"",
            "285 crash 2",
            "300 c1 create /b \"x\"",
            "500 start 2",
            "501 .",
        ];
        let visit = Visit::open(&link("5", &lines), &[]).await;
        visit.click("#until summary").await;
        visit.click("#until-5").await;
        visit.until("!vivarium.state().playing && document.querySelector('#link-5-2')").await;
        visit.eval("document.querySelector('#link-5-2').focus()").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelectorAll('#on-link li').length > 2").await;
        let count = visit.eval("document.querySelectorAll('#on-link li').length").await;
        visit.until("document.querySelector('[data-link=\"5>2\"] .chosen')").await;
        visit.until("document.querySelector('#diagram [data-chosen]')").await;
        // Down the list by Tab; Enter picks, and the focus stays in the list.
        visit.eval("document.querySelector('#on-link li:nth-child(3) button').focus()").await;
        let picked = visit.eval("document.activeElement.dataset.message").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#inspector-message')").await;
        visit.until("document.activeElement.id === 'pick-current'").await;
        let current = "document.querySelector('#on-link [aria-current]').dataset.message";
        assert_eq!(visit.eval(current).await, picked);
        let still = visit.eval("document.querySelectorAll('#on-link li').length").await;
        assert_eq!(still, count, "the others can still be picked");
        // On the stage it is unfolded from its train and ringed, in the diagram it stands out.
        let on_stage = format!("document.querySelector('#flights [data-message={picked}]')");
        visit.until(&format!("{on_stage} && {on_stage}.querySelector('circle[r=\"16\"]')")).await;
        let in_diagram = format!("#diagram [data-message={picked}]");
        let chosen = format!("document.querySelector({}).dataset.chosen", json!(in_diagram));
        assert_eq!(visit.eval(&chosen).await, json!("yes"));
        // The same with the mouse, on the line itself.
        visit.press(Key::Escape).await;
        visit.until("document.querySelector('#inspector-ensemble')").await;
        let line = "document.querySelector('[data-link=\"5>2\"] path')";
        let event = "new MouseEvent('click', { bubbles: true })";
        visit.eval(&format!("{line}.dispatchEvent({event})")).await;
        visit.until("document.querySelector('#inspector-link')").await;
        visit.close().await;
    });
}

#[test]
fn among_many_servers_clients_fences_and_one_way_cuts_are_drawn() {
    visit(async {
        let side: Vec<String> = (14..=30).map(|id| id.to_string()).collect();
        let rest: Vec<String> =
            (1..=51).filter(|id| !(14..=30).contains(id)).map(|id| id.to_string()).collect();
        let split = format!("63 partition {} / {}", side.join(","), rest.join(","));
        let lines = ["60 c1 at 3", "61 c2 at 3", "62 c3 at 7", &split, "64 cut 1>2", "70 ."];
        let visit = Visit::open(&link("51", &lines), &[]).await;
        visit.until("document.querySelectorAll('#plates .tile').length === 51").await;
        assert_eq!(visit.text("#server-3 .tile-clients").await, "c×2");
        assert_eq!(visit.text("#server-7 .tile-clients").await, "c3");
        visit.until("document.querySelectorAll('.tile-fence').length === 1").await;
        assert_eq!(visit.eval("document.querySelector('.tile-cuts').dataset.count").await, "1");
        visit.until("document.querySelector('.cut-bar[data-cut=\"1>2\"]')").await;
        let words = visit.text("#cuts-in-words").await;
        assert_eq!(words, "partition 17 servers | 34 servers; cut 1 → 2");
        // The chosen one's clients hang under its plate.
        visit.click("#server-3").await;
        visit.until("document.querySelectorAll('#clients-3 .client').length === 2").await;
        visit.click("#client-1").await;
        visit.until("document.querySelectorAll('#client-list tbody tr').length === 2").await;
        visit.close().await;
    });
}

#[test]
fn no_word_of_the_narration_is_cut_off_and_a_breach_is_told_where_it_happened() {
    visit(async {
        // The exhibit in which a server acknowledges what is not on its disk.
        let exhibit = "v1.RcpBCsIwFITh_TvF0AMoSWqajWcpr8mI0qiQF8HjW1Hobvjm58N4XyoRYGQ5uwmaV5sXXp6Nc\
                       3k13V45BWQH7QgSI8rNVjhY11pZJE4_8bukb54btRNHxfAeJPkN1K5wksb_9JIiDvIB";
        let visit = Visit::open(exhibit, &[]).await;
        // It is opened behind the breach; a jump from the beginning lands on it.
        visit.until("vivarium.state().position === 86").await;
        visit.press(Key::Home).await;
        visit.until("vivarium.state().position === 0").await;
        visit.press("j").await;
        visit.press("5").await;
        visit.until("vivarium.state().position === 57").await;
        let rule = "document.querySelector('#diagram .broken[data-broken=\"57\"] path')";
        visit.until(rule).await;
        let middle =
            |of: &str| format!("(box => box.left + box.width / 2)({of}.getBoundingClientRect())");
        let head = "document.querySelector('#diagram .playhead line')";
        let apart = format!("Math.abs({} - {})", middle(rule), middle(head));
        assert!(visit.eval(&apart).await.as_f64().expect("pixels") < 1.5, "rule and playhead");
        assert_eq!(visit.text("#diagram .broken text").await, "broken");
        visit.until("document.querySelector('#say-broken').textContent.includes('broken')").await;
        // In Chinese the sentence is Chinese too, with the same values.
        let english = visit.text("#say-broken span").await;
        visit.click("#lang-zh").await;
        visit.until("document.querySelector('#say-broken').textContent.includes('被破坏')").await;
        visit.until("!document.querySelector('#say-broken span').lang").await;
        let chinese = visit.text("#say-broken span").await;
        assert!(!chinese.contains("before") && chinese.ends_with('。'), "{chinese}");
        let values = |words: &str| -> Vec<String> {
            let mut found: Vec<String> = words
                .split(|c: char| !(c.is_ascii_digit() || c == '|'))
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect();
            found.sort();
            found
        };
        assert_eq!(values(&chinese), values(&english), "{english} {chinese}");
        visit.click("#lang-en").await;
        // Whatever is said, in either language, nothing of it is hidden.
        let hidden = "(it => it.scrollHeight > it.clientHeight + 1 || it.scrollWidth > \
                      it.clientWidth + 1)(document.querySelector('#say'))";
        for language in ["en", "zh"] {
            visit.click(&format!("#lang-{language}")).await;
            for step in [10, 40, 57, 86] {
                visit.eval(&format!("vivarium.seek({step})")).await;
                visit.until(&format!("vivarium.state().position === {step}")).await;
                assert_eq!(visit.eval(hidden).await, json!(false), "{language} {step}");
            }
        }
        let lines = "getComputedStyle(document.querySelector('#say')).webkitLineClamp";
        assert_eq!(visit.eval(lines).await, json!("none"));
        visit.close().await;
    });
}

#[test]
fn a_control_that_cannot_be_used_says_what_it_would_need() {
    visit(async {
        let visit = Visit::open(&link("5", &["20 c1 at 1", "300 ."]), &[]).await;
        visit.press("x").await;
        visit.until("document.querySelector('#cut-dialog')").await;
        let silent = "[...document.querySelectorAll('[disabled]')].filter(it => !it.title || \
                      !document.getElementById(it.getAttribute('aria-describedby'))?.textContent)\
                      .map(it => it.id).join()";
        let disabled = "document.querySelectorAll('[disabled]').length";
        visit.until(&format!("{disabled} === 4")).await;
        assert_eq!(visit.eval(silent).await, json!(""));
        visit.press("1").await;
        visit.until(&format!("{disabled} === 3")).await;
        assert_eq!(visit.eval(silent).await, json!(""));
        visit.press(Key::Escape).await;
        visit.press("1").await;
        visit.click("#t-faults").await;
        visit.until(&format!("{disabled} > 0")).await;
        assert_eq!(visit.eval(silent).await, json!(""));
        visit.click("#t-clients").await;
        visit.until("document.querySelector('#console-await')?.disabled").await;
        assert_eq!(visit.eval(silent).await, json!(""));
        visit.close().await;
    });
}

#[test]
fn the_dock_is_as_high_as_the_reader_wants_it_by_keyboard_and_pointer_and_stays_so() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let height = "Math.round(document.querySelector('.dock').getBoundingClientRect().height)";
        let edge = |name: &str| format!("document.querySelector('#dock-edge').ariaValue{name}");
        assert_eq!(visit.eval(height).await, json!(264));
        visit.eval("document.querySelector('#dock-edge').focus()").await;
        for (key, then) in [(Key::Up, 280), (Key::Down, 264), (Key::Home, 180), (Key::End, 480)] {
            visit.press(key).await;
            visit.until(&format!("{} === '{then}'", edge("Now"))).await;
            // On a low page the stage keeps a part of the room.
            let shown = format!("{height} === Math.min({then}, Math.round(innerHeight * 0.62))");
            visit.until(&shown).await;
        }
        assert_eq!(visit.eval("vivarium.state().position").await, json!(0), "time stands still");
        let ends = format!("[{}, {}].join()", edge("Min"), edge("Max"));
        assert_eq!(visit.eval(&ends).await, json!("180,480"));
        let edge_element = visit.driver.find(By::Id("dock-edge")).await.expect("there is an edge");
        let pull = visit.driver.action_chain().click_and_hold_element(&edge_element);
        pull.move_by_offset(0, 40).release().perform().await.expect("it can be pulled");
        visit.until(&format!("{} < 460 && {} > 340", edge("Now"), edge("Now"))).await;
        let kept = visit.eval(&edge("Now")).await;
        visit.driver.refresh().await.expect("the page is loaded again");
        visit.until("document.querySelector('#dock-edge')").await;
        assert_eq!(visit.eval(&edge("Now")).await, kept, "the browser remembers it");
        // The presentation view has a height of its own, and fewer controls.
        visit.eval("document.activeElement.blur()").await;
        visit.press("p").await;
        visit.until("document.documentElement.dataset.present === 'on'").await;
        let seen = "['#dock-edge', '#export', '#sizes', '#branches'].filter(it => \
                    document.querySelector(it)?.checkVisibility()).join()";
        assert_eq!(visit.eval(seen).await, json!(""));
        visit.close().await;
    });
}

#[test]
fn who_was_removed_has_no_vote_from_then_on_and_the_majority_is_that_of_the_rest() {
    visit(async {
        let text = include_str!("../stories/reconfiguration/leader_leaves.story");
        let outcome = Player::play(&text.parse::<Story>().expect("it is a story"));
        let link = outcome.expect("it can be played").run.to_link();
        let visit = Visit::open(&link, &[]).await;
        let voters = "[...document.querySelectorAll('.maj > i')].map(it => it.textContent).join()";
        visit.eval("vivarium.seek(60)").await;
        visit.until(&format!("{voters}.split(',').length === 3")).await;
        visit.eval("vivarium.seek(140)").await;
        visit.until(&format!("{voters} === '2,1'")).await;
        let said = |what: &str| format!("document.querySelector('{what}').textContent");
        assert_eq!(visit.eval(&said(".maj > .tl")).await, json!("majority: 2 of 2"));
        let members = visit.eval(&said(".ihead p")).await;
        let members = members.as_str().unwrap_or_default();
        assert!(members.starts_with("2 voting members, 1 without a vote"), "{members}");
        let clear = "(() => { const words = document.querySelector('.maj > .tl')\
             .getBoundingClientRect(); return [...document.querySelectorAll('#plates .card')]\
             .map(it => it.getBoundingClientRect()).every(it => it.left > words.right \
             || it.right < words.left || it.top > words.bottom); })()";
        assert_eq!(visit.eval(clear).await, json!(true), "no plate lies on the words");
        visit.click("#server-3").await;
        visit.until(&format!("{}.includes('without a vote')", said(".ihead p"))).await;
        visit.close().await;
    });
}
