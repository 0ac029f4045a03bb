//! The figures as `BENCHMARKS.md`: on what, how, how much, and what is aimed at.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// What the figures were taken on.
pub struct Ground {
    /// The commit, with a mark where files differ from it.
    pub commit: String,
    /// The day.
    pub date: String,
    /// Processor, cores, memory.
    pub machine: String,
    /// How busy it was beside the measuring.
    pub load: String,
    /// The browser's name and version.
    pub browser: String,
}

impl Ground {
    /// This machine, now.
    pub fn of(workspace: &Workspace) -> Ground {
        let said = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.current_dir(&workspace.root).args(arguments);
            process::output(&mut command).map_or_else(|_| "unknown".into(), |it| it.trim().into())
        };
        let chromium = std::env::var("VIVARIUM_CHROMIUM").unwrap_or_else(|_| "chromium".into());
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Ground {
            commit: said("git", &["describe", "--always", "--dirty"]),
            date: said("date", &["-u", "+%Y-%m-%d"]),
            machine: machine(&read("/proc/cpuinfo"), &read("/proc/meminfo")),
            load: read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(", "),
            browser: said(&chromium, &["--version"]),
        }
    }
}

fn machine(cpuinfo: &str, meminfo: &str) -> String {
    let value = |line: &str| line.split(':').nth(1).unwrap_or_default().trim().to_owned();
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let name = cpuinfo.lines().find(|line| line.starts_with("model name")).map(value);
    let memory = meminfo.lines().find(|line| line.starts_with("MemTotal")).map(value);
    let kilobytes = memory.and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    format!(
        "{}, {cores} cores, {} GB",
        name.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        kilobytes.map_or_else(|| "? ".to_owned(), |it| (it / 1_000_000).to_string()),
    )
}

const METHOD: &str = "\
## How it is measured

`cargo xtask bench web` builds the page as it is shipped and opens it in headless Chromium without
a graphics processor, served by `vivarium playground` on loopback, each figure in a fresh profile.

- **First load**: the bodies of every response as sent (brotli), caches off.
- **Usable**: from navigation until servers stand on the stage and `window.vivarium` answers; the
  middle and the slowest of five loads.
- **Frames**: while playing for ten seconds. *Apart* is the time between two pictures, *script* what
  our own code takes for one, *whole* script, style, layout and painting on the main thread.
- **Engine**: one run of 20,000 steps replayed without drawing, in the page and natively (release),
  the fastest of several; equal hashes show that both did the same.
- **Seek**: sixty jumps to places drawn at random; *drawn* is until the next picture is painted.
- **Heap**: JavaScript's after a collection, and the module's whole memory, while an ensemble plays.

Whatever else the machine does at the time is in these figures; compare them with the load above.
";

/// The whole file.
pub fn markdown(ground: &Ground, page: &Value, native: &Value) -> String {
    let mut text = String::from(
        "# How fast the page is\n\nWritten by `cargo xtask bench web`; not by hand.\n\n",
    );
    let Ground { commit, date, machine, load, browser } = ground;
    let _ = writeln!(text, "| | |\n| --- | --- |");
    for (name, value) in [
        ("commit", commit),
        ("day", date),
        ("machine", machine),
        ("load average (1, 5, 15 min)", load),
        ("browser", browser),
    ] {
        let _ = writeln!(text, "| {name} | {value} |");
    }
    let _ = writeln!(text, "\n| what | figure | aim |\n| --- | --- | --- |");
    for (what, figure, aim) in rows(page, native) {
        let _ = writeln!(text, "| {what} | {figure} | {aim} |");
    }
    let _ = write!(text, "\n{METHOD}");
    text
}

type Row = (String, String, &'static str);

fn rows(page: &Value, native: &Value) -> Vec<Row> {
    let load = &page["load"];
    let usable = &load["usable_ms"];
    let kilobytes = number(&load["bytes"]) / 1000.0;
    let mut rows: Vec<Row> = vec![
        ("first load, compressed".into(), format!("{kilobytes:.1} kB"), "at most 450 kB"),
        ("usable after".into(), milliseconds(usable, "p50", "max"), "1000 ms"),
    ];
    let nine = &page["nine"];
    let about = format!("9 servers, {:.0} messages under way", number(&nine["in_flight"]));
    rows.extend(frames(&nine["frames"], &about));
    rows.extend(frames(&page["many"], "101 servers"));
    rows.push(engine(&page["engine"], native));
    let seek = &page["seek"];
    let steps = number(&seek["steps"]);
    let spread = |name: &str| milliseconds(&seek[name], "p50", "p95");
    rows.push((format!("seek in {steps} steps, state"), spread("state_ms"), "under 50 ms"));
    rows.push((format!("seek in {steps} steps, drawn"), spread("drawn_ms"), ""));
    rows.extend(heap(&page["heap"]));
    rows
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn milliseconds(spread: &Value, low: &str, high: &str) -> String {
    format!("{low} {:.1} ms, {high} {:.1} ms", number(&spread[low]), number(&spread[high]))
}

fn frames(list: &Value, about: &str) -> Vec<Row> {
    let kinds = [
        ("apart_ms", "pictures apart", "p95 under 16.7 ms"),
        ("script_ms", "script a picture", ""),
        ("whole_ms", "main thread a picture", "p95 under 16.7 ms"),
    ];
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |one: &Value, (kind, words, aim)| {
        let speed = one["speed"].as_str().unwrap_or("?").to_owned();
        (format!("{about}, {speed}: {words}"), milliseconds(&one[kind], "p50", "p95"), aim)
    };
    list.iter().flat_map(|one| kinds.map(|kind| row(one, kind))).collect()
}

fn engine(page: &Value, native: &Value) -> Row {
    let steps = number(&native["steps"]);
    let (here, there) = (number(&page["seconds"]), number(&native["seconds"]));
    let same = if page["hash"] == native["hash"] { "same hash" } else { "hashes differ" };
    let figure = format!(
        "{:.0} events/s, natively {:.0}: {:.0} % ({same})",
        steps / here,
        steps / there,
        100.0 * there / here
    );
    ("simulation as wasm".into(), figure, "at least 40 % of native")
}

fn heap(heap: &Value) -> Vec<Row> {
    let weights = heap["weights"].as_array().map(Vec::as_slice).unwrap_or_default();
    let megabytes = |name: &str| {
        let all: Vec<String> =
            weights.iter().map(|it| format!("{:.1}", number(&it[name]) / 1e6)).collect();
        format!("{} MB", all.join(", "))
    };
    let (seconds, steps) = (number(&heap["seconds"]), number(&heap["steps"]));
    vec![
        (format!("heap over {seconds} s, JavaScript"), megabytes("js"), "flat"),
        (format!("heap over {seconds} s ({steps} steps), wasm"), megabytes("wasm"), "flat"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_stand_beside_their_aims() {
        let spread = json!({ "p50": 1.0, "p95": 2.0, "max": 3.0 });
        let frame =
            json!({ "speed": "1×", "apart_ms": spread, "script_ms": spread, "whole_ms": spread });
        let page = json!({
            "load": { "bytes": 449_000, "usable_ms": spread },
            "nine": { "in_flight": 104.4, "frames": [frame] },
            "many": [],
            "engine": { "hash": "a", "seconds": 0.2 },
            "seek": { "steps": 20_000, "state_ms": spread, "drawn_ms": spread },
            "heap": { "seconds": 60, "steps": 10, "weights": [{ "js": 2e6, "wasm": 3e6 }] },
        });
        let native = json!({ "steps": 20_000, "hash": "a", "seconds": 0.1 });
        let ground = Ground {
            commit: "c0ffee".into(),
            date: "2026-01-01".into(),
            machine: machine("processor : 0\nmodel name : Fast\n", "MemTotal: 8000000 kB\n"),
            load: "0, 0, 0".into(),
            browser: "Chromium".into(),
        };
        let text = markdown(&ground, &page, &native);
        for line in [
            "| machine | Fast, 1 cores, 8 GB |",
            "| first load, compressed | 449.0 kB | at most 450 kB |",
            "| 9 servers, 104 messages under way, 1×: pictures apart | p50 1.0 ms, p95 2.0 ms |",
            "100000 events/s, natively 200000: 50 % (same hash)",
        ] {
            assert!(text.contains(line), "{line} is missing in {text}");
        }
    }
}
