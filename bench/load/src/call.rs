//! What is asked, as bytes in which only the id and the addends change.

use crate::{HELP, Outcome};

/// How it is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// 2026-07-28: every request stands alone.
    Modern,
    /// 2025-11-25: after a handshake, in a session where the server gives one.
    Session,
}

impl Era {
    /// By its name on the command line.
    pub fn read(text: &str) -> Outcome<Self> {
        match text {
            "modern" => Ok(Self::Modern),
            "session" => Ok(Self::Session),
            _ => Err(HELP.to_owned()),
        }
    }

    /// The revision, as headers and `_meta` name it.
    pub fn revision(self) -> &'static str {
        match self {
            Self::Modern => "2026-07-28",
            Self::Session => "2025-11-25",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The sum of two small numbers.
    Add,
    /// So many bytes of text without an escape, sent back.
    Echo(usize),
    /// So many bytes of text in lines, so that it is full of escapes, sent back.
    Lines(usize),
    /// The list of tools, which are so many.
    List(usize),
    /// So many notifications of progress before the answer.
    Progress(usize),
    /// An answer after so many milliseconds.
    Hold(usize),
    /// A stream of changes, which has no end.
    Listen,
}

impl Call {
    /// By its name on the command line.
    pub fn read(text: &str) -> Outcome<Self> {
        let (name, number) = text.split_once(':').unwrap_or((text, "0"));
        let number = number.parse().map_err(|_| HELP)?;
        match name {
            "add" => Ok(Self::Add),
            "echo" => Ok(Self::Echo(number)),
            "lines" => Ok(Self::Lines(number)),
            "list" => Ok(Self::List(number)),
            "progress" => Ok(Self::Progress(number)),
            "hold" => Ok(Self::Hold(number)),
            _ => Err(HELP.to_owned()),
        }
    }

    /// The method, and the name that the headers repeat beside it.
    pub fn method(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Add => ("tools/call", Some("add")),
            Self::Echo(_) | Self::Lines(_) => ("tools/call", Some("echo")),
            Self::List(_) => ("tools/list", None),
            Self::Progress(_) => ("tools/call", Some("progress")),
            Self::Hold(_) => ("tools/call", Some("hold")),
            Self::Listen => ("subscriptions/listen", None),
        }
    }

    /// The JSON of the arguments.
    fn arguments(self) -> String {
        match self {
            Self::Add => r#"{"a":0,"b":40}"#.to_owned(),
            Self::Echo(bytes) | Self::Lines(bytes) => {
                format!(r#"{{"text":"{}"}}"#, self.text(bytes))
            }
            Self::Progress(count) => format!(r#"{{"count":{count}}}"#),
            Self::Hold(millis) => format!(r#"{{"ms":{millis}}}"#),
            Self::List(_) | Self::Listen => "{}".to_owned(),
        }
    }

    /// The text that is sent there and back, as JSON has it: so many bytes.
    pub fn text(self, bytes: usize) -> String {
        let line = match self {
            Self::Lines(_) => "fn main() { println!(\\\"the quick brown fox\\\"); } // and on\\n",
            _ => "the quick brown fox jumps over the lazy dog and on to the next one ",
        };
        let mut text = line.repeat(bytes / line.len());
        text.push_str(&"x".repeat(bytes - text.len()));
        text
    }

    /// The message as JSON.
    fn body(self, era: Era) -> String {
        let (method, name) = self.method();
        let mut meta = Vec::new();
        if era == Era::Modern {
            meta.push(
                r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1.0.0"},"io.modelcontextprotocol/clientCapabilities":{}"#.to_owned(),
            );
        }
        if let Self::Progress(_) = self {
            meta.push(format!(r#""progressToken":{FIRST_ID}"#));
        }
        let mut params = Vec::new();
        if !meta.is_empty() {
            params.push(format!(r#""_meta":{{{}}}"#, meta.join(",")));
        }
        if let Some(name) = name {
            params.push(format!(
                r#""name":"{name}","arguments":{}"#,
                self.arguments()
            ));
        }
        if self == Self::Listen {
            params.push(r#""notifications":{"toolsListChanged":true}"#.to_owned());
        }
        let params = params.join(",");
        format!(r#"{{"jsonrpc":"2.0","id":{FIRST_ID},"method":"{method}","params":{{{params}}}}}"#)
    }
}

/// The first id. All have as many digits, so that the length of a request does not change.
const FIRST_ID: u64 = 1_000_000;

/// How many ids there are.
const IDS: u64 = 9_000_000;

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Request {
    pub call: Call,
    pub bytes: Vec<u8>,
    /// Where the id stands, and for progress the token, which is the same number.
    ids: Vec<usize>,
    /// Where the two addends stand.
    addends: Option<(usize, usize)>,
    number: u64,
}

impl Request {
    /// A line of stdio.
    pub fn line(call: Call, era: Era) -> Self {
        let mut bytes = call.body(era).into_bytes();
        bytes.push(b'\n');
        Self::of(call, bytes)
    }

    /// A post to `/mcp`, with the session's header if there is one.
    pub fn post(call: Call, era: Era, host: &str, session: Option<&str>) -> Self {
        let body = call.body(era);
        let mut head = head("POST", host, session, body.len());
        head.push_str(&format!("mcp-protocol-version: {}\r\n", era.revision()));
        if era == Era::Modern {
            let (method, name) = call.method();
            head.push_str(&format!("mcp-method: {method}\r\n"));
            if let Some(name) = name {
                head.push_str(&format!("mcp-name: {name}\r\n"));
            }
        }
        Self::of(call, format!("{head}\r\n{body}").into_bytes())
    }

    fn of(call: Call, bytes: Vec<u8>) -> Self {
        let find =
            |what: &str| memchr::memmem::find(&bytes, what.as_bytes()).map(|at| at + what.len());
        let ids = [r#","id":"#, r#""progressToken":"#];
        let ids = ids.iter().filter_map(|what| find(what)).collect();
        let addends = find(r#"{"a":"#).zip(find(r#","b":"#));
        Self {
            call,
            ids,
            addends: addends.filter(|_| call == Call::Add),
            bytes,
            number: 0,
        }
    }

    /// Makes it the request of this number, and returns that.
    pub fn renumber(&mut self, number: u64) {
        self.number = number % IDS;
        let mut id = self.id();
        let mut digits = [0; 7];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (id % 10) as u8;
            id /= 10;
        }
        for at in &self.ids {
            self.bytes[*at..*at + digits.len()].copy_from_slice(&digits);
        }
        if let Some((a, b)) = self.addends {
            let digit = b'0' + (self.number % 10) as u8;
            self.bytes[a] = digit;
            self.bytes[b + 1] = digit;
        }
    }

    /// Its id.
    pub fn id(&self) -> u64 {
        FIRST_ID + self.number
    }

    /// The sum it asks for.
    pub fn sum(&self) -> u64 {
        40 + 2 * (self.number % 10)
    }
}

/// The head of a request without its end.
pub fn head(method: &str, host: &str, session: Option<&str>, length: usize) -> String {
    let mut head = format!(
        "{method} /mcp HTTP/1.1\r\nhost: {host}\r\naccept: application/json, text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
    );
    if let Some(session) = session {
        head.push_str(&format!("mcp-session-id: {session}\r\n"));
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_changes_its_numbers_and_not_its_length() {
        let mut request = Request::line(Call::Add, Era::Modern);
        let length = request.bytes.len();
        request.renumber(17);
        assert_eq!(request.bytes.len(), length);
        let text = String::from_utf8_lossy(&request.bytes);
        assert!(text.contains(r#""id":1000017,"#), "{text}");
        assert!(text.contains(r#"{"a":7,"b":47}"#), "{text}");
        assert_eq!(request.sum(), 54);
    }

    #[test]
    fn the_length_of_a_post_is_that_of_its_body() {
        let request = Request::post(Call::Lines(1000), Era::Session, "h", Some("s"));
        let text = String::from_utf8_lossy(&request.bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
        assert!(head.contains("mcp-session-id: s"));
        assert_eq!(Call::Lines(1000).text(1000).len(), 1000);
    }
}
