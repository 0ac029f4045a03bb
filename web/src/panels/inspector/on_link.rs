//! A link: what is under way on it, each message to be picked.

use vivarium_protocol::trace::MessageId;
use yew::prelude::*;

use super::{close, section};
use crate::i18n::Lang;
use crate::model::flight;
use crate::model::scene::FlightView;
use crate::model::timers::span_words;
use crate::model::traffic::{self, Pair};
use crate::narrate;
use crate::stage::{flights, link_picks, parts};
use crate::tasks;
use crate::view::{Msg, Selection, Shown};

/// The item of the message that is selected: after picking one the focus stays in the list.
const CURRENT: &str = "pick-current";

/// The inspector of a link.
pub fn view(pair: Pair, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let (from, to) = pair;
    let count = traffic::on_link(&shown.scene, pair).len();
    let cut = shown.outside.cuts.contains(&pair);
    let back = (to, from);
    let waiting = traffic::on_link(&shown.scene, back).len();
    let other = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Link(back))))
    };
    html! {
        <>
            <div class="ihead">
                { parts::small_coin(from) }<span>{ "→" }</span>{ parts::small_coin(to) }
                <div>
                    <h2>{ lang.pick(format!("Link {from} → {to}"), format!("链路 {from} → {to}")) }
                        </h2>
                    <p>{ match (lang, count) {
                        (Lang::English, 1) => "1 message under way".to_owned(),
                        (Lang::English, count) => format!("{count} messages under way"),
                        (Lang::Chinese, count) => format!("途中消息 {count} 条"),
                    } }</p>
                </div>
                { close(lang, send) }
            </div>
            <div class="pane flush" id="inspector-link">
                if cut {
                    <div class="sec"><p class="lead">{ lang.pick(
                        format!("Cut: {to} does not hear {from}."),
                        format!("已切断：{to} 听不到 {from}。"),
                    ) }</p></div>
                }
                { list(pair, None, shown, lang, send) }
                <div class="sec">
                    <button type="button" class="btn line" id="link-back" onclick={other}>
                        { link_picks::words(back, waiting, lang) }
                    </button>
                </div>
            </div>
        </>
    }
}

/// The messages under way on a link, the next to arrive first; `now` is the one that is selected.
pub fn list(
    pair: Pair,
    now: Option<MessageId>,
    shown: &Shown,
    lang: Lang,
    send: &Callback<Msg>,
) -> Html {
    let messages = traffic::on_link(&shown.scene, pair);
    if messages.is_empty() && now.is_some() {
        return html! {};
    }
    let items = messages.iter().map(|(id, it)| item(*id, it, now == Some(*id), shown, lang, send));
    section(
        html! { lang.pick(
            format!("On the link {} → {}", pair.0, pair.1),
            format!("链路 {} → {} 上", pair.0, pair.1),
        ) },
        html! { lang.pick("next to arrive first", "先到的在前") },
        if messages.is_empty() {
            html! { <p class="hint">{ lang.pick("Nothing is under way.", "途中没有消息。") }</p> }
        } else {
            html! { <ol class="on-link" id="on-link">{ for items }</ol> }
        },
    )
}

fn item(
    id: MessageId,
    flight: &FlightView,
    current: bool,
    shown: &Shown,
    lang: Lang,
    send: &Callback<Msg>,
) -> Html {
    let travel = &flight.travel;
    let leader = travel.zxid.and_then(|zxid| parts::epoch_hue(&shown.scene, zxid.epoch()));
    let left = if shown.outside.held.contains_key(&id) {
        lang.pick("held", "被扣住").to_owned()
    } else {
        let left = span_words(flight.arrives.since(shown.at));
        lang.pick(format!("{left} to go"), format!("还有 {left}"))
    };
    let pick = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| {
            send.emit(Msg::Select(Selection::Message(id)));
            // The list is drawn anew, with the message that was picked as the current one.
            tasks::focus_drawn(format!("#{CURRENT}[data-message=\"{}\"]", flights::key(&id)));
        })
    };
    let ping = flight::family(travel) == flight::Family::Ping;
    html! {
        <li key={flights::key(&id)}>
            <button type="button" id={current.then_some(CURRENT)} onclick={pick}
                data-message={flights::key(&id)} aria-current={current.then_some("true")}
                class={classes!(ping.then_some("faint"))}>
                { parts::glyph_svg(travel, leader, 10.0) }
                <span>{ narrate::message_name(lang, travel) }</span>
                <small>{ left }</small>
            </button>
        </li>
    }
}
