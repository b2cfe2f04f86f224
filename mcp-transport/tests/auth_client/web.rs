//! The web that the tests run in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use mcp_core::engine::{CallError, ClientConfig, Scopes};
use mcp_core::{Limits, Revision};
use mcp_transport::auth::client::{Headless, OAuth, OAuthBuilder};
use mcp_transport::driver::{ClientHandle, Outgoing};
use mcp_transport::http_client::{
    Endpoint, Exchanging, HttpClient, KnownServers, ReceivedBody, connect,
};
use serde_json::{Value, json};

pub(crate) const SERVER: &str = "https://mcp.example/mcp";
pub(crate) const AS: &str = "https://as.example";
pub(crate) const REDIRECT: &str = "http://localhost:3000/callback";

/// Answers one kind of request in place of the honest answer.
pub(crate) type Script = Box<dyn FnMut(&Seen) -> Option<Response<Vec<u8>>> + Send>;

/// A request, as a server sees it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    /// Method, host and path.
    pub(crate) fn line(&self) -> String {
        let host = self.uri.host().unwrap();
        format!("{} {host}{}", self.method, self.uri.path())
    }

    /// A member of the query or form.
    pub(crate) fn says(&self, name: &str) -> Option<String> {
        let text = match &self.method {
            &Method::GET => self.uri.query().unwrap_or_default(),
            _ => &self.body,
        };
        let mut members = text.split('&').filter_map(|member| member.split_once('='));
        let found = members.find(|(known, _)| *known == name);
        found.map(|(_, value)| unescaped(value))
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.headers.get(AUTHORIZATION)?.to_str().ok()
    }
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// Every server of the test.
#[derive(Clone, Default)]
pub(crate) struct Web(Arc<Mutex<State>>);

pub(crate) struct State {
    pub(crate) seen: Vec<Seen>,
    pub(crate) scripts: HashMap<String, Script>,
    /// Of the MCP server: the scopes of its challenges and of what it does.
    pub(crate) needs: Scopes,
    /// Who the MCP server says gives tokens for it.
    pub(crate) issuer: String,
    /// How long tokens last, in seconds.
    pub(crate) lasts: u64,
    /// What each token was granted.
    pub(crate) tokens: HashMap<String, Scopes>,
    logins: HashMap<String, Scopes>,
    given: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            seen: Vec::new(),
            scripts: HashMap::new(),
            needs: Scopes::parse("read"),
            issuer: AS.to_owned(),
            lasts: 3600,
            tokens: HashMap::new(),
            logins: HashMap::new(),
            given: 0,
        }
    }
}

impl Web {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Answers requests of this line in another way, where the script says something.
    pub(crate) fn script(
        &self,
        line: &str,
        script: impl FnMut(&Seen) -> Option<Response<Vec<u8>>> + Send + 'static,
    ) {
        self.state()
            .scripts
            .insert(line.to_owned(), Box::new(script));
    }

    /// Changes a document.
    pub(crate) fn edit(&self, line: &str, edit: impl Fn(&mut Value) + Send + 'static) {
        let web = self.clone();
        self.script(line, move |seen| {
            let mut document = honest_document(&web, seen)?;
            edit(&mut document);
            Some(json_answer(StatusCode::OK, &document))
        });
    }

    /// The lines of all requests so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.state().seen.iter().map(Seen::line).collect()
    }

    /// The requests of a line.
    pub(crate) fn of(&self, line: &str) -> Vec<Seen> {
        let seen = self.state().seen.clone();
        seen.into_iter()
            .filter(|seen| seen.line() == line)
            .collect()
    }

    /// A login that asks nobody.
    pub(crate) fn login(&self) -> OAuthBuilder {
        OAuth::login(Headless::new(self.clone(), REDIRECT)).http_client(self.clone())
    }

    /// A connection to the MCP server, which is modern and need not be asked first.
    pub(crate) async fn connect(&self, oauth: &OAuth) -> ClientHandle {
        let revision = Revision::from_wire("2026-07-28").unwrap();
        let config = ClientConfig::new("test", "1").pin(revision);
        self.dial(oauth, config).await.unwrap()
    }

    /// A connection that begins as `config` says.
    pub(crate) async fn dial(
        &self,
        oauth: &OAuth,
        config: ClientConfig,
    ) -> Result<ClientHandle, CallError> {
        // What one test learns of the server must not be known to the others.
        let endpoint = Endpoint::new(SERVER).unwrap().known(KnownServers::new());
        let endpoint = endpoint
            .client(Arc::new(self.clone()))
            .authorize(Arc::new(oauth.clone()));
        connect(endpoint, config, Box::new(|_| {}), None).await
    }

    /// Connects and makes one request.
    pub(crate) async fn call(&self, oauth: &OAuth) -> Result<(), CallError> {
        list(&self.connect(oauth).await).await
    }
}

/// Makes one request.
pub(crate) async fn list(client: &ClientHandle) -> Result<(), CallError> {
    let request = Outgoing {
        method: "tools/list".to_owned(),
        ..Outgoing::default()
    };
    client.request(request).await.map(drop)
}

/// The bounds that the tests use.
pub(crate) fn limits() -> Limits {
    Limits::default()
}

pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    let mut answer = Response::new(body.to_string().into_bytes());
    *answer.status_mut() = status;
    let json = "application/json".parse().unwrap();
    answer.headers_mut().insert("content-type", json);
    answer
}

pub(crate) fn error_answer(error: &str) -> Response<Vec<u8>> {
    json_answer(StatusCode::BAD_REQUEST, &json!({ "error": error }))
}

pub(crate) fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = status;
    answer
}

impl HttpClient for Web {
    fn exchange(&self, request: Request<Bytes>) -> Exchanging {
        let web = self.clone();
        Box::pin(async move {
            // As over a network, others have their turn meanwhile.
            tokio::task::yield_now().await;
            Ok(web.answer(request).map(ReceivedBody::whole))
        })
    }
}

impl Web {
    fn answer(&self, request: Request<Bytes>) -> Response<Vec<u8>> {
        let (head, body) = request.into_parts();
        let seen = Seen {
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        let line = seen.line();
        let script = {
            let mut state = self.state();
            state.seen.push(seen.clone());
            state.scripts.remove(&line)
        };
        if let Some(mut script) = script {
            let scripted = script(&seen);
            self.state().scripts.entry(line).or_insert(script);
            if let Some(answer) = scripted {
                return answer;
            }
        }
        if let Some(document) = honest_document(self, &seen) {
            return json_answer(StatusCode::OK, &document);
        }
        let path = seen.uri.path();
        match (seen.uri.host().unwrap(), path) {
            ("mcp.example", "/mcp") => self.served(&seen),
            (_, "/register") => json_answer(
                StatusCode::CREATED,
                &json!({ "client_id": format!("client-of-{}", seen.uri.host().unwrap()) }),
            ),
            (_, "/authorize") => self.logged_in(&seen),
            (_, "/token") => self.granted(&seen),
            _ => empty(StatusCode::NOT_FOUND),
        }
    }

    /// The MCP server.
    fn served(&self, seen: &Seen) -> Response<Vec<u8>> {
        let state = self.state();
        let shown = seen.authorization().and_then(|shown| shown.split_once(' '));
        let granted = shown.and_then(|(_, token)| state.tokens.get(token));
        let needs = &state.needs;
        let metadata = "https://mcp.example/.well-known/oauth-protected-resource/mcp";
        let (status, error) = match granted {
            Some(granted) if granted.contains_all(needs) => {
                let id = serde_json::from_str::<Value>(&seen.body).unwrap()["id"].clone();
                let result = json!({
                    "resultType": "complete", "tools": [], "ttlMs": 0, "cacheScope": "private",
                });
                let answer = json!({ "jsonrpc": "2.0", "id": id, "result": result });
                return json_answer(StatusCode::OK, &answer);
            }
            Some(_) => (StatusCode::FORBIDDEN, "error=\"insufficient_scope\", "),
            None => (StatusCode::UNAUTHORIZED, ""),
        };
        let challenge =
            format!("Bearer {error}scope=\"{needs}\", resource_metadata=\"{metadata}\"");
        let mut answer = empty(status);
        answer
            .headers_mut()
            .insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
        answer
    }

    /// A login page that asks nobody.
    fn logged_in(&self, seen: &Seen) -> Response<Vec<u8>> {
        let mut state = self.state();
        state.given += 1;
        let code = format!("code-{}", state.given);
        let scopes = Scopes::parse(&seen.says("scope").unwrap_or_default());
        state.logins.insert(code.clone(), scopes);
        let (back, login) = (
            seen.says("redirect_uri").unwrap(),
            seen.says("state").unwrap(),
        );
        let issuer = format!("https%3A%2F%2F{}", seen.uri.host().unwrap());
        redirect(&format!("{back}?code={code}&state={login}&iss={issuer}"))
    }

    /// A token endpoint.
    fn granted(&self, seen: &Seen) -> Response<Vec<u8>> {
        let mut state = self.state();
        let scopes = match seen.says("grant_type").as_deref() {
            Some("authorization_code") => match state.logins.remove(&seen.says("code").unwrap()) {
                Some(scopes) => scopes,
                None => return error_answer("invalid_grant"),
            },
            Some("refresh_token") => {
                let used = seen.says("refresh_token").unwrap();
                // Each counts once.
                match state.tokens.remove(&used) {
                    Some(scopes) => scopes,
                    None => return error_answer("invalid_grant"),
                }
            }
            _ => Scopes::parse(&seen.says("scope").unwrap_or_default()),
        };
        state.given += 1;
        let (access, refresh) = (
            format!("t0ken-{}", state.given),
            format!("refr3sh-{}", state.given),
        );
        state.tokens.insert(access.clone(), scopes.clone());
        state.tokens.insert(refresh.clone(), scopes);
        let answer = json!({
            "access_token": access, "token_type": "Bearer",
            "expires_in": state.lasts, "refresh_token": refresh,
        });
        json_answer(StatusCode::OK, &answer)
    }
}

/// What the honest servers say of themselves.
fn honest_document(web: &Web, seen: &Seen) -> Option<Value> {
    let host = seen.uri.host()?;
    match (host, seen.uri.path()) {
        ("mcp.example", "/.well-known/oauth-protected-resource/mcp") => Some(json!({
            "resource": SERVER,
            "authorization_servers": [web.state().issuer],
            "scopes_supported": ["read", "write"],
        })),
        ("as.example" | "other.example", "/.well-known/oauth-authorization-server") => {
            Some(json!({
                "issuer": format!("https://{host}"),
                "authorization_endpoint": format!("https://{host}/authorize"),
                "token_endpoint": format!("https://{host}/token"),
                "registration_endpoint": format!("https://{host}/register"),
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
                "authorization_response_iss_parameter_supported": true,
            }))
        }
        _ => None,
    }
}

pub(crate) fn redirect(to: &str) -> Response<Vec<u8>> {
    let mut answer = empty(StatusCode::FOUND);
    answer.headers_mut().insert(LOCATION, to.parse().unwrap());
    answer
}
