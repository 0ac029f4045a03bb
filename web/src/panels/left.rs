//! The left panel: its tabs, and on a narrow screen the inspector as one of them.

use yew::prelude::*;

use super::checker::{self, Explored};
use super::checker_text::CheckerText;
use super::front::{self, Front, Learn};
use super::guide;
use super::inspector::Inspector;
use super::later::{Later, Part};
use super::lessons;
use crate::i18n::{Lang, Text};
use crate::view::{Choices, ChoosingProps, Msg, Page, PanelProps, Shown, Tab};

const TABS: [Tab; 6] =
    [Tab::Guide, Tab::Faults, Tab::Clients, Tab::Config, Tab::Checker, Tab::Inspect];

fn name(tab: Tab, lang: Lang) -> &'static str {
    match tab {
        Tab::Guide => lang.t(Text::Guide),
        Tab::Faults => lang.t(Text::Faults),
        Tab::Clients => lang.t(Text::Clients),
        Tab::Config => lang.t(Text::ZooCfg),
        Tab::Checker => lang.t(CheckerText::Tab),
        Tab::Inspect => lang.t(Text::Inspect),
    }
}

/// What the panel is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Language, selection, filters.
    pub choices: Choices,
    /// Which tab is open.
    pub tab: Tab,
    /// What is open in the first tab.
    pub learn: Learn,
    /// Of the tabs only these and the first, by their names with `-` between; all if nothing.
    pub only: Option<AttrValue>,
    /// Whether the screen is narrow: the inspector is a tab then.
    pub narrow: bool,
    /// How the search for a counterexample stands.
    pub explored: Option<Explored>,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The panel.
#[component]
pub fn Left(props: &Props) -> Html {
    let Props { shown, choices, send, .. } = props;
    let lang = choices.lang;
    let tab = if props.tab == Tab::Inspect && !props.narrow { Tab::Guide } else { props.tab };
    let tabs = allowed(props.only.as_deref());
    let tab = if tabs.contains(&tab) { tab } else { Tab::Guide };
    let buttons = tabs.iter().map(|one| tab_button(*one, tab, &tabs, lang, send));
    let panel = || PanelProps { shown: shown.clone(), lang, send: send.clone() };
    let choosing = || ChoosingProps { shown: shown.clone(), choices: *choices, send: send.clone() };
    let body = match tab {
        Tab::Guide => learn(props),
        Tab::Faults => html! { <Later part={Part::Faults(choosing())} /> },
        Tab::Clients => html! { <Later part={Part::Clients(choosing())} /> },
        Tab::Config => html! { <Later part={Part::Config(panel())} /> },
        Tab::Checker => {
            let (shown, send) = (shown.clone(), send.clone());
            let props = checker::Props { shown, lang, explored: props.explored, send };
            html! { <Later part={Part::Checker(props)} /> }
        }
        Tab::Inspect => html! { <Inspector ..choosing() /> },
    };
    let class = if tab == Tab::Inspect { "insp-narrow" } else { "pane" };
    html! {
        <aside class="left" aria-label={lang.t(Text::LeftPanel)}>
            <div class="tabs" role="tablist">{ for buttons }</div>
            <section key={tab.key()} class={class} role="tabpanel" id={format!("p-{}", tab.key())}
                aria-labelledby={format!("t-{}", tab.key())}>{ body }</section>
        </aside>
    }
}

/// The first tab: the front page, the walk, or a lesson.
fn learn(props: &Props) -> Html {
    let (shown, lang, send) = (&props.shown, props.choices.lang, &props.send);
    match &props.learn {
        Learn::Front => html! { <Front live={shown.live()} {lang} send={send.clone()} /> },
        Learn::Walk(from) => html! {
            <>
                { front::back(lang, send) }
                <Later key={*from} part={Part::Walk(guide::Props {
                    live: shown.live(),
                    lang,
                    from: *from,
                    send: send.clone(),
                })} />
            </>
        },
        Learn::Writing => {
            let (shown, send) = (shown.clone(), send.clone());
            html! { <Later part={Part::Writing(PanelProps { shown, lang, send })} /> }
        }
        Learn::Lesson { place, own } => html! {
            <Later part={Part::Lesson(lessons::Props {
                shown: shown.clone(),
                lang,
                place: place.clone(),
                own: *own,
                send: send.clone(),
            })} />
        },
    }
}

/// The tabs that are there: a link for a class may leave some out.
fn allowed(only: Option<&str>) -> Vec<Tab> {
    let is = |tab: &&Tab| {
        let named = |only: &str| only.split('-').any(|name| name == tab.key());
        matches!(tab, Tab::Guide | Tab::Inspect) || only.is_none_or(named)
    };
    TABS.iter().filter(is).copied().collect()
}

fn tab_button(one: Tab, open: Tab, tabs: &[Tab], lang: Lang, send: &Callback<Msg>) -> Html {
    let click = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Open(one))))
    };
    let key = {
        let (send, tabs) = (send.clone(), tabs.to_vec());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowRight" => 1,
                "ArrowLeft" => tabs.len() - 1,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            let at = tabs.iter().position(|tab| *tab == one).unwrap_or(0);
            let next = tabs[(at + step) % tabs.len()];
            send.emit(Msg::Page(Page::Open(next)));
            crate::tasks::focus(&format!("t-{}", next.key()));
        })
    };
    let now = one == open;
    html! {
        <button type="button" role="tab" id={format!("t-{}", one.key())}
            class={classes!((one == Tab::Inspect).then_some("only-narrow"))}
            aria-controls={format!("p-{}", one.key())} aria-selected={now.to_string()}
            tabindex={if now { "0" } else { "-1" }} onclick={click} onkeydown={key}>
            { name(one, lang) }
        </button>
    }
}
