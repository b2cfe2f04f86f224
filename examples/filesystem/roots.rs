//! The folders that are served, and the way from a client's path into them.
//!
//! A path is followed to what it really names before it is compared with the folders, so neither
//! `..` nor a symbolic link leads out; what was opened is compared once more. What is left to
//! somebody who may write inside the folders *and* swaps a folder for a link at the very moment: a
//! listing, and the place of a written file, because the standard library offers no call that is
//! relative to an open folder. A hard link is the file itself, and is served.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::refused::Refused;

/// The folders, each as it really lies.
#[derive(Debug)]
pub(crate) struct Roots(Vec<PathBuf>);

impl Roots {
    /// Takes the folders; each must be there.
    pub(crate) fn new(folders: impl Iterator<Item = OsString>) -> Result<Self, Refused> {
        let mut roots = Vec::new();
        for folder in folders {
            let folder = PathBuf::from(folder);
            let real = fs::canonicalize(&folder).map_err(Refused::system(&folder))?;
            if !real.is_dir() {
                return Err(Refused::Unfit(format!("{} is no folder", folder.display())));
            }
            roots.push(real);
        }
        if roots.is_empty() {
            return Err(Refused::Unfit("no folder was given".to_owned()));
        }
        Ok(Self(roots))
    }

    /// The folders.
    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.0
    }

    /// Where something that exists really lies.
    pub(crate) fn find(&self, path: &str) -> Result<PathBuf, Refused> {
        self.follow(&self.absolute(path)?, path)
    }

    /// Where a folder really lies.
    pub(crate) fn find_folder(&self, path: &str) -> Result<PathBuf, Refused> {
        self.follow_folder(&self.absolute(path)?, path)
    }

    /// Follows an absolute path; the client knows it as `shown`.
    fn follow(&self, asked: &Path, shown: &str) -> Result<PathBuf, Refused> {
        match fs::canonicalize(asked) {
            Ok(real) if self.hold(&real) => Ok(real),
            Ok(_) => Err(Refused::Outside(shown.to_owned())),
            // The same answer whatever is out there: look where the part that exists leads.
            Err(error) => {
                let mut above = asked.ancestors().skip(1);
                match above.find_map(|folder| fs::canonicalize(folder).ok()) {
                    Some(real) if self.hold(&real) => Err(Refused::System(shown.to_owned(), error)),
                    _ => Err(Refused::Outside(shown.to_owned())),
                }
            }
        }
    }

    fn follow_folder(&self, asked: &Path, shown: &str) -> Result<PathBuf, Refused> {
        let real = self.follow(asked, shown)?;
        match real.is_dir() {
            true => Ok(real),
            false => Err(Refused::Unfit(format!("{} is no folder", real.display()))),
        }
    }

    /// Opens a regular file. A device or a pipe is refused unopened, for opening alone may block
    /// or do something.
    pub(crate) fn open(&self, real: &Path) -> Result<File, Refused> {
        let system = || Refused::system(real);
        let regular = |metadata: fs::Metadata| match metadata.is_file() {
            true => Ok(()),
            false => Err(Refused::Unfit(format!(
                "{} is no regular file",
                real.display()
            ))),
        };
        regular(fs::symlink_metadata(real).map_err(system())?)?;
        let file = File::open(real).map_err(system())?;
        regular(file.metadata().map_err(system())?)?;
        self.check_landing(&file, real)?;
        Ok(file)
    }

    /// Writes a whole file: it is made beside its place and then moved there, so that nobody sees
    /// half of it and a link at its place is never followed.
    pub(crate) fn write(&self, path: &str, content: &[u8]) -> Result<PathBuf, Refused> {
        let place = self.place(path)?;
        let permissions = match fs::symlink_metadata(&place) {
            Ok(there) if !there.is_file() => {
                return Err(Refused::Unfit(format!("{path} is no regular file")));
            }
            // A folder lets its files be replaced, whatever they allow.
            Ok(there) if there.permissions().readonly() => {
                return Err(Refused::Unfit(format!("{path} is read-only")));
            }
            Ok(there) => Some(there.permissions()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Refused::System(path.to_owned(), error)),
        };
        let partial = place.with_file_name(partial_name());
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&partial)
            .map_err(Refused::system(&place))?;
        let written = self.check_landing(&file, &partial).and_then(|()| {
            // Who may read it is settled before there is anything to read.
            let dressed = permissions.map_or(Ok(()), |given| file.set_permissions(given));
            let filled = dressed.and_then(|()| file.write_all(content));
            let moved = filled.and_then(|()| fs::rename(&partial, &place));
            moved.map_err(Refused::system(&place))
        });
        if written.is_err() {
            // What is left of it is of no use; the first error is the one to tell.
            let _ = fs::remove_file(&partial);
        }
        written.map(|()| place)
    }

    /// Where a file would be that may not exist yet.
    fn place(&self, path: &str) -> Result<PathBuf, Refused> {
        let asked = self.absolute(path)?;
        let unnamed = || Refused::Unfit(format!("{path} does not end in a file's name"));
        // `Path` overlooks a slash at the end, which says that a folder is meant.
        if path.ends_with(std::path::is_separator) {
            return Err(unnamed());
        }
        let name = asked.file_name().ok_or_else(unnamed)?;
        let folder = asked.parent().ok_or_else(unnamed)?;
        let mut place = self.follow_folder(folder, path)?;
        place.push(name);
        Ok(place)
    }

    fn absolute(&self, path: &str) -> Result<PathBuf, Refused> {
        if path.contains('\0') {
            return Err(Refused::Unfit("a path holds no NUL character".to_owned()));
        }
        let first = self.0.first().expect("there is at least one folder");
        Ok(first.join(path))
    }

    /// Whether a real path is in one of the folders.
    fn hold(&self, real: &Path) -> bool {
        self.0.iter().any(|root| real.starts_with(root))
    }

    fn check_landing(&self, file: &File, path: &Path) -> Result<(), Refused> {
        match landing(file, path) {
            Ok(real) if self.hold(&real) => Ok(()),
            Ok(_) => Err(Refused::Outside(path.display().to_string())),
            Err(error) => Err(Refused::system(path)(error)),
        }
    }
}

impl fmt::Display for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, root) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", root.display())?;
        }
        Ok(())
    }
}

/// Where an open file lies, as the system knows it, whatever became of the path meanwhile.
#[cfg(target_os = "linux")]
fn landing(file: &File, _: &Path) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd as _;
    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Where the path leads after the file was opened: elsewhere the system tells no more.
#[cfg(not(target_os = "linux"))]
fn landing(_: &File, path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// A name that nothing else in this folder has.
fn partial_name() -> String {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    format!(".partial-{}-{number}", process::id())
}
