//! Building and starting the programs.

use std::path::PathBuf;
use std::process::Command;

use crate::command::{command, run as run_command, target_dir};
use crate::http::Server;

/// The programs, built.
pub(super) struct Programs(PathBuf);

/// What a build is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// Finding what is wrong: what Rust checks at run time is checked.
    Checked,
    /// Measuring.
    Fast,
}

impl Programs {
    /// Builds them.
    pub(super) fn build(build: Build) -> Result<Self, String> {
        let mut cargo = command("cargo", &["build", "--quiet", "--package", "trials"]);
        let folder = match build {
            Build::Checked => target_dir().join("debug"),
            Build::Fast => {
                cargo.arg("--release");
                target_dir().join("release")
            }
        };
        run_command(cargo)?;
        Ok(Self(folder))
    }

    /// Where one of them is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// One of them, to be started with so many files and sockets.
    fn limited(&self, name: &str, descriptors: u32) -> Result<Command, String> {
        let limit = format!("--nofile={descriptors}:{descriptors}");
        let mut limited = command("prlimit", &[&limit]);
        let tried = command("prlimit", &[&limit, "true"]).output();
        let tried = tried.map_err(|error| format!("prlimit: {error}"))?;
        if !tried.status.success() {
            return Err(format!(
                "{descriptors} open files are needed for each process: raise the hard limit (ulimit -Hn)"
            ));
        }
        limited.arg(self.path(name));
        Ok(limited)
    }

    /// Starts the server over HTTP with these settings.
    pub(super) fn server(&self, descriptors: u32, settings: &[String]) -> Result<Server, String> {
        let mut limited = self.limited("trial-server", descriptors)?;
        Server::start_at(|address| {
            limited.arg("http").arg(address.to_string()).args(settings);
            limited
        })
    }

    /// The client, against this server.
    pub(super) fn client(
        &self,
        what: &str,
        descriptors: u32,
        server: &Server,
    ) -> Result<Command, String> {
        let mut client = self.limited("trial-client", descriptors)?;
        client.arg(what);
        client.arg(setting("server", server.address()));
        client.arg(setting("process", server.id()));
        Ok(client)
    }
}

/// A setting of a program.
pub(super) fn setting(key: &str, value: impl std::fmt::Display) -> String {
    format!("{key}={value}")
}
