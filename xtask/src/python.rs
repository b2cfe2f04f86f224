//! A Python environment with exactly what a lock file names.

use std::path::{Path, PathBuf};

use crate::command::{command, run, target_dir};

/// The interpreter of an environment that holds what `lock` names, made if it is not there yet.
///
/// # Errors
///
/// What failed: the interpreter to start from, or the installation.
pub(crate) fn environment(lock: &Path) -> Result<PathBuf, String> {
    let folder = target_dir().join("interop-python");
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
