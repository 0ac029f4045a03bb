//! Keeping glyphs off each other and off plates, where many messages meet at one server.
//!
//! Invariant: where nothing is crowded nothing moves, and a small change of where messages are is a
//! small change of where they are drawn; so that what flies past others gives way smoothly.

use super::layout::Rect;

/// How often each gives way to each; what still touches then has no room.
const ROUNDS: usize = 24;

/// A point with what is left of its circle, from 1 to 0: what fades gives room by and by.
pub type Point = ((f64, f64), f64);

/// What still overlaps by less than that is let be, in pixels.
const TOUCH: f64 = 0.2;

/// Moves points until circles of `radius` around them touch neither each other nor plates, as far
/// as `reach` from where each belongs allows.
pub fn spread(points: &mut [Point], plates: &[Rect], radius: f64, reach: f64) {
    let homes = points.to_vec();
    let near = near(&homes, 2.0 * (radius + reach));
    for _ in 0..ROUNDS {
        let mut moved = false;
        for (first, second) in &near {
            moved |= part(points, *first, *second, radius);
        }
        for ((point, left), (home, _)) in points.iter_mut().zip(&homes) {
            let (dx, dy) = (point.0 - home.0, point.1 - home.1);
            let far = dx.hypot(dy);
            if far > reach {
                *point = (home.0 + dx / far * reach, home.1 + dy / far * reach);
            }
            for plate in plates {
                moved |= leave(point, plate, plates, radius * *left);
            }
        }
        if !moved {
            break;
        }
    }
}

/// Which of them can come to touch at all: of a hundred on a stage few are near each other, and
/// every pair is looked at in every round.
fn near(homes: &[Point], within: f64) -> Vec<(usize, usize)> {
    let mut near = Vec::new();
    for (second, (b, _)) in homes.iter().enumerate() {
        let close = |(a, _): &&Point| (a.0 - b.0).abs() < within && (a.1 - b.1).abs() < within;
        let before = homes[..second].iter().enumerate().filter(|(_, a)| close(a));
        near.extend(before.map(|(first, _)| (first, second)));
    }
    near
}

/// Each of two whose circles overlap gives way by half.
fn part(points: &mut [Point], first: usize, second: usize, radius: f64) -> bool {
    let ((a, a_left), (b, b_left)) = (points[first], points[second]);
    let least = radius * (a_left + b_left);
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    // Most are far apart: told without a root.
    if dx.abs() >= least || dy.abs() >= least {
        return false;
    }
    let apart = dx.hypot(dy);
    if apart > least - TOUCH {
        return false;
    }
    // Two at the same place part sideways, the earlier to the left.
    let (ux, uy) = if apart > 1e-6 { (dx / apart, dy / apart) } else { (1.0, 0.0) };
    let by = (least - apart) / 2.0;
    points[first].0 = (a.0 - ux * by, a.1 - uy * by);
    points[second].0 = (b.0 + ux * by, b.1 + uy * by);
    true
}

/// A point within `gap` of a plate goes to the nearest place beside it that no other plate takes.
fn leave(point: &mut (f64, f64), plate: &Rect, plates: &[Rect], gap: f64) -> bool {
    if plate.is_clear_of(*point, gap - TOUCH) {
        return false;
    }
    let (left, right) = (plate.x - gap, plate.x + plate.width + gap);
    let (top, bottom) = (plate.y - gap, plate.y + plate.height + gap);
    let (x, y) = *point;
    let ways = [(left, y), (right, y), (x, top), (x, bottom)];
    let far = |way: &(f64, f64)| (way.0 - x).abs() + (way.1 - y).abs();
    let is_free = |way: &&(f64, f64)| plates.iter().all(|one| one.is_clear_of(**way, gap - TOUCH));
    let nearest = |one: (f64, f64), other: &(f64, f64)| {
        if far(other) < far(&one) { *other } else { one }
    };
    let free = ways.iter().filter(is_free).copied().reduce(|one, other| nearest(one, &other));
    *point = free.unwrap_or_else(|| ways.iter().fold(ways[0], nearest));
    true
}

/// The first of `areas` that overlaps nothing of `taken`.
#[must_use]
pub fn first_free(areas: &[Rect], taken: &[Rect]) -> Option<usize> {
    areas.iter().position(|area| !taken.iter().any(|other| area.overlaps(other, 0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLATE: Rect = Rect { x: 100.0, y: 100.0, width: 160.0, height: 85.0 };

    fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
        (a.0 - b.0).hypot(a.1 - b.1)
    }

    fn closest(points: &[Point]) -> f64 {
        let before = |(i, a): (usize, &Point)| {
            points[..i].iter().map(|b| distance(a.0, b.0)).fold(f64::INFINITY, f64::min)
        };
        points.iter().enumerate().map(before).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn where_nothing_is_crowded_nothing_moves() {
        let there = [(10.0, 10.0), (40.0, 10.0), (89.0, 120.0)].map(|point| (point, 1.0));
        let mut points = there;
        spread(&mut points, &[PLATE], 9.0, 30.0);
        assert_eq!(points, there);
    }

    #[test]
    fn eight_acknowledgements_that_arrive_at_a_leader_at_once_stand_beside_each_other() {
        let mut points: Vec<_> = (0..8).map(|i| ((180.0 + f64::from(i), 98.0), 1.0)).collect();
        spread(&mut points, &[PLATE], 9.0, 80.0);
        assert!(closest(&points) > 14.0, "{points:?}");
        assert!(points.iter().all(|(point, _)| PLATE.is_clear_of(*point, 8.0)), "{points:?}");
    }

    #[test]
    fn between_two_plates_that_leave_no_room_a_message_goes_above_both() {
        let beside = Rect { x: 270.0, y: 90.0, ..PLATE };
        let mut points = vec![((265.0, 110.0), 1.0)];
        spread(&mut points, &[PLATE, beside], 9.0, 30.0);
        let (point, _) = points[0];
        assert!([PLATE, beside].iter().all(|one| one.is_clear_of(point, 8.0)), "{point:?}");
    }

    #[test]
    fn a_message_keeps_near_its_link_however_crowded_it_is() {
        let mut points = vec![((50.0, 50.0), 1.0); 30];
        spread(&mut points, &[], 9.0, 20.0);
        assert!(points.iter().all(|point| distance(point.0, (50.0, 50.0)) < 20.01), "{points:?}");
    }

    #[test]
    fn one_that_flies_past_another_gives_way_without_a_jump() {
        let mut before: Option<Vec<Point>> = None;
        for step in 0..200 {
            let mut points = vec![((20.0 + f64::from(step) * 0.5, 47.0), 1.0), ((70.0, 50.0), 1.0)];
            spread(&mut points, &[PLATE], 9.0, 30.0);
            for (now, was) in points.iter().zip(before.iter().flatten()) {
                let far = distance(now.0, was.0);
                assert!(far < 3.0, "{far} at {step}");
            }
            before = Some(points);
        }
    }
}
