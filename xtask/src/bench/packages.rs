//! The packages under `bench/`: each has a lock file of its own, so that one that stops building
//! breaks nothing else.

use std::path::PathBuf;

use crate::Outcome;
use crate::command::{command, root, run as run_command, target_dir};

/// Builds a package as it is measured, with more to say to cargo.
///
/// # Errors
///
/// That it does not build, or that its lock file does not fit its manifest and those of the packages
/// it takes by their path.
pub(crate) fn build(package: &str, arguments: &[&str]) -> Outcome {
    let manifest = format!("bench/{package}/Cargo.toml");
    let mut cargo = command("cargo", &["build", "--quiet", "--release", "--locked"]);
    cargo.args(["--manifest-path", &manifest]);
    cargo.arg("--target-dir").arg(folder());
    cargo.args(arguments);
    run_command(cargo).map_err(|why| {
        format!("{why}; is it the lock file? `cargo update --workspace --manifest-path {manifest}`")
    })
}

/// Whether every package is formatted: they are no members of the workspace.
///
/// # Errors
///
/// Which one is not.
pub(crate) fn check_format() -> Outcome {
    let folder = root().join("bench");
    let entries = std::fs::read_dir(&folder).map_err(|error| error.to_string())?;
    for entry in entries {
        let manifest = entry
            .map_err(|error| error.to_string())?
            .path()
            .join("Cargo.toml");
        if manifest.exists() {
            let mut fmt = command("cargo", &["fmt", "--check", "--manifest-path"]);
            fmt.arg(manifest);
            run_command(fmt)?;
        }
    }
    Ok(())
}

/// The executable of a package that was built.
pub(crate) fn binary(name: &str) -> PathBuf {
    folder().join("release").join(name)
}

/// The folder that all of them are built into. What they have in common is built once.
pub(crate) fn folder() -> PathBuf {
    target_dir().join("bench")
}
