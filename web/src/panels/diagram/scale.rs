//! From moments and servers to places on the diagram, and back.

use vivarium_protocol::base::{ServerId, Time};

use super::Props;
use crate::model::axis::Axis;
use crate::model::decimal::Between;

/// Which part of the run is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Where it begins, in units of its axis: microseconds, or ten-thousandths of a step.
    pub start: f64,
    /// How much it shows, in the same units.
    pub span: f64,
}

impl Window {
    /// The least and the most that can be shown: 20 ms and 2 minutes, 2 and 12,000 steps.
    const SPANS: (f64, f64) = (20_000.0, 120_000_000.0);

    /// The same moment under the playhead, with more or less around it.
    #[must_use]
    pub fn zoomed(self, factor: f64, playhead: f64) -> Window {
        let span = (self.span * factor).between(Window::SPANS.0, Window::SPANS.1);
        let share = ((playhead - self.start) / self.span).between(0.0, 1.0);
        Window { start: (playhead - share * span).max(0.0), span }
    }

    /// The window moved, if need be, so that the playhead can be seen in it with some future.
    #[must_use]
    pub fn following(self, playhead: f64, smoothly: bool) -> Window {
        let share = (playhead - self.start) / self.span;
        let start = if share > 0.86 {
            let wanted = if smoothly { 0.86 } else { 0.5 };
            playhead - wanted * self.span
        } else if share < 0.0 {
            playhead - 0.3 * self.span
        } else {
            self.start
        };
        Window { start: start.max(0.0), ..self }
    }
}

/// The diagram's measures at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// Pixels per tenth of a rem.
    pub text_scale: f64,
    /// What is drawn.
    pub window: Window,
    /// Where the plot begins.
    pub left: f64,
    /// Height of the axis at the top.
    pub axis: f64,
    /// Height of one lane.
    pub lane: f64,
    /// Whether the diagram is a phone's.
    pub small: bool,
    /// Pixels of text in the bands.
    pub band_text: f64,
    /// What the axis counts.
    pub counts: Axis,
    /// Where the run ends, in units of the axis.
    pub end: f64,
    /// The height of all lanes.
    pub lanes: f64,
    /// Where what can be seen of the plot begins: words are not hidden beyond it.
    pub edge: f64,
    strip: f64,
}

impl Scale {
    /// The scale for what is to be drawn.
    #[must_use]
    pub fn new(props: &Props) -> Scale {
        let (width, height) = props.size;
        let k = props.text_scale;
        let small = width < 600.0 * k;
        let lanes = props.shown.ids.len().max(1) as f64;
        let axis = 24.0 * k;
        let strip = if small { 0.0 } else { 17.0 * k };
        let left = match (small, props.presenting) {
            (true, _) => 42.0,
            (false, true) => 150.0,
            (false, false) => 134.0,
        };
        Scale {
            width,
            height,
            text_scale: k,
            window: props.window,
            left: left * k,
            axis,
            lane: ((height - axis - strip - 6.0 * k) / lanes).max(1.0),
            lanes: (height - axis - strip - 6.0 * k).max(0.0),
            counts: props.time.axis,
            small,
            band_text: if props.presenting { 12.0 * k } else { 10.5 * k },
            end: props.time.axis.place(props.shown.end.max(props.shown.at), props.shown.recorded),
            edge: left * k,
            strip,
        }
    }

    /// A diagram of a thousand by two hundred pixels that shows a second.
    #[cfg(test)]
    pub fn example(start: f64) -> Scale {
        Scale {
            width: 1_000.0,
            height: 200.0,
            text_scale: 1.0,
            window: Window { start, span: 1_000_000.0 },
            left: 134.0,
            axis: 24.0,
            lane: 30.0,
            small: false,
            band_text: 10.5,
            counts: Axis::Time,
            end: 0.0,
            lanes: 150.0,
            edge: 134.0,
            strip: 17.0,
        }
    }

    /// The upper or the lower half of the lanes, when two runs stand side by side.
    #[must_use]
    pub fn half(self, lower: bool, servers: usize) -> Scale {
        let gap = 10.0 * self.text_scale;
        let lanes = ((self.lanes - gap) / 2.0).max(0.0);
        let axis = if lower { self.axis + lanes + gap } else { self.axis };
        Scale { axis, lanes, lane: (lanes / servers.max(1) as f64).max(1.0), ..self }
    }

    /// The scale of a plot that goes on for half a window beyond what is seen, and begins at a
    /// round place: the same one while time flows for half a window. `latest` is the scale at the
    /// moment that is shown.
    #[must_use]
    pub fn ahead(self, latest: &Scale) -> Scale {
        let (half, plot) = (self.window.span / 2.0, self.plot_width());
        let start = (self.window.start / half).floor() * half;
        let window = Window { start, span: 3.0 * half };
        let ahead = Scale { window, width: self.width + plot / 2.0, end: 0.0, ..self };
        Scale { edge: ahead.x(latest.window.start).max(ahead.left), ..ahead }
    }

    /// The scale of one slice of the plot that begins at this place of the axis, with the slice's
    /// own beginning as its left edge.
    #[must_use]
    pub fn slice(self, start: f64) -> Scale {
        let window = Window { start, ..self.window };
        Scale { window, width: self.width - self.left, left: 0.0, edge: 0.0, end: 0.0, ..self }
    }

    /// The end of the window, in units of the axis.
    #[must_use]
    pub fn window_end(&self) -> f64 {
        self.window.start + self.window.span
    }

    /// Whether the lanes are so thin that only their hues can be told apart.
    #[must_use]
    pub fn dense(&self) -> bool {
        self.lane < 8.0 * self.text_scale
    }

    /// Where the plot ends: never before it begins, also while the diagram is hidden and has no
    /// width at all.
    #[must_use]
    pub fn right(&self) -> f64 {
        let margin = if self.small { 8.0 } else { 16.0 } * self.text_scale;
        (self.width - margin).max(self.left + 60.0 * self.text_scale)
    }

    /// How wide the plot is.
    #[must_use]
    pub fn plot_width(&self) -> f64 {
        (self.right() - self.left).max(1.0)
    }

    /// Where the strip of the whole run begins.
    #[must_use]
    pub fn strip_top(&self) -> f64 {
        if self.strip > 0.0 { self.height - self.strip - 2.0 } else { f64::INFINITY }
    }

    /// Where a place of the axis lies.
    #[must_use]
    pub fn x(&self, at: f64) -> f64 {
        self.left + (at - self.window.start) / self.window.span * self.plot_width()
    }

    /// Where something lies that happened then, `after` that many frames.
    #[must_use]
    pub fn x_of(&self, at: Time, after: usize) -> f64 {
        self.x(self.counts.place(at, after))
    }

    /// The middle of a lane.
    #[must_use]
    pub fn y(&self, index: usize) -> f64 {
        self.axis + (index as f64 + 0.5) * self.lane
    }

    /// The middle of a server's lane.
    #[must_use]
    pub fn y_of(&self, ids: &[ServerId], id: ServerId) -> Option<f64> {
        ids.iter().position(|other| *other == id).map(|index| self.y(index))
    }

    /// The height of a band.
    #[must_use]
    pub fn band(&self) -> f64 {
        let share: f64 = if self.lane < 26.0 * self.text_scale { 0.68 } else { 0.5 };
        (15.0 * self.text_scale).max(self.band_text * 1.25).min(self.lane * share)
    }

    /// The place of the axis at so many pixels.
    #[must_use]
    pub fn place_at(&self, x: f64) -> f64 {
        (self.window.start + (x - self.left) / self.plot_width() * self.window.span).max(0.0)
    }

    /// Where a place of the axis lies on the strip of the whole run.
    #[must_use]
    pub fn strip_x(&self, at: f64) -> f64 {
        self.left + (at / self.strip_span()).between(0.0, 1.0) * self.plot_width()
    }

    /// The place of the axis at so many pixels of the strip.
    #[must_use]
    pub fn strip_place_at(&self, x: f64) -> f64 {
        ((x - self.left) / self.plot_width()).between(0.0, 1.0) * self.strip_span()
    }

    fn strip_span(&self) -> f64 {
        self.end.max(self.window.start + self.window.span).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_playhead_where_it_is() {
        let window = Window { start: 1_000_000.0, span: 1_000_000.0 };
        let zoomed = window.zoomed(0.5, 1_400_000.0);
        assert_eq!(zoomed, Window { start: 1_200_000.0, span: 500_000.0 });
        assert_eq!(window.zoomed(1e-9, 1_400_000.0).span, 20_000.0);
    }

    fn scale(start: f64) -> Scale {
        Scale::example(start)
    }

    #[test]
    fn a_plot_drawn_ahead_stays_the_same_while_time_flows_and_holds_all_that_is_seen() {
        let first = scale(1_000_000.0);
        let drawn = first.ahead(&first);
        for start in [1_000_000.0, 1_200_000.0, 1_499_999.0] {
            let seen = scale(start);
            assert_eq!(seen.ahead(&first), drawn, "{start}");
            let moved = drawn.x(start) - seen.left;
            for at in [start, start + 300_000.0, seen.window_end()] {
                assert!((drawn.x(at) - moved - seen.x(at)).abs() < 1e-6, "{start} {at}");
                assert!(at <= drawn.window_end());
            }
        }
        assert_ne!(scale(1_500_001.0).ahead(&first), drawn);
    }

    #[test]
    fn a_slice_has_its_own_beginning_as_left_edge_and_the_same_distances() {
        let scale = scale(1_000_000.0);
        let slice = scale.slice(1_400_000.0);
        assert!((slice.x(1_400_000.0)).abs() < 1e-6);
        let apart = slice.x(1_500_000.0) - (scale.x(1_500_000.0) - scale.x(1_400_000.0));
        assert!(apart.abs() < 1e-6);
    }

    #[test]
    fn the_window_follows_a_playhead_that_leaves_it() {
        let window = Window { start: 1_000_000.0, span: 1_000_000.0 };
        assert_eq!(window.following(1_500_000.0, false), window);
        assert_eq!(window.following(2_000_000.0, false).start, 1_500_000.0);
        assert!(window.following(500_000.0, true).start < 500_000.0);
    }
}
