//! The task: a free run that is judged.

use yew::prelude::*;

use super::{Hand, watch};
use crate::model::desk::{Desk, Try};
use crate::tasks;

/// The task, if the lesson has one.
pub fn task(desk: &Desk, hand: &Hand) -> Html {
    let Some(task) = &desk.lesson().task else { return html! {} };
    let lang = hand.lang;
    let open = match desk.attempt() {
        Try::Open(run) | Try::NotYet(run) | Try::Shown(run, _) => Some(run),
        Try::Unopened | Try::Solved => None,
    };
    let tabs = (0..desk.runs()).map(|run| begin(desk, hand, run, open == Some(run)));
    html! {
        <section id="lesson-task" class="exam">
            <h2>{ lang.pick("Your turn", "轮到你了") }</h2>
            <p>{ hand.text(&task.ask) }</p>
            <div class="acts">{ for tabs }</div>
            if open.is_some() {
                <p class="hint">{ lang.pick(
                    "Use the stage and the tabs Faults and Clients, and let time run. Then:",
                    "用舞台和“故障”“客户端”标签操作，并让时间运行。然后：",
                ) }</p>
                if !task.answer.is_empty() {
                    <label class="field">{ lang.pick("Your numbers, with commas", "你的数字，用逗号分开") }
                        <input id="task-answer" type="text" inputmode="numeric"
                            autocomplete="off" /></label>
                }
                <div class="acts">
                    <button type="button" class="btn solid" id="task-check"
                        onclick={hand.act(|desk, playback| desk.judge(&typed(), playback))}>
                        { lang.pick("Judge my run", "评判我的运行") }</button>
                    { solution(hand, open) }
                </div>
            }
            <p id="task-verdict" role="status" class="verdict">{ verdict(desk, hand) }</p>
            if desk.hints() {
                <p class="hint" id="task-hint">{ lang.pick("Hint: ", "提示：") }
                    { hand.text(&task.hint) }</p>
            }
        </section>
    }
}

fn begin(desk: &Desk, hand: &Hand, run: usize, open: bool) -> Html {
    let lang = hand.lang;
    let number = run + 1;
    let words = match (desk.runs() > 1, open) {
        (false, false) => lang.pick("Begin", "开始").to_owned(),
        (false, true) => lang.pick("Begin again", "重新开始").to_owned(),
        (true, _) => lang.pick(format!("Run {number}"), format!("运行 {number}")),
    };
    let mark = if desk.is_solved(run) { " ✓" } else { "" };
    let class = classes!("btn", if open { "line" } else { "solid" });
    html! {
        <button type="button" {class} id={format!("task-begin-{number}")}
            onclick={hand.act(move |desk, playback| desk.begin_task(run, playback))}>
            { words }{ mark }</button>
    }
}

fn solution(hand: &Hand, open: Option<usize>) -> Html {
    let Some(run) = open else { return html! {} };
    let show = hand.act(move |desk, playback| desk.show_solution(run, playback, watch()));
    html! {
        <button type="button" class="btn line" id="task-solution" onclick={show}>
            { hand.lang.pick("Show a solution", "看一种解法") }</button>
    }
}

fn verdict(desk: &Desk, hand: &Hand) -> String {
    let lang = hand.lang;
    match desk.attempt() {
        Try::Solved => lang.pick("✓ Solved: your run shows it.", "✓ 解出：你的运行已经证明。"),
        Try::NotYet(run) if desk.is_solved(run) => lang.pick(
            "✓ This run shows it; something is still missing.",
            "✓ 这次运行已证明；还缺一部分。",
        ),
        Try::NotYet(_) => {
            lang.pick("✗ Not yet: try on, or begin again.", "✗ 还没有：继续试，或重新开始。")
        }
        Try::Shown(_, true) => {
            lang.pick("✓ This is one solution: the run shows it.", "✓ 这是一种解法：运行已经证明。")
        }
        Try::Shown(_, false) => lang.pick("✗ This run does not show it.", "✗ 这次运行没有证明它。"),
        Try::Unopened | Try::Open(_) => "",
    }
    .to_owned()
}

/// The numbers in the field.
fn typed() -> Vec<u64> {
    let text = tasks::value_of("task-answer").unwrap_or_default();
    text.split([',', '，', ' ', '、']).filter_map(|part| part.trim().parse().ok()).collect()
}
