//! A server's connections with who dialled them, and how its leader chose to bring it up to date.

use vivarium_protocol::base::Arrange;
use vivarium_protocol::message::Channel;
use vivarium_protocol::trace::SyncRule;
use yew::prelude::*;

use super::section;
use crate::i18n::Lang;
use crate::model::boot;
use crate::model::scene::ServerView;
use crate::stage::parts;
use crate::view::Shown;

/// Coins written out at most.
const MOST: usize = 12;

/// The connections: the election channel is dialled by the larger id, the quorum channel by the
/// learner.
pub fn connections(server: &ServerView, lang: Lang) -> Html {
    if !server.up || server.links.is_empty() {
        return html! {};
    }
    let rows = [(Channel::Election, lang.pick("election", "选举")), (Channel::Quorum, "quorum")];
    let rows =
        rows.into_iter().flat_map(|(channel, name)| {
            let all = boot::connections(server, channel);
            [true, false].into_iter().filter_map(move |dialled| {
                let peers: Vec<_> =
                    all.iter().filter(|one| one.dialled == dialled).map(|one| one.peer).collect();
                let way = match (dialled, lang) {
                    (true, Lang::English) => "dialled",
                    (true, Lang::Chinese) => "主动连接",
                    (false, Lang::English) => "accepted from",
                    (false, Lang::Chinese) => "接受自",
                };
                (!peers.is_empty()).then(|| html! {
                <div class="vote" key={format!("{channel:?}{dialled}")}
                    data-channel={format!("{channel:?}")} data-dialled={dialled.to_string()}>
                    <span class="v">{ format!("{name}, {way}") }</span>
                    <span class="who">
                        { for peers.iter().take(MOST).map(|peer| parts::small_coin(*peer)) }
                        if peers.len() > MOST {
                            { format!("+{}", peers.len() - MOST) }
                        }
                    </span>
                </div>
            })
            })
        });
    section(
        html! { lang.pick("Connections", "连接") },
        html! { lang.pick("a dot marks who dialled", "圆点为发起方") },
        html! { <div class="votes" id="connections">{ for rows }</div> },
    )
}

/// The leader's window and the learner's last zxid, in order, with the rule that chose.
pub fn plan(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let Some(plan) = server.plan else { return html! {} };
    let (min, max) = plan.window;
    let mut stops = [
        (min, "minCommittedLog"),
        (max, "maxCommittedLog"),
        (plan.learner_zxid, lang.pick("learner's last zxid", "学习者的末尾 zxid")),
    ];
    stops.arrange(|(zxid, _)| *zxid);
    let cells = stops.iter().map(|(zxid, name)| {
        // Narrow cells break the name of a field where its words meet.
        let field = name.strip_suffix("Log");
        let words =
            field.map_or_else(|| html! { *name }, |stem| html! { <>{ stem }<wbr/>{ "Log" }</> });
        html! {
            <li key={*name} class={classes!(field.is_none().then_some("learner"))}>
                <code>{ zxid.to_string() }</code><small>{ words }</small>
            </li>
        }
    });
    let leader = shown.scene.servers.get(&plan.leader).map(|leader| parts::small_coin(leader.id));
    section(
        html! { <>{ lang.pick("Chosen by", "选择者") }{ " " }{ leader }</> },
        html! { <span lang="en">{ format!("{} {}", mode_name(plan.mode), plan.zxid) }</span> },
        html! {
            <div id="sync-plan" data-rule={format!("{:?}", plan.rule)}>
                <ol class="window">{ for cells }</ol>
                <p>{ rule_words(plan.rule, lang) }</p>
            </div>
        },
    )
}

fn mode_name(mode: vivarium_protocol::trace::SyncMode) -> &'static str {
    match mode {
        vivarium_protocol::trace::SyncMode::Diff => "DIFF",
        vivarium_protocol::trace::SyncMode::Trunc => "TRUNC",
        vivarium_protocol::trace::SyncMode::Snap => "SNAP",
    }
}

fn rule_words(rule: SyncRule, lang: Lang) -> &'static str {
    let (english, chinese) = match rule {
        SyncRule::SameZxid => ("Both end alike: an empty DIFF.", "两者末尾相同：空的 DIFF。"),
        SyncRule::LearnerAhead => (
            "The learner is ahead of the window: TRUNC cuts what the leader never had.",
            "学习者超出窗口：TRUNC 截掉 Leader 没有的条目。",
        ),
        SyncRule::InHistory => (
            "The learner's end is in the leader's history: DIFF sends what follows.",
            "学习者的末尾在 Leader 的历史中：DIFF 发送其后的条目。",
        ),
        SyncRule::EpochStart => (
            "The learner's end only opens an epoch, nothing needs cutting: DIFF.",
            "学习者的末尾只是纪元的开头，无需截断：DIFF。",
        ),
        SyncRule::Divergent => (
            "The learner logged what the leader never had: TRUNC, then the rest.",
            "学习者记录了 Leader 没有的条目：先 TRUNC，再补齐。",
        ),
        SyncRule::AcrossEpochs => (
            "They part in an epoch whose end the leader can't name: SNAP.",
            "分歧处的纪元，Leader 无法指出其末尾：SNAP。",
        ),
        SyncRule::TooOld => (
            "The leader no longer has what the learner lacks: SNAP.",
            "Leader 已不再保有学习者所缺的条目：SNAP。",
        ),
    };
    lang.pick(english, chinese)
}
