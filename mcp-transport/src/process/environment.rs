//! What a child inherits of the environment.

use std::ffi::{OsStr, OsString};

/// The variables every child gets when they are set: what programs need to find themselves, their
/// home and their language. Secrets of this process are not among them.
const INHERITED: &[&str] = &[
    "APPDATA",
    "COMSPEC",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOCALAPPDATA",
    "LOGNAME",
    "PATH",
    "PATHEXT",
    "PROGRAMFILES",
    "SHELL",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
];

/// The inherited variables that are set, and those of `more` that are.
pub(super) fn inherited(more: &[OsString]) -> Vec<(OsString, OsString)> {
    let names = INHERITED.iter().map(OsStr::new);
    let names = names.chain(more.iter().map(OsString::as_os_str));
    names
        .filter_map(|name| Some((name.to_owned(), std::env::var_os(name)?)))
        // A shell function, which a shell in the child would run.
        .filter(|(_, value)| !value.as_encoded_bytes().starts_with(b"()"))
        .collect()
}
