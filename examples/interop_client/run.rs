//! One server: connect, check what it offers, and leave.

use std::path::{Path, PathBuf};

use toolwright::client::Captured;

use crate::answers::Ada;
use crate::checks::{Checks, Outcome, holds, same, why};
use crate::{Target, everything, filesystem, peer};

/// Runs the checks of the target's suite.
pub(crate) async fn all(target: &Target, said: &Captured, checks: &mut Checks) {
    let folder = match Folder::new() {
        Ok(folder) => folder,
        Err(error) => return checks.fail("has a folder to work in", &why(error)),
    };
    let ada = Ada::working_in(folder.uri());
    let client = match target.connect(&ada, said).await {
        Ok(client) => client,
        Err(error) => return checks.fail("connects", &why(error)),
    };
    let agreed = async { same(client.peer().revision, target.revision) };
    checks.run("agrees on the revision", agreed).await;
    match target.suite.as_str() {
        "peer" => peer::checks(&client, &ada, &folder, checks).await,
        "everything" => everything::checks(&client, &ada, &folder, checks).await,
        "filesystem" => filesystem::checks(&client, &ada, &folder, checks).await,
        other => checks.fail("has checks", &format!("there is no suite {other:?}")),
    }
    let stays = async { holds(!client.is_closed(), "the connection has ended") };
    checks.run("stays until it is left", stays).await;
}

/// A folder that is removed in the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let name = format!("toolwright-interop-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        // The name by which a server knows it that follows links.
        Ok(Self(path.canonicalize()?))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn uri(&self) -> String {
        format!("file://{}", self.0.display())
    }

    /// The path of a file in it.
    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// Writes a file into it.
    pub(crate) fn write(&self, name: &str, text: &str) -> Outcome {
        std::fs::write(self.0.join(name), text).map_err(why)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}
