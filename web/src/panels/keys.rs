//! The list of keys.

use yew::prelude::*;

use crate::i18n::{Lang, Text};
use crate::stage::boot_words::BootText;
use crate::stage::parts::icon;
use crate::view::{Msg, Page};

/// Every key with what it does.
const KEYS: [(&str, Text); 16] = [
    ("Space", Text::KeyPlay),
    ("← →", Text::KeyStep),
    ("Shift ← →", Text::KeyKeyEvent),
    ("Home End", Text::KeyEnds),
    (", .", Text::KeySpeed),
    ("U 1…4", Text::KeyUntil),
    ("1…9", Text::KeySelect),
    ("M Shift M", Text::KeyMessage),
    ("C", Text::KeyCause),
    ("K", Text::KeyCrash),
    ("X", Text::KeyCut),
    ("A", Text::KeyElections),
    ("[ ]", Text::KeyPanels),
    ("+ -", Text::KeyZoom),
    ("P D L", Text::KeyViews),
    ("? Esc", Text::KeyHelp),
];

/// What the list needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The list.
#[component]
pub fn Keys(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(button) = node.cast::<web_sys::HtmlElement>() {
                // Without focus the list still shows.
                let _ = button.focus();
            }
        });
    }
    let send = props.send.clone();
    let close = Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Escape)));
    let rows = KEYS.iter().map(|(keys, text)| {
        let keys = keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> });
        html! { <><dt>{ for keys }</dt><dd>{ props.lang.t(*text) }</dd></> }
    });
    html! {
        <div class="pop" id="keys" role="dialog" aria-modal="true"
            aria-label={props.lang.t(Text::Keyboard)}>
            <div>
                <h2>{ props.lang.t(Text::Keyboard) }</h2>
                <dl>
                    { for rows }
                    <dt><kbd>{ "B" }</kbd></dt><dd>{ props.lang.t(BootText::Key) }</dd>
                </dl>
            </div>
            <button ref={node} type="button" class="btn" aria-label={props.lang.t(Text::Close)}
                onclick={close}>{ icon("close") }</button>
        </div>
    }
}
