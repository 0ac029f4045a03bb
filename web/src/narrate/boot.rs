//! The parts that a starting server registers, in words.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::trace::BootPart;

use crate::i18n::Lang;

/// One part as a sentence.
pub fn sentence(lang: Lang, id: ServerId, part: BootPart) -> String {
    let (english, chinese) = match part {
        BootPart::Mode { standalone: true } => {
            ("finds itself alone in zoo.cfg: standalone", "zoo.cfg 中只有自己：单机模式")
        }
        BootPart::Mode { standalone: false } => {
            ("finds an ensemble in zoo.cfg: runFromConfig", "zoo.cfg 中有集群：runFromConfig")
        }
        BootPart::ClientConnections => {
            ("registers the factory of client connections", "注册客户端连接工厂")
        }
        BootPart::LogAndSnapshots => {
            ("registers its transaction log and snapshots", "注册事务日志与快照")
        }
        BootPart::ElectionAlgorithm { .. } => (
            "registers the election algorithm, FastLeaderElection",
            "注册选举算法 FastLeaderElection",
        ),
        BootPart::SessionTimeouts { .. } => ("registers the session timeouts", "注册会话超时范围"),
        BootPart::ServerList { .. } => ("registers the server list", "注册服务器列表"),
        BootPart::ConnectionManager => ("makes its QuorumCnxManager", "创建 QuorumCnxManager"),
        BootPart::Listener { .. } => {
            ("lets the listener wait on the election port", "启动监听器，等候选举端口")
        }
    };
    let (words, stop) = lang.pick((english, "."), (chinese, "。"));
    format!("{id} {words}{stop}")
}
