//! Asking a server one thing after the other, in any of the ways that a client can.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::dialogue::Conversation;
use crate::http::{Connection, Server};

/// The revision that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2025-11-25, after a handshake.
    Legacy,
    /// 2026-07-28.
    Modern,
}

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Stdio(Era),
    Http(Era),
}

impl Mode {
    pub(crate) const ALL: [Self; 4] = [
        Self::Stdio(Era::Legacy),
        Self::Stdio(Era::Modern),
        Self::Http(Era::Legacy),
        Self::Http(Era::Modern),
    ];

    fn era(self) -> Era {
        match self {
            Self::Stdio(era) | Self::Http(era) => era,
        }
    }
}

/// What a server said to one request.
#[derive(Debug)]
pub(crate) struct Said {
    /// What came before the answer.
    pub(crate) notifications: Vec<Value>,
    pub(crate) answer: Value,
    /// All of it as it came, a message a line.
    pub(crate) bytes: String,
}

/// A client of one server, which it started.
pub(crate) struct Speaker {
    era: Era,
    line: Line,
    last_id: u64,
}

/// What it speaks over.
enum Line {
    Stdio(Conversation),
    Http {
        server: Server,
        connection: Connection,
        session: Option<String>,
    },
}

impl Speaker {
    /// Starts the server, and shakes hands where that is done.
    ///
    /// # Errors
    ///
    /// Why it does not serve.
    pub(crate) fn start(
        mut program: Command,
        arguments: &[&str],
        mode: Mode,
    ) -> Result<Self, String> {
        let line = match mode {
            Mode::Stdio(_) => {
                program.arg("stdio").args(arguments);
                Line::Stdio(Conversation::start(program)?)
            }
            Mode::Http(_) => {
                program.arg("http").stdout(Stdio::null());
                let server = Server::start(program, arguments)?;
                Line::Http {
                    connection: server.connect()?,
                    server,
                    session: None,
                }
            }
        };
        let era = mode.era();
        let mut speaker = Self {
            era,
            line,
            last_id: 0,
        };
        if era == Era::Legacy {
            speaker.shake_hands()?;
        }
        Ok(speaker)
    }

    fn shake_hands(&mut self) -> Result<(), String> {
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1.0.0" },
        });
        let said = self.ask("initialize", None, hello)?;
        if said.answer["result"]["protocolVersion"] != "2025-11-25" {
            return Err(format!("the handshake was answered with {}", said.bytes));
        }
        let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        match &mut self.line {
            Line::Stdio(conversation) => conversation.send(ready),
            Line::Http { .. } => self
                .post("notifications/initialized", None, ready)
                .map(drop),
        }
    }

    /// Calls a tool, with a token for progress if there is one.
    ///
    /// # Errors
    ///
    /// As [`Speaker::ask`].
    pub(crate) fn call(
        &mut self,
        tool: &str,
        arguments: &Value,
        token: Option<&Value>,
    ) -> Result<Said, String> {
        let mut params = json!({ "name": tool, "arguments": arguments });
        if let Some(token) = token {
            params["_meta"] = json!({ "progressToken": token });
        }
        self.ask("tools/call", Some(tool), params)
    }

    /// Makes a request and awaits its answer. `name` is what the headers repeat of `params`.
    ///
    /// # Errors
    ///
    /// That there is none, or none that is understood.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        name: Option<&str>,
        mut params: Value,
    ) -> Result<Said, String> {
        self.last_id += 1;
        if self.era == Era::Modern {
            let meta = &mut params["_meta"];
            meta["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
            meta["io.modelcontextprotocol/clientInfo"] =
                json!({ "name": "bench", "version": "1.0.0" });
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
        }
        let request =
            json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params });
        let request = request.to_string();
        if let Line::Stdio(conversation) = &mut self.line {
            conversation.send(&request)?;
            let mut heard = Heard::default();
            while !heard.take(conversation.receive()?.trim_end(), self.last_id)? {}
            return heard.said();
        }
        let body = self.post(method, name, &request)?;
        let mut heard = Heard::default();
        for message in messages(&body) {
            heard.take(message, self.last_id)?;
        }
        heard.said()
    }

    /// Posts a message with the headers that belong to it, and keeps the session that is opened.
    fn post(&mut self, method: &str, name: Option<&str>, body: &str) -> Result<String, String> {
        let Line::Http {
            connection,
            session,
            ..
        } = &mut self.line
        else {
            return Err("there is nothing to post to".to_owned());
        };
        let mut headers = Vec::new();
        if self.era == Era::Modern {
            headers.push(("mcp-protocol-version", "2026-07-28"));
            headers.push(("mcp-method", method));
        } else if method != "initialize" {
            headers.push(("mcp-protocol-version", "2025-11-25"));
        }
        if let (Era::Modern, Some(name)) = (self.era, name) {
            headers.push(("mcp-name", name));
        }
        if let Some(session) = session.as_deref() {
            headers.push(("mcp-session-id", session));
        }
        let answer = connection.post(&headers, body)?;
        if !(200..300).contains(&answer.status) {
            return Err(format!(
                "{method} was answered with {} {}",
                answer.status, answer.body
            ));
        }
        if let Some(opened) = answer.header("mcp-session-id") {
            *session = Some(opened.to_owned());
        }
        Ok(answer.body)
    }

    /// Ends the server.
    ///
    /// # Errors
    ///
    /// How it ended, if not well.
    pub(crate) fn close(self) -> Result<(), String> {
        match self.line {
            Line::Stdio(conversation) => conversation.end(),
            Line::Http {
                server, connection, ..
            } => {
                drop(connection);
                server.stop()
            }
        }
    }
}

/// The messages of a body: one, or an event each.
fn messages(body: &str) -> Vec<&str> {
    if body.starts_with('{') {
        return vec![body];
    }
    let data = body.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(str::trim)
        .filter(|data| !data.is_empty())
        .collect()
}

/// What was heard so far.
#[derive(Default)]
struct Heard {
    notifications: Vec<Value>,
    answer: Option<Value>,
    bytes: String,
}

impl Heard {
    /// Takes a message, and says whether it is the answer to the request with this id.
    fn take(&mut self, message: &str, id: u64) -> Result<bool, String> {
        let value: Value =
            serde_json::from_str(message).map_err(|error| format!("{error}: {message}"))?;
        self.bytes.push_str(message);
        self.bytes.push('\n');
        let answers = value["id"] == id && value.get("method").is_none();
        if answers {
            self.answer = Some(value);
        } else {
            self.notifications.push(value);
        }
        Ok(answers)
    }

    fn said(self) -> Result<Said, String> {
        let answer = self.answer.ok_or("there was no answer")?;
        Ok(Said {
            notifications: self.notifications,
            answer,
            bytes: self.bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_message_or_an_event_each() {
        assert_eq!(messages("{\"id\":1}"), ["{\"id\":1}"]);
        let events = "id: 1\nretry: 3\ndata:\n\nevent: message\ndata: {\"a\":1}\n\ndata:{}\n\n";
        assert_eq!(messages(events), ["{\"a\":1}", "{}"]);
    }

    #[test]
    fn what_is_heard_before_the_answer_is_kept() {
        let mut heard = Heard::default();
        assert_eq!(heard.take(r#"{"method":"a"}"#, 7), Ok(false));
        assert_eq!(heard.take(r#"{"id":7,"result":{}}"#, 7), Ok(true));
        let said = heard.said().unwrap();
        assert_eq!(said.notifications.len(), 1);
        assert_eq!(said.bytes, "{\"method\":\"a\"}\n{\"id\":7,\"result\":{}}\n");
        assert!(Heard::default().said().is_err());
    }
}
