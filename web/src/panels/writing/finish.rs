//! What makes steps a lesson: its title, its quiz, the check on many seeds, and its file.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Hand, Spot, field, findings, said};
use crate::model::writing::{Said, Writing};
use crate::panels::lessons;
use crate::tasks;

/// The title, the question, the goal and the time.
pub fn about(writing: &Writing, hand: &Hand) -> Html {
    let (lang, lesson) = (hand.lang, writing.draft.lesson());
    let minutes = {
        let hand = hand.clone();
        Callback::from(move |event: InputEvent| {
            let typed = event.target_unchecked_into::<HtmlInputElement>().value();
            if let Some(minutes) = typed.parse::<u32>().ok().filter(|it| (1..=120).contains(it)) {
                hand.change(|writing| writing.draft.change(|lesson| lesson.minutes = minutes));
            }
        })
    };
    let texts = [
        ("title", lang.pick("Title", "标题"), &lesson.title, Spot::Title),
        (
            "question",
            lang.pick("The question it answers", "它回答的问题"),
            &lesson.question,
            Spot::Question,
        ),
        ("goal", lang.pick("What one can do afterwards", "学完能做什么"), &lesson.goal, Spot::Goal),
    ];
    let fields = texts.map(|(id, label, text, spot)| {
        field::text(hand, &format!("writing-{id}"), label, text, spot)
    });
    html! {
        <details class="exam" id="writing-about">
            <summary>{ lang.pick("About the lesson", "关于课程") }</summary>
            { for fields }
            <label class="field">{ lang.pick("Minutes", "分钟") }
                <input type="number" id="writing-minutes" min="1" max="120"
                    value={lesson.minutes.to_string()} oninput={minutes} /></label>
        </details>
    }
}

/// The question at the end.
pub fn quiz(writing: &Writing, hand: &Hand) -> Html {
    let lang = hand.lang;
    let Some(quiz) = &writing.draft.lesson().quiz else {
        return html! {
            <button type="button" class="btn line" id="quiz-add"
                onclick={hand.act(|writing| writing.examine(true))}>
                { lang.pick("Add a quiz", "添加测验") }</button>
        };
    };
    let (ask, why) = (lang.pick("Question", "问题"), lang.pick("Reason", "理由"));
    let answers = quiz.choices.iter().enumerate().map(|(index, choice)| {
        let number = index + 1;
        let label = lang.pick(format!("Answer {number}"), format!("答案 {number}"));
        let id = format!("quiz-answer-{index}");
        let pick = {
            let hand = hand.clone();
            Callback::from(move |_: Event| {
                let right = move |lesson: &mut vivarium_lessons::Lesson| {
                    lesson.quiz.iter_mut().for_each(|quiz| quiz.answer = index as u8);
                };
                hand.change(|writing| writing.draft.change(right));
            })
        };
        html! {
            <div key={index}>
                { field::text(hand, &id, &label, &choice.say, Spot::Answer(index)) }
                <label class="tick hint">
                    <input type="radio" name="quiz-right"
                        id={format!("quiz-right-{index}")}
                        checked={usize::from(quiz.answer) == index} onchange={pick} />
                    { lang.pick("This is right", "这个正确") }</label>
            </div>
        }
    });
    html! {
        <details class="exam" id="writing-quiz">
            <summary>{ lang.pick("Quiz", "测验") }</summary>
            { field::text(hand, "quiz-ask", ask, &quiz.ask, Spot::QuizAsk) }
            { for answers }
            { field::text(hand, "quiz-why", why, &quiz.reason, Spot::Reason) }
            <button type="button" class="btn line" id="quiz-remove"
                onclick={hand.act(|writing| writing.examine(false))}>
                { lang.pick("Remove the quiz", "删除测验") }</button>
        </details>
    }
}

/// Trying, checking, saving and opening.
pub fn finish(writing: &Writing, hand: &Hand) -> Html {
    let lang = hand.lang;
    let has_steps = writing.draft.lesson().steps().next().is_some();
    let begun = !writing.draft.lesson().scenes.is_empty();
    let class = match writing.said {
        Said::Nothing | Said::Saved | Said::Discarded => "hint",
        Said::Off(_) | Said::Fault(_) | Said::Missing(_) | Said::Foreign(_) => "errors",
    };
    let anyway = matches!(writing.said, Said::Missing(_));
    let lines = said(writing, lang).into_iter().map(|line| html! { <li>{ line }</li> });
    html! {
        <section class="exam" id="writing-finish">
            <h2>{ lang.pick("Finish", "完成") }</h2>
            <div class="acts">
                <button type="button" class="btn solid" id="writing-try" disabled={!has_steps}
                    onclick={attempt(hand)}>
                    { lang.pick("Try it", "试一试") }</button>
                <button type="button" class="btn line" id="writing-check" disabled={!has_steps}
                    onclick={check(hand)}>
                    { lang.pick("Check on 20 seeds", "在 20 个种子上检查") }</button>
                <button type="button" class="btn line" id="writing-save" disabled={!has_steps}
                    onclick={save(hand, false)}>
                    { lang.pick("Save the file", "保存文件") }</button>
                <input type="file" id="writing-file" class="sr" accept=".json,application/json"
                    onchange={open(hand)}
                    aria-label={lang.pick("Open a lesson's file", "打开课程文件")} />
                <label for="writing-file" class="btn line">
                    { lang.pick("Open a file", "打开文件") }</label>
                if begun {
                    <button type="button" class="btn line" id="writing-discard"
                        onclick={hand.act(Writing::discard)}>
                        { lang.pick("Put the draft away", "收起草稿") }</button>
                }
            </div>
            <div role="status" id="writing-said">
                { checked(writing, hand) }
                <ul class={class}>{ for lines }</ul>
                if writing.said == Said::Discarded {
                    <button type="button" class="btn line" id="writing-back"
                        onclick={hand.act(Writing::take_back)}>
                        { lang.pick("Take it back", "取回") }</button>
                }
                if anyway {
                    <button type="button" class="btn line" id="writing-anyway"
                        onclick={save(hand, true)}>
                        { lang.pick("Save it as it is", "照样保存") }</button>
                }
            </div>
        </section>
    }
}

/// Opens the draft as a lesson.
fn attempt(hand: &Hand) -> Callback<MouseEvent> {
    let hand = hand.clone();
    Callback::from(move |_: MouseEvent| {
        let lesson = super::with(|writing| writing.draft.lesson().clone());
        if let Err(why) = lessons::try_out(lesson, &hand.session, &hand.send) {
            hand.change(|writing| writing.said = Said::Foreign(why));
        }
    })
}

/// Checks it, a seed at a time.
fn check(hand: &Hand) -> Callback<MouseEvent> {
    let hand = hand.clone();
    Callback::from(move |_: MouseEvent| {
        hand.change(Writing::check);
        check_on(hand.clone());
    })
}

fn check_on(hand: Hand) {
    tasks::soon(move || {
        let more = super::with(Writing::check_on);
        hand.drawn.emit(());
        if more {
            check_on(hand);
        }
    });
}

/// How far the check is, or what it has found.
fn checked(writing: &Writing, hand: &Hand) -> Html {
    let lang = hand.lang;
    let Some(checkup) = &writing.checkup else { return html! {} };
    let (done, all) = checkup.progress();
    let found = findings(checkup.faults(), lang);
    let words = if done < all {
        lang.pick(
            format!("Checking: {done} of {all} seeds …"),
            format!("正在检查：{done} / {all} 个种子……"),
        )
    } else if found.is_empty() {
        lang.pick(
            format!("✓ It holds on all {all} seeds."),
            format!("✓ 在全部 {all} 个种子上成立。"),
        )
    } else {
        lang.pick("✗ It does not hold everywhere:".to_owned(), "✗ 并非处处成立：".to_owned())
    };
    let rows = found.into_iter().map(|line| html! { <li>{ line }</li> });
    html! {
        <div id="writing-checked" data-done={(done == all).to_string()}>
            <p class="verdict">{ words }</p>
            <ul class="errors">{ for rows }</ul>
        </div>
    }
}

/// Saves the file; one that is not finished only where the author wants so.
fn save(hand: &Hand, anyway: bool) -> Callback<MouseEvent> {
    let hand = hand.clone();
    Callback::from(move |_: MouseEvent| {
        let (id, file) = super::with(|writing| {
            let file = writing.draft.export();
            let whole = || Ok(writing.draft.to_json());
            (
                writing.draft.lesson().id.clone(),
                file.or_else(|it| if anyway { whole() } else { Err(it) }),
            )
        });
        match file {
            Ok(text) => {
                let hand = hand.clone();
                tasks::take_away("lesson", true, &format!("{id}.json"), &text, move |saved| {
                    if saved {
                        hand.change(|writing| writing.said = Said::Saved);
                    }
                });
            }
            Err(missing) => hand.change(|writing| writing.said = Said::Missing(missing)),
        }
    })
}

fn open(hand: &Hand) -> Callback<Event> {
    let hand = hand.clone();
    Callback::from(move |event: Event| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        let hand = hand.clone();
        tasks::read_files(&input, move |_, text| hand.change(|writing| writing.open_file(&text)));
        // The same file may be opened again.
        input.set_value("");
    })
}
