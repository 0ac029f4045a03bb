//! The page in a real Chromium, for the suites named `page…`: one `Visit` is one test's own server
//! and browser.
//!
//! The page is served by `vivarium playground` itself, so that its own Content-Security-Policy is
//! in force, and [`Visit::close`] asks that the browser's console had nothing to complain of.
//! Nothing sleeps: what is waited for is asked for again until it is there.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

use crate::process::{Folder, Process};
use crate::{PATIENCE, tools};

/// The page's server and a browser, for one test.
pub struct Visit {
    /// The browser.
    pub driver: WebDriver,
    /// Where the page is served, with a slash at its end.
    pub address: String,
    chromedriver: Child,
    profile: Folder,
    server: Option<Process>,
}

fn program(variable: &str, fallback: &str) -> PathBuf {
    std::env::var_os(variable).filter(|it| !it.is_empty()).map_or(fallback.into(), PathBuf::from)
}

/// Starts `vivarium playground` on a free port and gives its address.
fn serve(folder: &Folder) -> (Process, String) {
    let log = folder.path().join("playground.log");
    let mut command = Command::new(tools::vivarium());
    let server = Process::start(command.args(["playground", "--port", "0"]), &log);
    let address = crate::wait_for("the playground's address", || {
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
    pub async fn open(hash: &str, extra: &[&str]) -> Visit {
        let profile = Folder::new();
        let (server, address) = serve(&profile);
        let (chromedriver, url) = drive();
        let driver = browser(&url, &profile, extra).await;
        let visit = Visit { driver, address, chromedriver, profile, server: Some(server) };
        visit.go(hash).await;
        visit
    }

    /// Loads the page anew, and waits until it lives.
    pub async fn go(&self, hash: &str) {
        self.driver.goto("about:blank").await.expect("a blank page opens");
        let address = format!("{}#{hash}", self.address);
        self.driver.goto(address).await.expect("the page opens");
        self.until(
            "window.vivarium && document.querySelector('#plates .card, #plates .tile') !== null",
        )
        .await;
    }

    /// The value of a JavaScript expression.
    ///
    /// # Panics
    /// When it throws.
    pub async fn eval(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        let result = self.driver.execute(script, Vec::new()).await;
        result.unwrap_or_else(|error| panic!("{expression}: {error}")).json().clone()
    }

    /// Waits until a JavaScript expression is true; while it throws, it is not.
    pub async fn until(&self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        let holds = format!(
            "(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"
        );
        while self.eval(&holds).await != json!(true) {
            if Instant::now() > deadline {
                let said = self.eval("document.body.innerText.slice(0, 600)").await;
                panic!("waited {PATIENCE:?} for {expression}; the page says {said}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Clicks as a person does: on what is visible, at its middle.
    pub async fn click(&self, css: &str) {
        let element = self.driver.query(By::Css(css)).first().await;
        let element = element.unwrap_or_else(|error| panic!("{css}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses keys on whatever has the focus.
    pub async fn press(&self, keys: impl Into<thirtyfour::TypingData>) {
        let chain = self.driver.action_chain().send_keys(keys);
        chain.perform().await.expect("keys can be pressed");
    }

    /// Presses a key while Shift is down.
    pub async fn press_with_shift(&self, key: Key) {
        let chain =
            self.driver.action_chain().key_down(Key::Shift).key_down(key.clone()).key_up(key);
        chain.key_up(Key::Shift).perform().await.expect("keys can be pressed");
    }

    /// Stops the page's server, as a machine that goes away does.
    pub fn stop_serving(&mut self) {
        self.server = None;
    }

    /// The whole state at the playhead, without what says how it came to be shown.
    pub async fn state(&self) -> Value {
        let mut state = self.eval("vivarium.state()").await;
        let fields = state.as_object_mut().expect("a state has fields");
        fields.remove("recorded");
        state
    }

    /// The text of the first element that fits.
    pub async fn text(&self, css: &str) -> String {
        let text = self.eval(&format!("document.querySelector({}).textContent", json!(css))).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Plays until a leader's epoch stands, by the menu.
    pub async fn serve_clients(&self) {
        self.click("#until summary").await;
        self.click("#until-2").await;
        self.until("!vivarium.state().playing && vivarium.state().leader !== null").await;
        let leads = "it => it.state === 'LEADING' && it.phase === 'BROADCAST'";
        self.until(&format!("vivarium.state().servers.some({leads})")).await;
    }

    /// The end of every test: nothing was logged that should not be.
    pub async fn close(mut self) {
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
        // After a failure the browser still runs, and its driver would leave it behind. Its profile
        // is a folder of this test alone, so the name of it means this browser and no other.
        let profile = format!("user-data-dir={}", self.profile.path().display());
        let _ = Command::new("pkill").args(["-KILL", "-f", profile.as_str()]).status();
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}

/// Runs one visit on a runtime of its own.
pub fn visit<F: Future<Output = ()>>(story: F) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(story);
}
