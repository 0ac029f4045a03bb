//! `cargo xtask test`: everything there is to check, the same here and in continuous integration.
//!
//! Invariants:
//! 1. Every step runs, also after one has failed; a step whose ground is missing (the build
//!    failed, a tool can't be had) is named, not passed over.
//! 2. The last line is `N passed, N failed, N skipped`. A chore such as formatting counts as one.
//! 3. What is skipped on a person's machine is a failure where `CI=true`.
//! 4. Everything is built once: each step selects the whole workspace, because cargo compiles
//!    dependencies anew for another selection of packages.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::count::{Count, count};
use crate::demo::rehearsal;
use crate::tools::{Need, Variables};
use crate::workspace::Workspace;
use crate::{process, programs, tidy, wasm, wasm_suites, web};

/// What `cargo xtask test` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// Leave out what needs a browser, or clients and servers of others
    #[arg(long)]
    fast: bool,
    /// Run only these steps
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Step>,
    #[command(flatten)]
    wasm: wasm::Options,
}

/// One part of the whole, in the order of running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// rustfmt has nothing to change
    Format,
    /// The rules that no compiler checks
    Tidy,
    /// clippy, with warnings denied
    Lints,
    /// All programs and tests compile
    Build,
    /// Unit tests, property tests and stories
    Tests,
    /// The examples in the documentation
    Docs,
    /// The core's suites as wasm
    Wasm,
    /// The playground's page is built, within its budget
    Page,
    /// The page in a real Chromium
    Browser,
    /// The demo, started and stopped twice
    Demo,
    /// Real clients against our servers
    Clients,
    /// Our servers together with Apache's
    Apache,
    /// Five servers while everything around them fails
    Chaos,
}

const STEPS: [Step; 13] = [
    Step::Format,
    Step::Tidy,
    Step::Lints,
    Step::Build,
    Step::Tests,
    Step::Docs,
    Step::Wasm,
    Step::Page,
    Step::Browser,
    Step::Demo,
    Step::Clients,
    Step::Apache,
    Step::Chaos,
];

impl Step {
    /// Whether a suite, by the name of its test program, belongs to this step.
    ///
    /// Programs that need nothing but cargo belong to [`Step::Tests`].
    fn owns(self, suite: &str) -> bool {
        let owner = if suite == "page" || suite.starts_with("page_") {
            Step::Browser
        } else if suite.starts_with("conformance") {
            Step::Clients
        } else if suite.starts_with("apache") {
            Step::Apache
        } else if suite.starts_with("chaos") {
            Step::Chaos
        } else {
            Step::Tests
        };
        self == owner
    }

    /// What the step needs beyond cargo.
    fn needs(self) -> &'static [Need] {
        match self {
            Step::Wasm => &[Need::Node],
            Step::Browser => &[Need::Browser, Need::Scripts],
            Step::Clients => {
                &[Need::ZooKeeper, Need::Kazoo, Need::Curator, Need::CClient, Need::NodeClient]
            }
            Step::Apache => &[Need::ZooKeeper, Need::Kazoo],
            Step::Chaos => &[Need::Faults, Need::Kazoo],
            Step::Format | Step::Tidy | Step::Lints | Step::Build => &[],
            Step::Tests | Step::Docs | Step::Page | Step::Demo => &[],
        }
    }

    /// The step without which this one is pointless.
    fn ground(self) -> Option<Step> {
        match self {
            Step::Tests | Step::Docs | Step::Clients | Step::Apache | Step::Chaos => {
                Some(Step::Build)
            }
            Step::Browser | Step::Demo => Some(Step::Page),
            Step::Format | Step::Tidy | Step::Lints | Step::Build | Step::Wasm | Step::Page => None,
        }
    }

    fn is_slow(self) -> bool {
        match self {
            Step::Page | Step::Browser | Step::Demo => true,
            Step::Clients | Step::Apache | Step::Chaos => true,
            Step::Format | Step::Tidy | Step::Lints | Step::Build => false,
            Step::Tests | Step::Docs | Step::Wasm => false,
        }
    }

    fn name(self) -> String {
        let value = self.to_possible_value().expect("every step can be given on the command line");
        value.get_name().to_owned()
    }
}

/// How one step ended.
struct Ended {
    step: Step,
    count: Count,
    took: Duration,
    /// What to say about it at the end, if anything.
    remark: Option<String>,
}

/// Runs the steps that the options ask for.
///
/// # Errors
/// When anything failed, or was skipped where `CI=true`.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let wanted = |step: &Step| match options.only.as_slice() {
        [] => !(options.fast && step.is_slow()),
        only => only.contains(step),
    };
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let mut ended: Vec<Ended> = Vec::new();
    for step in STEPS.into_iter().filter(wanted) {
        println!("\n── {}", step.name());
        let started = Instant::now();
        let (count, remark) = attempt(workspace, options, step, &ended);
        let took = started.elapsed();
        println!("── {}: {} in {:.1} s", step.name(), verdict(count), took.as_secs_f32());
        ended.push(Ended { step, count, took, remark });
    }
    summarise(&ended, in_ci)
}

fn attempt(
    workspace: &Workspace,
    options: &Options,
    step: Step,
    ended: &[Ended],
) -> (Count, Option<String>) {
    let failed = |ground: Step| {
        ended.iter().any(|it| it.step == ground && (it.count.failed > 0 || it.count.skipped > 0))
    };
    if let Some(ground) = step.ground().filter(|ground| failed(*ground)) {
        let remark = format!("{} did not run, because {} failed", step.name(), ground.name());
        return (Count::FAILED, Some(remark));
    }
    let suites: Vec<&str> =
        workspace.suites.iter().map(String::as_str).filter(|suite| step.owns(suite)).collect();
    let runs_suites = matches!(step, Step::Browser | Step::Clients | Step::Apache | Step::Chaos);
    if runs_suites && suites.is_empty() {
        return (Count::default(), None);
    }
    let variables = match gather(step.needs()) {
        Ok(variables) => variables,
        Err(remark) => return (Count::SKIPPED, Some(format!("{}: {remark}", step.name()))),
    };
    match perform(workspace, options, step, &suites, &variables) {
        Ok(count) => (count, None),
        Err(error) => {
            let remark = format!("{}: {}", step.name(), process::sentence(&error));
            (Count::FAILED, Some(remark))
        }
    }
}

fn gather(needs: &[Need]) -> Result<Variables, String> {
    let mut variables = Vec::new();
    for need in needs {
        match need.ensure() {
            Ok(found) => variables.extend(found),
            Err(error) => {
                let why = process::sentence(&error);
                let (name, advice) = (need.name(), need.advice());
                return Err(format!("{name} is missing ({why}). To get it: {advice}"));
            }
        }
    }
    Ok(variables)
}

fn perform(
    workspace: &Workspace,
    options: &Options,
    step: Step,
    suites: &[&str],
    variables: &Variables,
) -> Result<Count> {
    let source = options.wasm.wasm_std;
    match step {
        Step::Format => check(workspace.cargo().args(["fmt", "--all", "--check"])),
        Step::Tidy => tidy::check(workspace).map(|()| Count::PASSED),
        Step::Lints => check(workspace.cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])),
        Step::Build => check(workspace.cargo().args(["build", "--workspace", "--all-targets"])),
        Step::Tests => tests(&mut native_tests(workspace, suites)),
        Step::Docs => tests(workspace.cargo().args(["test", "--workspace", "--doc"])),
        Step::Wasm => tests(&mut wasm_suites::command(workspace, source, &variables[0].1)?),
        Step::Page => web::build(workspace, source, web::Kind::Release).map(|()| Count::PASSED),
        Step::Demo => rehearsal::rehearse(workspace),
        Step::Browser | Step::Clients | Step::Apache | Step::Chaos => {
            let mut sum = Count::default();
            for program in programs::find(workspace, suites)? {
                println!("   {}", program.name);
                let mut command = program.command();
                command.envs(variables.iter().map(|(name, path)| (name, path)));
                command.env("VIVARIUM_BIN", workspace.server_binary("debug"));
                sum.add(tests(&mut command)?);
            }
            Ok(sum)
        }
    }
}

/// Everything that needs only cargo, by nextest where it is installed.
fn native_tests(workspace: &Workspace, suites: &[&str]) -> Command {
    let mut command = workspace.cargo();
    command.env("VIVARIUM_BIN", workspace.server_binary("debug"));
    let nextest = process::which("cargo-nextest").is_some();
    if nextest {
        let others: Vec<String> = workspace
            .suites
            .iter()
            .filter(|suite| !Step::Tests.owns(suite))
            .map(|suite| format!("and not binary(={suite})"))
            .collect();
        command.args(["nextest", "run", "--workspace", "--no-fail-fast", "--no-tests=pass"]);
        command.arg("-E").arg(format!("all() {}", others.join(" ")));
    } else {
        command.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]);
        command.args(suites.iter().flat_map(|suite| ["--test", suite]));
    }
    command
}

fn check(command: &mut Command) -> Result<Count> {
    process::run(command)?;
    Ok(Count::PASSED)
}

fn tests(command: &mut Command) -> Result<Count> {
    let (status, text) = process::watched(command)?;
    Ok(judge(status.success(), &text))
}

fn judge(success: bool, text: &str) -> Count {
    let mut count = count(text);
    if !success && count.failed == 0 {
        // The tests did not compile, or one of them took its whole program down.
        count.add(Count::FAILED);
    }
    count
}

fn verdict(count: Count) -> &'static str {
    match count {
        Count { failed: 1.., .. } => "FAILED",
        Count { skipped: 1.., passed: 0, .. } => "skipped",
        Count { .. } => "ok",
    }
}

fn summarise(ended: &[Ended], in_ci: bool) -> Result<()> {
    println!("\n── summary");
    let mut sum = Count::default();
    for it in ended {
        let Count { passed, failed, skipped } = it.count;
        let seconds = it.took.as_secs_f32();
        let (name, verdict) = (it.step.name(), verdict(it.count));
        let numbers = format!("{passed} passed, {failed} failed, {skipped} skipped");
        println!("   {name:<8} {seconds:>7.1} s  {verdict:<7}  {numbers}");
        sum.add(it.count);
    }
    for remark in ended.iter().filter_map(|it| it.remark.as_ref()) {
        println!("   {remark}");
    }
    println!("{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
    if sum.failed > 0 {
        bail!("something failed; the steps above say what");
    }
    if in_ci && sum.skipped > 0 {
        bail!("something was skipped, which CI=true does not allow; the lines above say what");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_belongs_to_exactly_one_step() {
        let cases = [
            ("page", Step::Browser),
            ("conformance_kazoo", Step::Clients),
            ("apache_quorum", Step::Apache),
            ("chaos", Step::Chaos),
            ("stories", Step::Tests),
            ("pages_of_a_log", Step::Tests),
        ];
        for (suite, owner) in cases {
            let owners: Vec<Step> = STEPS.into_iter().filter(|step| step.owns(suite)).collect();
            assert_eq!(owners, [owner], "{suite}");
        }
    }

    #[test]
    fn a_step_stands_on_an_earlier_one() {
        let place = |step: Step| STEPS.iter().position(|it| *it == step);
        for step in STEPS {
            if let Some(ground) = step.ground() {
                assert!(place(ground) < place(step), "{step:?} runs before {ground:?}");
            }
        }
    }

    fn ended(count: Count) -> Vec<Ended> {
        vec![Ended { step: Step::Browser, count, took: Duration::ZERO, remark: None }]
    }

    #[test]
    fn a_failure_fails_everywhere_and_a_skip_only_in_ci() {
        summarise(&ended(Count::PASSED), true).unwrap();
        summarise(&ended(Count::SKIPPED), false).unwrap();
        summarise(&ended(Count::SKIPPED), true).unwrap_err();
        summarise(&ended(Count::FAILED), false).unwrap_err();
    }

    #[test]
    fn a_program_that_dies_without_a_closing_line_counts_as_a_failure() {
        assert_eq!(judge(false, "running 3 tests"), Count::FAILED);
        let ran = Count { passed: 3, failed: 1, skipped: 0 };
        assert_eq!(judge(false, "test result: FAILED. 3 passed; 1 failed; 0 ignored"), ran);
    }
}
