//! What is wrong with a zoo.cfg, in Chinese.
//!
//! The reader of zoo.cfg is part of the server and says it in English; here each of its sentences
//! has a counterpart. `*` stands for what differs, in order `1`, `2`, `3` behind a `$`; a part that
//! is itself a sentence of the table is translated too. A sentence without a counterpart stays as
//! it is: an error in another language is better than none.

/// The reader's sentences and ours, the more special first.
const SENTENCES: &[(&str, &str)] = &[
    ("a positive number of milliseconds", "正整数（毫秒）"),
    ("a positive number of ticks", "正整数（tick 数）"),
    ("a port from 1 to 65535", "1 到 65535 之间的端口"),
    ("a number from 0 on", "不小于 0 的整数"),
    ("a positive size", "正整数"),
    ("a number of hours", "小时数"),
    ("write for example *, a number of ticks", "例如写 $1，单位是 tick"),
    ("write for example *", "例如写 $1"),
    (
        "write host:quorumPort:electionPort, for example *",
        "写成 host:quorumPort:electionPort，例如 $1",
    ),
    ("write where the data shall be, for example *", "写明数据放在哪里，例如 $1"),
    ("add for example *", "例如加上 $1"),
    ("add the server.N lines or remove it", "加上 server.N 各行，或删去它"),
    ("add the server.N lines", "加上 server.N 各行"),
    ("add its server.* line or correct its myid file", "加上它的 server.$1 行，或改正 myid 文件"),
    ("add it to one group.G line", "把它写进某一行 group.G"),
    (
        "add participants or set standaloneEnabled=false",
        "增加投票成员，或设 standaloneEnabled=false",
    ),
    ("add servers until there are three participants", "增加到三台投票服务器"),
    ("remove the line to run without it", "删去这一行即可在没有它的情况下运行"),
    ("remove the line or write electionAlg=3", "删去这一行，或写 electionAlg=3"),
    ("remove the line unless the data may be lost", "除非数据可以丢失，否则删去这一行"),
    ("remove it, the server.N lines decide", "删去它，由 server.N 各行决定"),
    ("remove it, it has no effect", "删去它，它没有作用"),
    (
        "remove it, or set standaloneEnabled=false for an ensemble of one",
        "删去它；若要一台服务器的集群，设 standaloneEnabled=false",
    ),
    ("remove it or add the server", "删去它，或加上这台服务器"),
    ("remove one of the two", "删去其中之一"),
    ("remove it", "删去它"),
    ("keep one of the two lines, this one counts", "两行留一行；现在以这一行为准"),
    ("keep one of the two lines", "两行留一行"),
    ("name only servers that vote", "只写投票的服务器"),
    ("leave it in one of them", "只留在其中一组"),
    ("give one of them a weight.N above 0", "给其中一台大于 0 的 weight.N"),
    ("number the servers from 1 to 255", "服务器编号用 1 到 255"),
    ("make at least one server a participant", "至少让一台服务器成为投票成员"),
    ("make their number odd", "让台数为奇数"),
    (
        "raise the one or lower the other; they default to 2 and 20 ticks",
        "提高前者或降低后者；默认为 2 和 20 个 tick",
    ),
    ("write an absolute path, or ./ before it to insist", "写绝对路径；确要相对路径就在前面加 ./"),
    ("write a backslash as \\\\", "反斜杠写作 \\\\"),
    ("write * without the prefix", "写 $1，不带前缀"),
    ("write *", "写 $1"),
    ("move it to *", "移到 $1"),
    ("perhaps * is meant", "或许想写 $1"),
    ("it goes on without", "将在没有它的情况下运行"),
    ("it counts as false, as in Apache ZooKeeper", "按 false 处理，与 Apache ZooKeeper 相同"),
    ("the version is the hexadecimal end of the file's name", "版本是文件名末尾的十六进制数"),
    (
        "the only server listed runs standalone and the list is ignored",
        "唯一列出的服务器以单机方式运行，列表被忽略",
    ),
    ("no failure of a server will be tolerated", "不能容忍任何一台服务器故障"),
    ("* participants tolerate no more failures than *", "$1 台投票成员能容忍的故障不比 $2 台多"),
    ("* is not set, and an ensemble needs it", "未设 $1，而集群需要它"),
    ("* is missing", "缺少 $1"),
    ("* asks for *, which Vivarium does not offer yet", "$1 要求“$2”，Vivarium 尚不提供"),
    ("* is no setting that ZooKeeper knows", "ZooKeeper 没有 $1 这个设置"),
    ("* cannot stand beside dynamicConfigFile", "$1 不能与 dynamicConfigFile 并存"),
    ("* does not belong into a file of members", "$1 不属于成员文件"),
    (
        "standaloneEnabled=false needs at least one participant",
        "standaloneEnabled=false 至少需要一台投票成员",
    ),
    ("there are observers and nobody for them to observe", "只有 Observer，没有可观察的对象"),
    ("one participant with observers is no ensemble", "一台投票成员加 Observer 不成集群"),
    ("*, * ms, is above *, * ms", "$1（$2 毫秒）大于 $3（$4 毫秒）"),
    ("* is set, but * is not", "设了 $1，但没有设 $2"),
    (
        "* is relative, so it depends on where the server is started",
        "$1 是相对路径，取决于服务器从哪里启动",
    ),
    ("* is at least *, so * is raised to that", "$1 至少为 $2，因此 $3 被提高到该值"),
    (
        "forceSync=no acknowledges what is not on disk, so a crash can lose it",
        "forceSync=no 会在写盘之前确认，崩溃可能丢失数据",
    ),
    (
        "electionAlg must be 3, which is FastLeaderElection, not \"*\"",
        "electionAlg 必须是 3（FastLeaderElection），而不是“$1”",
    ),
    (
        "electionAlg=* is not offered, because LeaderElection, *",
        "不提供 electionAlg=$1：LeaderElection 轮流询问每台服务器，没有轮次和纪元，已在 3.4.0 弃用、3.6.0 移除（ZOOKEEPER-1932）",
    ),
    (
        "electionAlg=* is not offered, because AuthFastLeaderElection, *",
        "不提供 electionAlg=$1：AuthFastLeaderElection 用数据报投票且没有 peerEpoch，已在 3.4.0 弃用、3.6.0 移除（ZOOKEEPER-2083）",
    ),
    (
        "Apache ZooKeeper ignores * in a file, Vivarium takes it",
        "Apache ZooKeeper 忽略文件中的 $1，Vivarium 接受它",
    ),
    ("* was already given on line *", "$1 已在第 $2 行给出"),
    ("* is neither true nor false but \"*\"", "$1 既不是 true 也不是 false，而是“$2”"),
    ("\\u must be followed by four hexadecimal digits", "\\u 之后必须是四位十六进制数字"),
    ("server * is given twice", "服务器 $1 给出了两次"),
    ("server * is not among the servers *", "服务器 $1 不在列出的服务器 $2 之中"),
    (
        "server * is in no group, and with groups or weights each must be",
        "服务器 $1 不在任何组内；使用组或权重时每台都必须在一组内",
    ),
    ("server * is in more than one group", "服务器 $1 在不止一个组内"),
    (
        "server * has a number above 255, so its session ids may collide",
        "服务器 $1 的编号大于 255，会话 id 可能冲突",
    ),
    ("no server weighs anything", "所有服务器的权重都是 0"),
    (
        "peerType differs from the line of server *, which decides",
        "peerType 与服务器 $1 的那一行不同，以那一行为准",
    ),
    (
        "clientPort gives *, but the line of server * gives *",
        "clientPort 给出 $1，而服务器 $2 的那一行给出 $3",
    ),
    ("* is given, but no server", "给出了 $1，却没有服务器"),
    ("* names server *, which is no participant", "$1 写了服务器 $2，而它不是投票成员"),
    ("* weighs a server that is not listed", "$1 给了一台未列出的服务器权重"),
    (
        "* must end in the number that the server has in its myid file",
        "$1 的末尾必须是该服务器 myid 文件中的编号",
    ),
    ("* must name servers by number, not \"*\"", "$1 必须用编号写服务器，而不是“$2”"),
    ("* ends in a blank, which Apache ZooKeeper refuses", "$1 末尾有空格，Apache ZooKeeper 会拒绝"),
    ("* lacks a quorum port, in \"*\"", "$1 缺少 quorum 端口：“$2”"),
    ("* lacks an election port, in \"*\"", "$1 缺少选举端口：“$2”"),
    ("* lacks a client port, in \"*\"", "$1 缺少客户端端口：“$2”"),
    ("* lacks a host, in \"*\"", "$1 缺少主机：“$2”"),
    ("* lacks a closing bracket, in \"*\"", "$1 缺少右方括号：“$2”"),
    (
        "* must have a quorum port from 1 to 65535, not \"*\", in \"*\"",
        "$1 的 quorum 端口必须在 1 到 65535 之间，而不是“$2”：“$3”",
    ),
    (
        "* must have an election port from 1 to 65535, not \"*\", in \"*\"",
        "$1 的选举端口必须在 1 到 65535 之间，而不是“$2”：“$3”",
    ),
    (
        "* must have a client port from 1 to 65535, not \"*\", in \"*\"",
        "$1 的客户端端口必须在 1 到 65535 之间，而不是“$2”：“$3”",
    ),
    (
        "* must have the role participant or observer, not \"*\", in \"*\"",
        "$1 的角色必须是 participant 或 observer，而不是“$2”：“$3”",
    ),
    ("* has something after the role, in \"*\"", "$1 在角色之后还有内容：“$2”"),
    (
        "* uses port * for quorum and election alike, in \"*\"",
        "$1 的 quorum 和选举用了同一个端口 $2：“$3”",
    ),
    ("* gives its addresses different roles, in \"*\"", "$1 的各地址角色不同：“$2”"),
    ("* must be * or *, not \"*\"", "$1 必须是 $2 或 $3，而不是“$4”"),
    ("* must be *, not \"*\"", "$1 必须是$2，而不是“$3”"),
    ("local sessions", "本地会话"),
    ("a leader without clients", "不服务客户端的 Leader"),
    ("followers that serve observers", "服务 Observer 的 Follower"),
    ("refusing writes beyond a quota", "拒绝超出配额的写入"),
    ("the audit log", "审计日志"),
    ("compressed snapshots", "压缩的快照"),
];

/// The Chinese for a sentence of the reader of zoo.cfg.
#[must_use]
pub fn chinese(english: &str) -> String {
    let found = SENTENCES.iter().find_map(|(pattern, ours)| Some((holes(pattern, english)?, ours)));
    let Some((holes, ours)) = found else { return english.to_owned() };
    let mut text = (*ours).to_owned();
    for (number, hole) in (1..).zip(holes) {
        text = text.replace(&format!("${number}"), &chinese(hole));
    }
    text
}

/// What stands where the pattern has its stars, if the text fits it.
fn holes<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split('*');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut holes = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at = if parts.peek().is_none() {
            rest.len().checked_sub(part.len()).filter(|at| rest.is_char_boundary(*at))?
        } else {
            rest.find(part)?
        };
        if !rest[at..].starts_with(part) {
            return None;
        }
        holes.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(holes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_protocol::base::ServerId;
    use vivarium_protocol::zoo_cfg::ZooCfg;

    const THREE: &str = "tickTime=100\ndataDir=/d\nclientPort=2181\ninitLimit=5\nsyncLimit=2\n\
                         server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n";

    #[test]
    fn values_are_carried_over_and_parts_are_translated_too() {
        assert_eq!(
            chinese("tickTime must be a positive number of milliseconds, not \"soon\""),
            "tickTime 必须是正整数（毫秒），而不是“soon”"
        );
        assert_eq!(
            chinese("write for example initLimit=5, a number of ticks"),
            "例如写 initLimit=5，单位是 tick"
        );
        assert_eq!(chinese("server.4 lacks a host, in \":1:2\""), "server.4 缺少主机：“:1:2”");
        assert_eq!(chinese("never heard of"), "never heard of");
    }

    #[test]
    fn whatever_a_visitor_is_likely_to_get_wrong_is_said_in_chinese() {
        let lines = [
            "tickTime=0",
            "initLimit=x",
            "clientPort=70000",
            "clientPort=0\nclientPortAddress=h",
            "minSessionTimeout=90000",
            "standaloneEnabled=yes",
            "forceSync=true",
            "forceSync=no",
            "peerType=voter",
            "autopurge.purgeInterval=often",
            "dataLogDir=\\u12",
            "dataDir=d",
            "oraclePath=/oracle",
            "electionAlg=0",
            "electionAlg=1",
            "electionAlg=7",
            "server.4=zk4",
            "server.4=zk4:2888",
            "server.4=:1:2",
            "server.4=h:x:2",
            "server.4=h:1:0",
            "server.4=h:1:1",
            "server.4=h:1:2:boss",
            "server.4=h:1:2:observer:1",
            "server.4=h:1:2;h:x",
            "server.4=[fd00:1:2",
            "server.4=h:1:2:observer|i:1:2:participant",
            "server.x=h:1:2",
            "server.01=h:1:2",
            "server.300=h:1:2",
            "group.1=1:2",
            "group.1=1:2:3\ngroup.2=3",
            "group.1=1:2:3:4",
            "group.1=one",
            "weight.1=heavy\ngroup.1=1:2:3",
            "group.1=1:2:3\nweight.9=1",
            "group.1=1:2:3\nweight.1=0\nweight.2=0\nweight.3=0",
            "dynamicConfigFile=m",
            "tikcTime=5",
            "wholly.unknown=1",
            "commitLogCount=3",
            "zookeeper.jute.maxbuffer=5",
            "maxClientCnxns=-1",
            "tcpKeepAlive=maybe",
            "jute.maxbuffer=0",
        ];
        let said = |text: &str| match ZooCfg::parse("zoo.cfg", text) {
            Ok(cfg) => cfg.warnings.into_iter().flat_map(|it| [it.what, it.mend]).collect(),
            Err(errors) => errors.into_iter().flat_map(|it| [it.what, it.mend]).collect::<Vec<_>>(),
        };
        let mut sentences: Vec<String> =
            lines.iter().flat_map(|line| said(&format!("{THREE}{line}\n"))).collect();
        for text in [
            "",
            "dataDir=/d\nserver.1=a:1:2:observer",
            "group.1=1\ndataDir=/d",
            "dataDir=/d\nserver.1=a:1:2",
            "dataDir=/d\nserver.1=a:1:2\nserver.2=b:1:2:observer",
            "dataDir=/d\nstandaloneEnabled=false",
        ] {
            sentences.extend(said(text));
        }
        let cfg = ZooCfg::parse("zoo.cfg", THREE).expect("it is right");
        let strange = cfg.check_my_id(ServerId(7)).expect_err("7 is not listed");
        sentences.extend(strange.into_iter().flat_map(|it| [it.what, it.mend]));
        assert!(sentences.len() > 100, "{}", sentences.len());
        for english in sentences {
            let ours = chinese(&english);
            assert!(ours.chars().any(|c| c > '\u{3000}'), "not translated: {english}");
        }
    }
}
