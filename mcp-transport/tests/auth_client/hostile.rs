//! Servers that lead clients astray.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use mcp_transport::auth::client::{
    Login, LoginPage, OAuth, Readying, Registration, UserAgent, Visiting,
};
use mcp_transport::http_client::{Authorize, Challenged};
use serde_json::json;

use super::web::{AS, REDIRECT, Web, empty, json_answer, limits, list, redirect};

const RESOURCE: &str = "GET mcp.example/.well-known/oauth-protected-resource/mcp";
const ISSUER: &str = "GET as.example/.well-known/oauth-authorization-server";

/// What a call through `web` fails with.
async fn refusal(web: &Web) -> String {
    let oauth = web.login().build();
    web.call(&oauth).await.unwrap_err().to_string()
}

fn asked(web: &Web, line: &str) -> bool {
    web.lines().iter().any(|seen| seen == line)
}

#[tokio::test]
async fn fault_89_a_challenge_leads_to_no_private_place() {
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:169.254.169.254]/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "http://mcp.example/metadata",
        "file:///etc/passwd",
    ] {
        let web = Web::default();
        web.script("POST mcp.example/mcp", move |_| {
            let mut answer = empty(StatusCode::UNAUTHORIZED);
            let challenge = format!("Bearer resource_metadata=\"{url}\"");
            answer
                .headers_mut()
                .insert("www-authenticate", challenge.parse().unwrap());
            Some(answer)
        });
        let error = refusal(&web).await;
        assert!(error.contains("no address to fetch from"), "{url}: {error}");
        assert_eq!(web.lines(), ["POST mcp.example/mcp"], "{url}");
    }
}

#[tokio::test]
async fn fault_89_a_document_leads_to_no_private_place() {
    for (line, member) in [
        (ISSUER, "token_endpoint"),
        (ISSUER, "registration_endpoint"),
    ] {
        let web = Web::default();
        web.edit(line, move |document| {
            document[member] = "https://10.0.0.1/x".into();
        });
        let error = refusal(&web).await;
        assert!(
            error.contains("no address to fetch from"),
            "{member}: {error}"
        );
        assert!(
            !web.lines().iter().any(|line| line.contains("10.0.0.1")),
            "{member}"
        );
    }
}

#[tokio::test]
async fn fault_88_a_document_is_not_followed_to_another_server() {
    for (to, followed) in [
        ("https://evil.example/x", false),
        ("http://mcp.example/x", false),
        ("/x", true),
    ] {
        let web = Web::default();
        web.script(RESOURCE, move |_| Some(redirect(to)));
        let document = json!({ "resource": super::web::SERVER, "authorization_servers": [AS] });
        web.script("GET mcp.example/x", move |_| {
            Some(json_answer(StatusCode::OK, &document))
        });
        assert_eq!(
            web.call(&web.login().build()).await.is_ok(),
            followed,
            "{to}"
        );
        assert!(!asked(&web, "GET evil.example/x"), "{to}");
    }
}

#[tokio::test]
async fn fault_88_a_token_is_for_the_server_it_was_got_for_and_for_no_other() {
    let web = Web::default();
    let oauth = web.login().build();
    web.call(&oauth).await.unwrap();
    for (url, shown) in [
        ("https://mcp.example/mcp", true),
        ("https://mcp.example:8443/mcp", false),
        ("http://mcp.example/mcp", false),
        ("https://mcp.example.evil.example/mcp", false),
    ] {
        let (request, ()) = http::Request::post(url).body(()).unwrap().into_parts();
        let headers = oauth.authorize(&request).await.unwrap();
        assert_eq!(headers.contains_key("authorization"), shown, "{url}");
    }
    // Whoever gives one to two servers hears of it.
    let uri = "https://other.example/mcp".parse().unwrap();
    let nothing = http::HeaderMap::new();
    let refused = Challenged::new(&uri, &nothing, StatusCode::UNAUTHORIZED, &nothing, 1);
    let error = oauth.challenged(refused).await.unwrap_err().to_string();
    assert!(
        error.contains("for https://mcp.example:443 and for no other"),
        "{error}"
    );
}

#[tokio::test]
async fn fault_90_a_login_page_that_could_run_something_is_not_opened() {
    for page in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://as.example/$(id)",
    ] {
        let web = Web::default();
        web.edit(ISSUER, move |document| {
            document["authorization_endpoint"] = page.into();
        });
        let error = refusal(&web).await;
        assert!(
            error.contains("the address of the login page is refused"),
            "{page}: {error}"
        );
        assert!(!asked(&web, "POST as.example/token"), "{page}");
    }
}

#[tokio::test]
async fn fault_91_metadata_under_another_name_is_not_used() {
    for name in [
        "https://evil.example",
        "https://as.example/",
        "https://AS.example",
    ] {
        let web = Web::default();
        web.edit(ISSUER, move |document| document["issuer"] = name.into());
        let error = refusal(&web).await;
        assert!(
            error.contains("has no metadata of its own"),
            "{name}: {error}"
        );
        assert!(!asked(&web, "POST as.example/register"), "{name}");
        assert!(!asked(&web, "GET as.example/authorize"), "{name}");
    }
}

#[tokio::test]
async fn fault_91_an_answer_of_another_issuer_ends_before_the_token_call() {
    for (answer, expected) in [
        ("code=c", "missing"),
        ("code=c&iss=https%3A%2F%2Fevil.example", "another issuer"),
        ("code=c&iss=https%3A%2F%2Fas.example%2F", "another issuer"),
        (
            "error=access_denied&iss=https%3A%2F%2Fevil.example",
            "another issuer",
        ),
        (
            "error=access_denied&iss=https%3A%2F%2Fas.example",
            "access_denied",
        ),
    ] {
        let web = Web::default();
        web.script("GET as.example/authorize", move |seen| {
            let state = seen.says("state").unwrap();
            Some(redirect(&format!("{REDIRECT}?state={state}&{answer}")))
        });
        let error = refusal(&web).await;
        assert!(error.contains(expected), "{answer}: {error}");
        assert!(!asked(&web, "POST as.example/token"), "{answer}");
    }
}

#[tokio::test]
async fn fault_92_without_s256_nobody_logs_in() {
    for methods in [json!(null), json!([]), json!(["plain"])] {
        let web = Web::default();
        let shown = methods.to_string();
        web.edit(ISSUER, move |document| {
            document["code_challenge_methods_supported"] = methods.clone();
        });
        let error = refusal(&web).await;
        assert!(error.contains("S256"), "{shown}: {error}");
        assert!(!asked(&web, "GET as.example/authorize"), "{shown}");
    }
}

#[tokio::test]
async fn fault_92_a_state_counts_once() {
    let web = Web::default();
    let first = Arc::new(Mutex::new(None));
    web.script("GET as.example/authorize", move |seen| {
        let mut first = first.lock().unwrap();
        let state = first
            .get_or_insert_with(|| seen.says("state").unwrap())
            .clone();
        Some(redirect(&format!(
            "{REDIRECT}?code=c&state={state}&iss=https%3A%2F%2Fas.example"
        )))
    });
    web.script("POST as.example/token", |_| {
        Some(super::web::error_answer("invalid_grant"))
    });
    let oauth = web.login().build();
    let client = web.connect(&oauth).await;
    // The first answer has the right state, and a code that is none.
    let error = list(&client).await.unwrap_err().to_string();
    assert!(error.contains("invalid_grant"), "{error}");
    let error = list(&client).await.unwrap_err().to_string();
    assert!(error.contains("another login"), "{error}");
    assert_eq!(web.of("POST as.example/token").len(), 1);
}

#[tokio::test]
async fn fault_93_a_resource_that_is_not_the_server_ends_everything() {
    for resource in ["https://evil.example/mcp", "https://mcp.example/other", ""] {
        let web = Web::default();
        web.edit(RESOURCE, move |document| {
            document["resource"] = resource.into();
        });
        let error = refusal(&web).await;
        assert!(error.contains("which is not it"), "{resource}: {error}");
        assert!(!asked(&web, ISSUER), "{resource}");
    }
}

#[tokio::test]
async fn fault_93_what_one_issuer_gave_is_never_shown_to_another() {
    let web = Web::default();
    let client = Registration::new("acme-7").secret("s3cr3t").issuer(AS);
    let oauth = web.login().client(client).build();
    let client = web.connect(&oauth).await;
    list(&client).await.unwrap();
    // The server moves to another authorization server.
    web.state().issuer = "https://other.example".to_owned();
    web.state().tokens.clear();
    list(&client).await.unwrap();
    let seen = web.state().seen.clone();
    let others = seen
        .iter()
        .filter(|seen| seen.uri.host() == Some("other.example"));
    for seen in others {
        let all = format!("{} {:?} {}", seen.uri, seen.authorization(), seen.body);
        for secret in ["acme-7", "s3cr3t", "t0ken", "refr3sh", "czNjcjN0"] {
            assert!(!all.contains(secret), "{}: {secret}", seen.line());
        }
    }
    let page = &web.of("GET other.example/authorize")[0];
    assert_eq!(
        page.says("client_id").as_deref(),
        Some("client-of-other.example")
    );
}

#[tokio::test]
async fn fault_93_a_client_without_an_issuer_belongs_to_the_first() {
    let web = Web::default();
    let known = Registration::new("known").secret("s3cr3t");
    let oauth = OAuth::client_credentials(known)
        .http_client(web.clone())
        .build();
    let client = web.connect(&oauth).await;
    list(&client).await.unwrap();
    web.state().issuer = "https://other.example".to_owned();
    web.state().tokens.clear();
    let error = list(&client).await.unwrap_err().to_string();
    assert!(
        error.contains("no client is registered with https://other.example"),
        "{error}"
    );
    assert!(!asked(&web, "POST other.example/token"));
}

#[tokio::test]
async fn a_document_that_never_ends_is_not_read_to_its_end() {
    let web = Web::default();
    let most = limits().auth_document;
    web.script(RESOURCE, move |_| {
        Some(json_answer(
            StatusCode::OK,
            &json!({ "resource": "x".repeat(most) }),
        ))
    });
    let error = refusal(&web).await;
    assert!(error.contains("limit `auth_document`"), "{error}");
}

/// Nobody ever comes back.
struct Absent;

impl UserAgent for Absent {
    fn ready(&self) -> Readying<'_> {
        Box::pin(async {
            let login: Box<dyn Login> = Box::new(Absent);
            Ok(login)
        })
    }
}

impl Login for Absent {
    fn redirect_uri(&self) -> &str {
        REDIRECT
    }

    fn visit(self: Box<Self>, _: LoginPage) -> Visiting {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_nobody_ends_is_given_up() {
    let web = Web::default();
    let oauth = OAuth::login(Absent).http_client(web.clone()).build();
    let error = web.call(&oauth).await.unwrap_err().to_string();
    assert!(error.contains("limit `login_timeout`"), "{error}");
}
