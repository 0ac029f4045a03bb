//! zoo.cfg on the page: what a line means, what is wrong with it, groups and weights, and servers
//! that have a file of their own.

use serde_json::json;
use thirtyfour::prelude::*;
use vivarium_sim::{Run, Timeline};
use vivarium_tests::browser::{Visit, visit};

/// Replaces the open file as a person does: select all, type.
async fn write(visit: &Visit, text: &str) {
    visit.until("document.querySelector('#cfg')").await;
    visit.eval("document.querySelector('#cfg').select()").await;
    visit.press(text).await;
    visit.until(&format!("document.querySelector('#cfg').value === {}", json!(text))).await;
}

async fn note(visit: &Visit, line: usize) -> String {
    visit.text(&format!(".cfg-under [data-line='{line}'] em")).await
}

const FIVE: &str = "tickTime=100\ninitLimit=20\nsyncLimit=4\nclientPort=2181\ndataDir=/d\n";

#[test]
fn each_line_says_what_it_means_or_what_is_wrong_in_both_languages() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.click("#t-cfg").await;
        visit.until("document.querySelector('#cfg')").await;
        assert_eq!(note(&visit, 1).await, "100 ms, ping each 50 ms");
        assert_eq!(note(&visit, 2).await, "2 s to synchronise");
        assert_eq!(note(&visit, 3).await, "400 ms of silence");
        write(&visit, "tickTime=100\ninitLimit=soon\nserver.1=a:1:2\nserver.1=b:1:2\n").await;
        visit.until("document.querySelector('#cfg-errors')").await;
        let errors = visit.text("#cfg-errors").await;
        assert!(errors.contains("line 2 initLimit must be a positive number of ticks"), "{errors}");
        visit.until("document.querySelector(\".cfg-under [data-line='2'].wrong\")").await;
        visit.until("!document.querySelector('#cfg-apply')").await;
        visit.click("#lang-zh").await;
        visit
            .until("document.querySelector('#cfg-errors').textContent.includes('必须是正整数')")
            .await;
        let errors = visit.text("#cfg-errors").await;
        assert!(errors.contains("缺少 dataDir"), "{errors}");
        visit.close().await;
    });
}

#[test]
fn groups_and_weights_make_the_quorum() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.click("#t-cfg").await;
        let servers: String = (1..=5).map(|id| format!("server.{id}=h{id}:1:2\n")).collect();
        let groups = "group.1=1:2:3\ngroup.2=4:5\nweight.4=0\nweight.5=0";
        write(&visit, &format!("{FIVE}{servers}{groups}")).await;
        visit.until("document.querySelector('#cfg-groups')").await;
        let said = visit.text("#cfg-groups").await;
        assert_eq!(said, "group 1 has 0 of 3, needs 2: 2 more of weight needed");
        assert_eq!(note(&visit, 11).await, "won by 2 of 3");
        assert_eq!(note(&visit, 12).await, "weighs nothing");
        visit.click("#cfg-apply").await;
        visit.serve_clients().await;
        assert_eq!(visit.eval("vivarium.state().leader").await, json!(3), "5 weighs nothing");
        visit.close().await;
    });
}

#[test]
fn a_server_restarts_with_a_file_of_its_own_and_the_link_carries_it() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        visit.serve_clients().await;
        visit.click("#t-cfg").await;
        visit.eval("document.querySelector('#cfg-of-2').focus()").await;
        visit.press(Key::Enter).await;
        visit.until("document.querySelector('#cfg-of-2[aria-pressed=true]')").await;
        let text = visit.eval("document.querySelector('#cfg').value").await;
        let text = text.as_str().expect("a text").replace("syncLimit=4", "syncLimit=9");
        write(&visit, text.trim_end()).await;
        visit.until("document.querySelector(\".cfg-under [data-line='3'].own\")").await;
        assert_eq!(note(&visit, 3).await, "900 ms of silence");
        visit.click("#cfg-apply").await;
        visit.until("document.querySelector('#cfg-back')").await;
        assert_eq!(visit.text("#cfg-of-2").await, "2 *");
        visit.click("#t-faults").await;
        assert!(visit.text("#in-force").await.contains("Server 2 has its own zoo.cfg"));
        let link = visit.eval("vivarium.link()").await;
        let run = Run::from_link(link.as_str().expect("a link")).expect("it opens");
        let timeline = Timeline::from_run(run);
        let native = format!("{:016x}", timeline.world().hash());
        assert_eq!(visit.eval("vivarium.hash()").await, json!(native));
        let config = &timeline.world().peers().nth(1).expect("server 2").config;
        assert_eq!(config.sync_limit, 9);

        visit.click("#t-cfg").await;
        visit.click("#cfg-of-2").await;
        let others = text.replace("server.2=", "server.7=");
        write(&visit, others.trim_end()).await;
        visit.until("document.querySelector('#cfg-errors')").await;
        let errors = visit.text("#cfg-errors").await;
        assert!(errors.contains("server 2 is not among the servers 1, 3, 4, 5, 7"), "{errors}");
        visit.close().await;
    });
}
