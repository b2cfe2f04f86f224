//! What to start, and starting it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::stderr::{self, Stderr};
use super::streams::{ChildInput, ChildOutput};
use super::supervisor::supervise;
use super::{environment, group};

/// A server's program: what to start, with which arguments and environment.
///
/// No shell is involved. The child gets a few variables of this process's environment (`PATH`,
/// `HOME`, the language and the like), those named by [`Program::inherit`], and those given by
/// [`Program::env`]; nothing else, so that a secret of this process stays here.
///
/// ```
/// use mcp_transport::process::Program;
///
/// let program = Program::new("uvx").args(["mcp-server-git"]).env("GIT_PAGER", "cat");
/// assert_eq!(program.name(), "uvx");
/// ```
#[derive(Clone)]
pub struct Program {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, Option<OsString>)>,
    inherit: Vec<OsString>,
    directory: Option<PathBuf>,
    stderr: Stderr,
    grace: Duration,
    wrap: Option<Wrap>,
}

type Wrap = Arc<dyn Fn(Command) -> Command + Send + Sync>;

/// A program that could not be started (fault 25).
#[derive(Debug, thiserror::Error)]
#[error("`{program}` cannot be started: {source}")]
pub struct SpawnError {
    /// The program, as it was named.
    pub program: String,
    /// Why; [`io::ErrorKind::NotFound`] when there is no such program.
    pub source: io::Error,
}

impl Program {
    /// A program by its name, which is looked up in `PATH`, or by its path.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            inherit: Vec::new(),
            directory: None,
            stderr: Stderr::default(),
            grace: Duration::from_secs(1),
            wrap: None,
        }
    }

    /// Adds arguments. Each is passed as it stands.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned());
        self.args.extend(args);
        self
    }

    /// Sets a variable of the child's environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        let value = Some(value.as_ref().to_owned());
        self.env.push((name.as_ref().to_owned(), value));
        self
    }

    /// Passes a variable of this process on, if it is set.
    #[must_use]
    pub fn inherit(mut self, name: impl AsRef<OsStr>) -> Self {
        self.inherit.push(name.as_ref().to_owned());
        self
    }

    /// Starts it in this directory.
    #[must_use]
    pub fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// Where its standard error goes; to the log unless said otherwise.
    #[must_use]
    pub fn stderr(mut self, stderr: Stderr) -> Self {
        self.stderr = stderr;
        self
    }

    /// How long it has to end after its input was closed, and again after it was asked to. 1
    /// second.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Changes the finished command just before it is started, every time: the place to put a
    /// sandbox around the server. The environment is limited as described above, standard input,
    /// output and error and the process group are set afterwards.
    ///
    /// ```
    /// use std::process::Command;
    /// use mcp_transport::process::Program;
    ///
    /// let program = Program::new("server").wrap(|command| {
    ///     let mut sandbox = Command::new("bwrap");
    ///     sandbox.args(["--ro-bind", "/", "/", "--unshare-net"]);
    ///     sandbox.arg(command.get_program()).args(command.get_args());
    ///     sandbox
    /// });
    /// # let _ = program;
    /// ```
    #[must_use]
    pub fn wrap(mut self, wrap: impl Fn(Command) -> Command + Send + Sync + 'static) -> Self {
        self.wrap = Some(Arc::new(wrap));
        self
    }

    /// The program as it was named.
    pub fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// Starts it. Its process group ends when the [`ChildInput`] is dropped, and at once when the
    /// runtime stops (fault 21).
    ///
    /// # Errors
    /// [`SpawnError`], which names the program.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(&self) -> Result<(ChildOutput, ChildInput), SpawnError> {
        self.try_start().map_err(|source| SpawnError {
            program: self.name(),
            source,
        })
    }

    fn try_start(&self) -> io::Result<(ChildOutput, ChildInput)> {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(self.stderr.stdio());
        group::lead(&mut command);
        let mut command = tokio::process::Command::from(command);
        let mut child = command.kill_on_drop(true).spawn()?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        if let Some(pipe) = child.stderr.take() {
            tokio::spawn(stderr::forward(pipe, self.stderr.clone(), self.name()));
        }
        let (stop, exited) = supervise(child, self.grace);
        let output = ChildOutput::new(stdout, exited);
        Ok((output, ChildInput::new(stdin, stop)))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        if let Some(wrap) = &self.wrap {
            command = wrap(command);
        }
        self.limit_environment(&mut command);
        command
    }

    /// Replaces what the command would inherit; what was set one by one stays. After the wrapping,
    /// because a sandbox is a command of its own.
    fn limit_environment(&self, command: &mut Command) {
        let owned =
            |(name, value): (&OsStr, Option<&OsStr>)| (name.to_owned(), value.map(OsStr::to_owned));
        // Those of the program too: a wrapper that starts anew need not repeat them.
        let ours = self.env.iter().cloned();
        let set: Vec<_> = ours.chain(command.get_envs().map(owned)).collect();
        command.env_clear();
        command.envs(environment::inherited(&self.inherit));
        for (name, value) in set {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
}

/// Program, arguments, directory and the variables set one by one; what the command would inherit
/// or do with its streams is this crate's to say.
impl From<Command> for Program {
    fn from(command: Command) -> Self {
        let mut program = Self::new(command.get_program()).args(command.get_args());
        let env = command.get_envs();
        let owned =
            |(name, value): (&OsStr, Option<&OsStr>)| (name.to_owned(), value.map(OsStr::to_owned));
        program.env = env.map(owned).collect();
        program.directory = command.get_current_dir().map(Path::to_owned);
        program
    }
}

impl From<tokio::process::Command> for Program {
    fn from(command: tokio::process::Command) -> Self {
        command.into_std().into()
    }
}

/// Without the environment's values, which may be secrets.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Program")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &names)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
