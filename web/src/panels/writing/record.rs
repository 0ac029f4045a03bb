//! Recording: where a scene begins, what was done since the last step, and what came true.

use vivarium_lessons::draft::{Off, Offer};
use yew::prelude::*;

use super::{Hand, led};
use crate::model::playback::Playback;
use crate::model::writing::{Said, Writing, refusal};
use crate::tasks;

/// Where a condition is typed.
const TYPED: &str = "writing-until";

/// What the run has for the next step.
#[derive(Clone, PartialEq)]
pub enum Found {
    /// It is playing.
    Moving,
    /// Recording can't go on here.
    Off(Off),
    /// What was done, and what came true.
    Here(Vec<String>, Vec<Offer>),
}

/// Looks at the run up to the playhead.
pub fn look(writing: &Writing, playback: &Playback) -> Found {
    let timeline = playback.timeline();
    let found = writing.draft.done(timeline);
    match found.and_then(|done| Ok((done, writing.draft.offers(timeline)?))) {
        Ok((done, offers)) => Found::Here(done, offers),
        Err(off) => Found::Off(off),
    }
}

/// The part of the panel.
pub fn record(writing: &Writing, found: &Found, hand: &Hand) -> Html {
    let lang = hand.lang;
    let begun = !writing.draft.lesson().scenes.is_empty();
    let body = match found {
        _ if !begun => html! {
            <p class="hint">{ lang.pick(
                "A scene begins with the run as it stands now: its ensemble, and what was done.",
                "场景从当前的运行开始：它的集群，以及已经做过的事。",
            ) }</p>
        },
        Found::Moving => html! {
            <p class="hint">{ lang.pick(
                "The run is playing. Pause it where the step shall end.",
                "正在播放。在这一步该结束的地方暂停。",
            ) }</p>
        },
        Found::Off(off) => stray(off, hand),
        Found::Here(done, offers) => step(done, offers, hand),
    };
    let class = classes!("btn", if begun { "line" } else { "solid" });
    html! {
        <section id="writing-record" class="exam">
            <h2>{ lang.pick("Record", "录制") }</h2>
            { body }
            { by_part(writing, hand) }
            <div class="acts">
                <button type="button" {class} id="scene-begin" onclick={begin(hand)}>
                    if begun { { lang.pick("New scene from here", "从这里开始新场景") } }
                    else { { lang.pick("Begin a scene here", "从这里开始场景") } }
                </button>
            </div>
        </section>
    }
}

fn begin(hand: &Hand) -> Callback<MouseEvent> {
    hand.look(|writing, playback| {
        if let Err(off) = writing.draft.begin_scene(playback.timeline()) {
            writing.said = Said::Off(off);
        }
    })
}

/// Why recording can't go on, and the way back to where it can.
fn stray(off: &Off, hand: &Hand) -> Html {
    let resume = {
        let hand = hand.clone();
        Callback::from(move |_: MouseEvent| {
            hand.change(|writing| {
                let shown = &mut hand.session.borrow_mut();
                if let Err(fault) = shown.led(|run| writing.draft.resume(run)) {
                    writing.said = Said::Fault(fault);
                }
            });
            led(&hand);
        })
    };
    html! {
        <div class="strayed" role="status">
            <p>{ refusal(off, hand.lang) }</p>
            <button type="button" class="btn line" id="writing-resume" onclick={resume}>
                { hand.lang.pick("Go to the draft's end", "到草稿的末尾") }</button>
        </div>
    }
}

fn by_part(writing: &Writing, hand: &Hand) -> Html {
    let change = {
        let hand = hand.clone();
        Callback::from(move |_: Event| {
            hand.change(|writing| writing.draft.by_part = !writing.draft.by_part);
        })
    };
    html! {
        <label class="tick hint"><input type="checkbox" id="by-part"
            checked={writing.draft.by_part} onchange={change} />
            { hand.lang.pick(
                "Call servers by their parts (leader, follower), so that it holds on every run",
                "按角色称呼服务器（Leader、Follower），使课程在每次运行里都成立",
            ) }</label>
    }
}

fn step(done: &[String], offers: &[Offer], hand: &Hand) -> Html {
    let lang = hand.lang;
    let rows = offers.iter().map(|offer| row(offer, hand));
    let typed = hand.look(|writing, playback| {
        take(writing, playback, &tasks::value_of(TYPED).unwrap_or_default());
    });
    html! {
        <>
            <h3>{ lang.pick("Done since the last step", "上一步以来做的事") }</h3>
            if done.is_empty() {
                <p class="hint">{ lang.pick(
                    "Nothing yet. Act on the stage and in the tabs, and let time run.",
                    "还没有。在舞台和各标签里操作，并让时间运行。",
                ) }</p>
            } else {
                <pre id="writing-done" class="script" tabindex="0"
                    aria-label={lang.pick("Done since the last step", "上一步以来做的事")}>
                    { done.join("\n") }</pre>
            }
            <h3>{ lang.pick("Record a step that waits for", "录一步，等待") }</h3>
            if offers.is_empty() {
                <p class="hint">{ lang.pick(
                    "Nothing new has come true yet: let time run.",
                    "还没有新的条件成立：让时间运行。",
                ) }</p>
            }
            <ul class="offers">{ for rows }</ul>
            <label class="field">{ lang.pick("Another condition", "其他条件") }
                <input type="text" id={TYPED} autocomplete="off" spellcheck="false" /></label>
            <button type="button" class="btn line" id="writing-record-typed" onclick={typed}>
                { lang.pick("Record with this condition", "用这个条件录制") }</button>
        </>
    }
}

fn row(offer: &Offer, hand: &Hand) -> Html {
    let lang = hand.lang;
    let condition = offer.condition.clone();
    let choose = hand.look(move |writing, playback| take(writing, playback, &condition));
    let tenths = offer.after_us / 100_000;
    let after = format!("{}.{} s", tenths / 10, tenths % 10);
    html! {
        <li key={offer.condition.clone()}>
            <button type="button" data-offer={offer.condition.clone()} onclick={choose}>
                <code>{ &offer.condition }</code>
                <small>
                    if offer.here { { lang.pick("came true right here", "恰在此刻成立") } }
                    else { { lang.pick("came true after ", "成立于之后 ") }{ after } }
                </small>
            </button>
        </li>
    }
}

/// Records the step and opens it, so that its sentence can be written.
fn take(writing: &mut Writing, playback: &Playback, until: &str) {
    match writing.draft.record_step(playback.timeline(), until) {
        Ok(step) => {
            writing.open = Some(step);
            tasks::focus_drawn(format!("#say-{step}-en"));
        }
        Err(off) => writing.said = Said::Off(off),
    }
}
