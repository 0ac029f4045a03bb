//! Quorums in words: who counts and what is still needed, for majorities, groups and weights.
//!
//! The counting is the core's (`Ensemble::standing`); here it is only said.

use vivarium_protocol::base::{Ensemble, GroupStanding, ServerId, SortedSet};

use crate::i18n::Lang;

/// `2 of 3: 1 more needed`, or group by group `group 1 won (2 of 2), group 2 has 1 of 3, needs 2:
/// 1 more group needed`.
#[must_use]
pub fn words(ensemble: &Ensemble, ids: &SortedSet<ServerId>, lang: Lang) -> String {
    let standing = ensemble.standing(ids);
    let each: Vec<String> = standing.groups.iter().map(|group| group_words(group, lang)).collect();
    let missing = standing.need().saturating_sub(standing.won());
    let verdict = match (standing.groups.as_slice(), standing.reached()) {
        (_, true) => lang.pick("a quorum".to_owned(), "构成多数派".to_owned()),
        ([only], false) => needed(only.need() - only.weight, only.group.is_some(), lang),
        (_, false) => lang.pick(
            format!("{missing} more group{} needed", plural(missing as u64)),
            format!("还需 {missing} 组"),
        ),
    };
    lang.pick(format!("{}: {verdict}", each.join(", ")), format!("{}：{verdict}", each.join("，")))
}

fn group_words(group: &GroupStanding, lang: Lang) -> String {
    let sum = lang.pick(
        format!("{} of {}", group.weight, group.total),
        format!("{}/{}", group.weight, group.total),
    );
    let Some(number) = group.group else { return sum };
    match group.is_won() {
        true => lang
            .pick(format!("group {number} won ({sum})"), format!("第 {number} 组已赢得（{sum}）")),
        false => lang.pick(
            format!("group {number} has {sum}, needs {}", group.need()),
            format!("第 {number} 组有 {sum}，需 {}", group.need()),
        ),
    }
}

fn needed(count: u64, weight: bool, lang: Lang) -> String {
    match weight {
        true => lang.pick(format!("{count} more of weight needed"), format!("还差权重 {count}")),
        false => lang.pick(format!("{count} more needed"), format!("还差 {count} 台")),
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_protocol::zoo_cfg::ZooCfg;

    fn ensemble(lines: &str) -> Ensemble {
        let servers: String = (1..=6).map(|id| format!("server.{id}=h{id}:1:2\n")).collect();
        let rest = "dataDir=/d\nclientPort=2181\ninitLimit=5\nsyncLimit=2\n";
        let cfg = ZooCfg::parse("zoo.cfg", &format!("{rest}{servers}{lines}"));
        cfg.expect("the file is right").ensemble.expect("it has members")
    }

    #[test]
    fn what_counts_and_what_is_needed_is_said_in_both_languages() {
        let groups = "group.1=1:2:3\ngroup.2=4:5:6\nweight.3=0\n";
        let heavy = "group.1=1:2:3:4:5:6\nweight.1=4\n";
        let cases = [
            ("", vec![1, 2], "2 of 6: 2 more needed", "2/6：还差 2 台"),
            ("", vec![1, 2, 3, 4], "4 of 6: a quorum", "4/6：构成多数派"),
            (
                groups,
                vec![1, 2, 3, 4],
                "group 1 won (2 of 2), group 2 has 1 of 3, needs 2: 1 more group needed",
                "第 1 组已赢得（2/2），第 2 组有 1/3，需 2：还需 1 组",
            ),
            (
                heavy,
                vec![1],
                "group 1 has 4 of 9, needs 5: 1 more of weight needed",
                "第 1 组有 4/9，需 5：还差权重 1",
            ),
        ];
        for (lines, ids, english, chinese) in cases {
            let ids: SortedSet<ServerId> = ids.into_iter().map(ServerId).collect();
            let ensemble = ensemble(lines);
            assert_eq!(words(&ensemble, &ids, Lang::English), english);
            assert_eq!(words(&ensemble, &ids, Lang::Chinese), chinese);
        }
    }
}
