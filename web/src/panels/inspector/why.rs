//! Why a step happened: its cause, what it decided with the rule's own values, and what followed
//! from it, each as a link to where it can be seen.

use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::Vote;
use vivarium_protocol::trace::{
    Comparison, Decision, Frame, MessageId, SyncMode, SyncRule, TraceEvent, TravelFate,
};
use yew::prelude::*;

use super::votes::ladder_of;
use super::{hex, section};
use crate::i18n::{Lang, Words};
use crate::model::scene::Scene;
use crate::narrate;
use crate::stage::parts;
use crate::view::{Msg, Selection, Shown};

/// Rules shown for one step at most; the sentences name all of them.
const RULES: usize = 3;

#[derive(Clone, Copy)]
enum WhyText {
    Cause,
    Decided,
    Nothing,
    Effects,
    NoEffects,
    Rule,
}

impl Words for WhyText {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            WhyText::Cause => ("Because", "原因"),
            WhyText::Decided => ("What it decided", "它的决定"),
            WhyText::Nothing => ("Nothing: its state stays as it is.", "没有：状态不变。"),
            WhyText::Effects => ("What follows", "由此产生"),
            WhyText::NoEffects => ("Nothing is sent or written.", "没有发送或写入。"),
            WhyText::Rule => ("rule", "规则"),
        }
    }
}

/// Cause, decisions and effects of a step; `scene` is the scene after it.
pub fn view(frame: &Frame, scene: &Scene, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let decided = narrate::decisions(lang, frame, scene);
    let lines = decided.iter().map(|line| html! { <li>{ line }</li> });
    html! {
        <div id="why">
            { section(html! { lang.t(WhyText::Cause) }, html! { frame.step + 1 },
                because(frame, scene, shown, lang, send)) }
            { section(html! { lang.t(WhyText::Decided) }, html! {}, html! {
                <>
                    if decided.is_empty() {
                        <p class="hint">{ lang.t(WhyText::Nothing) }</p>
                    } else {
                        <ol class="happened">{ for lines }</ol>
                    }
                    { for rules(frame, lang) }
                </>
            }) }
            { section(html! { lang.t(WhyText::Effects) }, html! {}, effects(frame, lang, send)) }
        </div>
    }
}

/// The cause in words, and a link to the step, or the message, that it came from.
fn because(frame: &Frame, scene: &Scene, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let words = narrate::cause(lang, frame, scene);
    let message = frame.cause.message().filter(|id| shown.arrow(*id).is_some());
    let earlier = frame.caused_by.filter(|step| *step < frame.step);
    html! {
        <div class="because">
            <p>{ words }</p>
            <div class="effects">
                { message.map(|id| to_message(id, lang.pick("the message", "这条消息"), send)) }
                { earlier.map(|step| to_step(step + 1, lang, send)) }
            </div>
        </div>
    }
}

fn to_step(step: u64, lang: Lang, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let jump = Callback::from(move |_: MouseEvent| send.emit(Msg::SeekStep(step)));
    html! {
        <button type="button" class="btn line" id="why-cause" data-step={step.to_string()}
            onclick={jump}>{ lang.pick(format!("← step {step}"), format!("← 第 {step} 步")) }
            </button>
    }
}

fn to_message(id: MessageId, words: impl Into<String>, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let look = Callback::from(move |_: MouseEvent| {
        send.emit(Msg::Select(Selection::Message(id)));
    });
    html! {
        <button type="button" class="btn line" onclick={look} key={format!("{id:?}")}
            data-message={format!("{}-{}", id.from, id.to)}>{ words.into() }</button>
    }
}

/// What was sent, as links to the messages, and what was handed to the disk.
fn effects(frame: &Frame, lang: Lang, send: &Callback<Msg>) -> Html {
    let mut items: Vec<Html> = Vec::new();
    for event in &frame.events {
        match event {
            TraceEvent::Travelled(travel) if matches!(travel.fate, TravelFate::Sent { .. }) => {
                let name = narrate::message_name(lang, travel);
                items.push(to_message(travel.id, format!("{name} → {}", travel.id.to), send));
            }
            TraceEvent::Decided(decision) => items.extend(written(decision)),
            TraceEvent::Travelled(_) => {}
        }
    }
    if items.is_empty() {
        return html! { <p class="hint">{ lang.t(WhyText::NoEffects) }</p> };
    }
    html! { <div class="effects" id="why-effects">{ for items }</div> }
}

/// What a decision hands to the disk.
fn written(decision: &Decision) -> Option<Html> {
    let words = match decision {
        Decision::Logged { zxid, .. } => format!("log + {zxid}"),
        Decision::AcceptedEpoch { epoch } => format!("acceptedEpoch = {epoch}"),
        Decision::CurrentEpoch { epoch } => format!("currentEpoch = {epoch}"),
        Decision::Truncated { to } => format!("log ≤ {to}"),
        Decision::Installed { zxid } => format!("snapshot.{:x}", zxid.0),
        Decision::MembersChanged { in_force: false, .. } => "zoo.cfg.dynamic.next".to_owned(),
        Decision::MembersChanged { version, .. } => format!("zoo.cfg.dynamic.{:x}", version.0),
        Decision::Registered { .. }
        | Decision::Started { .. }
        | Decision::RoleChanged { .. }
        | Decision::PhaseChanged { .. }
        | Decision::RoundEntered { .. }
        | Decision::Proposes { .. }
        | Decision::Judged { .. }
        | Decision::Resent { .. }
        | Decision::Elected { .. }
        | Decision::VoteRenewed { .. }
        | Decision::Quorum { .. }
        | Decision::Learner { .. }
        | Decision::SyncPlanned { .. }
        | Decision::SyncStarted { .. }
        | Decision::Durable { .. }
        | Decision::Proposed { .. }
        | Decision::Acked { .. }
        | Decision::Committed { .. }
        | Decision::Serving { .. }
        | Decision::ReadOnly { .. }
        | Decision::Established { .. }
        | Decision::TimerSet { .. }
        | Decision::SessionExpired { .. }
        | Decision::Hung { .. }
        | Decision::Halted { .. } => return None,
    };
    Some(html! { <span class="disk">{ parts::icon("disk") }{ words }</span> })
}

/// The rules that applied, with the values that decided.
fn rules(frame: &Frame, lang: Lang) -> Vec<Html> {
    let decisions = frame.events.iter().filter_map(|event| match event {
        TraceEvent::Decided(decision) => Some(decision),
        TraceEvent::Travelled(_) => None,
    });
    decisions.filter_map(|decision| rule(decision, lang)).take(RULES).collect()
}

fn rule(decision: &Decision, lang: Lang) -> Option<Html> {
    match decision {
        Decision::Proposes { vote, against, by, .. } => {
            compared(vote, against.as_ref()?, *by, lang)
        }
        Decision::Judged { vote, against, .. } => {
            let (own, by) = against.as_ref()?;
            compared(vote, own, *by, lang)
        }
        Decision::Quorum { have, need, reached, .. } => Some(slots(have, *need, *reached)),
        Decision::SyncPlanned { learner_zxid, window, mode, zxid, rule, .. } => {
            Some(planned(*learner_zxid, *window, (*mode, *zxid), *rule, lang))
        }
        Decision::Registered { .. }
        | Decision::MembersChanged { .. }
        | Decision::Started { .. }
        | Decision::RoleChanged { .. }
        | Decision::PhaseChanged { .. }
        | Decision::RoundEntered { .. }
        | Decision::Resent { .. }
        | Decision::Elected { .. }
        | Decision::VoteRenewed { .. }
        | Decision::AcceptedEpoch { .. }
        | Decision::CurrentEpoch { .. }
        | Decision::Learner { .. }
        | Decision::SyncStarted { .. }
        | Decision::Truncated { .. }
        | Decision::Installed { .. }
        | Decision::Logged { .. }
        | Decision::Durable { .. }
        | Decision::Proposed { .. }
        | Decision::Acked { .. }
        | Decision::Committed { .. }
        | Decision::Serving { .. }
        | Decision::ReadOnly { .. }
        | Decision::Established { .. }
        | Decision::TimerSet { .. }
        | Decision::SessionExpired { .. }
        | Decision::Hung { .. }
        | Decision::Halted { .. } => None,
    }
}

fn compared(new: &Vote, old: &Vote, by: Comparison, lang: Lang) -> Option<Html> {
    (by != Comparison::NoWeight).then(|| ladder_of(new, old, lang))
}

/// Who counts, and how many more are needed.
fn slots(have: &[vivarium_protocol::base::ServerId], need: u32, reached: bool) -> Html {
    let coins = have.iter().map(|id| parts::small_coin(*id));
    let mark = if reached { "✓" } else { "…" };
    html! {
        <div class="rule slotrow">{ for coins }
            <code>{ format!("{} / {need} {mark}", have.len()) }</code></div>
    }
}

/// The leader's choice under ZooKeeper's own names.
fn planned(
    learner: Zxid,
    (oldest, newest): (Zxid, Zxid),
    (mode, zxid): (SyncMode, Zxid),
    rule: SyncRule,
    lang: Lang,
) -> Html {
    let row = |name: &str, value: String, small: String| {
        html! {
            <div>
                <dt class="mono">{ name }</dt>
                <dd><small>{ small }</small><span class="val">{ value }</span></dd>
            </div>
        }
    };
    let zxid_row = |name: &str, zxid: Zxid| row(name, zxid.to_string(), hex(zxid));
    let mode = match mode {
        SyncMode::Diff => "DIFF",
        SyncMode::Trunc => "TRUNC",
        SyncMode::Snap => "SNAP",
    };
    html! {
        <dl class="vars rule" id="sync-rule">
            { zxid_row("peerLastZxid", learner) }
            { zxid_row("minCommittedLog", oldest) }
            { zxid_row("maxCommittedLog", newest) }
            { row(lang.t(WhyText::Rule), rule_words(rule, lang).to_owned(), String::new()) }
            { row("→", format!("{mode} {zxid}"), String::new()) }
        </dl>
    }
}

fn rule_words(rule: SyncRule, lang: Lang) -> &'static str {
    let (english, chinese) = match rule {
        SyncRule::SameZxid => ("last = max", "last = max"),
        SyncRule::LearnerAhead => ("last > max", "last > max"),
        SyncRule::InHistory => ("min ≤ last ≤ max", "min ≤ last ≤ max"),
        SyncRule::EpochStart => ("last starts an epoch", "last 是纪元起点"),
        SyncRule::Divergent => ("last is not in the log", "last 不在日志中"),
        SyncRule::AcrossEpochs => ("cut crosses an epoch", "截断将跨越纪元"),
        SyncRule::TooOld => ("last is too far back", "last 落后太多"),
    };
    lang.pick(english, chinese)
}
