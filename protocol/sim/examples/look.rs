use vivarium_protocol::trace::*;
use vivarium_sim::*;
fn main() {
    let n: u64 = std::env::args().nth(1).map_or(200, |n| n.parse().unwrap());
    let mut t = Timeline::new(Setup { codec: true, ..Setup::default() });
    let mut folded = observe::Fold::default();
    let mut bad = 0;
    for i in 0..n {
        if i == 120 {
            t.command("c1 at 1".parse().unwrap()).unwrap();
        }
        if !t.step_forward() {
            break;
        }
        let f = t.frames().last().unwrap();
        println!("{} {} {:?} {:?} <-{:?}", f.step, f.at, f.peer, f.cause, f.caused_by);
        for e in &f.events {
            match e {
                TraceEvent::Decided(d) => println!("      {d:?}"),
                TraceEvent::Travelled(t) => {
                    println!("      {} {}>{} {:?}", t.summary, t.id.from, t.id.to, t.fate)
                }
            }
        }
        folded.take(f);
        if let Some(p) = f.peer {
            let st = t.world().peer(p).unwrap().status();
            if st.as_ref() != folded.status(p) && st.is_some() {
                bad += 1;
                if bad < 3 {
                    println!("FOLD {:?}\n VS {:?}", folded.status(p), st);
                }
            }
        }
        if let Some(c) = t.world().clients().first()
            && i % 40 == 0
        {
            println!("{c:?}");
        }
    }
    println!("violations {:?}", t.world().violations());
}
