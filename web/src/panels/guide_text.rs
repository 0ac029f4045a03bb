//! The guide's words, English and Chinese beside each other.

use super::guide::Topic;

/// English and Chinese.
type Both = (&'static str, &'static str);

/// What one step says.
#[derive(Clone, Copy)]
pub struct Words {
    /// Its title.
    pub title: Both,
    /// What happens.
    pub what: Both,
    /// Why.
    pub why: Both,
    /// Where to look.
    pub look: Both,
    /// Whether its button does something to the world.
    pub acts: bool,
}

/// The words of a step.
#[must_use]
pub fn words(topic: Topic) -> Words {
    match topic {
        Topic::BetterVote | Topic::Majority | Topic::Elected => voting(topic),
        Topic::Registered | Topic::Epoch => start_up(topic),
        Topic::Synchronise | Topic::Serving | Topic::Write => service(topic),
        Topic::LeaderCrash | Topic::NewLeader | Topic::Return => failure(topic),
        Topic::Isolated | Topic::Truncate => divergence(topic),
    }
}

fn voting(topic: Topic) -> Words {
    match topic {
        Topic::BetterVote => Words {
            title: ("Everyone votes for itself", "人人先投自己"),
            what: (
                "Each server starts round 1, votes for itself and tells the others. One of them \
                 switches to a better vote.",
                "每台服务器开始第 1 轮，投票给自己并告诉其他服务器。其中一台改投了更好的候选者。",
            ),
            why: (
                "Votes are compared by epoch, then by zxid, then by id: the newest log must win.",
                "选票先比纪元，再比 zxid，最后比 id：日志最新者必须胜出。",
            ),
            look: (
                "The circles: each wears the hue of the candidate. The plate's stripes change hue \
                 with the vote.",
                "圆形消息带着候选者的颜色；服务器改投时，标题栏的条纹随之变色。",
            ),
            acts: false,
        },
        Topic::Majority => Words {
            title: ("A majority agrees", "多数派达成一致"),
            what: (
                "A server has counted votes for one candidate from more than half of the voters. \
                 It waits 200 ms.",
                "一台服务器数到超过半数的票投给同一个候选者，再等 200 毫秒。",
            ),
            why: (
                "A better vote may still be on its way; only when none comes is the outcome final.",
                "更好的选票可能还在路上；没有来，结果才算定。",
            ),
            look: (
                "The slots at the foot of the plate, and the ring around its coin: finalizeWait.",
                "服务器底部的选票槽，以及编号外圈的计时环：finalizeWait。",
            ),
            acts: false,
        },
        _ => Words {
            title: ("The winner leads", "胜者成为 Leader"),
            what: (
                "The candidate finds itself elected and leads; the others become its followers, \
                 observers its observers.",
                "候选者发现自己当选，成为 Leader；其余的成为 Follower 或 Observer。",
            ),
            why: (
                "Each server decides for itself, from the votes it holds: nobody hands out the \
                 result.",
                "每台服务器只凭自己手上的选票决定：没有谁来公布结果。",
            ),
            look: (
                "The filled header with the flag, and the flag above its lane in the diagram.",
                "填满颜色、带旗帜的标题栏，以及时空图里它那条线上的旗帜。",
            ),
            acts: false,
        },
    }
}

fn start_up(topic: Topic) -> Words {
    match topic {
        Topic::Registered => Words {
            title: ("Followers report to the leader", "Follower 向 Leader 报到"),
            what: (
                "Followers connect to the leader's quorum port. Its acceptor gives each a \
                 handler; FOLLOWERINFO registers them.",
                "Follower 连接 Leader 的仲裁端口。LearnerCnxAcceptor 为每个连接分配一个 \
                 LearnerHandler；FOLLOWERINFO 完成登记。",
            ),
            why: (
                "The acceptor and the handlers live in the leader: a follower dials, it is never \
                 called.",
                "接收器和处理器都在 Leader 里：总是 Follower 主动连接。",
            ),
            look: (
                "Diamonds with F. Select the leader: the inspector lists one handler for each \
                 learner.",
                "带 F 的菱形。选中 Leader：检视器列出每个 Learner 的处理器。",
            ),
            acts: false,
        },
        _ => Words {
            title: ("A new epoch is promised", "承诺新纪元"),
            what: (
                "From a majority's accepted epochs the leader takes the highest plus one. \
                 Followers promise it with ACKEPOCH.",
                "Leader 取多数派已接受纪元中的最大值加一。Follower 用 ACKEPOCH 承诺。",
            ),
            why: (
                "Whoever has promised the new epoch refuses every older leader: two can never \
                 command a majority.",
                "承诺了新纪元，就会拒绝任何旧 Leader：不可能有两个 Leader 同时拥有多数派。",
            ),
            look: (
                "Diamonds L and A; the number under \"accepted\" is underlined when it changes.",
                "带 L 和 A 的菱形；“已承诺”下的数字改变时带下划线。",
            ),
            acts: false,
        },
    }
}

fn service(topic: Topic) -> Words {
    match topic {
        Topic::Synchronise => Words {
            title: ("Logs are brought in line", "对齐日志"),
            what: (
                "For each follower the leader chooses DIFF, TRUNC or SNAP by comparing where the \
                 two logs end.",
                "Leader 比较双方日志的末尾，为每个 Follower 选择 DIFF、TRUNC 或 SNAP。",
            ),
            why: (
                "Every write of the new epoch must build on one shared history.",
                "新纪元的每次写入都必须建立在同一份历史之上。",
            ),
            look: (
                "Hexagons: solid ones change the log. The sentence below names the rule that \
                 chose.",
                "六边形：实心的会改变日志。下方的句子说明依据哪条规则。",
            ),
            acts: false,
        },
        Topic::Serving => Words {
            title: ("The epoch stands", "纪元确立"),
            what: (
                "A majority has acknowledged NEWLEADER. The leader sends UPTODATE, and everyone \
                 serves clients.",
                "多数派确认了 NEWLEADER。Leader 发送 UPTODATE，各服务器开始为客户端服务。",
            ),
            why: (
                "Only a history that is on a majority's disks can never be lost again.",
                "只有落到多数派磁盘上的历史，才永远不会再丢。",
            ),
            look: (
                "The slots of the leader fill; phases move on to BROADCAST.",
                "Leader 的确认槽被填满；各服务器进入 BROADCAST 阶段。",
            ),
            acts: false,
        },
        _ => Words {
            title: ("A client writes", "客户端写入"),
            what: (
                "A client of a follower creates a znode: REQUEST to the leader, PROPOSAL to all, \
                 ACKs, COMMIT.",
                "客户端通过 Follower 创建一个 znode：REQUEST 到 Leader，PROPOSAL 到各服务器，然后 ACK、COMMIT。",
            ),
            why: (
                "The leader alone orders writes; a write is decided once a majority has it on \
                 disk.",
                "只有 Leader 为写入排序；多数派落盘后，写入才算提交。",
            ),
            look: (
                "The cell: outlined while only logged, solid once committed. The client's pill \
                 says its fate.",
                "日志小格：仅写入时是空心，提交后变实心。客户端标签显示请求的结果。",
            ),
            acts: true,
        },
    }
}

fn failure(topic: Topic) -> Words {
    match topic {
        Topic::LeaderCrash => Words {
            title: ("The leader crashes", "Leader 崩溃"),
            what: (
                "The leader dies. Its followers lose the connection and look for a new leader.",
                "Leader 崩溃。Follower 失去连接，重新开始寻找 Leader。",
            ),
            why: (
                "There is no single point of failure: what is committed lives on a majority of \
                 disks.",
                "没有单点故障：已提交的内容在多数派的磁盘上。",
            ),
            look: (
                "The cross in the diagram, and the lanes that become striped again.",
                "时空图里的叉，以及重新变成条纹的各条线。",
            ),
            acts: true,
        },
        Topic::NewLeader => Words {
            title: ("A new leader takes over", "新的 Leader 接手"),
            what: (
                "The survivors vote in a new round; the one with the newest log leads the next \
                 epoch.",
                "幸存者在新一轮中投票；日志最新者领导下一个纪元。",
            ),
            why: (
                "More than half of all voters must be left. With four servers, two cannot go on: \
                 they stop rather than split.",
                "剩余的必须超过全体投票者的一半。四台只剩两台时会停止服务，而不会脑裂。",
            ),
            look: (
                "The majority bar at the top left: it counts all voters, also those that are down.",
                "左上角的多数派条：它计算全部投票者，包括停机的。",
            ),
            acts: false,
        },
        _ => Words {
            title: ("The old leader returns", "旧 Leader 归来"),
            what: (
                "After one more write the old leader starts again, hears who leads, and is \
                 brought up to date.",
                "又写入一条之后，旧 Leader 重新启动，得知谁在领导，并被补齐。",
            ),
            why: (
                "It asks with its own vote; the others answer with theirs, and a majority of \
                 those settles it.",
                "它带着自己的选票询问；其余服务器以各自的选票回答，多数派的回答就是结论。",
            ),
            look: (
                "Circles with an outer ring: votes of servers that have decided. Then DIFF.",
                "带外圈的圆：来自已决定的服务器的选票。随后是 DIFF。",
            ),
            acts: true,
        },
    }
}

fn divergence(topic: Topic) -> Words {
    match topic {
        Topic::Isolated => Words {
            title: ("A leader that nobody hears", "没人听见的 Leader"),
            what: (
                "A partition cuts the leader off while a client writes to it. The others elect a \
                 new leader.",
                "分区隔开了 Leader，此时有客户端向它写入。其余服务器选出新的 Leader。",
            ),
            why: (
                "The write is on one disk only, so nobody is told that it succeeded.",
                "这条写入只在一块磁盘上，所以没有谁被告知成功。",
            ),
            look: (
                "The outlined cell on the fenced server: only logged. Messages stop at the fence.",
                "围栏里那台服务器上的空心小格：仅写入日志。消息停在围栏处。",
            ),
            acts: true,
        },
        _ => Words {
            title: ("What only it had is cut off", "多出来的被截掉"),
            what: (
                "The partition heals. The old leader follows the new one, which takes its extra \
                 entry away: by TRUNC, or by SNAP if the new epoch has entries already.",
                "分区修复。旧 Leader 跟随新的 Leader，多出的条目被去掉：用 TRUNC 截断；若新纪元已有条目，则用 SNAP。",
            ),
            why: (
                "The entry is not part of the history that the new epoch continues. TRUNC must \
                 not cross an epoch, hence SNAP.",
                "那条条目不属于新纪元所延续的历史。TRUNC 不能跨越纪元，所以才有 SNAP。",
            ),
            look: (
                "The hatched cell with a bar before it, then its disappearance.",
                "带竖线的斜纹小格，随后消失。",
            ),
            acts: true,
        },
    }
}
