//! What can be done to one message on its way: hold, release, drop with its connection; and what
//! no TCP connection would do, marked as such, with what the checkers say of it.

use vivarium_protocol::trace::MessageId;
use vivarium_sim::{Command, MessageAct};
use yew::prelude::*;

use super::fault_words::W;
use super::faults::button;
use crate::i18n::Lang;
use crate::narrate::broken::broken;
use crate::view::{Msg, Shown};

/// What the actions are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Which message.
    pub id: MessageId,
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The actions.
#[component]
pub fn MessageActs(props: &Props) -> Html {
    let Props { id, shown, lang, send } = props;
    let flight = shown.scene.flights.get(id);
    let flying = flight.is_some_and(|flight| flight.arrived.is_none() && flight.lost.is_none());
    let act = |name: &str, words: W, act: MessageAct| {
        let commands = vec![Command::Message { id: *id, act }];
        button(format!("message-{name}"), lang.t(words).to_owned(), commands, send)
    };
    let held = shown.outside.held.contains_key(id);
    html! {
        <div class="sec message-acts" id="message-acts">
            <h3>{ lang.t(W::MessageTitle) }</h3>
            if flying {
                <div class="row wrap">
                    if held {
                        { act("release", W::Release, MessageAct::Release) }
                    } else {
                        { act("hold", W::Hold, MessageAct::Hold) }
                    }
                    { act("drop", W::DropMessage, MessageAct::Drop) }
                </div>
                <p class="hint">{ lang.t(W::HoldMeans) }</p>
                <details id="unreal">
                    <summary>{ lang.t(W::UnrealTitle) }</summary>
                    <p class="hint">{ lang.t(W::UnrealMeans) }</p>
                    <div class="row wrap">
                        { act("duplicate", W::Duplicate, MessageAct::Duplicate) }
                        { act("overtake", W::Overtake, MessageAct::Overtake) }
                        { act("vanish", W::Vanish, MessageAct::Vanish) }
                    </div>
                </details>
            } else {
                <p class="hint">{ lang.t(W::NotFlying) }</p>
            }
            { verdict(shown, *lang) }
        </div>
    }
}

/// What the checkers say once something unreal was done.
fn verdict(shown: &Shown, lang: Lang) -> Html {
    let count = shown.outside.unreal;
    if count == 0 {
        return html! {};
    }
    let acts = lang.pick(
        format!("{count} unreal act{} in this run: ", if count == 1 { "" } else { "s" }),
        format!("本次运行有 {count} 次不真实的操作："),
    );
    let first = shown.outside.violations.first();
    let said = first.map_or_else(
        || lang.t(W::AllHold).to_owned(),
        |said| {
            let (words, _) = broken(lang, said);
            format!("✕ {words}")
        },
    );
    html! { <p class="hint" id="unreal-verdict">{ acts }{ said }</p> }
}
