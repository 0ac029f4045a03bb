//! The words of the boot view.

use crate::i18n::Words;

/// Everything the boot view says without values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootText {
    /// From main to service
    Title,
    /// Shows a server's start, or closes it
    Open,
    /// Boot view
    Button,
    /// main reads zoo.cfg
    Main,
    /// Is it distributed?
    Distributed,
    /// ensemble
    Ensemble,
    /// standalone
    Standalone,
    /// Parts, in the order of registration
    Parts,
    /// client connection factory
    Clients,
    /// log and snapshots
    Log,
    /// election algorithm
    Algorithm,
    /// session timeouts
    Timeouts,
    /// server list
    Servers,
    /// Connection manager
    Manager,
    /// listener
    Listener,
    /// dialled
    Dialled,
    /// accepted
    AcceptedLinks,
    /// The larger id dials, so each pair keeps one connection.
    LargerDials,
    /// Main loop
    Loop,
    /// The leader's start
    LeaderStart,
    /// waits for learners on port
    WaitsForLearners,
    /// one handler for each learner
    Handlers,
    /// The learner's start
    LearnerStart,
    /// dials the quorum port of
    DialsLeader,
    /// its handler there
    ItsHandler,
    /// Nobody leads yet: what follows depends on the vote.
    Open2,
    /// serves clients
    Serves,
    /// does not serve clients yet
    ServesNot,
    /// registered
    Done,
    /// not yet
    NotYet,
    /// connected
    Connected,
    /// none yet
    NoneYet,
    /// The process does not run. Step forward to its start.
    Down,
    /// boot view of the selected server
    Key,
}

impl Words for BootText {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            BootText::Title => ("from main to service", "从 main 到对外服务"),
            BootText::Open => ("Show how this server starts (B)", "查看此服务器的启动过程（B）"),
            BootText::Button => ("Boot view", "启动视图"),
            BootText::Main => ("main reads zoo.cfg", "main 读取 zoo.cfg"),
            BootText::Distributed => ("more than one server?", "不止一台服务器？"),
            BootText::Ensemble => ("ensemble", "集群"),
            BootText::Standalone => ("standalone", "单机"),
            BootText::Parts => ("QuorumPeer gets its parts", "为 QuorumPeer 注册各部件"),
            BootText::Clients => ("client connection factory", "客户端连接工厂"),
            BootText::Log => ("log and snapshots", "事务日志与快照"),
            BootText::Algorithm => ("election algorithm", "选举算法"),
            BootText::Timeouts => ("session timeouts", "会话超时范围"),
            BootText::Servers => ("server list", "服务器列表"),
            BootText::Manager => ("connection manager", "连接管理器"),
            BootText::Listener => ("its listener", "监听器"),
            BootText::Dialled => ("dialled by this server", "由本机发起"),
            BootText::AcceptedLinks => ("accepted by its listener", "由监听器接受"),
            BootText::LargerDials => ("The larger id dials.", "由 id 较大的一方发起连接。"),
            BootText::Loop => ("main loop", "主循环"),
            BootText::LeaderStart => ("the leader's start", "Leader 的启动"),
            BootText::WaitsForLearners => ("waits for learners", "等候学习者"),
            BootText::Handlers => ("one handler for each learner", "每个学习者一个处理器"),
            BootText::LearnerStart => ("the learner's start", "学习者的启动"),
            BootText::DialsLeader => ("dials the quorum port of", "连接 Leader 的数据端口："),
            BootText::ItsHandler => ("its handler there", "它在 Leader 中的处理器"),
            BootText::Open2 => ("What follows depends on the election.", "接下来取决于选举结果。"),
            BootText::Serves => ("serves clients", "对外提供服务"),
            BootText::ServesNot => ("does not serve clients yet", "尚未对外服务"),
            BootText::Done => ("registered", "已注册"),
            BootText::NotYet => ("not yet", "尚未"),
            BootText::Connected => ("connected", "已连接"),
            BootText::NoneYet => ("none yet", "尚无"),
            BootText::Down => (
                "Its process does not run. Step forward, or start it.",
                "进程未运行。请前进一步，或启动它。",
            ),
            BootText::Key => ("boot view of the selected server", "所选服务器的启动视图"),
        }
    }
}
