//! Who may import whom: between packages, and between the modules of the core.
//!
//! The tables below are the arrows of `ARCHITECTURE.md`, section "Who may import whom". A new
//! arrow is an edit there and here, in one commit, with the reason.

use crate::rules::Finding;
use crate::source::Source;

/// Which packages of the workspace a package may use.
const PACKAGES: [(&str, &[&str]); 7] = [
    ("protocol/Cargo.toml", &[]),
    ("protocol/sim/Cargo.toml", &["vivarium-protocol"]),
    ("protocol/lessons/Cargo.toml", &["vivarium-protocol", "vivarium-sim"]),
    ("server/Cargo.toml", &["vivarium-protocol", "vivarium-sim"]),
    ("web/Cargo.toml", &["vivarium-lessons", "vivarium-protocol", "vivarium-sim"]),
    (
        "tests/Cargo.toml",
        &["vivarium-lessons", "vivarium-protocol", "vivarium-server", "vivarium-sim"],
    ),
    ("xtask/Cargo.toml", &[]),
];

/// Which modules of `protocol` each of its modules may use, beside itself.
const MODULES: [(&str, &[&str]); 12] = [
    ("base", &[]),
    ("zoo_cfg", &["base"]),
    ("message", &["base"]),
    ("trace", &["base", "message"]),
    ("effects", &["base", "message", "trace"]),
    ("input", &["base", "message", "trace"]),
    ("election", &["base", "message", "trace", "effects", "input"]),
    ("zab", &["base", "message", "trace", "effects", "input", "election"]),
    ("replica", &["base", "message", "trace", "effects"]),
    ("service", &["base", "message", "trace", "effects", "input", "election", "zab", "replica"]),
    (
        "server",
        &["base", "message", "trace", "effects", "input", "election", "zab", "replica", "service"],
    ),
    ("wire", &["base", "message"]),
];

/// The parts of the server's program that run the simulator; its library never meets it.
const SERVER_WITH_SIMULATOR: [&str; 2] = ["server/src/cli/simulate.rs", "server/src/cli/replay.rs"];

/// Names that the pure part of the page, tested natively, must not know.
const BROWSER: [&str; 6] =
    ["yew", "web_sys", "js_sys", "wasm_bindgen", "gloo_events", "gloo_timers"];

/// Checks every arrow that the sources draw.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        findings.extend(packages(source));
        findings.extend(modules(source));
        findings.extend(simulator_in_server(source));
        findings.extend(browser_in_model(source));
    }
    findings.extend(wire_in_web(sources));
    findings
}

fn packages(source: &Source) -> Vec<Finding> {
    let table = PACKAGES.iter().find(|(path, _)| *path == source.path);
    let Some((_, allowed)) = table else { return Vec::new() };
    let mut findings = Vec::new();
    let mut section = "";
    for (place, line) in source.text.lines().enumerate() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split([' ', '=', '.']).next().unwrap_or_default();
        let is_ours = name.starts_with("vivarium-") && section.ends_with("dependencies]");
        if is_ours && !allowed.contains(&name) {
            findings.push(arrow(source, place, &format!("this package may not depend on {name}")));
        }
    }
    findings
}

fn modules(source: &Source) -> Vec<Finding> {
    let Some(path) = source.path.strip_prefix("protocol/src/") else { return Vec::new() };
    let place: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    let top = place[0];
    let Some((_, allowed)) = MODULES.iter().find(|(name, _)| *name == top) else {
        return unknown_module(source, top);
    };
    let depth = if place.last() == Some(&"mod") { place.len() - 1 } else { place.len() };
    let mut findings = Vec::new();
    for (line, used) in from_the_root(&source.production(), depth) {
        let known = MODULES.iter().any(|(name, _)| *name == used);
        if known && used != top && !allowed.contains(&used.as_str()) {
            let message = format!("`{top}` may not import `{used}`");
            findings.push(arrow(source, line, &message));
        }
    }
    findings
}

fn unknown_module(source: &Source, top: &str) -> Vec<Finding> {
    if matches!(top, "lib" | "testing") || source.is_test() {
        return Vec::new();
    }
    vec![arrow(source, 0, &format!("say in xtask/src/layers.rs what `{top}` may import"))]
}

/// The first module after every `crate::` or chain of `super::` that reaches the crate's root,
/// with its line; `depth` is how many modules lie between the file and the root.
fn from_the_root(lines: &[String], depth: usize) -> Vec<(usize, String)> {
    let root = "super::".repeat(depth);
    let mut found = Vec::new();
    let text = lines.join("\n");
    for prefix in ["crate::", root.as_str()] {
        for (at, _) in text.match_indices(prefix) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == ':') {
                continue;
            }
            let line = text[..at].matches('\n').count();
            let names = first_names(&text[at + prefix.len()..]);
            found.extend(names.into_iter().map(|name| (line, name)));
        }
    }
    found
}

/// The name at the start of a path, or each first name of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(text.len());
        text[..end].to_owned()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut names = vec![name(group)];
    let mut open = 0;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => open += 1,
            '}' if open == 0 => break,
            '}' => open -= 1,
            ',' if open == 0 => names.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn simulator_in_server(source: &Source) -> Vec<Finding> {
    let in_library = source.path.starts_with("server/src/");
    if !in_library || SERVER_WITH_SIMULATOR.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let message = format!("only {} may use the simulator", SERVER_WITH_SIMULATOR.join(" and "));
    naming(source, "vivarium_sim").map(|line| arrow(source, line, &message)).collect()
}

fn browser_in_model(source: &Source) -> Vec<Finding> {
    if !source.path.starts_with("web/src/model") {
        return Vec::new();
    }
    let find = |name: &'static str| {
        let message = format!("the model is tested natively and may not use {name}");
        let found: Vec<Finding> = naming(source, &format!("{name}::"))
            .map(|line| arrow(source, line, &message))
            .collect();
        found
    };
    BROWSER.into_iter().flat_map(find).collect()
}

/// The page looks at bytes in one place, the inspector of a message.
fn wire_in_web(sources: &[Source]) -> Vec<Finding> {
    let of_web = sources.iter().filter(|source| source.path.starts_with("web/src/"));
    let users: Vec<(&Source, usize)> = of_web
        .filter_map(|source| Some((source, naming(source, "vivarium_protocol::wire").next()?)))
        .collect();
    let first = users.first().map(|(source, _)| source.path.clone()).unwrap_or_default();
    let message = format!("the page uses `wire` in one file, and {first} does already");
    users.into_iter().skip(1).map(|(source, line)| arrow(source, line, &message)).collect()
}

fn naming<'a>(source: &Source, word: &'a str) -> impl Iterator<Item = usize> + use<'a> {
    let lines = source.production().into_iter().enumerate();
    lines.filter(move |(_, line)| line.contains(word)).map(|(place, _)| place)
}

fn arrow(source: &Source, place: usize, message: &str) -> Finding {
    let message = format!("{message} (ARCHITECTURE.md, \"Who may import whom\")");
    Finding { rule: "layers", subject: source.path.clone(), line: place + 1, measure: 1, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&[Source::new(path, text)]).iter().map(|finding| finding.line).collect()
    }

    const NOTHING: [usize; 0] = [];

    #[test]
    fn a_module_may_import_only_what_lies_below_it() {
        let cases: [(&str, &str, &[usize]); 9] = [
            ("protocol/src/zab/a.rs", "use crate::election::Elected;\n", &[]),
            ("protocol/src/election/a.rs", "use crate::zab::Leader;\n", &[1]),
            ("protocol/src/election/a.rs", "fn a() -> crate::zab::Leader {}\n", &[1]),
            ("protocol/src/base/a.rs", "\nuse crate::{base::A, message::{B, C}, wire};\n", &[2, 2]),
            ("protocol/src/server.rs", "use super::wire;\n", &[1]),
            ("protocol/src/zab/leader/a.rs", "use super::super::super::service::A;\n", &[1]),
            ("protocol/src/zab/leader/mod.rs", "use super::super::service::A;\n", &[1]),
            ("protocol/src/zab/leader/a.rs", "use super::super::service::A;\n", &[]),
            ("protocol/src/replica/a.rs", "// use crate::zab;\nuse crate::effects::A;\n", &[]),
        ];
        for (path, text, expected) in cases {
            assert_eq!(lines(path, text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn tests_may_import_what_they_like() {
        let text = "#[cfg(test)]\nmod tests {\n    use crate::wire::encode;\n}\n";
        assert_eq!(lines("protocol/src/zab/a.rs", text), NOTHING);
    }

    #[test]
    fn a_module_that_no_table_knows_is_found() {
        assert_eq!(lines("protocol/src/newcomer.rs", "use crate::base;\n"), [1]);
    }

    #[test]
    fn a_package_may_depend_only_on_what_lies_below_it() {
        let text = "[dependencies]\nvivarium-protocol = { workspace = true }\n";
        assert_eq!(lines("protocol/sim/Cargo.toml", text), NOTHING);
        assert_eq!(lines("xtask/Cargo.toml", text), [2]);
        let own_name = "[package]\nname = \"xtask\"\n[lints]\nvivarium-protocol = 1\n";
        assert_eq!(lines("xtask/Cargo.toml", own_name), NOTHING);
    }

    #[test]
    fn the_servers_library_never_meets_the_simulator() {
        let text = "use vivarium_sim::World;\n";
        assert_eq!(lines("server/src/core_loop.rs", text), [1]);
        assert_eq!(lines("server/src/cli/simulate.rs", text), NOTHING);
    }

    #[test]
    fn the_pages_model_knows_no_browser() {
        let text = "use web_sys::Window;\n";
        assert_eq!(lines("web/src/model/scene.rs", text), [1]);
        assert_eq!(lines("web/src/stage/stage.rs", text), NOTHING);
    }

    #[test]
    fn the_page_uses_wire_in_one_file() {
        let text = "use vivarium_protocol::wire;\n";
        let one = Source::new("web/src/panels/bytes.rs", text);
        let other = Source::new("web/src/stage/stage.rs", text);
        let findings = check(&[one, other]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].subject, "web/src/stage/stage.rs");
    }
}
