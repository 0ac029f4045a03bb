//! zoo.cfg as input: the real file defines the ensemble, and what is wrong is said at its line.

use std::sync::Arc;

use vivarium_protocol::base::{Ensemble, ServerId};
use vivarium_protocol::zoo_cfg::{ConfigError, ZooCfg};
use vivarium_sim::Setup;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::i18n::{Lang, Text};
use crate::view::{Msg, Shown};

/// The name that errors give the text.
const FILE: &str = "zoo.cfg";

/// What the panel is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The panel.
#[component]
pub fn Config(props: &Props) -> Html {
    let Props { shown, lang, send } = props;
    let text = use_state_eq(|| written(&shown.setup));
    let read = ZooCfg::parse(FILE, &text);
    let typed = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            text.set(area.value());
        })
    };
    let result = match read {
        Ok(cfg) => accepted(&cfg, &shown.setup, *lang, send),
        Err(errors) => html! {
            <ul class="errors" id="cfg-errors" role="alert">
                { for errors.iter().map(|error| html! { <li>{ problem(error, *lang) }</li> }) }
            </ul>
        },
    };
    html! {
        <>
            <h2><label for="cfg">{ lang.t(Text::CfgTitle) }</label></h2>
            <textarea id="cfg" class="cfg-text" spellcheck="false" rows="13" oninput={typed}
                value={(*text).clone()} />
            { result }
        </>
    }
}

fn problem(error: &ConfigError, lang: Lang) -> Html {
    let place = match (error.line, lang) {
        (Some(line), Lang::English) => format!("{} {line}", lang.t(Text::CfgError)),
        (Some(line), Lang::Chinese) => format!("{} {line} 行", lang.t(Text::CfgError)),
        (None, _) => FILE.to_owned(),
    };
    html! { <><b>{ place }</b>{ format!(" {}", error.what) }<small lang="en">{ &error.mend }
    </small></> }
}

fn accepted(cfg: &ZooCfg, before: &Setup, lang: Lang, send: &Callback<Msg>) -> Html {
    let setup = setup_of(cfg, before);
    let ensemble = setup.ensemble();
    let voters = ensemble.participants().count();
    let too_many = ensemble.members.len() > 12;
    let start = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::NewRun(Box::new(setup.clone()))))
    };
    let row = |text: Text, value: String| {
        html! { <div class="row"><span class="lab">{ lang.t(text) }</span><span class="val">{
        value }</span></div> }
    };
    let seconds = |ms: u64| format!("{:.1} s", ms as f64 / 1000.0);
    html! {
        <>
            <button type="button" class="btn solid" id="cfg-apply" disabled={too_many}
                onclick={start}>
                { lang.t(Text::CfgApply) }
            </button>
            { for cfg.warnings.iter().map(|warning| html! { <p class="hint">{
                warning.to_string() }</p> }) }
            <h2>{ lang.t(Text::CfgFollows) }</h2>
            if cfg.standalone {
                <p class="hint">{ lang.t(Text::Standalone) }</p>
            } else {
                { row(Text::Majority, format!("{} / {voters}", voters / 2 + 1)) }
                { row(Text::Tolerated, (voters.saturating_sub(1) / 2).to_string()) }
                { row(Text::PingInterval, format!("{} ms", cfg.tick_time_ms / 2)) }
                { row(Text::ToSync, seconds(cfg.tick_time_ms * cfg.init_limit)) }
                { row(Text::OfSilence, seconds(cfg.tick_time_ms * cfg.sync_limit)) }
            }
        </>
    }
}

/// The world that a file describes; what a file does not say stays as it was.
fn setup_of(cfg: &ZooCfg, before: &Setup) -> Setup {
    let mut setup = Setup {
        tick_time_ms: cfg.tick_time_ms,
        init_limit: cfg.init_limit,
        sync_limit: cfg.sync_limit,
        commit_log_count: cfg.commit_log_count,
        standalone: cfg.standalone,
        members: None,
        ..before.clone()
    };
    let Some(ensemble) = cfg.ensemble.as_ref().filter(|_| !cfg.standalone) else {
        (setup.participants, setup.observers) = (1, 0);
        return setup;
    };
    let participants = ensemble.participants().count() as u16;
    setup.participants = participants;
    setup.observers = ensemble.members.len() as u16 - participants;
    if !is_numbered(ensemble, participants) {
        setup.members = Some(Arc::new(ensemble.clone()));
    }
    setup
}

/// Whether members are numbered as a setup numbers them: voters from 1, then observers, all of
/// equal weight. Such an ensemble needs no names to be shared in a link.
fn is_numbered(ensemble: &Ensemble, participants: u16) -> bool {
    let numbers = ensemble.members.keys().zip(1..).all(|(id, number)| *id == ServerId(number));
    let voters = ensemble.participants().zip(1..).all(|(id, number)| id == ServerId(number));
    let plain = ensemble.verifier == vivarium_protocol::base::QuorumVerifier::Majority;
    numbers && voters && plain && participants > 0
}

/// The zoo.cfg of a setup.
fn written(setup: &Setup) -> String {
    let mut text = format!(
        "tickTime={}\ninitLimit={}\nsyncLimit={}\nclientPort=2181\ndataDir=/var/lib/zookeeper\n",
        setup.tick_time_ms, setup.init_limit, setup.sync_limit
    );
    if !setup.standalone {
        for (id, member) in &setup.ensemble().members {
            text.push_str(&format!("server.{id}={}\n", member.text()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_survives_its_zoo_cfg() {
        let setup = Setup { participants: 3, observers: 1, tick_time_ms: 100, ..Setup::default() };
        let cfg = ZooCfg::parse(FILE, &written(&setup)).unwrap();
        assert_eq!(setup_of(&cfg, &Setup::default()), setup);
    }

    #[test]
    fn members_with_their_own_numbers_keep_them() {
        let text = "tickTime=100\ninitLimit=5\nsyncLimit=2\ndataDir=/d\nclientPort=2181\n\
                    server.2=a:1:2\nserver.4=b:1:2\nserver.9=c:1:2\n";
        let setup = setup_of(&ZooCfg::parse(FILE, text).unwrap(), &Setup::default());
        let ids: Vec<i64> = setup.ensemble().members.keys().map(|id| id.0).collect();
        assert_eq!(ids, [2, 4, 9]);
    }

    #[test]
    fn an_error_names_its_line() {
        let errors = ZooCfg::parse(FILE, "tickTime=fast\n").unwrap_err();
        assert!(errors.iter().any(|error| error.line == Some(1)));
    }
}
