//! A message's shape as SVG: what stands in the document and what is painted while time flows are
//! made from the same text.
//!
//! Invariants: colour comes from tokens, through attributes and classes; nothing that a visitor
//! wrote gets into the text, so there is nothing in it to escape.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::PacketKind;
use vivarium_protocol::trace::Travel;

use super::parts::hue;
use crate::model::flight::{self, Family};
use crate::panels::diagram::ink::number;

/// What holds no transaction: ink on the card's own colour.
const NEUTRAL: &str = "fill=\"var(--card)\" stroke=\"var(--ink)\" stroke-width=\"1.6\"";
const ROUND: &str = " stroke-linejoin=\"round\"";
const INK: &str = "var(--ink)";
const ON_HUE: &str = "var(--on-s)";

/// A message's shape around the origin; `radius` is 9 on the stage. `leader` is who led the epoch
/// of the transaction that it carries.
#[must_use]
pub fn glyph(travel: &Travel, leader: Option<ServerId>, radius: f64) -> String {
    let mut svg = String::with_capacity(256);
    match flight::family(travel) {
        Family::Vote => vote(&mut svg, travel, radius),
        Family::Ping => circle(&mut svg, 2.6, "fill=\"var(--ink-3)\""),
        Family::Epoch => {
            let d = radius * 1.28;
            path(&mut svg, &[(0.0, -d), (d, 0.0), (0.0, d), (-d, 0.0)], "z", &[NEUTRAL, ROUND]);
            text(&mut svg, letter(travel), INK);
        }
        Family::Sync => hexagon(&mut svg, travel, radius),
        Family::Broadcast => square(&mut svg, travel, &hue(leader), radius * 0.92),
    }
    svg
}

/// Adds texts.
pub fn add(svg: &mut String, parts: &[&str]) {
    for part in parts {
        svg.push_str(part);
    }
}

/// An attribute that is a number.
pub fn set(svg: &mut String, name: &str, value: f64) {
    add(svg, &[" ", name, "=\""]);
    number(svg, value);
    svg.push('"');
}

/// A circle around the origin.
pub fn circle(svg: &mut String, radius: f64, look: &str) {
    svg.push_str("<circle");
    set(svg, "r", radius);
    add(svg, &[" ", look, "/>"]);
}

/// A line through points, closed if `end` says so.
pub fn path(svg: &mut String, points: &[(f64, f64)], end: &str, look: &[&str]) {
    svg.push_str("<path d=\"");
    for (index, (x, y)) in points.iter().enumerate() {
        svg.push_str(if index == 0 { "M" } else { "L" });
        number(svg, *x);
        svg.push(' ');
        number(svg, *y);
    }
    add(svg, &[end, "\" "]);
    add(svg, look);
    svg.push_str("/>");
}

fn text(svg: &mut String, words: &str, fill: &str) {
    add(svg, &["<text dy=\".5\" fill=\"", fill, "\">", words, "</text>"]);
}

fn letter(travel: &Travel) -> &'static str {
    travel.packet.map_or("", flight::letter)
}

fn vote(svg: &mut String, travel: &Travel, radius: f64) {
    let candidate = flight::candidate(travel).filter(|id| *id != ServerId::NOBODY);
    let colour = hue(candidate);
    if flight::is_decided(travel) {
        let ring = ["fill=\"none\" stroke-width=\"1.6\" stroke=\"", &colour, "\""];
        circle(svg, radius + 3.2, &ring.concat());
    }
    circle(svg, radius, &["fill=\"", &colour, "\""].concat());
    let digit = candidate.map_or_else(|| "?".to_owned(), |id| id.to_string());
    add(svg, &["<text class=\"digit\" dy=\".5\" fill=\"", ON_HUE, "\">", &digit, "</text>"]);
}

fn hexagon(svg: &mut String, travel: &Travel, radius: f64) {
    let (w, h) = (radius * 1.28, radius * 1.06);
    let x = w * 0.55;
    let points = [(-x, -h), (x, -h), (w, 0.0), (x, h), (-x, h), (-w, 0.0)];
    let closes = matches!(travel.packet, Some(PacketKind::NewLeader | PacketKind::UpToDate));
    if closes {
        path(svg, &points, "z", &[NEUTRAL, ROUND]);
        return text(svg, letter(travel), INK);
    }
    let filled = "fill=\"var(--ink)\" stroke=\"var(--ink)\" stroke-width=\"1.6\"";
    path(svg, &points, "z", &[filled, ROUND]);
    text(svg, letter(travel), "var(--stage)");
}

fn square(svg: &mut String, travel: &Travel, hue: &str, h: f64) {
    let counter = flight::cell_zxid(travel).map(|zxid| zxid.counter().to_string());
    let counter = counter.unwrap_or_default();
    let Some(packet) = travel.packet else { return frame(svg, h, NEUTRAL) };
    match packet {
        PacketKind::Proposal => {
            let look = ["fill=\"var(--card)\" stroke-width=\"2\" stroke=\"", hue, "\""];
            frame(svg, h, &look.concat());
            text(svg, &counter, INK);
        }
        PacketKind::Commit | PacketKind::CommitAndActivate => decided(svg, &counter, hue, h),
        PacketKind::Inform | PacketKind::InformAndActivate => {
            decided(svg, &counter, hue, h);
            // A notch for those who only learn of it.
            let notch = [(-h, -h), (6.0 - h, -h), (-h, 6.0 - h)];
            path(svg, &notch, "z", &["fill=\"var(--card)\""]);
        }
        PacketKind::Ack => {
            frame(svg, h, NEUTRAL);
            let tick = [(-h * 0.5, 0.0), (-h * 0.12, h * 0.42), (h * 0.58, -h * 0.43)];
            let look = "fill=\"none\" stroke=\"var(--ink)\" stroke-width=\"1.8\" \
                        stroke-linecap=\"round\"";
            path(svg, &tick, "", &[look, ROUND]);
        }
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
            frame(svg, h, &[NEUTRAL, " stroke-dasharray=\"2.5 2\""].concat());
            text(svg, flight::letter(packet), INK);
        }
    }
}

/// A decided transaction: solid.
fn decided(svg: &mut String, counter: &str, hue: &str, h: f64) {
    let look = ["stroke=\"var(--card)\" stroke-width=\"1.2\" fill=\"", hue, "\""];
    frame(svg, h, &look.concat());
    text(svg, counter, ON_HUE);
}

/// A square of half the side `h`.
fn frame(svg: &mut String, h: f64, look: &str) {
    rect(svg, (-h, -h), (2.0 * h, 2.0 * h), "2.5", look);
}

/// A rectangle with round corners, by its left top corner and its size.
pub fn rect(svg: &mut String, at: (f64, f64), size: (f64, f64), round: &str, look: &str) {
    svg.push_str("<rect");
    set(svg, "x", at.0);
    set(svg, "y", at.1);
    set(svg, "width", size.0);
    set(svg, "height", size.1);
    add(svg, &[" rx=\"", round, "\" ", look, "/>"]);
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::stage::summary::{example, example_vote};

    fn drawn(packet: PacketKind) -> String {
        glyph(&example(packet), Some(ServerId(2)), 9.0)
    }

    #[test]
    fn a_vote_is_a_disc_in_its_candidates_hue_and_a_decided_one_has_a_ring() {
        let vote = example_vote();
        let looking = glyph(&vote, None, 9.0);
        assert_eq!(
            looking,
            "<circle r=\"9\" fill=\"var(--s3)\"/>\
             <text class=\"digit\" dy=\".5\" fill=\"var(--on-s)\">3</text>"
        );
        let mut decided = Rc::unwrap_or_clone(vote);
        if let Some((state, _, _)) = &mut decided.notification {
            *state = vivarium_protocol::message::PeerState::Leading;
        }
        assert!(glyph(&decided, None, 9.0).starts_with("<circle r=\"12.2\" fill=\"none\""));
    }

    #[test]
    fn a_proposal_is_hollow_a_commit_solid_and_both_tell_the_transaction() {
        let (proposal, commit) = (drawn(PacketKind::Proposal), drawn(PacketKind::Commit));
        assert!(proposal.contains("fill=\"var(--card)\"") && proposal.contains(">7</text>"));
        assert!(commit.contains("fill=\"var(--s2)\"") && commit.contains(">7</text>"));
        assert!(drawn(PacketKind::Inform).len() > commit.len(), "and a notch");
    }

    #[test]
    fn every_packet_has_a_shape_and_each_family_its_own() {
        let shape = |packet| drawn(packet).split(' ').next().map(str::to_owned);
        assert_eq!(shape(PacketKind::Ping).as_deref(), Some("<circle"));
        assert_eq!(shape(PacketKind::Ack).as_deref(), Some("<rect"));
        assert_eq!(shape(PacketKind::Diff).as_deref(), Some("<path"));
        let (hexagon, diamond) = (drawn(PacketKind::Diff), drawn(PacketKind::AckEpoch));
        assert_eq!(hexagon.matches('L').count(), 5, "{hexagon}");
        assert_eq!(diamond.matches('L').count(), 3, "{diamond}");
    }
}
