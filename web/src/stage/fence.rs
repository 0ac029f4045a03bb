//! Faults of the network on the stage: the fence of a partition, the bar of a one-way cut.
//!
//! The fence is the outline of the smaller sides: every plate of a side, and a bridge between
//! neighbours, painted once wide and hatched and once narrower in the stage's own colour.

use vivarium_protocol::base::ServerId;
use yew::prelude::*;

use crate::i18n::{Lang, Text};
use crate::model::layout::{Layout, Rect};
use crate::model::outside::sides_words;
use crate::view::{OnGround, Shown};

/// Every cut that is in force.
pub fn fence(shown: &Shown, ground: &OnGround, lang: Lang) -> Html {
    let sides = shown.outside.sides(&shown.ids);
    if sides.is_empty() {
        return single_cuts(shown, ground);
    }
    // The largest side is outside of every fence.
    let fenced = &sides[..sides.len() - 1];
    let drawn = fenced.iter().map(|side| outline(side, &ground.layout));
    html! { <>{ for drawn }{ label(&sides, &ground.layout, lang) }</> }
}

fn outline(side: &[ServerId], layout: &Layout) -> Html {
    let scale = layout.stage.scale;
    let pad = padding(layout);
    let widths = [(8.0, "var(--ink-3)"), (6.2, "var(--stage)"), (6.2, "url(#hatch)")];
    let rings = widths
        .into_iter()
        .map(|(width, colour)| shapes(side, layout, pad + width * scale / 2.0, colour));
    html! { <>{ for rings }{ shapes(side, layout, pad - 3.1 * scale, "var(--stage)") }</> }
}

fn padding(layout: &Layout) -> f64 {
    let full = layout.size == crate::model::layout::PlateSize::Full;
    let dense = layout.size == crate::model::layout::PlateSize::Tile;
    let wanted = if full { 19.0 } else { 11.0 };
    let wanted = if dense { 1.0 } else { wanted };
    wanted * layout.stage.scale
}

fn shapes(side: &[ServerId], layout: &Layout, grown: f64, colour: &'static str) -> Html {
    let plates: Vec<&Rect> = side.iter().filter_map(|id| layout.plates.get(id)).collect();
    let boxes = plates.iter().map(|rect| {
        html! {
            <rect x={(rect.x - grown).to_string()} y={(rect.y - grown).to_string()}
                width={(rect.width + 2.0 * grown).to_string()}
                height={(rect.height + 2.0 * grown).to_string()} rx="14" fill={colour} />
        }
    });
    let order: Vec<ServerId> = layout.plates.keys().copied().collect();
    let place = |id: ServerId| order.iter().position(|other| *other == id).unwrap_or(0);
    let bridges = side.windows(2).filter(|pair| place(pair[1]) - place(pair[0]) == 1);
    // Tiles stand close enough without bridges, and a row ends where the next begins.
    let dense = layout.size == crate::model::layout::PlateSize::Tile;
    let bridges = bridges.filter(move |_| !dense);
    let bridges = bridges.filter_map(|pair| {
        let (a, b) = (layout.plates.get(&pair[0])?.centre(), layout.plates.get(&pair[1])?.centre());
        let width = (2.0 * grown + 14.0 * layout.stage.scale).to_string();
        let path = format!("M{:.1} {:.1} L{:.1} {:.1}", a.0, a.1, b.0, b.1);
        Some(html! { <path d={path} stroke={colour} stroke-width={width} fill="none" /> })
    });
    html! { <>{ for boxes }{ for bridges }</> }
}

fn label(sides: &[Vec<ServerId>], layout: &Layout, lang: Lang) -> Html {
    let Some(rect) = sides.first().and_then(|side| layout.plates.get(side.first()?)) else {
        return html! {};
    };
    let (scale, pad) = (layout.stage.scale, padding(layout));
    let left_half = rect.centre().0 < layout.stage.width / 2.0;
    let x = if left_half { rect.x + rect.width + pad } else { rect.x - pad };
    let y = rect.y + rect.height * 0.5;
    let (anchor, dx) = if left_half { ("start", 19.0) } else { ("end", -19.0) };
    let words = format!("{} {}", lang.t(Text::Partition), sides_words(sides));
    html! {
        <g class="fence-label" transform={format!("translate({x:.1} {y:.1}) scale({scale})")}>
            <circle r="12" fill="var(--stage)" stroke="var(--ink-3)" />
            <use href="#i-cut" x="-7" y="-7" width="14" height="14" class="scissors" />
            if layout.size != crate::model::layout::PlateSize::Mini {
                <text x={dx.to_string()} dy=".36em" text-anchor={anchor}>{ words }</text>
            }
        </g>
    }
}

/// A cut that makes no partition: hatching on the deaf side of its link.
fn single_cuts(shown: &Shown, ground: &OnGround) -> Html {
    let scale = ground.layout.stage.scale;
    let bars = shown.outside.cuts.iter().filter_map(|pair| {
        let link = ground.link(*pair)?;
        let ((x, y), angle) = link.head();
        let place = format!("translate({x:.1} {y:.1}) rotate({angle:.1}) scale({scale})");
        Some(html! {
            <g key={format!("cut-{}-{}", pair.0, pair.1)}
                class="cut-bar" data-cut={format!("{}>{}", pair.0, pair.1)}>
                <path d={link.path()} fill="none" stroke="var(--ink-3)" stroke-opacity=".35"
                    stroke-width={(1.3 * scale).to_string()} stroke-dasharray="2 5" />
                <g transform={place}>
                    <rect x="-6" y="-17" width="8" height="34" rx="2" fill="var(--stage)"
                        stroke="var(--ink-3)" />
                    <rect x="-6" y="-17" width="8" height="34" rx="2" fill="url(#hatch)" />
                </g>
            </g>
        })
    });
    html! { <>{ for bars }</> }
}
