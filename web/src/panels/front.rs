//! The front page of the first tab: what this is, an election at one click, and every lesson by the
//! question that it answers.
//!
//! The list is a text of one line a lesson, which `cargo xtask web` writes from the lessons, so
//! that a newcomer need not fetch what runs them.

use std::cell::RefCell;
use std::rc::Rc;

use vivarium_protocol::base::ServerId;
use vivarium_sim::Setup;
use yew::prelude::*;

use super::guide;
use crate::i18n::Lang;
use crate::model::playback::Until;
use crate::tasks;
use crate::view::{Live, Msg};

/// Where the list of lessons is.
const INDEX: &str = "lessons/index.txt";
/// The guide's steps that the first election has shown: up to the elected leader.
const ELECTED: usize = 3;

/// What the first tab shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Learn {
    /// The front page.
    Front,
    /// The walk, of which so many steps are done.
    Walk(usize),
    /// The draft of a lesson.
    Writing,
    /// A lesson.
    Lesson {
        /// The lesson or the step, as in `L09` or `L09.3`.
        place: AttrValue,
        /// Whether the run that is shown is the visitor's, and stays when the lesson opens.
        own: bool,
    },
}

impl Learn {
    /// A lesson, or a place in one.
    #[must_use]
    pub fn lesson(place: &str, own: bool) -> Learn {
        Learn::Lesson { place: place.to_owned().into(), own }
    }
}

/// What the first tab asks of the root.
#[derive(Clone, Debug, PartialEq)]
pub enum LearnMsg {
    /// Show this.
    Show(Learn),
    /// A lesson has led the run on and stands at this place.
    Led(AttrValue),
    /// The draft has led the run to where it ends.
    Written,
    /// A lesson speaks of this server's start.
    Boot(ServerId),
    /// The teacher's view, on or off.
    Teacher,
    /// Save what this browser knows of the learner's progress.
    SaveProgress,
    /// It is saved, or the browser refused.
    Saved(bool),
}

/// The controls that a link for a class may leave out, by the names in the link: the tabs, and what
/// makes another ensemble.
pub const CONTROLS: [(&str, &str, &str); 5] = [
    ("faults", "Faults", "故障"),
    ("clients", "Clients", "客户端"),
    ("cfg", "zoo.cfg", "zoo.cfg"),
    ("check", "Checker", "检查"),
    ("top", "Ensemble and seed", "集群与种子"),
];

/// A lesson in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    id: String,
    chapter: bool,
    minutes: String,
    /// Question and title in English, then in Chinese.
    words: [(String, String); 2],
}

impl Entry {
    fn parse(line: &str) -> Option<Entry> {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next();
        let (id, part, minutes) = (next()?, next()?, next()?);
        let words = [(next()?, next()?), (next()?, next()?)];
        Some(Entry { id, chapter: part == "chapter", minutes, words })
    }
}

thread_local! {
    /// The list, once it was fetched.
    static LIST: RefCell<Option<Rc<Vec<Entry>>>> = const { RefCell::new(None) };
}

/// The ids of every lesson in the list.
#[must_use]
pub fn listed() -> Vec<String> {
    let ids = |list: &Rc<Vec<Entry>>| list.iter().map(|entry| entry.id.clone()).collect();
    LIST.with_borrow(|list| list.as_ref().map(ids).unwrap_or_default())
}

/// What the front page is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The run, which the first button acts upon.
    pub live: Live,
    /// The language.
    pub lang: Lang,
    /// Where what its buttons do goes.
    pub send: Callback<Msg>,
}

/// The front page.
#[component]
pub fn Front(props: &Props) -> Html {
    let list = use_state(|| LIST.with_borrow(Clone::clone));
    let missing = use_state(|| false);
    {
        let (list, missing) = (list.clone(), missing.clone());
        use_effect_with((), move |()| {
            if list.is_none() {
                tasks::fetch_text(INDEX, move |text| {
                    missing.set(text.is_none());
                    list.set(text.map(keep));
                });
            }
        });
    }
    let Props { live, lang, send } = props;
    let elect = {
        let (live, send) = (live.clone(), send.clone());
        Callback::from(move |_: MouseEvent| first_election(&live, &send))
    };
    let walk = show(send, Learn::Walk(0));
    html! {
        <div id="front">
            <p class="kick">{ lang.pick("A ZooKeeper ensemble behind glass", "玻璃后的 ZooKeeper 集群") }
            </p>
            <h1 aria-level="2">{ lang.pick("What is this?", "这是什么？") }</h1>
            <p class="lead">{ lang.pick(
                "Several servers act as one: they elect a leader, agree on every change, and carry \
                 on when one of them fails. What runs here is the real protocol.",
                "几台服务器像一台那样工作：选出 Leader，对每次修改达成一致，有一台坏了也照常服务。\
                 这里运行的是真正的协议。",
            ) }</p>
            <div class="acts">
                <button type="button" class="btn solid" id="first-election" onclick={elect}>
                    { lang.pick("Watch an election", "看一次选举") }</button>
                <button type="button" class="btn line" id="open-walk" onclick={walk}>
                    { lang.pick("The walk", "导览") }</button>
            </div>
            if let Some(list) = &*list {
                { questions(list, *lang, send) }
            }
            if *missing {
                <p class="hint" role="alert">{ lang.pick(
                    "The list of lessons can't be fetched; load the page again to try once more.",
                    "无法获取课程列表；请重新加载页面再试。",
                ) }</p>
            }
            <button type="button" class="btn line" id="write-lesson"
                onclick={show(send, Learn::Writing)}>
                { lang.pick("Write a lesson", "编写课程") }</button>
        </div>
    }
}

/// Keeps the list for the next time that the page is shown.
fn keep(text: String) -> Rc<Vec<Entry>> {
    let list = Rc::new(text.lines().filter_map(Entry::parse).collect());
    LIST.set(Some(Rc::clone(&list)));
    list
}

/// A click that shows something else in the first tab.
pub fn show(send: &Callback<Msg>, learn: Learn) -> Callback<MouseEvent> {
    let send = send.clone();
    Callback::from(move |_| send.emit(Msg::Learn(LearnMsg::Show(learn.clone()))))
}

/// The way back to the front page.
pub fn back(lang: Lang, send: &Callback<Msg>) -> Html {
    html! {
        <button type="button" class="back" id="to-front" onclick={show(send, Learn::Front)}>
            { lang.pick("← All lessons", "← 全部课程") }</button>
    }
}

/// From nothing to an elected leader, played; then the walk goes on from there.
fn first_election(live: &Live, send: &Callback<Msg>) {
    if live.0.borrow().position() > 0 {
        send.emit(Msg::NewRun(Box::new(Setup::watchable(5))));
    }
    send.emit(Msg::Learn(LearnMsg::Show(Learn::Walk(ELECTED))));
    send.emit(Msg::Commands(guide::start_all(&live.shown())));
    send.emit(Msg::PlayUntil(Until::Elected));
}

fn questions(list: &[Entry], lang: Lang, send: &Callback<Msg>) -> Html {
    let progress = tasks::stored("progress").unwrap_or_default();
    let part = |chapter: bool| {
        let entries = list.iter().filter(move |entry| entry.chapter == chapter);
        let rows = entries.map(|entry| question(entry, &progress, lang, send));
        html! { <ol class="questions">{ for rows }</ol> }
    };
    html! {
        <>
            <h2>{ lang.pick("From start to service", "从启动到服务") }</h2>
            { part(true) }
            <h2>{ lang.pick("Further", "更进一步") }</h2>
            { part(false) }
            { foot(lang, send) }
        </>
    }
}

/// What teachers need, and the learner's own file.
fn foot(lang: Lang, send: &Callback<Msg>) -> Html {
    let ask = |msg: LearnMsg| {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Learn(msg.clone())))
    };
    html! {
        <div class="acts">
            <button type="button" class="btn line" id="open-teacher"
                onclick={ask(LearnMsg::Teacher)}>
                { lang.pick("For teachers", "教师视图") }</button>
            <button type="button" class="btn line" id="save-progress"
                onclick={ask(LearnMsg::SaveProgress)}>
                { lang.pick("Save my progress", "保存我的进度") }</button>
        </div>
    }
}

fn question(entry: &Entry, progress: &str, lang: Lang, send: &Callback<Msg>) -> Html {
    let (question, title) = lang.pick(&entry.words[0], &entry.words[1]);
    let begun = progress.contains(&format!("\"id\":\"{}\"", entry.id));
    let open = show(send, Learn::lesson(&entry.id, false));
    html! {
        <li key={entry.id.clone()}>
            <button type="button" data-lesson={entry.id.clone()} onclick={open}>
                <b>{ question }</b>
                <small>{ title }{ " · " }{ &entry.minutes }{ lang.pick(" min", " 分钟") }
                    if begun {
                        <em>{ lang.pick(" · begun", " · 已开始") }</em>
                    }
                </small>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_list_is_a_lesson_in_both_languages() {
        let entry = Entry::parse("L09\tchapter\t6\tWho wins?\tAn election\t谁赢？\t选举").unwrap();
        assert!(entry.chapter && entry.id == "L09" && entry.minutes == "6");
        assert_eq!(entry.words[1], ("谁赢？".to_owned(), "选举".to_owned()));
        assert_eq!(Entry::parse("L09\tchapter"), None);
    }
}
