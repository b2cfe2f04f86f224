//! Python environments with exactly what a lock file names.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{command, root, run, target_dir};

/// A command of one of the programs that `xtask/tools.lock` names.
///
/// # Errors
///
/// What failed: the installation, or that none of them is called so.
pub(crate) fn tool(name: &str) -> Result<Command, String> {
    let python = environment("tools", &root().join("xtask/tools.lock"))?;
    let program = python.with_file_name(name);
    if !program.exists() {
        return Err(format!("nothing in xtask/tools.lock brings {name}"));
    }
    Ok(command(
        &program.to_string_lossy(),
        &[name.trim_start_matches("cargo-")],
    ))
}

/// The interpreter of the environment `name`, which holds what `lock` names and is made if it is
/// not there yet.
///
/// # Errors
///
/// What failed: the interpreter to start from, or the installation.
pub(crate) fn environment(name: &str, lock: &Path) -> Result<PathBuf, String> {
    let folder = target_dir().join("python").join(name);
    let python = folder.join("bin/python");
    // Kept beside what it describes, so that a change of the lock file is seen.
    let installed = folder.join("installed.lock");
    let wanted = read(lock)?;
    if read(&installed).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    let shown = folder.to_string_lossy();
    run(command("python3", &["-m", "venv", "--clear", &shown]))?;
    let mut install = command(
        &python.to_string_lossy(),
        &["-m", "pip", "install", "--quiet", "--require-hashes"],
    );
    install.arg("--requirement").arg(lock);
    run(install)?;
    std::fs::write(&installed, wanted)
        .map_err(|error| format!("{}: {error}", installed.display()))?;
    Ok(python)
}

/// The whole of a file.
fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
