//! The words of the Clients tab, English and Chinese beside each other.

use crate::i18n::{Lang, Words};
use crate::model::console::Wrong;

/// Texts without values.
#[derive(Clone, Copy)]
pub enum Word {
    /// The console's line.
    Line,
    /// Send it.
    Send,
    /// Play until the client is answered.
    PlayUntilAnswered,
    /// Reconnect at a server.
    ConnectAt,
    /// Go without a word.
    Drop,
    /// End the session.
    Close,
    /// Nobody is there yet.
    NoClients,
    /// Nothing was said yet.
    Quiet,
    /// A request is under way.
    Waiting,
    /// The connection broke first.
    Unknown,
    /// Build a line by buttons.
    Build,
    /// The heading of the verdict.
    History,
    /// Nothing to judge.
    NoHistory,
    /// Writes and sessions are fine.
    Kept,
    /// All of it is linearizable.
    Linearizable,
    /// Some read is not.
    NotLinearizable,
    /// The heading of the ribbon.
    Staleness,
    /// What the ribbon shows.
    StalenessHint,
    /// The heading of the meter.
    Cost,
    /// Which span.
    Span,
    /// A span.
    LastElection,
    /// A span.
    SinceElection,
    /// A span.
    NewestWrite,
    /// A span.
    Marks,
    /// Set the first mark here.
    MarkFrom,
    /// Set the second mark here.
    MarkTo,
    /// A column.
    Family,
    /// A column.
    Messages,
    /// A column.
    Bytes,
    /// A column.
    Syncs,
    /// The last row.
    Total,
    /// Nothing to sum up.
    NoCost,
    /// A field.
    Version,
}

impl Words for Word {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Word::Line => ("command, as in zkCli", "命令，与 zkCli 相同"),
            Word::Send => ("Send", "发送"),
            Word::PlayUntilAnswered => ("Play until answered", "播放到有应答"),
            Word::ConnectAt => ("Connect at", "连接到"),
            Word::Drop => ("Drop connection", "断开连接"),
            Word::Close => ("Close session", "关闭会话"),
            Word::NoClients => ("No client yet.", "还没有客户端。"),
            Word::Quiet => ("Nothing was asked yet.", "还没有请求。"),
            Word::Waiting => ("waiting", "等待中"),
            Word::Unknown => ("outcome unknown", "结果未知"),
            Word::Build => ("Request", "请求"),
            Word::History => ("History", "历史"),
            Word::NoHistory => ("No request to judge yet.", "还没有可判断的请求。"),
            Word::Kept => (
                "Writes are linearizable, and every session sees one order.",
                "写入是可线性化的，每个会话看到的顺序一致。",
            ),
            Word::Linearizable => (
                "Linearizable: every read shows what was newest.",
                "可线性化：每次读取都看到最新状态。",
            ),
            Word::NotLinearizable => (
                "Not linearizable, which ZooKeeper does not promise for reads, because",
                "不可线性化（ZooKeeper 对读取不作此承诺），因为",
            ),
            Word::Staleness => ("Staleness", "滞后"),
            Word::StalenessHint => (
                "Decided transactions that a server has not applied, over time.",
                "随时间变化：已决定但该服务器尚未应用的事务数。",
            ),
            Word::Cost => ("Cost", "开销"),
            Word::Span => ("span", "范围"),
            Word::LastElection => {
                ("last election, until its epoch stands", "最近一次选举，到纪元确立")
            }
            Word::SinceElection => ("since that election", "自那次选举以来"),
            Word::NewestWrite => ("newest write", "最新的写入"),
            Word::Marks => ("between two marks", "两个标记之间"),
            Word::MarkFrom => ("From here", "从这里"),
            Word::MarkTo => ("To here", "到这里"),
            Word::Family => ("family", "类别"),
            Word::Messages => ("messages", "消息"),
            Word::Bytes => ("bytes", "字节"),
            Word::Syncs => ("disk syncs", "磁盘同步"),
            Word::Total => ("total", "合计"),
            Word::NoCost => ("Nothing to sum up here yet.", "这里还没有可统计的内容。"),
            Word::Version => ("version", "版本"),
        }
    }
}

/// What is wrong with a line, in words.
#[must_use]
pub fn wrong(wrong: &Wrong, lang: Lang) -> String {
    let (english, chinese, what): (_, _, &str) = match wrong {
        Wrong::Empty => ("Type a command, as in", "请输入命令，例如", "get -w /a"),
        Wrong::Verb(verb) => ("There is no command", "没有这个命令：", verb.as_str()),
        Wrong::Option(option) => ("The command has no option", "该命令没有此选项：", option),
        Wrong::NotHere(option) => {
            ("zkCli has it, these clients do not:", "zkCli 有，这里没有：", option)
        }
        Wrong::NoPath => ("A path is missing, as in", "缺少路径，例如", "/a"),
        Wrong::Path(path) => (
            "A path begins with a slash, ends without one and holds no blanks, unlike",
            "路径以斜杠开头、不以斜杠结尾且不含空白，而这里是",
            path,
        ),
        Wrong::NoData => ("Data is missing, as in", "缺少数据，例如", "set /a data"),
        Wrong::Version(version) => {
            ("A version is a number, unlike", "版本应为数字，而这里是", version)
        }
        Wrong::Server(server) => ("There is no server", "没有这台服务器：", server),
        Wrong::OpenQuote => ("A quote is not closed:", "引号没有关闭：", "\""),
        Wrong::Trailing(rest) => ("Nothing may follow here, but does:", "这里不应再有内容：", rest),
        Wrong::InMulti(verb) => (
            "A multi holds create, set, delete and check, not",
            "multi 只含 create、set、delete 和 check，而不是",
            verb,
        ),
    };
    [lang.pick(english, chinese), " ", what].concat()
}
