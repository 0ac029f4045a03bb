//! The words of the comparison, in both languages.

use vivarium_protocol::base::Time;
use vivarium_sim::elections::{Account, Algorithm, Step, StepEvent};

use crate::i18n::{Lang, Words};
use crate::model::contest::Logs;

/// What needs no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// The heading.
    Title,
    /// What it is about.
    About,
    /// voters
    Voters,
    /// stay down
    Down,
    /// logs
    Logs,
    /// datagrams lost
    Loss,
    /// seed
    Seed,
    /// the next seed
    NextSeed,
    /// one scale for all
    OneScale,
    /// moment
    Moment,
    /// leader
    Leader,
    /// majority decided after
    Decided,
    /// everybody decided after
    Settled,
    /// polls or rounds
    Rounds,
    /// messages
    Messages,
    /// bytes
    Bytes,
    /// lost
    Lost,
    /// algorithm
    Algorithm,
    /// nobody
    Nobody,
    /// cost
    Cost,
    /// what is counted
    Counted,
    /// the button that opens the comparison
    Open,
}

impl Words for Label {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Label::Title => ("One election, four algorithms", "同一次选举，四种算法"),
            Label::About => (
                "The same servers, logs and network delays. ZooKeeper removed 0, 1 and 2 in 3.6.0; \
                 only 3 elects leaders today.",
                "相同的服务器、日志和网络延迟。ZooKeeper 在 3.6.0 移除了 0、1、2，如今只用 3 选举 Leader。",
            ),
            Label::Voters => ("voters", "投票者"),
            Label::Down => ("stay down", "不启动"),
            Label::Logs => ("logs", "日志"),
            Label::Loss => ("datagrams lost", "数据报丢失"),
            Label::Seed => ("seed", "种子"),
            Label::NextSeed => ("Next seed", "下一个种子"),
            Label::OneScale => ("one time scale", "统一时间刻度"),
            Label::Moment => ("Moment", "时刻"),
            Label::Leader => ("leader", "Leader"),
            Label::Decided => ("majority after", "多数派用时"),
            Label::Settled => ("everybody after", "全体用时"),
            Label::Rounds => ("polls or rounds", "轮询数或轮次"),
            Label::Messages => ("messages", "消息"),
            Label::Bytes => ("bytes", "字节"),
            Label::Lost => ("lost", "丢失"),
            Label::Algorithm => ("algorithm", "算法"),
            Label::Nobody => ("none", "无"),
            Label::Cost => ("Cost of this election", "这次选举的代价"),
            Label::Counted => (
                "Counted until the last running server has a leader. Bytes are payloads: a \
                 datagram, or a notification with its frame; headers and connection set-up are \
                 left out.",
                "统计到最后一台运行的服务器确定 Leader 为止。字节只算内容：一个数据报，或一条带帧头的通知；\
                 不含协议头和建立连接。",
            ),
            Label::Open => ("Compare the four election algorithms", "比较四种选举算法"),
        }
    }
}

impl Words for Logs {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Logs::Equal => ("all equal", "全部相同"),
            Logs::Longer => ("one is longer", "有一台更长"),
            Logs::Stale => ("the longer one is of an older epoch", "更长的那台属于旧纪元"),
        }
    }
}

/// How an algorithm works, in one sentence.
pub fn idea(algorithm: Algorithm, lang: Lang) -> &'static str {
    match algorithm {
        Algorithm::Polling => lang.pick(
            "Asks every voter in turn over UDP, counts, rests a second, asks again.",
            "用 UDP 逐个询问投票者，计票，休息一秒，再问一遍。",
        ),
        Algorithm::AuthFast => lang.pick(
            "Pushes each change of mind over UDP; every vote is acknowledged.",
            "每次改变主意都用 UDP 推送；每张选票都要确认。",
        ),
        Algorithm::AuthFastChallenged => lang.pick(
            "As 1, but a vote must bring back a challenge that was sent to its sender's address.",
            "与 1 相同，但选票须带回发往其地址的质询值。",
        ),
        Algorithm::Fast => lang.pick(
            "Pushes votes over TCP, and compares the epoch before the zxid.",
            "用 TCP 推送选票，先比较纪元，再比较 zxid。",
        ),
    }
}

/// What came of it, in one sentence.
pub fn verdict(account: &Account, lang: Lang) -> String {
    let Some(winner) = account.winner else {
        return match account.settled {
            Some(_) => lang
                .pick(
                    "Split: no leader has a majority behind it. Its followers would give up and \
                     look again.",
                    "分裂：没有 Leader 得到多数派支持。大家会放弃并重新选举。",
                )
                .to_owned(),
            None => lang.pick("No leader.", "没有 Leader。").to_owned(),
        };
    };
    match (account.better, lang) {
        (None, Lang::English) => format!("{winner} leads."),
        (None, Lang::Chinese) => format!("{winner} 当选。"),
        (Some(better), Lang::English) => format!(
            "{winner} leads, though {better} has a newer epoch: anything agreed upon in that epoch \
             could be lost."
        ),
        (Some(better), Lang::Chinese) => {
            format!("{winner} 当选，但 {better} 的纪元更新：那个纪元里达成一致的内容可能丢失。")
        }
    }
}

/// A duration, in milliseconds.
pub fn after(at: Option<Time>) -> String {
    at.map_or_else(|| "–".to_owned(), |at| format!("{} ms", at.0 / 1000))
}

/// One step that is not a message, in words.
pub fn told(step: &Step, lang: Lang) -> String {
    let server = step.server;
    match (step.event, lang) {
        (StepEvent::Starts, Lang::English) => format!("{server} starts."),
        (StepEvent::Starts, Lang::Chinese) => format!("{server} 启动。"),
        (StepEvent::Round(round), Lang::English) => {
            format!("{server} begins poll or round {round}.")
        }
        (StepEvent::Round(round), Lang::Chinese) => format!("{server} 开始第 {round} 轮。"),
        (StepEvent::Votes { leader, zxid }, Lang::English) => {
            format!("{server} votes for {leader}, {zxid}.")
        }
        (StepEvent::Votes { leader, zxid }, Lang::Chinese) => {
            format!("{server} 投票给 {leader}，{zxid}。")
        }
        (StepEvent::WaitsInVain(whom), Lang::English) => {
            format!("{server} has waited in vain for {whom}.")
        }
        (StepEvent::WaitsInVain(whom), Lang::Chinese) => {
            format!("{server} 没有等到 {whom} 的回应。")
        }
        (StepEvent::Counts { leader, votes, needed }, Lang::English) => {
            format!("{server} counts {votes} for {leader}; {needed} are a majority.")
        }
        (StepEvent::Counts { leader, votes, needed }, Lang::Chinese) => {
            format!("{server} 计得 {leader} 有 {votes} 票；多数派为 {needed}。")
        }
        (StepEvent::Finalizes, Lang::English) => {
            format!("{server} sees a majority and waits for a better vote.")
        }
        (StepEvent::Finalizes, Lang::Chinese) => {
            format!("{server} 看到多数派，再等等有没有更好的选票。")
        }
        (StepEvent::Unproven(whom), Lang::English) => {
            format!("{server} drops a vote: {whom} has not proven its address.")
        }
        (StepEvent::Unproven(whom), Lang::Chinese) => {
            format!("{server} 丢弃一张选票：{whom} 没有证明自己的地址。")
        }
        (StepEvent::Elected(leader), Lang::English) if leader == server => {
            format!("{server} leads.")
        }
        (StepEvent::Elected(leader), Lang::Chinese) if leader == server => {
            format!("{server} 成为 Leader。")
        }
        (StepEvent::Elected(leader), Lang::English) => format!("{server} follows {leader}."),
        (StepEvent::Elected(leader), Lang::Chinese) => format!("{server} 跟随 {leader}。"),
        // Messages are drawn, not told.
        (StepEvent::Sends { .. }, _) => String::new(),
    }
}
