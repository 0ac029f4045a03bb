//! One election held by ZooKeeper's four algorithms, side by side: what each costs, whom it elects.
//!
//! A dialog over the page with its own moment; the run behind it is not touched.

mod drawing;
mod words;

use std::rc::Rc;

use vivarium_protocol::base::Time;
use vivarium_sim::elections::{Account, Algorithm, hold};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::hooks::modal::use_modal;
use crate::i18n::Lang;
use crate::model::contest::{self, Choices, Logs};
use crate::model::decimal::Between;
use crate::stage::parts::{Coin, coin, icon};
use crate::view::{Msg, Page};
pub use words::Label;
use words::{after, idea, told, verdict};

/// What the comparison needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The four accounts of one contest.
type Accounts = Rc<Vec<Account>>;

/// The comparison.
#[component]
pub fn Elections(props: &Props) -> Html {
    let lang = props.lang;
    let node = use_modal();
    let choices = use_state_eq(Choices::default);
    let moment = use_state_eq(|| 1000_u64);
    let one_scale = use_state_eq(|| true);
    let accounts: Accounts = use_memo(*choices, |choices| {
        let contest = choices.contest();
        Algorithm::ALL.iter().map(|algorithm| hold(&contest, *algorithm)).collect()
    });
    let close = {
        let send = props.send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Elections)))
    };
    let cancel = {
        let send = props.send.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            send.emit(Msg::Page(Page::Elections));
        })
    };
    let longest = accounts.iter().map(contest::end).max().unwrap_or_default();
    let shown = accounts.iter().map(|account| {
        let scale = if *one_scale { longest } else { contest::end(account) };
        algorithm(account, &choices, (scale, longest, *moment), lang)
    });
    html! {
        <dialog ref={node} id="elections" class="elections" aria-labelledby="elections-title"
            oncancel={cancel}>
            <header>
                <h2 id="elections-title">{ lang.t(Label::Title) }</h2>
                <button type="button" class="btn" id="elections-close" onclick={close}
                    aria-label={lang.t(crate::i18n::Text::Close)}>{ icon("close") }</button>
            </header>
            <p class="hint">{ lang.t(Label::About) }</p>
            { controls(&choices, lang) }
            { scrubber(&moment, &one_scale, longest, lang) }
            <div class="contests">{ for shown }</div>
            { costs(&accounts, lang) }
        </dialog>
    }
}

fn controls(choices: &UseStateHandle<Choices>, lang: Lang) -> Html {
    let now = **choices;
    let percent = |permille: u64| format!("{} %", permille / 10);
    let downs = (0..=now.most_down()).map(|down| (down.to_string(), Choices { down, ..now }));
    let voters = [3, 5, 7, 9].map(|voters| (voters.to_string(), Choices { voters, ..now }));
    let logs = Logs::ALL.map(|logs| (lang.t(logs).to_owned(), Choices { logs, ..now }));
    let losses = [0, 50, 150, 300]
        .map(|loss_permille| (percent(loss_permille), Choices { loss_permille, ..now }));
    let next = {
        let choices = choices.clone();
        Callback::from(move |_: MouseEvent| {
            choices.set(Choices { seed: choices.seed % 9999 + 1, ..*choices });
        })
    };
    html! {
        <div class="choices">
            { choice("voters", Label::Voters, voters.into(), choices, lang) }
            { choice("down", Label::Down, downs.collect(), choices, lang) }
            { choice("logs", Label::Logs, logs.into(), choices, lang) }
            { choice("loss", Label::Loss, losses.into(), choices, lang) }
            <span class="lab">{ lang.t(Label::Seed) }{ " " }<b id="elections-seed">{ now.seed }</b>
            </span>
            <button type="button" class="btn" id="elections-next" onclick={next}>
                { lang.t(Label::NextSeed) }
            </button>
        </div>
    }
}

/// A menu of what the choices would be.
fn choice(
    id: &str,
    label: Label,
    options: Vec<(String, Choices)>,
    choices: &UseStateHandle<Choices>,
    lang: Lang,
) -> Html {
    let now = Choices { down: choices.down.min(choices.most_down()), ..**choices };
    let shown = options.iter().enumerate().map(|(index, (text, option))| {
        html! {
            <option key={index} value={index.to_string()} selected={*option == now}>
                { text }
            </option>
        }
    });
    let shown: Html = shown.collect();
    let change = {
        let choices = choices.clone();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Some((_, option)) = options.get(select.selected_index() as usize) {
                choices.set(*option);
            }
        })
    };
    html! {
        <label>{ lang.t(label) }
            <select id={format!("elections-{id}")} onchange={change}>{ shown }</select>
        </label>
    }
}

/// Where in time the drawings are looked at, in thousandths of the longest election.
fn scrubber(
    moment: &UseStateHandle<u64>,
    one_scale: &UseStateHandle<bool>,
    longest: Time,
    lang: Lang,
) -> Html {
    let slide = {
        let moment = moment.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            moment.set(input.value_as_number().between(0.0, 1000.0) as u64);
        })
    };
    let scale = {
        let one_scale = one_scale.clone();
        Callback::from(move |_: Event| one_scale.set(!*one_scale))
    };
    let at = after(Some(at_moment(longest, **moment)));
    html! {
        <div class="scrub">
            <label for="elections-moment">{ lang.t(Label::Moment) }</label>
            <input type="range" id="elections-moment" min="0" max="1000" oninput={slide}
                value={moment.to_string()} aria-valuetext={at.clone()} />
            <output for="elections-moment">{ at }</output>
            <label class="tick"><input type="checkbox" id="elections-scale" checked={**one_scale}
                onchange={scale} />{ lang.t(Label::OneScale) }</label>
        </div>
    }
}

fn at_moment(longest: Time, thousandths: u64) -> Time {
    Time(longest.0 / 1000 * thousandths + longest.0 % 1000 * thousandths / 1000)
}

fn algorithm(
    account: &Account,
    choices: &Choices,
    (scale, longest, moment): (Time, Time, u64),
    lang: Lang,
) -> Html {
    let number = account.algorithm.number();
    let at = at_moment(longest, moment);
    let newest = contest::newest(account, at);
    let said = newest
        .map_or_else(String::new, |step| format!("{} {}", after(Some(step.at)), told(step, lang)));
    let outcome = if at >= contest::end(account) { verdict(account, lang) } else { said.clone() };
    let stands = contest::allegiance(account, at);
    let stands = stands.iter().map(|(id, with)| format!("{id}→{with}")).collect::<Vec<_>>();
    html! {
        <section key={number} class="contest" id={format!("contest-{number}")}
            data-winner={account.winner.map(|id| id.to_string())}
            aria-labelledby={format!("contest-name-{number}")}>
            <h3 id={format!("contest-name-{number}")} lang="en">
                <span class="num">{ format!("electionAlg={number}") }</span>
                { format!(" {}", account.algorithm.name()) }
            </h3>
            <p class="hint">{ idea(account.algorithm, lang) }</p>
            { drawing::lanes(account, choices.voters, scale, at) }
            <p class="outcome">
                if account.better.is_some() || account.winner.is_none() { { icon("close") } }
                else { { icon("check") } }
                { outcome }
            </p>
            <p class="sr">{ stands.join(", ") }</p>
        </section>
    }
}

fn costs(accounts: &Accounts, lang: Lang) -> Html {
    const HEADS: [Label; 8] = [
        Label::Algorithm,
        Label::Leader,
        Label::Decided,
        Label::Settled,
        Label::Rounds,
        Label::Messages,
        Label::Bytes,
        Label::Lost,
    ];
    let rows = accounts.iter().map(|account| {
        let leader = account.winner.map_or_else(
            || html! { lang.t(Label::Nobody) },
            |id| coin(id, Coin { small: true, ..Coin::default() }),
        );
        let number = account.algorithm.number();
        html! {
            <tr key={number} id={format!("cost-{number}")}>
                <th scope="row" lang="en">{ number }{ " " }{ account.algorithm.name() }</th>
                <td>{ leader }</td>
                <td>{ after(account.decided) }</td>
                <td>{ after(account.settled) }</td>
                <td>{ account.rounds }</td>
                <td class="messages">{ account.messages }</td>
                <td>{ account.bytes }</td>
                <td>{ account.lost }</td>
            </tr>
        }
    });
    let heads = HEADS.iter().map(|head| html! { <th scope="col">{ lang.t(*head) }</th> });
    html! {
        <>
            <h3>{ lang.t(Label::Cost) }</h3>
            <div class="wide"><table>
                <thead><tr>{ for heads }</tr></thead>
                <tbody>{ for rows }</tbody>
            </table></div>
            <p class="hint">{ lang.t(Label::Counted) }</p>
        </>
    }
}
