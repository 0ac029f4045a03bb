//! Where messages crowd: glyphs give way to each other and to plates, and so do their numbers.

use super::{Placed, Props, is_small};
use crate::model::apart;
use crate::model::flight::{self, Family};
use crate::model::layout::Rect;

/// Where the number of those behind a glyph stands beside it, best first: its left top corner.
pub const CORNERS: [(f64, f64); 6] =
    [(8.0, -19.0), (-27.0, -19.0), (8.0, 5.0), (-27.0, 5.0), (12.0, -7.0), (-31.0, -7.0)];
/// How large that number is.
pub const NUMBER: (f64, f64) = (19.0, 14.0);
/// How far a glyph reaches from its middle.
const RADIUS: f64 = 11.0;
/// How far a glyph gives way.
const REACH: f64 = 34.0;

/// How large glyphs are drawn.
pub fn scale(props: &Props) -> f64 {
    let layout = &props.ground.layout;
    layout.stage.scale * if is_small(layout.size) { 0.82 } else { 1.0 }
}

/// Moves what crowds; what is lost or hides behind another stays where it is.
pub fn keep_apart(all: &mut [Placed], props: &Props) {
    let scale = scale(props);
    let plates: Vec<Rect> = props.ground.layout.plates.values().copied().collect();
    let flies = |one: &Placed| {
        let pings = flight::family(&one.flight.travel) == Family::Ping;
        !one.folded && !one.place.lost && !pings
    };
    let flying: Vec<usize> = (0..all.len()).filter(|at| flies(&all[*at])).collect();
    let point = |at: &usize| (all[*at].point, all[*at].place.opacity);
    let mut points: Vec<apart::Point> = flying.iter().map(point).collect();
    apart::spread(&mut points, &plates, RADIUS * scale, REACH * scale);
    for (at, (point, _)) in flying.iter().zip(&points) {
        all[*at].point = *point;
    }
    for at in flying {
        if all[at].behind > 0 {
            let others = all.iter().enumerate().filter(|(other, one)| *other != at && !one.folded);
            let mut taken: Vec<Rect> = others.map(|(_, one)| glyph(one.point, scale)).collect();
            taken.extend(&plates);
            let areas = CORNERS.map(|corner| number(all[at].point, corner, scale));
            let corner = apart::first_free(&areas, &taken);
            // In the thick of it, rather over a message than over what a plate says.
            all[at].corner = corner.or(apart::first_free(&areas, &plates)).unwrap_or(0);
        }
    }
}

/// What glyphs, their numbers and the word beside a lost one cover.
pub fn areas(placed: &[Placed], props: &Props) -> Vec<Rect> {
    let scale = scale(props);
    let mut areas = Vec::new();
    for one in placed.iter().filter(|one| !one.folded) {
        areas.push(glyph(one.point, scale));
        if one.behind > 0 {
            areas.push(number(one.point, CORNERS[one.corner], scale));
        }
        if one.place.lost {
            areas.push(number(one.point, (12.0, -7.0), scale * 1.4));
        }
    }
    areas
}

fn glyph((x, y): (f64, f64), scale: f64) -> Rect {
    let reach = (RADIUS - 2.0) * scale;
    Rect { x: x - reach, y: y - reach, width: 2.0 * reach, height: 2.0 * reach }
}

fn number((x, y): (f64, f64), corner: (f64, f64), scale: f64) -> Rect {
    let (width, height) = (NUMBER.0 * scale, NUMBER.1 * scale);
    Rect { x: x + corner.0 * scale, y: y + corner.1 * scale, width, height }
}
