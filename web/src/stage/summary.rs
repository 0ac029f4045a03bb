//! The stage's corners: headline and majority bar, and the key.

use std::rc::Rc;

use vivarium_protocol::base::{Arrange, Epoch, ServerId, SortedMap, Zxid};
use vivarium_protocol::message::{Channel, PacketKind, PeerState, Vote};
use vivarium_protocol::trace::{MessageId, Travel, TravelFate};
use yew::prelude::*;

use super::parts;
use super::styled::Styled;
use crate::i18n::{Lang, Text};
use crate::model::decimal::hundredths;
use crate::model::dense::{self, Stance};
use crate::model::outside::cut_words;
use crate::model::scene::ServerView;
use crate::view::Shown;

/// What the corners are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
}

/// Headline, majority bar, the one rule of colour.
#[component]
pub fn Summary(props: &Props) -> Html {
    let Props { shown, lang } = props;
    let voters = shown.scene.voters();
    let dense = shown.ids.len() > dense::MOST_PLATES;
    let cuts = cut_words(&shown.outside, &shown.ids, *lang);
    html! {
        <div class={classes!("ens", dense.then_some("wide"))}>
            <div class="ens-top"><h2 id="headline">{ headline(shown, *lang) }</h2>
                if let Some(words) = cuts.filter(|_| dense) {
                    <span class="cut-sum" id="cuts-in-words">{ parts::icon("cut") }{ words }</span>
                }
            </div>
            if dense {
                { group_bar(shown, voters, *lang) }
            } else if voters > 1 {
                { bar(shown, voters, *lang) }
            }
            <p>{ lang.t(Text::ColourRule) }</p>
        </div>
    }
}

fn headline(shown: &Shown, lang: Lang) -> String {
    if shown.ids.len() == 1 {
        return lang.t(Text::Standalone).to_owned();
    }
    match shown.scene.leader() {
        Some(leader) => {
            let id = leader.id;
            match leader.leads_epoch(&shown.scene) {
                Some(epoch) => lang.pick(
                    format!("Leader {id}, epoch {epoch}"),
                    format!("Leader {id}，纪元 {epoch}"),
                ),
                None => lang
                    .pick(format!("Leader {id}, no epoch yet"), format!("Leader {id}，尚无纪元")),
            }
        }
        None => lang.t(Text::NoLeader).to_owned(),
    }
}

/// One segment per voter, ordered by allegiance, with a tick at the majority.
fn bar(shown: &Shown, voters: usize, lang: Lang) -> Html {
    let majority = voters / 2 + 1;
    let mut servers: Vec<&ServerView> =
        shown.scene.servers.values().map(Rc::as_ref).filter(|server| server.votes).collect();
    let mut followers: SortedMap<ServerId, usize> = SortedMap::new();
    for with in servers.iter().filter_map(|server| server.stands_with()) {
        *followers.entry(with).or_default() += 1;
    }
    servers.arrange(|server| rank(server, &followers));
    let segments = servers.iter().map(|server| {
        let state = if server.up { server.status.role.name() } else { "DOWN" };
        let hue = format!("w-{}", parts::hue_number(server.stands_with()));
        html! { <i key={server.id.0} class={classes!(format!("fill-{state}"), hue)}>{
        server.id.0 }</i> }
    });
    framed(html! { <>{ for segments }</> }, majority, voters, lang)
}

/// More than nine voters: one segment for each group that stands alike, with its count.
fn group_bar(shown: &Shown, voters: usize, lang: Lang) -> Html {
    let segments = dense::groups(&shown.scene).into_iter().filter(|group| group.voters > 0);
    let mut before = 0;
    let segments = segments.map(|group| {
        // A count that would stand on the tick of the majority stands at its segment's start.
        let middle = 2 * before + group.voters;
        let ticked = middle.abs_diff(2 * (voters / 2 + 1)) * 20 < voters;
        before += group.voters;
        let (state, with) = match group.stance {
            Stance::With(leader) => ("FOLLOWING", Some(leader)),
            Stance::VotesFor(candidate) => ("LOOKING", Some(candidate)),
            Stance::Alone => ("LOOKING", None),
            Stance::Down => ("DOWN", None),
        };
        let hue = format!("w-{}", parts::hue_number(with));
        let class = classes!("seg", ticked.then_some("ticked"), format!("fill-{state}"), hue);
        let grow = vec![("flex-grow", group.voters.to_string())];
        html! {
            <Styled key={format!("{:?}", group.stance)} class={class} styles={grow}>
                { group.voters }
            </Styled>
        }
    });
    framed(html! { <>{ for segments }</> }, voters / 2 + 1, voters, lang)
}

/// How far along the bar the middle of the majority's words may stand, in hundredths.
const WORDS_AT_MOST: f64 = 75.0;

/// The segments with a tick at the majority and its words.
fn framed(segments: Html, majority: usize, voters: usize, lang: Lang) -> Html {
    let share = majority as f64 / voters as f64 * 100.0;
    let at = format!("{}%", hundredths(share));
    // Of two voters both are needed: words below the end of the bar would run under a plate.
    let words_at = format!("{}%", hundredths(share.min(WORDS_AT_MOST)));
    let words = lang.pick(
        format!("majority: {majority} of {voters}"),
        format!("多数：{voters} 台中的 {majority} 台"),
    );
    html! {
        <div class="maj" role="img" aria-label={format!("{}: {words}", lang.t(Text::MajorityBar))}>
            { segments }
            <Styled class="t" styles={vec![("left", format!("calc({at} - .15rem)"))]} />
            <Styled class="tl" styles={vec![("left", words_at)]}>{ words }</Styled>
        </div>
    }
}

fn rank(
    server: &ServerView,
    followers: &SortedMap<ServerId, usize>,
) -> (bool, std::cmp::Reverse<usize>, Option<ServerId>, u8, ServerId) {
    let with = server.stands_with();
    let count = with.and_then(|with| followers.get(&with)).copied().unwrap_or(0);
    let role = match server.status.role {
        PeerState::Leading => 0,
        PeerState::Following => 1,
        PeerState::Looking => 2,
        PeerState::Observing => 3,
    };
    (!server.up, std::cmp::Reverse(count), with, role, server.id)
}

/// What the key needs.
#[derive(Clone, PartialEq, Properties)]
pub struct KeyProps {
    /// The language.
    pub lang: Lang,
}

/// The key to shapes and cells.
#[component]
pub fn Key(props: &KeyProps) -> Html {
    let lang = props.lang;
    let shape = |travel: &Travel, radius: f64| {
        html! {
            <svg viewBox="-14 -14 28 28" class="glyph" aria-hidden="true">
                { parts::glyph(travel, Some(ServerId(2)), radius) }
            </svg>
        }
    };
    let cell = |class: &'static str| {
        html! { <span class="log" aria-hidden="true"><s class={format!("{class} e-2")}>{ 7 }</s>
        </span> }
    };
    let snapshot = html! { <span class="log" aria-hidden="true"><s class="sn">{ "S" }</s></span> };
    html! {
        <div class="key" aria-label={lang.t(Text::Key)}>
            <div>{ shape(&example_vote(), 9.0) }{ lang.t(Text::VoteForThree) }</div>
            <div>{ cell("c") }{ lang.t(Text::Committed) }</div>
            <div>{ shape(&example(PacketKind::FollowerInfo), 8.0) }{
                lang.t(Text::EpochHandshake) }</div>
            <div>{ cell("l") }{ lang.t(Text::OnlyLogged) }</div>
            <div>{ shape(&example(PacketKind::Diff), 8.5) }{ lang.t(Text::Synchronisation) }</div>
            <div>{ cell("m") }{ lang.t(Text::MissingOnItsWay) }</div>
            <div>{ shape(&example(PacketKind::Proposal), 9.0) }{ lang.t(Text::ProposalCommit) }
                </div>
            <div>{ cell("x edge") }{ lang.t(Text::ToBeCut) }</div>
            <div>{ snapshot }{ lang.pick("snapshot", "快照") }</div>
            <div>{ cell("gone") }{ lang.pick("cut off", "已截掉") }</div>
        </div>
    }
}

/// A packet for a key or a filter.
#[must_use]
pub fn example(packet: PacketKind) -> Rc<Travel> {
    let zxid = Zxid::new(Epoch(4), 7);
    let id = MessageId { from: ServerId(1), to: ServerId(2), channel: Channel::Quorum, count: 0 };
    Rc::new(Travel {
        id,
        packet: Some(packet),
        notification: None,
        zxid: Some(zxid),
        summary: String::new(),
        bytes: None,
        fate: TravelFate::Arrived,
    })
}

/// A vote for a key or a filter.
#[must_use]
pub fn example_vote() -> Rc<Travel> {
    let vote = Vote { leader: ServerId(3), zxid: Zxid::ZERO, peer_epoch: Epoch(0) };
    let mut travel = Rc::unwrap_or_clone(example(PacketKind::Ping));
    travel.packet = None;
    travel.notification = Some((PeerState::Looking, vote, 1));
    Rc::new(travel)
}
