//! What the components share: messages to the root, the selection, the moment that is shown.

use std::cell::{Ref, RefCell};
use std::ops::Deref;
use std::rc::Rc;

use vivarium_protocol::base::{Gather, ServerId, SortedMap, Time};
use vivarium_protocol::trace::{Frame, MessageId};
use vivarium_sim::{Command, Setup};
use yew::prelude::*;

use crate::app::faults::FaultMsg;
use crate::i18n::Lang;
use crate::model::chronicle::Arrow;
use crate::model::dense::MOST_PLATES;
use crate::model::flight::Filters;
use crate::model::layout::{Layout, Link, PlateSize, StageBox};
use crate::model::outside::Outside;
use crate::model::plate::PlateView;
use crate::model::playback::{Playback, Until};
use crate::model::scene::{FlightView, Scene};
use crate::model::strips::Columns;
use crate::model::timers::Limits;
use crate::panels::checker::CheckerMsg;
use crate::panels::export::Export;
use crate::panels::front::LearnMsg;
use crate::panels::time::TimeMsg;

/// What the inspector looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// The ensemble.
    #[default]
    Nothing,
    /// One server.
    Server(ServerId),
    /// One message: its name and the step that sent it.
    Message(MessageId),
    /// What is under way from one server to another.
    Link((ServerId, ServerId)),
}

/// A tab of the left panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The walk-through.
    #[default]
    Guide,
    /// Faults.
    Faults,
    /// Clients: console, histories, staleness, cost.
    Clients,
    /// zoo.cfg.
    Config,
    /// Invariants, the bug zoo and the search.
    Checker,
    /// The inspector, on a narrow screen.
    Inspect,
}

impl Tab {
    /// Every tab.
    pub const ALL: [Tab; 6] =
        [Tab::Guide, Tab::Faults, Tab::Clients, Tab::Config, Tab::Checker, Tab::Inspect];

    /// The tab of that name, if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Tab> {
        Tab::ALL.into_iter().find(|tab| tab.key() == key)
    }

    /// Its name in element ids.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Tab::Guide => "guide",
            Tab::Faults => "faults",
            Tab::Clients => "clients",
            Tab::Config => "cfg",
            Tab::Checker => "check",
            Tab::Inspect => "insp",
        }
    }
}

/// A family of messages that can be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Notifications.
    Votes,
    /// Epoch handshake and synchronisation.
    Sync,
    /// Broadcast.
    Broadcast,
    /// Pings.
    Pings,
}

/// Everything that a component may ask of the root.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// Something about the page and not about the run.
    Page(Page),
    /// Something to be taken away, or opened.
    Export(Export),
    /// Something of the Checker tab.
    Checker(CheckerMsg),
    /// A picture is due; milliseconds of the page's clock.
    Picture(f64),
    /// Reduced motion: the next event is due.
    CalmStep,
    /// Something about time beyond play and step.
    Time(TimeMsg),
    /// Play or pause.
    TogglePlay,
    /// One step on.
    StepForward,
    /// One step back.
    StepBack,
    /// To the next key event.
    NextKey,
    /// To the key event before.
    PreviousKey,
    /// To the beginning.
    Home,
    /// To the end of what is recorded.
    End,
    /// To a moment, in microseconds.
    SeekTime(f64),
    /// To a step of the run.
    SeekStep(u64),
    /// Play at another of the speeds.
    Speed(i32),
    /// A key whose meaning depends on what came before: `u`, `j`, `J` and digits, `,` and `.`.
    Key(char),
    /// Play until something happens.
    PlayUntil(Until),
    /// Do something to the world.
    Command(Command),
    /// Do several things to the world, one after another.
    Commands(Vec<Command>),
    /// Begin another run.
    NewRun(Box<Setup>),
    /// Look at something.
    Select(Selection),
    /// Look at the next (1) or previous (-1) message in flight.
    NextMessage(i32),
    /// Follow what caused the present step.
    FollowCause,
    /// Crash the selected server, or start it.
    CrashOrStart,
    /// Something about making faults.
    Fault(FaultMsg),
    /// The address changed under the page.
    AddressChanged,
    /// A lecturer's remote, or the switch for single keys.
    Everyone(Everyone),
    /// Something about clients.
    Clients(ClientsMsg),
    /// The front page, the walk, a lesson.
    Learn(LearnMsg),
}

/// What a lecturer's remote asks for, and the switch for single keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Everyone {
    /// On: the guide's next step, or the next key event.
    Next,
    /// Back: the guide's step before, or the key event before.
    Previous,
    /// A blank page, or the page again.
    Blank,
    /// Whether single keys mean something.
    SingleKeys(bool),
}

/// What the Clients tab may ask of the root, beyond commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientsMsg {
    /// Play until this client waits for nothing.
    Await(u32),
}

/// What a component may ask about the page itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Open a tab of the left panel.
    Open(Tab),
    /// Show or hide a family.
    Toggle(Filter),
    /// Speak this language.
    Speak(Lang),
    /// Speak the other language.
    SpeakOther,
    /// Light or dark.
    SwitchTheme,
    /// Presentation view on or off.
    Present,
    /// Show or hide the left (false) or right (true) panel.
    Collapse(bool),
    /// Copy a link to this moment.
    Share,
    /// The browser has copied it, or refused to.
    Shared(bool),
    /// The list of keys, on or off.
    Keys,
    /// The comparison of the election algorithms, on or off.
    Elections,
    /// The boot view, on or off.
    Boot,
    /// Close whatever is open.
    Escape,
    /// The stage has another size.
    Resized(StageSize),
    /// The diagram has another width and height in pixels.
    DiagramSize(f64, f64),
    /// Show more (below 1) or less (above 1) time in the diagram.
    Zoom(f64),
    /// Move the diagram's window so that it begins here, in units of its axis.
    Pan(f64),
    /// The toast has been read.
    ToastDone(u32),
}

/// The stage's measures as the browser reports them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageSize {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// Pixels per tenth of a rem.
    pub scale: f64,
}

/// One moment of a run, ready to be drawn. Renewed when something changed, and while playing at
/// most ten times a second.
pub struct Snapshot {
    /// The servers and messages.
    pub scene: Rc<Scene>,
    /// Clients and faults.
    pub outside: Outside,
    /// The playhead.
    pub at: Time,
    /// How many steps lie behind it.
    pub position: usize,
    /// How many steps are recorded.
    pub recorded: usize,
    /// The end of what is recorded.
    pub end: Time,
    /// The step just behind the playhead.
    pub frame: Option<Frame>,
    /// Whether the playhead moves.
    pub playing: bool,
    /// How often the run was forked.
    pub branch: u32,
    /// The members in order.
    pub ids: Vec<ServerId>,
    /// What the run started from.
    pub setup: Rc<Setup>,
    session: Session,
}

/// A run that the root moves and the parts look at.
pub type Session = Rc<RefCell<Playback>>;

impl Snapshot {
    /// The moment at the playhead.
    #[must_use]
    pub fn of(session: &Session) -> Snapshot {
        let playback = session.borrow();
        let world = playback.timeline().world();
        Snapshot {
            scene: playback.scene().clone(),
            outside: Outside::of(world),
            at: playback.now(),
            position: playback.position(),
            recorded: playback.timeline().frames().len(),
            end: playback.chronicle().end,
            frame: playback.last_frame().cloned(),
            playing: playback.playing,
            branch: playback.branch,
            ids: world.ensemble().members.keys().copied().collect(),
            setup: Rc::new(world.setup().clone()),
            session: session.clone(),
        }
    }

    /// The run, for what is asked of it later.
    #[must_use]
    pub fn live(&self) -> Live {
        Live(self.session.clone())
    }

    /// What a server's zoo.cfg says about patience; `None` for one with a file of its own.
    #[must_use]
    pub fn limits(&self, id: ServerId) -> Option<Limits> {
        let Setup { tick_time_ms, init_limit, sync_limit, .. } = *self.setup;
        let common = Limits { tick_ms: tick_time_ms, init: init_limit, sync: sync_limit };
        (!self.outside.own_files.contains_key(&id)).then_some(common)
    }

    /// The run itself, for what reaches beyond the moment: the diagram, causes.
    #[must_use]
    pub fn playback(&self) -> Ref<'_, Playback> {
        self.session.borrow()
    }

    /// What the plate of a server shows, with its log in the columns of all plates.
    #[must_use]
    pub fn plate(&self, id: ServerId, columns: &Columns) -> Option<Rc<PlateView>> {
        let limits = self.limits(id);
        let view = PlateView::of(id, &self.scene, &self.outside, columns, limits, self.at);
        view.map(Rc::new)
    }

    /// A message of the run, by name.
    #[must_use]
    pub fn arrow(&self, id: MessageId) -> Option<Arrow> {
        let playback = self.session.borrow();
        playback.chronicle().arrows.iter().rev().find(|arrow| arrow.travel.id == id).cloned()
    }

    /// A step and what led to it, newest first, each with the scene after it.
    #[must_use]
    pub fn causes(&self, step: u64, most: usize) -> Vec<(Frame, Scene)> {
        let playback = self.session.borrow();
        let mut links = Vec::new();
        let mut next = Some(step);
        while let Some(frame) = next
            .filter(|_| links.len() < most)
            .and_then(|step| playback.timeline().frames().get(step as usize))
        {
            links.push((frame.clone(), playback.scene_after(frame.step as usize + 1)));
            next = frame.caused_by.filter(|cause| *cause < frame.step);
        }
        links
    }
}

/// A snapshot compared by identity.
#[derive(Clone)]
pub struct Shown(pub Rc<Snapshot>);

impl PartialEq for Shown {
    fn eq(&self, other: &Shown) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Shown {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.0
    }
}

/// The run itself, compared by identity: for what looks at the moment only when it is asked to.
#[derive(Clone)]
pub struct Live(pub Session);

impl PartialEq for Live {
    fn eq(&self, other: &Live) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Live {
    /// The moment at the playhead.
    #[must_use]
    pub fn shown(&self) -> Shown {
        Shown(Rc::new(Snapshot::of(&self.0)))
    }
}

/// What a panel is drawn from that only shows the moment and passes on what is asked.
#[derive(Clone, PartialEq, Properties)]
pub struct PanelProps {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The same for a panel that also follows what the visitor has chosen.
#[derive(Clone, PartialEq, Properties)]
pub struct ChoosingProps {
    /// The moment.
    pub shown: Shown,
    /// Language, selection, filters.
    pub choices: Choices,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The stage's layout with every link that it can need.
#[derive(Debug)]
pub struct Ground {
    /// Where the plates stand.
    pub layout: Layout,
    /// The links, by direction; none among tiles, where [`Ground::link`] draws the few it needs.
    pub links: SortedMap<(ServerId, ServerId), Link>,
    /// The same as data of paths.
    paths: SortedMap<(ServerId, ServerId), AttrValue>,
}

impl Ground {
    /// Lays out the stage.
    #[must_use]
    pub fn new(ids: &[ServerId], stage: StageBox) -> Ground {
        let layout = Layout::new(ids, stage);
        if layout.size == PlateSize::Tile {
            return Ground { layout, links: SortedMap::new(), paths: SortedMap::new() };
        }
        let pairs = ids.iter().flat_map(|from| ids.iter().map(move |to| (*from, *to)));
        let links: SortedMap<(ServerId, ServerId), Link> = pairs
            .filter(|(from, to)| from != to)
            .filter_map(|pair| Some((pair, layout.link(pair.0, pair.1)?)))
            .gather();
        let path = |(pair, link): (&(ServerId, ServerId), &Link)| (*pair, link.path().into());
        let paths = links.iter().map(path).gather();
        Ground { layout, links, paths }
    }

    /// The link from one server to another as the data of a path.
    #[must_use]
    pub fn path(&self, pair: (ServerId, ServerId)) -> Option<AttrValue> {
        let known = self.paths.get(&pair).cloned();
        known.or_else(|| self.link(pair).map(|link| link.path().into()))
    }

    /// The link from one server to another.
    #[must_use]
    pub fn link(&self, pair: (ServerId, ServerId)) -> Option<Link> {
        self.links.get(&pair).cloned().or_else(|| {
            let dense = self.layout.size == PlateSize::Tile && pair.0 != pair.1;
            dense.then(|| self.layout.link(pair.0, pair.1)).flatten()
        })
    }
}

/// A ground compared by identity.
#[derive(Clone, Debug)]
pub struct OnGround(pub Rc<Ground>);

impl PartialEq for OnGround {
    fn eq(&self, other: &OnGround) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for OnGround {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.0
    }
}

/// The messages that are drawn on the stage: among tiles only the chosen one, or those of the
/// chosen server or link. While nothing is chosen nobody looks at the thousands under way.
#[must_use]
pub fn drawn<'a>(
    scene: &'a Scene,
    ground: &Ground,
    selection: Selection,
) -> Vec<(&'a MessageId, &'a FlightView)> {
    let few = ground.layout.size != PlateSize::Tile || ground.layout.plates.len() <= MOST_PLATES;
    if !few && selection == Selection::Nothing {
        return Vec::new();
    }
    let chosen = |id: &MessageId| {
        selection == Selection::Message(*id) || is_drawn_on(selection, (id.from, id.to))
    };
    scene.flights.iter().filter(|(id, _)| few || chosen(id)).collect()
}

/// Whether everything on a link is drawn among tiles.
#[must_use]
pub fn is_drawn_on(selection: Selection, pair: (ServerId, ServerId)) -> bool {
    match selection {
        Selection::Server(server) => pair.0 == server || pair.1 == server,
        Selection::Link(link) => pair == link,
        Selection::Message(_) | Selection::Nothing => false,
    }
}

/// What the visitor chose of the page itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choices {
    /// The language.
    pub lang: Lang,
    /// What is inspected.
    pub selection: Selection,
    /// Which messages are drawn.
    pub filters: Filters,
}
