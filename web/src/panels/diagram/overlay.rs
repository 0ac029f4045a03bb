//! What moves with every picture over the lanes: the layer that slides, the veils over what is to
//! come, and the line of the present with its time.

use vivarium_protocol::base::Time;
use yew::prelude::*;

use super::{Props, Scale};
use crate::model::decimal::{Between, short, tenths};
use crate::stage::parts::placed;
use crate::stage::styled::Styled;

fn pixels(value: f64) -> String {
    format!("{}px", tenths(value))
}

/// A move to the right by whole pixels, so that a layer that is drawn already need not be again.
fn to_right(value: f64) -> String {
    format!("translateX({}px)", value.round() as i64)
}

/// Where the plot lies: what slides is seen nowhere else.
pub fn plot(scale: &Scale) -> Vec<(&'static str, String)> {
    vec![("left", pixels(scale.left)), ("width", pixels(scale.plot_width()))]
}

/// The layer in the plot, `moved` pixels to the left.
pub fn sliding(scale: &Scale, moved: f64) -> Vec<(&'static str, String)> {
    vec![
        ("left", pixels(-scale.left)),
        ("width", pixels(scale.width)),
        ("transform", to_right(-moved)),
    ]
}

/// Nothing is known of the run beyond its end.
pub fn unknown(props: &Props, scale: &Scale) -> Html {
    let own = props.time.beside.as_ref().map(|_| scale.half(false, props.shown.ids.len()));
    let height = own.map_or(scale.lanes, |half| half.lanes);
    let x = scale.x(scale.end.max(props.playhead)).between(scale.left, scale.right());
    html! { <Styled class="unknown" styles={curtain(x, height, scale)} /> }
}

/// A box over the lanes, as wide as the plot and pushed to the right as far as `x`.
fn curtain(x: f64, height: f64, scale: &Scale) -> Vec<(&'static str, String)> {
    vec![
        ("top", pixels(scale.axis)),
        ("width", pixels(scale.plot_width())),
        ("height", pixels(height)),
        ("transform", to_right(x - scale.left)),
    ]
}

/// The veil over the recorded future.
pub fn veil(at: f64, scale: &Scale) -> Html {
    let x = scale.x(at).between(scale.left, scale.right());
    html! { <Styled class="veil" styles={curtain(x, scale.lanes, scale)} /> }
}

/// The line of the present with its time.
pub fn playhead(at: f64, now: Time, scale: &Scale) -> Html {
    let k = scale.text_scale;
    let x = scale.x(at).between(scale.left, scale.right());
    let label = x.between(scale.left + 20.0 * k, scale.right() - 30.0 * k);
    let height = scale.axis + scale.lanes + 2.0 * k;
    html! {
        <>
            <Styled class="playhead" styles={vec![("transform", to_right(x))]}>
                <svg width="1" height={pixels(height)} aria-hidden="true">
                    <line x1="0" x2="0" y1={short(4.0 * k)} y2={short(height)}
                        stroke="var(--ink)" stroke-width={short(1.6 * k)} />
                </svg>
            </Styled>
            <Styled class="playhead" styles={vec![("transform", to_right(label))]}>
                <svg width="1" height="1" aria-hidden="true">
                    <g transform={placed((0.0, 11.5 * k), k)}>
                        <rect x="-34" y="-10" width="68" height="20" rx="5" fill="var(--invert)" />
                        <text class="now" text-anchor="middle" dy=".36em">{ now.to_string() }</text>
                    </g>
                </svg>
            </Styled>
        </>
    }
}
