//! The diagram's tools: what its axis counts, and whether causes are highlighted.

use yew::prelude::*;

use super::{TimeMsg, TimeView, Word};
use crate::i18n::Lang;
use crate::model::axis::Axis;
use crate::view::Msg;

/// The tools, in the corner above the lanes' names.
pub fn tools(time: &TimeView, lang: Lang, send: &Callback<Msg>) -> Html {
    let toggle = |id: &'static str, on: bool, words: &'static str, long: Word, msg: TimeMsg| {
        let send = send.clone();
        let click = Callback::from(move |_: MouseEvent| send.emit(Msg::Time(msg.clone())));
        html! {
            <button type="button" id={id} aria-pressed={on.to_string()} onclick={click}
                aria-label={lang.t(long)} title={lang.t(long)}>{ words }</button>
        }
    };
    let steps = time.axis == Axis::Steps;
    html! {
        <div class="tools">
            { toggle("axis", steps, lang.t(Word::Step), Word::AxisSteps, TimeMsg::Axis) }
            { toggle("cone", time.cone, lang.t(Word::ConeShort), Word::Cone, TimeMsg::Cone) }
        </div>
    }
}
