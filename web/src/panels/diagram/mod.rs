//! The space-time diagram: one lane per server, time from left to right, and the playhead that can
//! be dragged. It is the scrubber: past, present and recorded future are all on it. When two
//! runs are compared, each has its own lanes under one axis.

mod arrows;
mod cone;
mod drag;
pub mod ink;
mod lanes;
mod lines;
mod network;
mod overlay;
mod scale;
mod slices;
mod strip;

use std::rc::Rc;

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::trace::Frame;
use vivarium_sim::Cuts;
use yew::prelude::*;

use crate::i18n::Text;
use crate::model::causal::Cone;
use crate::model::chronicle::Chronicle;
use crate::model::decimal::{short, tenths};
use crate::model::playback::Playback;
use crate::panels::time::TimeView;
use crate::stage::styled::Styled;
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

/// The diagram. What scrolls stands in a layer of its own, so that time passing moves that layer
/// and draws nothing again; the playhead and the veils lie over it.
#[component]
pub fn Diagram(props: &Props) -> Html {
    let node = use_node_ref();
    use_size(node.clone(), props.send.clone());
    let scale = Scale::new(props);
    let handlers = drag::use_drag(scale, props);
    let lang = props.choices.lang;
    let flowing = props.flowing();
    let latest = {
        // While playing, what stands still beside the lanes follows the moment and not the picture.
        let moment = (props.shown.clone(), (!flowing).then_some(scale));
        use_memo(moment, move |_| scale)
    };
    let plot = if flowing { scale.ahead(&latest) } else { scale };
    let moved = plot.x(scale.window.start) - scale.left;
    let own = props.own();
    let view_box = format!("0 0 {} {}", short(scale.width), short(scale.height));
    html! {
        <div ref={node} class="st" id="diagram" data-axis={format!("{:?}", scale.counts)}
            role="slider" tabindex="0"
            aria-label={lang.t(Text::Time)} aria-valuemin="0"
            aria-valuemax={(props.shown.end.0 / 1000).to_string()}
            aria-valuenow={(props.shown.at.0 / 1000).to_string()}
            aria-valuetext={format!("{} {}", props.shown.at, props.sentence)}
            onpointerdown={handlers.down} onpointermove={handlers.moved}
            onpointerup={handlers.up.clone()} onpointercancel={handlers.up}
            onwheel={handlers.wheel}>
            <svg viewBox={view_box.clone()} aria-hidden="true">
                <Ticks scale={scale} />
                <Beside ..own.clone().on(*latest) />
            </svg>
            <Styled class="plot" styles={overlay::plot(&scale)}>
                <Styled class={classes!("sliding", flowing.then_some("flowing"))}
                    styles={overlay::sliding(&scale, moved)}>
                    <svg viewBox={view_box} aria-hidden="true">
                        <Recorded ..own.on(plot) />
                    </svg>
                </Styled>
                { overlay::unknown(props, &scale) }
                { overlay::veil(props.playhead, &scale) }
            </Styled>
            { overlay::playhead(props.playhead, props.now, &scale) }
        </div>
    }
}

impl Props {
    /// Whether time flows: only one run is drawn then, and what is drawn of it is never clicked
    /// one by one.
    fn flowing(&self) -> bool {
        self.shown.playing && self.time.beside.is_none()
    }

    fn own(&self) -> Own {
        let Props { shown, choices, time, send, .. } = self.clone();
        Own { shown, choices, time, send }
    }
}

/// What the parts are drawn from, but for their scale.
#[derive(Clone)]
struct Own {
    shown: Shown,
    choices: Choices,
    time: TimeView,
    send: Callback<Msg>,
}

impl Own {
    fn on(self, scale: Scale) -> RecordedProps {
        let Own { shown, choices, time, send } = self;
        RecordedProps { shown, choices, scale, time, send }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct TicksProps {
    scale: Scale,
}

/// The axis.
#[component]
fn Ticks(props: &TicksProps) -> Html {
    lanes::ticks(&props.scale)
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

impl<'a> Drawn<'a> {
    /// The run that is shown, at the moment that is shown.
    fn own(shown: &'a Shown, playback: &'a Playback, cone: Option<&'a Cone>) -> Drawn<'a> {
        Drawn {
            chronicle: playback.chronicle(),
            frames: playback.timeline().frames(),
            cuts: playback.timeline().cuts(),
            ids: shown.ids.as_slice(),
            at: shown.at,
            cone,
            broken: playback.violations(),
            beside: false,
        }
    }

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

impl RecordedProps {
    /// The run beside it, if there is one, each with its own half of the scale.
    fn other<'a>(&'a self, own: &Drawn<'a>) -> Option<(Drawn<'a>, Scale, Scale)> {
        let twin = &self.time.beside.as_ref()?.twin;
        let (chronicle, frames, cuts) = (&twin.chronicle, &twin.frames[..], &twin.cuts[..]);
        let other =
            Drawn { chronicle, frames, cuts, cone: None, broken: &[], beside: true, ..*own };
        let halves = |lower| self.scale.half(lower, own.ids.len());
        Some((other, halves(false), halves(true)))
    }
}

/// What lies on the lanes: drawn again only when the moment or the window changes.
#[component]
fn Recorded(props: &RecordedProps) -> Html {
    let RecordedProps { shown, scale, time, .. } = props;
    let playback = shown.playback();
    let frames = playback.timeline().frames();
    let cone = focus(props).and_then(|step| {
        let from = scale.counts.moment(frames, scale.window.start).1 as u64;
        let to = scale.counts.moment(frames, scale.window_end()).1 as u64;
        Cone::of(frames, step, from, to.max(step + 1)).map(Rc::new)
    });
    let own = Drawn::own(shown, &playback, cone.as_deref());
    let lanes = match props.other(&own) {
        None => run(props, &own, cone.clone(), scale),
        Some((other, upper, lower)) => {
            let differs = time.beside.as_ref().and_then(|beside| beside.twin.differs);
            html! {
                <>
                    { run(props, &own, cone.clone(), &upper) }
                    { run(props, &other, None, &lower) }
                    { difference(differs, &own, scale) }
                </>
            }
        }
    };
    html! { <>{ defs(scale) }{ lanes }</> }
}

/// What stands beside and under the lanes: the servers' names and the strip of the whole run.
#[component]
fn Beside(props: &RecordedProps) -> Html {
    let RecordedProps { shown, choices, scale, .. } = props;
    let playback = shown.playback();
    let own = Drawn::own(shown, &playback, None);
    let labels = |drawn: &Drawn, scale: &Scale| {
        if drawn.many() {
            lines::labels(drawn, scale, choices.lang)
        } else {
            lanes::labels(shown, drawn, scale, choices.lang)
        }
    };
    let labels = match props.other(&own) {
        None => labels(&own, scale),
        Some((other, upper, lower)) => {
            html! { <>{ labels(&own, &upper) }{ labels(&other, &lower) }</> }
        }
    };
    html! { <>{ labels }{ strip::strip(shown, scale, choices.lang) }</> }
}

/// The step whose past and future are highlighted: the sending of the selected message, or the
/// step at the playhead if that is asked for.
fn focus(props: &RecordedProps) -> Option<u64> {
    let RecordedProps { shown, choices, time, .. } = props;
    match choices.selection {
        Selection::Message(id) => shown.arrow(id).map(|arrow| arrow.step),
        Selection::Server(_) | Selection::Link(_) | Selection::Nothing if time.cone => {
            shown.position.checked_sub(1).map(|step| step as u64)
        }
        Selection::Server(_) | Selection::Link(_) | Selection::Nothing => None,
    }
}

/// The lanes of one run. While time flows, what there is most of is drawn in slices.
fn run(props: &RecordedProps, drawn: &Drawn, cone: Option<Rc<Cone>>, scale: &Scale) -> Html {
    let RecordedProps { shown, choices, send, time, .. } = props;
    let flowing = shown.playing && time.beside.is_none();
    html! {
        <g data-run={if drawn.beside { "beside" } else { "own" }}>
            { lanes::selected(drawn, choices, scale) }
            if drawn.many() {
                { lines::lines(drawn, scale) }
            } else {
                { lanes::bands(drawn, scale) }
            }
            { cone::veils(drawn, scale) }
            { network::cuts(drawn, scale) }
            { network::acts(drawn, scale) }
            { network::broken(drawn, scale, choices.lang) }
            if flowing && !drawn.many() {
                { slices::slices(drawn, choices, scale, shown, cone) }
            } else {
                { arrows::pings(drawn, choices, scale) }
                { arrows::arrows(drawn, choices, scale, send) }
            }
            if !drawn.many() {
                { lanes::words(drawn, scale) }
                { lanes::marks(drawn, scale, flowing) }
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
            <path d={format!("M{} {}V{}", tenths(x), tenths(top), tenths(end))} />
            <path d={format!("M{} {}l-5 -7h10z", tenths(x), tenths(top))} class="fill" />
        </g>
    }
}

/// Stripes in every hue, and the hatch of cuts.
fn defs(scale: &Scale) -> Html {
    let k = scale.text_scale;
    let stripes = (0..=9).map(|number| {
        let hue =
            if number == 0 { "var(--line-3)".to_owned() } else { format!("var(--s{number})") };
        html! {
            <pattern key={number} id={format!("lk{number}")} width={short(8.0 * k)}
                height={short(8.0 * k)} patternUnits="userSpaceOnUse"
                patternTransform="rotate(38)">
                <rect width={short(8.0 * k)} height={short(8.0 * k)}
                    fill="var(--panel)" />
                <rect width={short(8.0 * k)} height={short(8.0 * k)}
                    fill={hue.clone()} opacity=".1" />
                <rect width={short(3.4 * k)} height={short(8.0 * k)} fill={hue}
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
        </defs>
    }
}
