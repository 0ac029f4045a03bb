//! What a class has answered, from the files that its learners saved. The files stay here.

use std::cell::RefCell;
use std::rc::Rc;

use vivarium_lessons::{LessonProgress, Progress};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Lessons, say};
use crate::i18n::Lang;
use crate::tasks;

/// A learner's file: its name, and what is in it unless it is no such file.
type Answers = (String, Option<Progress>);

/// What the summary is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Every lesson.
    pub lessons: Lessons,
    /// The language.
    pub lang: Lang,
}

/// The field for files, and what they add up to.
#[component]
pub fn Collect(props: &Props) -> Html {
    let lang = props.lang;
    let files = use_state_eq(|| Rc::new(Vec::<Answers>::new()));
    let open = {
        let files = files.clone();
        Callback::from(move |event: Event| {
            let (files, found) = (files.clone(), Rc::new(RefCell::new(Vec::new())));
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                tasks::read_files(&field, move |name, text| {
                    found.borrow_mut().push((name, Progress::parse(&text)));
                    files.set(Rc::new(found.borrow().clone()));
                });
            }
        })
    };
    html! {
        <section>
            <h3>{ lang.pick("What the class has answered", "全班的回答") }</h3>
            <p class="hint">{ lang.pick(
                "Learners save their progress from the first tab and hand in the file. \
                 Open all files here at once; they are read in this browser and sent nowhere.",
                "学生在第一个标签里保存进度并交上文件。在这里一次打开全部文件；\
                 只在本浏览器中读取，不会发送到任何地方。",
            ) }</p>
            <label class="tick">{ lang.pick("Files ", "文件 ") }
                <input type="file" id="collect-files" multiple=true accept=".json,application/json"
                    onchange={open} /></label>
            <div role="status">
                if !files.is_empty() {
                    { summary(props, &files) }
                }
            </div>
        </section>
    }
}

fn summary(props: &Props, files: &[Answers]) -> Html {
    let lang = props.lang;
    let known: Vec<&Progress> = files.iter().filter_map(|(_, found)| found.as_ref()).collect();
    let unread = files.iter().filter(|(_, found)| found.is_none());
    let unread: Vec<String> = unread.map(|(name, _)| name.clone()).collect();
    let rows = props.lessons.iter().filter_map(|lesson| {
        let own: Vec<_> = known.iter().filter_map(|progress| progress.of(&lesson.id)).collect();
        if own.is_empty() {
            return None;
        }
        let count = |is: &dyn Fn(&LessonProgress) -> bool| {
            own.iter().filter(|progress| is(progress)).count()
        };
        let answered = lesson.quiz.iter().flat_map(|quiz| 0..quiz.choices.len()).map(|choice| {
            let given = count(&|it| it.quiz.map(usize::from) == Some(choice));
            format!("{}: {given}", ["a", "b", "c", "d", "e"].get(choice).unwrap_or(&"?"))
        });
        let answered = answered.collect::<Vec<_>>().join("  ");
        Some(html! {
            <tr key={lesson.id.clone()} data-summary={lesson.id.clone()}>
                <th scope="row">{ format!("{} {}", lesson.id, say(&lesson.title, lang)) }</th>
                <td class="num">{ own.len() }</td>
                <td class="num">{ count(&|it| it.solved) }</td>
                <td class="num">{ count(&|it| it.right) }</td>
                <td>{ answered }</td>
            </tr>
        })
    });
    html! {
        <>
            <p id="collect-count">{ lang.pick(
                format!("{} files read.", known.len()),
                format!("已读取 {} 个文件。", known.len()),
            ) }</p>
            if !unread.is_empty() {
                <p role="alert">{ lang.pick("No progress in: ", "没有进度：") }{ unread.join(", ") }</p>
            }
            <table class="plan">
                <thead><tr>
                    <th scope="col">{ lang.pick("Lesson", "课程") }</th>
                    <th scope="col">{ lang.pick("Begun", "已开始") }</th>
                    <th scope="col">{ lang.pick("Task solved", "练习解出") }</th>
                    <th scope="col">{ lang.pick("Quiz right", "测验答对") }</th>
                    <th scope="col">{ lang.pick("Quiz answers", "测验回答") }</th>
                </tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
        </>
    }
}
