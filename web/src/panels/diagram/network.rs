//! What was done to the network, and to the world: cuts hatched for as long as they lasted and
//! between the lanes that they part, and a flag on the axis for everything done from outside.

use yew::prelude::*;

use super::{Drawn, Scale};
use crate::i18n::Lang;
use crate::model::cuts::{self, Deaf, Span};
use crate::model::decimal::{short, tenths};
use crate::stage::parts::placed;

/// Cuts. Neighbours that do not hear each other have the hatching between their lanes; a server
/// that does not hear another has it along its own edge, with the direction in words.
pub fn cuts(drawn: &Drawn, scale: &Scale) -> Html {
    let spans = cuts::spans(drawn.cuts);
    let place = |id| drawn.ids.iter().position(|other| *other == id);
    let parts = spans.iter().enumerate().filter_map(|(index, span)| {
        let (low, high) = (place(span.low)?, place(span.high)?);
        let (x, width) = extent(span, drawn, scale)?;
        let neighbours = low.abs_diff(high) == 1;
        match span.deaf {
            Deaf::Both if neighbours => {
                let y = f64::midpoint(scale.y(low), scale.y(high));
                Some(hatch(index, "both", (x, y, width), 6.0, scale))
            }
            // A partition is told by the neighbours that it parts.
            Deaf::Both if fenced(span, &spans, drawn) => None,
            Deaf::Both => Some(html! {
                <g key={index}>
                    { edge(0, span, (low, high), (x, width), scale) }
                    { edge(1, span, (high, low), (x, width), scale) }
                </g>
            }),
            Deaf::Low => Some(edge(index, span, (low, high), (x, width), scale)),
            Deaf::High => Some(edge(index, span, (high, low), (x, width), scale)),
        }
    });
    html! { <g class="cuts">{ for parts }</g> }
}

/// Left edge and width of what of a span lies in the window.
fn extent(span: &Span, drawn: &Drawn, scale: &Scale) -> Option<(f64, f64)> {
    let counts = scale.counts;
    let from = counts.place(span.from.0, span.from.1);
    let to = span.to.map_or(drawn.end(scale), |to| counts.place(to.0, to.1));
    if from > scale.window_end() || to < scale.window.start {
        return None;
    }
    let x = scale.x(from).max(scale.left - 10.0);
    Some((x, (scale.x(to).min(scale.right() + 10.0) - x).max(2.0)))
}

/// Whether neighbours were parted at the same moment.
fn fenced(span: &Span, spans: &[Span], drawn: &Drawn) -> bool {
    let together = spans.iter().filter(|other| other.from == span.from && other.deaf == Deaf::Both);
    let mut pairs = together.map(|other| (other.low, other.high));
    pairs.any(|(low, high)| drawn.ids.windows(2).any(|pair| (pair[0], pair[1]) == (low, high)))
}

fn hatch(
    key: usize,
    kind: &'static str,
    (x, y, width): (f64, f64, f64),
    height: f64,
    scale: &Scale,
) -> Html {
    let height = height * scale.text_scale;
    html! {
        <rect key={key} data-cut={kind} x={tenths(x)} y={tenths(y - height / 2.0)}
            width={tenths(width)} height={tenths(height)} fill="url(#hatch2)"
            opacity=".8" />
    }
}

/// The deaf server's edge that faces the one it does not hear.
fn edge(
    key: usize,
    span: &Span,
    (deaf, other): (usize, usize),
    (x, width): (f64, f64),
    scale: &Scale,
) -> Html {
    let k = scale.text_scale;
    let side = if other > deaf { 1.0 } else { -1.0 };
    let y = scale.y(deaf) + side * (scale.band() / 2.0 + 3.0 * k);
    let (from, to) = if deaf < other { (span.high, span.low) } else { (span.low, span.high) };
    html! {
        <g key={key}>
            { hatch(key, "one-way", (x, y, width), 4.0, scale) }
            if width > 60.0 * k {
                <text class="cut-words" x={tenths(x.max(scale.left) + 4.0 * k)}
                    y={tenths(y + 3.5 * k)}>{ format!("{from} → {to}") }</text>
            }
        </g>
    }
}

/// A flag on the axis, and a hairline through the lanes, for everything done from outside.
pub fn acts(drawn: &Drawn, scale: &Scale) -> Html {
    let acts = &drawn.chronicle.acts;
    let k = scale.text_scale;
    let x_of = |at, step: u64| scale.x_of(at, step as usize + 1);
    let first = acts.partition_point(|act| x_of(act.at, act.step) < scale.left - 200.0);
    let seen = acts[first..].iter().take_while(|act| x_of(act.at, act.step) <= scale.right());
    let flags = seen.map(|act| {
        let x = x_of(act.at, act.step);
        let line =
            format!("M{} {}V{}", tenths(x), tenths(scale.axis), tenths(scale.axis + scale.lanes));
        let flag = format!("M{} {}l-4 -6h8z", tenths(x), tenths(scale.axis));
        html! {
            <g key={act.step} class="act" data-act={act.text.to_string()}>
                <path d={line} stroke="var(--ink-3)" stroke-width={short(k)}
                    stroke-dasharray="2 3" />
                <path d={flag} fill="var(--ink)" />
                <title>{ act.text.to_string() }</title>
            </g>
        }
    });
    html! { <g>{ for flags }</g> }
}

/// A red rule where a promise of the protocol was seen broken, with a cross and the word. It is
/// wider than the line of the present, so that it shows when the playhead stands on it. Promises
/// that broke in one step share a rule.
pub fn broken(drawn: &Drawn, scale: &Scale, lang: Lang) -> Html {
    let k = scale.text_scale;
    let steps = drawn.broken.chunk_by(|one, next| one == next).filter_map(<[u64]>::first);
    let rules = steps.filter_map(|step| {
        let x = scale.x_of(drawn.frames.get(*step as usize)?.at, *step as usize + 1);
        if x < scale.left || x > scale.right() {
            return None;
        }
        let line = format!("M{} {}v{}", tenths(x), tenths(scale.axis), tenths(scale.lanes));
        let end = scale.axis + scale.lanes - 8.0 * k;
        let cross = placed((x + 9.0 * k, end), k);
        Some(html! {
            <g key={*step} class="broken" data-broken={(step + 1).to_string()}>
                <path d={line} stroke-width={short(5.0 * k)} />
                <g transform={cross}>
                    <path d="M-4 -4 L4 4 M4 -4 L-4 4" stroke-width="2.2" />
                    <text x="9" dy=".36em">{ lang.pick("broken", "被破坏") }</text>
                </g>
            </g>
        })
    });
    html! { <g>{ for rules }</g> }
}
