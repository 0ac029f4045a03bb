//! Faults of the network on the stage: the fence of a partition, the bar of a one-way cut.
//!
//! The fence is the outline of the smaller sides: every plate of a side, and a bridge between
//! neighbours, painted once wide and hatched and once narrower in the stage's own colour.

use vivarium_protocol::base::ServerId;
use yew::prelude::*;

use super::parts::{placed, turned};
use crate::i18n::{Lang, Text};
use crate::model::decimal::{short, tenths};
use crate::model::dense;
use crate::model::layout::{Layout, PlateSize, Rect};
use crate::model::outside::sides_words;
use crate::view::{Choices, OnGround, Selection, Shown, is_drawn_on};

/// Cuts of the whole ensemble whose links are drawn among tiles; beyond that only those of the
/// chosen server.
const FEW: usize = 12;

/// Every cut that is in force.
pub fn fence(shown: &Shown, ground: &OnGround, choices: &Choices) -> Html {
    let sides = shown.outside.sides(&shown.ids);
    let single = shown.outside.cuts_within(&sides);
    let dense = ground.layout.size == PlateSize::Tile;
    // The largest side is outside of every fence.
    let fenced = &sides[..sides.len().saturating_sub(1)];
    let drawn = fenced.iter().map(|side| {
        if dense { tiles_outline(side, &ground.layout) } else { outline(side, &ground.layout) }
    });
    html! {
        <>
            { for drawn }
            if dense {
                { deaf_tiles(&single, ground) }
            } else {
                { label(&sides, &ground.layout, choices.lang) }
            }
            { single_cuts(&single, ground, choices.selection) }
        </>
    }
}

/// Among tiles: a hatched strip in the gaps around a side.
fn tiles_outline(side: &[ServerId], layout: &Layout) -> Html {
    let path = boxes(&dense::fence(side, layout));
    html! {
        <g class="tile-fence" data-side={sides_words(&[side.to_vec()])}>
            <path d={path.clone()} fill="var(--stage)" stroke="var(--ink-2)" stroke-width="1" />
            <path d={path} fill="url(#hatch)" />
        </g>
    }
}

/// Among tiles: a hatched strip on the deaf tile's edge that faces whom it does not hear.
fn deaf_tiles(cuts: &[(ServerId, ServerId)], ground: &OnGround) -> Html {
    let layout = &ground.layout;
    let scale = layout.stage.scale;
    let mut strips: Vec<Rect> = Vec::new();
    for (from, to) in cuts {
        let (Some(deaf), Some(silent)) = (layout.plates.get(to), layout.plates.get(from)) else {
            continue;
        };
        let edge = dense::facing(deaf, silent);
        let strip = dense::along(deaf, edge, (5.0 * scale, -2.0 * scale), scale);
        if !strips.contains(&strip) {
            strips.push(strip);
        }
    }
    let path = boxes(&strips);
    html! {
        <g class="tile-cuts" data-count={strips.len().to_string()}>
            <path d={path.clone()} fill="var(--stage)" stroke="var(--ink-2)" stroke-width="1" />
            <path d={path} fill="url(#hatch)" />
        </g>
    }
}

/// Rectangles as one path.
fn boxes(rects: &[Rect]) -> String {
    let mut path = String::new();
    for rect in rects {
        let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(tenths);
        path.push_str(&format!("M{x} {y}h{width}v{height}h-{width}z"));
    }
    path
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
    let full = layout.size == PlateSize::Full;
    let wanted = if full { 19.0 } else { 11.0 };
    wanted * layout.stage.scale
}

fn shapes(side: &[ServerId], layout: &Layout, grown: f64, colour: &'static str) -> Html {
    let plates: Vec<&Rect> = side.iter().filter_map(|id| layout.plates.get(id)).collect();
    let boxes = plates.iter().map(|rect| {
        html! {
            <rect x={short(rect.x - grown)} y={short(rect.y - grown)}
                width={short(rect.width + 2.0 * grown)}
                height={short(rect.height + 2.0 * grown)} rx="14" fill={colour} />
        }
    });
    let order: Vec<ServerId> = layout.plates.keys().copied().collect();
    let place = |id: ServerId| order.iter().position(|other| *other == id).unwrap_or(0);
    let bridges = side.windows(2).filter(|pair| place(pair[1]) - place(pair[0]) == 1);
    let bridges = bridges.filter_map(|pair| {
        let (a, b) = (layout.plates.get(&pair[0])?.centre(), layout.plates.get(&pair[1])?.centre());
        let width = short(2.0 * grown + 14.0 * layout.stage.scale);
        let path = format!("M{} {} L{} {}", tenths(a.0), tenths(a.1), tenths(b.0), tenths(b.1));
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
    // Above the middle, where links leave and what is lost on them stands.
    let y = rect.y + rect.height * 0.24;
    let (anchor, dx) = if left_half { ("start", 19.0) } else { ("end", -19.0) };
    let words = format!("{} {}", lang.t(Text::Partition), sides_words(sides));
    html! {
        <g class="fence-label" transform={placed((x, y), scale)}>
            <circle r="12" fill="var(--stage)" stroke="var(--ink-3)" />
            <use href="#i-cut" x="-7" y="-7" width="14" height="14" class="scissors" />
            if layout.size != PlateSize::Mini {
                <text x={short(dx)} dy=".36em" text-anchor={anchor}>{ words }</text>
            }
        </g>
    }
}

/// A cut that makes no partition: hatching on the deaf side of its link.
fn single_cuts(cuts: &[(ServerId, ServerId)], ground: &OnGround, selection: Selection) -> Html {
    let scale = ground.layout.stage.scale;
    let all = ground.layout.size != PlateSize::Tile || cuts.len() <= FEW;
    let drawn = cuts.iter().filter(|pair| all || is_drawn_on(selection, **pair));
    let bars = drawn.filter_map(|pair| {
        let link = ground.link(*pair)?;
        let ((x, y), angle) = link.head();
        let place = turned((x, y), angle, scale);
        Some(html! {
            <g key={format!("cut-{}-{}", pair.0, pair.1)}
                class="cut-bar" data-cut={format!("{}>{}", pair.0, pair.1)}>
                <path d={link.path()} fill="none" stroke="var(--ink-3)" stroke-opacity=".35"
                    stroke-width={short(1.3 * scale)} stroke-dasharray="2 5" />
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
