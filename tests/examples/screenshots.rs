//! The pictures of the README: `screenshots FOLDER` takes one moment of one run in both themes and
//! both languages. `cargo xtask screenshots` builds the page and runs this.

use std::path::Path;

use vivarium_protocol::base::ServerId;
use vivarium_protocol::trace::{Decision, TraceEvent};
use vivarium_sim::{Command, Run, Setup, Timeline};
use vivarium_tests::browser::{Visit, visit};

/// Five servers serve, the leader crashes, and the next one is about to bring the others in line.
fn moment() -> String {
    let mut timeline = Timeline::new(Setup::watchable(5));
    let decided = |wanted: fn(&Decision) -> bool| {
        move |_: &vivarium_sim::World, frame: &vivarium_protocol::trace::Frame| {
            frame.events.iter().any(|event| match event {
                TraceEvent::Decided(decision) => wanted(decision),
                TraceEvent::Travelled(_) => false,
            })
        }
    };
    let stands = decided(|decision| matches!(decision, Decision::Established { .. }));
    timeline.run_until(20_000, stands).expect("an epoch stands");
    let settled = timeline.world().now().after_ms(200);
    timeline.run_until(20_000, |world, _| world.now() >= settled);
    timeline.command(Command::Crash(ServerId(5))).expect("the leader can crash");
    let plans = decided(|decision| matches!(decision, Decision::SyncPlanned { .. }));
    timeline.run_until(20_000, plans).expect("the next leader plans");
    let begun = timeline.world().now().after_ms(12);
    timeline.run_until(20_000, |world, _| world.now() >= begun);
    Run { position: timeline.position(), ..timeline.run() }.to_link()
}

async fn take(visit: &Visit, link: &str, theme: &str, lang: &str, folder: &Path) {
    let store = format!(
        "(localStorage.setItem('vivarium.theme', '{theme}'), \
         localStorage.setItem('vivarium.lang', '{lang}'))"
    );
    visit.eval(&store).await;
    visit.go(link).await;
    visit.click("#server-4").await;
    // The pointer would mark what it rests on.
    visit.eval("document.activeElement.blur()").await;
    visit.until("document.fonts.status === 'loaded'").await;
    let name = if lang == "en" { "en" } else { "zh" };
    let path = folder.join(format!("playground-{theme}-{name}.png"));
    visit.driver.screenshot(&path).await.expect("a picture can be taken");
    println!("   {}", path.display());
}

fn main() {
    let folder = std::env::args().nth(1).expect("screenshots FOLDER");
    let link = moment();
    visit(async move {
        let visit = Visit::open("", &["--hide-scrollbars"]).await;
        visit.driver.set_window_rect(0, 0, 1440, 900).await.expect("a window has a size");
        for theme in ["dark", "light"] {
            for lang in ["en", "zh-Hans"] {
                take(&visit, &link, theme, lang, Path::new(&folder)).await;
            }
        }
        visit.close().await;
    });
}
