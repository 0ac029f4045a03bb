//! What can be done to the selected server. What cannot be done now says what it would need.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;
use vivarium_sim::Command;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::fault_words::W;
use crate::i18n::{Lang, Text};
use crate::view::{Msg, Shown};

/// How long a sync of a slow disk takes, in ticks of the ensemble: longer than the learners wait
/// for a ping, shorter than they wait for a leader.
const SLOW_TICKS: u64 = 2;

/// What the actions are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Whose.
    pub id: ServerId,
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// One action.
struct Act {
    name: &'static str,
    words: &'static str,
    commands: Vec<Command>,
    /// What is missing for it.
    needs: Option<W>,
}

/// The actions.
#[component]
pub fn ServerActs(props: &Props) -> Html {
    let Props { id, shown, lang, send } = props;
    let kept = use_state_eq(|| 0_u64);
    let unsynced = shown.outside.unsynced.get(id).copied().unwrap_or(0) as u64;
    let kept_now = (*kept).min(unsynced.saturating_sub(1));
    let acts = acts(*id, shown, *lang, (unsynced, kept_now));
    let needs = acts.iter().filter_map(|act| {
        let needs = act.needs?;
        Some(html! { <li>{ format!("{}: {}", act.words, lang.t(needs)) }</li> })
    });
    let needs: Vec<Html> = needs.collect();
    html! {
        <>
            <h2>{ format!("{} {id}", lang.t(Text::ActOn)) }</h2>
            <div class="row wrap" id="server-acts">
                { for acts.iter().map(|it| draw(it, *lang, send)) }
            </div>
            if unsynced > 1 {
                { keeping(&kept, kept_now, unsynced, *lang) }
            }
            if !needs.is_empty() {
                <ul class="needs" id="act-needs">{ for needs }</ul>
            }
        </>
    }
}

fn draw(act: &Act, lang: Lang, send: &Callback<Msg>) -> Html {
    let click = {
        let (send, commands) = (send.clone(), act.commands.clone());
        Callback::from(move |_: MouseEvent| send.emit(Msg::Commands(commands.clone())))
    };
    let described = act.needs.map(|_| "act-needs");
    let title = act.needs.map(|needs| lang.t(needs));
    html! {
        <button type="button" class="btn line" id={format!("act-{}", act.name)} onclick={click}
            disabled={act.needs.is_some()} {title}
            aria-describedby={described}>{ act.words }</button>
    }
}

fn acts(id: ServerId, shown: &Shown, lang: Lang, (unsynced, kept): (u64, u64)) -> Vec<Act> {
    let up = shown.scene.servers.get(&id).is_some_and(|server| server.up);
    let outside = &shown.outside;
    let up_only = (!up).then_some(W::NeedsUp);
    let mut all = Vec::new();
    let mut act = |name, words, commands, needs| all.push(Act { name, words, commands, needs });
    let either = |on: bool, does: (&'static str, Command), undoes: (&'static str, Command)| {
        let (words, command) = if on { undoes } else { does };
        (words, vec![command])
    };
    let crash = (lang.t(Text::Crash), Command::Crash(id));
    let (words, commands) = either(!up, crash, (lang.t(Text::Start), Command::Start(id)));
    act("crash", words, commands, None);
    let pause = (lang.t(Text::PauseServer), Command::Pause(id));
    let resume = (lang.t(Text::Resume), Command::Resume(id));
    let (words, commands) = either(outside.paused.contains(&id), pause, resume);
    act("pause", words, commands, up_only);
    let stall = (lang.t(Text::StallDisk), Command::StallDisk(id));
    let wake = (lang.t(Text::WakeDisk), Command::WakeDisk(id));
    let (words, commands) = either(outside.stalled.contains(&id), stall, wake);
    act("disk", words, commands, up_only);
    let us = Some(SLOW_TICKS * shown.setup.tick_time_ms * 1000);
    let slow = (lang.t(W::SlowDisk), Command::SlowDisk { server: id, us });
    let normal = (lang.t(W::NormalDisk), Command::SlowDisk { server: id, us: None });
    let (words, commands) = either(outside.slow.contains_key(&id), slow, normal);
    act("slow", words, commands, None);
    let tear = vec![Command::TearDisk { server: id, kept }];
    act("tear", lang.t(W::TearDisk), tear, (unsynced == 0).then_some(W::NeedsUnsynced));
    act("wipe", lang.t(W::WipeDisk), vec![Command::WipeDisk(id)], up.then_some(W::NeedsDown));
    act("snapshot", lang.t(W::Snapshot), vec![Command::Snapshot(id)], up_only);
    if shown.ids.len() > 1 {
        all.extend(network(id, shown, lang));
    }
    all
}

fn network(id: ServerId, shown: &Shown, lang: Lang) -> [Act; 3] {
    let others: Vec<ServerId> = shown.ids.iter().copied().filter(|other| *other != id).collect();
    let drops = others.iter().flat_map(|other| {
        let (a, b) = (id.min(*other), id.max(*other));
        [Channel::Election, Channel::Quorum].map(|channel| Command::DropConnection {
            a,
            b,
            channel,
        })
    });
    let act = |name, text, commands| Act { name, words: lang.t(text), commands, needs: None };
    [
        act("drop", Text::DropConnection, drops.collect()),
        act("isolate", Text::Isolate, vec![Command::Partition(vec![vec![id], others])]),
        act("heal", Text::HealAll, vec![Command::HealAll]),
    ]
}

/// How many of the records that are not synced survive a torn write.
fn keeping(kept: &UseStateHandle<u64>, now: u64, unsynced: u64, lang: Lang) -> Html {
    let choose = {
        let kept = kept.clone();
        Callback::from(move |event: Event| {
            let chosen: HtmlSelectElement = event.target_unchecked_into();
            kept.set(chosen.value().parse().unwrap_or(0));
        })
    };
    let options = (0..unsynced).map(|count| {
        html! { <option value={count.to_string()} selected={count == now}>
        { format!("{count} / {unsynced}") }</option> }
    });
    html! {
        <div class="row">
            <label class="lab" for="tear-kept">
                { format!("{}: {}", lang.t(W::TearDisk), lang.t(W::Keeping)) }</label>
            <select class="btn line" id="tear-kept" onchange={choose}>{ for options }</select>
        </div>
    }
}
