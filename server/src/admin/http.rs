//! The playground's page over HTTP: embedded files, compressed beforehand, behind a strict policy.
//!
//! Invariants:
//! 1. Every response carries the same Content-Security-Policy, `nosniff` and referrer policy.
//! 2. A file's ETag names its coding, so that a cache never mixes the two.
//! 3. Only GET and HEAD are answered; there is nothing here to change.
//! 4. A file that is asked for by another build than this one's is not there: no page ever runs
//!    with files of two builds.
//! 5. Only `embed.html` may stand within another page.
//!
//! How `dist/` is laid out is the business of `cargo xtask web`.

use axum::Router;
use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Request, Response, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::fmt::Write;

#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// What the page may do: run its own script and wasm, and nothing from anywhere else. Who may hold
/// it in a frame follows.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors";

/// The one page that others may hold in a frame. It keeps no secret and changes nothing outside of
/// itself, so anybody may.
const EMBEDDED: &str = "/embed.html";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Vivarium</title><h1>The page is not built yet</h1>\
    <p>Run <code>cargo xtask web</code> in the repository, then reload this page.</p>\
    <p lang=\"zh-CN\">页面尚未构建。请在代码仓库中运行 <code>cargo xtask web</code>，然后刷新。</p>";

/// Whether `cargo xtask web` has put a page where this program looks.
#[must_use]
pub fn is_built() -> bool {
    Dist::get("index.html").is_some()
}

/// The page as a service.
pub fn page() -> Router {
    Router::new().fallback(answer)
}

async fn answer(request: Request<Body>) -> Response<Body> {
    let (method, headers) = (request.method(), request.headers());
    let anybody = request.uri().path() == EMBEDDED;
    let mut response = if method != Method::GET && method != Method::HEAD {
        let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        refusal
    } else if is_of_another_build(request.uri().query()) {
        text(StatusCode::NOT_FOUND, "this file is of another build than this server's page\n")
    } else {
        file(request.uri().path(), headers)
    };
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    protect(response.headers_mut(), anybody);
    response
}

/// Whether a file is asked for by a build that this server does not have.
fn is_of_another_build(query: Option<&str>) -> bool {
    let mut parameters = query.unwrap_or_default().split('&');
    let asked = parameters.find_map(|parameter| parameter.strip_prefix("b="));
    let own = asked.and_then(|_| Dist::get("build.txt"));
    own.is_some_and(|own| Some(own.data.as_ref()) != asked.map(str::as_bytes))
}

fn file(path: &str, headers: &HeaderMap) -> Response<Body> {
    let path = match path.trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let Some(plain) = Dist::get(path) else {
        return if path == "index.html" { not_built() } else { not_found() };
    };
    let (coding, chosen) = best_form(path, plain, headers);
    let tag = etag(&chosen, coding);
    let fresh = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|it| it.trim().trim_start_matches("W/") == tag));
    let mut response = if fresh {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let length = chosen.data.len();
        let mut response = Response::new(Body::from(chosen.data.into_owned()));
        put(&mut response, header::CONTENT_TYPE, media_type(path));
        put(&mut response, header::CONTENT_LENGTH, &length.to_string());
        response
    };
    if let Some(coding) = coding.filter(|_| !fresh) {
        put(&mut response, header::CONTENT_ENCODING, coding);
    }
    put(&mut response, header::ETAG, &tag);
    put(&mut response, header::VARY, "Accept-Encoding");
    put(&mut response, header::CACHE_CONTROL, "no-cache");
    response
}

/// The smallest form of a file that the client takes.
fn best_form(
    path: &str,
    plain: EmbeddedFile,
    headers: &HeaderMap,
) -> (Option<&'static str>, EmbeddedFile) {
    let accepted = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect::<Vec<_>>()
        .join(",");
    for (coding, ending) in [("br", "br"), ("gzip", "gz")] {
        let form = accepts(&accepted, coding).then(|| Dist::get(&format!("{path}.{ending}")));
        if let Some(form) = form.flatten() {
            return (Some(coding), form);
        }
    }
    (None, plain)
}

/// Whether an Accept-Encoding header takes a coding; `q=0` refuses it, `*` stands for the unnamed.
fn accepts(header: &str, coding: &str) -> bool {
    let weight = |name: &str| {
        header.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(name);
            let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
            named.then(|| weight.parse::<f32>().unwrap_or(0.0) > 0.0)
        })
    };
    weight(coding).or_else(|| weight("*")).unwrap_or(false)
}

fn etag(file: &EmbeddedFile, coding: Option<&str>) -> String {
    let mut tag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        let _ = write!(tag, "{byte:02x}");
    }
    if let Some(coding) = coding {
        let _ = write!(tag, "-{coding}");
    }
    tag.push('"');
    tag
}

/// The media type for a file's ending; unknown endings are plain bytes.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "story" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn not_built() -> Response<Body> {
    let mut response = Response::new(Body::from(NOT_BUILT));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    put(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
    put(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

fn not_found() -> Response<Body> {
    text(StatusCode::NOT_FOUND, "there is no such file\n")
}

fn text(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    put(&mut response, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

fn put(response: &mut Response<Body>, name: HeaderName, value: &str) {
    let value = HeaderValue::from_str(value).expect("our header values are ASCII");
    response.headers_mut().insert(name, value);
}

fn protect(headers: &mut HeaderMap, anybody: bool) {
    let (ancestors, readers) =
        if anybody { ("*", "cross-origin") } else { ("'none'", "same-origin") };
    let policy = format!("{POLICY} {ancestors}");
    let policy = HeaderValue::from_str(&policy).expect("our header values are ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), readers),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_encoding_is_read_with_its_weights() {
        let cases = [
            ("gzip, deflate, br", "br", true),
            ("gzip;q=1.0, br;q=0", "br", false),
            ("gzip; q=0.5", "gzip", true),
            ("*", "br", true),
            ("br;q=0, *", "br", false),
            ("", "gzip", false),
            ("identity", "gzip", false),
        ];
        for (header, coding, expected) in cases {
            assert_eq!(accepts(header, coding), expected, "`{header}` and {coding}");
        }
    }

    #[test]
    fn wasm_has_the_type_that_streaming_compilation_wants() {
        assert_eq!(media_type("pkg/vivarium_bg.wasm"), "application/wasm");
        assert_eq!(media_type("LICENSE"), "application/octet-stream");
    }

    #[tokio::test]
    async fn every_answer_is_protected_and_nothing_can_be_changed() {
        for (method, path) in [("POST", "/"), ("GET", "/no/such/file"), ("GET", "/")] {
            let request = Request::builder().method(method).uri(path).body(Body::empty());
            let response = answer(request.expect("a valid request")).await;
            let policy = response.headers().get(header::CONTENT_SECURITY_POLICY);
            assert!(policy.is_some_and(|it| it.as_bytes().starts_with(b"default-src 'none'")));
            assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            let refused = response.status() == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(refused, method == "POST");
        }
    }

    #[tokio::test]
    async fn only_the_page_for_frames_may_be_framed() {
        for (path, ancestors) in [
            ("/", "frame-ancestors 'none'"),
            ("/embed.html", "frame-ancestors *"),
            ("/embed.html/", "frame-ancestors 'none'"),
        ] {
            let request = Request::builder().uri(path).body(Body::empty());
            let response = answer(request.expect("a valid request")).await;
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].as_bytes();
            assert!(policy.ends_with(ancestors.as_bytes()), "{path}");
        }
    }

    #[test]
    fn a_file_of_another_build_is_known_by_its_name() {
        let built = Dist::get("build.txt").is_some();
        assert_eq!(is_of_another_build(Some("x=1&b=0")), built, "no build is named 0");
        assert!(!is_of_another_build(Some("embed&origin=https://b.example")));
        assert!(!is_of_another_build(None));
    }

    #[tokio::test]
    async fn a_path_cannot_leave_the_page() {
        for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd"] {
            let request = Request::builder().uri(path).body(Body::empty());
            let response = answer(request.expect("a valid request")).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
