//! Many arrows as few paths: everything that is drawn with the same pen is one path.
//!
//! Used while time flows, when hundreds of arrows are on the diagram and none is looked at by
//! itself: as an element each they cost more than a picture has time for.

use vivarium_protocol::base::Arrange;

use crate::model::causal::Relation;

use super::arrows::Tint;

/// What a pen does; a later one draws over an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stroke {
    /// Folded pings.
    Dots,
    /// A decided entry above a lane.
    Squares,
    /// The line of an arrow.
    Line(Weight),
    /// The rim of a vote's dot.
    Rim,
    /// A vote's dot.
    Dot,
    /// Arrowheads.
    Heads,
    /// The end of what was lost.
    Crosses,
    /// The shape where a packet left, hollow.
    Hollow,
    /// The shape where a packet left, filled.
    Solid,
}

/// How strong a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A ping.
    Faint,
    /// It has arrived.
    Usual,
    /// It was lost.
    Lost,
    /// It is under way.
    Flying,
    /// It is selected.
    Chosen,
}

/// What distinguishes one path from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pen {
    /// What it does.
    pub stroke: Stroke,
    /// In which colour.
    pub tint: Tint,
    /// Where it stands to the step whose past and future are highlighted.
    pub relation: Option<Relation>,
}

impl Pen {
    /// A number of its own.
    pub fn number(self) -> u32 {
        let stroke = match self.stroke {
            Stroke::Dots => 0,
            Stroke::Squares => 1,
            Stroke::Line(weight) => 10 + weight as u32,
            Stroke::Rim => 2,
            Stroke::Dot => 3,
            Stroke::Heads => 4,
            Stroke::Crosses => 5,
            Stroke::Hollow => 6,
            Stroke::Solid => 7,
        };
        let tint = match self.tint {
            Tint::Hue(number) => number as u32,
            Tint::Ink => 10,
            Tint::Faint => 11,
        };
        stroke * 100 + tint * 4 + self.relation.map_or(0, |relation| relation as u32 + 1)
    }
}

/// Paths, one a pen.
#[derive(Debug, Default)]
pub struct Ink {
    paths: Vec<(Pen, String)>,
}

impl Ink {
    /// The path of a pen, to be added to.
    pub fn with(&mut self, pen: Pen) -> &mut String {
        let known = self.paths.iter().position(|(other, _)| *other == pen);
        let index = known.unwrap_or_else(|| {
            self.paths.push((pen, String::new()));
            self.paths.len() - 1
        });
        &mut self.paths[index].1
    }

    /// The paths in the order in which they are drawn.
    pub fn into_paths(mut self) -> Vec<(Pen, String)> {
        self.paths.arrange(|(pen, _)| pen.stroke);
        self.paths
    }
}

/// Adds a number with one decimal: much cheaper than formatting it, and there are thousands.
pub fn number(path: &mut String, value: f64) {
    let tenths = (value * 10.0).round() as i64;
    if tenths < 0 {
        path.push('-');
    }
    let tenths = tenths.unsigned_abs();
    digits(path, tenths / 10);
    if !tenths.is_multiple_of(10) {
        path.push('.');
        path.push(char::from(b'0' + (tenths % 10) as u8));
    }
}

fn digits(path: &mut String, value: u64) {
    if value >= 10 {
        digits(path, value / 10);
    }
    path.push(char::from(b'0' + (value % 10) as u8));
}

fn point(path: &mut String, command: char, (x, y): (f64, f64)) {
    path.push(command);
    number(path, x);
    path.push(' ');
    number(path, y);
}

/// Adds a line.
pub fn line(path: &mut String, from: (f64, f64), to: (f64, f64)) {
    point(path, 'M', from);
    point(path, 'L', to);
}

/// Adds a point, which a pen with round ends draws as a dot.
pub fn dot(path: &mut String, at: (f64, f64)) {
    point(path, 'M', at);
    path.push_str("h0");
}

/// Adds a closed shape around a point, its corners turned by the unit vector `towards`.
pub fn shape(
    path: &mut String,
    (x, y): (f64, f64),
    (cos, sin): (f64, f64),
    size: f64,
    corners: &[(f64, f64)],
) {
    for (index, (dx, dy)) in corners.iter().enumerate() {
        let (dx, dy) = (dx * size, dy * size);
        let place = (x + dx * cos - dy * sin, y + dx * sin + dy * cos);
        point(path, if index == 0 { 'M' } else { 'L' }, place);
    }
    path.push('z');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_decimal_at_most() {
        let mut path = String::new();
        for value in [0.0, -0.04, 7.0, -7.26, 1234.95, 0.5, -0.5] {
            number(&mut path, value);
            path.push(' ');
        }
        assert_eq!(path, "0 0 7 -7.3 1235 0.5 -0.5 ");
    }

    #[test]
    fn what_is_drawn_with_one_pen_is_one_path_and_dots_lie_over_lines() {
        let pen = |stroke| Pen { stroke, tint: Tint::Ink, relation: None };
        let mut ink = Ink::default();
        dot(ink.with(pen(Stroke::Dot)), (1.0, 2.0));
        line(ink.with(pen(Stroke::Line(Weight::Usual))), (0.0, 0.0), (1.0, 2.0));
        line(ink.with(pen(Stroke::Line(Weight::Usual))), (5.0, 0.0), (6.0, 2.5));
        let paths = ink.into_paths();
        let drawn: Vec<&str> = paths.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(drawn, ["M0 0L1 2M5 0L6 2.5", "M1 2h0"]);
    }
}
