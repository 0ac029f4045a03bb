//! zoo.cfg as input: the common file makes the ensemble, and each server may have one of its own.
//! What is wrong is said at its line, what a line means stands beside it.

use vivarium_protocol::base::{ServerId, SortedMap, SortedSet};
use vivarium_protocol::zoo_cfg::{ConfigError, ZooCfg};
use vivarium_sim::Setup;
use yew::prelude::*;

use super::cfg_editor::CfgEditor;
use crate::i18n::cfg_chinese::chinese;
use crate::i18n::{Lang, Text};
use crate::model::cfg_notes::{notes, time};
use crate::model::faults::restart;
use crate::model::quorum;
use crate::model::shared_cfg::{FILE, MOST_SERVERS, own_lines, setup_of, written};
use crate::panels::elections::Label;
use crate::view::{Msg, Page, PanelProps, Shown};

/// Whose file is open: a server's, or the common one.
type Whose = Option<ServerId>;
/// What has been typed and not applied.
type Drafts = SortedMap<Whose, String>;

/// The panel.
#[component]
pub fn Config(props: &PanelProps) -> Html {
    let PanelProps { shown, lang, send } = props;
    let whose = use_state_eq(|| None);
    let drafts = use_state_eq(Drafts::new);
    let open = whose.filter(|id| shown.ids.contains(id));
    let common = written(&shown.setup);
    let in_force =
        open.and_then(|id| shown.outside.own_files.get(&id)).map(|text| text.to_string());
    let text = drafts.get(&open).cloned().or(in_force).unwrap_or_else(|| common.clone());
    let typed = {
        let drafts = drafts.clone();
        Callback::from(move |text: String| {
            let mut next = (*drafts).clone();
            next.insert(open, text);
            drafts.set(next);
        })
    };
    let compare = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Elections)))
    };
    let read = read(&text, open);
    let wrong = read.as_ref().err().map(|errors| lines_of(errors)).unwrap_or_default();
    let beside = read.as_ref().map(|cfg| notes(&text, cfg, *lang)).unwrap_or_default();
    let own = if open.is_some() { own_lines(&text, &common) } else { SortedSet::new() };
    let said = if read.is_ok() { "cfg-means" } else { "cfg-errors" };
    let result = match (&read, open) {
        (Err(errors), _) => problems(errors, *lang),
        (Ok(cfg), None) => common_file(cfg, shown, *lang, send),
        (Ok(cfg), Some(id)) => own_file(id, cfg, &text, shown, *lang, send),
    };
    html! {
        <>
            { files(&whose, open, shown, *lang) }
            <h2><label for="cfg">{ title(open, *lang) }</label></h2>
            <CfgEditor text={text.clone()} notes={beside} wrong={wrong} own={own}
                described_by={said} typed={typed} />
            { result }
            <button type="button" class="btn" id="open-elections" onclick={compare}>
                { lang.t(Label::Open) }
            </button>
        </>
    }
}

fn read(text: &str, whose: Whose) -> Result<ZooCfg, Vec<ConfigError>> {
    let cfg = ZooCfg::parse(FILE, text)?;
    if let Some(id) = whose {
        cfg.check_my_id(id)?;
    }
    Ok(cfg)
}

fn lines_of(errors: &[ConfigError]) -> SortedSet<usize> {
    errors.iter().filter_map(|error| error.line).map(|line| line as usize).collect()
}

fn title(open: Whose, lang: Lang) -> String {
    match open {
        None => lang.t(Text::CfgTitle).to_owned(),
        Some(id) => lang.pick(
            format!("zoo.cfg of server {id} alone; it reads it when it starts"),
            format!("只属于服务器 {id} 的 zoo.cfg；启动时读取"),
        ),
    }
}

/// The files to choose from. One of its own is marked.
fn files(whose: &UseStateHandle<Whose>, open: Whose, shown: &Shown, lang: Lang) -> Html {
    let choose = |file: Whose| {
        let whose = whose.clone();
        Callback::from(move |_: MouseEvent| whose.set(file))
    };
    let all = std::iter::once(None).chain(shown.ids.iter().copied().map(Some));
    let buttons = all.map(|file| {
        let own = file.is_some_and(|id| shown.outside.own_files.contains_key(&id));
        let name = file.map_or_else(
            || lang.pick("Common", "公共").to_owned(),
            |id| format!("{id}{}", if own { " *" } else { "" }),
        );
        let label = file.map(|id| match own {
            true => lang.pick(format!("server {id}, own file"), format!("服务器 {id}，自有文件")),
            false => lang.pick(format!("server {id}"), format!("服务器 {id}")),
        });
        let id = file.map_or_else(|| "cfg-common".to_owned(), |id| format!("cfg-of-{id}"));
        html! {
            <button type="button" class="btn line pick" id={id} onclick={choose(file)}
                aria-pressed={(open == file).to_string()} aria-label={label}>{ name }</button>
        }
    });
    html! { <div class="row wrap" id="cfg-files">{ for buttons }</div> }
}

fn problems(errors: &[ConfigError], lang: Lang) -> Html {
    html! {
        <ul class="errors" id="cfg-errors" role="alert">
            { for errors.iter().map(|error| html! { <li>{ problem(error, lang) }</li> }) }
        </ul>
    }
}

fn problem(error: &ConfigError, lang: Lang) -> Html {
    let place = match (error.line, lang) {
        (Some(line), Lang::English) => format!("{} {line}", lang.t(Text::CfgError)),
        (Some(line), Lang::Chinese) => format!("{} {line} 行", lang.t(Text::CfgError)),
        (None, _) => FILE.to_owned(),
    };
    let (what, mend) = (said(&error.what, lang), said(&error.mend, lang));
    html! { <><b>{ place }</b>{ format!(" {what}") }<small>{ mend }</small></> }
}

/// A sentence of the reader in the page's language.
fn said(english: &str, lang: Lang) -> String {
    match lang {
        Lang::English => english.to_owned(),
        Lang::Chinese => chinese(english),
    }
}

fn warnings(cfg: &ZooCfg, lang: Lang) -> Html {
    let each = cfg.warnings.iter().map(|warning| {
        let place = warning.line.map_or_else(String::new, |line| format!("{line}: "));
        let words = format!("{place}{}; {}", said(&warning.what, lang), said(&warning.mend, lang));
        html! { <p class="hint">{ words }</p> }
    });
    html! { <>{ for each }</> }
}

fn common_file(cfg: &ZooCfg, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let setup = setup_of(cfg, &shown.setup);
    let too_many = setup.ensemble().members.len() > MOST_SERVERS;
    let needs = too_many.then(|| {
        lang.pick(
            format!("The page has room for {MOST_SERVERS} servers."),
            format!("页面最多容纳 {MOST_SERVERS} 台服务器。"),
        )
    });
    let start = {
        let (send, setup) = (send.clone(), setup.clone());
        Callback::from(move |_: MouseEvent| send.emit(Msg::NewRun(Box::new(setup.clone()))))
    };
    html! {
        <>
            <button type="button" class="btn solid" id="cfg-apply" disabled={too_many}
                title={needs.clone()} aria-describedby={needs.as_ref().map(|_| "cfg-needs")}
                onclick={start}>{ lang.t(Text::CfgApply) }</button>
            if let Some(needs) = needs {
                <p class="hint" id="cfg-needs">{ needs }</p>
            }
            { warnings(cfg, lang) }
            { follows(cfg, &setup, lang) }
        </>
    }
}

fn own_file(
    id: ServerId,
    cfg: &ZooCfg,
    text: &str,
    shown: &Shown,
    lang: Lang,
    send: &Callback<Msg>,
) -> Html {
    let up = shown.scene.servers.get(&id).is_some_and(|server| server.up);
    let button = |name: &'static str, class: &'static str, words: String, file: &str| {
        let (send, commands) = (send.clone(), restart(id, file, up));
        let click = Callback::from(move |_: MouseEvent| send.emit(Msg::Commands(commands.clone())));
        html! { <button type="button" class={class} id={name} onclick={click}>{ words }</button> }
    };
    let has_own = shown.outside.own_files.contains_key(&id);
    let apply =
        lang.pick(format!("Restart {id} with this file"), format!("用此文件重启服务器 {id}"));
    let back = lang.pick("Back to the common file", "恢复公共文件").to_owned();
    html! {
        <>
            { button("cfg-apply", "btn solid", apply, text) }
            if has_own {
                { button("cfg-back", "btn line", back, "") }
            }
            { warnings(cfg, lang) }
            { follows(cfg, &setup_of(cfg, &shown.setup), lang) }
        </>
    }
}

fn follows(cfg: &ZooCfg, setup: &Setup, lang: Lang) -> Html {
    let row = |text: Text, value: String| {
        html! { <div class="row"><span class="lab">{ lang.t(text) }</span><span class="val">{
        value }</span></div> }
    };
    let ensemble = setup.ensemble();
    let grouped = ensemble.verifier != vivarium_protocol::base::QuorumVerifier::Majority;
    let voters = ensemble.participants().count();
    html! {
        <div id="cfg-means">
            <h2>{ lang.t(Text::CfgFollows) }</h2>
            if cfg.standalone {
                <p class="hint">{ lang.t(Text::Standalone) }</p>
            } else {
                if grouped {
                    <p class="hint" id="cfg-groups">
                        { quorum::words(&ensemble, &SortedSet::new(), lang) }</p>
                    { row(Text::Majority, format!("≥ {} / {voters}", ensemble.quorum_size())) }
                } else {
                    { row(Text::Majority, format!("{} / {voters}", voters / 2 + 1)) }
                    { row(Text::Tolerated, (voters.saturating_sub(1) / 2).to_string()) }
                }
                { row(Text::PingInterval, time(cfg.tick_time_ms / 2, lang)) }
                { row(Text::ToSync, time(cfg.tick_time_ms * cfg.init_limit, lang)) }
                { row(Text::OfSilence, time(cfg.tick_time_ms * cfg.sync_limit, lang)) }
            }
        </div>
    }
}
