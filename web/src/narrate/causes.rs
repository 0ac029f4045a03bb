//! What brought a step about, in both languages: each cause has a sentence, without a wildcard.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;
use vivarium_protocol::trace::{Cause, Timer, Travel};

use super::words::{deadline, message_name};
use crate::i18n::Lang;

pub fn english(
    peer: Option<ServerId>,
    cause: &Cause,
    received: Option<&Travel>,
    sent: Option<&Travel>,
) -> String {
    let id = peer.map_or_else(|| "The network".to_owned(), |id| id.to_string());
    let name = |travel: &Travel| message_name(Lang::English, travel);
    let and_sends = sent
        .map(|travel| format!(" and sends {} to {}", name(travel), travel.id.to))
        .unwrap_or_default();
    match cause {
        Cause::Started => format!("Server {id} starts."),
        Cause::Crashed => {
            format!("Server {id} crashes: what its disk had not synced may be lost with it.")
        }
        Cause::LinkUp { peer, channel } => {
            format!("{id} is connected to {peer} {}{and_sends}.", english_channel(*channel))
        }
        Cause::LinkDown { peer, channel } => {
            format!("{id} has no connection to {peer} {}.", english_channel(*channel))
        }
        Cause::Received(message) => {
            let what = received.map_or_else(|| "a message".to_owned(), name);
            format!("{id} receives {what} from {}{and_sends}.", message.from)
        }
        Cause::Deadline { timer } => english_deadline(&id, *timer, &and_sends),
        Cause::Durable => format!("{id}'s disk has synced{and_sends}."),
        Cause::Applied => format!("{id}'s tree has taken what was due."),
        Cause::Client { request } => format!("A client asks {id}: {request}{and_sends}."),
        Cause::Command { text } => format!("You act on the world: {text}."),
    }
}

fn english_channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Election => "for votes",
        Channel::Quorum => "as learner and leader",
    }
}

fn english_deadline(id: &str, timer: Timer, and_sends: &str) -> String {
    match timer {
        Timer::HalfTick => {
            format!("Half a tick has passed: leader {id} checks who is heard{and_sends}.")
        }
        Timer::SessionExpiry => format!("{id} looks for client sessions that fell silent."),
        Timer::ContainerCheck => {
            format!("Leader {id} looks for empty containers and znodes past their time to live.")
        }
        Timer::Resend
        | Timer::FinalizeWait
        | Timer::InitLimit
        | Timer::ReadOnlyMode
        | Timer::LeaderSilence
        | Timer::Pause => format!("{id}'s {} is over{and_sends}.", deadline(timer)),
    }
}

pub fn chinese(
    peer: Option<ServerId>,
    cause: &Cause,
    received: Option<&Travel>,
    sent: Option<&Travel>,
) -> String {
    let id = peer.map_or_else(|| "网络".to_owned(), |id| id.to_string());
    let name = |travel: &Travel| message_name(Lang::Chinese, travel);
    let and_sends = sent
        .map(|travel| format!("，并向 {} 发送 {}", travel.id.to, name(travel)))
        .unwrap_or_default();
    match cause {
        Cause::Started => format!("服务器 {id} 启动。"),
        Cause::Crashed => format!("服务器 {id} 崩溃：磁盘尚未同步的内容可能随之丢失。"),
        Cause::LinkUp { peer, channel } => {
            format!("{id} 与 {peer} 建立{}连接{and_sends}。", chinese_channel(*channel))
        }
        Cause::LinkDown { peer, channel } => {
            format!("{id} 与 {peer} 之间没有{}连接。", chinese_channel(*channel))
        }
        Cause::Received(message) => {
            let what = received.map_or_else(|| "一条消息".to_owned(), name);
            format!("{id} 收到 {} 的 {what}{and_sends}。", message.from)
        }
        Cause::Deadline { timer } => chinese_deadline(&id, *timer, &and_sends),
        Cause::Durable => format!("{id} 的磁盘已同步{and_sends}。"),
        Cause::Applied => format!("{id} 的数据树已应用应得的内容。"),
        Cause::Client { request } => format!("客户端向 {id} 请求：{request}{and_sends}。"),
        Cause::Command { text } => format!("你对世界做了：{text}。"),
    }
}

fn chinese_channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Election => "选举",
        Channel::Quorum => "仲裁",
    }
}

fn chinese_deadline(id: &str, timer: Timer, and_sends: &str) -> String {
    match timer {
        Timer::HalfTick => format!("半个 tick 过去：Leader {id} 检查还听得到谁{and_sends}。"),
        Timer::SessionExpiry => format!("{id} 检查沉默的客户端会话。"),
        Timer::ContainerCheck => format!("Leader {id} 检查空的容器节点和已过 TTL 的 znode。"),
        Timer::Resend
        | Timer::FinalizeWait
        | Timer::InitLimit
        | Timer::ReadOnlyMode
        | Timer::LeaderSilence
        | Timer::Pause => format!("{id} 的 {} 到期{and_sends}。", deadline(timer)),
    }
}
