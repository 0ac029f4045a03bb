//! Somebody writes a lesson in a real Chromium: does it, says it, checks it, saves it, opens it
//! again and walks through it.

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_lessons::{Course, Lesson, Moved};
use vivarium_sim::Timeline;
use vivarium_tests::browser::{Visit, visit};
use vivarium_tests::process::Folder;
use vivarium_tests::schema::misfit;
use vivarium_tests::wait_for;

/// Writes into a field by keyboard.
async fn write(visit: &Visit, id: &str, text: &str) {
    visit.eval(&format!("document.getElementById('{id}').focus()")).await;
    visit.press(text).await;
}

/// Both languages of a text.
async fn say(visit: &Visit, id: &str, en: &str, zh: &str) {
    write(visit, &format!("{id}-en"), en).await;
    write(visit, &format!("{id}-zh"), zh).await;
}

/// Crashes server 5, or starts it, by key.
async fn crash_or_start(visit: &Visit) {
    visit.click("#server-5").await;
    let before = visit.eval("vivarium.state().servers[4].up").await;
    visit.press("k").await;
    visit.until(&format!("vivarium.state().servers[4].up !== {before}")).await;
}

/// Plays until something of the menu happens.
async fn run_until(visit: &Visit, choice: u8, then: &str) {
    visit.click("#until summary").await;
    visit.click(&format!("#until-{choice}")).await;
    visit.until(&format!("!vivarium.state().playing && {then}")).await;
}

/// The two steps: the leader falls and another leads; the old one comes back and follows.
async fn record(visit: &Visit) {
    visit.serve_clients().await;
    visit.click("#write-lesson").await;
    visit.until("document.querySelector('#scene-begin')").await;
    visit.click("#scene-begin").await;
    visit.until("document.querySelector('#writing-steps section')").await;
    crash_or_start(visit).await;
    let leads = "vivarium.state().servers.some(it => it.up && it.phase === 'BROADCAST' \
                 && it.state === 'LEADING')";
    run_until(visit, 2, leads).await;
    let best = "[data-offer='down $leader1 and role any LEADING']";
    visit.until(&format!("document.querySelector(\"{best}\")")).await;
    visit.click(best).await;
    visit.until("document.activeElement.id === 'say-0-en'").await;
    visit.press("Another server leads.").await;
    write(visit, "say-0-zh", "另一台接任。").await;

    crash_or_start(visit).await;
    let follows = "vivarium.state().servers[4].state === 'FOLLOWING'";
    run_until(visit, 5, follows).await;
    visit.until("document.querySelector('#writing-until')").await;
    write(visit, "writing-until", "role $leader1 FOLLOWIN").await;
    visit.press(Key::Tab).await;
    visit.press(Key::Enter).await;
    let said = "document.querySelector('#writing-said').textContent";
    visit.until(&format!("{said}.includes('FOLLOWIN')")).await;
    write(visit, "writing-until", "G").await;
    visit.press(Key::Tab).await;
    visit.press(Key::Enter).await;
    visit.until("document.activeElement.id === 'say-1-en'").await;
    visit.press("The old leader follows.").await;
}

/// Saves the file, once what is missing is there.
async fn save(visit: &Visit, folder: &Folder) -> String {
    visit.eval("document.querySelector('#writing-save').focus()").await;
    visit.press(Key::Enter).await;
    let said = "document.querySelector('#writing-said').textContent";
    visit.until(&format!("{said}.includes('L99.2: the Chinese text is missing')")).await;
    write(visit, "say-1-zh", "原来的 Leader 跟随。").await;
    visit.click("#writing-about summary").await;
    for id in ["title", "question", "goal"] {
        say(visit, &format!("writing-{id}"), "Who leads?", "谁领导？").await;
    }
    visit.eval("document.querySelector('#writing-save').focus()").await;
    visit.press(Key::Enter).await;
    visit.until(&format!("{said}.includes('The file is saved.')")).await;
    wait_for("the lesson's file", || {
        let text = std::fs::read_to_string(folder.path().join("L99.json")).ok();
        text.filter(|text| !text.is_empty())
    })
}

/// Walks through a lesson natively; gives the steps that came.
fn walk(lesson: &Lesson, seed: u64) -> usize {
    let mut course = Course::new(lesson.clone(), seed).expect("it can be read");
    let mut timeline = Timeline::new(course.setup());
    while let Moved::Reached(_) = course.advance(&mut timeline) {}
    course.reached().len()
}

#[test]
fn a_lesson_is_recorded_checked_saved_opened_again_and_walked() {
    let folder = Folder::new();
    visit(async {
        let visit = Visit::open("", &[]).await;
        let ask = json!({"behavior": "allow", "downloadPath": folder.path()});
        let told = visit.driver.cdp().send_raw("Browser.setDownloadBehavior", ask).await;
        told.expect("the browser saves where it is told");
        record(&visit).await;

        visit.click("#writing-check").await;
        visit.until("document.querySelector('#writing-checked[data-done=true]')").await;
        let verdict = visit.text("#writing-checked").await;
        assert!(verdict.contains("It holds on all 20 seeds"), "{verdict}");

        let file = save(&visit, &folder).await;
        let schema = include_str!("../../docs/lesson-schema.json");
        let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
        let value: Value = serde_json::from_str(&file).expect("the file is JSON");
        assert_eq!(misfit(&schema, &value), None);
        let lesson = Lesson::parse(&file).expect("it is a lesson");
        let acts = &lesson.scenes[0].steps[0].acts;
        assert_eq!(acts, &["name leader1 = leader", "crash $leader1"]);
        for seed in 1..=10 {
            assert_eq!(walk(&lesson, seed), 2, "seed {seed}");
        }

        visit.go("").await;
        visit.click("#write-lesson").await;
        let kept = "document.querySelectorAll('[data-written]').length";
        visit.until(&format!("{kept} === 2")).await;
        visit.click("#writing-discard").await;
        visit.until(&format!("{kept} === 0")).await;
        let field = visit.driver.query(By::Css("#writing-file")).first().await.expect("a field");
        let path = folder.path().join("L99.json");
        field.send_keys(path.to_string_lossy().into_owned()).await.expect("a file is chosen");
        visit.until(&format!("{kept} === 2")).await;

        let calm = json!({"name": "prefers-reduced-motion", "value": "reduce"});
        let calm = json!({"features": [calm]});
        let told = visit.driver.cdp().send_raw("Emulation.setEmulatedMedia", calm).await;
        told.expect("less motion is asked for");
        visit.click("#writing-try").await;
        for step in 1..=2 {
            visit.until("document.querySelector('#lesson-next')").await;
            visit.click("#lesson-next").await;
            let here = format!("#lesson [data-step=\"L99.{step}\"][aria-current]");
            visit.until(&format!("document.querySelector('{here}')")).await;
        }
        assert!(visit.text("#lesson li[aria-current]").await.contains("The old leader follows."));
        assert_eq!(visit.eval("localStorage.getItem('vivarium.progress')").await, Value::Null);
        visit.click("#to-draft").await;
        visit.until(&format!("{kept} === 2")).await;
        visit.close().await;
    });
}
