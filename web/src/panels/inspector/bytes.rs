//! A message as the bytes that a real server would send: each field's run of bytes, and below them
//! the same fields in words. Pointing at one, or focusing it, marks the other.
//!
//! The bytes, the names and the borders come from `model/bytes.rs`, that is from the codec.

use std::rc::Rc;

use yew::prelude::*;

use super::{hex, section};
use crate::i18n::{Lang, Words};
use crate::model::bytes::{Field, Meaning, Wire, push_hex};
use crate::tasks;

/// The most bytes of one field that are drawn; all of them are copied.
const DRAWN: usize = 48;

#[derive(Clone, Copy)]
enum BytesText {
    OnTheWire,
    InWords,
    Copy,
    Copied,
    Refused,
    Null,
    Hint,
}

impl Words for BytesText {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            BytesText::OnTheWire => ("On the wire", "线上字节"),
            BytesText::InWords => ("Field by field", "逐字段"),
            BytesText::Copy => ("Copy as hex", "复制十六进制"),
            BytesText::Copied => ("Copied.", "已复制。"),
            BytesText::Refused => ("The browser does not allow it.", "浏览器不允许复制。"),
            BytesText::Null => ("none", "无"),
            BytesText::Hint => (
                "Bytes and fields: arrow keys go from one to the next.",
                "字节与字段：用方向键逐个移动。",
            ),
        }
    }
}

/// What is shown.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The bytes, field by field.
    pub wire: Rc<Wire>,
    /// What stands above them instead of the usual heading.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// The language.
    pub lang: Lang,
}

/// The bytes of a message.
#[component]
pub fn Bytes(props: &Props) -> Html {
    let Props { wire, lang, title } = props;
    let lang = *lang;
    let marked = use_state(|| None::<usize>);
    let last = wire.fields.len().saturating_sub(1);
    let entry = (*marked).unwrap_or(0).min(last);
    let piece = |index: usize, group: &'static str, body: Html| {
        let mark = {
            let marked = marked.clone();
            move || marked.set(Some(index))
        };
        let (over, focus, click) = (mark.clone(), mark.clone(), mark);
        html! {
            <button type="button" key={index} id={format!("{group}-{index}")}
                class={classes!((*marked == Some(index)).then_some("on"))}
                tabindex={if index == entry { "0" } else { "-1" }}
                onmouseenter={Callback::from(move |_: MouseEvent| over())}
                onfocus={Callback::from(move |_: FocusEvent| focus())}
                onclick={Callback::from(move |_: MouseEvent| click())}
                onkeydown={go(group, index, last)}>{ body }</button>
        }
    };
    let runs = wire.fields.iter().enumerate().map(|(index, field)| {
        // Whoever hears the bytes hears their value too, which others see marked below.
        let value = words(field, lang).1;
        let body = html! {
            <>{ drawn(&field.bytes) }<small>{ label(field) }</small>
                <span class="sr">{ ": " }{ value }</span></>
        };
        piece(index, "bytes", body)
    });
    let values = wire.fields.iter().enumerate().map(|(index, field)| {
        let (small, value) = words(field, lang);
        let body = html! {
            <><span>{ label(field) }</span><span><small>{ &small }</small>{ &value }</span></>
        };
        piece(index, "field", body)
    });
    let title = title.clone().unwrap_or_else(|| lang.t(BytesText::OnTheWire).into());
    html! {
        <>
            { section(html! { title }, html! { format!("{} B", wire.len()) }, html! {
                <>
                    <div class="bytes" role="group" id="bytes" aria-label={lang.t(BytesText::Hint)}
                        >{ for runs }</div>
                    <Copying wire={wire.clone()} {lang} />
                </>
            }) }
            { section(html! { lang.t(BytesText::InWords) }, html! {}, html! {
                <div class="fields" role="group" id="fields" aria-label={lang.t(BytesText::Hint)}>
                    { for values }</div>
            }) }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CopyProps {
    wire: Rc<Wire>,
    lang: Lang,
}

/// The button that copies all bytes, and what became of it.
#[component]
fn Copying(props: &CopyProps) -> Html {
    let CopyProps { wire, lang } = props;
    let copied = use_state(|| None::<bool>);
    let said =
        (*copied).map(|done| lang.t(if done { BytesText::Copied } else { BytesText::Refused }));
    let hex = wire.hex();
    let copy = {
        let (hex, copied) = (hex.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let copied = copied.clone();
            tasks::copy(&hex, move |done| copied.set(Some(done)));
        })
    };
    html! {
        <div class="copyhex">
            <button type="button" class="btn line" id="copy-hex" onclick={copy} data-hex={hex}>
                { lang.t(BytesText::Copy) }</button>
            <span role="status">{ said }</span>
        </div>
    }
}

/// Arrow keys go from one piece of a group to the next.
fn go(group: &'static str, index: usize, last: usize) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => (index + 1).min(last),
            "ArrowLeft" | "ArrowUp" => index.saturating_sub(1),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        tasks::focus(&format!("{group}-{to}"));
    })
}

/// A length goes by the name of what follows.
fn label(field: &Field) -> String {
    match field.means {
        Meaning::Length(_) => format!("{} len", field.name),
        Meaning::Number(_)
        | Meaning::Named(..)
        | Meaning::Zxid(_)
        | Meaning::Id(_)
        | Meaning::Flag(_)
        | Meaning::Count(_)
        | Meaning::Null
        | Meaning::Text(_)
        | Meaning::Data(_) => field.name.to_owned(),
    }
}

/// Bytes in pairs of digits with blanks between.
fn drawn(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (index, byte) in bytes.iter().take(DRAWN).enumerate() {
        if index > 0 {
            out.push(' ');
        }
        push_hex(&mut out, &[*byte]);
    }
    if bytes.len() > DRAWN {
        out.push_str(" …");
    }
    out
}

/// A field's value: a remark beside it, and the value.
fn words(field: &Field, lang: Lang) -> (String, String) {
    let bytes = |count: usize| format!("{count} B");
    match &field.means {
        Meaning::Number(number) => (String::new(), number.to_string()),
        Meaning::Named(number, name) => (number.to_string(), (*name).to_owned()),
        Meaning::Zxid(zxid) => (hex(*zxid), zxid.to_string()),
        Meaning::Id(number) => (String::new(), format!("0x{number:x}")),
        Meaning::Flag(value) => (String::new(), value.to_string()),
        Meaning::Length(count) => (String::new(), bytes(*count)),
        Meaning::Count(count) => (String::new(), format!("{count} ×")),
        Meaning::Null => ("-1".to_owned(), lang.t(BytesText::Null).to_owned()),
        Meaning::Text(text) => (String::new(), text.chars().take(120).collect()),
        Meaning::Data(count) => (String::new(), bytes(*count)),
    }
}
