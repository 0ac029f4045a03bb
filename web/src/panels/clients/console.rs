//! The console: which client speaks, what it was told, and the line it types; and the same by
//! buttons. A form builds a line too, so there is one way for a request to go.

use vivarium_protocol::base::ServerId;
use vivarium_sim::{ClientAct, Command, VirtualClient};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::words::{Word, wrong};
use crate::i18n::Lang;
use crate::model::console;
use crate::panels::requests::Requests;
use crate::view::{ClientsMsg, Msg, Shown};

/// Answers shown; older ones are in the history below.
const LINES: usize = 24;

/// What it is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// Where a new client begins.
    pub server: Option<ServerId>,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The console.
#[component]
pub fn Console(props: &Props) -> Html {
    let Props { shown, lang, server, send } = props;
    let chosen = use_state(|| None::<u32>);
    let playback = shown.playback();
    let clients = playback.timeline().world().clients();
    let ids: Vec<u32> = clients.iter().map(|client| client.id).collect();
    let now = chosen.filter(|id| ids.contains(id)).or(ids.last().copied());
    let client = clients.iter().find(|client| Some(client.id) == now);
    let chips = clients.iter().map(|client| {
        let (id, chosen) = (client.id, chosen.clone());
        let pressed = (Some(id) == now).to_string();
        let choose = Callback::from(move |_: MouseEvent| chosen.set(Some(id)));
        let at = client.server().map_or_else(|| "–".to_owned(), |server| server.to_string());
        html! {
            <button type="button" key={id} class="btn line chip" id={format!("console-c{id}")}
                aria-pressed={pressed} onclick={choose}>{ format!("c{id} → {at}") }</button>
        }
    });
    html! {
        <>
            <div class="row wrap" id="console-clients">
                { for chips }
                { new_client(ids.last().copied().unwrap_or(0) + 1, *server, *lang, send) }
            </div>
            { match client {
                None => html! { <p class="hint">{ lang.t(Word::NoClients) }</p> },
                Some(client) => html! {
                    <>
                        { transcript(client, *lang) }
                        <Line key={client.id} shown={shown.clone()} lang={*lang} client={client.id}
                            pending={!client.pending.is_empty()} send={send.clone()} />
                    </>
                },
            } }
        </>
    }
}

/// A button for a new client.
fn new_client(id: u32, server: Option<ServerId>, lang: Lang, send: &Callback<Msg>) -> Html {
    let Some(server) = server else { return html! {} };
    let send = send.clone();
    let click = Callback::from(move |_: MouseEvent| {
        let act = ClientAct::Connect { server };
        send.emit(Msg::Command(Command::Client { client: id, act }));
    });
    let words =
        lang.pick(format!("New client c{id} at {server}"), format!("在 {server} 新建客户端 c{id}"));
    html! {
        <button type="button" class="btn line" id="new-client" onclick={click}>{ words }</button>
    }
}

/// What the client was told, in order, and what it still waits for.
fn transcript(client: &VirtualClient, lang: Lang) -> Html {
    let skipped = client.told.len().saturating_sub(LINES);
    let told = client.told.iter().enumerate().skip(skipped).map(|(index, (at, told))| {
        let printed = console::print(told);
        let class = classes!(printed.bad.then_some("bad"), printed.event.then_some("event"));
        let zxid = printed.zxid.map(|zxid| format!("zxid {zxid}"));
        html! {
            <li key={index} class={class}>
                if let Some(request) = printed.request {
                    <b>{ format!("$ {request}") }</b>
                }
                { for printed.lines.into_iter().map(|line| html! { <span>{ line }</span> }) }
                <small>{ seconds(at.0) }{ " " }{ zxid }</small>
            </li>
        }
    });
    let waits = client.pending.iter().map(|pending| {
        html! {
            <li key={format!("w{}", pending.cxid)}>
                <b>{ format!("$ {}", console::typed(&pending.op)) }</b>
                <small>{ lang.t(Word::Waiting) }</small>
            </li>
        }
    });
    let session = client.session.map(|session| format!("session {session} "));
    let seen = format!("zxid {}", client.last_zxid);
    html! {
        <>
            <p class="hint mono" id="console-session">{ session }{ seen }</p>
            <div class="told" id="console-told" role="log" tabindex="0"
                aria-label={format!("c{}", client.id)}>
                <ol>
                    if client.told.is_empty() && client.pending.is_empty() {
                        <li key="none"><small>{ lang.t(Word::Quiet) }</small></li>
                    }
                    { for told }
                    { for waits }
                </ol>
            </div>
        </>
    }
}

/// A moment of the run in seconds.
pub fn seconds(us: u64) -> String {
    format!("{}.{:03} s", us / 1_000_000, us / 1000 % 1000)
}

#[derive(Clone, PartialEq, Properties)]
struct LineProps {
    shown: Shown,
    lang: Lang,
    client: u32,
    pending: bool,
    send: Callback<Msg>,
}

/// The line being typed, and buttons for those who do not type.
#[component]
fn Line(props: &LineProps) -> Html {
    let LineProps { shown, lang, client, pending, send } = props;
    let text = use_state(String::new);
    let said = use_state(|| None::<console::Wrong>);
    let back = use_state(|| 0_usize);
    let submit = submit(props, &text, &said, &back);
    let typed = {
        let (text, said) = (text.clone(), said.clone());
        Callback::from(move |event: InputEvent| {
            said.set(None);
            text.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let keys = keys(props, &text, &back);
    let entered = {
        let (text, submit) = (text.clone(), submit.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            submit.emit((*text).clone());
        })
    };
    let wait = {
        let (send, client) = (send.clone(), *client);
        Callback::from(move |_: MouseEvent| {
            send.emit(Msg::Clients(ClientsMsg::Await(client)));
            // The button is off once the answer is there, and what is off cannot keep the focus.
            crate::tasks::focus("console-line");
        })
    };
    let hint = console::usage(&text)
        .map_or_else(|| console::completions(&text).join(" "), |usage| usage.to_owned());
    let needs = (!pending).then(|| nothing_asked(*client, *lang));
    html! {
        <>
            <form class="prompt" onsubmit={entered}>
                <label for="console-line">{ format!("c{client} $") }</label>
                <input id="console-line" class="mono" autocomplete="off" autocapitalize="off"
                    spellcheck="false" aria-label={format!("c{client}: {}", lang.t(Word::Line))}
                    aria-describedby="console-hint" aria-invalid={said.is_some().to_string()}
                    value={(*text).clone()} oninput={typed} onkeydown={keys} />
                <button type="submit" class="btn line" id="console-send">{ lang.t(Word::Send) }
                    </button>
            </form>
            <p class="hint mono" id="console-hint">{ hint }</p>
            if let Some(error) = &*said {
                <p class="wrong" id="console-wrong" role="alert">{ wrong(error, *lang) }</p>
            }
            <div class="row wrap">
                <button type="button" class="btn line" id="console-await" disabled={!pending}
                    title={needs.clone()} aria-describedby={needs.as_ref().map(|_| "await-needs")}
                    onclick={wait}>{ lang.t(Word::PlayUntilAnswered) }</button>
            </div>
            if let Some(needs) = needs {
                <p class="hint" id="await-needs">{ needs }</p>
            }
            <Requests ids={shown.ids.clone()} lang={*lang} submit={submit} />
        </>
    }
}

/// What "play until answered" would need.
fn nothing_asked(client: u32, lang: Lang) -> String {
    lang.pick(
        format!("c{client} waits for nothing: send a request first."),
        format!("c{client} 没有在等待的请求：请先发送一个。"),
    )
}

/// Reads a line; what can be read goes to the run, what cannot stays with its error.
fn submit(
    props: &LineProps,
    text: &UseStateHandle<String>,
    said: &UseStateHandle<Option<console::Wrong>>,
    back: &UseStateHandle<usize>,
) -> Callback<String> {
    let (text, said, back) = (text.clone(), said.clone(), back.clone());
    let (shown, send, client) = (props.shown.clone(), props.send.clone(), props.client);
    Callback::from(move |line: String| {
        back.set(0);
        match console::read(client, &line, &shown.ids) {
            Ok(command) => {
                text.set(String::new());
                said.set(None);
                send.emit(Msg::Command(command));
            }
            Err(wrong) => {
                text.set(line);
                said.set(Some(wrong));
            }
        }
    })
}

/// Arrow up and down bring back what was asked before; Tab completes a verb that is clear.
fn keys(
    props: &LineProps,
    text: &UseStateHandle<String>,
    back: &UseStateHandle<usize>,
) -> Callback<KeyboardEvent> {
    let (text, back) = (text.clone(), back.clone());
    let (shown, client) = (props.shown.clone(), props.client);
    Callback::from(move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" => *back + 1,
            "ArrowDown" => back.saturating_sub(1),
            "Tab" if !event.shift_key() => {
                if let Some(line) = console::completed(&text) {
                    event.prevent_default();
                    text.set(line);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if step == 0 {
            text.set(String::new());
            back.set(0);
        } else if let Some(line) = asked_before(&shown, client, step) {
            text.set(line);
            back.set(step);
        }
    })
}

/// The line that a client typed so many requests ago: the run itself remembers.
fn asked_before(shown: &Shown, client: u32, ago: usize) -> Option<String> {
    let playback = shown.playback();
    let position = playback.position() as u64;
    let commands = playback.timeline().commands().iter().rev();
    let own = commands.filter(|(at, _)| *at < position).filter_map(|(_, command)| match command {
        Command::Client { client: by, act } if *by == client => Some(console::typed_act(act)),
        _ => None,
    });
    own.into_iter().nth(ago - 1)
}
