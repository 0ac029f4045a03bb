//! Traces as files: every story's run fits the schema that is promised to readers of such files,
//! and the program writes what the page does.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use vivarium_sim::{Run, Timeline, export};
use vivarium_tests::process::Folder;
use vivarium_tests::schema::misfit;
use vivarium_tests::stories::{all, played};
use vivarium_tests::tools;

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/trace-schema.json");
    let text = std::fs::read_to_string(path).expect("the schema can be read");
    serde_json::from_str(&text).expect("the schema is JSON")
}

fn read(timeline: &Timeline) -> Value {
    serde_json::from_str(&export::trace(timeline)).expect("a trace is JSON")
}

#[test]
fn the_trace_of_every_story_fits_the_schema() {
    let schema = schema();
    let mut kinds = std::collections::BTreeSet::new();
    for (path, story) in all() {
        let trace = read(&played(&story));
        assert_eq!(misfit(&schema, &trace), None, "{}", path.display());
        for frame in trace["frames"].as_array().expect("frames are a list") {
            let events = frame["events"].as_array().expect("events are a list");
            kinds.extend(events.iter().filter_map(|it| it["kind"].as_str()).map(str::to_owned));
        }
    }
    assert!(kinds.len() > 22, "the stories show most decisions: {kinds:?}");
}

#[test]
fn what_is_not_promised_is_found() {
    let schema = schema();
    let trace = read(&played(&all()[0].1));
    let spoil: [(&str, Value); 5] = [
        ("/version", json!(2)),
        ("/hash", json!("12")),
        ("/frames/0/cause/cause", json!("Magic")),
        ("/frames/0/events", json!([{"kind": "Guessed"}])),
        ("/frames/0/caused_by", json!("nobody")),
    ];
    for (place, value) in spoil {
        let mut spoilt = trace.clone();
        *spoilt.pointer_mut(place).expect("the trace has such a place") = value;
        assert!(misfit(&schema, &spoilt).is_some(), "{place}");
    }
}

#[test]
fn the_program_writes_the_trace_of_a_whole_address_and_prints_its_hash() {
    let commands = vec![(60, "crash 2".parse().expect("a command"))];
    let run = Run { setup: vivarium_sim::Setup::default(), commands, position: 150 };
    let link = Run::with_beside(&run.to_link(), "lang", "zh");
    let folder = Folder::new();
    let path = |name: &str| folder.path().join(name);
    let output = Command::new(tools::vivarium())
        .args(["replay", &format!("http://127.0.0.1:8765/#{link}"), "--trace"])
        .arg(path("run.json"))
        .arg("--mermaid")
        .arg(path("run.mmd"))
        .arg("--shiviz")
        .arg(path("run.log"))
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let timeline = Timeline::from_run(run);
    let hash = format!("hash: {:016x}", timeline.world().hash());
    assert!(String::from_utf8_lossy(&output.stdout).contains(&hash));
    let written = |name| std::fs::read_to_string(path(name)).expect("the file is there");
    assert_eq!(written("run.json"), export::trace(&timeline));
    assert_eq!(written("run.log"), export::shiviz(&timeline));
    assert!(written("run.mmd").starts_with("sequenceDiagram\n"));
}

#[test]
fn the_program_refuses_a_newer_link_in_one_sentence() {
    let output = Command::new(tools::vivarium()).args(["replay", "v2.abc~lang=en"]).output();
    let output = output.expect("the program runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("version 2") && said.contains("reads version 1"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}
