//! Links, exports, opened traces: what leaves the page and comes back to it.
//!
//! A link is the run's own, and beside it what the visitor sees of it: the language, the open tab
//! of the left panel, the selected server. What is written into files comes from the simulator's
//! exports, or is drawn from the page by `static/picture.js`.

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::trace::Travel;
use vivarium_sim::{LinkError, Run};
use wasm_bindgen_futures::spawn_local;

use super::{App, first_setup};
use crate::i18n::{Lang, Text};
use crate::model::flight;
use crate::model::playback::Playback;
use crate::panels::export::{Export, ExportText, How, What};
use crate::panels::front::Learn;
use crate::panels::later;
use crate::tasks;
use crate::view::{Msg, Selection, Tab};

/// How a link to a lesson begins that is not one to a run.
const LESSON: &str = "lesson=";

/// The run that an address asks for, or a new one; and why, if it is not what was asked for.
pub(super) fn opened(address: &str) -> (Playback, Option<LinkError>) {
    if address.starts_with(LESSON) {
        return (Playback::new(first_setup()), None);
    }
    match Run::from_link(address) {
        Ok(run) => (Playback::from_run(run), None),
        Err(error) => (Playback::new(first_setup()), Some(error).filter(|_| !address.is_empty())),
    }
}

/// The language that an address asks for.
pub(super) fn language_of(address: &str) -> Option<Lang> {
    Run::beside(address).find(|(name, _)| *name == "lang").map(|(_, tag)| Lang::from_tag(tag))
}

/// The language in a link: shorter than the document's tag.
fn short_tag(lang: Lang) -> &'static str {
    match lang {
        Lang::English => "en",
        Lang::Chinese => "zh",
    }
}

impl App {
    /// The run and what is seen of it.
    pub(super) fn link(&self) -> String {
        let link = self.session.borrow().run().to_link();
        let mut link = Run::with_beside(&link, "lang", short_tag(self.lang));
        if self.tab != Tab::Guide {
            link = Run::with_beside(&link, "tab", self.tab.key());
        }
        if let Learn::Lesson { place, .. } = &self.learn {
            link = Run::with_beside(&link, "lesson", place);
        }
        if let Some(only) = &self.only {
            link = Run::with_beside(&link, "only", only);
        }
        if let Selection::Server(id) = self.selection {
            link = Run::with_beside(&link, "sel", &id.to_string());
        }
        link
    }

    /// What a link for a class left out is there again, unless the next link leaves it out too.
    pub(super) fn leave_class(&mut self) {
        if self.only.take().is_some() {
            tasks::clear_root("data-only");
        }
    }

    /// Takes from an address what stands beside its run.
    pub(super) fn look_as(&mut self, address: &str) {
        if let Some(rest) = address.strip_prefix(LESSON) {
            let place = rest.split('~').next().unwrap_or(rest);
            self.learn = Learn::lesson(place, false);
        }
        for (name, value) in Run::beside(address) {
            match name {
                "only" => {
                    tasks::set_root("data-only", &value.replace('-', " "));
                    self.only = Some(value.to_owned().into());
                }
                "lesson" => self.learn = Learn::lesson(value, true),
                "tab" => self.tab = Tab::from_key(value).unwrap_or(self.tab),
                "sel" => {
                    let id = value.parse().ok().map(ServerId);
                    let known = id.filter(|id| self.shown.ids.contains(id));
                    self.selection = known.map_or(self.selection, Selection::Server);
                }
                _ => {}
            }
        }
    }

    /// Says why an address was not opened.
    pub(super) fn refuse(&mut self, error: &LinkError) {
        let words = match error {
            LinkError::Newer(_) => self.lang.t(ExportText::NewerLink),
            LinkError::Version | LinkError::Damaged | LinkError::Line { .. } => {
                self.lang.t(Text::LinkDamaged)
            }
        };
        self.say(words.to_owned());
    }

    /// What the menu asks for.
    pub(super) fn export(&mut self, ask: Export) {
        match ask {
            Export::Take(what, how) => self.take_away(what, how),
            Export::Taken(what, how, done) => {
                let verb = match (done, how) {
                    (true, How::Save) => ExportText::Saved,
                    (true, How::Copy) => ExportText::Copied,
                    (false, _) => ExportText::Refused,
                };
                let of = self.lang.t(ExportText::Of(what));
                self.say(format!("{}{of}", self.lang.t(verb)));
            }
            Export::Open(source) => {
                let send = self.send.clone();
                tasks::open_trace(&source, move |found| {
                    send.emit(Msg::Export(Export::Opened(found)));
                });
            }
            Export::Opened(found) => self.open_trace(&found),
            Export::Print => tasks::print(),
        }
    }

    fn take_away(&self, what: What, how: How) {
        let name = format!("{}{}", self.file_name(), what.ending());
        let drawn = if what == What::ViewPixels { What::View } else { what };
        let text = self.text_of(what);
        let send = self.send.clone();
        spawn_local(async move {
            let Some(text) = text.await else {
                return send.emit(Msg::Export(Export::Taken(what, how, false)));
            };
            tasks::take_away(drawn.key(), how == How::Save, &name, &text, move |done| {
                send.emit(Msg::Export(Export::Taken(what, how, done)));
            });
        });
    }

    /// What a file holds that is text; empty for what is drawn, nothing if what writes it can't
    /// be fetched.
    fn text_of(&self, what: What) -> impl Future<Output = Option<String>> + 'static {
        let start = self.window.start.max(0.0);
        let range = (Time(start as u64), Time((start + self.window.span) as u64));
        let (filters, session, link) = (self.filters, self.session.clone(), self.link());
        async move {
            match what {
                What::View | What::ViewPixels | What::Diagram => Some(String::new()),
                What::Frame => Some(frame_of(&link)),
                What::Mermaid => {
                    let tools = later::fetch_tools().await?;
                    let keep = |travel: &Travel| filters.show(flight::family(travel));
                    Some((tools.mermaid)(session.borrow().timeline(), range, &keep))
                }
                What::Trace => {
                    let tools = later::fetch_tools().await?;
                    Some((tools.trace)(session.borrow().timeline()))
                }
                What::ShiViz => {
                    let tools = later::fetch_tools().await?;
                    Some((tools.shiviz)(session.borrow().timeline()))
                }
            }
        }
    }

    /// As in `vivarium-5-servers-seed-1-step-212`.
    fn file_name(&self) -> String {
        let (servers, seed) = (self.shown.ids.len(), self.shown.setup.seed);
        format!("vivarium-{servers}-servers-seed-{seed}-step-{}", self.shown.position)
    }

    fn open_trace(&mut self, found: &str) {
        let (link, hash) = match found {
            "" => return,
            "!newer" => return self.say(self.lang.t(ExportText::Newer).to_owned()),
            "!foreign" => return self.say(self.lang.t(ExportText::Foreign).to_owned()),
            found => found.split_once(' ').unwrap_or((found, "")),
        };
        match Run::from_link(link) {
            Ok(run) => {
                let playback = Playback::from_run(run);
                let same = format!("{:016x}", playback.timeline().world().hash()) == hash;
                self.replace(playback);
                let text = if same { ExportText::Opened } else { ExportText::OtherHash };
                self.say(self.lang.t(text).to_owned());
            }
            Err(error) => self.refuse(&error),
        }
    }
}

/// What puts a run into another page.
fn frame_of(link: &str) -> String {
    let address = tasks::page_address("embed.html");
    format!(
        "<iframe src=\"{address}#{link}\" title=\"Vivarium\" width=\"960\" height=\"640\" \
         style=\"border: 0\" loading=\"lazy\" allow=\"clipboard-write\"></iframe>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_language_beside_the_run() {
        assert_eq!(language_of("v1.abc~lang=zh"), Some(Lang::Chinese));
        assert_eq!(language_of("v1.abc~tab=faults~lang=en"), Some(Lang::English));
        assert_eq!(language_of("v1.abc"), None);
    }

    #[test]
    fn an_address_that_cannot_be_opened_says_why_and_an_empty_one_is_no_error() {
        assert_eq!(opened("").1, None);
        assert_eq!(opened("v7.abc").1, Some(LinkError::Newer(7)));
        assert_eq!(opened("v1.****").1, Some(LinkError::Damaged));
    }
}
