//! The strip at the foot: the whole run, its key events, and the window as a bracket.

use yew::prelude::*;

use super::{Scale, ink};
use crate::i18n::{Lang, Text};
use crate::model::decimal::{short, tenths};
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
            <line x1={short(scale.left)} x2={short(scale.right())} y1={short(y)}
                y2={short(y)} stroke="var(--line-2)" stroke-width={short(2.0 * k)} />
            { branches(shown, scale, y) }
            <path d={keys} stroke="var(--ink-3)" stroke-width={short(1.2 * k)} fill="none" />
            <rect x={tenths(start)} y={short(y - 7.0 * k)}
                width={tenths((end - start).max(4.0))} height={short(14.0 * k)}
                rx={short(3.0 * k)} fill="transparent" stroke="var(--ink-2)"
                stroke-width={short(1.3 * k)} />
            <line x1={tenths(now)} x2={tenths(now)} y1={short(y - 7.0 * k)}
                y2={short(y + 7.0 * k)} stroke="var(--ink)"
                stroke-width={short(2.0 * k)} />
            <text class="strip-label" x={short(14.0 * k)} y={short(y + 3.5 * k)}>
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
        let [x1, y1, x2, y2, x3] = [from, y, from + 6.0 * k, low, to].map(tenths);
        let line = format!("M{x1} {y1} L{x2} {y2} H{x3}");
        let dashes = format!("{} {}", short(4.0 * k), short(2.0 * k));
        Some(html! {
            <g key={branch.number} class="fork" data-branch={branch.number.to_string()}>
                <path d={line} stroke="var(--ink-2)" stroke-width={short(1.3 * k)}
                    stroke-dasharray={dashes} fill="none" />
                <text class="strip-label" x={tenths(to + 3.0 * k)}
                    y={tenths(low + 3.0 * k)}>{ branch.number }</text>
            </g>
        })
    });
    html! { <g>{ for forks }</g> }
}
