//! The records of a server's log as the bytes on its disk: choose an entry, see its record.

use std::rc::Rc;

use vivarium_protocol::base::{ServerId, Zxid};
use yew::prelude::*;

use super::bytes::Bytes;
use super::section;
use crate::i18n::Lang;
use crate::model::bytes;
use crate::view::Shown;

/// Records offered at most, the newest.
const RECORDS: usize = 8;

/// Whose log.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The server.
    pub id: ServerId,
    /// The language.
    pub lang: Lang,
}

/// The newest records; the chosen one as bytes.
#[component]
pub fn OnDisk(props: &Props) -> Html {
    let Props { shown, id, lang } = props;
    let chosen = use_state(|| None::<Zxid>);
    let playback = shown.playback();
    let Some(peer) = playback.timeline().world().peer(*id) else { return html! {} };
    let entries = peer.disk.entries();
    if entries.is_empty() {
        return html! {};
    }
    let buttons = entries.iter().rev().take(RECORDS).map(|(txn, durable)| {
        let zxid = txn.header.zxid;
        let now = *chosen == Some(zxid);
        let choose = {
            let chosen = chosen.clone();
            Callback::from(move |_: MouseEvent| chosen.set((!now).then_some(zxid)))
        };
        let state = match durable {
            true => lang.pick("on disk", "已落盘"),
            false => lang.pick("not yet synced", "尚未同步"),
        };
        html! {
            <button type="button" class="btn line" key={zxid.to_string()} title={state}
                aria-pressed={now.to_string()} data-record={zxid.to_string()} onclick={choose}>
                { zxid.to_string() }</button>
        }
    });
    let record = entries.iter().find(|(txn, _)| Some(txn.header.zxid) == *chosen);
    let drawn = record.map(|(txn, _)| {
        let zxid = txn.header.zxid;
        let title = lang.pick(format!("Record {zxid} in the log"), format!("日志中的记录 {zxid}"));
        html! { <Bytes wire={Rc::new(bytes::of_txn(txn))} title={title} lang={*lang} /> }
    });
    html! {
        <>
            { section(html! { lang.pick("Records as bytes", "记录的字节") }, html! {}, html! {
                <div class="effects" id="records">{ for buttons }</div>
            }) }
            { drawn }
        </>
    }
}
