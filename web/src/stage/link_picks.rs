//! Links as buttons, for the keyboard and for whoever listens: one at the middle of every link that
//! has something on it, seen while it has the focus or the pointer.

use yew::prelude::*;

use super::styled::Styled;
use crate::i18n::Lang;
use crate::model::layout::PlateSize;
use crate::model::traffic::{self, Pair};
use crate::view::{ChoosingProps, Msg, OnGround, Selection, Shown, drawn, is_drawn_on};

/// What the buttons are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Moment, choices, where clicks go.
    pub choosing: ChoosingProps,
    /// Where the links run.
    pub ground: OnGround,
}

/// The buttons.
#[component]
pub fn LinkPicks(props: &Props) -> Html {
    let ChoosingProps { shown, choices, send } = &props.choosing;
    let ground = &props.ground;
    let picks = busy(shown, props).into_iter().filter_map(|(pair, count)| {
        let (x, y) = ground.link(pair)?.at(0.5);
        // Whole pixels: a button that stands where it stood is not drawn again.
        let place = (x.round() as i32, y.round() as i32);
        let pressed = choices.selection == Selection::Link(pair);
        Some(html! {
            <Pick key={format!("{}>{}", pair.0, pair.1)} {pair} {count} {place} {pressed}
                lang={choices.lang} send={send.clone()} />
        })
    });
    html! { <div id="links">{ for picks }</div> }
}

/// Among tiles only the links of what is chosen are drawn.
fn busy(shown: &Shown, props: &Props) -> Vec<(Pair, usize)> {
    let choices = &props.choosing.choices;
    let flights = drawn(&shown.scene, &props.ground, choices.selection);
    let mut busy = traffic::busy(flights, choices.filters);
    if props.ground.layout.size == PlateSize::Tile {
        busy.retain(|(pair, _)| is_drawn_on(choices.selection, *pair));
    }
    busy
}

#[derive(Clone, PartialEq, Properties)]
struct PickProps {
    pair: Pair,
    count: usize,
    place: (i32, i32),
    pressed: bool,
    lang: Lang,
    send: Callback<Msg>,
}

#[component]
fn Pick(props: &PickProps) -> Html {
    let PickProps { pair, count, place, pressed, lang, send } = props;
    let (pair, send) = (*pair, send.clone());
    let select = Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Link(pair))));
    let styles = vec![("left", format!("{}px", place.0)), ("top", format!("{}px", place.1))];
    html! {
        <Styled class="link-place" styles={styles}>
            <button type="button" class="link-pick" id={format!("link-{}-{}", pair.0, pair.1)}
                aria-pressed={pressed.to_string()} aria-label={words(pair, *count, *lang)}
                onclick={select}>{ *count }</button>
        </Styled>
    }
}

/// A link in words, with how much is under way on it.
#[must_use]
pub fn words((from, to): Pair, count: usize, lang: Lang) -> String {
    match (lang, count) {
        (Lang::English, 0) => format!("Link {from} → {to}, nothing under way"),
        (Lang::English, 1) => format!("Link {from} → {to}, 1 message under way"),
        (Lang::English, count) => format!("Link {from} → {to}, {count} messages under way"),
        (Lang::Chinese, count) => format!("链路 {from} → {to}，途中消息 {count} 条"),
    }
}
