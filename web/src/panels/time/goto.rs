//! The field to go to a moment or a step.

use yew::prelude::*;

use super::{TimeMsg, Word};
use crate::i18n::Lang;
use crate::view::Msg;

/// What the field needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The language.
    pub lang: Lang,
    /// What it complains of.
    pub complaint: Option<Word>,
    /// Where its text goes.
    pub send: Callback<Msg>,
}

/// The field.
#[component]
pub fn Goto(props: &Props) -> Html {
    let Props { lang, send, .. } = props;
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(field) = node.cast::<web_sys::HtmlElement>() {
                // Without focus the field can still be clicked.
                let _ = field.focus();
            }
        });
    }
    let submit = {
        let (node, send) = (node.clone(), send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(field) = node.cast::<web_sys::HtmlInputElement>() {
                send.emit(Msg::Time(TimeMsg::GoTo(field.value())));
            }
        })
    };
    let hint = props.complaint.unwrap_or(Word::PlaceHint);
    html! {
        <form class="goto" id="goto" onsubmit={submit} autocomplete="off">
            <label for="goto-field">{ lang.t(Word::Place) }</label>
            <input ref={node} id="goto-field" class="mono" type="text" spellcheck="false"
                aria-describedby="goto-hint"
                aria-invalid={props.complaint.is_some().to_string()} />
            <button type="submit" class="btn solid">{ lang.t(Word::Go) }</button>
            <small id="goto-hint" role={props.complaint.map(|_| "alert")}>{ lang.t(hint) }</small>
        </form>
    }
}
