//! The strip at the foot: the whole run, its key events, and the window as a bracket.

use yew::prelude::*;

use super::{Scale, ink};
use crate::i18n::{Lang, Text};
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
    let (start, end) = (scale.strip_x(scale.window.start), scale.strip_x(scale.window_end()));
    let now = scale.strip_x(scale.counts.place(shown.at, shown.position));
    html! {
        <g class="strip">
            <line x1={scale.left.to_string()} x2={scale.right().to_string()} y1={y.to_string()}
                y2={y.to_string()} stroke="var(--line-2)" stroke-width={(2.0 * k).to_string()} />
            { branches(shown, scale, y) }
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
    for (index, at) in keys.iter().step_by(every) {
        let x = scale.strip_x(scale.counts.place(*at, index + 1));
        ink::line(&mut path, (x, y - half), (x, y + half));
    }
    path
}

/// The other branches leave the line where the run forked, and end where they were left.
fn branches(shown: &Shown, scale: &Scale, y: f64) -> Html {
    let k = scale.text_scale;
    let playback = shown.playback();
    let frames = playback.timeline().frames();
    let forks = playback.branches().iter().filter_map(|branch| {
        let (shared, end) = (branch.shared()?, branch.end()?);
        let at = frames.get(shared).map_or(end, |frame| frame.at);
        let from = scale.strip_x(scale.counts.place(at, shared));
        let to = scale.strip_x(scale.counts.place(end, shared + branch.recorded()));
        let to = to.max(from + 14.0 * k);
        let low = y + 6.5 * k;
        let line = format!("M{from:.1} {y:.1} L{:.1} {low:.1} H{to:.1}", from + 6.0 * k);
        Some(html! {
            <g key={branch.number} class="fork" data-branch={branch.number.to_string()}>
                <path d={line} stroke="var(--ink-2)" stroke-width={(1.3 * k).to_string()}
                    stroke-dasharray={format!("{} {}", 4.0 * k, 2.0 * k)} fill="none" />
                <text class="strip-label" x={format!("{:.1}", to + 3.0 * k)}
                    y={format!("{:.1}", low + 3.0 * k)}>{ branch.number }</text>
            </g>
        })
    });
    html! { <g>{ for forks }</g> }
}
