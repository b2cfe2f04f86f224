//! Opening a page in the user's browser.

use std::io;
use std::process::Stdio;

use tokio::process::Command;

/// Opens a URL in the user's browser, as one argument of a program and not through a shell. The
/// caller has seen to it that it is an `http` or `https` URL (fault 90).
///
/// # Errors
/// When there is no program that opens pages.
pub(crate) fn open_in_browser(url: &str) -> io::Result<()> {
    let mut command = opener();
    command.arg(url);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // The runtime sees to its end.
    command.spawn().map(drop)
}

fn opener() -> Command {
    if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        // `start` would be the shell's.
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new("xdg-open")
    }
}
