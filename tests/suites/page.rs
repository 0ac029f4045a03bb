//! The page in a real Chromium: what a visitor sees, does, shares and comes back to.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_sim::{Run, Timeline};
use vivarium_tests::browser::{Visit, visit};

/// The hash of a link's run, as the simulator finds it without a browser.
fn native_hash(link: &str) -> String {
    let run = Run::from_link(link).expect("the page's link can be opened");
    format!("{:016x}", Timeline::from_run(run).world().hash())
}

#[test]
fn a_visitor_plays_and_sees_the_first_election_to_its_end() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        assert_eq!(visit.text("#headline").await, "No leader");
        visit.click("#play").await;
        visit.until("document.querySelector('#flights canvas')?.painted?.()").await;
        visit.until("Number(document.querySelector('#step').dataset.step) > 3").await;
        visit.click("#play").await;
        visit.until("!vivarium.state().playing").await;
        visit.serve_clients().await;
        let leader = visit.eval("vivarium.state().leader").await;
        assert_eq!(visit.text("#headline").await, format!("Leader {leader}, epoch 1"));
        let plate = format!("#server-{leader}[data-state=LEADING]");
        visit.until(&format!("document.querySelector('{plate}')")).await;
        let said = visit.text("#say").await;
        assert!(said.contains("Epoch 1 stands"), "{said}");
        visit.close().await;
    });
}

#[test]
fn a_step_back_and_a_step_forward_meet_in_the_same_state() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.click("#play").await;
        visit.click("#play").await;
        visit.until("!vivarium.state().playing").await;
        let mut states = vec![(visit.state().await, visit.text("#say").await)];
        for _ in 0..25 {
            visit.click("#step-back").await;
            states.push((visit.state().await, visit.text("#say").await));
        }
        let positions: Vec<i64> =
            states.iter().filter_map(|(state, _)| state["position"].as_i64()).collect();
        assert!(positions.windows(2).all(|pair| pair[0] == pair[1] + 1), "{positions:?}");
        states.pop();
        for (state, said) in states.into_iter().rev().filter(|(state, _)| state["playing"] == false)
        {
            visit.click("#step-forward").await;
            let now = visit.state().await;
            assert_eq!(now["hash"], state["hash"], "at {}", state["position"]);
            assert_eq!(now["servers"], state["servers"], "at {}", state["position"]);
            assert_eq!(visit.text("#say").await, said);
        }
        visit.close().await;
    });
}

#[test]
fn a_link_opens_in_a_fresh_profile_with_the_hash_that_the_run_has_natively() {
    visit(async {
        let first = Visit::open("", &[]).await;
        first.serve_clients().await;
        first.click("#server-2").await;
        first.click("#t-faults").await;
        first.click("#act-crash").await;
        first.click("#t-clients").await;
        first.click("#new-client").await;
        first.click("#play").await;
        first.until("vivarium.state().position > 200 || !vivarium.state().playing").await;
        first.click("#play").await;
        first.until("!vivarium.state().playing").await;
        first.click("#share").await;
        first.until("document.querySelector('#toast')").await;
        let state = first.state().await;
        let link = first.eval("location.hash.slice(1)").await;
        let link = link.as_str().expect("the address names the run").to_owned();
        first.close().await;

        assert_eq!(native_hash(&link), state["hash"], "the same run natively");
        let second = Visit::open(&link, &[]).await;
        let there = second.state().await;
        assert_eq!(there["hash"], state["hash"]);
        assert_eq!(there["servers"], state["servers"]);
        assert_eq!(there["position"], state["position"]);
        second.close().await;
    });
}

#[test]
fn the_leader_crashes_another_takes_over_and_the_old_one_comes_back() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        let leader = visit.eval("vivarium.state().leader").await;
        visit.click(&format!("#server-{leader}")).await;
        visit.click("#t-faults").await;
        visit.click("#act-crash").await;
        visit.until(&format!("document.querySelector('#server-{leader}[data-state=DOWN]')")).await;
        visit.serve_clients().await;
        let next = visit.eval("vivarium.state().leader").await;
        assert_ne!(next, leader, "another server leads");
        assert_eq!(visit.text("#headline").await, format!("Leader {next}, epoch 2"));
        visit.click("#act-crash").await;
        visit.click("#play").await;
        let back = format!(
            "vivarium.state().servers.some(it => it.id === {leader} && it.state === 'FOLLOWING')"
        );
        visit.until(&back).await;
        visit.click("#play").await;
        visit.close().await;
    });
}

#[test]
fn language_and_theme_change_at_once_and_are_kept() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.click("#next-key").await;
        let english = visit.text("#say").await;
        let dark = visit.eval("getComputedStyle(document.body).backgroundColor").await;
        visit.click("#lang-zh").await;
        visit.until("document.documentElement.lang === 'zh-Hans'").await;
        assert_eq!(visit.text("#headline").await, "没有 Leader");
        assert_ne!(visit.text("#say").await, english);
        visit.click("#theme").await;
        assert_ne!(visit.eval("getComputedStyle(document.body).backgroundColor").await, dark);
        visit.go("").await;
        assert_eq!(visit.text("#headline").await, "没有 Leader");
        let theme = visit.eval("document.documentElement.dataset.theme").await;
        let kept = visit.eval("localStorage.getItem('vivarium.theme')").await;
        assert_eq!(theme, kept);
        visit.close().await;
    });
}

#[test]
fn everything_needed_can_be_done_by_keyboard_alone() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        visit.press(Key::Right).await;
        visit.until("vivarium.state().position === 1").await;
        visit.press(Key::Left).await;
        visit.until("vivarium.state().position === 0").await;
        for _ in 0..40 {
            visit.press_with_shift(Key::Right).await;
            if visit.eval("vivarium.state().leader !== null").await == json!(true) {
                break;
            }
        }
        visit.until("vivarium.state().leader !== null").await;
        visit.press("2").await;
        visit.until("document.querySelector('#inspector-server[data-server=\"2\"]')").await;
        visit.until("document.activeElement.id === 'server-2'").await;
        visit.press("k").await;
        visit.until("document.querySelector('#server-2[data-state=DOWN]')").await;
        visit.press("k").await;
        visit.until("document.querySelector('#server-2:not([data-state=DOWN])')").await;
        visit.press("?").await;
        visit.until("document.querySelector('#keys')").await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#keys')").await;
        visit.press(Key::Home).await;
        visit.until("vivarium.state().position === 0").await;
        let focusable = visit.eval("document.querySelector('#diagram').tabIndex").await;
        assert_eq!(focusable, json!(0), "the diagram can be reached by Tab");
        visit.close().await;
    });
}

#[test]
fn a_zoo_cfg_makes_the_ensemble_and_an_error_is_named_at_its_line() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.click("#t-cfg").await;
        let area = visit.driver.query(By::Css("#cfg")).first().await.expect("the text is there");
        area.clear().await.expect("it can be emptied");
        area.send_keys("tickTime=soon\n").await.expect("it takes text");
        visit.until("document.querySelector('#cfg-errors')").await;
        let errors = visit.text("#cfg-errors").await;
        assert!(errors.contains("line 1"), "{errors}");
        area.clear().await.expect("it can be emptied");
        let text = "tickTime=100\ninitLimit=20\nsyncLimit=4\nclientPort=2181\ndataDir=/data\n\
                    server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n\
                    server.4=d:2888:3888:observer\n";
        area.send_keys(text).await.expect("it takes text");
        visit.click("#cfg-apply").await;
        visit.until("vivarium.state().servers.length === 4").await;
        visit.serve_clients().await;
        visit.click("#play").await;
        visit.until("vivarium.state().servers.some(it => it.state === 'OBSERVING')").await;
        visit.click("#play").await;
        visit.close().await;
    });
}
