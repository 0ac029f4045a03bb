//! Where plates stand and how links run between them.
//!
//! Invariants:
//! 1. A plate's place depends on the number of servers and the stage's size, never on what
//!    happens: plates never move.
//! 2. Every link keeps to the right of its own direction, so A to B and B to A never coincide.

use vivarium_protocol::base::{Gather, ServerId, SortedMap};

use super::dense;
use crate::model::decimal::{Between, tenths};

/// How much a plate shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlateSize {
    /// Everything.
    Full,
    /// Header, phase, log, slots.
    Compact,
    /// Header, log, slots, for a phone.
    Mini,
    /// Digit, icon, length of the log: more than nine servers.
    Tile,
}

impl PlateSize {
    /// Width and height in tenths of a rem (pixels at the browser's default text size).
    #[must_use]
    pub fn dimensions(self) -> (f64, f64) {
        match self {
            PlateSize::Full => (222.0, 160.0),
            PlateSize::Compact => (160.0, 85.0),
            PlateSize::Mini => (117.0, 66.0),
            // The widest; `model/dense.rs` sizes tiles by the room there is.
            PlateSize::Tile => (54.0, 52.0),
        }
    }
}

/// The stage: its size in pixels and the scale of text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageBox {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// Pixels per tenth of a rem: 1 at the browser's default text size.
    pub scale: f64,
    /// Whether the presentation view is on, whose plates are larger.
    pub presenting: bool,
}

/// A tile on the arch of a stage that is too low for plates, in tenths of a rem.
const ARCH_TILE: (f64, f64) = (54.0, 40.0);

/// A stage lower than this, in tenths of a rem, says less at its head.
const LOW: f64 = 260.0;

impl StageBox {
    /// Whether it is so low that there is room for little beside the servers.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.height < LOW * self.scale
    }
}

/// A plate's rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// Its middle.
    #[must_use]
    pub fn centre(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Whether a point lies further than `gap` from it.
    #[must_use]
    pub fn is_clear_of(&self, (x, y): (f64, f64), gap: f64) -> bool {
        x < self.x - gap
            || x > self.x + self.width + gap
            || y < self.y - gap
            || y > self.y + self.height + gap
    }

    /// Whether the two overlap when both are grown by `gap`.
    #[must_use]
    pub fn overlaps(&self, other: &Rect, gap: f64) -> bool {
        self.x < other.x + other.width + gap
            && self.x + self.width > other.x - gap
            && self.y < other.y + other.height + gap
            && self.y + self.height > other.y - gap
    }
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// How large the plates are.
    pub size: PlateSize,
    /// The stage that it was made for.
    pub stage: StageBox,
    /// The plates, by server.
    pub plates: SortedMap<ServerId, Rect>,
}

impl Layout {
    /// Lays out `ids` in order on an arch, clockwise from bottom left: as plates; as tiles where
    /// plates would cover each other; and as rows of tiles where that is too much for an arch.
    #[must_use]
    pub fn new(ids: &[ServerId], stage: StageBox) -> Layout {
        let size = plate_size(ids.len(), stage);
        let on_arch = [(size, size.dimensions()), (PlateSize::Tile, ARCH_TILE)];
        let few = ids.len() <= dense::MOST_PLATES;
        let layouts = on_arch.into_iter().filter(|_| few);
        let mut layouts = layouts.map(|(size, plate)| Layout::on_arch(ids, stage, size, plate));
        layouts.find(Layout::is_apart).unwrap_or_else(|| {
            let plates = ids.iter().copied().zip(dense::tiles(ids.len(), stage)).collect();
            Layout { size: PlateSize::Tile, stage, plates }
        })
    }

    /// Whether no plate covers another.
    fn is_apart(&self) -> bool {
        let plates = || self.plates.values().enumerate();
        let apart =
            |(i, one): (usize, &Rect)| plates().skip(i + 1).all(|(_, it)| !one.overlaps(it, 0.0));
        plates().all(apart)
    }

    fn on_arch(
        ids: &[ServerId],
        stage: StageBox,
        size: PlateSize,
        (width, height): (f64, f64),
    ) -> Layout {
        let grown = if stage.presenting && size == PlateSize::Full { 1.26 } else { 1.0 };
        let (width, height) = (width * stage.scale * grown, height * stage.scale);
        let mut places = places(ids.len(), size, stage);
        if let (5, PlateSize::Full) = (ids.len(), size) {
            leave_room_for_clients(&mut places, stage);
        }
        // Where there is little room, the headline reaches over the middle.
        let under_headline = matches!(size, PlateSize::Mini | PlateSize::Tile);
        let highest = if under_headline { 30.0 * stage.scale } else { 4.0 };
        let rect = |(x, y): (f64, f64)| {
            let left = (stage.width * x / 100.0 - width / 2.0)
                .between(4.0, (stage.width - width - 4.0).max(4.0));
            let top = (stage.height * y / 100.0 - height / 2.0)
                .between(highest, (stage.height - height - 4.0).max(highest));
            Rect { x: left, y: top, width, height }
        };
        let plates = ids.iter().copied().zip(places.into_iter().map(rect)).gather();
        Layout { size, stage, plates }
    }

    /// The link from one server to another: keeps right, and bends until it clears other plates.
    #[must_use]
    pub fn link(&self, from: ServerId, to: ServerId) -> Option<Link> {
        let (start, end) = (self.plates.get(&from)?, self.plates.get(&to)?);
        // Tiles leave no room to go around them: the links of the chosen one run over the others.
        if self.size == PlateSize::Tile {
            return Link::bowed(start, end, 0.07, (1.0, 4.0 * self.stage.scale));
        }
        let others: Vec<&Rect> = self
            .plates
            .iter()
            .filter(|(id, _)| **id != from && **id != to)
            .map(|(_, rect)| rect)
            .collect();
        let scale = self.stage.scale;
        let pads = (5.0 * scale, if self.size == PlateSize::Mini { 9.0 } else { 13.0 } * scale);
        let (dx, dy) = (end.centre().0 - start.centre().0, end.centre().1 - start.centre().1);
        let near = dx.hypot(dy) < start.width.min(end.width) * 1.75;
        let left_half = f64::midpoint(start.centre().0, end.centre().0) < self.stage.width / 2.0;
        let inward = if (dy < 0.0) == left_half { 1.0 } else { -1.0 };
        let first = if near { 0.26 } else { 0.045 };
        let bows = [first, 0.22 * inward, 0.4 * inward, 0.6 * inward, 0.8 * inward, inward]
            .into_iter()
            .chain([-0.22 * inward, -0.4 * inward]);
        let free = |link: &Link| {
            (0..=20).all(|i| {
                let point = link.at(f64::from(i) / 20.0);
                others.iter().all(|rect| rect.is_clear_of(point, 10.0))
            })
        };
        bows.filter_map(|bow| Link::bowed(start, end, bow, pads))
            .find(free)
            .or_else(|| Link::bowed(start, end, first, pads))
    }
}

/// What stands in the stage's upper corners: headline and majority bar, and the key.
#[must_use]
pub fn corner_areas(width: f64, scale: f64) -> [Rect; 2] {
    let left = Rect { x: 0.0, y: 0.0, width: 280.0 * scale, height: 120.0 * scale };
    let right = Rect { x: width - 270.0 * scale, width: 270.0 * scale, ..left };
    [left, right]
}

fn plate_size(count: usize, stage: StageBox) -> PlateSize {
    let (width, height) = (stage.width / stage.scale, stage.height / stage.scale);
    if width < 600.0 {
        PlateSize::Mini
    } else if count > 6 || (!stage.presenting && (width < 780.0 || height < 540.0)) {
        PlateSize::Compact
    } else {
        PlateSize::Full
    }
}

/// Below the plates at the sides there is room for what hangs under them, above the lowest plates.
fn leave_room_for_clients(places: &mut [(f64, f64)], stage: StageBox) {
    let percent = |length: f64| 100.0 * length * stage.scale / stage.height.max(1.0);
    let lowest = places.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    // A plate is 160 high and a client's pill with its thread 36; above 124 stands the headline.
    let highest = percent(124.0 + 80.0);
    for (_, y) in places.iter_mut().filter(|(_, y)| (30.0..60.0).contains(y)) {
        *y = y.min(lowest - percent(160.0 + 36.0)).max(highest.min(*y));
    }
}

/// Middles of the plates in percent of the stage, clockwise from bottom left.
fn places(count: usize, size: PlateSize, stage: StageBox) -> Vec<(f64, f64)> {
    if matches!(size, PlateSize::Mini | PlateSize::Tile) {
        return small_places(count);
    }
    let wide = stage.width / stage.height.max(1.0) > 1.8;
    let table: &[(f64, f64)] = match count {
        1 => &[(50.0, 50.0)],
        2 => &[(24.0, 58.0), (76.0, 58.0)],
        3 => &[(20.0, 70.0), (50.0, 17.0), (80.0, 70.0)],
        4 => &[(25.0, 78.0), (16.0, 44.0), (84.0, 44.0), (75.0, 78.0)],
        5 if wide => &[(25.0, 79.3), (13.2, 46.4), (50.0, 15.2), (86.8, 46.4), (76.0, 79.3)],
        5 => &[(25.5, 79.4), (14.7, 46.6), (50.0, 15.2), (85.3, 46.6), (76.5, 79.4)],
        6 => &[(50.0, 83.0), (16.0, 77.0), (16.0, 43.0), (50.0, 15.2), (84.0, 43.0), (84.0, 77.0)],
        7 => &[
            (32.0, 83.0),
            (13.0, 66.0),
            (13.0, 39.0),
            (50.0, 13.0),
            (86.5, 39.0),
            (86.5, 66.0),
            (68.0, 83.0),
        ],
        8 => &[
            (36.0, 85.0),
            (13.0, 79.0),
            (13.0, 57.0),
            (13.0, 36.0),
            (87.0, 36.0),
            (87.0, 57.0),
            (87.0, 79.0),
            (64.0, 85.0),
        ],
        9 => &[
            (34.5, 84.0),
            (13.0, 79.0),
            (13.0, 57.5),
            (13.0, 36.0),
            (50.0, 12.0),
            (87.0, 36.0),
            (87.0, 57.5),
            (87.0, 79.0),
            (65.5, 84.0),
        ],
        more => return horseshoe(more, (13.0, 87.0), (36.0, 87.0)),
    };
    table.to_vec()
}

fn small_places(count: usize) -> Vec<(f64, f64)> {
    let table: &[(f64, f64)] = match count {
        1 => &[(50.0, 55.0)],
        2 => &[(24.0, 60.0), (76.0, 60.0)],
        3 => &[(20.0, 70.0), (50.0, 20.0), (80.0, 70.0)],
        4 => &[(28.0, 82.0), (18.0, 48.0), (82.0, 48.0), (72.0, 82.0)],
        5 => &[(30.0, 82.0), (17.0, 50.0), (50.0, 17.0), (83.0, 50.0), (72.0, 82.0)],
        6 => &[(50.0, 86.0), (18.0, 76.0), (18.0, 44.0), (50.0, 15.0), (82.0, 44.0), (82.0, 76.0)],
        more => return horseshoe(more, (18.0, 82.0), (30.5, 89.5)),
    };
    table.to_vec()
}

/// Two columns with the middle one, if there is one, at the top: for many servers.
fn horseshoe(
    count: usize,
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) -> Vec<(f64, f64)> {
    let half = count / 2;
    let step = (bottom - top) / (half.max(2) - 1) as f64;
    let heights = (0..half).map(|i| bottom - step * i as f64);
    let mut all: Vec<(f64, f64)> = heights.clone().map(|y| (left, y)).collect();
    if count % 2 == 1 {
        all.push((50.0, 12.0));
    }
    all.extend(heights.rev().map(|y| (right, y)));
    all
}

/// A curve between two plates, from just outside the one to just before the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    from: (f64, f64),
    control: (f64, f64),
    to: (f64, f64),
    start: f64,
    end: f64,
}

impl Link {
    fn bowed(start: &Rect, end: &Rect, bow: f64, (pad, pad_end): (f64, f64)) -> Option<Link> {
        let (from, to) = (start.centre(), end.centre());
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let control =
            (f64::midpoint(from.0, to.0) - dy * bow, f64::midpoint(from.1, to.1) + dx * bow);
        let mut link = Link { from, control, to, start: 0.0, end: 1.0 };
        while link.start < 1.0 && !start.is_clear_of(link.point(link.start), pad) {
            link.start += 0.005;
        }
        while link.end > 0.0 && !end.is_clear_of(link.point(link.end), pad_end) {
            link.end -= 0.005;
        }
        (link.end > link.start).then_some(link)
    }

    fn point(&self, t: f64) -> (f64, f64) {
        let rest = 1.0 - t;
        let mix = |a: f64, c: f64, b: f64| rest * rest * a + 2.0 * t * rest * c + t * t * b;
        (mix(self.from.0, self.control.0, self.to.0), mix(self.from.1, self.control.1, self.to.1))
    }

    /// The point at `along`, from 0 at the sender to 1 at the dock.
    #[must_use]
    pub fn at(&self, along: f64) -> (f64, f64) {
        self.point(self.start + (self.end - self.start) * along)
    }

    /// How long it is, roughly.
    #[must_use]
    pub fn length(&self) -> f64 {
        let ((ax, ay), (bx, by)) = (self.at(0.0), self.at(1.0));
        (bx - ax).hypot(by - ay)
    }

    /// As the data of an SVG path.
    #[must_use]
    pub fn path(&self) -> String {
        let ((x1, y1), (x2, y2)) = (self.at(0.0), self.at(1.0));
        // A part of a quadratic curve is one, too, with this as its control point.
        let (start, end) = (self.start, self.end);
        let weights =
            ((1.0 - start) * (1.0 - end), start * (1.0 - end) + end * (1.0 - start), start * end);
        let middle = |from: f64, control: f64, to: f64| {
            weights.0 * from + weights.1 * control + weights.2 * to
        };
        let x = middle(self.from.0, self.control.0, self.to.0);
        let y = middle(self.from.1, self.control.1, self.to.1);
        let [x1, y1, x, y, x2, y2] = [x1, y1, x, y, x2, y2].map(tenths);
        format!("M{x1} {y1}Q{x} {y} {x2} {y2}")
    }

    /// The arrowhead's place and its direction in degrees.
    #[must_use]
    pub fn head(&self) -> ((f64, f64), f64) {
        let ((ax, ay), (bx, by)) = (self.at(0.97), self.at(1.0));
        ((bx, by), (by - ay).atan2(bx - ax).to_degrees())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: i64) -> Vec<ServerId> {
        (1..=count).map(ServerId).collect()
    }

    fn desktop() -> StageBox {
        StageBox { width: 814.0, height: 586.0, scale: 1.0, presenting: false }
    }

    #[test]
    fn plates_never_overlap_at_any_size_the_page_offers() {
        let phone = StageBox { width: 390.0, height: 344.0, scale: 1.0, presenting: false };
        let beamer = StageBox { width: 1500.0, height: 717.0, scale: 1.25, presenting: true };
        for stage in [desktop(), phone, beamer] {
            for count in 1..=9 {
                let layout = Layout::new(&ids(count), stage);
                let plates: Vec<&Rect> = layout.plates.values().collect();
                for (i, one) in plates.iter().enumerate() {
                    for other in &plates[i + 1..] {
                        assert!(!one.overlaps(other, 0.0), "{count} on {stage:?}");
                    }
                    assert!(one.x >= 0.0 && one.x + one.width <= stage.width, "{count}");
                    assert!(one.y >= 0.0 && one.y + one.height <= stage.height, "{count}");
                }
            }
        }
    }

    #[test]
    fn a_stage_too_low_for_plates_has_a_tile_for_each_server_and_nothing_overlaps() {
        for (width, height) in [(320.0, 140.0), (814.0, 190.0), (1200.0, 120.0)] {
            let stage = StageBox { width, height, scale: 1.0, presenting: false };
            for count in [3, 5, 7, 9] {
                let layout = Layout::new(&ids(count), stage);
                let plates: Vec<&Rect> = layout.plates.values().collect();
                for (i, one) in plates.iter().enumerate() {
                    assert!(one.x + one.width <= width && one.y + one.height <= height, "{one:?}");
                    let free = |other: &&Rect| !one.overlaps(other, 0.0);
                    assert!(plates[i + 1..].iter().all(free), "{count} on {width} x {height}");
                }
            }
            assert_eq!(Layout::new(&ids(5), stage).size, PlateSize::Tile);
        }
        let seven = Layout::new(&ids(7), StageBox { height: 500.0, ..desktop() });
        assert_eq!(seven.size, PlateSize::Compact, "as long as there is room, there are plates");
    }

    #[test]
    fn a_client_under_a_plate_at_the_side_touches_no_plate_below() {
        for height in [540.0, 552.0, 586.0, 700.0] {
            let layout = Layout::new(&ids(5), StageBox { height, ..desktop() });
            assert_eq!(layout.size, PlateSize::Full);
            for (upper, lower) in [(2, 1), (4, 5)] {
                let [upper, lower] = [upper, lower].map(|id| layout.plates[&ServerId(id)]);
                // 6 of thread and 24 of pill.
                let under = upper.y + upper.height + 30.0;
                assert!(under + 4.0 <= lower.y, "{height}: {under} and {}", lower.y);
                assert!(upper.y >= 120.0, "{height}: the headline stands above {}", upper.y);
            }
        }
    }

    #[test]
    fn seven_servers_get_compact_plates_and_a_phone_mini_ones() {
        assert_eq!(Layout::new(&ids(5), desktop()).size, PlateSize::Full);
        assert_eq!(Layout::new(&ids(7), desktop()).size, PlateSize::Compact);
        let phone = StageBox { width: 390.0, height: 344.0, scale: 1.0, presenting: false };
        assert_eq!(Layout::new(&ids(3), phone).size, PlateSize::Mini);
    }

    #[test]
    fn the_two_directions_of_a_pair_never_share_a_point_between_their_ends() {
        let layout = Layout::new(&ids(5), desktop());
        let there = layout.link(ServerId(1), ServerId(4)).unwrap();
        let back = layout.link(ServerId(4), ServerId(1)).unwrap();
        let (a, b) = (there.at(0.5), back.at(0.5));
        assert!((a.0 - b.0).hypot(a.1 - b.1) > 10.0, "{a:?} {b:?}");
    }

    #[test]
    fn every_link_of_nine_servers_starts_and_ends_outside_its_plates() {
        let layout = Layout::new(&ids(9), desktop());
        for from in ids(9) {
            for to in ids(9).into_iter().filter(|to| *to != from) {
                let link = layout.link(from, to).unwrap();
                assert!(layout.plates[&from].is_clear_of(link.at(0.0), 4.0));
                assert!(layout.plates[&to].is_clear_of(link.at(1.0), 12.0));
            }
        }
    }
}
