//! The stage: plates, links, messages under way, faults, clients, the majority bar and the key.

pub mod boot;
pub mod boot_words;
pub mod clients;
pub mod cutting;
pub mod dense;
pub mod fence;
pub mod flights;
pub mod glyph;
pub mod link_picks;
pub mod links;
pub mod parts;
pub mod plate;
pub mod strip;
pub mod styled;
pub mod summary;

use vivarium_protocol::base::ServerId;
use web_sys::Element;
use yew::prelude::*;

use crate::i18n::Text;
use crate::model::layout::PlateSize;
use crate::model::strips::Columns;
use crate::panels::later::{Later, Part};
use crate::view::{Choices, ChoosingProps, Msg, OnGround, Page, Selection, Shown, StageSize};
use cutting::Cutting;
use flights::Flights;
use link_picks::LinkPicks;
use links::Links;
use plate::{Moment, Plate};
use styled::Styled;
use summary::{Key, Summary};

/// What the stage is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Where things stand.
    pub ground: OnGround,
    /// Language, selection, filters.
    pub choices: Choices,
    /// The playhead in microseconds, newer than the moment while playing.
    pub playhead: f64,
    /// How fast it moves, as a fraction of real time; 0 when it does not.
    pub speed: f64,
    /// Whose start is shown over the stage, if anybody's.
    pub boot: Option<ServerId>,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The stage.
#[component]
pub fn Stage(props: &Props) -> Html {
    let node = use_node_ref();
    use_size(node.clone(), props.send.clone());
    let Props { shown, ground, choices, send, .. } = props;
    let tight = ground.layout.size == PlateSize::Compact && shown.ids.len() <= 6;
    let small = ground.layout.size == PlateSize::Mini;
    let dense = ground.layout.size == PlateSize::Tile;
    let choosing = ChoosingProps { shown: shown.clone(), choices: *choices, send: send.clone() };
    html! {
        <section ref={node.clone()} id="stage" tabindex="-1" role="main"
            class={classes!("stage", tight.then_some("tight"), small.then_some("small"))}
            aria-label={choices.lang.t(Text::Stage)}>
            <Links shown={shown.clone()} ground={ground.clone()} choices={*choices}
                send={send.clone()} />
            <Summary shown={shown.clone()} lang={choices.lang} />
            if dense {
                <Later part={Part::Tiles(dense::Props {
                    shown: shown.clone(),
                    ground: ground.clone(),
                    choices: *choices,
                    send: send.clone(),
                })} />
            } else {
                <Key lang={choices.lang} />
                <Plates shown={shown.clone()} ground={ground.clone()} choices={*choices}
                    send={send.clone()} />
            }
            <LinkPicks choosing={choosing} ground={ground.clone()} />
            if !shown.outside.clients.is_empty() {
                <Later part={Part::Guests(clients::Props {
                    shown: shown.clone(),
                    ground: ground.clone(),
                    choices: *choices,
                })} />
            }
            <Cutting stage={node} shown={shown.clone()} ground={ground.clone()}
                lang={choices.lang} send={send.clone()} />
            <Flights shown={shown.clone()} ground={ground.clone()} choices={*choices}
                playhead={props.playhead} speed={props.speed} send={send.clone()} />
            if let Some(id) = props.boot {
                <Later part={Part::Boot(boot::Props {
                    shown: shown.clone(),
                    id,
                    lang: choices.lang,
                    send: send.clone(),
                })} />
            }
        </section>
    }
}

/// Tells the root whenever the stage's size changes.
#[hook]
fn use_size(node: NodeRef, send: Callback<Msg>) {
    crate::hooks::size::use_element_size(node, move |element| {
        if let Some(size) = measure(element) {
            send.emit(Msg::Page(Page::Resized(size)));
        }
    });
}

fn measure(element: &Element) -> Option<StageSize> {
    let rect = element.get_bounding_client_rect();
    Some(StageSize {
        width: rect.width(),
        height: rect.height(),
        scale: crate::tasks::text_scale()?,
    })
}

#[derive(Clone, PartialEq, Properties)]
struct PlatesProps {
    shown: Shown,
    ground: OnGround,
    choices: Choices,
    send: Callback<Msg>,
}

/// The plates in id order, each at its place.
#[component]
fn Plates(props: &PlatesProps) -> Html {
    let PlatesProps { shown, ground, choices, send } = props;
    let size = ground.layout.size;
    let columns = Columns::of(&shown.scene, size);
    let plates = ground.layout.plates.iter().filter_map(|(id, rect)| {
        let view = shown.plate(*id, &columns)?;
        let styles = dense::styles(rect);
        let selected = choices.selection == Selection::Server(*id);
        Some(html! {
            <Styled key={id.0} class="place" styles={styles}>
                <Plate view={view} size={size} lang={choices.lang} selected={selected}
                    send={send.clone()} />
            </Styled>
        })
    });
    html! {
        <div id="plates">
            <ContextProvider<Moment> context={Moment(shown.at)}>
                { for plates }
            </ContextProvider<Moment>>
        </div>
    }
}
