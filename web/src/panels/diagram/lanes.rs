//! Lanes: bands of state, words in them, marks above them, cuts between them.

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::message::PeerState;
use yew::prelude::*;

use super::{Drawn, Scale};
use crate::i18n::{Lang, Text};
use crate::model::axis::{Axis, STEP};
use crate::model::chronicle::{Band, Mark, MarkKind, Stand};
use crate::model::decimal::{short, tenths, thousandths};
use crate::stage::parts::{hue, hue_number, placed};
use crate::view::{Choices, Selection, Shown};

/// The axis: a tick at a round distance, in seconds or in steps.
pub fn ticks(scale: &Scale) -> Html {
    let k = scale.text_scale;
    let wanted = scale.window.span / (scale.plot_width() / (92.0 * k)).max(1.0);
    let rounds =
        [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0];
    let unit = match scale.counts {
        Axis::Time => 1000.0,
        Axis::Steps => STEP,
    };
    let widest = 30_000.0 * unit;
    let step = rounds.map(|round| round * unit).into_iter().find(|step| *step >= wanted);
    let step = step.unwrap_or(widest);
    let first = (scale.window.start / step).ceil() as u64;
    let last = (scale.window_end() / step).floor() as u64;
    let written = if step >= 100_000.0 { tenths } else { thousandths };
    let drawn = (first..=last).map(|index| {
        let at = index as f64 * step;
        let x = scale.x(at);
        let label = match scale.counts {
            Axis::Time => written(at / 1_000_000.0).to_string(),
            Axis::Steps => format!("#{}", (at / STEP) as u64),
        };
        html! {
            <g key={index}>
                <line x1={tenths(x)} x2={tenths(x)} y1={short(scale.axis)}
                    y2={short(scale.axis + scale.lanes)} stroke="var(--line)" />
                <text class="tick" x={tenths(x)} y={short(scale.axis - 9.0 * k)}
                    text-anchor="middle">{ label }</text>
            </g>
        }
    });
    html! { <g>{ for drawn }</g> }
}

/// The lane of the selected server is shaded.
pub fn selected(drawn: &Drawn, choices: &Choices, scale: &Scale) -> Html {
    let Selection::Server(id) = choices.selection else { return html! {} };
    let Some(y) = scale.y_of(drawn.ids, id) else { return html! {} };
    html! {
        <rect x={short(scale.left)} y={short(y - scale.lane / 2.0)}
            width={short(scale.plot_width())} height={short(scale.lane)}
            fill="var(--raise)" opacity=".55" />
    }
}

/// The bands in the window, with their lane's index. Those that are too short to be seen are left
/// out, however many there are.
pub fn visible(drawn: &Drawn, scale: &Scale) -> Vec<(usize, Band)> {
    let counts = scale.counts;
    let (start, end) = (scale.window.start, scale.window_end());
    let least = scale.window.span / scale.plot_width() * 0.4;
    let mut bands = Vec::new();
    for (index, id) in drawn.ids.iter().enumerate() {
        let lane = drawn.chronicle.lanes.get(id).map(Vec::as_slice).unwrap_or_default();
        let place = |band: &Band| counts.place(band.from, band.after);
        let later = lane.partition_point(|band| place(band) < start);
        let first = later.saturating_sub(1);
        for (offset, band) in lane[first..].iter().enumerate() {
            let from = place(band);
            if from > end {
                break;
            }
            let to = lane.get(first + offset + 1).map_or(f64::INFINITY, place);
            if to - from > least && to >= start {
                bands.push((index, *band));
            }
        }
    }
    bands
}

/// Left edge and width of a band, clipped to a little beyond the window.
pub fn extent(drawn: &Drawn, index: usize, band: &Band, scale: &Scale) -> (f64, f64) {
    let from = scale.x_of(band.from, band.after).max(scale.left - 20.0);
    let lane = drawn.chronicle.lanes.get(&drawn.ids[index]);
    let next =
        lane.and_then(|lane| lane.get(lane.partition_point(|other| other.after <= band.after)));
    let to = next.map_or(drawn.end(scale), |next| scale.counts.place(next.from, next.after));
    let to = scale.x(to).min(scale.right() + 20.0);
    (from, (to - from).max(0.0))
}

/// The bands.
pub fn bands(drawn: &Drawn, scale: &Scale) -> Html {
    let bands = visible(drawn, scale).into_iter().map(|(index, band)| {
        let key = format!("{index}-{}", band.after);
        let (x, width) = extent(drawn, index, &band, scale);
        let y = scale.y(index);
        match band.stand {
            Stand::Down => down(key, x, width, y, scale),
            Stand::Up(role, with) => up(key, (x, width, y), role, with, scale),
        }
    });
    html! { <g>{ for bands }</g> }
}

fn down(key: String, x: f64, width: f64, y: f64, scale: &Scale) -> Html {
    let k = scale.text_scale;
    html! {
        <line key={key} x1={tenths(x)} x2={tenths(x + width)} y1={short(y)}
            y2={short(y)} stroke="var(--line-3)" stroke-width={short(1.6 * k)}
            stroke-dasharray={format!("{} {}", short(2.0 * k), short(5.0 * k))} />
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
        PeerState::Looking => (1.1, Some(format!("{} {}", short(3.0 * k), short(2.4 * k)))),
        PeerState::Following => (1.1, None),
        PeerState::Observing => (1.1, Some("1 3".to_owned())),
    };
    let top = y - height / 2.0;
    html! {
        <g key={key}>
            <rect x={tenths(x)} y={tenths(top)} width={tenths(width)}
                height={tenths(height)} rx={short(2.5 * k)} fill={fill}
                fill-opacity={opacity} />
            <rect x={tenths(x + 0.5)} y={tenths(top + 0.5)}
                width={tenths((width - 1.0).max(0.0))}
                height={tenths((height - 1.0).max(0.0))} rx={short(2.5 * k)}
                fill="none" stroke={colour} stroke-width={short(stroke * k)}
                stroke-dasharray={dashes} />
        </g>
    }
}

/// Words in the bands, where they fit.
pub fn words(drawn: &Drawn, scale: &Scale) -> Html {
    if scale.small || scale.dense() {
        return html! {};
    }
    let words = visible(drawn, scale).into_iter().filter_map(|(index, band)| {
        let (from, width) = extent(drawn, index, &band, scale);
        let hidden = (scale.edge - 20.0 - from).max(0.0);
        let (text, class) = band_words(&band, width - hidden, scale)?;
        let x = from.max(scale.edge);
        let (k, y) = (scale.text_scale, scale.y(index));
        let box_width = text.chars().count() as f64 * scale.band_text * 0.66 + 8.0 * k;
        let height = (scale.band() - 3.0 * k).max(0.0);
        let striped = matches!(band.stand, Stand::Up(PeerState::Looking, _));
        Some(html! {
            <g key={format!("{index}-{}", band.after)}>
                if striped {
                    <rect x={tenths(x + 4.0 * k)} y={tenths(y - height / 2.0)}
                        width={tenths(box_width)} height={tenths(height)}
                        rx={short(2.0 * k)} fill="var(--panel)" opacity=".88" />
                }
                <text class={classes!("bandt", class)} x={tenths(x + 8.0 * k)}
                    y={tenths(y + 0.5 * k)}>{ text }</text>
            </g>
        })
    });
    html! { <g>{ for words }</g> }
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

/// Signs: elected, crashed, started, epoch, truncated, committed. Where several of a kind would
/// stand on one spot of a lane, one does.
///
/// `rare` leaves out what every write adds one of, which the slices draw then.
pub fn marks(drawn: &Drawn, scale: &Scale, rare: bool) -> Html {
    if scale.dense() {
        return html! {};
    }
    let marks = &drawn.chronicle.marks;
    let place = |mark: &Mark| scale.counts.place(mark.at, mark.step as usize + 1);
    let first = marks.partition_point(|mark| place(mark) < scale.window.start);
    let mut used: SortedMap<(ServerId, MarkKind), f64> = SortedMap::new();
    let seen = marks[first..].iter().take_while(|mark| place(mark) <= scale.window_end());
    let marks = seen.enumerate().filter_map(|(index, mark)| {
        if rare && mark.kind == MarkKind::Committed {
            return None;
        }
        let y = scale.y_of(drawn.ids, mark.server)?;
        let x = scale.x(place(mark));
        let last = used.insert((mark.server, mark.kind), x);
        if last.is_some_and(|last| x - last < 2.0) {
            used.insert((mark.server, mark.kind), last.unwrap_or(x));
            return None;
        }
        Some(mark_shape(first + index, mark, (x, y), scale))
    });
    html! { <g class="marks">{ for marks }</g> }
}

fn mark_shape(index: usize, mark: &Mark, (x, y): (f64, f64), scale: &Scale) -> Html {
    let (k, half) = (scale.text_scale, scale.band() / 2.0);
    let top = y - half;
    let height = 2.0 * half / k;
    let shape = match mark.kind {
        MarkKind::Crash => html! {
            <path d="M-5 -5 L5 5 M5 -5 L-5 5"
                transform={format!("translate(0 {})", short(height / 2.0))}
                stroke="var(--ink)" stroke-width="2.4" />
        },
        MarkKind::Start => html! {
            <path d="M0 -9 L4 -3 H-4z" transform={format!("translate(0 {})", short(height + 9.5))}
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
                <path d={format!("M0 -4 V{}", short(height + 4.0))} stroke="var(--ink)"
                    stroke-width="1.8" />
                <circle cy="-6" r="2" fill="none" stroke="var(--ink)" stroke-width="1.3" />
            </>
        },
        MarkKind::Committed => {
            html! { <rect x="-3" y="-7.5" width="6" height="6" fill="var(--ink)" /> }
        }
    };
    html! {
        <g key={index} transform={placed((x, top), k)}>{ shape }</g>
    }
}

/// A coin and the present state at the left of each lane. Where lanes are thin, only every fifth
/// or tenth server is named.
pub fn labels(shown: &Shown, drawn: &Drawn, scale: &Scale, lang: Lang) -> Html {
    let k = scale.text_scale;
    let every = if scale.dense() { (16.0 * k / scale.lane).ceil() as usize } else { 1 };
    let rows = drawn.ids.iter().enumerate().step_by(every.max(1)).map(|(index, id)| {
        let (y, state) = (scale.y(index), state(shown, drawn, *id, lang));
        let up = state != "DOWN";
        let (fill, ink) = if up {
            (hue(Some(*id)), "var(--on-s)")
        } else {
            ("var(--raise)".to_owned(), "var(--ink-2)")
        };
        let room = scale.lane * every as f64 * 0.9;
        let size = room.min(if scale.small { 22.0 } else { 20.0 } * k);
        let x = if scale.small { 8.0 } else { 14.0 } * k;
        let r = size / 2.0;
        html! {
            <g key={id.0}>
                <circle cx={short(x + r)} cy={tenths(y)} r={short(r * 0.9)}
                    fill={fill} />
                <text class="coin-digit" x={short(x + r)} y={tenths(y)} dy=".36em"
                    fill={ink} font-size={tenths(r * 1.05)}>{ id.0 }</text>
                if !scale.small {
                    <text class={classes!("lab", (!up).then_some("off"))}
                        x={short(42.0 * k)} y={tenths(y)}>{ state }</text>
                }
            </g>
        }
    });
    html! { <g>{ for rows }</g> }
}

/// A server's state at the playhead in one word: of the run that is shown from its scene, of
/// another one from its lane.
fn state(shown: &Shown, drawn: &Drawn, id: ServerId, lang: Lang) -> &'static str {
    if drawn.beside {
        let lane = drawn.chronicle.lanes.get(&id).map(Vec::as_slice).unwrap_or_default();
        let now = lane.partition_point(|band| band.from <= drawn.at).checked_sub(1);
        return match now.map(|now| lane[now].stand) {
            Some(Stand::Up(role, _)) => role.name(),
            Some(Stand::Down) | None => "DOWN",
        };
    }
    let server = shown.scene.servers.get(&id).filter(|server| server.up);
    match server {
        None => "DOWN",
        Some(_) if shown.outside.paused.contains(&id) => lang.t(Text::Paused),
        Some(server) => server.status.role.name(),
    }
}
