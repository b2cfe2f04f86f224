//! The servers that a configuration file names, in the shapes that hosts use.

mod comments;
mod env_file;
mod variables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mcp_core::model::JsonObject;
use mcp_transport::process::Program;
use serde_json::Value;

use super::{Client, ClientBuilder, ConnectError};
pub use variables::Variables;

/// The servers of one file, by name.
///
/// Claude Desktop, Claude Code and Cursor call the map `mcpServers`, VS Code `servers` (within
/// `mcp` in its settings). Comments and trailing commas are accepted. An entry that says
/// `"disabled": true` is left out; one that is wrong is an error of its own, so that the others can
/// be used.
///
/// ```
/// use toolwright::client::{ServerEntry, Servers, Variables};
///
/// let text = r#"{ "mcpServers": {
///     "git":   { "command": "uvx", "args": ["mcp-server-git", "--repository", "${REPO:-.}"] },
///     "notes": { "url": "https://notes.example/mcp" }
/// } }"#;
/// let servers = Servers::parse(text, &Variables::none())?;
/// assert_eq!(servers.names().collect::<Vec<_>>(), ["git", "notes"]);
/// assert!(matches!(servers.get("notes")?, ServerEntry::Url { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Servers(BTreeMap<String, Result<ServerEntry, String>>);

/// How one server is reached.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ServerEntry {
    /// As a child process.
    Program(Program),
    /// Over HTTP.
    Url {
        /// Where.
        url: String,
        /// What is sent along, by name. May hold secrets.
        headers: BTreeMap<String, String>,
    },
}

/// What is wrong with a file of servers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServersError {
    /// It cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no JSON.
    #[error("the servers are no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It has neither `mcpServers` nor `servers`.
    #[error("there is no map `mcpServers` or `servers`")]
    NoServers,
    /// No server has this name.
    #[error("there is no server `{name}`; there are: {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
    /// The entry of this server cannot be used.
    #[error("the server `{name}`: {why}")]
    Entry {
        /// Its name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl Servers {
    /// Reads a file, with the variables of this process.
    ///
    /// # Errors
    /// [`ServersError`], for what is wrong with the file as a whole.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ServersError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| ServersError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, &Variables::of_process())
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// [`ServersError`], for what is wrong with the text as a whole.
    pub fn parse(text: &str, variables: &Variables) -> Result<Self, ServersError> {
        let root: Value = serde_json::from_str(&comments::strip(text))?;
        let maps = [
            root.get("mcpServers"),
            root.get("servers"),
            root.get("mcp").and_then(|mcp| mcp.get("servers")),
        ];
        let map = maps.into_iter().flatten().find_map(Value::as_object);
        let enabled = |entry: &Value| entry.get("disabled") != Some(&Value::Bool(true));
        let entries = map.ok_or(ServersError::NoServers)?.iter();
        Ok(Self(
            entries
                .filter(|(_, entry)| enabled(entry))
                .map(|(name, entry)| (name.clone(), read_entry(entry, variables)))
                .collect(),
        ))
    }

    /// The names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// How the server of this name is reached.
    ///
    /// # Errors
    /// [`ServersError::Unknown`] or [`ServersError::Entry`].
    pub fn get(&self, name: &str) -> Result<&ServerEntry, ServersError> {
        match self.0.get(name) {
            Some(Ok(entry)) => Ok(entry),
            Some(Err(why)) => Err(ServersError::Entry {
                name: name.to_owned(),
                why: why.clone(),
            }),
            None => Err(ServersError::Unknown {
                name: name.to_owned(),
                known: self.names().collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// Connects to the server of this name.
    ///
    /// # Errors
    /// [`ServersError`].
    pub async fn connect(
        &self,
        name: &str,
        builder: ClientBuilder,
    ) -> Result<Client, ServersError> {
        Ok(self.get(name)?.connect(builder).await?)
    }
}

impl ServerEntry {
    /// Connects to this server.
    ///
    /// # Errors
    /// [`ConnectError`]; [`ConnectError::Unsupported`] for one that is reached over HTTP, without
    /// the feature `http-client`.
    pub async fn connect(&self, builder: ClientBuilder) -> Result<Client, ConnectError> {
        match self {
            Self::Program(program) => builder.spawn(program.clone()).await,
            #[cfg(feature = "http-client")]
            Self::Url { url, headers } => {
                let with = |builder: ClientBuilder, (name, value): (&String, &String)| {
                    builder.header(name, value)
                };
                let builder = headers.iter().fold(builder, with);
                Ok(builder.connect(url).await?)
            }
            #[cfg(not(feature = "http-client"))]
            Self::Url { url, .. } => Err(ConnectError::Unsupported(url.clone())),
        }
    }
}

fn read_entry(entry: &Value, variables: &Variables) -> Result<ServerEntry, String> {
    let entry = entry.as_object().ok_or("it is no object")?;
    if let Some(url) = ["url", "serverUrl", "httpUrl"]
        .iter()
        .find_map(|key| entry.get(*key))
    {
        let url = url.as_str().ok_or("`url` is no text")?;
        return Ok(ServerEntry::Url {
            url: variables.expand(url)?,
            headers: texts(entry, "headers", variables)?.into_iter().collect(),
        });
    }
    let command = entry
        .get("command")
        .ok_or("it has neither `command` nor `url`")?;
    let command = command.as_str().ok_or("`command` is no text")?;
    let mut program = Program::new(variables.expand(command)?);
    for arg in entry
        .get("args")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let arg = arg
            .as_str()
            .ok_or("`args` holds something that is no text")?;
        program = program.args([variables.expand(arg)?]);
    }
    // What the entry says itself comes later, and so counts.
    for (name, value) in of_env_file(entry, variables)? {
        program = program.env(name, value);
    }
    for (name, value) in texts(entry, "env", variables)? {
        program = program.env(name, value);
    }
    if let Some(directory) = entry.get("cwd") {
        let directory = directory.as_str().ok_or("`cwd` is no text")?;
        program = program.directory(variables.expand(directory)?);
    }
    Ok(ServerEntry::Program(program))
}

/// The variables of the file that `envFile` names, if it names one.
fn of_env_file(entry: &JsonObject, variables: &Variables) -> Result<Vec<(String, String)>, String> {
    let Some(path) = entry.get("envFile") else {
        return Ok(Vec::new());
    };
    let path = variables.expand(path.as_str().ok_or("`envFile` is no text")?)?;
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("the `envFile` `{path}` cannot be read: {error}"))?;
    env_file::parse(&text)
        .map_err(|line| format!("line {line} of the `envFile` `{path}` is no `NAME=value`"))
}

/// A map of texts; numbers and switches are taken as what they look like.
fn texts(
    entry: &JsonObject,
    key: &str,
    variables: &Variables,
) -> Result<Vec<(String, String)>, String> {
    let Some(map) = entry.get(key) else {
        return Ok(Vec::new());
    };
    let map = map
        .as_object()
        .ok_or_else(|| format!("`{key}` is no object"))?;
    let text = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), variables.expand(text)?)),
        Value::Number(_) | Value::Bool(_) => Ok((name.clone(), value.to_string())),
        _ => Err(format!("`{key}.{name}` is no text")),
    };
    map.iter().map(text).collect()
}
