//! What clients ask: a new client at the selected server, and requests of those there are.

use vivarium_protocol::base::ServerId;
use vivarium_sim::{ClientAct, ClientOp, Command};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::faults::{connect, request};
use crate::i18n::{Lang, Text};
use crate::stage::clients::fate_words;
use crate::stage::parts::icon;
use crate::view::{Msg, Shown};

/// What a client can ask here.
const VERBS: [&str; 7] = ["create", "set", "get", "delete", "exists", "children", "sync"];

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// The selected server.
    pub server: Option<ServerId>,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The clients with their fates, and the form.
#[component]
pub fn Requests(props: &Props) -> Html {
    let Props { shown, lang, send, .. } = props;
    let form = Form {
        client: use_node_ref(),
        verb: use_node_ref(),
        path: use_node_ref(),
        data: use_node_ref(),
    };
    let add = new_client(props);
    let submit = {
        let (form, send) = (form.clone(), send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(command) = form.command() {
                send.emit(Msg::Command(command));
            }
        })
    };
    let clients = shown.outside.clients.iter();
    let newest = shown.outside.clients.last().map(|client| client.id);
    let options = clients.clone().map(|client| {
        html! {
            <option value={client.id.to_string()} selected={Some(client.id) == newest}>
                { format!("c{}", client.id) }
            </option>
        }
    });
    // The first is selected by name: the browser selects whichever is put into the page first.
    let verbs = VERBS.iter().map(|verb| {
        html! { <option value={*verb} selected={*verb == VERBS[0]}>{ *verb }</option> }
    });
    html! {
        <>
            { for clients.map(|client| row(client, *lang, send)) }
            { add }
            if !shown.outside.clients.is_empty() {
                <form class="request" onsubmit={submit}>
                    <select ref={form.client} id="request-client"
                        aria-label={lang.t(Text::Client)}>{ for options }</select>
                    <select ref={form.verb} id="request-verb"
                        aria-label={lang.pick("operation", "操作")}>{ for verbs }</select>
                    <input ref={form.path} id="request-path" class="mono"
                        aria-label={lang.t(Text::Path)}
                        placeholder={lang.t(Text::Path)} autocomplete="off" value="/a" />
                    <input ref={form.data} id="request-data" class="mono"
                        aria-label={lang.t(Text::Data)}
                        placeholder={lang.t(Text::Data)} autocomplete="off" />
                    <button type="submit" class="btn solid" id="request-send">{
                        lang.t(Text::Send) }</button>
                </form>
            }
        </>
    }
}

fn row(client: &crate::model::outside::ClientView, lang: Lang, send: &Callback<Msg>) -> Html {
    let id = client.id;
    let send = send.clone();
    let close = Callback::from(move |_: MouseEvent| {
        send.emit(Msg::Command(request(id, ClientOp::Close)));
    });
    let at = client.server.map_or_else(|| "–".to_owned(), |server| server.to_string());
    html! {
        <div class="row" key={id}>
            <span class="lab"><b class="mono">{ format!("c{id}") }</b>{ format!(" → {at} ") }
                <code>{ &client.request }</code>
                <small>{ fate_words(&client.fate, lang) }</small></span>
            <button type="button" class="btn" onclick={close}
                aria-label={format!("{} c{id}", lang.t(Text::Close))}>{ icon("close") }</button>
        </div>
    }
}

/// A button for a new client: at the selected server, or at the first one.
fn new_client(props: &Props) -> Html {
    let Props { shown, lang, server, send } = props;
    let Some(server) = server.or_else(|| shown.ids.first().copied()) else { return html! {} };
    let client = shown.outside.clients.iter().map(|client| client.id).max().unwrap_or(0) + 1;
    let command = connect(client, server);
    let send = send.clone();
    let click = Callback::from(move |_: MouseEvent| send.emit(Msg::Command(command.clone())));
    let words = lang.pick(
        format!("New client c{client} at {server}"),
        format!("在 {server} 新建客户端 c{client}"),
    );
    html! {
        <div class="row">
            <button type="button" class="btn line" id="new-client" onclick={click}>{ words }
                </button>
        </div>
    }
}

/// The fields of the form.
#[derive(Clone)]
struct Form {
    client: NodeRef,
    verb: NodeRef,
    path: NodeRef,
    data: NodeRef,
}

impl Form {
    /// What the fields ask for; `None` while there is no client to ask.
    fn command(&self) -> Option<Command> {
        let client = self.client.cast::<HtmlSelectElement>()?.value().parse().ok()?;
        let path = self.path.cast::<HtmlInputElement>()?.value();
        let data = self.data.cast::<HtmlInputElement>()?.value();
        let op = op(&self.verb.cast::<HtmlSelectElement>()?.value(), path, data)?;
        Some(Command::Client { client, act: ClientAct::Request(op) })
    }
}

fn op(verb: &str, path: String, data: String) -> Option<ClientOp> {
    let version = -1;
    Some(match verb {
        "create" => ClientOp::Create { path, data, ephemeral: false, sequential: false },
        "set" => ClientOp::Set { path, data, version },
        "get" => ClientOp::Get { path, watch: true },
        "delete" => ClientOp::Delete { path, version },
        "exists" => ClientOp::Exists { path, watch: true },
        "children" => ClientOp::Children { path, watch: true },
        "sync" => ClientOp::Sync { path },
        _ => return None,
    })
}
