//! The words of the Checker tab.

use vivarium_protocol::base::Exhibit;
use vivarium_sim::Promise;

use crate::i18n::Words;

/// Everything that the tab says without values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckerText {
    /// The tab.
    Tab,
    /// Invariants
    Invariants,
    /// What the marks are about.
    AtThePlayhead,
    /// holds
    Holds,
    /// broken
    Broken,
    /// Bug zoo
    Zoo,
    /// What a switch does.
    ZooHint,
    /// Search
    Search,
    /// schedules tried
    Schedules,
    /// longest
    Depth,
    /// steps a second
    Rate,
    /// Start
    Start,
    /// Stop
    Stop,
    /// What a search is and is not.
    NoProof,
    /// Nothing was found.
    Nothing,
    /// The search goes on.
    Searching,
    /// Something was found and is made shorter.
    Shortening,
    /// A shortest schedule is at hand.
    Found,
    /// It was stopped.
    Stopped,
}

impl Words for CheckerText {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            CheckerText::Tab => ("Checker", "检查"),
            CheckerText::Invariants => ("Invariants", "不变式"),
            CheckerText::AtThePlayhead => ("up to this moment", "截至此刻"),
            CheckerText::Holds => ("holds", "成立"),
            CheckerText::Broken => ("broken", "被破坏"),
            CheckerText::Zoo => ("Bug zoo: put a fixed bug back", "缺陷动物园：放回已修复的缺陷"),
            CheckerText::ZooHint => (
                "A switch runs the same commands again with the bug in every server.",
                "打开开关：让每台服务器带上该缺陷，重新执行同样的操作。",
            ),
            CheckerText::Search => ("Search for a counterexample", "搜索反例"),
            CheckerText::Schedules => ("Schedules", "调度数"),
            CheckerText::Depth => ("Longest", "最长"),
            CheckerText::Rate => ("Steps/s", "步/秒"),
            CheckerText::Start => ("Start the search", "开始搜索"),
            CheckerText::Stop => ("Stop", "停止"),
            CheckerText::NoProof => (
                "Random faults and requests against this ensemble with the switches above. To find \
                 nothing is no proof.",
                "用随机的故障与请求检验这个集合（含上面的开关）。没找到并不等于证明。",
            ),
            CheckerText::Nothing => {
                ("No schedule tried breaks an invariant.", "试过的调度都没有破坏不变式。")
            }
            CheckerText::Searching => ("Searching.", "搜索中。"),
            CheckerText::Shortening => {
                ("Found one; looking for a shorter one.", "已找到一个，正在缩短。")
            }
            CheckerText::Found => ("Found a shortest one.", "已找到最短的一个。"),
            CheckerText::Stopped => ("Stopped.", "已停止。"),
        }
    }
}

/// A promise as the list names it.
pub fn promise(promise: Promise) -> (&'static str, &'static str) {
    match promise {
        Promise::Agreement => ("No two servers apply different stories", "各服务器应用同一段历史"),
        Promise::TotalOrder => ("Same commit order everywhere", "各处的提交顺序相同"),
        Promise::PrimaryOrder => {
            ("One leader per epoch, heard in its order", "每个纪元一个 Leader，依其次序")
        }
        Promise::Durability => ("Nothing committed is lost", "已提交的不会丢失"),
        Promise::Acknowledgement => ("Acknowledged means on disk", "确认即已落盘"),
        Promise::Epochs => ("Epochs never go back", "纪元从不倒退"),
        Promise::Linearizability => ("Writes are linearizable", "写入可线性化"),
        Promise::SessionOrder => ("A session never goes back in time", "会话从不回到过去"),
        Promise::FreshSync => ("A read after sync is fresh", "sync 之后读到最新"),
        Promise::Answers => ("What a client was told has happened", "告知客户端的确已发生"),
        Promise::Ephemerals => ("Ephemerals go with their session", "临时节点随会话消失"),
        Promise::WatchOrder => ("The watch event comes first", "监视事件先到"),
        Promise::Codec => ("Sent is what arrives", "所收即所发"),
    }
}

/// What a bug is, in a few words.
pub fn exhibit(exhibit: Exhibit) -> (&'static str, &'static str) {
    match exhibit {
        Exhibit::AcksBeforeDurable => {
            ("acknowledge a proposal, write it later", "先确认提案，后写日志")
        }
        Exhibit::AcksNewLeaderBeforeLog => {
            ("acknowledge NEWLEADER, write later", "先确认 NEWLEADER，后写日志")
        }
        Exhibit::EpochBeforeHistory => {
            ("epoch first: committed entries get truncated", "先写纪元：已提交条目被截掉")
        }
        Exhibit::KeepsDatabaseOnRoleLoss => {
            ("database kept across an election", "选举期间保留数据库")
        }
        Exhibit::DiffWithoutTrunc => {
            ("DIFF where TRUNC is needed: ghost entries", "该 TRUNC 却 DIFF：幽灵条目")
        }
        Exhibit::ForgetsPromisedEpoch => {
            ("promised epochs forgotten in a crash", "崩溃后忘记承诺过的纪元")
        }
    }
}
