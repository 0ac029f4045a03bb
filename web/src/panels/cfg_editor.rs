//! A zoo.cfg being written: the text, and beside each line what it means or that it is wrong.
//!
//! The text is an ordinary text area. A copy of its lines lies under it, unseen but for the line
//! numbers, the notes at the right, the mark of a line that is wrong and of one that is this
//! server's own. Both have the same font and line height, so they stay in step.

use vivarium_protocol::base::SortedSet;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// What the editor is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The text.
    pub text: AttrValue,
    /// A note for each line, or none.
    pub notes: Vec<String>,
    /// Lines that are wrong, from 1.
    pub wrong: SortedSet<usize>,
    /// Lines that the common file does not have, from 1.
    pub own: SortedSet<usize>,
    /// The element that says what is wrong.
    pub described_by: &'static str,
    /// Hears of every change.
    pub typed: Callback<String>,
}

/// A line longer than this has no room for a note.
const ROOM: usize = 40;

/// The editor.
#[component]
pub fn CfgEditor(props: &Props) -> Html {
    let typed = {
        let typed = props.typed.clone();
        Callback::from(move |event: InputEvent| {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            typed.emit(area.value());
        })
    };
    let lines: Vec<&str> = props.text.split('\n').collect();
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let rows = lines.iter().enumerate().map(|(at, line)| {
        let note = props
            .notes
            .get(at)
            .filter(|note| !note.is_empty() && line.chars().count() + note.chars().count() < ROOM);
        let class = classes!(
            props.wrong.contains(&(at + 1)).then_some("wrong"),
            props.own.contains(&(at + 1)).then_some("own"),
        );
        html! {
            <div class={class} data-line={(at + 1).to_string()}>
                <span>{ *line }</span>
                if let Some(note) = note { <em>{ note }</em> }
            </div>
        }
    });
    html! {
        <div class="cfg-edit">
            <div class="cfg-under" aria-hidden="true">{ for rows }</div>
            <textarea id="cfg" class="cfg-text" spellcheck="false" autocapitalize="off"
                rows={lines.len().max(8).to_string()} cols={(longest + 2).max(10).to_string()}
                oninput={typed} value={props.text.clone()} aria-describedby={props.described_by}
                aria-invalid={(!props.wrong.is_empty()).to_string()} />
        </div>
    }
}
