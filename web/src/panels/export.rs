//! The menu "Export": what can be taken away, each to be saved or copied, and what can be opened.
//!
//! What is in the files is written elsewhere; here are the names of things and their buttons.

use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use crate::i18n::{Lang, Words};
use crate::stage::parts::icon;
use crate::view::Msg;

/// Something that can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Stage and diagram as one drawing.
    View,
    /// The same as pixels.
    ViewPixels,
    /// The space-time diagram as a drawing.
    Diagram,
    /// The diagram's range as a sequence diagram in Mermaid's language.
    Mermaid,
    /// The run up to here, as JSON.
    Trace,
    /// The run up to here, as a log with vector clocks.
    ShiViz,
    /// What another page needs to show this moment.
    Frame,
}

impl What {
    /// Everything, as the menu has it.
    pub const ALL: [What; 7] = [
        What::View,
        What::ViewPixels,
        What::Diagram,
        What::Mermaid,
        What::Trace,
        What::ShiViz,
        What::Frame,
    ];

    /// Its name in element ids, and for `picture.js` what to draw.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            What::View => "view",
            What::ViewPixels => "pixels",
            What::Diagram => "diagram",
            What::Mermaid => "mermaid",
            What::Trace => "trace",
            What::ShiViz => "shiviz",
            What::Frame => "frame",
        }
    }

    /// How a file of it ends.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            What::View => ".svg",
            What::ViewPixels => ".png",
            What::Diagram => "-diagram.svg",
            What::Mermaid => ".mmd",
            What::Trace => "-trace.json",
            What::ShiViz => "-shiviz.log",
            What::Frame => "-embed.html",
        }
    }
}

/// Where something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Into a file.
    Save,
    /// Onto the clipboard.
    Copy,
}

/// What the menu asks for, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Export {
    /// Take something away.
    Take(What, How),
    /// It was taken, or the browser refused.
    Taken(What, How, bool),
    /// A file was chosen, or let fall on the page; what holds it knows where.
    Open(wasm_bindgen::JsValue),
    /// What was found in the file: link and hash, or `!` and why not.
    Opened(String),
    /// Print this view.
    Print,
}

/// The words of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportText {
    /// Export
    Export,
    /// Save
    Save,
    /// Copy
    Copy,
    /// Saved
    Saved,
    /// Copied
    Copied,
    /// Refused
    Refused,
    /// Open a trace
    Open,
    /// Print
    Print,
    /// No trace
    Foreign,
    /// Newer trace
    Newer,
    /// Newer link
    NewerLink,
    /// Other hash
    OtherHash,
    /// Opened
    Opened,
    /// One of what is offered.
    Of(What),
}

impl Words for ExportText {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            ExportText::Export => ("Export", "导出"),
            ExportText::Save => ("Save", "保存"),
            ExportText::Copy => ("Copy", "复制"),
            ExportText::Saved => ("Saved: ", "已保存："),
            ExportText::Copied => ("Copied: ", "已复制："),
            ExportText::Refused => ("The browser refused: ", "浏览器拒绝了："),
            ExportText::Open => ("Open a trace (or drop it here) …", "打开轨迹文件（或拖到此处）…"),
            ExportText::Print => ("Print stage and diagram …", "打印舞台和时空图…"),
            ExportText::Foreign => {
                ("This file is no trace of Vivarium.", "该文件不是 Vivarium 的轨迹。")
            }
            ExportText::Newer => (
                "This trace was made by a newer Vivarium, which this one cannot read.",
                "该轨迹由更新版本的 Vivarium 生成，此版本无法读取。",
            ),
            ExportText::NewerLink => (
                "This link was made by a newer Vivarium, which this one cannot read: a new run.",
                "该链接由更新版本的 Vivarium 生成，此版本无法读取；已开始新的运行。",
            ),
            ExportText::OtherHash => (
                "The run is played again, but this Vivarium takes other steps than the file tells.",
                "已重放该运行，但此版本的步骤与文件记录的不同。",
            ),
            ExportText::Opened => ("The trace's run is played again.", "已重放该轨迹的运行。"),
            ExportText::Of(what) => what_words(what),
        }
    }
}

fn what_words(what: What) -> (&'static str, &'static str) {
    match what {
        What::View => ("View, SVG", "当前视图 SVG"),
        What::ViewPixels => ("View, PNG", "当前视图 PNG"),
        What::Diagram => ("Space-time diagram, SVG", "时空图 SVG"),
        What::Mermaid => ("Diagram's range, Mermaid", "时空图范围 Mermaid"),
        What::Trace => ("Run so far, JSON trace", "至此的运行 JSON 轨迹"),
        What::ShiViz => ("Run so far, ShiViz log", "至此的运行 ShiViz 日志"),
        What::Frame => ("Frame for another page, HTML", "嵌入其他网页的 HTML"),
    }
}

/// The menu.
pub fn menu(lang: Lang, send: &Callback<Msg>) -> Html {
    let rows = What::ALL.into_iter().map(|what| row(what, lang, send));
    html! {
        <details class="menu export" id="export" onkeydown={Callback::from(close_by_key)}>
            <summary class="btn" aria-label={lang.t(ExportText::Export)}>
                { icon("save") }<span>{ lang.t(ExportText::Export) }</span>
            </summary>
            <ul>
                { for rows }
                <li class="wide">
                    <input type="file" id="open-trace" class="sr" accept=".json,application/json"
                        onchange={chosen(send)} aria-label={lang.t(ExportText::Open)} />
                    <label for="open-trace" class="btn line">{ lang.t(ExportText::Open) }</label>
                    { button("print", ExportText::Print, None, Export::Print, lang, send) }
                </li>
            </ul>
        </details>
    }
}

fn row(what: What, lang: Lang, send: &Callback<Msg>) -> Html {
    let name = lang.t(ExportText::Of(what));
    let one = |how: How, text: ExportText, verb: &str| {
        let id = format!("{verb}-{}", what.key());
        button(&id, text, Some(name), Export::Take(what, how), lang, send)
    };
    html! {
        <li>
            <span>{ name }</span>
            { one(How::Save, ExportText::Save, "save") }
            { one(How::Copy, ExportText::Copy, "copy") }
        </li>
    }
}

fn button(
    id: &str,
    text: ExportText,
    of: Option<&str>,
    ask: Export,
    lang: Lang,
    send: &Callback<Msg>,
) -> Html {
    let send = send.clone();
    let click = Callback::from(move |event: MouseEvent| {
        close(&event.target_unchecked_into());
        send.emit(Msg::Export(ask.clone()));
    });
    let label = of.map(|of| format!("{}: {of}", lang.t(text)));
    html! {
        <button type="button" class="btn line" id={id.to_owned()} aria-label={label}
            onclick={click}>{ lang.t(text) }</button>
    }
}

fn chosen(send: &Callback<Msg>) -> Callback<Event> {
    let send = send.clone();
    Callback::from(move |event: Event| {
        let input: Element = event.target_unchecked_into();
        close(&input);
        send.emit(Msg::Export(Export::Open(input.into())));
    })
}

/// A choice closes the menu that it was made in.
fn close(within: &Element) {
    if let Ok(Some(menu)) = within.closest("details") {
        // Closing can only fail if the element is gone, and then it is closed.
        let _ = menu.remove_attribute("open");
    }
}

/// Escape closes the menu and gives the focus back to its button.
fn close_by_key(event: KeyboardEvent) {
    let within: Element = event.target_unchecked_into();
    if event.key() == "Escape" && within.closest("[open]").ok().flatten().is_some() {
        event.stop_propagation();
        close(&within);
        crate::tasks::focus_on("#export summary");
    }
}
