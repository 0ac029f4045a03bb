//! Stories told by processes instead of by the simulator, with the same expectations.
//!
//! `cargo xtask story --native NAME` tells one of them, or a file, or `all` that can be told.

use vivarium_sim::Story;
use vivarium_tests::native_story::{obstacle, tell};
use vivarium_tests::stories;

fn told(name: &str) {
    let path = stories::folder().join(format!("{name}.story"));
    let text = std::fs::read_to_string(path).expect("there is such a story");
    let story: Story = text.parse().expect("it is a story");
    tell(&story).unwrap_or_else(|why| panic!("{name}: {why}"));
}

#[test]
fn a_write_goes_through_a_follower() {
    told("broadcast/write_through_a_follower");
}

#[test]
fn a_late_joiner_follows_the_leader_that_is_there() {
    told("election/late_joiner");
}

#[test]
fn a_leader_crashes_and_what_it_answered_stays() {
    told("recovery/leader_crash");
}

#[test]
fn a_follower_that_was_away_is_brought_up_to_date() {
    told("recovery/diff");
}

#[test]
fn a_server_alone_keeps_what_it_answered() {
    told("election/standalone");
}

#[test]
fn what_processes_can_not_do_is_named() {
    let refused: Vec<_> = stories::all().iter().filter_map(|(_, it)| obstacle(it)).collect();
    assert!(refused.iter().any(|why| why.contains("partition 1,2 / 3,4")), "{refused:?}");
    assert!(refused.iter().any(|why| why.contains("depart from the protocol")), "{refused:?}");
    assert!(stories::all().len() - refused.len() >= 12, "twelve can be told");
}

/// For `cargo xtask story --native`; without a name in the environment it tells none.
#[test]
fn given_by_name() {
    let Ok(wanted) = std::env::var("VIVARIUM_STORY") else { return };
    let mut found = 0;
    for (path, story) in stories::all() {
        let name = path.strip_prefix(stories::folder()).unwrap_or(&path).with_extension("");
        let name = name.display().to_string();
        let meant = name == wanted || path.as_os_str() == wanted.as_str();
        match obstacle(&story) {
            _ if !meant && wanted != "all" => continue,
            Some(why) if wanted == "all" => println!("{name}: left out, {why}"),
            Some(_) | None => {
                tell(&story).unwrap_or_else(|why| panic!("{name}: {why}"));
                println!("{name}: as it is told");
            }
        }
        found += 1;
    }
    if found == 0 {
        let text = std::fs::read_to_string(&wanted).expect("it is a story's name or a file");
        let story: Story = text.parse().expect("it is a story");
        tell(&story).unwrap_or_else(|why| panic!("{wanted}: {why}"));
        println!("{wanted}: as it is told");
    }
}
