//! Files that nobody but this user may read.

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

/// A longer file is none of ours.
const LONGEST: u64 = 1024 * 1024;

/// The text of a file, or `None` where there is none.
///
/// # Errors
/// When it cannot be read, or others can read it as well.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if is_open_to_others(&metadata) {
        let why = format!("{} may be read by others", path.display());
        return Err(io::Error::new(ErrorKind::PermissionDenied, why));
    }
    if metadata.len() > LONGEST {
        return Err(ErrorKind::FileTooLarge.into());
    }
    io::read_to_string(file).map(Some)
}

/// Writes a file, whose folder is made if it has to be. Whoever reads it meanwhile sees all of the
/// old one or all of the new one.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    // The name of the process keeps those of several apart.
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let written = create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written
        .and_then(|()| std::fs::rename(&beside, path))
        .inspect_err(|_| drop(std::fs::remove_file(&beside)))
}

#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o077 != 0
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // One that is left over from before may have had other permissions.
    drop(std::fs::remove_file(path));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(unix)]
fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// What a user's own folder holds is that user's elsewhere.
#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<std::fs::File> {
    std::fs::File::create(path)
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_its_users_own_or_not_read() {
        let folder = std::env::temp_dir().join(format!("private-file-{}", std::process::id()));
        let path = folder.join("inner/secret.json");
        write(&path, "s3cr3t").expect("written");
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&path) & 0o777, 0o600);
        assert_eq!(mode(&folder.join("inner")) & 0o777, 0o700);
        assert_eq!(read(&path).expect("read").as_deref(), Some("s3cr3t"));

        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("changed");
        let error = read(&path).expect_err("open to others");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        write(&path, "again").expect("written");
        assert_eq!(mode(&path) & 0o777, 0o600);
        std::fs::remove_dir_all(&folder).expect("a folder");
    }
}
