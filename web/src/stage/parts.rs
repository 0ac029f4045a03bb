//! The small drawings that every part of the page shares: coins, icons, message glyphs, log cells.
//!
//! Invariant: colour comes from tokens, through SVG attributes and classes; no `style` attribute,
//! which the page's Content-Security-Policy would refuse.

use vivarium_protocol::base::{Epoch, ServerId};
use vivarium_protocol::message::PacketKind;
use vivarium_protocol::trace::Travel;
use yew::prelude::*;

use crate::model::flight::{self, Family};
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
        let dashes = format!("{:.1} 100", left.clamp(0.0, 1.0) * 100.0);
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

/// A message's shape around the origin; `radius` is 9 on the stage. `leader` is who led the epoch
/// of the transaction that it carries.
pub fn glyph(travel: &Travel, leader: Option<ServerId>, radius: f64) -> Html {
    match flight::family(travel) {
        Family::Vote => vote_glyph(travel, radius),
        Family::Ping => html! { <circle r="2.6" fill="var(--ink-3)" /> },
        Family::Epoch => diamond(travel, radius),
        Family::Sync => hexagon(travel, radius),
        Family::Broadcast => square(travel, leader, radius),
    }
}

fn vote_glyph(travel: &Travel, radius: f64) -> Html {
    let candidate = flight::candidate(travel).filter(|id| *id != ServerId::NOBODY);
    let colour = hue(candidate);
    let decided = flight::is_decided(travel).then(|| {
        html! {
            <circle r={(radius + 3.2).to_string()} fill="none" stroke={colour.clone()}
                stroke-width="1.6" />
        }
    });
    let digit = candidate.map_or_else(|| "?".to_owned(), |id| id.to_string());
    html! {
        <>
            { decided }
            <circle r={radius.to_string()} fill={colour} />
            <text class="digit" fill="var(--on-s)" dy=".5">{ digit }</text>
        </>
    }
}

fn diamond(travel: &Travel, radius: f64) -> Html {
    let d = radius * 1.28;
    let path = format!("M0 {} L{d} 0 L0 {d} L{} 0z", -d, -d);
    let letter = travel.packet.map_or("", flight::letter);
    html! {
        <>
            <path d={path} fill="var(--card)" stroke="var(--ink)" stroke-width="1.6"
                stroke-linejoin="round" />
            <text fill="var(--ink)" dy=".5">{ letter }</text>
        </>
    }
}

fn hexagon(travel: &Travel, radius: f64) -> Html {
    let (w, h) = (radius * 1.28, radius * 1.06);
    let x = w * 0.55;
    let path = format!("M{} {} H{x} L{w} 0 L{x} {h} H{} L{} 0z", -x, -h, -x, -w);
    let closes = matches!(travel.packet, Some(PacketKind::NewLeader | PacketKind::UpToDate));
    let (fill, ink) =
        if closes { ("var(--card)", "var(--ink)") } else { ("var(--ink)", "var(--stage)") };
    let letter = travel.packet.map_or("", flight::letter);
    html! {
        <>
            <path d={path} fill={fill} stroke="var(--ink)" stroke-width="1.6"
                stroke-linejoin="round" />
            <text fill={ink} dy=".5">{ letter }</text>
        </>
    }
}

/// How the square of one kind of broadcast packet is filled.
struct Square {
    fill: String,
    stroke: String,
    width: &'static str,
    dashes: Option<&'static str>,
    inside: Html,
}

fn square(travel: &Travel, leader: Option<ServerId>, radius: f64) -> Html {
    let h = radius * 0.92;
    let look = square_look(travel, &hue(leader), h);
    let size = (2.0 * h).to_string();
    html! {
        <>
            <rect x={(-h).to_string()} y={(-h).to_string()} width={size.clone()} height={size}
                rx="2.5" fill={look.fill} stroke={look.stroke} stroke-width={look.width}
                stroke-dasharray={look.dashes} />
            { look.inside }
        </>
    }
}

/// What holds no transaction: ink on the card's own colour.
fn neutral(inside: Html, dashes: Option<&'static str>) -> Square {
    let (fill, stroke) = ("var(--card)".to_owned(), "var(--ink)".to_owned());
    Square { fill, stroke, width: "1.6", dashes, inside }
}

fn inside_text(words: String, fill: &'static str) -> Html {
    html! { <text fill={fill} dy=".5">{ words }</text> }
}

fn tick(h: f64) -> Html {
    let path = format!("M{} 0 l{} {} l{} {}", -h * 0.5, h * 0.38, h * 0.42, h * 0.7, -h * 0.85);
    html! {
        <path d={path} fill="none" stroke="var(--ink)" stroke-width="1.8"
            stroke-linecap="round" stroke-linejoin="round" />
    }
}

/// A decided transaction: solid; with a notch for those who only learn of it.
fn decided(counter: String, informs: bool, hue: &str, h: f64) -> Square {
    let inside = html! {
        <>
            { inside_text(counter, "var(--on-s)") }
            if informs {
                <path d={format!("M{} {} h6 l-6 6z", -h, -h)} fill="var(--card)" />
            }
        </>
    };
    let stroke = "var(--card)".to_owned();
    Square { fill: hue.to_owned(), stroke, width: "1.2", dashes: None, inside }
}

fn square_look(travel: &Travel, hue: &str, h: f64) -> Square {
    let counter = flight::cell_zxid(travel).map(|zxid| zxid.counter().to_string());
    let counter = counter.unwrap_or_default();
    let Some(packet) = travel.packet else { return neutral(html! {}, None) };
    match packet {
        PacketKind::Proposal => Square {
            fill: "var(--card)".to_owned(),
            stroke: hue.to_owned(),
            width: "2",
            dashes: None,
            inside: inside_text(counter, "var(--ink)"),
        },
        PacketKind::Commit | PacketKind::CommitAndActivate => decided(counter, false, hue, h),
        PacketKind::Inform | PacketKind::InformAndActivate => decided(counter, true, hue, h),
        PacketKind::Ack => neutral(tick(h), None),
        PacketKind::Request
        | PacketKind::Revalidate
        | PacketKind::Sync
        | PacketKind::Ping
        | PacketKind::NewLeader
        | PacketKind::FollowerInfo
        | PacketKind::UpToDate
        | PacketKind::Diff
        | PacketKind::Trunc
        | PacketKind::Snap
        | PacketKind::ObserverInfo
        | PacketKind::LeaderInfo
        | PacketKind::AckEpoch => {
            neutral(inside_text(flight::letter(packet).to_owned(), "var(--ink)"), Some("2.5 2"))
        }
    }
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
