//! A log strip: cells in the columns that all plates share.
//!
//! What a cell is, is told by its shape: solid, outlined, dotted, hatched behind a bar, struck
//! through, stacked. The key says each in words, and so does the strip for those who listen.

use std::rc::Rc;

use yew::prelude::*;

use super::parts;
use crate::i18n::Lang;
use crate::model::scene::CellState;
use crate::model::strips::{Column, Mark, Strip};

/// What a strip is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The columns.
    pub strip: Rc<Strip>,
    /// The element's id, by which its plate is described.
    pub id: String,
    /// The language.
    pub lang: Lang,
}

/// A strip.
#[component]
pub fn LogStrip(props: &Props) -> Html {
    let Props { strip, id, lang } = props;
    let wide = match strip.digits {
        0..=2 => None,
        3 => Some("d3"),
        4 => Some("d4"),
        5 => Some("d5"),
        _ => Some("d10"),
    };
    let mut cutting = false;
    let mut within = false;
    let columns = strip.columns.iter().map(|column| {
        let to_be_cut = column.mark == Mark::Entry(CellState::ToBeCut);
        let bar = to_be_cut && !cutting;
        cutting = to_be_cut;
        let goes_on = within && column.mark == Mark::Snapshot;
        within = column.mark == Mark::Snapshot;
        cell(column, bar, goes_on)
    });
    html! {
        <div class={classes!("log", "columns", wide)} id={id.clone()} title={words(strip, *lang)}>
            if strip.head {
                <span class="head">
                    if strip.base.is_some() {
                        <s class="sn">{ "S" }</s>
                    } else if strip.older > 0 {
                        <u>{ format!("+{}", strip.older) }</u>
                    }
                </span>
            }
            { for columns }
        </div>
    }
}

fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Entry(state) => parts::cell_class(state),
        Mark::CutOff => "gone",
        Mark::Snapshot => "sn",
        Mark::Absent => "none",
    }
}

fn cell(column: &Column, bar: bool, goes_on: bool) -> Html {
    let hue = format!("e-{}", parts::hue_number(column.leader));
    let zxid = column.zxid.to_string();
    let class = classes!(class(column.mark), hue, bar.then_some("edge"), goes_on.then_some("on"));
    let text = match column.mark {
        Mark::Entry(_) | Mark::CutOff => column.zxid.counter().to_string(),
        Mark::Snapshot if !goes_on => "S".to_owned(),
        Mark::Snapshot | Mark::Absent => String::new(),
    };
    html! {
        <>
            if column.opens {
                <u>{ format!("e{}", column.zxid.epoch()) }</u>
            }
            <s class={class} data-zxid={zxid}>{ text }</s>
        </>
    }
}

/// The strip in words: how many of its columns are what.
#[must_use]
pub fn words(strip: &Strip, lang: Lang) -> String {
    let count = |mark| strip.columns.iter().filter(|column| column.mark == mark).count();
    let kinds = [
        (Mark::Entry(CellState::Committed), "committed", "已提交"),
        (Mark::Entry(CellState::Logged), "only logged", "仅写入日志"),
        (Mark::Entry(CellState::Missing), "missing, on its way", "缺失，正在发送"),
        (Mark::Entry(CellState::ToBeCut), "to be cut", "将被截掉"),
        (Mark::CutOff, "cut off", "已截掉"),
    ];
    let mut all = Vec::with_capacity(kinds.len() + 1);
    if strip.older > 0 {
        all.push(format!("{} {}", strip.older, lang.pick("older", "更早")));
    }
    if let Some(base) = strip.base {
        all.push(format!("{} {base}", lang.pick("snapshot to", "快照至")));
    }
    for (mark, english, chinese) in kinds {
        let count = count(mark);
        if count > 0 {
            all.push(format!("{count} {}", lang.pick(english, chinese)));
        }
    }
    let rest = if all.is_empty() {
        lang.pick("empty", "空").to_owned()
    } else {
        all.join(lang.pick("; ", "；"))
    };
    format!("{}{rest}", lang.pick("Log: ", "日志："))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_protocol::base::{Epoch, Zxid};

    #[test]
    fn a_strip_says_in_words_what_its_shapes_say() {
        let column = |counter, mark| Column {
            zxid: Zxid::new(Epoch(4), counter),
            mark,
            leader: None,
            opens: counter == 6,
        };
        let strip = Strip {
            older: 3,
            base: Some(Zxid::new(Epoch(4), 2)),
            head: true,
            digits: 1,
            columns: vec![
                column(6, Mark::Entry(CellState::Committed)),
                column(7, Mark::Entry(CellState::Committed)),
                column(8, Mark::CutOff),
                column(9, Mark::Absent),
            ],
        };
        let english = words(&strip, Lang::English);
        assert_eq!(english, "Log: 3 older; snapshot to 4|2; 2 committed; 1 cut off");
        let chinese = words(&strip, Lang::Chinese);
        assert_eq!(chinese, "日志：3 更早；快照至 4|2；2 已提交；1 已截掉");
        let empty = Strip { older: 0, base: None, columns: Vec::new(), ..strip };
        assert_eq!(words(&empty, Lang::English), "Log: empty");
    }
}
