//! Delay, jitter, loss and bandwidth of links: chosen servers, four numbers, and back to normal.

use vivarium_protocol::base::ServerId;
use vivarium_sim::{Command, LinkChange};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::fault_words::W;
use super::faults::button;
use crate::i18n::Lang;
use crate::view::{Msg, Shown};

/// What the form is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// The selected server: what is sent from it is meant, until another is chosen.
    pub server: Option<ServerId>,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// What is chosen; no server means all of them.
#[derive(Clone, Copy, PartialEq)]
struct Form {
    from: Option<ServerId>,
    to: Option<ServerId>,
    both: bool,
    /// Delay and jitter in milliseconds, loss in percent, bandwidth in kB/s (0 is unlimited).
    numbers: [u64; 4],
}

/// The form.
#[component]
pub fn LinkFaults(props: &Props) -> Html {
    let Props { shown, lang, server, send } = props;
    let form =
        use_state_eq(|| Form { from: *server, to: None, both: true, numbers: [100, 50, 0, 0] });
    {
        let form = form.clone();
        use_effect_with(*server, move |server| {
            form.set(Form { from: *server, ..*form });
        });
    }
    let pairs = pairs(&form, &shown.ids);
    let each = |changes: &[LinkChange]| -> Vec<Command> {
        let of_pair = |(from, to): &(ServerId, ServerId)| {
            let (from, to) = (*from, *to);
            changes.iter().map(move |change| Command::Link { from, to, change: *change })
        };
        pairs.iter().flat_map(of_pair).collect()
    };
    html! {
        <div class="link-form">
            { server_choice("link-from", (W::From, false), form.from, &form, &shown.ids, *lang) }
            { server_choice("link-to", (W::To, true), form.to, &form, &shown.ids, *lang) }
            { both_ways(&form, *lang) }
            { number(0, "link-delay", W::DelayMs, &form, *lang) }
            { number(1, "link-jitter", W::JitterMs, &form, *lang) }
            { number(2, "link-loss", W::LossPercent, &form, *lang) }
            { number(3, "link-bandwidth", W::Bandwidth, &form, *lang) }
            <p class="hint">{ lang.t(W::LossMeans) }</p>
            { button("link-set".to_owned(), lang.t(W::Apply).to_owned(),
                each(&changes(&form)), send) }
            { button("link-normal".to_owned(), lang.t(W::Normal).to_owned(),
                each(&[LinkChange::Normal]), send) }
        </div>
    }
}

/// All are given, so that what was set before does not stay by half.
fn changes(form: &Form) -> [LinkChange; 3] {
    let [delay, jitter, loss, bandwidth] = form.numbers;
    let least = delay.saturating_sub(jitter) * 1000;
    let delay = LinkChange::Delay { least, most: (delay + jitter) * 1000 };
    let bytes = (bandwidth > 0).then_some(bandwidth.saturating_mul(1000));
    [delay, LinkChange::Loss { percent: loss.min(95) as u8 }, LinkChange::Bandwidth { bytes }]
}

fn pairs(form: &Form, ids: &[ServerId]) -> Vec<(ServerId, ServerId)> {
    let all = ids.iter().flat_map(|from| ids.iter().map(move |to| (*from, *to)));
    let is = |chosen: Option<ServerId>, id: ServerId| chosen.is_none_or(|chosen| chosen == id);
    let meant = |(from, to): &(ServerId, ServerId)| {
        let forth = is(form.from, *from) && is(form.to, *to);
        let back = form.both && is(form.from, *to) && is(form.to, *from);
        from != to && (forth || back)
    };
    all.filter(meant).collect()
}

fn server_choice(
    id: &'static str,
    (words, to): (W, bool),
    now: Option<ServerId>,
    form: &UseStateHandle<Form>,
    ids: &[ServerId],
    lang: Lang,
) -> Html {
    let choose = {
        let form = form.clone();
        Callback::from(move |event: Event| {
            let chosen: HtmlSelectElement = event.target_unchecked_into();
            let server = chosen.value().parse().ok().map(ServerId);
            form.set(if to {
                Form { to: server, ..*form }
            } else {
                Form { from: server, ..*form }
            });
        })
    };
    let options = ids.iter().map(|id| {
        html! { <option value={id.to_string()} selected={now == Some(*id)}>{ id.0 }</option> }
    });
    html! {
        <label for={id}>{ lang.t(words) }
            <select id={id} onchange={choose}>
                <option value="" selected={now.is_none()}>{ lang.t(W::Every) }</option>
                { for options }
            </select>
        </label>
    }
}

fn both_ways(form: &UseStateHandle<Form>, lang: Lang) -> Html {
    let toggle = {
        let form = form.clone();
        Callback::from(move |_: Event| form.set(Form { both: !form.both, ..*form }))
    };
    html! {
        <label class="check" for="link-both">
            <input type="checkbox" id="link-both" checked={form.both} onchange={toggle} />
            { lang.t(W::BothWays) }
        </label>
    }
}

fn number(
    place: usize,
    id: &'static str,
    words: W,
    form: &UseStateHandle<Form>,
    lang: Lang,
) -> Html {
    let typed = {
        let form = form.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let mut numbers = form.numbers;
            numbers[place] = input.value().parse().unwrap_or(0);
            form.set(Form { numbers, ..*form });
        })
    };
    let most = if place == 2 { "95" } else { "60000" };
    html! {
        <label for={id}>{ lang.t(words) }
            <input type="number" id={id} min="0" max={most} oninput={typed}
                value={form.numbers[place].to_string()} />
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_means_directions_and_both_numbers_of_each() {
        let ids: Vec<ServerId> = (1..=3).map(ServerId).collect();
        let numbers = [100, 50, 30, 2];
        let form = Form { from: Some(ServerId(1)), to: None, both: false, numbers };
        let raw = |form: &Form| -> Vec<(i64, i64)> {
            pairs(form, &ids).iter().map(|(from, to)| (from.0, to.0)).collect()
        };
        assert_eq!(raw(&form), [(1, 2), (1, 3)]);
        assert_eq!(raw(&Form { both: true, ..form }), [(1, 2), (1, 3), (2, 1), (3, 1)]);
        assert_eq!(
            changes(&form),
            [
                LinkChange::Delay { least: 50_000, most: 150_000 },
                LinkChange::Loss { percent: 30 },
                LinkChange::Bandwidth { bytes: Some(2000) },
            ]
        );
        let unlimited = Form { numbers: [100, 50, 30, 0], ..form };
        assert_eq!(changes(&unlimited)[2], LinkChange::Bandwidth { bytes: None });
    }
}
