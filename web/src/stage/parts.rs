//! The small drawings that every part of the page shares: coins, icons, message glyphs, log cells.
//!
//! Invariant: colour comes from tokens, through SVG attributes and classes; no `style` attribute,
//! which the page's Content-Security-Policy would refuse.

use vivarium_protocol::base::{Epoch, ServerId};
use vivarium_protocol::trace::Travel;
use yew::html::IntoPropValue;
use yew::prelude::*;

use super::glyph;
use crate::model::decimal::{Between, Decimal, short, tenths};
use crate::model::scene::{CellState, Scene};

/// The hue's number: 1 to 9, by id; 0 for nobody.
#[must_use]
pub fn hue_number(id: Option<ServerId>) -> i64 {
    match id {
        Some(id) if id.0 > 0 => (id.0 - 1) % 9 + 1,
        Some(_) | None => 0,
    }
}

/// The hue as a colour.
#[must_use]
pub fn hue(id: Option<ServerId>) -> String {
    match hue_number(id) {
        0 => "var(--line-3)".to_owned(),
        number => format!("var(--s{number})"),
    }
}

/// The hue of an entry: that of the server which led its epoch.
#[must_use]
pub fn epoch_hue(scene: &Scene, epoch: Epoch) -> Option<ServerId> {
    scene.leaders.get(&epoch).copied()
}

/// An icon of the sheet in `index.html`.
pub fn icon(name: &str) -> Html {
    html! { <svg class="ic" aria-hidden="true"><use href={format!("#i-{name}")} /></svg> }
}

/// A decimal is an attribute as it stands.
impl IntoPropValue<Option<AttrValue>> for Decimal {
    fn into_prop_value(self) -> Option<AttrValue> {
        Some(self.to_string().into())
    }
}

/// The `transform` of a drawing at a place, so many times as large as it is drawn.
pub fn placed((x, y): (f64, f64), scale: f64) -> String {
    format!("translate({} {}) scale({})", tenths(x), tenths(y), short(scale))
}

/// The `transform` of a drawing at a place that is turned by so many degrees as well.
pub fn turned((x, y): (f64, f64), degrees: f64, scale: f64) -> String {
    let turned = tenths(degrees);
    format!("translate({} {}) rotate({turned}) scale({})", tenths(x), tenths(y), short(scale))
}

/// How a coin is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coin {
    /// What is left of the timer around it, from 0 to 1.
    pub ring: Option<f64>,
    /// On a filled header.
    pub inverted: bool,
    /// Not running.
    pub off: bool,
    /// Small, without a ring.
    pub small: bool,
}

/// A server's digit in its hue.
pub fn coin(id: ServerId, look: Coin) -> Html {
    let own = hue(Some(id));
    let (fill, ink) = match (look.inverted, look.off) {
        (true, _) => ("var(--on-s)".to_owned(), own),
        (false, true) => ("var(--raise)".to_owned(), "var(--ink-2)".to_owned()),
        (false, false) => (own, "var(--on-s)".to_owned()),
    };
    let radius = match (look.ring, look.small) {
        (Some(_), _) => "10.4",
        (None, true) => "14",
        (None, false) => "11.5",
    };
    let ring = look.ring.map(|left| {
        let dashes = format!("{} 100", tenths(left.between(0.0, 1.0) * 100.0));
        html! {
            <>
                <circle class="ring-track" cx="15" cy="15" r="13.2" />
                <circle class="ring" cx="15" cy="15" r="13.2" pathLength="100"
                    stroke-dasharray={dashes} transform="rotate(-90 15 15)" />
            </>
        }
    });
    html! {
        <svg class={classes!("coin", look.small.then_some("s"))} viewBox="0 0 30 30"
            aria-hidden="true">
            { ring }
            <circle cx="15" cy="15" r={radius} fill={fill} />
            <text x="15" y="15" dy=".36em" fill={ink}>{ id.0 }</text>
        </svg>
    }
}

/// A small coin.
pub fn small_coin(id: ServerId) -> Html {
    coin(id, Coin { small: true, ..Coin::default() })
}

/// A quorum as slots: those who count, and empty ones up to the need.
pub fn slots(have: &[ServerId], need: usize) -> Html {
    let filled = have.iter().take(need.max(have.len().min(5))).map(|id| small_coin(*id));
    let empty = (have.len()..need).map(|_| html! { <span class="e"></span> });
    html! { <span class="slots">{ for filled }{ for empty }</span> }
}

/// The class of a cell in CSS.
#[must_use]
pub fn cell_class(state: CellState) -> &'static str {
    match state {
        CellState::Committed => "c",
        CellState::Logged => "l",
        CellState::Missing => "m",
        CellState::ToBeCut => "x",
    }
}

/// A message's shape around the origin, as [`glyph::glyph`] writes it.
pub fn glyph(travel: &Travel, leader: Option<ServerId>, radius: f64) -> Html {
    Html::from_html_unchecked(glyph::glyph(travel, leader, radius).into())
}

/// A glyph on its own, for keys, filters and headings.
pub fn glyph_svg(travel: &Travel, leader: Option<ServerId>, radius: f64) -> Html {
    html! {
        <span class="glyph">
            <svg viewBox="-15 -15 30 30" aria-hidden="true">
                { glyph(travel, leader, radius) }
            </svg>
        </span>
    }
}
