//! The space-time diagram: one lane per server, time from left to right, and the playhead that can
//! be dragged. It is the scrubber: past, present and recorded future are all on it. When two
//! runs are compared, each has its own lanes under one axis.

mod arrows;
mod cone;
mod drag;
mod lanes;
mod lines;
mod network;
mod scale;
mod strip;

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::trace::Frame;
use vivarium_sim::Cuts;
use yew::prelude::*;

use crate::i18n::Text;
use crate::model::causal::Cone;
use crate::model::chronicle::Chronicle;
use crate::panels::time::TimeView;
use crate::view::{Choices, Msg, Page, Selection, Shown};
pub use scale::{Scale, Window};

/// What the diagram is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Language, selection, filters.
    pub choices: Choices,
    /// Which part of the run is drawn.
    pub window: Window,
    /// Pixels.
    pub size: (f64, f64),
    /// Pixels per tenth of a rem.
    pub text_scale: f64,
    /// Whether the presentation view is on.
    pub presenting: bool,
    /// The playhead on the axis, newer than the moment while playing.
    pub playhead: f64,
    /// The playhead as a moment.
    pub now: Time,
    /// What the axis counts, what is highlighted, what stands beside the run.
    pub time: TimeView,
    /// The step in one sentence.
    pub sentence: AttrValue,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The diagram.
#[component]
pub fn Diagram(props: &Props) -> Html {
    let node = use_node_ref();
    use_size(node.clone(), props.send.clone());
    let scale = Scale::new(props);
    let handlers = drag::use_drag(scale, props);
    let lang = props.choices.lang;
    html! {
        <div ref={node} class="st" id="diagram" data-axis={format!("{:?}", scale.counts)}
            role="slider" tabindex="0"
            aria-label={lang.t(Text::Time)} aria-valuemin="0"
            aria-valuemax={(props.shown.end().0 / 1000).to_string()}
            aria-valuenow={(props.shown.at.0 / 1000).to_string()}
            aria-valuetext={format!("{} {}", props.shown.at, props.sentence)}
            onpointerdown={handlers.down} onpointermove={handlers.moved}
            onpointerup={handlers.up.clone()} onpointercancel={handlers.up}
            onwheel={handlers.wheel}>
            <svg viewBox={format!("0 0 {} {}", scale.width, scale.height)} aria-hidden="true">
                <Recorded shown={props.shown.clone()} choices={props.choices} scale={scale}
                    time={props.time.clone()} send={props.send.clone()} />
                { unknown(props, &scale) }
                { playhead(props.playhead, props.now, &scale) }
            </svg>
        </div>
    }
}

#[hook]
fn use_size(node: NodeRef, send: Callback<Msg>) {
    crate::hooks::size::use_element_size(node, move |element| {
        let rect = element.get_bounding_client_rect();
        send.emit(Msg::Page(Page::DiagramSize(rect.width(), rect.height())));
    });
}

/// One run as the lanes draw it.
pub struct Drawn<'a> {
    chronicle: &'a Chronicle,
    frames: &'a [Frame],
    cuts: &'a [Cuts],
    ids: &'a [ServerId],
    /// The playhead.
    at: Time,
    /// Past and future of a step, if they are highlighted.
    cone: Option<&'a Cone>,
    /// The steps in which a promise was seen broken.
    broken: &'a [u64],
    /// Whether it is the other run of a comparison.
    beside: bool,
}

impl Drawn<'_> {
    /// Whether there are so many servers that each is one line of hue.
    fn many(&self) -> bool {
        self.ids.len() > crate::model::dense::MOST_PLATES
    }

    /// Where what lasts ends, in units of the axis. What lasts in the run that is shown goes on to
    /// the edge, and what has not happened yet is covered with every picture.
    fn end(&self, scale: &Scale) -> f64 {
        let last = self.frames.last().map_or(Time::default(), |frame| frame.at);
        let end = scale.counts.place(last.max(self.at), self.frames.len());
        if self.beside { end } else { end.max(scale.window_end()) }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct RecordedProps {
    shown: Shown,
    choices: Choices,
    scale: Scale,
    time: TimeView,
    send: Callback<Msg>,
}

/// Everything but the playhead: drawn again only when the moment or the window changes.
#[component]
fn Recorded(props: &RecordedProps) -> Html {
    let RecordedProps { shown, choices, scale, time, .. } = props;
    let playback = shown.playback();
    let (frames, ids) = (playback.timeline().frames(), shown.ids.as_slice());
    let cone = focus(props).and_then(|step| {
        let from = scale.counts.moment(frames, scale.window.start).1 as u64;
        let to = scale.counts.moment(frames, scale.window_end()).1 as u64;
        Cone::of(frames, step, from, to.max(step + 1))
    });
    let own = Drawn {
        chronicle: playback.chronicle(),
        frames,
        cuts: playback.timeline().cuts(),
        ids,
        at: shown.at,
        cone: cone.as_ref(),
        broken: playback.violations(),
        beside: false,
    };
    let lanes = match &time.beside {
        None => run(props, &own, scale),
        Some(beside) => {
            let twin = &beside.twin;
            let (chronicle, frames, cuts) = (&twin.chronicle, &twin.frames, &twin.cuts);
            let other =
                Drawn { chronicle, frames, cuts, cone: None, broken: &[], beside: true, ..own };
            let (upper, lower) = (scale.half(false, ids.len()), scale.half(true, ids.len()));
            html! {
                <>
                    { run(props, &own, &upper) }
                    { run(props, &other, &lower) }
                    { difference(twin.differs, &own, scale) }
                </>
            }
        }
    };
    html! {
        <>
            { defs(scale) }
            { lanes::ticks(scale) }
            { lanes }
            { strip::strip(shown, scale, choices.lang) }
        </>
    }
}

/// The step whose past and future are highlighted: the sending of the selected message, or the
/// step at the playhead if that is asked for.
fn focus(props: &RecordedProps) -> Option<u64> {
    let RecordedProps { shown, choices, time, .. } = props;
    match choices.selection {
        Selection::Message(id) => shown.arrow(id).map(|arrow| arrow.step),
        Selection::Server(_) | Selection::Nothing if time.cone => {
            shown.position.checked_sub(1).map(|step| step as u64)
        }
        Selection::Server(_) | Selection::Nothing => None,
    }
}

/// The lanes of one run.
fn run(props: &RecordedProps, drawn: &Drawn, scale: &Scale) -> Html {
    let RecordedProps { shown, choices, send, .. } = props;
    html! {
        <g data-run={if drawn.beside { "beside" } else { "own" }}>
            <g clip-path="url(#plot)">
                { lanes::selected(drawn, choices, scale) }
                if drawn.many() {
                    { lines::lines(drawn, scale) }
                } else {
                    { lanes::bands(drawn, scale) }
                }
                { cone::veils(drawn, scale) }
                { network::cuts(drawn, scale) }
                { network::acts(drawn, scale) }
                { network::broken(drawn, scale) }
                { arrows::pings(drawn, choices, scale) }
                { arrows::arrows(drawn, choices, scale, send) }
                if !drawn.many() {
                    { lanes::words(drawn, scale) }
                    { lanes::marks(drawn, scale) }
                }
            </g>
            if drawn.many() {
                { lines::labels(drawn, scale, choices.lang) }
            } else {
                { lanes::labels(shown, drawn, scale, choices.lang) }
            }
        </g>
    }
}

/// The rule through both runs where they first differ.
fn difference(step: Option<usize>, own: &Drawn, scale: &Scale) -> Html {
    let Some((step, frame)) = step.and_then(|step| Some((step, own.frames.get(step)?))) else {
        return html! {};
    };
    let x = scale.x_of(frame.at, step + 1);
    if x < scale.left || x > scale.right() {
        return html! {};
    }
    let (top, end) = (scale.axis, scale.axis + scale.lanes);
    html! {
        <g class="difference" id="difference">
            <path d={format!("M{x:.1} {top:.1}V{end:.1}")} />
            <path d={format!("M{x:.1} {top:.1}l-5 -7h10z")} class="fill" />
        </g>
    }
}

/// Stripes in every hue, the hatch of cuts, and the plot's own edge.
fn defs(scale: &Scale) -> Html {
    let k = scale.text_scale;
    let stripes = (0..=9).map(|number| {
        let hue =
            if number == 0 { "var(--line-3)".to_owned() } else { format!("var(--s{number})") };
        html! {
            <pattern key={number} id={format!("lk{number}")} width={(8.0 * k).to_string()}
                height={(8.0 * k).to_string()} patternUnits="userSpaceOnUse"
                patternTransform="rotate(38)">
                <rect width={(8.0 * k).to_string()} height={(8.0 * k).to_string()}
                    fill="var(--panel)" />
                <rect width={(8.0 * k).to_string()} height={(8.0 * k).to_string()}
                    fill={hue.clone()} opacity=".1" />
                <rect width={(3.4 * k).to_string()} height={(8.0 * k).to_string()} fill={hue}
                    opacity=".62" />
            </pattern>
        }
    });
    html! {
        <defs>
            { for stripes }
            <pattern id="hatch2" width="5" height="5" patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)">
                <rect width="1.6" height="5" fill="var(--ink-3)" />
            </pattern>
            <@{"clipPath"} id="plot">
                <rect x={scale.left.to_string()} y="0" width={scale.plot_width().to_string()}
                    height={scale.height.to_string()} />
            </@>
        </defs>
    }
}

/// Nothing is known of the run beyond its end.
fn unknown(props: &Props, scale: &Scale) -> Html {
    let own = props.time.beside.as_ref().map(|_| scale.half(false, props.shown.ids.len()));
    let height = own.map_or(scale.lanes, |half| half.lanes);
    let x = scale.x(scale.end.max(props.playhead)).clamp(scale.left, scale.right());
    html! {
        <rect class="unknown" x={format!("{x:.1}")} y={scale.axis.to_string()}
            width={format!("{:.1}", scale.right() - x)} height={format!("{height:.1}")} />
    }
}

/// The veil over the recorded future, and the line of the present with its time.
fn playhead(at: f64, now: Time, scale: &Scale) -> Html {
    let k = scale.text_scale;
    let x = scale.x(at).clamp(scale.left, scale.right());
    let label = x.clamp(scale.left + 20.0 * k, scale.right() - 30.0 * k);
    let seconds = now.to_string();
    html! {
        <g class="playhead">
            <rect class="veil" x={format!("{x:.1}")} y={scale.axis.to_string()}
                width={format!("{:.1}", (scale.right() - x).max(0.0))}
                height={scale.lanes.to_string()} />
            <line x1={format!("{x:.1}")} x2={format!("{x:.1}")} y1={(4.0 * k).to_string()}
                y2={(scale.axis + scale.lanes + 2.0 * k).to_string()}
                stroke="var(--ink)" stroke-width={(1.6 * k).to_string()} />
            <g transform={format!("translate({label:.1} {:.1}) scale({k})", 11.5 * k)}>
                <rect x="-34" y="-10" width="68" height="20" rx="5" fill="var(--invert)" />
                <text class="now" text-anchor="middle" dy=".36em">{ seconds }</text>
            </g>
        </g>
    }
}
