//! What every server under `bench/` is told on its command line.
//!
//! `stdio` or `http ADDRESS`, then `[--tools N] [--middleware] [--validation] [--legacy-stateless]`;
//! or `client` and what the client reads for itself.

use std::net::SocketAddr;

/// What to do.
pub enum Mode {
    Stdio,
    Http(SocketAddr),
    Client,
}

/// The command line.
pub struct Options {
    pub mode: Mode,
    /// How many tools there are: the first of [`NAMED_TOOLS`] and then the numbered ones.
    pub tools: usize,
    /// Whether three layers stand in the way of every call.
    pub middleware: bool,
    /// Whether arguments are held against the whole of their schema.
    pub validation: bool,
    /// Whether clients of 2025-11-25 get no session over HTTP.
    pub legacy_stateless: bool,
    /// What no other program knows: the arguments of `client`, or more options.
    pub rest: Vec<String>,
}

/// The tools that have names of their own, in the order in which they are listed.
pub const NAMED_TOOLS: [&str; 4] = ["add", "echo", "progress", "hold"];

impl Options {
    /// Reads the command line of this process, which ends with status 2 if it makes no sense.
    pub fn read() -> Self {
        let mut words = std::env::args().skip(1);
        let mode = match words.next().as_deref() {
            Some("stdio") => Mode::Stdio,
            Some("http") => Mode::Http(number(words.next())),
            Some("client") => Mode::Client,
            _ => usage(),
        };
        let mut options = Self {
            mode,
            tools: NAMED_TOOLS.len(),
            middleware: false,
            validation: false,
            legacy_stateless: false,
            rest: Vec::new(),
        };
        if let Mode::Client = options.mode {
            options.rest = words.collect();
            return options;
        }
        while let Some(word) = words.next() {
            match word.as_str() {
                "--tools" => options.tools = number(words.next()),
                "--middleware" => options.middleware = true,
                "--validation" => options.validation = true,
                "--legacy-stateless" => options.legacy_stateless = true,
                _ => options.rest.push(word),
            }
        }
        options
    }

    /// Whether the tool called `name`, one of [`NAMED_TOOLS`], is among those wanted.
    pub fn has(&self, name: &str) -> bool {
        let wanted = NAMED_TOOLS.iter().take(self.tools);
        wanted.into_iter().any(|wanted| *wanted == name)
    }

    /// The names of the tools beyond [`NAMED_TOOLS`].
    pub fn numbered_tools(&self) -> impl Iterator<Item = String> + use<> {
        let count = self.tools.saturating_sub(NAMED_TOOLS.len());
        (1..=count).map(|number| format!("tool_{number:04}"))
    }

    /// Refuses what this program does not know of.
    pub fn refuse_rest(&self) {
        if let Some(word) = self.rest.first() {
            refuse(word);
        }
    }
}

/// Ends the process with the status that says: this program cannot do that.
pub fn refuse(what: &str) -> ! {
    eprintln!("this program cannot do {what}");
    std::process::exit(3);
}

/// Tells whoever started the process that requests may come.
pub fn listening(address: SocketAddr) {
    println!("listening {address}");
}

/// What a word stands for, such as a number or an address.
pub fn number<T: std::str::FromStr>(word: Option<String>) -> T {
    let read = word.and_then(|word| word.parse().ok());
    read.unwrap_or_else(|| usage())
}

/// Ends the process with how it is started.
pub fn usage() -> ! {
    eprintln!(
        "usage: (stdio | http ADDRESS) [--tools N] [--middleware] [--validation] [--legacy-stateless]\n       \
         client [--legacy] [--in-flight N] (http ADDRESS CALLS | stdio CALLS COMMAND [ARGUMENT...] | memory CALLS)"
    );
    std::process::exit(2);
}
