//! The guide: a short walk from the first vote to service, and through a leader's failure.
//!
//! A step says what to look at and why it is so; its button does what the step is about and plays
//! up to the moment where that can be seen. Everything it does is an ordinary command of the run.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::PeerState;
use vivarium_sim::{ClientAct, ClientOp, Command};
use yew::prelude::*;

use super::guide_text::{self, Words};
use crate::i18n::{Lang, Text};
use crate::model::playback::Until;
use crate::model::scene::ServerView;
use crate::view::{Live, Msg, Shown};

/// What a step of the guide is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A vote beats another.
    BetterVote,
    /// A majority agrees.
    Majority,
    /// A leader is elected.
    Elected,
    /// Acceptor and handlers.
    Registered,
    /// The new epoch.
    Epoch,
    /// DIFF, TRUNC or SNAP.
    Synchronise,
    /// The quorum of NEWLEADER.
    Serving,
    /// A write.
    Write,
    /// The leader falls.
    LeaderCrash,
    /// Another is elected.
    NewLeader,
    /// The old one comes back.
    Return,
    /// A leader that nobody hears.
    Isolated,
    /// What only it had is cut off.
    Truncate,
}

/// The steps in their order.
pub const STEPS: [Topic; 13] = [
    Topic::BetterVote,
    Topic::Majority,
    Topic::Elected,
    Topic::Registered,
    Topic::Epoch,
    Topic::Synchronise,
    Topic::Serving,
    Topic::Write,
    Topic::LeaderCrash,
    Topic::NewLeader,
    Topic::Return,
    Topic::Isolated,
    Topic::Truncate,
];

/// What the guide is drawn from: nothing that changes while time passes.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The run, which its buttons act upon.
    pub live: Live,
    /// The language.
    pub lang: Lang,
    /// How many steps are done already.
    pub from: usize,
    /// Where what its buttons do goes.
    pub send: Callback<Msg>,
}

/// The guide.
#[component]
pub fn Guide(props: &Props) -> Html {
    let from = props.from;
    let open = use_state_eq(|| from.saturating_sub(1));
    let done = use_state_eq(|| from);
    use_effect_with(*open, |_| crate::tasks::reveal("#guide li[aria-current]"));
    let Props { live, lang, send, .. } = props;
    let steps = STEPS.iter().enumerate().map(|(index, topic)| {
        let choose = {
            let open = open.clone();
            Callback::from(move |_: MouseEvent| open.set(index))
        };
        let run = {
            let (done, send, live) = (done.clone(), send.clone(), live.clone());
            let (open, topic) = (open.clone(), *topic);
            Callback::from(move |_: MouseEvent| {
                open.set(index);
                done.set((*done).max(index + 1));
                act(topic, &live.shown(), &send);
            })
        };
        let next = {
            let open = open.clone();
            (index + 1 < STEPS.len() && *done > index)
                .then(|| Callback::from(move |_: MouseEvent| open.set(index + 1)))
        };
        let words = guide_text::words(*topic);
        let (open, done) = (*open == index, *done > index);
        draw(Step { index, words, open, done, choose, run, next }, *lang)
    });
    html! {
        <>
            <p class="kick">{ lang.t(Text::GuideKick) }</p>
            <h1 aria-level="2">{ lang.t(Text::GuideTitle) }</h1>
            <ol class="steps" id="guide">{ for steps }</ol>
        </>
    }
}

/// One step as it is drawn.
struct Step {
    index: usize,
    words: Words,
    open: bool,
    done: bool,
    /// Opens it.
    choose: Callback<MouseEvent>,
    /// Does what it is about.
    run: Callback<MouseEvent>,
    /// Opens the next one, once this one is done.
    next: Option<Callback<MouseEvent>>,
}

fn draw(step: Step, lang: Lang) -> Html {
    let Step { index, words, open, done, choose, run, next } = step;
    let title = lang.pick(words.title.0, words.title.1);
    let does = if words.acts { Text::DoStep } else { Text::RunStep };
    html! {
        <li key={index} class={classes!((done && !open).then_some("done"))}
            aria-current={open.then_some("step")} data-i={(index + 1).to_string()}>
            <button type="button" onclick={choose} aria-expanded={open.to_string()}>{ title }
                </button>
            if open {
                <div class="why">
                    <h3>{ lang.t(Text::WhatHappens) }</h3><p>{
                        lang.pick(words.what.0, words.what.1) }</p>
                    <h3>{ lang.t(Text::Why) }</h3><p>{ lang.pick(words.why.0, words.why.1) }</p>
                    <h3>{ lang.t(Text::LookAt) }</h3><p class="look">{
                        lang.pick(words.look.0, words.look.1) }</p>
                    <div class="acts">
                        <button type="button" class="btn solid"
                            id={format!("guide-run-{}", index + 1)}
                            onclick={run}>{ lang.t(does) }</button>
                        if let Some(next) = next {
                            <button type="button" class="btn line" onclick={next}>
                                { lang.pick("Next", "下一步") }
                            </button>
                        }
                    </div>
                </div>
            }
        </li>
    }
}

fn act(topic: Topic, shown: &Shown, send: &Callback<Msg>) {
    let (commands, until) = plan(topic, shown);
    if !commands.is_empty() {
        send.emit(Msg::Commands(commands));
    }
    if let Some(until) = until {
        send.emit(Msg::PlayUntil(until));
    }
}

/// What a step does to the world, and what it then waits for.
fn plan(topic: Topic, shown: &Shown) -> (Vec<Command>, Option<Until>) {
    let leader = shown.scene.leader().map(|leader| leader.id);
    let crash = leader.map(Command::Crash);
    match topic {
        Topic::BetterVote => (start_all(shown), Some(Until::VoteSwitched)),
        Topic::Majority => (Vec::new(), Some(Until::MajorityOfVotes)),
        Topic::Elected => (Vec::new(), Some(Until::Elected)),
        Topic::Registered => (Vec::new(), Some(Until::Registered)),
        Topic::Epoch => (Vec::new(), Some(Until::Promised)),
        Topic::Synchronise => (Vec::new(), Some(Until::SyncPlanned)),
        Topic::Serving => (Vec::new(), Some(Until::Serving)),
        Topic::Write => (write_at(follower(shown), shown), Some(Until::Commit)),
        Topic::LeaderCrash => (crash.into_iter().collect(), Some(Until::Looking)),
        Topic::NewLeader => (Vec::new(), Some(Until::Serving)),
        Topic::Return => {
            let mut commands = write_at(follower(shown), shown);
            commands.extend(start_all(shown));
            (commands, Some(Until::SyncPlanned))
        }
        Topic::Isolated => (isolate(leader, shown), Some(Until::Serving)),
        Topic::Truncate => (vec![Command::HealAll], Some(Until::Divergence)),
    }
}

/// Starts every server that is down.
pub fn start_all(shown: &Shown) -> Vec<Command> {
    let down = shown.scene.servers.values().filter(|server| !server.up);
    down.map(|server| Command::Start(server.id)).collect()
}

fn follower(shown: &Shown) -> Option<ServerId> {
    let in_role =
        |role: PeerState| move |server: &&ServerView| server.up && server.status.role == role;
    let servers = || shown.scene.servers.values().map(std::rc::Rc::as_ref);
    let found = servers().find(in_role(PeerState::Following));
    found.or_else(|| servers().find(in_role(PeerState::Leading))).map(|server| server.id)
}

/// A client at `server` creates a znode that no other step has created.
fn write_at(server: Option<ServerId>, shown: &Shown) -> Vec<Command> {
    let Some(server) = server else { return Vec::new() };
    let client = shown.outside.clients.iter().map(|client| client.id).max().unwrap_or(0) + 1;
    let create = ClientOp::Create {
        path: format!("/guide-{}", shown.position),
        data: "x".to_owned(),
        ephemeral: false,
        sequential: false,
    };
    vec![
        Command::Client { client, act: ClientAct::Connect { server } },
        Command::Client { client, act: ClientAct::Request(create) },
    ]
}

fn isolate(leader: Option<ServerId>, shown: &Shown) -> Vec<Command> {
    let Some(leader) = leader else { return Vec::new() };
    let others = shown.ids.iter().copied().filter(|id| *id != leader).collect();
    let commands = write_at(Some(leader), shown);
    let [connect, write] = commands.as_slice() else { return Vec::new() };
    let Command::Client { client, .. } = connect else { return Vec::new() };
    // A session is a transaction, so it must be open before the leader is alone: the read shows it.
    let read = ClientOp::Get { path: "/".to_owned(), watch: false };
    let read = Command::Client { client: *client, act: ClientAct::Request(read) };
    let partition = Command::Partition(vec![vec![leader], others]);
    vec![connect.clone(), read, partition, write.clone()]
}
