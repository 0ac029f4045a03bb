//! The words of the faults panel, of the cutting dialog and of a message's actions.

use crate::i18n::Words;

/// A text of these parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum W {
    /// Opens the dialog that cuts.
    CutServers,
    /// The dialog's first line.
    CutHint,
    /// Nobody is chosen.
    CutChoose,
    /// Makes the two sides.
    CutApart,
    /// Both directions between two.
    CutBoth,
    /// How to cut on the stage.
    CutDrag,
    /// Two are needed for a link.
    NeedTwo,
    /// Some but not all are needed.
    NeedSome,
    /// Heading of the matrix.
    Matrix,
    /// Heading of the link form.
    LinkTitle,
    /// From.
    From,
    /// To.
    To,
    /// All servers.
    Every,
    /// Both ways.
    BothWays,
    /// Delay in milliseconds.
    DelayMs,
    /// Jitter in milliseconds.
    JitterMs,
    /// Loss in percent.
    LossPercent,
    /// Bandwidth in thousands of bytes a second.
    Bandwidth,
    /// Applies the form.
    Apply,
    /// Takes a fault back.
    Normal,
    /// What loss means under TCP.
    LossMeans,
    /// Slows a disk.
    SlowDisk,
    /// A slow disk is as before.
    NormalDisk,
    /// Empties a disk.
    WipeDisk,
    /// Crash while the disk writes.
    TearDisk,
    /// How many records survive.
    Keeping,
    /// Writes a snapshot.
    Snapshot,
    /// It must run for this.
    NeedsUp,
    /// It must be down for this.
    NeedsDown,
    /// The disk must be writing.
    NeedsUnsynced,
    /// A message's actions.
    MessageTitle,
    /// It waits.
    Hold,
    /// It goes on.
    Release,
    /// It is lost with its connection.
    DropMessage,
    /// What a hold does.
    HoldMeans,
    /// It is over.
    NotFlying,
    /// What TCP forbids.
    UnrealTitle,
    /// Why.
    UnrealMeans,
    /// Twice.
    Duplicate,
    /// Ahead.
    Overtake,
    /// Lost alone.
    Vanish,
    /// Every promise holds.
    AllHold,
    /// Back to the common file.
    BackToShared,
}

impl Words for W {
    fn words(self) -> (&'static str, &'static str) {
        TEXTS[self as usize]
    }
}

/// The texts in the order of [`W`]: English, Chinese.
const TEXTS: [(&str, &str); W::BackToShared as usize + 1] = [
    ("Cut servers off… (X)", "切断服务器…（X）"),
    (
        "Choose the servers of one side: 1–9 or a click. Enter cuts them off.",
        "选择一侧的服务器：按 1–9 或点击。回车切断。",
    ),
    ("nobody chosen yet", "尚未选择"),
    ("Partition", "分区"),
    ("Cut both ways", "双向切断"),
    (
        "On the stage: draw a line between servers, a loop around them, or pull one out.",
        "在舞台上：在服务器之间画线、绕着它们画圈，或把一台拖出来。",
    ),
    ("A single link needs two servers.", "单条链路需要两台服务器。"),
    ("A partition needs somebody on both sides.", "分区的两侧都要有服务器。"),
    ("Cut links (row no longer hears column)", "切断链路（行听不到列）"),
    ("Delay, jitter, loss, bandwidth", "延迟、抖动、丢包、带宽"),
    ("from", "从"),
    ("to", "到"),
    ("all", "全部"),
    ("both ways", "双向"),
    ("delay, ms", "延迟（毫秒）"),
    ("jitter, ms", "抖动（毫秒）"),
    ("loss, %", "丢包（%）"),
    ("bandwidth, kB/s (0: unlimited)", "带宽（kB/s，0 为不限）"),
    ("Set", "设定"),
    ("Normal", "恢复"),
    (
        "TCP sends what is lost again after 200, 400, 800 ms…: it arrives late, never \
                 out of order.",
        "TCP 会在 200、400、800 毫秒……后重发：只会迟到，不会乱序。",
    ),
    ("Slow disk", "放慢磁盘"),
    ("Disk as before", "磁盘恢复"),
    ("Wipe disk", "清空磁盘"),
    ("Tear disk", "撕裂磁盘"),
    ("records kept", "保留的记录"),
    ("Write snapshot", "写快照"),
    ("needs a running server", "需要服务器在运行"),
    ("needs a server that is down", "需要服务器已停止"),
    (
        "needs records that are not synced: stall or slow the disk, then write",
        "需要尚未落盘的记录：先停滞或放慢磁盘，再写入",
    ),
    ("Act on this message", "对这条消息操作"),
    ("Hold", "扣住"),
    ("Release", "放行"),
    ("Drop with its connection", "连同连接一起丢弃"),
    (
        "What is sent behind it on this connection waits too: TCP keeps the order.",
        "同一连接上排在后面的也会等待：TCP 保持顺序。",
    ),
    (
        "Only a message on its way can be held, dropped or changed.",
        "只有途中的消息才能扣住、丢弃或改变。",
    ),
    ("Unreal link", "不真实的链路"),
    (
        "Within a TCP connection nothing is repeated, reordered or lost alone, and the \
                 protocol relies on it. Do it anyway and see what the checkers say.",
        "TCP 连接内不会重复、乱序或单独丢失，协议依赖这一点。仍可这样做，看检查器怎么说。",
    ),
    ("Deliver twice", "送达两次"),
    ("Let it overtake", "让它插队"),
    ("Lose it alone", "单独丢失"),
    ("every promise holds", "所有承诺都成立"),
    ("Shared file", "公共文件"),
];
