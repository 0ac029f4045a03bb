//! More than nine servers: a tile for each, and the full plate of the chosen one.

use vivarium_protocol::base::{ServerId, SortedMap};
use yew::prelude::*;

use super::parts;
use super::plate::{Moment, Plate};
use super::styled::Styled;
use crate::i18n::Lang;
use crate::model::decimal::tenths;
use crate::model::layout::{PlateSize, Rect};
use crate::model::strips::Columns;
use crate::model::{dense, guests};
use crate::view::{Choices, Msg, OnGround, Selection, Shown};

/// What the tiles are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Where things stand.
    pub ground: OnGround,
    /// Language and selection.
    pub choices: Choices,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The tiles in id order, and a plate beside the chosen one.
#[component]
pub fn Tiles(props: &Props) -> Html {
    let Props { shown, ground, choices, send } = props;
    let chosen = match choices.selection {
        Selection::Server(id) => Some(id),
        Selection::Message(_) | Selection::Link(_) | Selection::Nothing => None,
    };
    let mut clients: SortedMap<ServerId, (u32, usize)> = SortedMap::new();
    for client in &shown.outside.clients {
        if let Some(server) = client.server {
            clients.entry(server).or_insert((client.id, 0)).1 += 1;
        }
    }
    let longest = dense::longest_log(&shown.scene).max(1);
    let tiles = ground.layout.plates.iter().filter_map(|(id, rect)| {
        let server = shown.scene.servers.get(id)?;
        let look = Look {
            state: if server.up { server.status.role.name() } else { "DOWN" },
            with: server.stands_with(),
            share: (dense::log_length(server) as f64 * 10.0 / longest as f64).round() as u8,
            paused: server.up && shown.outside.paused.contains(id),
            clients: clients.get(id).copied(),
        };
        Some(html! {
            <Tile key={id.0} id={*id} look={look} rect={*rect} lang={choices.lang}
                selected={chosen == Some(*id)} send={send.clone()} />
        })
    });
    let plate = chosen.filter(|_| !ground.layout.stage.is_low()).and_then(|id| {
        let tile = ground.layout.plates.get(&id)?;
        let rect = guests::plate_beside(tile, &ground.layout);
        let view = shown.plate(id, &Columns::of(&shown.scene, PlateSize::Full))?;
        Some(html! {
            <Styled key={format!("plate-{id}")} class="place beside" styles={styles(&rect)}>
                <ContextProvider<Moment> context={Moment(shown.at)}>
                    <Plate view={view} size={PlateSize::Full} name="plate" lang={choices.lang}
                        selected={true} send={send.clone()} />
                </ContextProvider<Moment>>
            </Styled>
        })
    });
    html! { <div id="plates" class="dense-plates">{ for tiles }{ plate }</div> }
}

/// A rectangle as styles.
pub fn styles(rect: &Rect) -> Vec<(&'static str, String)> {
    vec![
        ("left", format!("{}px", tenths(rect.x))),
        ("top", format!("{}px", tenths(rect.y))),
        ("width", format!("{}px", tenths(rect.width))),
        ("height", format!("{}px", tenths(rect.height))),
    ]
}

/// What can change about a tile; a tile is drawn again only when this does.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    state: &'static str,
    with: Option<ServerId>,
    /// Length of the log in tenths of the longest.
    share: u8,
    paused: bool,
    /// The first of its clients, and how many there are.
    clients: Option<(u32, usize)>,
}

#[derive(Clone, PartialEq, Properties)]
struct TileProps {
    id: ServerId,
    look: Look,
    rect: Rect,
    lang: Lang,
    selected: bool,
    send: Callback<Msg>,
}

#[component]
fn Tile(props: &TileProps) -> Html {
    let TileProps { id, look, rect, lang, selected, send } = props;
    let select = {
        let (id, send) = (*id, send.clone());
        Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Server(id))))
    };
    let with = look.with.filter(|with| with != id);
    let with = with.map_or_else(String::new, |with| match lang {
        Lang::English => format!(" for {with}"),
        Lang::Chinese => format!("（{with}）"),
    });
    let name = lang.pick("Server", "服务器");
    let class = classes!(
        "tile",
        format!("fill-{}", look.state),
        format!("w-{}", parts::hue_number(look.with)),
        look.paused.then_some("is-PAUSED"),
        (rect.width < 34.0).then_some("tiny"),
    );
    let guests = look.clients.map(|(first, count)| match count {
        1 => format!("c{first}"),
        count => format!("c×{count}"),
    });
    let said = look.clients.map_or_else(String::new, |(_, count)| {
        lang.pick(format!(", clients: {count}"), format!("，客户端 {count} 个"))
    });
    let log = format!("{}%", u32::from(look.share) * 10);
    html! {
        <Styled class="place" styles={styles(rect)}>
            <button type="button" class={class} id={format!("server-{id}")} onclick={select}
                data-server={id.to_string()} data-state={look.state}
                aria-pressed={selected.to_string()}
                aria-label={format!("{name} {id}, {}{with}{said}", look.state)}>
                <span>{ id.0 }</span>
                { parts::icon(look.state) }
                if let Some(guests) = guests {
                    <small class="tile-clients">{ guests }</small>
                }
                <Styled class="lag" styles={vec![("--share", log)]} />
            </button>
        </Styled>
    }
}
