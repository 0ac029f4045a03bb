//! The page in a real Chromium: what a visitor sees, does, shares and comes back to.
//!
//! The page is served by `vivarium playground` itself, so that its own Content-Security-Policy is
//! in force, and every test ends by asking that the browser's console had nothing to complain of.
//! Nothing sleeps: what is waited for is asked for again until it is there.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;
use vivarium_sim::{Run, Timeline};
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::tools;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The page's server and a browser, for one test.
struct Visit {
    driver: WebDriver,
    address: String,
    chromedriver: Child,
    profile: Folder,
    _server: Process,
}

fn program(variable: &str, fallback: &str) -> PathBuf {
    std::env::var_os(variable).filter(|it| !it.is_empty()).map_or(fallback.into(), PathBuf::from)
}

/// Starts `vivarium playground` on a free port and gives its address.
fn serve(folder: &Folder) -> (Process, String) {
    let log = folder.path().join("playground.log");
    let mut command = Command::new(tools::vivarium());
    let server = Process::start(command.args(["playground", "--port", "0"]), &log);
    let address = vivarium_tests::wait_for("the playground's address", || {
        let printed = server.printed();
        let address = printed.split_whitespace().find(|word| word.starts_with("http://"))?;
        Some(address.to_owned())
    });
    (server, address)
}

/// Starts chromedriver on a port of its own choice, and keeps its output from filling up.
fn drive() -> (Child, String) {
    let mut command = Command::new(program("VIVARIUM_CHROMEDRIVER", "chromedriver"));
    let mut child = command
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is a pipe")).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let rest = line.split("started successfully on port ").nth(1)?;
            Some(rest.trim_end_matches('.').to_owned())
        })
        .expect("chromedriver names its port");
    std::thread::spawn(move || lines.for_each(drop));
    (child, format!("http://127.0.0.1:{port}"))
}

async fn browser(url: &str, profile: &Folder, extra: &[&str]) -> WebDriver {
    let mut capabilities = DesiredCapabilities::chrome();
    let chromium = program("VIVARIUM_CHROMIUM", "chromium");
    let binary = chromium.to_str().expect("a path in UTF-8");
    capabilities.set_binary(binary).expect("a capability can be set");
    let profile = format!("--user-data-dir={}", profile.path().display());
    let fixed = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=en-US",
        "--window-size=1440,900",
        profile.as_str(),
    ];
    for argument in fixed.iter().chain(extra) {
        capabilities.add_arg(argument).expect("an argument can be added");
    }
    capabilities
        .set_browser_log_level(LoggingPrefsLogLevel::All)
        .expect("the log level can be set");
    WebDriver::new(url, capabilities).await.expect("a browser starts")
}

impl Visit {
    /// Opens the page at `#hash` in a fresh profile.
    async fn open(hash: &str, extra: &[&str]) -> Visit {
        let profile = Folder::new();
        let (server, address) = serve(&profile);
        let (chromedriver, url) = drive();
        let driver = browser(&url, &profile, extra).await;
        let visit = Visit { driver, address, chromedriver, profile, _server: server };
        visit.go(hash).await;
        visit
    }

    /// Loads the page anew, and waits until it lives.
    async fn go(&self, hash: &str) {
        self.driver.goto("about:blank").await.expect("a blank page opens");
        let address = format!("{}#{hash}", self.address);
        self.driver.goto(address).await.expect("the page opens");
        self.until("window.vivarium && document.querySelector('#plates .card') !== null").await;
    }

    async fn eval(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        let result = self.driver.execute(script, Vec::new()).await;
        result.unwrap_or_else(|error| panic!("{expression}: {error}")).json().clone()
    }

    /// Waits until a JavaScript expression is true.
    async fn until(&self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.eval(&format!("Boolean({expression})")).await != json!(true) {
            if Instant::now() > deadline {
                let said = self.eval("document.body.innerText.slice(0, 600)").await;
                panic!("waited {PATIENCE:?} for {expression}; the page says {said}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Clicks as a person does: on what is visible, at its middle.
    async fn click(&self, css: &str) {
        let element = self.driver.query(By::Css(css)).first().await;
        let element = element.unwrap_or_else(|error| panic!("{css}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses keys on whatever has the focus.
    async fn press(&self, keys: impl Into<thirtyfour::TypingData>) {
        let chain = self.driver.action_chain().send_keys(keys);
        chain.perform().await.expect("keys can be pressed");
    }

    async fn press_with_shift(&self, key: Key) {
        let chain =
            self.driver.action_chain().key_down(Key::Shift).key_down(key.clone()).key_up(key);
        chain.key_up(Key::Shift).perform().await.expect("keys can be pressed");
    }

    /// The whole state at the playhead, without what says how it came to be shown.
    async fn state(&self) -> Value {
        let mut state = self.eval("vivarium.state()").await;
        let fields = state.as_object_mut().expect("a state has fields");
        fields.remove("recorded");
        state
    }

    async fn text(&self, css: &str) -> String {
        let text = self.eval(&format!("document.querySelector({}).textContent", json!(css))).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Plays until a leader's epoch stands, by the menu.
    async fn serve_clients(&self) {
        self.click("#until summary").await;
        self.click("#until-2").await;
        self.until("!vivarium.state().playing && vivarium.state().leader !== null").await;
        let leads = "it => it.state === 'LEADING' && it.phase === 'BROADCAST'";
        self.until(&format!("vivarium.state().servers.some({leads})")).await;
    }

    /// The end of every test: nothing was logged that should not be.
    async fn close(mut self) {
        let mut complaints = Vec::new();
        for entry in self.driver.browser_log().await.expect("the browser has a log") {
            if entry.level == "SEVERE" || entry.message.contains("panicked") {
                complaints.push(entry.message);
            }
        }
        assert!(complaints.is_empty(), "the console complains: {complaints:#?}");
        self.driver.clone().quit().await.expect("the browser closes");
        // It may have ended with the session.
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
        assert!(self.profile.path().exists(), "the profile lives as long as its browser");
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}

/// Runs one visit on a runtime of its own.
fn visit<F: Future<Output = ()>>(story: F) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(story);
}

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
        visit.until("document.querySelectorAll('#flights .glyph').length > 0").await;
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
