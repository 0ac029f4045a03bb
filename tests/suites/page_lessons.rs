//! The front page and the lessons in a real Chromium: found by their question, walked by keyboard,
//! judged on the run that the page shows.

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_tests::browser::{Visit, visit};

/// What is said of the newest step, once it has come.
const SAID: &str = "document.querySelector('#lesson li[aria-current] .said')?.textContent";
/// That a step has come and the lesson waits for the learner.
const WAITS: &str = "document.querySelector('#lesson-ahead button, #lesson-task')";

/// Every lesson's id, in order.
fn lessons() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../static/lessons");
    let files = std::fs::read_dir(folder).expect("the lessons are there");
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let mut ids: Vec<String> =
        names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).collect();
    ids.sort();
    ids
}

async fn open(visit: &Visit, id: &str) {
    visit.until(&format!("document.querySelector('[data-lesson={id}]')")).await;
    visit.eval(&format!("document.querySelector('[data-lesson={id}]').click()")).await;
    visit.until("document.querySelector('#lesson-next')").await;
}

/// Goes on to the next step, making the first prediction where one is asked for.
async fn go_on(visit: &Visit) -> Value {
    visit.click("#lesson-ahead button").await;
    visit.until(&format!("{WAITS} || document.querySelector('#lesson-missed')")).await;
    visit.eval(SAID).await
}

#[test]
fn a_newcomer_has_an_election_at_one_click_in_both_languages() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        for (lang, heading) in [("en", "What is this?"), ("zh", "这是什么？")] {
            visit.click(&format!("#lang-{lang}")).await;
            visit
                .until(&format!("document.querySelector('#front h1').textContent === '{heading}'"))
                .await;
            let listed = "document.querySelectorAll('.questions button').length";
            visit.until(&format!("{listed} === {}", lessons().len())).await;
            visit.eval("document.querySelector('#first-election').focus()").await;
            visit.press(Key::Enter).await;
            let leads = "vivarium.state().servers.some(it => it.state === 'LEADING')";
            visit.until(&format!("{leads} && !vivarium.state().playing")).await;
            let open = "document.querySelector('#guide li[aria-current]').dataset.i";
            assert_eq!(visit.eval(open).await, json!("3"), "the walk goes on from the election");
            visit.click("#to-front").await;
        }
        visit.close().await;
    });
}

#[test]
fn a_lesson_is_walked_by_keyboard_and_its_steps_are_places_in_the_run() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.until("document.querySelector('[data-lesson=L01]')").await;
        visit.eval("document.querySelector('[data-lesson=L01]').focus()").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#lesson-next')").await;
        visit.eval("document.querySelector('#lesson-next').focus()").await;
        for step in 1..=4 {
            visit.press(Key::Enter).await;
            visit.until(&format!("location.hash.includes('lesson=L01.{step}')")).await;
            // The sentence waits until what it says has happened on the stage.
            visit.until(&format!("{WAITS} && !vivarium.state().playing")).await;
            let focused = "document.activeElement.closest('#lesson-ahead')";
            visit.until(&format!("{focused} !== null")).await;
        }
        let said = visit.eval(SAID).await;
        assert!(said.as_str().is_some_and(|said| said.contains("reads the same value")), "{said}");
        // The next one asks first; the choice is judged by the run.
        assert_eq!(visit.eval("document.activeElement.dataset.choice").await, json!("0"));
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#lesson-verdict')").await;
        assert!(visit.text("#lesson-verdict").await.starts_with('✓'));
        // A step that was reached is a place in the run, in either language.
        visit.click("#lang-zh").await;
        visit.click("[data-step='L01.3'] > button").await;
        visit.until("document.querySelector('[data-step=\"L01.3\"][aria-current]')").await;
        visit.until(&format!("{SAID} === '一次写入要被过半的服务器存下之后才算数。'")).await;
        assert_eq!(visit.eval("vivarium.state().servers.length").await, json!(3));
        // Another tab and back: the lesson is where it was.
        visit.click("#t-faults").await;
        visit.click("#t-guide").await;
        visit.until("document.querySelector('[data-step=\"L01.3\"][aria-current]')").await;
        visit.close().await;
    });
}

#[test]
fn a_lecturer_goes_through_a_lesson_with_a_remote_and_on_to_the_next_one() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        open(&visit, "L01").await;
        visit.press("p").await;
        visit.until("document.documentElement.dataset.present === 'on'").await;
        visit.eval("document.activeElement.blur()").await;
        let at = |step: u32| {
            format!("document.querySelector('[data-step=\"L01.{step}\"][aria-current]')")
        };
        // The last step asks first: the press shows it without a guess.
        for step in 1..=5 {
            visit.press(Key::PageDown).await;
            visit.until(&at(step)).await;
        }
        assert!(visit.eval("document.querySelector('#lesson-verdict')").await.is_null());
        visit.press(Key::PageUp).await;
        visit.until(&at(4)).await;
        visit.press(Key::PageDown).await;
        visit.until("document.querySelector('#lesson-after')").await;
        visit.eval("document.querySelector('#lesson-after').click()").await;
        visit.until("location.hash.includes('lesson=L02')").await;
        visit.close().await;
    });
}

#[test]
fn who_leaves_the_path_is_led_back_and_a_link_opens_a_step() {
    visit(async {
        let visit = Visit::open("lesson=L01.3", &[]).await;
        visit.until("document.querySelector('[data-step=\"L01.3\"][aria-current]')").await;
        assert_eq!(visit.eval("vivarium.state().servers.length").await, json!(3));
        let at = visit.eval("vivarium.state().position").await;
        assert!(visit.eval("document.querySelector('#lesson-astray')").await.is_null());

        visit.eval("document.querySelector('#server-2').click()").await;
        visit.click("#t-faults").await;
        visit.until("document.querySelector('#act-crash')").await;
        visit.click("#act-crash").await;
        visit.click("#t-guide").await;
        visit.until("document.querySelector('#lesson-astray')").await;
        // A reload keeps both the learner's run and the lesson's place.
        let hash = visit.eval("location.hash.slice(1)").await;
        visit.go(hash.as_str().unwrap_or_default()).await;
        visit.until("document.querySelector('#lesson-astray')").await;
        let down = "vivarium.state().servers.filter(it => !it.up).length";
        assert_eq!(visit.eval(down).await, json!(1));
        visit.click("#lesson-back").await;
        visit.until("!document.querySelector('#lesson-astray')").await;
        assert_eq!(visit.eval(down).await, json!(0));
        assert_eq!(visit.eval("vivarium.state().position").await, at);
        // What was done beside the lesson is kept as a branch.
        visit.until("document.querySelector('#branches')?.textContent.includes('crash 2')").await;

        // Before the first step a reload keeps the learner's run as well.
        visit.go("lesson=L09").await;
        visit.until("document.querySelector('#lesson-next')").await;
        visit.eval("document.querySelector('#server-1').click()").await;
        visit.press("k").await;
        visit.until("vivarium.state().servers[0].up").await;
        let hash = visit.eval("location.hash.slice(1)").await;
        visit.go(hash.as_str().unwrap_or_default()).await;
        visit.until("document.querySelector('#lesson-astray')").await;
        assert_eq!(visit.eval("vivarium.state().servers[0].up").await, json!(true));
        visit.close().await;
    });
}

#[test]
fn a_task_is_judged_on_the_learners_run_and_progress_stays_in_the_browser() {
    visit(async {
        let visit = Visit::open("lesson=L01.task", &["--force-prefers-reduced-motion"]).await;
        visit.until("document.querySelector('#task-begin-1')").await;
        visit.click("#task-begin-1").await;
        visit.until("document.querySelector('#task-check')").await;
        for tried in 1..=2 {
            let hint = visit.eval("document.querySelector('#task-hint')").await;
            assert!(hint.is_null(), "no hint before two tries, this is {tried}");
            visit.click("#task-check").await;
            visit
                .until(&format!(
                    "JSON.parse(localStorage['vivarium.progress']).lessons[0].tries === {tried}"
                ))
                .await;
        }
        assert!(visit.text("#task-verdict").await.starts_with('✗'));
        visit.until("document.querySelector('#task-hint')").await;
        visit.click("#task-solution").await;
        visit.until("vivarium.state().position > 100").await;

        visit.click("[data-answer='2']").await;
        visit.until("document.querySelector('#quiz-reason')").await;
        assert!(visit.text("[data-answer='1']").await.starts_with('✓'));
        assert!(visit.text("[data-answer='2']").await.starts_with('✗'));
        visit.click("#quiz-show").await;
        visit.until("vivarium.state().servers.filter(it => it.up).length === 1").await;
        let kept = visit.eval("JSON.parse(localStorage['vivarium.progress']).lessons[0]").await;
        assert_eq!((&kept["quiz"], &kept["right"]), (&json!(2), &json!(false)), "{kept}");
        assert_eq!(kept["helped"], json!(true));
        visit.close().await;
    });
}

/// The task is not solved by doing nothing, and is by what the lesson shows; the quiz says why.
async fn end_of(visit: &Visit, id: &str) {
    let click = |what: String| async move {
        visit.until(&format!("document.querySelector('{what}')")).await;
        visit.eval(&format!("document.querySelector('{what}').click()")).await;
    };
    let verdict = "document.querySelector('#task-verdict').textContent";
    let runs = visit.eval("document.querySelectorAll('[id^=task-begin-]').length").await;
    for run in 1..=runs.as_u64().unwrap_or(0) {
        click(format!("#task-begin-{run}")).await;
        visit.until(&format!("{verdict} === ''")).await;
        click("#task-check".to_owned()).await;
        visit.until(&format!("{verdict}.startsWith('✗')")).await;
        click("#task-solution".to_owned()).await;
        visit.until(&format!("{verdict} !== '' && !{verdict}.includes('Not yet')")).await;
        let said = visit.text("#task-verdict").await;
        assert!(said.starts_with('✓'), "{id}, run {run} of its task: {said}");
    }
    let file = format!("{}/../static/lessons/{id}.json", env!("CARGO_MANIFEST_DIR"));
    let lesson: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("it is there"))
        .expect("a lesson is JSON");
    let answer = &lesson["quiz"]["answer"];
    click(format!("[data-answer=\"{answer}\"]")).await;
    visit.until("document.querySelector('#quiz-reason')").await;
    assert_eq!(visit.text("#quiz-reason").await, lesson["quiz"]["reason"]["en"], "{id}");
}

#[test]
fn every_lesson_comes_to_its_end_in_the_page() {
    visit(async {
        let visit = Visit::open("", &["--force-prefers-reduced-motion"]).await;
        for id in lessons() {
            open(&visit, &id).await;
            let mut steps = 0;
            while visit.eval("document.querySelector('#lesson-ahead button')").await != json!(null)
            {
                let said = go_on(&visit).await;
                assert!(said.as_str().is_some_and(|said| !said.is_empty()), "{id}: {said}");
                let missed = visit.eval("document.querySelector('#lesson-missed')").await;
                assert!(missed.is_null(), "{id} misses the step after {said}");
                steps += 1;
            }
            assert!(steps >= 3, "{id} has {steps} steps");
            let end =
                "document.querySelector('#lesson-task') && document.querySelector('#lesson-quiz')";
            visit.until(end).await;
            end_of(&visit, &id).await;
            visit.eval("document.querySelector('#to-front').click()").await;
        }
        visit.close().await;
    });
}

/// Opens the teacher's view by keyboard and waits until every lesson is in it.
async fn teacher() -> Visit {
    let visit = Visit::open("", &[]).await;
    visit.until("document.querySelector('#open-teacher')").await;
    visit.eval("document.querySelector('#open-teacher').focus()").await;
    visit.press(Key::Enter).await;
    let rows = "document.querySelectorAll('#teacher .plan tbody tr').length";
    visit.until(&format!("{rows} === {}", lessons().len())).await;
    visit
}

#[test]
fn a_teacher_plans_a_lecture_and_prints_it_with_or_without_the_answers() {
    visit(async {
        let visit = teacher().await;
        // On a phone the aims wrap and nothing lies beyond the edge.
        let phone = json!({
            "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true
        });
        let tools = visit.driver.cdp();
        let told = tools.send_raw("Emulation.setDeviceMetricsOverride", phone).await;
        told.expect("the browser can be as small as a phone");
        let fits = "(() => { const it = document.querySelector('#teacher'); \
             return innerWidth === 390 && it.scrollWidth <= it.clientWidth; })()";
        visit.until(fits).await;
        let told = tools.send_raw("Emulation.clearDeviceMetricsOverride", json!({})).await;
        told.expect("the browser can be as large as before");
        let print = "document.querySelector('#handout-print').disabled";
        assert_eq!(visit.eval(print).await, json!(true), "nothing is chosen");
        visit.click("#plan-first").await;
        visit.until("document.querySelectorAll('#handout article').length === 6").await;
        assert!(visit.text("#plan-time").await.starts_with("6 chosen"));
        let answer = "document.querySelectorAll('#handout .answer').length";
        assert_eq!(visit.eval(answer).await, json!(0));
        visit.click("#handout-answers").await;
        visit.until(&format!("{answer} > 6")).await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#teacher')").await;
        visit.close().await;
    });
}

#[test]
fn a_link_for_a_class_opens_a_step_with_the_controls_that_the_teacher_left_in() {
    visit(async {
        let visit = teacher().await;
        let choose = "(() => { const it = document.querySelector('#class-place'); \
             it.value = 'L01.2'; it.dispatchEvent(new Event('change', { bubbles: true })); })()";
        visit.eval(choose).await;
        for control in ["cfg", "check", "top"] {
            visit.click(&format!("[data-control={control}]")).await;
        }
        let link = visit.eval("document.querySelector('#class-link').value").await;
        let link = link.as_str().unwrap_or_default().to_owned();
        assert!(link.ends_with("#lesson=L01.2~lang=en~only=faults-clients"), "{link}");

        visit.go(link.split('#').nth(1).unwrap_or_default()).await;
        visit.until("document.querySelector('[data-step=\"L01.2\"][aria-current]')").await;
        let tabs = "[...document.querySelectorAll('.left [role=tab]:not(.only-narrow)')]";
        let tabs = visit.eval(&format!("{tabs}.map(it => it.id)")).await;
        assert_eq!(tabs, json!(["t-guide", "t-faults", "t-clients"]));
        let sizes = "getComputedStyle(document.querySelector('#sizes')).display";
        assert_eq!(visit.eval(sizes).await, json!("none"));
        // A link without the class's choice has every control again.
        visit.eval("(location.hash = 'lesson=L01.1', true)").await;
        visit.until("document.querySelectorAll('.left [role=tab]').length === 6").await;
        assert_ne!(visit.eval(sizes).await, json!("none"));
        visit.close().await;
    });
}

#[test]
fn the_answers_of_a_class_are_collected_from_files() {
    visit(async {
        let visit = teacher().await;
        let file = |name: &str, text: &str| format!("new File([{}], '{name}')", json!(text));
        let progress = |quiz: u8, right: bool| {
            json!({"format": 1, "lessons": [{"id": "L01", "steps": ["L01.1"], "tries": 1,
                "solved": right, "quiz": quiz, "right": right}]})
            .to_string()
        };
        let (one, other) = (progress(1, true), progress(0, false));
        let files = [file("a.json", &one), file("b.json", &other), file("c.json", "no")];
        let choose = format!(
            "(() => {{ const all = new DataTransfer(); for (const it of [{}]) all.items.add(it); \
             const field = document.querySelector('#collect-files'); field.files = all.files; \
             field.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()",
            files.join(",")
        );
        visit.eval(&choose).await;
        let row = "document.querySelector('[data-summary=L01]')";
        let counted = format!("[...{row}.querySelectorAll('td')].map(it => it.textContent)");
        visit.until(&format!("{row} && {counted}[0] === '2'")).await;
        assert_eq!(visit.eval(&counted).await, json!(["2", "1", "1", "a: 1  b: 1  c: 0"]));
        let refused = visit.text("#teacher [role=alert]").await;
        assert!(refused.ends_with("c.json"), "{refused}");
        visit.close().await;
    });
}
