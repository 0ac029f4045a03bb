//! The verdict: every call as an interval in time, and in words whether the history could be that
//! of one object. Each interval and each sentence leads to its moment.

use vivarium_protocol::base::{SortedMap, Time};
use yew::prelude::*;

use super::console::seconds;
use super::words::Word;
use crate::i18n::Lang;
use crate::model::decimal::hundredths;
use crate::model::histories::{Interval, Outcome, broken, intervals};
use crate::stage::styled::Styled;
use crate::view::{Msg, PanelProps};

/// Calls drawn.
const DRAWN: usize = 48;

/// The history with its verdict.
#[component]
pub fn History(props: &PanelProps) -> Html {
    let PanelProps { shown, lang, send } = props;
    let playback = shown.playback();
    let world = playback.timeline().world();
    let lines = intervals(world.checkers().history(), DRAWN);
    if lines.is_empty() {
        return html! {
            <><h2>{ lang.t(Word::History) }</h2><p class="hint">{ lang.t(Word::NoHistory) }</p></>
        };
    }
    let complaints = broken(world).map(|broken| {
        let step = broken.step + 1;
        html! { <li class="bad">{ jump(format!("{broken}"), step, send) }</li> }
    });
    let stale: Vec<&Interval> = lines.iter().filter(|line| line.is_stale()).collect();
    let mut lag = lines.iter().filter_map(|line| behind(line, *lang, send)).collect::<Vec<_>>();
    let kept = broken(world).next().is_none();
    let (mark, words) = if stale.is_empty() {
        ("✓ ", Word::Linearizable)
    } else {
        ("≠ ", Word::NotLinearizable)
    };
    lag.reverse();
    html! {
        <>
            <h2>{ lang.t(Word::History) }</h2>
            { drawn(&lines, shown.at, *lang, send) }
            <ul class="verdict" id="verdict">
                { for complaints }
                if kept {
                    <li id="verdict-kept">{ "✓ " }{ lang.t(Word::Kept) }</li>
                }
                <li id="verdict-reads">{ mark }{ lang.t(words) }</li>
                { for lag }
            </ul>
        </>
    }
}

/// A sentence that leads to its moment.
fn jump(words: String, step: u64, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let click = Callback::from(move |_: MouseEvent| send.emit(Msg::SeekStep(step)));
    html! { <button type="button" class="jump" onclick={click}>{ words }</button> }
}

/// What a read missed, if it missed anything.
fn behind(line: &Interval, lang: Lang, send: &Callback<Msg>) -> Option<Html> {
    let Outcome::Read(reading) = &line.outcome else { return None };
    if reading.behind == 0 {
        return None;
    }
    let (client, request, answer) = (line.client, &line.request, &line.answer);
    let (count, shown, fresh) = (reading.behind, reading.shown, &reading.fresh);
    let words = lang.pick(
        format!(
            "c{client} {request}: {answer}, as of {shown}, {count} behind what was decided when \
             it asked. A linearizable read: {fresh}"
        ),
        format!(
            "c{client} {request}：{answer}，对应 {shown}，比提问时已决定的落后 {count} 个事务。\
             可线性化的读取：{fresh}"
        ),
    );
    let class = classes!("behind", line.is_stale().then_some("stale"));
    Some(html! { <li class={class}>{ jump(words, line.step, send) }</li> })
}

/// The intervals, one row a client.
fn drawn(lines: &[Interval], now: Time, lang: Lang, send: &Callback<Msg>) -> Html {
    let start = lines.iter().map(|line| line.from.0).min().unwrap_or(0);
    let end = lines.iter().filter_map(|line| line.to).map(|to| to.0).max().unwrap_or(0).max(now.0);
    let span = (end - start).max(1) as f64;
    let mut rows: SortedMap<u32, Vec<(usize, &Interval)>> = SortedMap::new();
    for (index, line) in lines.iter().enumerate() {
        rows.entry(line.client).or_default().push((index, line));
    }
    let rows = rows.into_iter().map(|(client, lines)| {
        let bars = lines.into_iter().map(|(index, line)| {
            let from = (line.from.0 - start) as f64 / span * 100.0;
            let to = line.to.map_or(now.0, |to| to.0).saturating_sub(start) as f64 / span * 100.0;
            bar(index, line, (from, to), lang, send)
        });
        html! {
            <div class="calls" key={client}>
                <b class="mono">{ format!("c{client}") }</b><div>{ for bars }</div>
            </div>
        }
    });
    html! { <div id="history-lines" class="history">{ for rows }</div> }
}

fn bar(
    index: usize,
    line: &Interval,
    (from, to): (f64, f64),
    lang: Lang,
    send: &Callback<Msg>,
) -> Html {
    let (class, sign) = match &line.outcome {
        Outcome::Waiting => ("open", "…"),
        Outcome::Unknown => ("lost", "?"),
        Outcome::Answered => ("plain", "·"),
        Outcome::Write => ("write", "W"),
        Outcome::Read(reading) if reading.linearizable => ("read", "R"),
        Outcome::Read(_) => ("read stale", "≠"),
    };
    let ended = match &line.outcome {
        Outcome::Waiting => lang.t(Word::Waiting),
        Outcome::Unknown => lang.t(Word::Unknown),
        Outcome::Answered | Outcome::Write | Outcome::Read(_) => line.answer.as_str(),
    };
    let label = [
        &format!("c{} {}: {ended}, {}", line.client, line.request, seconds(line.from.0)),
        line.to.map_or(String::new(), |to| format!(" – {}", seconds(to.0))).as_str(),
    ]
    .concat();
    let (step, send) = (line.step, send.clone());
    let click = Callback::from(move |_: MouseEvent| send.emit(Msg::SeekStep(step)));
    let styles = vec![
        ("left", format!("{}%", hundredths(from))),
        ("width", format!("{}%", hundredths((to - from).max(0.5)))),
    ];
    html! {
        <Styled key={index} class={classes!("call", class)} styles={styles}>
            <button type="button" onclick={click} aria-label={label.clone()} title={label}>
                { sign }</button>
        </Styled>
    }
}
