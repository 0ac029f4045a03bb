//! Fields in which an author writes.

use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::{Hand, Spot};
use crate::model::writing::{Tongue, Writing};
use vivarium_lessons::Text;

/// One line; where it cannot be read, why.
pub fn line(
    id: String,
    label: &str,
    value: String,
    why: Option<String>,
    on: impl Fn(String) + 'static,
) -> Html {
    let typed = Callback::from(move |event: InputEvent| {
        on(event.target_unchecked_into::<HtmlInputElement>().value());
    });
    html! {
        <label class="field">{ label }
            <input type="text" {id} {value} oninput={typed} autocomplete="off" spellcheck="false"
                aria-invalid={why.is_some().to_string()} />
            { reason(why) }
        </label>
    }
}

/// Several lines; where they cannot be read, why.
pub fn lines(
    id: String,
    label: &str,
    value: String,
    why: Option<String>,
    on: impl Fn(String) + 'static,
) -> Html {
    let typed = Callback::from(move |event: InputEvent| {
        on(event.target_unchecked_into::<HtmlTextAreaElement>().value());
    });
    let rows = (value.lines().count() + 1).to_string();
    html! {
        <label class="field">{ label }
            <textarea {id} class="cfg-text" {value} oninput={typed} {rows} spellcheck="false"
                aria-invalid={why.is_some().to_string()} />
            { reason(why) }
        </label>
    }
}

fn reason(why: Option<String>) -> Html {
    html! { if let Some(why) = why { <small class="wrong" role="alert">{ why }</small> } }
}

/// A text in both languages, each in a field of its own.
pub fn text(hand: &Hand, id: &str, label: &str, text: &Text, spot: Spot) -> Html {
    let one = |tongue: Tongue, own: &str, name: &str, lang: &'static str| {
        let hand = hand.clone();
        let typed = Callback::from(move |event: InputEvent| {
            let words = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            hand.change(|writing: &mut Writing| writing.write(spot, tongue, words));
        });
        html! {
            <label class="field">{ label }{ " · " }{ name }
                <textarea id={format!("{id}-{lang}")} class="sentence" {lang} rows="2"
                    value={own.to_owned()} oninput={typed} />
            </label>
        }
    };
    html! {
        <>
            { one(Tongue::English, &text.en, "English", "en") }
            { one(Tongue::Chinese, &text.zh, "中文", "zh") }
        </>
    }
}
