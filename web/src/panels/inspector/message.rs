//! One message in full: its route and progress, its bytes and fields, what caused it.

use std::rc::Rc;

use vivarium_protocol::message::PacketKind;
use vivarium_protocol::trace::{MessageId, Travel};
use yew::prelude::*;

use super::bytes::Bytes;
use super::{chain, close, on_link, seconds, section};
use crate::i18n::{Lang, Text};
use crate::model::bytes;
use crate::model::chronicle::{Arrow, Ending};
use crate::narrate;
use crate::panels::message_acts::MessageActs;
use crate::stage::parts;
use crate::view::{Msg, Shown};

/// The inspector of a message.
pub fn view(id: MessageId, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let Some(arrow) = shown.arrow(id) else { return super::ensemble::view(shown, lang, send) };
    let travel = &arrow.travel;
    let leader = travel.zxid.and_then(|zxid| parts::epoch_hue(&shown.scene, zxid.epoch()));
    html! {
        <>
            <div class="ihead">
                { parts::glyph_svg(travel, leader, 11.0) }
                <div>
                    <h2>{ narrate::message_name(lang, travel) }</h2>
                    <p>{ format!("{} → {} · {}", id.from, id.to, progress(&arrow, shown, lang)) }
                        </p>
                </div>
                { close(lang, send) }
            </div>
            <div class="pane flush" id="inspector-message">
                <div class="sec"><p class="lead">{ purpose(travel, lang) }</p></div>
                <MessageActs id={id} shown={shown.clone()} lang={lang} send={send.clone()} />
                { times(&arrow, shown, lang) }
                { on_link::list((id.from, id.to), Some(id), shown, lang, send) }
                <OnWire shown={shown.clone()} {id} step={arrow.step} {lang} />
                { section(html! { lang.t(Text::CausedBy) }, html! {},
                    chain(Some(arrow.step), shown, lang, send)) }
            </div>
        </>
    }
}

fn progress(arrow: &Arrow, shown: &Shown, lang: Lang) -> String {
    let lost = matches!(arrow.ending, Ending::Lost(at) if at <= shown.at);
    if lost {
        return lang.t(Text::LostWord).to_owned();
    }
    if shown.outside.held.contains_key(&arrow.travel.id) {
        return lang.pick("held on its way", "途中被扣住").to_owned();
    }
    if shown.at >= arrow.arrives {
        return lang.t(Text::Delivered).to_owned();
    }
    let whole = arrow.arrives.since(arrow.sent).max(1);
    let percent = shown.at.since(arrow.sent) * 100 / whole;
    format!("{} {percent} %", lang.t(Text::InFlight))
}

fn times(arrow: &Arrow, shown: &Shown, lang: Lang) -> Html {
    let (text, at) = match arrow.ending {
        Ending::Lost(at) => (Text::LostWord, at),
        Ending::Flying | Ending::Arrived if shown.at >= arrow.arrives => {
            (Text::Received, arrow.arrives)
        }
        Ending::Flying | Ending::Arrived => (Text::Arrives, arrow.arrives),
    };
    // When a held message arrives is the visitor's to say.
    let held = shown.outside.held.contains_key(&arrow.travel.id);
    let row = |text: Text, us: u64| {
        html! { <div><dt>{ lang.t(text) }</dt><dd>{ format!("{} s", seconds(us)) }</dd></div> }
    };
    section(
        html! { lang.t(Text::Times) },
        html! {},
        html! { <dl class="vars">{ row(Text::Sent, arrow.sent.0) }
        if !held { { row(text, at.0) } }</dl> },
    )
}

#[derive(Clone, PartialEq, Properties)]
struct OnWireProps {
    shown: Shown,
    id: MessageId,
    step: u64,
    lang: Lang,
}

/// The bytes of a message. They are looked up once: a message never changes.
#[component]
fn OnWire(props: &OnWireProps) -> Html {
    let OnWireProps { shown, id, step, lang } = props;
    let named = (*id, *step, shown.branch);
    let wire = use_memo(named, |_| {
        let sent = bytes::sent(shown.playback().timeline(), *step, *id);
        sent.map(|message| Rc::new(bytes::of_message(&message)))
    });
    match &*wire {
        Some(wire) => html! { <Bytes wire={wire.clone()} lang={*lang} /> },
        None => html! {},
    }
}

/// What a message of this kind is for, in one sentence.
fn purpose(travel: &Travel, lang: Lang) -> &'static str {
    let Some(packet) = travel.packet else {
        return lang.pick(
            "A vote: whom its sender proposes, how new that candidate's log is, in which round.",
            "一张选票：发送者推举谁、候选者的日志有多新、处于第几轮。",
        );
    };
    let (english, chinese) = purposes(packet);
    lang.pick(english, chinese)
}

fn purposes(packet: PacketKind) -> Purpose {
    match packet {
        PacketKind::FollowerInfo => FOLLOWER_INFO,
        PacketKind::ObserverInfo => OBSERVER_INFO,
        PacketKind::LeaderInfo => LEADER_INFO,
        PacketKind::AckEpoch => ACK_EPOCH,
        PacketKind::Diff => DIFF,
        PacketKind::Trunc => TRUNC,
        PacketKind::Snap => SNAP,
        PacketKind::NewLeader => NEW_LEADER,
        PacketKind::UpToDate => UP_TO_DATE,
        PacketKind::Request => REQUEST,
        PacketKind::Proposal => PROPOSAL,
        PacketKind::Ack => ACK,
        PacketKind::Commit => COMMIT,
        PacketKind::Inform | PacketKind::InformAndActivate => INFORM,
        PacketKind::CommitAndActivate => COMMIT_AND_ACTIVATE,
        PacketKind::Ping => PING,
        PacketKind::Revalidate => REVALIDATE,
        PacketKind::Sync => SYNC,
    }
}

/// A sentence in English and in Chinese.
type Purpose = (&'static str, &'static str);

const FOLLOWER_INFO: Purpose = (
    "I follow you; this is the highest epoch that I have promised.",
    "我跟随你；这是我承诺过的最高纪元。",
);
const OBSERVER_INFO: Purpose =
    ("I observe you; this is the highest epoch that I know.", "我观察你；这是我所知的最高纪元。");
const LEADER_INFO: Purpose = (
    "This is the epoch in which I lead: promise to follow nobody of an older one.",
    "这是我领导的纪元：请承诺不再跟随更旧的 Leader。",
);
const ACK_EPOCH: Purpose =
    ("I promise the epoch; here is where my log ends.", "我承诺这个纪元；这是我日志的末尾。");
const DIFF: Purpose =
    ("You lack only what follows; nothing has to be cut.", "你只缺其后的条目，无需截断。");
const TRUNC: Purpose = (
    "Cut your log after this entry: what lies beyond is not part of the history.",
    "把日志截到此条为止：其后的不属于这份历史。",
);
const SNAP: Purpose =
    ("Forget your tree; here is the whole of mine.", "丢弃你的树；这是我的整棵树。");
const NEW_LEADER: Purpose = (
    "You have my whole history now: adopt the epoch and acknowledge.",
    "你已有我的全部历史：采用本纪元并确认。",
);
const UP_TO_DATE: Purpose =
    ("A majority holds this history: serve your clients.", "多数派持有这份历史：可以服务客户端。");
const REQUEST: Purpose =
    ("A client's write, passed on to the leader.", "客户端的写请求，转给 Leader。");
const PROPOSAL: Purpose = (
    "Write this entry to your log and tell me when it is on disk.",
    "把这条写入日志，落盘后告诉我。",
);
const ACK: Purpose = ("Everything up to here is on my disk.", "到此为止的内容都已在我的磁盘上。");
const COMMIT: Purpose =
    ("A majority has it on disk: it is decided, apply it.", "多数派已落盘：已提交，应用它。");
const INFORM: Purpose = (
    "For an observer: an entry, proposed and decided in one.",
    "给 Observer：提议与提交合为一条。",
);
const COMMIT_AND_ACTIVATE: Purpose =
    ("Decided: a new set of servers takes over.", "已提交：新的服务器集合生效。");
const PING: Purpose = (
    "Are you there? The answer names the sessions heard from.",
    "还在吗？回答里带上有动静的会话。",
);
const REVALIDATE: Purpose =
    ("May this client's session go on here?", "这个客户端会话可以在这里继续吗？");
const SYNC: Purpose =
    ("Everything before this is on its way to you.", "在此之前的内容都已发给你。");
