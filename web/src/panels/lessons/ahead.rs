//! What comes next: a question that wants a prediction, or the button that goes on.

use std::cell::Cell;

use yew::prelude::*;

use super::{Hand, watch};
use crate::model::desk::Desk;
use crate::tasks;

/// Where the focus goes when what had it is drawn no more.
const AHEAD: &str = "#lesson-ahead button, #task-begin-1";

thread_local! {
    /// Whether the learner went on by what has gone since.
    static REFOCUS: Cell<bool> = const { Cell::new(false) };
}

/// Once a step has come, the focus is on what goes on from there.
pub fn refocus() {
    if REFOCUS.take() {
        tasks::focus_drawn(AHEAD.to_owned());
    }
}

/// The next step.
pub fn ahead(desk: &Desk, hand: &Hand, on_its_way: bool) -> Html {
    let lang = hand.lang;
    let Some(step) = desk.next() else { return html! {} };
    if on_its_way || desk.missed().is_some() {
        return html! {};
    }
    let on = hand.act(|desk, playback| {
        desk.go_on(playback, watch());
        REFOCUS.set(true);
    });
    if let (true, Some(predict)) = (desk.asks(), &step.predict) {
        let choices = predict.choices.iter().enumerate().map(|(index, choice)| {
            let choose = hand.act(move |desk, playback| {
                desk.predict(index);
                desk.go_on(playback, watch());
                REFOCUS.set(true);
            });
            html! {
                <button type="button" class="btn line" data-choice={index.to_string()}
                    onclick={choose}>{ hand.text(&choice.say) }</button>
            }
        });
        return html! {
            <fieldset id="lesson-ahead" class="ask">
                <legend>{ lang.pick("What do you expect? ", "你预计会怎样？") }
                    { hand.text(&predict.ask) }</legend>
                { for choices }
                <button type="button" class="skip-ask" id="lesson-skip" onclick={on}>
                    { lang.pick("Show it without a guess", "不猜，直接看") }</button>
            </fieldset>
        };
    }
    let words = if desk.reached().is_empty() {
        lang.pick("Begin", "开始")
    } else {
        lang.pick("Go on", "继续")
    };
    html! {
        <div id="lesson-ahead" class="acts">
            <button type="button" class="btn solid" id="lesson-next" onclick={on}>{ words }</button>
        </div>
    }
}
