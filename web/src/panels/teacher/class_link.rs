//! A link for a class: a lesson, a step of it, and the tabs that the class may use.

use yew::prelude::*;

use super::{Lessons, say};
use crate::i18n::Lang;
use crate::panels::front::CONTROLS;
use crate::tasks;

/// What the link is made from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Every lesson.
    pub lessons: Lessons,
    /// The language, which the link carries.
    pub lang: Lang,
}

/// The link with its choices.
#[component]
pub fn ClassLink(props: &Props) -> Html {
    let lang = props.lang;
    let place = use_state_eq(|| "L01".to_owned());
    let allowed = use_state_eq(|| CONTROLS.map(|_| true));
    let copied = use_state_eq(|| None::<bool>);
    let link = link(&place, *allowed, lang);
    let choose = {
        let (place, copied) = (place.clone(), copied.clone());
        Callback::from(move |event: Event| {
            if let Some(menu) = event.target_dyn_into::<web_sys::HtmlSelectElement>() {
                place.set(menu.value());
                copied.set(None);
            }
        })
    };
    let copy = {
        let (link, copied) = (link.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let copied = copied.clone();
            tasks::copy(&link, move |done| copied.set(Some(done)));
        })
    };
    let boxes = CONTROLS.iter().enumerate().map(|(index, (key, english, chinese))| {
        let (allowed, copied) = (allowed.clone(), copied.clone());
        let now = allowed[index];
        let switch = Callback::from(move |_: Event| {
            let mut next = *allowed;
            next[index] = !next[index];
            allowed.set(next);
            copied.set(None);
        });
        html! {
            <label class="tick"><input type="checkbox" data-control={*key} checked={now}
                onchange={switch} />{ lang.pick(*english, *chinese) }</label>
        }
    });
    let said = match *copied {
        Some(true) => lang.pick("Copied.", "已复制。"),
        Some(false) => lang.pick("Copy it from the field.", "请从输入框复制。"),
        None => "",
    };
    html! {
        <section>
            <h3>{ lang.pick("A link for the class", "给全班的链接") }</h3>
            <div class="choices">
                <label>{ lang.pick("Opens at", "打开位置") }
                    <select id="class-place" onchange={choose}>{ places(props, &place) }</select>
                </label>
                <span>{ lang.pick("The class may use:", "学生可以使用：") }</span>{ for boxes }
            </div>
            <div class="choices">
                <input id="class-link" type="text" readonly=true value={link}
                    aria-label={lang.pick("The link", "链接")} />
                <button type="button" class="btn solid" id="class-copy" onclick={copy}>
                    { lang.pick("Copy", "复制") }</button>
                <span role="status">{ said }</span>
            </div>
        </section>
    }
}

/// Every lesson and every step as a place to open.
fn places(props: &Props, now: &str) -> Html {
    let groups = props.lessons.iter().map(|lesson| {
        let whole = (lesson.id.clone(), say(&lesson.title, props.lang));
        let steps = lesson.steps().map(|(_, step)| (step.id.clone(), say(&step.say, props.lang)));
        let options = std::iter::once(whole).chain(steps).map(|(id, words)| {
            let short: String = words.chars().take(60).collect();
            html! {
                <option value={id.clone()} selected={id == now}>
                    { format!("{id}  {short}") }</option>
            }
        });
        html! { <optgroup label={lesson.id.clone()}>{ for options }</optgroup> }
    });
    html! { <>{ for groups }</> }
}

fn link(place: &str, allowed: [bool; CONTROLS.len()], lang: Lang) -> String {
    let page = tasks::page_address("");
    let mut link = format!("{page}#lesson={place}~lang={}", lang.pick("en", "zh"));
    if allowed.contains(&false) {
        let kept = CONTROLS.iter().zip(allowed).filter(|(_, allowed)| *allowed);
        let kept: Vec<&str> = kept.map(|((key, ..), _)| *key).collect();
        link.push_str("~only=");
        link.push_str(if kept.is_empty() { "none" } else { "" });
        link.push_str(&kept.join("-"));
    }
    link
}
