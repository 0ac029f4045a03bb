//! The head of a comparison: where two runs first differ, and what each of them does there.

use vivarium_protocol::base::Time;
use yew::prelude::*;

use super::{Beside, Other, TimeMsg, Word};
use crate::i18n::Lang;
use crate::narrate;
use crate::stage::parts::icon;
use crate::view::{Msg, Shown};

/// The head, above the two diagrams.
pub fn head(beside: &Beside, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let send_to = |msg: Msg| {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(msg.clone()))
    };
    let close = send_to(Msg::Time(TimeMsg::Compare));
    let body = match beside.twin.differs {
        Some(step) => {
            difference(beside, step, shown, lang, &send_to(Msg::SeekStep(step as u64 + 1)))
        }
        None => html! { <p>{ lang.t(Word::NoDifference) }</p> },
    };
    html! {
        <div class="twin" id="twin" data-step={beside.twin.differs.map(|step| step.to_string())}>
            { body }
            <button type="button" class="btn" id="twin-close" onclick={close}
                aria-label={lang.t(Word::CloseTwin)} title={lang.t(Word::CloseTwin)}>
                { icon("close") }</button>
        </div>
    }
}

fn difference(
    beside: &Beside,
    step: usize,
    shown: &Shown,
    lang: Lang,
    go: &Callback<MouseEvent>,
) -> Html {
    let playback = shown.playback();
    let own =
        playback.timeline().frames().get(step).map(|frame| {
            (frame.at, narrate::sentence(lang, frame, &playback.scene_after(step + 1)))
        });
    let twin = &beside.twin;
    let other = twin.frame().zip(twin.scene.as_ref());
    let other = other.map(|(frame, scene)| (frame.at, narrate::sentence(lang, frame, scene)));
    let line = |id: &'static str, who: String, told: Option<(Time, String)>| {
        let (at, said) =
            told.map_or((String::new(), String::new()), |(at, said)| (format!("{at}"), said));
        html! { <p id={id}><b>{ who }</b><time>{ at }</time><span>{ said }</span></p> }
    };
    let here = format!("{} {}", lang.t(Word::Branch), playback.branch);
    html! {
        <>
            <div class="where">
                <b>{ lang.t(Word::FirstDifference) }</b>
                <button type="button" class="btn solid" id="twin-go" onclick={go.clone()}>
                    { lang.t(Word::GoToIt) }{ " #" }{ step + 1 }</button>
            </div>
            <div class="both">
                { line("twin-own", here, own) }
                { line("twin-other", other_name(&beside.other, lang), other) }
            </div>
        </>
    }
}

/// What the other run is called.
#[must_use]
pub fn other_name(other: &Other, lang: Lang) -> String {
    match other {
        Other::Branch(number) => format!("{} {number}", lang.t(Word::Branch)),
        Other::Seed(seed) => format!("{} {seed}", lang.t(Word::Seed)),
        Other::Line(line) => line.to_string(),
    }
}
