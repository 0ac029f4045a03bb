//! The cost meter: messages between servers, their bytes on the wire and syncs of disks, by family,
//! for a span of the run; and where it is always true, what the protocol says it must be.

use std::ops::Range;

use vivarium_protocol::message::PacketKind;
use vivarium_sim::cost::{Amount, Cost as Sum, Family, Ledger};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::words::Word;
use crate::i18n::Lang;
use crate::view::Shown;

/// What can be summed up.
#[derive(Clone, Copy, PartialEq)]
enum Span {
    LastElection,
    SinceElection,
    NewestWrite,
    Marks,
}

/// In the order in which they are offered.
const SPANS: [Span; 4] = [Span::LastElection, Span::SinceElection, Span::NewestWrite, Span::Marks];

impl Span {
    fn word(self) -> Word {
        match self {
            Span::LastElection => Word::LastElection,
            Span::SinceElection => Word::SinceElection,
            Span::NewestWrite => Word::NewestWrite,
            Span::Marks => Word::Marks,
        }
    }
}

/// What it is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
}

/// The meter.
#[component]
pub fn Cost(props: &Props) -> Html {
    let Props { shown, lang } = props;
    let node = use_node_ref();
    let chosen = use_state(|| 0_usize);
    let marks = use_state(|| (0_u64, u64::MAX));
    let choose = {
        let (node, chosen) = (node.clone(), chosen.clone());
        Callback::from(move |_: Event| {
            let index = node.cast::<HtmlSelectElement>().map(|it| it.selected_index());
            chosen.set(index.and_then(|index| usize::try_from(index).ok()).unwrap_or(0));
        })
    };
    let options = SPANS.iter().enumerate().map(|(index, span)| {
        html! { <option selected={index == *chosen}>{ lang.t(span.word()) }</option> }
    });
    let playback = shown.playback();
    let ledger = &playback.chronicle().ledger;
    let position = shown.position as u64;
    let sum = sum_of(ledger, *chosen, position, *marks);
    let mark = |id: &'static str, word: Word, second: bool| {
        let (marks, now) = (marks.clone(), *marks);
        let click = Callback::from(move |_: MouseEvent| {
            marks.set(if second { (now.0, position) } else { (position, now.1) });
        });
        html! {
            <button type="button" class="btn line" {id} onclick={click}>{ lang.t(word) }</button>
        }
    };
    html! {
        <>
            <h2>{ lang.t(Word::Cost) }</h2>
            <select ref={node} id="cost-span" class="wide" onchange={choose}
                aria-label={lang.t(Word::Span)}>{ for options }</select>
            if SPANS[*chosen] == Span::Marks {
                <div class="row wrap">
                    { mark("mark-from", Word::MarkFrom, false) }
                    { mark("mark-to", Word::MarkTo, true) }
                </div>
            }
            { match &sum {
                Some(sum) => html! {
                    <>
                        { table(sum, *lang) }
                        <p class="hint" id="cost-words">{ packets(sum) }</p>
                        if SPANS[*chosen] == Span::NewestWrite {
                            { formula(sum, shown, *lang) }
                        }
                    </>
                },
                None => html! { <p class="hint">{ lang.t(Word::NoCost) }</p> },
            } }
        </>
    }
}

fn sum_of(ledger: &Ledger, span: usize, position: u64, marks: (u64, u64)) -> Option<Sum> {
    let election = ledger.last_election(position);
    let steps: Range<u64> = match SPANS[span] {
        Span::NewestWrite => {
            return Some(ledger.write_cost(ledger.newest_write(position)?, position));
        }
        Span::SinceElection => election?.end..position,
        Span::Marks => marks.0.min(marks.1)..marks.0.max(marks.1).min(position),
        Span::LastElection => election?,
    };
    Some(ledger.cost(steps))
}

/// A family in words.
fn family(family: Family, lang: Lang) -> &'static str {
    match family {
        Family::Election => lang.pick("election", "选举"),
        Family::Discovery => lang.pick("discovery", "发现"),
        Family::Synchronisation => lang.pick("synchronisation", "同步"),
        Family::Broadcast => lang.pick("broadcast", "广播"),
        Family::Liveness => lang.pick("liveness", "存活"),
    }
}

fn table(sum: &Sum, lang: Lang) -> Html {
    let row = |key: &'static str, name: &'static str, amount: Amount| {
        html! {
            <tr key={key} id={format!("cost-{key}")}><th scope="row">{ name }</th>
                <td>{ amount.messages }</td><td>{ amount.bytes }</td><td>{ amount.syncs }</td></tr>
        }
    };
    let rows = Family::ALL.iter().filter_map(|one| {
        let key = family(*one, Lang::English);
        Some(row(key, family(*one, lang), *sum.families.get(one)?))
    });
    html! {
        <table class="cost" id="cost">
            <thead><tr>
                <th scope="col">{ lang.t(Word::Family) }</th>
                <th scope="col">{ lang.t(Word::Messages) }</th>
                <th scope="col">{ lang.t(Word::Bytes) }</th>
                <th scope="col">{ lang.t(Word::Syncs) }</th>
            </tr></thead>
            <tbody>{ for rows }{ row("total", lang.t(Word::Total), sum.total()) }</tbody>
        </table>
    }
}

/// The packets by name, as in `4 PROPOSAL, 4 ACK, 4 COMMIT`.
fn packets(sum: &Sum) -> String {
    let named = sum.packets.iter().map(|(packet, count)| {
        format!("{count} {}", packet.map_or("NOTIFICATION", PacketKind::name))
    });
    named.collect::<Vec<_>>().join(", ")
}

/// What a write in a complete ensemble costs, where this one was complete: one PROPOSAL and one
/// COMMIT for each follower, one INFORM for each observer.
fn formula(sum: &Sum, shown: &Shown, lang: Lang) -> Html {
    let playback = shown.playback();
    let ensemble = playback.timeline().world().ensemble();
    let observers = shown.ids.iter().filter(|id| ensemble.is_observer(**id)).count() as u64;
    let followers = (shown.ids.len() as u64).saturating_sub(observers + 1);
    let proposals = sum.count(PacketKind::Proposal);
    if proposals != followers {
        let words = lang.pick(
            format!("{proposals} of {followers} followers took part."),
            format!("{followers} 台 Follower 中有 {proposals} 台参与。"),
        );
        return html! { <p class="hint" id="cost-formula">{ words }</p> };
    }
    let acks = sum.count(PacketKind::Ack);
    let commits = sum.count(PacketKind::Commit);
    let words = lang.pick(
        format!(
            "n = {} voters: n − 1 = {followers} PROPOSAL, {acks} of {followers} ACK so far, \
             {commits} of {followers} COMMIT.",
            followers + 1
        ),
        format!(
            "n = {} 个投票成员：n − 1 = {followers} 个 PROPOSAL，目前 ACK {acks}/{followers}，\
             COMMIT {commits}/{followers}。",
            followers + 1
        ),
    );
    html! { <p class="hint" id="cost-formula">{ words }</p> }
}
