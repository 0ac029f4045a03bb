//! Requests without typing: an operation, a path and its options become a line of the console.

use vivarium_protocol::base::ServerId;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::clients::Word;
use crate::i18n::{Lang, Text};

/// What a client can ask here.
const VERBS: [&str; 7] = ["create", "get", "set", "delete", "ls", "stat", "sync"];

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The members.
    pub ids: Vec<ServerId>,
    /// The language.
    pub lang: Lang,
    /// Where a finished line goes.
    pub submit: Callback<String>,
}

/// The fields of the form.
#[derive(Clone)]
struct Form {
    verb: NodeRef,
    path: NodeRef,
    data: NodeRef,
    version: NodeRef,
    flags: [NodeRef; 3],
    server: NodeRef,
}

/// The form and the buttons of the session.
#[component]
pub fn Requests(props: &Props) -> Html {
    let lang = props.lang;
    let form = Form {
        verb: use_node_ref(),
        path: use_node_ref(),
        data: use_node_ref(),
        version: use_node_ref(),
        flags: [use_node_ref(), use_node_ref(), use_node_ref()],
        server: use_node_ref(),
    };
    let verb = use_state(|| VERBS[0]);
    let chosen = {
        let (form, verb) = (form.clone(), verb.clone());
        Callback::from(move |_: Event| {
            let value = form.verb.cast::<HtmlSelectElement>().map(|it| it.value());
            let known = VERBS.iter().find(|known| value.as_deref() == Some(**known));
            verb.set(known.unwrap_or(&VERBS[0]));
        })
    };
    let send = {
        let (form, submit) = (form.clone(), props.submit.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            submit.emit(form.line());
        })
    };
    let verbs = VERBS.iter().map(|one| {
        html! { <option value={*one} selected={*one == *verb}>{ *one }</option> }
    });
    let writes = matches!(*verb, "create" | "set");
    let versioned = matches!(*verb, "set" | "delete");
    html! {
        <>
            <form class="request" onsubmit={send}>
                <select ref={form.verb.clone()} id="request-verb" onchange={chosen}
                    aria-label={lang.t(Word::Build)}>{ for verbs }</select>
                { field(&form.path, "request-path", lang.t(Text::Path)) }
                if writes {
                    { field(&form.data, "request-data", lang.t(Text::Data)) }
                }
                if versioned {
                    { field(&form.version, "request-version", lang.t(Word::Version)) }
                }
                { flags(&form, *verb) }
                <button type="submit" class="btn solid" id="request-send">{
                    lang.t(Word::Send) }</button>
            </form>
            { session(props, &form) }
        </>
    }
}

/// A field that keeps what was typed: giving it a value here would set it back at every renewal.
fn field(node: &NodeRef, id: &'static str, label: &'static str) -> Html {
    html! {
        <input key={id} ref={node.clone()} id={id} class="mono" aria-label={label}
            placeholder={label} autocomplete="off" />
    }
}

/// The options that the operation has.
fn flags(form: &Form, verb: &str) -> Html {
    let known: &[(usize, &str, &str)] = match verb {
        "create" => &[(0, "-e", "ephemeral"), (1, "-s", "sequential")],
        "get" | "ls" | "stat" => &[(2, "-w", "watch")],
        _ => &[],
    };
    let boxes = known.iter().map(|(index, flag, name)| {
        html! {
            <label key={*flag} class="flag">
                <input type="checkbox" ref={form.flags[*index].clone()}
                    id={format!("request{flag}")} />{ *name }
            </label>
        }
    });
    html! { <div class="flags">{ for boxes }</div> }
}

/// Buttons for the session: another server, no server, an end.
fn session(props: &Props, form: &Form) -> Html {
    let lang = props.lang;
    let button = |id: &'static str, words: &'static str, line: &'static str| {
        let submit = props.submit.clone();
        let click = Callback::from(move |_: MouseEvent| submit.emit(line.to_owned()));
        html! { <button type="button" class="btn line" {id} onclick={click}>{ words }</button> }
    };
    let connect = {
        let (server, submit) = (form.server.clone(), props.submit.clone());
        Callback::from(move |_: MouseEvent| {
            let value = server.cast::<HtmlSelectElement>().map(|it| it.value()).unwrap_or_default();
            submit.emit(["connect ", &value].concat());
        })
    };
    let ids = props.ids.iter().map(|id| html! { <option>{ id.0 }</option> });
    html! {
        <div class="row wrap">
            <button type="button" class="btn line" id="console-connect" onclick={connect}>{
                lang.t(Word::ConnectAt) }</button>
            <select ref={form.server.clone()} id="console-server" class="small"
                aria-label={lang.t(Word::ConnectAt)}>{ for ids }</select>
            { button("console-drop", lang.t(Word::Drop), "drop") }
            { button("console-close", lang.t(Word::Close), "close") }
        </div>
    }
}

impl Form {
    /// The line that the fields stand for.
    fn line(&self) -> String {
        let value = |node: &NodeRef| node.cast::<HtmlInputElement>().map(|it| it.value());
        let checked =
            |node: &NodeRef| node.cast::<HtmlInputElement>().is_some_and(|input| input.checked());
        let mut line =
            self.verb.cast::<HtmlSelectElement>().map(|it| it.value()).unwrap_or_default();
        for (flag, node) in [" -e", " -s", " -w"].into_iter().zip(&self.flags) {
            line.push_str(if checked(node) { flag } else { "" });
        }
        if let Some(version) = value(&self.version).filter(|version| !version.is_empty()) {
            line.push_str(" -v ");
            line.push_str(&version);
        }
        line.push(' ');
        line.push_str(&value(&self.path).unwrap_or_default());
        if let Some(data) = value(&self.data) {
            line.push(' ');
            line.push_str(&vivarium_sim::words::quote(&data));
        }
        line
    }
}
