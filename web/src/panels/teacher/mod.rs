//! The teacher's view: every lesson with its time and its aim, a hand-out, a link for a class, and
//! what a class has answered, from files. Nothing leaves the browser.

mod class_link;
mod collect;
mod handout;
mod plan;

use std::cell::RefCell;
use std::rc::Rc;

use vivarium_lessons::{Lesson, Text};
use vivarium_protocol::base::SortedSet;
use yew::prelude::*;

use super::front::{self, LearnMsg};
use crate::hooks::modal::use_modal;
use crate::i18n::Lang;
use crate::stage::parts::icon;
use crate::tasks;
use crate::view::Msg;

/// What the view needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// Every lesson, in order.
type Lessons = Rc<Vec<Lesson>>;
/// The lessons that were chosen, by id.
type Chosen = UseStateHandle<Rc<SortedSet<String>>>;

/// The view.
#[component]
pub fn Teacher(props: &Props) -> Html {
    let lang = props.lang;
    let node = use_modal();
    let lessons = use_lessons();
    let chosen: Chosen = use_state_eq(|| Rc::new(SortedSet::default()));
    let answers = use_state_eq(|| false);
    let close = {
        let send = props.send.clone();
        move || send.emit(Msg::Learn(LearnMsg::Teacher))
    };
    let cancel = {
        let close = close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            close();
        })
    };
    html! {
        <dialog ref={node} id="teacher" class="elections teacher" aria-labelledby="teacher-title"
            oncancel={cancel}>
            <header>
                <h2 id="teacher-title">{ lang.pick("For teachers", "教师视图") }</h2>
                <button type="button" class="btn" id="teacher-close"
                    onclick={Callback::from(move |_: MouseEvent| close())}
                    aria-label={lang.t(crate::i18n::Text::Close)}>{ icon("close") }</button>
            </header>
            <p class="hint">{ lang.pick(
                "Choose lessons for a lecture or a hand-out. For the lecture itself open a lesson, \
                 switch to the presentation (P) and use a presenter's keys: Page Down goes on.",
                "为一节课或一份讲义选择课程。讲课时打开一课，切换到演示（P），\
                 用翻页笔操作：Page Down 继续。",
            ) }</p>
            { plan::plan(&lessons, &chosen, lang, &props.send) }
            { handout::controls(&answers, !chosen.is_empty(), lang) }
            <class_link::ClassLink lessons={lessons.clone()} {lang} />
            <collect::Collect lessons={lessons.clone()} {lang} />
            { handout::sheet(&lessons, &chosen, *answers, lang) }
        </dialog>
    }
}

/// Fetches every lesson of the list, and gives those that have come.
#[hook]
fn use_lessons() -> Lessons {
    let lessons = use_state(Lessons::default);
    let ids = use_memo((), |()| front::listed());
    {
        let (lessons, ids) = (lessons.clone(), ids.clone());
        use_effect_with((), move |()| {
            let missing = Rc::new(RefCell::new((ids.len(), Vec::new())));
            for id in &*ids {
                let (lessons, missing) = (lessons.clone(), missing.clone());
                tasks::fetch_text(&format!("lessons/{id}.json"), move |text| {
                    let (left, found) = &mut *missing.borrow_mut();
                    *left -= 1;
                    found.extend(text.and_then(|text| Lesson::parse(&text).ok()));
                    if *left == 0 {
                        found.sort_by(|one: &Lesson, other| one.id.cmp(&other.id));
                        lessons.set(Rc::new(std::mem::take(found)));
                    }
                });
            }
        });
    }
    (*lessons).clone()
}

/// A text in the reader's language.
fn say(text: &Text, lang: Lang) -> String {
    lang.pick(&text.en, &text.zh).clone()
}
