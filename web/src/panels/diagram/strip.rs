//! The strip at the foot: the whole run, its key events, and the window as a bracket.

use yew::prelude::*;

use super::Scale;
use crate::i18n::{Lang, Text};
use crate::model::flight::micros;
use crate::view::Shown;

/// Key events drawn at most.
const MOST: usize = 600;

/// The strip.
pub fn strip(shown: &Shown, scale: &Scale, lang: Lang) -> Html {
    if !scale.strip_top().is_finite() {
        return html! {};
    }
    let k = scale.text_scale;
    let y = scale.height - 11.0 * k;
    let keys = events(shown, scale, y);
    let (start, end) =
        (scale.strip_x(scale.window.start), scale.strip_x(scale.window.start + scale.window.span));
    let now = scale.strip_x(micros(shown.at));
    html! {
        <g class="strip">
            <line x1={scale.left.to_string()} x2={scale.right().to_string()} y1={y.to_string()}
                y2={y.to_string()} stroke="var(--line-2)" stroke-width={(2.0 * k).to_string()} />
            <path d={keys} stroke="var(--ink-3)" stroke-width={(1.2 * k).to_string()} fill="none" />
            <rect x={format!("{start:.1}")} y={(y - 7.0 * k).to_string()}
                width={format!("{:.1}", (end - start).max(4.0))} height={(14.0 * k).to_string()}
                rx={(3.0 * k).to_string()} fill="transparent" stroke="var(--ink-2)"
                stroke-width={(1.3 * k).to_string()} />
            <line x1={format!("{now:.1}")} x2={format!("{now:.1}")} y1={(y - 7.0 * k).to_string()}
                y2={(y + 7.0 * k).to_string()} stroke="var(--ink)"
                stroke-width={(2.0 * k).to_string()} />
            <text class="strip-label" x={(14.0 * k).to_string()} y={(y + 3.5 * k).to_string()}>
                { lang.t(Text::WholeRun) }
            </text>
        </g>
    }
}

/// A tick for each key event, as one path.
fn events(shown: &Shown, scale: &Scale, y: f64) -> String {
    let playback = shown.playback();
    let keys = &playback.chronicle().keys;
    let every = keys.len() / MOST + 1;
    let half = 4.5 * scale.text_scale;
    let mut path = String::new();
    for (_, at) in keys.iter().step_by(every) {
        let x = scale.strip_x(micros(*at));
        path.push_str(&format!("M{x:.1} {:.1}V{:.1}", y - half, y + half));
    }
    path
}
