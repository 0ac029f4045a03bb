//! The quiz: one question, the reason with its answer, and where the run shows it.

use yew::prelude::*;

use super::Hand;
use crate::model::desk::Desk;

/// The quiz, if the lesson has one.
pub fn quiz(desk: &Desk, hand: &Hand) -> Html {
    let Some(quiz) = &desk.lesson().quiz else { return html! {} };
    let lang = hand.lang;
    let answered = desk.progress.of(&desk.lesson().id).and_then(|own| own.quiz);
    let choices = quiz.choices.iter().enumerate().map(|(index, choice)| {
        let number = index as u8;
        let mark = match answered {
            Some(_) if number == quiz.answer => "✓ ",
            Some(chosen) if chosen == number => "✗ ",
            Some(_) | None => "",
        };
        let pressed = answered.map(|chosen| (chosen == number).to_string());
        html! {
            <button type="button" class="btn line" data-answer={index.to_string()}
                aria-pressed={pressed} disabled={answered.is_some()}
                onclick={hand.act(move |desk, _| desk.answer(number))}>
                { mark }{ hand.text(&choice.say) }</button>
        }
    });
    html! {
        <fieldset id="lesson-quiz" class="ask exam">
            <legend>{ lang.pick("Quiz. ", "测验。") }{ hand.text(&quiz.ask) }</legend>
            { for choices }
            <div role="status">
                if answered.is_some() {
                    <p class="verdict" id="quiz-reason">{ hand.text(&quiz.reason) }</p>
                }
            </div>
            if answered.is_some() && quiz.shown.is_some() {
                <button type="button" class="btn line" id="quiz-show"
                    onclick={hand.act(Desk::show_answer)}>
                    { lang.pick("Show it in a run", "在运行里看") }</button>
            }
        </fieldset>
    }
}
