//! The bug zoo: for each bug that can be put back, the shortest known run that shows its harm.
//!
//! Invariant: a run here is that of the story of the same name in `tests/stories/exhibits/`, which
//! the suites play with the switch and without; the test below holds the two together.

use vivarium_protocol::base::Exhibit;
use vivarium_sim::Run;

/// The steps until the promise is broken, and the run as a link.
#[must_use]
pub fn counterexample(exhibit: Exhibit) -> (u32, &'static str) {
    match exhibit {
        Exhibit::AcksBeforeDurable => (
            86,
            "v1.RcpBCsIwFITh_TvF0AMoSWqajWcpr8mI0qiQF8HjW1Hobvjm58N4XyoRYGQ5uwmaV5sXXp6Nc\
             3k13V45BWQH7QgSI8rNVjhY11pZJE4_8bukb54btRNHxfAeJPkN1K5wksb_9JIiDvIB",
        ),
        Exhibit::AcksNewLeaderBeforeLog => (
            164,
            "v1.Rc5BbsIwEIXhvU_xxJ7U48SJsnCvEhl7aKMYB2xHhdtjoKWb0a9PI81wzHw6BEaLzOwNDSizW\
             wxJiTnOxSiJfIvOdAi2cHQ3o7SUsmn6OiX8nBfTPYHUA6xb8hT5ZwpsPafpwMc18RTWL6FHOIIta\
             MWo4bYanyTG_jeVGIfHgktcL-HDYnfdCZIa32xDjR4-rWe0e8JlW9N2qjb8mXqbfn0FQi42BPaV6\
             EXqn_oOjbgD",
        ),
        Exhibit::EpochBeforeHistory => (
            194,
            "v1.LcxRCoMwDMbx957iYwdwTdWKD91VpNYMi64O28G8_eLwJfz5kYRT5te4Mmpk5sm1KDEsjrRGT\
             LE4o5GPFFyD1RdO4XCm1VpXlZWpMcW8uOYPZE4o257A7y3Mw8jPbedhjlnwUFYjEHxBrXqL8JF4k\
             Oq7U8PO8h13j9v3psg0Ij7PskrGYma_KrLthSTdXW2ke-Ti93J6R1fLYd-gUj8",
        ),
        Exhibit::KeepsDatabaseOnRoleLoss => (
            162,
            "v1.LY1RCsMwDEP_cwrTA2R22nX0I7tKcFPDQrN01Bmst1869iPEk4SkqDznLNCDiiyeblBTXD0hQ\
             iqpeoegR4l-gMxVSjy8uyKitWNThCXp6ocfIHeCVeSlYeHKM6uErYR9yxLypmpGhEjAFXozTRDfz\
             dydOa8ajru0A7gwdJ_OEPX_AhlyZ8r6aDsaHVjzBQ",
        ),
        Exhibit::DiffWithoutTrunc => (
            283,
            "v1.RY1BjsIwDEX3OcVXD1DstJSyCFdBwTFqRCcjNSmI208yaDQb68n-fl9T1q_bqhiQVYPjE0qUh\
             2MixBSLs4T8TuJGrL5okrezRyLq-6lOQoj54cbfBdvP4n6_vmJZvvdyLduexEwEYfiCwZzPkL3Ch\
             U1r-LCtzC0im9YOHDy6pE_dEFRi0NDVwFyvPi_VwUxY1K-GxyPENnE1jFPjP8MN3f_vPCMXv7V-O\
             w_ozQ8",
        ),
        Exhibit::ForgetsPromisedEpoch => (
            346,
            "v1.RY5BbsMgEEX3nOLLB3BhINhe0KtEFE9qK44dAZXq25cgp96gp6fR4_Oa-PG1MDQS8-hUhzyHu\
             1NSYl7n7Egi7WtwBovPvIbd0UVK2ba2vBLjnO7OVKHoJW5b_Oacrs-4PebE45WfW5iElQgKPkMLq\
             xDohSQU9QjRpwlKKC0PLl7TwbqwQco-5npjDy6-GxB-Cn0W39d8iFw24uMXzXaDborvzn4_nM1BY\
             WK_FKAzPrw_IkGmjnwH9xqkRpC9_A_QxqIVfw",
        ),
    }
}

/// That run; `None` only if the link above were damaged.
#[must_use]
pub fn run(exhibit: Exhibit) -> Option<Run> {
    Run::from_link(counterexample(exhibit).1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_sim::{Player, Promise, Story, Timeline};

    #[test]
    fn every_exhibit_plays_the_run_of_its_story_to_the_broken_promise() {
        for exhibit in Exhibit::ALL {
            let key = exhibit.key();
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/stories/exhibits");
            let text = std::fs::read_to_string(format!("{folder}/{key}.story")).expect("a story");
            let story: Story = text.parse().expect("it can be read");
            let outcome = Player::play(&story).expect("it can be played");
            let (steps, link) = counterexample(exhibit);
            assert_eq!(Run::from_link(link), Ok(outcome.run), "{key}: the story's own run");
            let run = run(exhibit).expect("the link opens");
            assert_eq!(run.position, u64::from(steps), "{key}");
            let timeline = Timeline::from_run(run);
            let broken = timeline.world().violations();
            assert!(broken.iter().any(|v| Promise::ALL.contains(&v.promise)), "{key}: {broken:?}");
        }
    }
}
