//! Past and future of one step: what happened apart from it is veiled, and the step has a ring.

use yew::prelude::*;

use super::{Drawn, Scale};
use crate::model::decimal::tenths;

/// The veils and the ring.
pub fn veils(drawn: &Drawn, scale: &Scale) -> Html {
    let Some(cone) = drawn.cone else { return html! {} };
    let x_of = |step: &u64| {
        let frame = drawn.frames.get(*step as usize)?;
        Some(scale.x_of(frame.at, *step as usize + 1))
    };
    let veils = drawn.ids.iter().enumerate().map(|(index, id)| {
        let from = cone.past.get(id).and_then(x_of).unwrap_or(scale.left).max(scale.left);
        let to = cone.future.get(id).and_then(x_of).unwrap_or(scale.right()).min(scale.right());
        let (top, height) = (scale.y(index) - scale.lane / 2.0, scale.lane);
        html! {
            <rect key={index} class="apart" x={tenths(from)} y={tenths(top)}
                width={tenths((to - from).max(0.0))} height={tenths(height)} />
        }
    });
    let ring = drawn.frames.get(cone.focus as usize).and_then(|frame| {
        let y = scale.y_of(drawn.ids, frame.peer?)?;
        let (x, r) = (x_of(&cone.focus)?, scale.band() / 2.0 + 2.0 * scale.text_scale);
        Some(html! {
            <circle class="focus-ring" cx={tenths(x)} cy={tenths(y)}
                r={tenths(r)} />
        })
    });
    html! { <g data-focus={cone.focus.to_string()}>{ for veils }{ ring }</g> }
}
