//! The list of keys under `?`, with the switch that turns single keys off.
//!
//! `app/keys.rs` holds the list against the keys themselves, both ways: a key that does nothing
//! cannot be listed, and a key that does something cannot be missing.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::i18n::{Lang, Text, Words};
use crate::stage::boot_words::BootText;
use crate::stage::parts::icon;
use crate::view::{Everyone, Msg, Page};

/// Every key with what it does.
pub const KEYS: [(&str, Text); 16] = [
    ("Space", Text::KeyPlay),
    ("← →", Text::KeyStep),
    ("Shift ← →", Text::KeyKeyEvent),
    ("Home End", Text::KeyEnds),
    (", .", Text::KeySpeed),
    ("U 1…9", Text::KeyUntil),
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

/// The key of the boot view, whose words are its own.
pub const BOOT: &str = "B";

/// What a presenter's remote sends while the presentation view is on.
pub const REMOTE: [(&str, Says); 2] = [("PgUp PgDn", Says::Walk), (". B", Says::Blank)];

/// What is said about keys and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The heading of the remote's keys.
    Remote,
    /// Page Up and Page Down.
    Walk,
    /// `.` and `b`.
    Blank,
    /// The switch.
    Single,
    /// What the switch does.
    SingleWhy,
}

impl Words for Says {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Says::Remote => ("Presentation, with a remote", "演示（翻页笔）"),
            Says::Walk => ("back, on: the guide, or key events", "后退、前进：导览步骤或关键事件"),
            Says::Blank => ("blank page", "黑屏"),
            Says::Single => ("Single keys", "单键快捷键"),
            Says::SingleWhy => (
                "Switch them off if your own tools use the same keys.",
                "如果您的辅助工具使用相同按键，请将其关闭。",
            ),
        }
    }
}

/// What the list needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The language.
    pub lang: Lang,
    /// Whether single keys are on.
    pub single: bool,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The list.
#[component]
pub fn Keys(props: &Props) -> Html {
    let node = use_node_ref();
    use_modal(node.clone());
    let lang = props.lang;
    let send = props.send.clone();
    let close = Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Escape)));
    let send = props.send.clone();
    let single = props.single;
    let switch = Callback::from(move |_: MouseEvent| {
        send.emit(Msg::Everyone(Everyone::SingleKeys(!single)));
    });
    let rows = KEYS.iter().map(|(keys, text)| row(keys, lang.t(*text)));
    let time = super::time::KEYS.iter().map(|(keys, word)| row(keys, lang.t(*word)));
    let remote = REMOTE.iter().map(|(keys, says)| row(keys, lang.t(*says)));
    html! {
        <dialog ref={node} class="pop" id="keys" aria-label={lang.t(Text::Keyboard)}>
            <div>
                <h2>{ lang.t(Text::Keyboard) }</h2>
                <dl>{ for rows }{ for time }{ row(BOOT, lang.t(BootText::Key)) }</dl>
                <h2>{ lang.t(Says::Remote) }</h2>
                <dl>{ for remote }</dl>
                <button type="button" role="switch" class="btn line" id="single-keys"
                    aria-checked={single.to_string()} aria-describedby="single-why"
                    onclick={switch}>
                    if single { { icon("check") } } else { { icon("close") } }
                    <span>{ lang.t(Says::Single) }</span>
                </button>
                <p id="single-why">{ lang.t(Says::SingleWhy) }</p>
            </div>
            <button type="button" class="btn" id="keys-close" aria-label={lang.t(Text::Close)}
                onclick={close}>{ icon("close") }</button>
        </dialog>
    }
}

fn row(keys: &str, words: &'static str) -> Html {
    let keys = keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> });
    html! { <><dt>{ for keys }</dt><dd>{ words }</dd></> }
}

/// Opens the dialog over an inert page; closing it gives the focus back to where it was.
#[hook]
fn use_modal(node: NodeRef) {
    use_effect_with((), move |()| {
        let dialog = node.cast::<HtmlDialogElement>();
        if let Some(dialog) = &dialog {
            // A dialog that cannot be modal would stay hidden.
            if dialog.show_modal().is_err() {
                dialog.set_open(true);
            }
        }
        move || {
            if let Some(dialog) = dialog {
                dialog.close();
            }
        }
    });
}
