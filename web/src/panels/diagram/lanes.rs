//! Lanes: bands of state, words in them, marks above them, cuts between them.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::PeerState;
use yew::prelude::*;

use super::Scale;
use crate::i18n::{Lang, Text};
use crate::model::chronicle::{Band, Mark, MarkKind, Stand};
use crate::model::flight::micros;
use crate::stage::parts::{hue, hue_number};
use crate::view::{Choices, Selection, Shown};

/// The time axis: a tick at a round distance.
pub fn ticks(scale: &Scale) -> Html {
    let k = scale.text_scale;
    let wanted = scale.window.span / (scale.plot_width() / (92.0 * k)).max(1.0);
    let steps =
        [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0];
    let step = steps
        .into_iter()
        .map(|ms| ms * 1000.0)
        .find(|step| *step >= wanted)
        .unwrap_or(30_000_000.0);
    let first = (scale.window.start / step).ceil() as u64;
    let last = ((scale.window.start + scale.window.span) / step).floor() as u64;
    let decimals = if step >= 100_000.0 { 1 } else { 3 };
    let drawn = (first..=last).map(|index| {
        let at = index as f64 * step;
        let x = scale.x(at);
        html! {
            <g key={index}>
                <line x1={format!("{x:.1}")} x2={format!("{x:.1}")} y1={scale.axis.to_string()}
                    y2={(scale.axis + scale.lanes_height()).to_string()} stroke="var(--line)" />
                <text class="tick" x={format!("{x:.1}")} y={(scale.axis - 9.0 * k).to_string()}
                    text-anchor="middle">{ format!("{:.*}", decimals, at / 1_000_000.0) }</text>
            </g>
        }
    });
    html! { <g>{ for drawn }</g> }
}

/// The lane of the selected server is shaded.
pub fn selected(shown: &Shown, choices: &Choices, scale: &Scale) -> Html {
    let Selection::Server(id) = choices.selection else { return html! {} };
    let Some(y) = scale.y_of(&shown.ids, id) else { return html! {} };
    html! {
        <rect x={scale.left.to_string()} y={(y - scale.lane / 2.0).to_string()}
            width={scale.plot_width().to_string()} height={scale.lane.to_string()}
            fill="var(--raise)" opacity=".55" />
    }
}

/// The bands in the window, with their lane's index.
pub fn visible(shown: &Shown, scale: &Scale) -> Vec<(usize, Band)> {
    let playback = shown.playback();
    let (start, end) = (scale.window.start, scale.window.start + scale.window.span);
    let mut bands = Vec::new();
    for (index, id) in shown.ids.iter().enumerate() {
        let lane = playback.chronicle().lanes.get(id).map(Vec::as_slice).unwrap_or_default();
        let first = lane.partition_point(|band| band.to.is_some_and(|to| micros(to) < start));
        let seen = lane[first..].iter().take_while(|band| micros(band.from) <= end);
        bands.extend(seen.map(|band| (index, *band)));
    }
    bands
}

/// Left edge and width of a band, clipped to a little beyond the window.
pub fn extent(band: &Band, scale: &Scale) -> (f64, f64) {
    let from = scale.x_of(band.from).max(scale.left - 20.0);
    let to = band.to.map_or(scale.end, micros);
    let to = scale.x(to).min(scale.right() + 20.0);
    (from, (to - from).max(0.0))
}

/// The bands.
pub fn bands(shown: &Shown, scale: &Scale) -> Html {
    let drawn = visible(shown, scale).into_iter().map(|(index, band)| {
        let key = format!("{index}-{}", band.after);
        let (x, width) = extent(&band, scale);
        let y = scale.y(index);
        match band.stand {
            Stand::Down => down(key, x, width, y, scale),
            Stand::Up(role, with) => up(key, (x, width, y), role, with, scale),
        }
    });
    html! { <g>{ for drawn }</g> }
}

fn down(key: String, x: f64, width: f64, y: f64, scale: &Scale) -> Html {
    let k = scale.text_scale;
    html! {
        <line key={key} x1={format!("{x:.1}")} x2={format!("{:.1}", x + width)} y1={y.to_string()}
            y2={y.to_string()} stroke="var(--line-3)" stroke-width={(1.6 * k).to_string()}
            stroke-dasharray={format!("{} {}", 2.0 * k, 5.0 * k)} />
    }
}

fn up(
    key: String,
    (x, width, y): (f64, f64, f64),
    role: PeerState,
    with: Option<ServerId>,
    scale: &Scale,
) -> Html {
    let (k, height) = (scale.text_scale, scale.band());
    let colour = hue(with);
    let (fill, opacity) = match role {
        PeerState::Leading => (colour.clone(), "1"),
        PeerState::Looking => (format!("url(#lk{})", hue_number(with)), "1"),
        PeerState::Following => (colour.clone(), ".26"),
        PeerState::Observing => (colour.clone(), ".14"),
    };
    let (stroke, dashes) = match role {
        PeerState::Leading => (0.0, None),
        PeerState::Looking => (1.1, Some(format!("{} {}", 3.0 * k, 2.4 * k))),
        PeerState::Following => (1.1, None),
        PeerState::Observing => (1.1, Some("1 3".to_owned())),
    };
    let top = y - height / 2.0;
    html! {
        <g key={key}>
            <rect x={format!("{x:.1}")} y={format!("{top:.1}")} width={format!("{width:.1}")}
                height={format!("{height:.1}")} rx={(2.5 * k).to_string()} fill={fill}
                fill-opacity={opacity} />
            <rect x={format!("{:.1}", x + 0.5)} y={format!("{:.1}", top + 0.5)}
                width={format!("{:.1}", (width - 1.0).max(0.0))}
                height={format!("{:.1}", (height - 1.0).max(0.0))} rx={(2.5 * k).to_string()}
                fill="none" stroke={colour} stroke-width={(stroke * k).to_string()}
                stroke-dasharray={dashes} />
        </g>
    }
}

/// Words in the bands, where they fit.
pub fn words(shown: &Shown, scale: &Scale) -> Html {
    if scale.small {
        return html! {};
    }
    let drawn = visible(shown, scale).into_iter().filter_map(|(index, band)| {
        let (x, width) = extent(&band, scale);
        let (text, class) = band_words(&band, width, scale)?;
        let (k, y) = (scale.text_scale, scale.y(index));
        let box_width = text.chars().count() as f64 * scale.band_text * 0.66 + 8.0 * k;
        let height = (scale.band() - 3.0 * k).max(0.0);
        let striped = matches!(band.stand, Stand::Up(PeerState::Looking, _));
        let x = x.max(scale.left);
        Some(html! {
            <g key={format!("{index}-{}", band.after)}>
                if striped {
                    <rect x={format!("{:.1}", x + 4.0 * k)} y={format!("{:.1}", y - height / 2.0)}
                        width={format!("{box_width:.1}")} height={format!("{height:.1}")}
                        rx={(2.0 * k).to_string()} fill="var(--panel)" opacity=".88" />
                }
                <text class={classes!("bandt", class)} x={format!("{:.1}", x + 8.0 * k)}
                    y={format!("{:.1}", y + 0.5 * k)}>{ text }</text>
            </g>
        })
    });
    html! { <g>{ for drawn }</g> }
}

fn band_words(band: &Band, width: f64, scale: &Scale) -> Option<(String, &'static str)> {
    let k = scale.text_scale;
    let fits = |text: &str| width > text.chars().count() as f64 * scale.band_text * 0.66 + 14.0 * k;
    match band.stand {
        Stand::Down => (width > 70.0 * k).then(|| ("DOWN".to_owned(), "off")),
        Stand::Up(PeerState::Leading, _) => {
            let full = "LEADING".to_owned();
            fits(&full).then_some((full, "on"))
        }
        Stand::Up(role, with) => {
            let Some(with) = with else {
                return fits(role.name()).then(|| (role.name().to_owned(), "plain"));
            };
            let arrow = if role == PeerState::Looking { " → " } else { " " };
            let full = format!("{}{arrow}{with}", role.name());
            if fits(&full) {
                return Some((full, "plain"));
            }
            (role == PeerState::Looking && width > 30.0 * k).then(|| (format!("→ {with}"), "plain"))
        }
    }
}

/// Signs: elected, crashed, started, epoch, truncated, committed.
pub fn marks(shown: &Shown, scale: &Scale) -> Html {
    let playback = shown.playback();
    let marks = &playback.chronicle().marks;
    let (start, end) = (scale.window.start, scale.window.start + scale.window.span);
    let first = marks.partition_point(|mark| micros(mark.at) < start);
    let seen = marks[first..].iter().take_while(|mark| micros(mark.at) <= end).enumerate();
    let drawn = seen.filter_map(|(index, mark)| {
        let y = scale.y_of(&shown.ids, mark.server)?;
        Some(mark_shape(first + index, mark, y, scale))
    });
    html! { <g class="marks">{ for drawn }</g> }
}

fn mark_shape(index: usize, mark: &Mark, y: f64, scale: &Scale) -> Html {
    let (k, half) = (scale.text_scale, scale.band() / 2.0);
    let (x, top) = (scale.x_of(mark.at), y - half);
    let height = 2.0 * half / k;
    let shape = match mark.kind {
        MarkKind::Crash => html! {
            <path d="M-5 -5 L5 5 M5 -5 L-5 5" transform={format!("translate(0 {})", height / 2.0)}
                stroke="var(--ink)" stroke-width="2.4" />
        },
        MarkKind::Start => html! {
            <path d="M0 -9 L4 -3 H-4z" transform={format!("translate(0 {})", height + 9.5)}
                fill="var(--ink)" />
        },
        MarkKind::Elected => {
            let hue = hue(Some(mark.server));
            html! {
                <path d="M0 0 V-12 M0 -12 H8 L5.6 -9.2 8 -6.4 H0" fill={hue.clone()} stroke={hue}
                    stroke-width="1.6" />
            }
        }
        MarkKind::Epoch => {
            html! { <path d="M0 -8 3.4 -4.6 0 -1.2 -3.4 -4.6z" fill="var(--ink)" /> }
        }
        MarkKind::Truncated => html! {
            <>
                <path d={format!("M0 -4 V{}", height + 4.0)} stroke="var(--ink)"
                    stroke-width="1.8" />
                <circle cy="-6" r="2" fill="none" stroke="var(--ink)" stroke-width="1.3" />
            </>
        },
        MarkKind::Committed => {
            html! { <rect x="-3" y="-7.5" width="6" height="6" fill="var(--ink)" /> }
        }
    };
    html! {
        <g key={index} transform={format!("translate({x:.1} {top:.1}) scale({k})")}>{ shape }</g>
    }
}

/// A partition between neighbours is a hatched strip between their lanes.
pub fn cuts(shown: &Shown, scale: &Scale) -> Html {
    let cuts = &shown.outside.cuts;
    let k = scale.text_scale;
    let strips = shown.ids.windows(2).enumerate().filter_map(|(index, pair)| {
        let (a, b) = (pair[0], pair[1]);
        if !cuts.contains(&(a, b)) || !cuts.contains(&(b, a)) {
            return None;
        }
        let y = f64::midpoint(scale.y(index), scale.y(index + 1));
        let x = scale.x_of(shown.at) - 60.0 * k;
        Some(html! {
            <rect key={index} x={format!("{x:.1}")} y={format!("{:.1}", y - 3.0 * k)}
                width={format!("{:.1}", 60.0 * k)} height={format!("{:.1}", 6.0 * k)}
                fill="url(#hatch2)" opacity=".75" />
        })
    });
    html! { <g>{ for strips }</g> }
}

/// A coin and the present state at the left of each lane.
pub fn labels(shown: &Shown, scale: &Scale, lang: Lang) -> Html {
    let k = scale.text_scale;
    let rows = shown.ids.iter().enumerate().filter_map(|(index, id)| {
        let server = shown.scene.servers.get(id)?;
        let y = scale.y(index);
        let (fill, ink) = if server.up {
            (hue(Some(*id)), "var(--on-s)")
        } else {
            ("var(--raise)".to_owned(), "var(--ink-2)")
        };
        let state = match (server.up, shown.outside.paused.contains(id)) {
            (false, _) => "DOWN",
            (true, true) => lang.t(Text::Paused),
            (true, false) => server.status.role.name(),
        };
        let size = (scale.lane * 0.9).min(if scale.small { 22.0 } else { 20.0 } * k);
        let x = if scale.small { 8.0 } else { 14.0 } * k;
        let r = size / 2.0;
        Some(html! {
            <g key={id.0}>
                <circle cx={(x + r).to_string()} cy={format!("{y:.1}")} r={(r * 0.9).to_string()}
                    fill={fill} />
                <text class="coin-digit" x={(x + r).to_string()} y={format!("{y:.1}")} dy=".36em"
                    fill={ink} font-size={format!("{:.1}", r * 1.05)}>{ id.0 }</text>
                if !scale.small {
                    <text class={classes!("lab", (!server.up).then_some("off"))}
                        x={(42.0 * k).to_string()} y={format!("{y:.1}")}>{ state }</text>
                }
            </g>
        })
    });
    html! { <g>{ for rows }</g> }
}
