//! An authorization server that says what it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::signer::{Key, now};

/// The server.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

/// What it says, and what it was asked.
pub(crate) struct State {
    pub(crate) keys: Vec<Arc<Key>>,
    /// The path of its metadata.
    pub(crate) metadata_at: &'static str,
    /// What its metadata says of its name.
    pub(crate) name: String,
    /// What it says of tokens that it is asked about.
    pub(crate) tokens: HashMap<String, Value>,
    /// What an answer at `/keys` waits for, once it was asked for.
    pub(crate) gate: Option<Arc<Gate>>,
    /// The requests: path, credentials, body.
    pub(crate) asked: Vec<(String, String, String)>,
}

/// Holds an answer back.
#[derive(Default)]
pub(crate) struct Gate {
    pub(crate) reached: Notify,
    pub(crate) open: Notify,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let state = State {
            keys: vec![Arc::new(Key::new("first"))],
            metadata_at: "/.well-known/oauth-authorization-server",
            name: url.clone(),
            tokens: HashMap::new(),
            gate: None,
            asked: Vec::new(),
        };
        let issuer = Self {
            url,
            state: Arc::new(Mutex::new(state)),
        };
        let serving = issuer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        issuer
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics with it")
    }

    /// The key it signs with.
    pub(crate) fn key(&self) -> Arc<Key> {
        Arc::clone(self.state().keys.last().expect("a key"))
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        let state = self.state();
        state.asked.iter().filter(|asked| asked.0 == path).count()
    }

    /// Claims of somebody's token for `resource`.
    pub(crate) fn claims(&self, resource: &str, who: &str, scope: &str) -> Value {
        json!({
            "iss": self.url, "sub": who, "aud": resource, "scope": scope,
            "exp": now() + 600, "iat": now(), "client_id": "test", "department": "tea",
        })
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some((path, credentials, body)) = read(&mut stream).await {
            let gate = self.state().gate.take_if(|_| path == "/keys");
            if let Some(gate) = gate {
                gate.reached.notify_one();
                gate.open.notified().await;
            }
            let (status, answer) = self.answer(path, credentials, body);
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            let _ = stream.write_all(format!("{head}{answer}").as_bytes()).await;
        }
    }

    fn answer(&self, path: String, credentials: String, body: String) -> (&'static str, String) {
        let mut state = self.state();
        let answer = match &*path {
            "/keys" => {
                let keys: Vec<_> = state.keys.iter().map(|key| key.jwk()).collect();
                Some(json!({ "keys": keys }))
            }
            "/introspect" => {
                let token = body.split('&').find_map(|pair| pair.strip_prefix("token="));
                let known = state.tokens.get(token.unwrap_or_default()).cloned();
                Some(known.unwrap_or(json!({ "active": false })))
            }
            path if path == state.metadata_at => Some(json!({
                "issuer": state.name, "jwks_uri": format!("{}/keys", self.url),
                "introspection_endpoint": format!("{}/introspect", self.url),
            })),
            _ => None,
        };
        state.asked.push((path, credentials, body));
        match answer {
            Some(answer) => ("200 OK", answer.to_string()),
            None => ("404 Not Found", String::new()),
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, String, String)> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut credentials, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match &*name.to_ascii_lowercase() {
            "authorization" => credentials = value.to_owned(),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((path, credentials, String::from_utf8(body).ok()?))
}
