//! The staleness ribbon: for each server, how many decided transactions it has not applied, over
//! the whole run so far. A row leads to the moment at which it was worst.

use yew::prelude::*;

use super::console::seconds;
use super::words::Word;
use crate::i18n::Lang;
use crate::model::decimal::{Between, hundredths, short, tenths};
use crate::model::flight::micros;
use crate::model::histories::{Lag, lags};
use crate::view::{Msg, PanelProps};

/// Height of a row in units of its drawing.
const HEIGHT: f64 = 20.0;

/// The ribbon.
#[component]
pub fn Staleness(props: &PanelProps) -> Html {
    let PanelProps { shown, lang, send } = props;
    let lags = lags(shown.playback().timeline().world());
    let most = lags.iter().map(|lag| lag.worst().1).max().unwrap_or(0);
    let first = lags.iter().filter_map(|lag| lag.steps.first()).map(|(at, _)| at.0).min();
    let start = first.unwrap_or(0) as f64;
    let span = (micros(shown.at) - start).max(1.0);
    let rows = lags.iter().map(|lag| row(lag, (start, span), most, *lang, send));
    html! {
        <>
            <h2>{ lang.t(Word::Staleness) }</h2>
            <p class="hint">{ lang.t(Word::StalenessHint) }</p>
            <div id="staleness">{ for rows }</div>
        </>
    }
}

fn row(lag: &Lag, (start, span): (f64, f64), most: u32, lang: Lang, send: &Callback<Msg>) -> Html {
    let (id, now) = (lag.server, lag.now());
    let (when, worst) = lag.worst();
    let words = if worst == 0 {
        lang.pick(format!("{now} behind"), format!("落后 {now}"))
    } else {
        let at = seconds(when.0);
        lang.pick(
            format!("{now} behind, at most {worst} at {at}"),
            format!("落后 {now}，最多 {worst}（{at}）"),
        )
    };
    let send = send.clone();
    let click = Callback::from(move |_: MouseEvent| send.emit(Msg::SeekTime(micros(when))));
    html! {
        <button type="button" key={id.0} class="behind" id={format!("lag-{id}")} onclick={click}>
            <b class="mono">{ id.0 }</b>
            <svg viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
                <path d={outline(lag, (start, span), most)} /></svg>
            <span>{ words }</span>
        </button>
    }
}

/// The lag as a line of steps above a base.
fn outline(lag: &Lag, (start, span): (f64, f64), most: u32) -> String {
    let height = |missing: u32| HEIGHT - f64::from(missing) / f64::from(most.max(1)) * HEIGHT;
    let mut path = format!("M0 {}", short(HEIGHT));
    for (at, missing) in &lag.steps {
        let x = ((micros(*at) - start) / span * 100.0).between(0.0, 100.0);
        path.push_str(&format!("H{}V{}", hundredths(x), tenths(height(*missing))));
    }
    path.push_str(&format!("H100V{}Z", short(HEIGHT)));
    path
}
