//! The steps that lie behind the learner: what was said, what was predicted, what happened.

use vivarium_lessons::{Missed, Reached, Step, Why};
use yew::prelude::*;

use super::Hand;
use crate::i18n::Lang;
use crate::model::desk::Desk;
use crate::narrate;
use crate::view::Shown;

/// The list; the newest is open.
pub fn steps(desk: &Desk, hand: &Hand, shown: &Shown, on_its_way: bool) -> Html {
    let reached = desk.reached();
    let all: Vec<&Step> = desk.lesson().steps().map(|(_, step)| step).collect();
    let rows = reached.iter().enumerate().map(|(index, one)| {
        let last = index + 1 == reached.len();
        row(one, all[one.step], index, last, last && on_its_way, hand, shown)
    });
    let ahead = all.len() - reached.len();
    html! {
        <>
            <ol class="steps" id="lesson" aria-live="polite">{ for rows }</ol>
            if ahead > 0 && !reached.is_empty() {
                <p class="hint" id="lesson-steps">{ hand.lang.pick(
                    format!("Step {} of {}", reached.len(), all.len()),
                    format!("第 {} 步，共 {} 步", reached.len(), all.len()),
                ) }</p>
            }
        </>
    }
}

fn row(
    reached: &Reached,
    step: &Step,
    index: usize,
    open: bool,
    on_its_way: bool,
    hand: &Hand,
    shown: &Shown,
) -> Html {
    let back = hand.act(move |desk, playback| desk.return_to(index, playback));
    let said = if on_its_way {
        hand.lang.pick("Watch …", "请看……").to_owned()
    } else {
        hand.text(&step.say)
    };
    let happens = (open && !on_its_way && shown.position as u64 == reached.run.position)
        .then(|| shown.frame.as_ref().map(|it| narrate::sentence(hand.lang, it, &shown.scene)))
        .flatten();
    html! {
        <li key={reached.id.clone()} data-step={reached.id.clone()}
            data-i={(index + 1).to_string()}
            class={classes!((!open).then_some("done"))} aria-current={open.then_some("step")}>
            <button type="button" class="said" onclick={back} aria-busy={on_its_way.to_string()}>
                { said }</button>
            if open && !on_its_way {
                <div class="why">
                    if let Some(happens) = happens {
                        <h3>{ hand.lang.pick("What just happened", "刚刚发生") }</h3>
                        <p class="look">{ happens }</p>
                    }
                    { foretold(reached, step, hand, desk_choice(reached)) }
                </div>
            }
        </li>
    }
}

/// What the learner chose for a step, as the progress keeps it.
fn desk_choice(reached: &Reached) -> Option<usize> {
    super::DESK.with_borrow(|desk| {
        let desk = desk.as_ref()?;
        let own = desk.progress.of(&desk.lesson().id)?;
        own.predictions.iter().find(|it| it.step == reached.id).map(|it| it.choice)
    })
}

/// Whether what was predicted came true.
fn foretold(reached: &Reached, step: &Step, hand: &Hand, choice: Option<usize>) -> Html {
    let (Some(predict), Some(choice), Some(came)) = (&step.predict, choice, reached.came_true)
    else {
        return html! {};
    };
    let right = choice == came;
    let say = |index: usize| {
        predict.choices.get(index).map(|choice| hand.text(&choice.say)).unwrap_or_default()
    };
    let words = match (right, hand.lang) {
        (true, Lang::English) => format!("✓ As you predicted: {}.", say(came)),
        (true, Lang::Chinese) => format!("✓ 如你所料：{}。", say(came)),
        (false, Lang::English) => {
            format!("✗ You predicted: {}. It came otherwise: {}.", say(choice), say(came))
        }
        (false, Lang::Chinese) => {
            format!("✗ 你的预测：{}。实际是：{}。", say(choice), say(came))
        }
    };
    let class = classes!("verdict", if right { "right" } else { "wrong" });
    html! { <p {class} id="lesson-verdict">{ words }</p> }
}

/// Why a step does not come.
pub fn why(missed: &Missed, lang: Lang) -> String {
    match &missed.why {
        Why::Late => lang
            .pick("What it waits for did not happen in time.", "它等待的事没有及时发生。")
            .to_owned(),
        Why::Stuck(stuck) => lang.pick(
            format!("It could not do its part: {stuck}."),
            format!("它要做的事做不了：{stuck}。"),
        ),
    }
}
