//! The steps that were recorded, each with a form that opens.

use vivarium_lessons::{Predict, Step};
use yew::prelude::*;

use super::{Hand, Spot, field};
use crate::model::writing::Writing;

/// All scenes with their steps.
pub fn steps(writing: &Writing, hand: &Hand) -> Html {
    let lesson = writing.draft.lesson();
    let mut first = 0;
    let scenes = lesson.scenes.iter().map(|scene| {
        let begin = first;
        first += scene.steps.len();
        let rows = scene.steps.iter().enumerate();
        let rows = rows.map(|(own, step)| row(writing, step, begin + own, hand));
        let name = hand.lang.pick("Scene ", "场景 ");
        html! {
            <section key={scene.id.clone()} class="exam">
                <h2>{ name }{ &scene.id }</h2>
                <p class="hint"><code>{ &scene.setup }</code></p>
                if !scene.script.is_empty() {
                    <pre class="script" tabindex="0"
                        aria-label={hand.lang.pick("Its script", "它的脚本")}>
                        { scene.script.join("\n") }</pre>
                }
                <ol class="written">{ for rows }</ol>
            </section>
        }
    });
    html! { <div id="writing-steps">{ for scenes }</div> }
}

fn row(writing: &Writing, step: &Step, place: usize, hand: &Hand) -> Html {
    let open = writing.open == Some(place);
    let toggle = hand.act(move |writing| {
        writing.open = if writing.open == Some(place) { None } else { Some(place) };
    });
    let (own, other) = hand.lang.pick((&step.say.en, &step.say.zh), (&step.say.zh, &step.say.en));
    let sentence = [own, other].into_iter().find(|text| !text.trim().is_empty());
    let sentence = sentence
        .map_or_else(|| hand.lang.pick("(no sentence yet)", "（还没有句子）"), String::as_str);
    html! {
        <li key={place} data-written={place.to_string()}>
            <button type="button" class="said" aria-expanded={open.to_string()} onclick={toggle}>
                <b>{ place + 1 }{ ". " }{ sentence }</b>
                <code>{ &step.until }</code>
            </button>
            if open { { form(writing, step, place, hand) } }
        </li>
    }
}

fn form(writing: &Writing, step: &Step, place: usize, hand: &Hand) -> Html {
    let lang = hand.lang;
    let until_id = format!("step-until-{place}");
    let (until, until_why) = writing.typed(&until_id, step.until.clone());
    let do_id = format!("step-do-{place}");
    let (acts, acts_why) = writing.typed(&do_id, step.acts.join("\n"));
    let say = lang.pick("Sentence", "句子");
    let (up, down) = (lang.pick("Earlier", "前移"), lang.pick("Later", "后移"));
    let delete = lang.pick("Delete", "删除");
    let (wait, act) = (hand.clone(), hand.clone());
    html! {
        <div class="form">
            { field::text(hand, &format!("say-{place}"), say, &step.say, Spot::Say(place)) }
            { field::lines(do_id, lang.pick("Does first", "先做"), acts, acts_why, move |text| {
                act.change(|writing| writing.do_lines(place, text));
            }) }
            { field::line(until_id, lang.pick("Waits for", "等待"), until, until_why, move |text| {
                wait.change(|writing| writing.wait_for(place, text));
            }) }
            { predict(writing, step.predict.as_ref(), place, hand) }
            <div class="acts">
                { button("up", place, up, hand, move |it| it.shift(place, -1)) }
                { button("down", place, down, hand, move |it| it.shift(place, 1)) }
                { button("delete", place, delete, hand, move |it| it.remove(place)) }
            </div>
        </div>
    }
}

fn button(
    what: &str,
    place: usize,
    words: &'static str,
    hand: &Hand,
    act: impl Fn(&mut Writing) + 'static,
) -> Html {
    html! {
        <button type="button" class="btn line" id={format!("step-{what}-{place}")}
            onclick={hand.act(act)}>{ words }</button>
    }
}

fn predict(writing: &Writing, predict: Option<&Predict>, place: usize, hand: &Hand) -> Html {
    let lang = hand.lang;
    let Some(predict) = predict else {
        let words = lang.pick("Ask for a prediction", "请学习者预测");
        return button("ask", place, words, hand, move |it| it.ask_before(place, true));
    };
    let choices = predict.choices.iter().enumerate().map(|(index, choice)| {
        let id = format!("choice-if-{place}-{index}");
        let (holds, why) = writing.typed(&id, choice.holds.clone());
        let number = index + 1;
        let label = lang.pick(format!("Choice {number}"), format!("选项 {number}"));
        let name = format!("choice-{place}-{index}");
        let condition = lang.pick("It is right if", "成立的条件");
        let typed = hand.clone();
        html! {
            <div key={index}>
                { field::text(hand, &name, &label, &choice.say, Spot::Predicted(place, index)) }
                { field::line(id, condition, holds, why, move |text| {
                    typed.change(|writing| writing.predict_if(place, index, text));
                }) }
            </div>
        }
    });
    let ask = lang.pick("Question before it", "之前的问题");
    let away = lang.pick("No prediction", "不要预测");
    html! {
        <div class="asks">
            { field::text(hand, &format!("ask-{place}"), ask, &predict.ask, Spot::Ask(place)) }
            { for choices }
            { button("unask", place, away, hand, move |it| it.ask_before(place, false)) }
        </div>
    }
}
