//! The space-time diagram: one lane per server, time from left to right, and the playhead that can
//! be dragged. It is the scrubber: past, present and recorded future are all on it.

mod arrows;
mod lanes;
mod lines;
mod scale;
mod strip;

use vivarium_protocol::base::Time;
use web_sys::{Element, PointerEvent, WheelEvent};
use yew::prelude::*;

use crate::i18n::Text;
use crate::view::{Choices, Msg, Page, Shown};
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
    /// The playhead in microseconds, newer than the moment while playing.
    pub playhead: f64,
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
    let dragging = use_mut_ref(|| None::<Drag>);
    let down = {
        let (dragging, send) = (dragging.clone(), props.send.clone());
        Callback::from(move |event: PointerEvent| {
            let Some((x, y)) = begin(&event) else { return };
            let drag = if y > scale.strip_top() { Drag::Strip } else { Drag::Playhead };
            *dragging.borrow_mut() = Some(drag);
            send.emit(drag.message(x, &scale));
        })
    };
    let moved = {
        let (dragging, send) = (dragging.clone(), props.send.clone());
        Callback::from(move |event: PointerEvent| {
            if let (Some(drag), Some((x, _))) = (*dragging.borrow(), place(&event)) {
                send.emit(drag.message(x, &scale));
            }
        })
    };
    let up = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = None);
    let wheel = {
        let send = props.send.clone();
        Callback::from(move |event: WheelEvent| {
            event.prevent_default();
            send.emit(Msg::Page(Page::Zoom(if event.delta_y() < 0.0 { 0.8 } else { 1.25 })));
        })
    };
    let lang = props.choices.lang;
    html! {
        <div ref={node} class="st" id="diagram" role="slider" tabindex="0"
            aria-label={lang.t(Text::Time)} aria-valuemin="0"
            aria-valuemax={(props.shown.end().0 / 1000).to_string()}
            aria-valuenow={(props.shown.at.0 / 1000).to_string()}
            aria-valuetext={format!("{} {}", props.shown.at, props.sentence)}
            onpointerdown={down} onpointermove={moved} onpointerup={up.clone()}
            onpointercancel={up} onwheel={wheel}>
            <svg viewBox={format!("0 0 {} {}", scale.width, scale.height)} aria-hidden="true">
                <Recorded shown={props.shown.clone()} choices={props.choices} scale={scale}
                    send={props.send.clone()} />
                { playhead(props.playhead, &scale) }
            </svg>
        </div>
    }
}

/// What a pointer moves.
#[derive(Clone, Copy)]
enum Drag {
    Playhead,
    Strip,
}

impl Drag {
    fn message(self, x: f64, scale: &Scale) -> Msg {
        match self {
            Drag::Playhead => Msg::SeekTime(scale.time_at(x)),
            Drag::Strip => Msg::Page(Page::Pan(scale.strip_time_at(x) - scale.window.span / 2.0)),
        }
    }
}

/// A press on a message is a choice of that message, not a scrub.
fn begin(event: &PointerEvent) -> Option<(f64, f64)> {
    let target: Element = event.target_unchecked_into();
    if target.closest("[data-message]").ok().flatten().is_some() {
        return None;
    }
    let holder = target.closest("#diagram").ok().flatten()?;
    // Without capture a drag ends at the diagram's edge; nothing else changes.
    let _ = holder.set_pointer_capture(event.pointer_id());
    place(event)
}

fn place(event: &PointerEvent) -> Option<(f64, f64)> {
    let target: Element = event.target_unchecked_into();
    let rect = target.closest("#diagram").ok().flatten()?.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top()))
}

#[hook]
fn use_size(node: NodeRef, send: Callback<Msg>) {
    crate::hooks::size::use_element_size(node, move |element| {
        let rect = element.get_bounding_client_rect();
        send.emit(Msg::Page(Page::DiagramSize(rect.width(), rect.height())));
    });
}

#[derive(Clone, PartialEq, Properties)]
struct RecordedProps {
    shown: Shown,
    choices: Choices,
    scale: Scale,
    send: Callback<Msg>,
}

/// Everything but the playhead: drawn again only when the moment or the window changes.
#[component]
fn Recorded(props: &RecordedProps) -> Html {
    let RecordedProps { shown, choices, scale, send } = props;
    let many = shown.ids.len() > crate::model::dense::MOST_PLATES;
    html! {
        <>
            { defs(scale) }
            { lanes::ticks(scale) }
            <g clip-path="url(#plot)">
                { lanes::selected(shown, choices, scale) }
                if many {
                    { lines::lines(shown, scale) }
                } else {
                    { lanes::bands(shown, scale) }
                }
                { lanes::cuts(shown, scale) }
                { arrows::arrows(shown, choices, scale, send) }
                if !many {
                    { lanes::words(shown, scale) }
                    { lanes::marks(shown, scale) }
                }
            </g>
            if many {
                { lines::labels(shown, scale, choices.lang) }
            } else {
                { lanes::labels(shown, scale, choices.lang) }
            }
            { strip::strip(shown, scale, choices.lang) }
        </>
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

/// The veil over the recorded future, and the line of the present with its time.
fn playhead(at: f64, scale: &Scale) -> Html {
    let k = scale.text_scale;
    let x = scale.x(at).clamp(scale.left, scale.right());
    let label = x.clamp(scale.left + 20.0 * k, scale.right() - 30.0 * k);
    let seconds = Time(at as u64).to_string();
    html! {
        <g class="playhead">
            <rect class="veil" x={format!("{x:.1}")} y={scale.axis.to_string()}
                width={format!("{:.1}", (scale.right() - x).max(0.0))}
                height={scale.lanes_height().to_string()} />
            <line x1={format!("{x:.1}")} x2={format!("{x:.1}")} y1={(4.0 * k).to_string()}
                y2={(scale.axis + scale.lanes_height() + 2.0 * k).to_string()}
                stroke="var(--ink)" stroke-width={(1.6 * k).to_string()} />
            <g transform={format!("translate({label:.1} {:.1}) scale({k})", 11.5 * k)}>
                <rect x="-34" y="-10" width="68" height="20" rx="5" fill="var(--invert)" />
                <text class="now" text-anchor="middle" dy=".36em">{ seconds }</text>
            </g>
        </g>
    }
}
