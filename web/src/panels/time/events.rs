//! The list of events: the diagram in words, one line for each step, every line a jump.
//!
//! Only the lines in sight are drawn, with room above and below for the rest, so a run may be as
//! long as it likes.

use vivarium_protocol::trace::Frame;
use yew::prelude::*;

use super::Word;
use crate::i18n::Lang;
use crate::model::decimal::short;
use crate::model::playback::{Playback, is_act};
use crate::narrate;
use crate::stage::parts;
use crate::tasks;
use crate::view::{Msg, Shown};

/// Lines drawn at once.
const DRAWN: usize = 48;
/// Lines drawn above the first in sight.
const ABOVE: usize = 12;
/// The height of a line in tenths of a rem, as the style sheet has it.
const HEIGHT: f64 = 28.0;
/// On a narrow screen a line wraps, with room for three rows of words.
const NARROW_HEIGHT: f64 = 48.0;
/// The most frames that a scene is folded over between two lines.
const FOLDED: usize = 128;

/// What the list is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// Pixels per tenth of a rem.
    pub text_scale: f64,
    /// Where jumps go.
    pub send: Callback<Msg>,
}

/// The list.
#[component]
pub fn Events(props: &Props) -> Html {
    let Props { shown, lang, send, .. } = props;
    let (node, first, acts) = (use_node_ref(), use_state(|| 0), use_state(|| false));
    let chosen = use_state(|| (usize::MAX, 0));
    let lines = {
        let shown = shown.clone();
        use_memo((shown.recorded, shown.branch, *acts), move |(_, _, acts)| {
            lines(shown.playback().timeline().frames(), *acts)
        })
    };
    let line = if chosen.0 == shown.position {
        chosen.1
    } else {
        lines.partition_point(|step| *step < shown.position).saturating_sub(1)
    };
    let height = if tasks::is_narrow() { NARROW_HEIGHT } else { HEIGHT } * props.text_scale;
    use_sight(&node, line, lines.len(), height);
    let scrolled = on_scroll(&first, height);
    let keydown = {
        let (lines, chosen, send) = (lines.clone(), chosen.clone(), send.clone());
        let position = shown.position;
        Callback::from(move |event: KeyboardEvent| match moved(&event.key(), line, lines.len()) {
            Some(next) => {
                event.prevent_default();
                chosen.set((position, next));
            }
            None if event.key() == "Enter" => {
                if let Some(step) = lines.get(line) {
                    send.emit(Msg::SeekStep(*step as u64 + 1));
                }
            }
            None => {}
        })
    };
    let toggle = {
        let acts = acts.clone();
        Callback::from(move |_: Event| acts.set(!*acts))
    };
    let from = first.saturating_sub(ABOVE).min(lines.len().saturating_sub(DRAWN));
    let to = (from + DRAWN).min(lines.len());
    let gap = |count: usize| {
        html! { <svg class="gap" width="1" height={short(count as f64 * height)} /> }
    };
    html! {
        <div class="events" id="events">
            <label class="only">
                <input type="checkbox" id="events-acts" checked={*acts} onchange={toggle} />
                { lang.t(Word::ActsOnly) }
            </label>
            <div ref={node} class="lines" id="event-list" role="listbox" tabindex="0"
                aria-label={lang.t(Word::Events)} onscroll={scrolled} onkeydown={keydown}
                aria-activedescendant={lines.get(line).map(|step| format!("event-{}", step + 1))}>
                { gap(from) }
                { drawn(props, &lines[from..to], lines.get(line).copied()) }
                { gap(lines.len() - to) }
            </div>
        </div>
    }
}

/// Notes the first line in sight.
fn on_scroll(first: &UseStateHandle<usize>, height: f64) -> Callback<Event> {
    let first = first.clone();
    Callback::from(move |event: Event| {
        let list: web_sys::Element = event.target_unchecked_into();
        first.set((f64::from(list.scroll_top()) / height) as usize);
    })
}

/// The steps that have a line.
fn lines(frames: &[Frame], acts: bool) -> Vec<usize> {
    let all = frames.iter().enumerate();
    all.filter(|(_, frame)| !acts || is_act(frame)).map(|(index, _)| index).collect()
}

/// The line that a key goes to.
fn moved(key: &str, line: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let next = match key {
        "ArrowDown" => line + 1,
        "ArrowUp" => line.saturating_sub(1),
        "PageDown" => line + 10,
        "PageUp" => line.saturating_sub(10),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(next.min(last))
}

/// Keeps a line in sight, and takes the focus when the list opens.
#[hook]
fn use_sight(node: &NodeRef, line: usize, count: usize, height: f64) {
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(list) = node.cast::<web_sys::HtmlElement>() {
                // Without focus the list can still be clicked.
                let _ = list.focus();
            }
        });
    }
    let node = node.clone();
    use_effect_with((line, count > 0), move |(line, _)| {
        let Some(list) = node.cast::<web_sys::Element>() else { return };
        let (top, room) = (f64::from(list.scroll_top()), f64::from(list.client_height()));
        let place = *line as f64 * height;
        if place < top {
            list.set_scroll_top(place as i32);
        } else if place + height > top + room {
            list.set_scroll_top((place + height - room).ceil() as i32);
        }
    });
}

fn drawn(props: &Props, steps: &[usize], chosen: Option<usize>) -> Html {
    let Props { shown, lang, send, .. } = props;
    let playback = shown.playback();
    let told = told(&playback, steps, *lang);
    let rows = steps.iter().zip(told).map(|(step, (frame, sentence))| {
        let step = *step;
        let send = send.clone();
        let jump = Callback::from(move |_: MouseEvent| send.emit(Msg::SeekStep(step as u64 + 1)));
        let here = shown.position == step + 1;
        html! {
            <div key={step} class="ev" role="option" id={format!("event-{}", step + 1)}
                aria-selected={(chosen == Some(step)).to_string()}
                aria-current={here.then_some("step")} onclick={jump}>
                <small>{ "#" }{ step + 1 }</small>
                <time>{ frame.at.to_string() }</time>
                { frame.peer.map(parts::small_coin).unwrap_or_else(|| html! { <i /> }) }
                <span>{ sentence }</span>
            </div>
        }
    });
    html! { <>{ for rows }</> }
}

/// The frames of some steps with their sentences.
fn told<'a>(playback: &'a Playback, steps: &[usize], lang: Lang) -> Vec<(&'a Frame, String)> {
    let frames = playback.timeline().frames();
    let Some(first) = steps.first() else { return Vec::new() };
    let mut scene = playback.scene_after(*first);
    let tell = |step: &usize| {
        if step - scene.frames > FOLDED {
            scene = playback.scene_after(*step);
        }
        while scene.frames <= *step {
            scene.fold(&frames[scene.frames]);
        }
        let frame = &frames[*step];
        (frame, narrate::sentence(lang, frame, &scene))
    };
    steps.iter().map(tell).collect()
}
