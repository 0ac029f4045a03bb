//! The frame of the page: where the parts stand, and the loop of pictures.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

use super::App;
use crate::i18n::Text;
use crate::panels::diagram::Diagram;
use crate::panels::dock_edge::DockEdge;
use crate::panels::inspector::Inspector;
use crate::panels::later::{Later, Part};
use crate::panels::left::Left;
use crate::panels::teacher;
use crate::panels::time;
use crate::panels::time::events;
use crate::panels::time::goto;
use crate::panels::topbar::TopBar;
use crate::panels::transport::Transport;
use crate::panels::{elections, keys};
use crate::stage::Stage;
use crate::tasks;
use crate::view::{Everyone, Msg, PanelProps, Selection};

/// The browser's calls before each picture that it draws, for as long as they are asked for.
pub struct Pictures {
    call: Closure<dyn FnMut(f64)>,
    asked: Option<i32>,
}

impl Pictures {
    /// Nothing is asked for yet.
    pub fn new(send: Callback<Msg>) -> Pictures {
        let call = Closure::<dyn FnMut(f64)>::new(move |at| send.emit(Msg::Picture(at)));
        Pictures { call, asked: None }
    }

    /// Asks for the next picture; a request that is open already is enough.
    pub fn request(&mut self) {
        let Some(window) = web_sys::window().filter(|_| self.asked.is_none()) else { return };
        self.asked = window.request_animation_frame(self.call.as_ref().unchecked_ref()).ok();
    }

    /// The picture that was asked for has come.
    pub fn came(&mut self) {
        self.asked = None;
    }

    /// Takes the request back.
    pub fn stop(&mut self) {
        if let (Some(number), Some(window)) = (self.asked.take(), web_sys::window()) {
            // One that has been drawn already cannot be taken back, which is no loss.
            let _ = window.cancel_animation_frame(number);
        }
    }
}

impl App {
    pub(super) fn draw(&self) -> Html {
        let narrow = tasks::is_narrow();
        let class = classes!(
            "frame",
            self.collapsed.0.then_some("no-left"),
            self.collapsed.1.then_some("no-right"),
            (self.time.listing || self.time.beside.is_some()).then_some("tall-dock")
        );
        html! {
            <>
                <a class="skip" href="#stage" onclick={skip}>{ self.lang.t(Text::Skip) }</a>
                <div class={class}>
                    <TopBar setup={self.shown.setup.clone()} lang={self.lang}
                        presenting={self.presenting} send={self.send.clone()} />
                    <Left shown={self.late.sides.clone()} choices={self.choices()} tab={self.tab}
                        learn={self.learn.clone()} only={self.only.clone()}
                        narrow={narrow} explored={self.explored()} send={self.send.clone()} />
                    { self.draw_stage() }
                    if !narrow {
                        { self.draw_inspector() }
                    }
                    { self.draw_dock() }
                </div>
                if self.blank {
                    <button type="button" class="blank" id="blank" onclick={self.unblank()}
                        aria-label={self.lang.pick("Show the page again", "重新显示页面")} />
                }
                if self.keys_open {
                    <Later part={Part::Keys(keys::Props {
                        lang: self.lang,
                        single: super::everyone::single_keys(),
                        send: self.send.clone(),
                    })} />
                }
                if self.cutting {
                    <Later part={Part::Cut(PanelProps {
                        shown: self.shown.clone(),
                        lang: self.lang,
                        send: self.send.clone(),
                    })} />
                }
                if self.elections_open {
                    <Later part={Part::Elections(elections::Props {
                        lang: self.lang,
                        send: self.send.clone(),
                    })} />
                }
                if self.teaching {
                    <Later part={Part::Teacher(teacher::Props {
                        lang: self.lang,
                        send: self.send.clone(),
                    })} />
                }
                <div id="live" class="sr" aria-live="polite">{ self.spoken.clone() }</div>
                if let Some(toast) = &self.toast {
                    <div class="toast" id="toast" role="status">{ &toast.words }</div>
                }
            </>
        }
    }

    fn unblank(&self) -> Callback<MouseEvent> {
        let send = self.send.clone();
        Callback::from(move |_| send.emit(Msg::Everyone(Everyone::Blank)))
    }

    fn draw_stage(&self) -> Html {
        let playback = self.session.borrow();
        let speed = if playback.playing { playback.rate() } else { 0.0 };
        html! {
            <Stage boot={self.boot_server().filter(|_| self.boot_open)}
                shown={self.shown.clone()} ground={self.ground.clone()} choices={self.choices()}
                playhead={playback.playhead()} speed={speed} send={self.send.clone()} />
        }
    }

    fn draw_inspector(&self) -> Html {
        let open = self.selection != Selection::Nothing;
        html! {
            <aside class={classes!("right", open.then_some("open"))}
                aria-label={self.lang.t(Text::Inspector)}>
                <Inspector shown={self.late.sides.clone()} choices={self.choices()}
                    send={self.send.clone()} />
            </aside>
        }
    }

    fn draw_dock(&self) -> Html {
        let playback = self.session.borrow();
        html! {
            <section class="dock" aria-label={self.lang.t(Text::Time)}>
                <DockEdge lang={self.lang} />
                <Transport shown={self.late.dock.clone()} lang={self.lang}
                    sentence={self.sentence.clone()} speed={playback.speed} filters={self.filters}
                    send={self.send.clone()} />
                if let Some(complaint) = self.time.field {
                    <Later part={Part::Goto(goto::Props {
                        lang: self.lang,
                        complaint,
                        send: self.send.clone(),
                    })} />
                }
                if let Some(beside) = &self.time.beside {
                    { time::twin::head(beside, &self.shown, self.lang, &self.send) }
                }
                <div class={classes!("time-view", self.time.listing.then_some("listing"))}>
                    { time::tools::tools(&self.time, self.lang, &self.send) }
                    <Diagram shown={self.late.dock.clone()} choices={self.choices()}
                        window={self.window} size={self.diagram} text_scale={self.stage.scale}
                        presenting={self.presenting} time={self.time.clone()}
                        playhead={self.time.axis.playhead(&playback)} now={playback.now()}
                        sentence={self.sentence.clone()} send={self.send.clone()} />
                    if self.time.listing {
                        <Later part={Part::Events(events::Props {
                            shown: self.late.dock.clone(),
                            lang: self.lang,
                            text_scale: self.stage.scale,
                            send: self.send.clone(),
                        })} />
                    }
                </div>
            </section>
        }
    }
}

/// The address names the run, so the link to the stage must not change it.
fn skip(event: MouseEvent) {
    event.prevent_default();
    tasks::focus("stage");
}
