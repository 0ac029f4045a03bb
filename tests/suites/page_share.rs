//! What leaves the page and comes back: links, files, a frame in another page, paper, and the page
//! without its server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use vivarium_protocol::base::Time;
use vivarium_sim::{Run, Setup, Timeline, export};
use vivarium_tests::browser::{Visit, visit};
use vivarium_tests::process::Folder;
use vivarium_tests::{stories, tools, wait_for};

/// A run with something in it: five servers, one of which falls.
fn some_run(position: u64) -> Run {
    let setup = Setup { participants: 5, tick_time_ms: 100, ..Setup::default() };
    Run { setup, commands: vec![(90, "crash 2".parse().expect("a command"))], position }
}

/// The address behind `#`, as it stands there.
async fn address(visit: &Visit) -> String {
    let hash = visit.eval("location.hash.slice(1)").await;
    hash.as_str().expect("the address names the run").to_owned()
}

/// Files that are saved go into this folder.
async fn save_into(visit: &Visit, folder: &Folder) {
    let path = folder.path().to_str().expect("a path in UTF-8");
    let ask = json!({"behavior": "allow", "downloadPath": path});
    let told = visit.driver.cdp().send_raw("Browser.setDownloadBehavior", ask).await;
    told.expect("the browser saves where it is told");
}

/// The one file with this ending, once it is whole.
fn saved(folder: &Folder, ending: &str) -> Vec<u8> {
    wait_for(&format!("a file that ends with {ending}"), || {
        let entries = std::fs::read_dir(folder.path()).expect("the folder can be read");
        let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let path = paths.find(|path| path.to_string_lossy().ends_with(ending))?;
        std::fs::read(path).ok().filter(|bytes| !bytes.is_empty())
    })
}

fn saved_text(folder: &Folder, ending: &str) -> String {
    String::from_utf8(saved(folder, ending)).expect("text in UTF-8")
}

#[test]
fn a_link_carries_language_tab_and_server_beside_the_run() {
    visit(async {
        let first = Visit::open(&some_run(120).to_link(), &[]).await;
        first.click("#lang-zh").await;
        first.click("#t-faults").await;
        first.press("4").await;
        first.until("document.querySelector('#inspector-server[data-server=\"4\"]')").await;
        first.click("#share").await;
        first.until("document.querySelector('#toast')").await;
        let link = address(&first).await;
        let hash = first.eval("vivarium.hash()").await;
        assert!(link.len() < 220, "{} letters: {link}", link.len());
        first.close().await;

        let native = Timeline::from_run(Run::from_link(&link).expect("it opens natively"));
        assert_eq!(json!(format!("{:016x}", native.world().hash())), hash);
        let second = Visit::open(&link, &[]).await;
        assert_eq!(second.eval("document.documentElement.lang").await, json!("zh-Hans"));
        assert_eq!(second.eval("localStorage.getItem('vivarium.lang')").await, Value::Null);
        second.until("document.querySelector('#t-faults[aria-selected=true]')").await;
        second.until("document.querySelector('#inspector-server[data-server=\"4\"]')").await;
        assert_eq!(second.eval("vivarium.hash()").await, hash);
        second.go("v2.tomorrow~lang=en").await;
        let said = second.text("#toast").await;
        assert!(said.contains("newer Vivarium"), "{said}");
        second.close().await;
    });
}

#[test]
fn everything_on_the_menu_is_saved_by_keyboard_and_is_what_the_run_says() {
    visit(async {
        let run = some_run(140);
        let visit = Visit::open(&run.to_link(), &[]).await;
        let folder = Folder::new();
        save_into(&visit, &folder).await;
        let kinds = ["view", "pixels", "diagram", "mermaid", "trace", "shiviz", "frame"];
        for (row, kind) in kinds.iter().enumerate() {
            visit.eval("document.querySelector('#export summary').focus()").await;
            visit.press(Key::Enter).await;
            visit.until("document.querySelector('#export[open]')").await;
            for _ in 0..2 * row + 1 {
                visit.press(Key::Tab).await;
            }
            visit.until(&format!("document.activeElement.id === 'save-{kind}'")).await;
            visit.press(Key::Enter).await;
            visit.until("!document.querySelector('#export[open]')").await;
        }
        visit
            .until("/^(Saved|The browser)/.test(document.querySelector('#toast').textContent)")
            .await;
        let timeline = Timeline::from_run(run);
        assert_eq!(saved_text(&folder, "step-140-trace.json"), export::trace(&timeline));
        assert_eq!(saved_text(&folder, "step-140-shiviz.log"), export::shiviz(&timeline));
        let diagram = saved_text(&folder, ".mmd");
        assert!(diagram.contains("participant S5 as 5\n"), "{diagram}");
        assert!(diagram.contains("Note over S1,S5: ") && diagram.contains("crash 2"), "{diagram}");
        assert!(saved_text(&folder, "-embed.html").contains("/embed.html#v1."));
        check_drawings(&visit, &folder).await;
        visit.press(Key::Escape).await;
        visit.close().await;
    });
}

/// The drawings stand on their own, and the pixels are those of the drawing.
async fn check_drawings(visit: &Visit, folder: &Folder) {
    let view = saved_text(folder, "step-140.svg");
    let diagram = saved_text(folder, "-diagram.svg");
    for drawing in [&view, &diagram] {
        assert!(drawing.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{drawing:.80}");
        for foreign in ["var(--", "class=", "style=", "oklab(", "foreignObject", "NaN", "undefined"]
        {
            assert!(!drawing.contains(foreign), "a drawing with {foreign}");
        }
        let read = format!(
            "new DOMParser().parseFromString({}, 'image/svg+xml').querySelector('parsererror')",
            json!(drawing)
        );
        assert_eq!(visit.eval(&read).await, Value::Null);
    }
    for words in ["LOOKING", "DOWN"] {
        assert!(view.contains(words), "{words} is not in the view");
    }
    let dark = visit.eval("getComputedStyle(document.documentElement).getPropertyValue('--s3')");
    let hue = dark.await.as_str().expect("a token").trim().to_owned();
    assert!(view.contains(&hue) && diagram.contains(&hue), "server 3 has its own hue, {hue}");
    let pixels = saved(folder, ".png");
    assert_eq!(&pixels[1..4], b"PNG");
    let side = |at: usize| u32::from_be_bytes(pixels[at..at + 4].try_into().expect("four bytes"));
    let width =
        visit.eval("document.querySelector('#diagram').getBoundingClientRect().width").await;
    assert_eq!(f64::from(side(16)), width.as_f64().expect("a width") * 2.0);
    assert!(side(20) > 1200 && pixels.len() > 40_000, "{} bytes", pixels.len());
}

#[test]
fn a_copy_goes_onto_the_clipboard_and_escape_closes_the_menu() {
    visit(async {
        let visit = Visit::open(&some_run(60).to_link(), &[]).await;
        let origin = visit.address.trim_end_matches('/');
        let ask = json!({"origin": origin, "permissions":
            ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        let told = visit.driver.cdp().send_raw("Browser.grantPermissions", ask).await;
        told.expect("the clipboard is allowed");
        visit.click("#export summary").await;
        visit.press(Key::Escape).await;
        visit.until("!document.querySelector('#export[open]')").await;
        visit.until("document.activeElement.matches('#export summary')").await;
        visit.click("#export summary").await;
        visit.click("#copy-mermaid").await;
        visit.until("document.querySelector('#toast')").await;
        let said = visit.text("#toast").await;
        assert!(said.starts_with("Copied: "), "{said}");
        visit.eval("navigator.clipboard.readText().then(it => { window.pasted = it; }), 0").await;
        visit.until("window.pasted").await;
        let pasted = visit.eval("window.pasted").await;
        assert!(pasted.as_str().is_some_and(|it| it.starts_with("sequenceDiagram\n")), "{pasted}");
        visit.close().await;
    });
}

#[test]
fn mermaid_reads_the_diagram_of_every_story() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        // The page's own policy lets no other script in.
        visit.driver.goto("about:blank").await.expect("a blank page opens");
        let source = vec![json!(tools::mermaid())];
        let load = "const script = document.createElement('script');
            script.textContent = arguments[0];
            document.head.append(script);";
        visit.driver.execute(load, source).await.expect("Mermaid is loaded");
        let mut read = 0;
        for (path, story) in stories::all() {
            let timeline = stories::played(&story);
            let everything = (Time(0), Time(u64::MAX));
            let text = export::mermaid(&timeline, everything, &|_| true);
            let parse = format!(
                "mermaid.parse({}).then(it => it.diagramType, why => String(why))",
                json!(text)
            );
            let kind = visit.driver.execute(format!("return {parse};"), Vec::new()).await;
            let kind = kind.expect("a script runs").json().clone();
            assert_eq!(kind, json!("sequence"), "{}", path.display());
            read += 1;
        }
        assert!(read > 20, "{read} stories");
        visit.close().await;
    });
}

#[test]
fn a_trace_that_is_chosen_or_let_fall_is_played_again_and_another_file_is_refused() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let folder = Folder::new();
        let timeline = Timeline::from_run(some_run(130));
        let path = folder.path().join("a-trace.json");
        std::fs::write(&path, export::trace(&timeline)).expect("a file can be written");
        let input = visit.driver.find(By::Id("open-trace")).await.expect("there is such a field");
        input.send_keys(path.to_str().expect("UTF-8")).await.expect("it takes a file");
        let hash = format!("{:016x}", timeline.world().hash());
        visit.until(&format!("vivarium.hash() === '{hash}'")).await;
        visit.until("document.querySelector('#toast')").await;
        assert_eq!(visit.text("#toast").await, "The trace's run is played again.");

        let other = Timeline::from_run(some_run(100));
        let hash = format!("{:016x}", other.world().hash());
        drop_file(&visit, &export::trace(&other)).await;
        visit.until(&format!("vivarium.hash() === '{hash}'")).await;
        drop_file(&visit, "{\"format\": \"something\"}").await;
        let foreign = "document.querySelector('#toast').textContent.includes('no trace')";
        visit.until(foreign).await;
        let newer = export::trace(&other).replacen("\"version\":1", "\"version\":9", 1);
        drop_file(&visit, &newer).await;
        visit.until("document.querySelector('#toast').textContent.includes('newer')").await;
        assert_eq!(visit.eval("vivarium.hash()").await, json!(hash), "the run stays as it was");
        visit.close().await;
    });
}

/// Lets a file with this content fall on the stage.
async fn drop_file(visit: &Visit, content: &str) {
    let script = format!(
        "(() => {{ const files = new DataTransfer(); \
         files.items.add(new File([{}], 'dropped.json')); \
         document.querySelector('#stage').dispatchEvent(new DragEvent('drop', \
         {{dataTransfer: files, bubbles: true, cancelable: true}})); return 0; }})()",
        json!(content)
    );
    visit.eval(&script).await;
}

/// Serves one page of somebody else's on a port of its own; gives its address.
fn host(page: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!("http://{}/", listener.local_addr().expect("it has an address"));
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a connection comes in");
            let mut request = [0; 4096];
            // What the browser asks for does not matter: there is one page.
            let _ = connection.read(&mut request);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
            let _ = write!(connection, "{head}content-length: {}\r\n\r\n{page}", page.len());
        }
    });
    address
}

#[test]
fn another_page_plays_the_frame_it_holds_and_is_told_what_happens() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let run = some_run(110);
        let (frame, link) = (format!("{}embed.html", visit.address), run.to_link());
        let page = format!(
            "<!doctype html><title>host</title><link rel=icon href='data:,'>\
             <iframe id=f src='{frame}#{link}~lang=en' width=900 height=520></iframe><script>\
             window.heard = []; onmessage = ({{data}}) => heard.push(data);\
             window.last = () => heard.filter(it => it.event === 'state').at(-1);\
             window.ask = it => f.contentWindow.postMessage({{vivarium: 1, ...it}}, '*');</script>"
        );
        visit.driver.goto(host(page)).await.expect("the other page opens");
        visit.until("window.heard && heard.some(it => it.event === 'ready')").await;
        visit.until("last()?.position === 110").await;
        let hash = format!("{:016x}", Timeline::from_run(run).world().hash());
        assert_eq!(visit.eval("last().hash").await, json!(hash));
        for (ask, then) in [
            ("{do: 'seek', step: 40}", "last().position === 40"),
            ("{do: 'step'}", "last().position === 41"),
            ("{do: 'back'}", "last().position === 40"),
            ("{do: 'play'}", "last().playing && last().position > 40"),
            ("{do: 'pause'}", "!last().playing"),
            ("{do: 'until', until: 1}", "!last().playing && last().leader !== null"),
            ("{do: 'fly'}", "heard.some(it => it.event === 'refused' && it.request === 'fly')"),
        ] {
            visit.eval(&format!("ask({ask}), 0")).await;
            visit.until(then).await;
        }
        let other = some_run(70).to_link();
        visit.eval(&format!("ask({{do: 'open', link: '{frame}#{other}'}}), 0")).await;
        visit.until(&format!("last().position === 70 && last().link.startsWith('{other}')")).await;

        visit.driver.enter_frame(0).await.expect("the frame can be entered");
        let shown = "it => document.querySelector(it).getBoundingClientRect().height > 0";
        let seen = format!("['#stage', '.trans', '.top', '.left', '.st'].map({shown})");
        assert_eq!(visit.eval(&seen).await, json!([true, true, false, false, false]));
        visit.click("#step-forward").await;
        visit.until("vivarium.state().position === 71").await;
        visit.press(Key::Right).await;
        visit.until("vivarium.state().position === 72").await;
        visit.driver.enter_default_frame().await.expect("back to the other page");
        visit.until("last().position === 72").await;
        visit.close().await;
    });
}

#[test]
fn in_a_frame_of_any_size_the_stage_has_most_of_the_room_and_nothing_covers_another() {
    visit(async {
        let visit = Visit::open("", &[]).await;
        let frame = format!("{}embed.html", visit.address);
        let link = some_run(110).to_link();
        for (width, height) in [(320, 240), (640, 400), (1200, 700)] {
            let page = format!(
                "<!doctype html><title>host</title><link rel=icon href='data:,'><iframe \
                 src='{frame}#{link}~lang=en' width={width} height={height} frameborder=0></iframe>"
            );
            visit.driver.goto(host(page)).await.expect("the other page opens");
            visit.driver.enter_frame(0).await.expect("the frame can be entered");
            visit.until("window.vivarium && document.querySelectorAll('.place').length > 4").await;
            visit.until("vivarium.state().position === 110").await;
            let boxes = "(css => [...document.querySelectorAll(css)].map(it => \
                         it.getBoundingClientRect()).filter(it => it.width > 0))";
            let covered = format!(
                "(all => all.flatMap((a, i) => all.slice(i + 1).filter(b => a.left < b.right - 1 \
                 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1))\
                 .length)({boxes}('.place, #headline, #whole, #say, .trans > .btn'))"
            );
            let stage = "document.querySelector('#stage').getBoundingClientRect().height";
            visit.until(&format!("{stage} > {} * 0.6", height)).await;
            visit.until(&format!("{covered} === 0")).await;
            let wide = "document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(visit.eval(wide).await, json!(true), "{width} x {height}");
            let least = format!(
                "Math.min(...{boxes}('.trans > .btn').map(it => Math.min(it.width, it.height)))"
            );
            let least = visit.eval(&least).await.as_f64().expect("pixels");
            assert!(least >= 28.0, "{width} x {height}: a button of {least} pixels");
            visit.click("#step-forward").await;
            visit.until("vivarium.state().position === 111").await;
            visit.driver.enter_default_frame().await.expect("back to the other page");
        }
        visit.close().await;
    });
}

#[test]
fn stage_and_diagram_go_on_one_light_sheet_of_paper() {
    visit(async {
        let visit = Visit::open(&some_run(120).to_link(), &[]).await;
        let theme = "document.documentElement.dataset.theme";
        if visit.eval(theme).await == json!("light") {
            visit.click("#theme").await;
        }
        visit.until("document.documentElement.dataset.printable").await;
        let ask = json!({"preferCSSPageSize": true, "printBackground": false});
        let printed = visit.driver.cdp().send_raw("Page.printToPDF", ask).await;
        let printed = printed.expect("the page can be printed");
        let script = format!(
            "(() => {{ const pdf = atob('{}'); return [pdf.split('/Type /Page\\n').length - 1, \
             pdf.match(/MediaBox \\[([^\\]]*)\\]/)[1]]; }})()",
            printed["data"].as_str().expect("a document")
        );
        let seen = visit.eval(&script).await;
        assert_eq!(seen[0], json!(1), "one sheet");
        let sides: Vec<f64> = seen[1]
            .as_str()
            .expect("its sides")
            .split(' ')
            .filter_map(|side| side.parse().ok())
            .collect();
        assert!((sides[2] - 842.0).abs() < 2.0 && (sides[3] - 595.0).abs() < 2.0, "{sides:?}");

        visit.eval("dispatchEvent(new Event('beforeprint'))").await;
        let paper = visit.text("#paper").await;
        assert!(paper.contains("LOOKING") && paper.contains("DOWN"), "{paper}");
        let ground = "document.querySelector('#paper rect').getAttribute('fill')";
        assert_eq!(visit.eval(ground).await, json!("#f7f5f0"), "the light stage");
        assert_eq!(visit.eval(theme).await, json!("dark"), "the screen stays as it is");
        visit.eval("dispatchEvent(new Event('afterprint'))").await;
        assert_eq!(visit.text("#paper").await, "");
        visit.close().await;
    });
}

/// The status and the headers of an answer.
fn ask(address: &str, path: &str) -> String {
    let host = address.trim_start_matches("http://").trim_end_matches('/');
    let mut connection = TcpStream::connect(host).expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).expect("it takes a request");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_page_lives_on_without_its_server_and_asks_nobody_else() {
    visit(async {
        let mut visit = Visit::open(&some_run(80).to_link(), &[]).await;
        visit.until("navigator.serviceWorker.controller").await;
        let hash = visit.eval("vivarium.hash()").await;
        let names = "performance.getEntriesByType('resource').map(it => it.name)";
        let names = visit.eval(names).await;
        let names: Vec<&str> =
            names.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let foreign =
            |name: &&&str| !name.starts_with(&visit.address) && !name.starts_with("data:");
        assert_eq!(names.iter().find(foreign), None, "no request to anybody else");
        let code = names
            .iter()
            .filter(|it| it.contains(".js") || it.contains(".css") || it.contains(".wasm"));
        assert!(code.clone().all(|it| it.contains("?b=")), "{names:?}");
        for file in ["page.css", "boot.js", "vivarium_web.js", "vivarium_web_bg.wasm"] {
            assert!(code.clone().any(|it| it.contains(file)), "{file}: {names:?}");
        }

        let build =
            names.iter().find_map(|it| Some(it.split_once("?b=")?.1)).expect("a build").to_owned();
        assert!(ask(&visit.address, &format!("/boot.js?b={build}")).starts_with("HTTP/1.1 200"));
        assert!(ask(&visit.address, "/boot.js?b=000000000000").starts_with("HTTP/1.1 404"));
        visit.eval("caches.keys().then(it => { window.kept = it; }), 0").await;
        visit.until("window.kept").await;
        assert_eq!(visit.eval("window.kept").await, json!([format!("vivarium-{build}")]));
        let manifest = visit.driver.cdp().send_raw("Page.getAppManifest", json!({})).await;
        let manifest = manifest.expect("there is a manifest");
        assert_eq!(manifest["errors"], json!([]));
        assert!(manifest["data"].as_str().is_some_and(|it| it.contains("maskable")), "{manifest}");

        visit.stop_serving();
        visit.driver.refresh().await.expect("the page is loaded again");
        visit.until("window.vivarium && document.querySelector('#plates .card') !== null").await;
        assert_eq!(visit.eval("vivarium.hash()").await, hash);
        visit.press(Key::Right).await;
        visit.until("vivarium.state().position === 81").await;
        visit.click("#t-check").await;
        visit.until("document.querySelector('#p-check h2')").await;
        visit.click("#lang-zh").await;
        visit.until("document.documentElement.lang === 'zh-Hans'").await;
        let folder = Folder::new();
        save_into(&visit, &folder).await;
        visit.click("#export summary").await;
        visit.click("#save-view").await;
        assert!(saved_text(&folder, "step-81.svg").starts_with("<svg "));
        // The browser's log tells of the server that is gone, so it is not asked for here.
        visit.driver.clone().quit().await.expect("the browser closes");
    });
}
