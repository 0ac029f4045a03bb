//! From a stroke over the stage to the sides of a partition.
//!
//! A stroke that begins on a plate and leaves it takes that server out. A stroke that comes back to
//! where it began is a lasso around servers. Any other stroke is a cut: the straight line through
//! its ends has servers on both sides.

use vivarium_protocol::base::ServerId;

use super::layout::Layout;

/// A stroke shorter than this many pixels is a click.
pub const SHORTEST: f64 = 24.0;

/// A point on the stage, pixels.
pub type Point = (f64, f64);

/// The sides that a stroke makes, the cut-off side first; `None` if one of them would be empty.
#[must_use]
pub fn sides(stroke: &[Point], layout: &Layout) -> Option<[Vec<ServerId>; 2]> {
    let (first, last) = (*stroke.first()?, *stroke.last()?);
    if stroke.iter().all(|point| distance(first, *point) < SHORTEST) {
        return None;
    }
    let on = |point: Point| {
        layout.plates.iter().find(|(_, rect)| !rect.is_clear_of(point, 0.0)).map(|(id, _)| *id)
    };
    let away: Box<dyn Fn(ServerId, Point) -> bool> = match on(first) {
        Some(taken) if on(last) == Some(taken) => return None,
        Some(taken) => Box::new(move |id, _| id == taken),
        None if is_closed(stroke) => Box::new(|_, centre| encloses(stroke, centre)),
        None => Box::new(move |_, centre| is_left(first, last, centre)),
    };
    let centres = layout.plates.iter().map(|(id, rect)| (*id, rect.centre()));
    let (mut cut_off, mut rest): (Vec<_>, Vec<_>) = centres.partition(|(id, at)| away(*id, *at));
    if cut_off.len() > rest.len() {
        std::mem::swap(&mut cut_off, &mut rest);
    }
    let ids = |side: Vec<(ServerId, Point)>| side.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    let sides = [ids(cut_off), ids(rest)];
    sides.iter().all(|side| !side.is_empty()).then_some(sides)
}

/// Whether a stroke ends close to where it began, for its length.
fn is_closed(stroke: &[Point]) -> bool {
    let length: f64 = stroke.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
    stroke.len() > 3 && distance(stroke[0], stroke[stroke.len() - 1]) < 0.3 * length
}

/// Whether the stroke, closed, has the point inside (a ray crosses it an odd number of times).
fn encloses(stroke: &[Point], (x, y): Point) -> bool {
    let mut inside = false;
    for (at, a) in stroke.iter().enumerate() {
        let b = stroke[(at + 1) % stroke.len()];
        if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
            inside = !inside;
        }
    }
    inside
}

fn is_left(a: Point, b: Point, point: Point) -> bool {
    (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) < 0.0
}

fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::StageBox;

    fn layout() -> Layout {
        let ids: Vec<ServerId> = (1..=5).map(ServerId).collect();
        let stage = StageBox { width: 814.0, height: 586.0, scale: 1.0, presenting: false };
        Layout::new(&ids, stage)
    }

    fn split(stroke: &[Point]) -> Option<[Vec<i64>; 2]> {
        let raw = |side: Vec<ServerId>| side.into_iter().map(|id| id.0).collect();
        sides(stroke, &layout()).map(|sides| sides.map(raw))
    }

    fn centre(id: i64) -> Point {
        layout().plates[&ServerId(id)].centre()
    }

    #[test]
    fn a_line_down_the_middle_leaves_the_smaller_side_cut_off() {
        let x = centre(3).0 + centre(3).0.min(130.0);
        assert_eq!(split(&[(x, 5.0), (x, 580.0)]), Some([vec![4, 5], vec![1, 2, 3]]));
        assert_eq!(split(&[(5.0, 2.0), (800.0, 2.0)]), None, "everybody is on one side");
    }

    #[test]
    fn a_lasso_takes_whom_it_encloses() {
        let (x, y) = centre(5);
        let round = [(-140.0, -90.0), (140.0, -90.0), (140.0, 90.0), (-140.0, 90.0)];
        let mut stroke: Vec<Point> = round.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
        stroke.push((x - 138.0, y - 80.0));
        assert_eq!(split(&stroke), Some([vec![5], vec![1, 2, 3, 4]]));
    }

    #[test]
    fn a_plate_dragged_out_is_alone_and_one_that_stays_is_not() {
        let (x, y) = centre(2);
        assert_eq!(split(&[(x, y), (x + 300.0, y)]), Some([vec![2], vec![1, 3, 4, 5]]));
        assert_eq!(split(&[(x, y), (x + 30.0, y)]), None, "still on its plate");
        assert_eq!(split(&[(400.0, 300.0), (405.0, 303.0)]), None, "a click");
    }
}
