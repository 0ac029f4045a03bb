//! One message in full: its route and progress, its fields, what caused it.

use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::PacketKind;
use vivarium_protocol::trace::{MessageId, Travel};
use yew::prelude::*;

use super::{chain, close, hex, seconds, section};
use crate::i18n::{Lang, Text};
use crate::model::chronicle::{Arrow, Ending};
use crate::narrate;
use crate::panels::message_acts::MessageActs;
use crate::stage::parts;
use crate::view::{Msg, Shown};

/// The inspector of a message.
pub fn view(id: MessageId, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let Some(arrow) = shown.arrow(id) else { return super::ensemble::view(shown, lang) };
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
                { fields(travel, lang) }
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

fn fields(travel: &Travel, lang: Lang) -> Html {
    let mut rows: Vec<(&'static str, String, String)> = Vec::new();
    let zxid = |zxid: Zxid| (hex(zxid), zxid.to_string());
    if let Some((state, vote, round)) = travel.notification {
        let (long, short) = zxid(vote.zxid);
        rows.push(("state", String::new(), state.name().to_owned()));
        rows.push(("leader", String::new(), vote.leader.to_string()));
        rows.push(("zxid", long, short));
        rows.push(("electionEpoch", String::new(), round.to_string()));
        rows.push(("peerEpoch", String::new(), vote.peer_epoch.to_string()));
    }
    if let Some(packet) = travel.packet {
        rows.push(("type", packet.name().to_owned(), code(packet).to_string()));
        if let Some(value) = travel.zxid {
            let (long, short) = zxid(value);
            rows.push(("zxid", long, short));
        }
    }
    rows.push(("message", String::new(), travel.summary.clone()));
    rows.push(("channel", String::new(), format!("{:?}", travel.id.channel).to_lowercase()));
    let drawn = rows.into_iter().map(|(name, small, value)| {
        html! {
            <div>
                <dt class="mono">{ name }</dt>
                <dd><small>{ small }</small><span class="val">{ value }</span></dd>
            </div>
        }
    });
    section(html! { lang.t(Text::Fields) }, html! {}, html! { <dl class="vars">{ for drawn }</dl> })
}

/// The packet's number on the wire.
fn code(packet: PacketKind) -> i32 {
    match packet {
        PacketKind::Request => 1,
        PacketKind::Proposal => 2,
        PacketKind::Ack => 3,
        PacketKind::Commit => 4,
        PacketKind::Ping => 5,
        PacketKind::Revalidate => 6,
        PacketKind::Sync => 7,
        PacketKind::Inform => 8,
        PacketKind::CommitAndActivate => 9,
        PacketKind::NewLeader => 10,
        PacketKind::FollowerInfo => 11,
        PacketKind::UpToDate => 12,
        PacketKind::Diff => 13,
        PacketKind::Trunc => 14,
        PacketKind::Snap => 15,
        PacketKind::ObserverInfo => 16,
        PacketKind::LeaderInfo => 17,
        PacketKind::AckEpoch => 18,
        PacketKind::InformAndActivate => 19,
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

fn purposes(packet: PacketKind) -> (&'static str, &'static str) {
    match packet {
        PacketKind::Request => {
            ("A client's write, passed on to the leader.", "客户端的写请求，转给 Leader。")
        }
        PacketKind::Proposal => (
            "Write this entry to your log and tell me when it is on disk.",
            "把这条写入日志，落盘后告诉我。",
        ),
        PacketKind::Ack => {
            ("Everything up to here is on my disk.", "到此为止的内容都已在我的磁盘上。")
        }
        PacketKind::Commit => (
            "A majority has it on disk: it is decided, apply it.",
            "多数派已落盘：已提交，应用它。",
        ),
        PacketKind::Ping => (
            "Are you there? The answer names the sessions heard from.",
            "还在吗？回答里带上有动静的会话。",
        ),
        PacketKind::Revalidate => {
            ("May this client's session go on here?", "这个客户端会话可以在这里继续吗？")
        }
        PacketKind::Sync => {
            ("Everything before this is on its way to you.", "在此之前的内容都已发给你。")
        }
        PacketKind::Inform | PacketKind::InformAndActivate => (
            "For an observer: an entry, proposed and decided in one.",
            "给 Observer：提议与提交合为一条。",
        ),
        PacketKind::CommitAndActivate => {
            ("Decided: a new set of servers takes over.", "已提交：新的服务器集合生效。")
        }
        PacketKind::NewLeader => (
            "You have my whole history now: adopt the epoch and acknowledge.",
            "你已有我的全部历史：采用本纪元并确认。",
        ),
        PacketKind::FollowerInfo => (
            "I follow you; this is the highest epoch that I have promised.",
            "我跟随你；这是我承诺过的最高纪元。",
        ),
        PacketKind::ObserverInfo => (
            "I observe you; this is the highest epoch that I know.",
            "我观察你；这是我所知的最高纪元。",
        ),
        PacketKind::UpToDate => (
            "A majority holds this history: serve your clients.",
            "多数派持有这份历史：可以服务客户端。",
        ),
        PacketKind::Diff => {
            ("You lack only what follows; nothing has to be cut.", "你只缺其后的条目，无需截断。")
        }
        PacketKind::Trunc => (
            "Cut your log after this entry: what lies beyond is not part of the history.",
            "把日志截到此条为止：其后的不属于这份历史。",
        ),
        PacketKind::Snap => {
            ("Forget your tree; here is the whole of mine.", "丢弃你的树；这是我的整棵树。")
        }
        PacketKind::LeaderInfo => (
            "The new epoch: one more than any of you had accepted.",
            "新的纪元：比你们接受过的都大一。",
        ),
        PacketKind::AckEpoch => (
            "I promise the epoch; my log ends here and was written under this epoch.",
            "我承诺这个纪元；这是我日志的末尾及其纪元。",
        ),
    }
}
