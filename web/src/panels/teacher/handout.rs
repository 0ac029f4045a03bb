//! The hand-out: what a class takes home on paper, with or without the answers.

use vivarium_lessons::{Lesson, Predict, Quiz};
use yew::prelude::*;

use super::{Chosen, Lessons, say};
use crate::i18n::Lang;
use crate::tasks;

/// Printing, and whether the answers are on it.
pub fn controls(answers: &UseStateHandle<bool>, any: bool, lang: Lang) -> Html {
    let switch = {
        let answers = answers.clone();
        Callback::from(move |_: Event| answers.set(!*answers))
    };
    let print = Callback::from(move |_: MouseEvent| {
        tasks::set_root("data-print", "handout");
        tasks::print();
        tasks::clear_root("data-print");
    });
    html! {
        <div class="choices">
            <button type="button" class="btn solid" id="handout-print" disabled={!any}
                onclick={print}>{ lang.pick("Print the hand-out", "打印讲义") }</button>
            <label class="tick"><input type="checkbox" id="handout-answers" checked={**answers}
                onchange={switch} />{ lang.pick("with the answers", "带答案") }</label>
            if !any {
                <span class="hint">{ lang.pick("Choose lessons first.", "请先选择课程。") }</span>
            }
        </div>
    }
}

/// The sheet, which only paper shows.
pub fn sheet(lessons: &Lessons, chosen: &Chosen, answers: bool, lang: Lang) -> Html {
    let shown = lessons.iter().filter(|lesson| chosen.contains(&lesson.id));
    let pages = shown.map(|lesson| page(lesson, answers, lang));
    html! { <div id="handout" class="handout">{ for pages }</div> }
}

fn page(lesson: &Lesson, answers: bool, lang: Lang) -> Html {
    let steps = lesson.steps().map(|(_, step)| {
        html! {
            <li>{ step.predict.as_ref().map(|predict| question(predict, lang)) }
                { say(&step.say, lang) }</li>
        }
    });
    html! {
        <article key={lesson.id.clone()} data-handout={lesson.id.clone()}>
            <h3>{ format!("{} {}", lesson.id, say(&lesson.title, lang)) }</h3>
            <p>{ say(&lesson.goal, lang) }</p>
            <ol>{ for steps }</ol>
            if let Some(task) = &lesson.task {
                <h4>{ lang.pick("Your turn", "轮到你了") }</h4>
                <p>{ say(&task.ask, lang) }</p>
                if answers {
                    <p class="answer">{ task.runs.iter().map(|run| run.solution.join("; "))
                        .collect::<Vec<_>>().join(" | ") }</p>
                } else {
                    <p class="blank-line"></p>
                }
            }
            { lesson.quiz.as_ref().map(|quiz| draw_quiz(quiz, answers, lang)) }
        </article>
    }
}

fn question(predict: &Predict, lang: Lang) -> Html {
    let choices = predict.choices.iter().map(|choice| format!("☐ {}", say(&choice.say, lang)));
    let choices = choices.collect::<Vec<_>>().join("   ");
    html! { <p class="before">{ say(&predict.ask, lang) }{ "  " }{ choices }</p> }
}

fn draw_quiz(quiz: &Quiz, answers: bool, lang: Lang) -> Html {
    let choices = quiz.choices.iter().enumerate().map(|(index, choice)| {
        let right = answers && index == usize::from(quiz.answer);
        let mark = if right { "☑ " } else { "☐ " };
        html! { <li>{ mark }{ say(&choice.say, lang) }</li> }
    });
    html! {
        <>
            <h4>{ lang.pick("Quiz", "测验") }</h4>
            <p>{ say(&quiz.ask, lang) }</p>
            <ul>{ for choices }</ul>
            if answers {
                <p class="answer">{ say(&quiz.reason, lang) }</p>
            }
        </>
    }
}
