//! The words of everything about time.

use crate::i18n::Words;

/// What the transport, the list of events, the branches and the diagram's tools say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Next beat (N)
    NextBeat,
    /// Previous beat (Shift + N)
    PreviousBeat,
    /// Jump
    Jump,
    /// a vote
    Vote,
    /// a leader is elected
    Elected,
    /// an epoch stands
    Serving,
    /// a commit
    Commit,
    /// somebody looks for a leader
    Looking,
    /// a sync is planned
    Sync,
    /// a log is cut or replaced
    Divergence,
    /// a vote is switched
    Switched,
    /// a server crashes
    Crash,
    /// a promise is broken
    Violation,
    /// next
    Next,
    /// previous
    Previous,
    /// That does not come
    NoNext,
    /// There is no earlier one
    NoPrevious,
    /// Go to a moment or step (G)
    GoTo,
    /// Moment or step
    Place,
    /// 1.23 s, 1230 ms or #246
    PlaceHint,
    /// That is neither a moment nor a step
    NoPlace,
    /// The run does not go that far
    TooFar,
    /// Go
    Go,
    /// Events as text (E)
    Events,
    /// only what is worth a look
    ActsOnly,
    /// Branch
    Branch,
    /// Branches of this run
    Branches,
    /// the run before its first fork
    FirstBranch,
    /// shown
    Shown,
    /// Compare
    Compare,
    /// Compare with another seed
    OtherSeed,
    /// First difference
    FirstDifference,
    /// no difference in what is recorded
    NoDifference,
    /// seed
    Seed,
    /// Go to it
    GoToIt,
    /// Close the comparison
    CloseTwin,
    /// Axis in steps
    AxisSteps,
    /// Highlight causes and effects
    Cone,
    /// causes
    ConeShort,
    /// step
    Step,
    /// beats
    KeyBeat,
    /// jump
    KeyJump,
    /// go to
    KeyGoTo,
    /// branches
    KeyBranch,
    /// diagram
    KeyAxis,
    /// pan
    KeyPan,
}

impl Words for Word {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Word::NextBeat => ("Next beat (N)", "下一幕 (N)"),
            Word::PreviousBeat => ("Previous beat (Shift + N)", "上一幕 (Shift + N)"),
            Word::Jump => ("Jump", "跳转"),
            Word::Vote => ("a vote is cast", "有选票投出"),
            Word::Elected => ("a leader is elected", "选出 Leader"),
            Word::Serving => ("an epoch stands", "纪元成立"),
            Word::Commit => ("a commit", "一次提交"),
            Word::Looking => ("somebody looks for a leader", "有服务器寻找 Leader"),
            Word::Sync => ("a sync is planned", "计划一次同步"),
            Word::Divergence => ("a log is cut or replaced", "计划截断或替换日志"),
            Word::Switched => ("a vote is switched", "有选票改投"),
            Word::Crash => ("a server crashes", "有服务器崩溃"),
            Word::Violation => ("a promise is broken", "不变式被破坏"),
            Word::Next => ("next", "下一个"),
            Word::Previous => ("previous", "上一个"),
            Word::NoNext => {
                ("That does not happen in the next 10,000 steps.", "接下来的 10,000 步内没有发生。")
            }
            Word::NoPrevious => ("That did not happen before.", "此前没有发生过。"),
            Word::GoTo => ("Go to a moment or step (G)", "前往某一时刻或步骤 (G)"),
            Word::Place => ("Moment or step", "时刻或步骤"),
            Word::PlaceHint => ("1.23 s, 1230 ms or #246", "1.23 s、1230 ms 或 #246"),
            Word::NoPlace => ("Write 1.23 s, 1230 ms or #246.", "请写 1.23 s、1230 ms 或 #246。"),
            Word::TooFar => ("The run does not go that far.", "本次运行没有那么长。"),
            Word::Go => ("Go", "前往"),
            Word::Events => ("Events as text (E)", "文字事件列表 (E)"),
            Word::ActsOnly => ("only what is worth a look", "只列值得一看的"),
            Word::Branch => ("branch", "分支"),
            Word::Branches => ("Branches of this run (R: next)", "本次运行的分支 (R：下一个)"),
            Word::FirstBranch => ("the run before its first fork", "第一次分叉之前的运行"),
            Word::Shown => ("shown", "正在显示"),
            Word::Compare => ("compare", "对比"),
            Word::OtherSeed => ("Compare with the next seed", "与下一个种子对比"),
            Word::FirstDifference => ("First difference", "首个差异"),
            Word::NoDifference => {
                ("No difference in what is recorded of both.", "两者已记录的部分没有差异。")
            }
            Word::Seed => ("seed", "种子"),
            Word::GoToIt => ("Go to it", "前往"),
            Word::CloseTwin => ("Close the comparison (Shift + R)", "结束对比 (Shift + R)"),
            Word::AxisSteps => ("Axis by step instead of second (T)", "横轴用步骤代替秒 (T)"),
            Word::Cone => ("causes: what led to this, what follows (H)", "因果：突出前因后果 (H)"),
            Word::ConeShort => ("causes", "因果"),
            Word::Step => ("step", "步骤"),
            Word::KeyBeat => ("next, previous beat", "下一幕、上一幕"),
            Word::KeyJump => (
                "next vote, election, sync, commit, violation; with Shift J the previous one",
                "下一次投票、选举、同步、提交、违例；Shift J 为上一次",
            ),
            Word::KeyGoTo => {
                ("go to a moment or step; events as text", "前往时刻或步骤；文字事件列表")
            }
            Word::KeyBranch => ("next branch; compare branches", "下一个分支；对比分支"),
            Word::KeyAxis => ("steps or seconds; causes and effects", "步骤或秒；前因后果"),
            Word::KeyPan => ("move the diagram's window", "移动时空图窗口"),
        }
    }
}

/// What is said about a comparison with what a line makes of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// What the field asks for.
    Field,
    /// An example.
    Example,
    /// That is no act and no setting.
    Neither,
}

impl Words for Otherwise {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Otherwise::Field => (
                "Compare with another act here, or other settings",
                "与此刻的另一操作或其他设置对比",
            ),
            Otherwise::Example => ("crash 3", "crash 3"),
            Otherwise::Neither => (
                "Write an act, as in crash 3, or settings, as in seed=7 tick=200.",
                "请写一个操作（如 crash 3）或设置（如 seed=7 tick=200）。",
            ),
        }
    }
}
