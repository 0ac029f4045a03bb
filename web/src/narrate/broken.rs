//! Broken promises in words. English is the checkers' own; the Chinese words come with the page's
//! later parts, as few runs break anything.

use vivarium_sim::checkers::{Said, Sentence};

use crate::i18n::Lang;
use crate::panels::later;

/// What a checker saw, without a full stop, and the tag of its language where that is not `lang`:
/// until the later parts are here every page says it in English.
#[must_use]
pub fn broken(lang: Lang, said: &Said) -> (String, Option<&'static str>) {
    match (lang, later::tools()) {
        (Lang::English, _) => (said.to_string(), None),
        (Lang::Chinese, Some(tools)) => (said.within((tools.broken)(said.sentence)), None),
        (Lang::Chinese, None) => (said.to_string(), Some("en")),
    }
}

/// The Chinese words; the numbers of the values are those of the English ones.
#[must_use]
pub fn chinese(sentence: Sentence) -> &'static str {
    match sentence {
        Sentence::DeliveredElsewhere => "{0} 应用了 {1} {2}，而该位置已定的是 {3} {4}",
        Sentence::DeliveredAs => "{0} 应用的 {1} 是 {2}，其他服务器应用的是 {3}",
        Sentence::TreeDiffers => "应用 {1} 之后，{0} 的数据树与其他服务器不同",
        Sentence::SnapshotDiffers => "{0} 在 {1} 处的快照不是当时的数据树",
        Sentence::NeverDecided => "{0} 停在 {1}，而它从未被提交",
        Sentence::DurableNowhere => "{0} 已提交，却没有一台服务器已落盘",
        Sentence::DurableOnlyAt => "{0} 已提交，却只在 {1} 上落盘",
        Sentence::LeadsWithout => "{0} 开始领导时缺少 {1}",
        Sentence::AnsweredUndecided => "{0} 答复了 {1} 处的写入，而它尚未提交",
        Sentence::ProposedInEpochOf => "{0} 在 {2} 的纪元里提出了 {1}",
        Sentence::ProposedAfter => "{0} 在 {2} 之后提出了 {1}",
        Sentence::DeliveredOtherwise => "{0} 应用的 {1} 与提案不同",
        Sentence::NobodyProposed => "{0} 应用了 {1}，而没有人提出过它",
        Sentence::DeliveredAfter => "{0} 在 {2} 之后应用了 {1}",
        Sentence::FirstOfEpoch => "{0} 把 {1} 当作其纪元的第一条来应用",
        Sentence::SpokeTooEarly => {
            "{0} 在纪元 {1} 中发言时只知道 {2} 条已提交的事务，当时 {3} 尚未提交"
        }
        Sentence::DeliveredAndNot => "{0} 应用了 {1}，而不是 {2}",
        Sentence::AcknowledgedEpochEarly => "{0} 在落盘之前就确认了纪元 {1} 的 NEWLEADER",
        Sentence::AcknowledgedEarly => "{0} 在 {1} 落盘之前就确认了它",
        Sentence::PromisedEarly => "{0} 在落盘之前就承诺了纪元 {1}",
        Sentence::PromiseForgotten => "{0} 承诺过纪元 {1}，启动时 acceptedEpoch 却是 {2}",
        Sentence::EpochWentBack => "{1} 的 {0} 从 {2} 退回到 {3}",
        Sentence::NotificationChanged => "一张选票编码再解码后变了样",
        Sentence::PacketChanged => "{0} 编码再解码后变了样",
        Sentence::AnsweredOutOfOrder => "{0} 在同一客户端较晚的请求之后才得到答复",
        Sentence::OwnWriteUnseen => "{0} 按 {1} 的状态得到答复，早于该客户端自己的写入 {2}",
        Sentence::WentBack => "{0} 按 {1} 的状态得到答复，而会话已见过 {2}",
        Sentence::StaleAfterSync => "{0} 按 {1} 的状态得到答复，而此前的 sync 保证了 {2}",
        Sentence::AcknowledgedUndecided => "{0} 在 {1} 处得到确认，而那里提交的不是它",
        Sentence::TakesPlaceBefore => "{0} 发生在 {1}，而 {2} 在它提出之前已得到答复",
        Sentence::DoesNotExist => "{0} 位于 {1}：{2} 并不存在",
        Sentence::Exists => "{0} 位于 {1}：{2} 是存在的",
        Sentence::HasThatVersion => "{0} 位于 {1}：{2} 正是该版本",
        Sentence::HasNoChildren => "{0} 位于 {1}：{2} 没有子节点",
        Sentence::HadNotVersion => "{0} 位于 {1}：{2} 当时不是版本 {3}",
        Sentence::NotAsAnswered => "{0} 位于 {1}：{2} 与答复所说的不符",
        Sentence::ShowsWhatWasNot => "{0} 按 {1} 的状态显示的内容，不是 {2} 当时的样子",
        Sentence::ShownBeforeEvent => "{0} 先显示了 {1}，其监视应给的事件还没有到",
        Sentence::WatchesWithoutEvent => "c{0} 重新监视 {1}，却没有收到 {2} 的事件",
        Sentence::SessionWentBack => "c{0} 从 {1} 继续会话，而它已见过 {2}",
        Sentence::EventWithoutWatch => "c{0} 收到 {1} 的事件，却没有监视它",
        Sentence::EphemeralAfterEnd => "{0} 在会话结束之后创建临时节点 {1}",
        Sentence::CreatedTwice => "{0} 创建 {1}，而它已经存在",
        Sentence::ChangedMissing => "{0} 修改 {1}，而它并不存在",
        Sentence::WrongVersion => "{0} 给 {1} 的版本是 {2}，应为 {3}",
        Sentence::DeletedMissing => "{0} 删除 {1}，而它早已不在",
        Sentence::EphemeralStays => "会话 {0} 在 {1} 结束，其临时节点 {2} 却留下了",
        Sentence::TakesForeign => "会话 {0} 在 {1} 结束时带走了 {2}，而它不属于该会话",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chinese_words_hold_every_value_that_the_english_ones_hold() {
        for sentence in Sentence::ALL {
            for number in 0..5 {
                let value = format!("{{{number}}}");
                let (english, chinese) = (sentence.english(), chinese(*sentence));
                let same = english.matches(&value).count() == chinese.matches(&value).count();
                assert!(same, "{sentence:?}: {value} in {chinese}");
            }
        }
    }
}
