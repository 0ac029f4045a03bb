//! What an author is told, in both languages: why recording is refused, where a lesson does not
//! hold, and what is missing.

use vivarium_lessons::draft::{Fault, Gap, Missing, Off, What};

use crate::i18n::Lang;

/// Why recording was refused.
#[must_use]
pub fn refusal(off: &Off, lang: Lang) -> String {
    match off {
        Off::Nowhere => lang.pick(
            "The draft has changed, or was opened anew: go to its end first.".to_owned(),
            "草稿改动过，或刚刚打开：先回到它的末尾。".to_owned(),
        ),
        Off::Astray => lang.pick(
            "This run is not the draft's, or it stands before the draft's last step.".to_owned(),
            "当前的运行不是草稿的运行，或位于草稿最后一步之前。".to_owned(),
        ),
        Off::Unreadable(why) => lang.pick(
            format!("This condition cannot be read: {why}."),
            format!("无法读懂这个条件：{why}。"),
        ),
        Off::Nobody(why) => lang.pick(
            format!("A name in it means no server: {why}."),
            format!("其中的名字不指任何服务器：{why}。"),
        ),
        Off::InVain => lang.pick(
            "This does not come true between the last step and here.".to_owned(),
            "从上一步到这里，这个条件没有成立。".to_owned(),
        ),
        Off::Full => lang.pick("There are too many scenes.".to_owned(), "场景太多。".to_owned()),
    }
}

/// What is wrong with a step, without its place.
#[must_use]
pub fn fault(what: &What, lang: Lang) -> String {
    match what {
        What::Unreadable(why) => {
            lang.pick(format!("it cannot be read: {why}"), format!("无法读懂：{why}"))
        }
        What::Late => lang.pick(
            "its condition does not come true in time".to_owned(),
            "它的条件没有及时成立".to_owned(),
        ),
        What::Stuck(stuck) => lang.pick(
            format!("what it does first cannot be done: {stuck}"),
            format!("它先要做的事做不了：{stuck}"),
        ),
        What::Stands => lang.pick(
            "its condition holds already before anything is done".to_owned(),
            "什么都没做，它的条件就已成立".to_owned(),
        ),
        What::Choices(count) => lang.pick(
            format!("{count} of its predictions come true, and it must be one"),
            format!("它的预测有 {count} 个成真，应该恰好一个"),
        ),
    }
}

/// What the check has found: a line for each place and reason, with the seeds.
#[must_use]
pub fn findings(faults: &[Fault], lang: Lang) -> Vec<String> {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for one in faults {
        let line = lang.pick(
            format!("{}: {}", one.place, fault(&one.what, lang)),
            format!("{}：{}", one.place, fault(&one.what, lang)),
        );
        match lines.iter_mut().find(|(other, _)| *other == line) {
            Some((_, seeds)) => seeds.push(one.seed.to_string()),
            None => lines.push((line, vec![one.seed.to_string()])),
        }
    }
    let told = lines.into_iter().map(|(line, seeds)| {
        let seeds = seeds.join(", ");
        lang.pick(format!("{line} (seeds {seeds})"), format!("{line}（种子 {seeds}）"))
    });
    told.collect()
}

/// What is missing in one place.
#[must_use]
pub fn lack(missing: &Missing, lang: Lang) -> String {
    let gap = match missing.gap {
        Gap::English => lang.pick("the English text is missing", "缺少英文"),
        Gap::Chinese => lang.pick("the Chinese text is missing", "缺少中文"),
        Gap::Step => lang.pick("a step is missing", "缺少一步"),
        Gap::Choice => lang.pick("a second choice is missing", "缺少第二个选项"),
    };
    let place = match (missing.place.as_str(), lang) {
        ("title", Lang::Chinese) => "标题",
        ("question", Lang::Chinese) => "问题",
        ("goal", Lang::Chinese) => "目标",
        (place, _) => place,
    };
    lang.pick(format!("{place}: {gap}"), format!("{place}：{gap}"))
}
