//! The space-time drawing of one account: lanes of votes and roles, messages between them.

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::message::PeerState;
use vivarium_sim::elections::{Account, Step, StepEvent};
use yew::prelude::*;

use crate::model::chronicle::{Band, Stand};
use crate::model::contest;
use crate::model::decimal::{short, tenths};
use crate::stage::parts::{hue, hue_number};

/// Width of the drawing in its own units.
const WIDTH: f64 = 600.0;
/// Where time begins.
const LEFT: f64 = 26.0;
/// Where it ends.
const RIGHT: f64 = 592.0;
/// Height of a lane.
const LANE: f64 = 22.0;
/// Height of a band.
const BAND: f64 = 10.0;
/// The most steps whose messages are drawn, so that a long election stays quick to draw.
const MANY: usize = 1500;

struct Sheet {
    end: f64,
}

impl Sheet {
    fn x(&self, at: Time) -> f64 {
        LEFT + (RIGHT - LEFT) * (at.0 as f64 / self.end).min(1.0)
    }
}

fn y(server: ServerId) -> f64 {
    server.0 as f64 * LANE - LANE / 2.0
}

/// The drawing up to `at`; what comes later is veiled. `scale` is the moment at the right edge.
pub fn lanes(account: &Account, voters: i64, scale: Time, at: Time) -> Html {
    let sheet = Sheet { end: (scale.0 as f64).max(1.0) };
    let height = voters as f64 * LANE;
    let cursor = sheet.x(at);
    let arrows = account.steps.iter().take(MANY).enumerate();
    let arrows = arrows.filter_map(|(index, step)| arrow(index, step, &sheet));
    let own = (1..=voters).map(ServerId).map(|id| lane(account, id, &sheet));
    let view_box = format!("0 0 {} {}", short(WIDTH), short(height));
    html! {
        <svg viewBox={view_box} aria-hidden="true" class="race">
            <defs>{ for (0..=9).map(stripes) }</defs>
            <g class="wires">{ for arrows }</g>
            { for own }
            <rect x={tenths(cursor)} y="0" height={short(height)} fill="var(--panel)"
                width={tenths(WIDTH - cursor)} opacity=".72" />
            <line x1={tenths(cursor)} x2={tenths(cursor)} y1="0"
                y2={short(height)} stroke="var(--ink)" />
        </svg>
    }
}

/// The stripes of a vote, in a hue. Ids are of the whole document, so all drawings share them.
fn stripes(number: i64) -> Html {
    let colour = if number == 0 { "var(--line-3)".to_owned() } else { format!("var(--s{number})") };
    html! {
        <pattern key={number} id={format!("race{number}")} width="6" height="6"
            patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="2.4" height="6" fill={colour} />
        </pattern>
    }
}

fn lane(account: &Account, id: ServerId, sheet: &Sheet) -> Html {
    let bands = contest::bands(account, id);
    let bands = bands.iter().map(|band| draw(band, y(id), sheet));
    html! {
        <g key={id.0}>
            <text x="4" y={tenths(y(id) + 4.0)} class="lane">{ id.0 }</text>
            { for bands }
        </g>
    }
}

fn draw(band: &Band, y: f64, sheet: &Sheet) -> Html {
    let from = sheet.x(band.from);
    let to = band.to.map_or(RIGHT, |to| sheet.x(to));
    let (role, with) = match band.stand {
        Stand::Down => {
            return html! {
                <line key={band.from.0.to_string()} x1={tenths(from)}
                    x2={tenths(to)} y1={short(y)} y2={short(y)}
                    stroke="var(--line-3)" stroke-dasharray="2 4" />
            };
        }
        Stand::Up(role, with) => (role, with),
    };
    let (fill, opacity) = match role {
        PeerState::Looking => (format!("url(#race{})", hue_number(with)), "1"),
        PeerState::Leading => (hue(with), "1"),
        PeerState::Following | PeerState::Observing => (hue(with), ".3"),
    };
    let digit = with.filter(|_| to - from > 14.0).map(|with| with.0.to_string());
    html! {
        <g key={band.from.0.to_string()}>
            <rect x={tenths(from)} y={tenths(y - BAND / 2.0)} fill={fill}
                width={tenths((to - from).max(0.5))} height={short(BAND)}
                fill-opacity={opacity} stroke={hue(with)}
                stroke-dasharray={(role == PeerState::Looking).then_some("3 2")} />
            if let Some(digit) = digit {
                <text x={tenths(from + 4.0)} y={tenths(y + 3.6)}
                    class={if role == PeerState::Leading { "digit on" } else { "digit" }}>
                    { digit }
                </text>
            }
        </g>
    }
}

fn arrow(index: usize, step: &Step, sheet: &Sheet) -> Option<Html> {
    let StepEvent::Sends { to, arrives, .. } = step.event else { return None };
    let (x1, y1, y2) = (sheet.x(step.at), y(step.server), y(to));
    let Some(arrives) = arrives else {
        // Lost: a third of the way, and a cross.
        let (x, y) = (x1 + 4.0, y1 + (y2 - y1) / 3.0);
        return Some(html! {
            <g key={index} class="lost">
                <line x1={tenths(x1)} y1={short(y1)} x2={tenths(x)}
                    y2={tenths(y)} />
                <path d={format!("M{} {}l5 5m0-5l-5 5", tenths(x - 2.5), tenths(y - 2.5))} />
            </g>
        });
    };
    Some(html! {
        <line key={index} x1={tenths(x1)} y1={short(y1)}
            x2={tenths(sheet.x(arrives))} y2={short(y2)} />
    })
}
