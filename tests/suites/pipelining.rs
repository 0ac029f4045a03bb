//! What a client sends without waiting is answered in order, and events keep their place in it.

use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::{Op, Reply};
use vivarium_protocol::wire::client::FromServer;
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::Ensemble;

/// What came, in its order: the number of a reply, or the path of an event.
fn order(client: &mut Client, opcodes: &[(i32, i32)]) -> Vec<String> {
    let opcode_of = |xid: i32| {
        let found = opcodes.iter().find(|(number, _)| *number == xid);
        found.map(|(_, opcode)| *opcode)
    };
    let mut came = Vec::new();
    let mut replies = 0;
    while replies < opcodes.len() {
        match client.receive(opcode_of).expect("the server answers") {
            FromServer::Event(event) => came.push(event.path),
            FromServer::Reply(Reply { cxid, .. }) => {
                replies += 1;
                came.push(cxid.to_string());
            }
        }
    }
    came
}

#[test]
fn an_event_that_a_request_brings_about_does_not_overtake_the_replies_before_it() {
    let ensemble = Ensemble::standalone();
    let mut client = Client::connect(ensemble.place(1).address()).expect("the server serves");
    let missed = Op::SetWatches {
        two: false,
        relative_zxid: Zxid::ZERO,
        data: vec!["/gone".to_owned()],
        exist: Vec::new(),
        child: Vec::new(),
        persistent: Vec::new(),
        recursive: Vec::new(),
    };
    for round in 0..20 {
        // The write is on its way to disk while the server reads what comes behind it.
        let asked = [create(&format!("/n{round}"), b"", 0), Op::Ping, missed.clone()];
        let numbers: Vec<(i32, i32)> = asked
            .iter()
            .map(|op| (client.send(op).expect("the server reads"), op.opcode()))
            .map(|(number, opcode)| (if opcode == Op::Ping.opcode() { -2 } else { number }, opcode))
            .collect();
        let expected = [numbers[0].0, numbers[1].0].map(|number| number.to_string());
        let expected = [expected.to_vec(), vec!["/gone".to_owned(), numbers[2].0.to_string()]];
        assert_eq!(order(&mut client, &numbers), expected.concat(), "round {round}");
    }
}
