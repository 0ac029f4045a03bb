//! More than nine servers: one line of hue for each, without words and without frames.
//!
//! All stretches that look alike are one path, so a hundred lanes cost a few dozen elements
//! whatever happens in them.

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::message::PeerState;
use yew::prelude::*;

use super::{Drawn, Scale, ink, lanes};
use crate::i18n::Lang;
use crate::model::chronicle::Stand;
use crate::model::decimal::{short, tenths};
use crate::stage::parts::{hue, hue_number};

/// The lines.
pub fn lines(drawn: &Drawn, scale: &Scale) -> Html {
    let mut paths: SortedMap<(u8, i64), String> = SortedMap::new();
    for (index, band) in lanes::visible(drawn, scale) {
        let (look, with) = match band.stand {
            Stand::Down => continue,
            Stand::Up(PeerState::Looking, with) => (0, with),
            Stand::Up(PeerState::Observing, with) => (1, with),
            Stand::Up(PeerState::Following, with) => (2, with),
            Stand::Up(PeerState::Leading, with) => (3, with),
        };
        let (x, width) = lanes::extent(drawn, index, &band, scale);
        let path = paths.entry((look, hue_number(with))).or_default();
        let y = scale.y(index);
        ink::line(path, (x, y), (x + width, y));
    }
    let lines = paths.into_iter().map(|((look, number), path)| {
        let colour = hue((number > 0).then_some(ServerId(number)));
        let (opacity, share, dashes) = match look {
            // Thin: dashes of a hundred lines would be one grain of dots.
            0 => (".75", 0.5, None),
            1 => (".3", 0.4, Some("1 2")),
            2 => (".45", 0.7, None),
            _ => ("1", 1.0, None),
        };
        let width = (scale.band() * share).max(1.0);
        html! {
            <path key={format!("{look} {number}")} class="line-of-hue" d={path} fill="none"
                stroke={colour} stroke-opacity={opacity} stroke-width={tenths(width)}
                stroke-dasharray={dashes} />
        }
    });
    html! { <g>{ for lines }</g> }
}

/// The first and the last id; between them only the words that each line is a server.
pub fn labels(drawn: &Drawn, scale: &Scale, lang: Lang) -> Html {
    let (Some(first), Some(last)) = (drawn.ids.first(), drawn.ids.last()) else {
        return html! {};
    };
    let x = 14.0 * scale.text_scale;
    let middle = drawn.ids.len() / 2;
    let ends = [(0, first), (drawn.ids.len() - 1, last)].map(|(index, id)| {
        let y = scale.y(index);
        html! { <text class="lane-id" x={short(x)} y={short(y)} dy=".36em">{ id.0 }</text> }
    });
    html! {
        <g class="lane-labels">
            { for ends }
            <text class="lane-note" x={short(x)} y={short(scale.y(middle))} dy=".36em">
                { lang.pick("one line each", "每台一条线") }
            </text>
        </g>
    }
}
