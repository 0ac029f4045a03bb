//! The lessons with times and aims, and three plans that choose among them.

use std::rc::Rc;

use vivarium_protocol::base::{Gather, SortedSet};
use yew::prelude::*;

use super::{Chosen, Lessons, say};
use crate::i18n::Lang;
use crate::panels::front::{Learn, LearnMsg};
use crate::view::Msg;

/// Plans: their names, and their lessons by number.
const PLANS: [(&str, &str, &str, &[u32]); 3] = [
    ("first", "First lecture", "第一次课", &[1, 3, 5, 7, 9, 14]),
    ("second", "Second lecture", "第二次课", &[8, 10, 11, 12, 13]),
    ("lab", "Lab", "实验课", &[15, 17, 18, 20]),
];

/// The table.
pub fn plan(lessons: &Lessons, chosen: &Chosen, lang: Lang, send: &Callback<Msg>) -> Html {
    let plans = PLANS.iter().map(|(key, english, chinese, numbers)| {
        let chosen = chosen.clone();
        let choose = Callback::from(move |_: MouseEvent| {
            chosen.set(Rc::new(numbers.iter().map(|number| format!("L{number:02}")).gather()));
        });
        html! {
            <button type="button" class="btn line" id={format!("plan-{key}")} onclick={choose}>
                { lang.pick(*english, *chinese) }</button>
        }
    });
    let rows = lessons.iter().map(|lesson| {
        let open = {
            let (send, id) = (send.clone(), lesson.id.clone());
            Callback::from(move |_: MouseEvent| {
                send.emit(Msg::Learn(LearnMsg::Teacher));
                send.emit(Msg::Learn(LearnMsg::Show(Learn::lesson(&id, false))));
            })
        };
        let title = say(&lesson.title, lang);
        html! {
            <tr key={lesson.id.clone()}>
                <td><input type="checkbox" data-choose={lesson.id.clone()}
                    checked={chosen.contains(&lesson.id)} aria-label={title.clone()}
                    onchange={toggle(chosen, &lesson.id)} /></td>
                <th scope="row"><button type="button" class="link" onclick={open}>
                    { format!("{} {title}", lesson.id) }</button></th>
                <td class="num">{ lesson.minutes }</td>
                <td>{ say(&lesson.goal, lang) }</td>
            </tr>
        }
    });
    let minutes = |all: bool| -> u32 {
        let counted = lessons.iter().filter(|lesson| all || chosen.contains(&lesson.id));
        counted.map(|lesson| lesson.minutes).sum()
    };
    let (count, time, all) = (chosen.len(), minutes(false), minutes(true));
    html! {
        <section>
            <div class="choices">{ for plans }
                <span id="plan-time">{ lang.pick(
                    format!("{count} chosen, {time} of {all} minutes"),
                    format!("已选 {count} 课，{time} / {all} 分钟"),
                ) }</span></div>
            <table class="plan">
                <thead><tr>
                    <th scope="col"><span class="sr">{ lang.pick("Choose", "选择") }</span></th>
                    <th scope="col">{ lang.pick("Lesson", "课程") }</th>
                    <th scope="col">{ lang.pick("Minutes", "分钟") }</th>
                    <th scope="col">{ lang.pick("Aim", "目标") }</th>
                </tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
        </section>
    }
}

fn toggle(chosen: &Chosen, id: &str) -> Callback<Event> {
    let (chosen, id) = (chosen.clone(), id.to_owned());
    Callback::from(move |_: Event| {
        let mut next = SortedSet::clone(&chosen);
        if !next.remove(&id) {
            next.insert(id.clone());
        }
        chosen.set(Rc::new(next));
    })
}
