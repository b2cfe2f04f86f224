//! Who is compared: a package of `bench/` each.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::check;
use super::figures::{FLOOR, Figures, OURS};
use super::load::Cores;
use super::packages::{binary, build, folder};
use super::workloads::Way;
use crate::command::root;
use crate::http::Server;

/// Who serves, the floor first and ours next.
pub(crate) const PEERS: [&str; 5] = [FLOOR, OURS, "rmcp", "turbomcp", "tower-mcp"];

/// The server of a peer, told how it is to be spoken to.
///
/// Ours is two programs: with the feature that validates arguments, and without it.
pub(crate) fn server(peer: &str, way: Way, address: &str, arguments: &[&str]) -> Command {
    let name = if peer == OURS && arguments.contains(&"--validation") {
        "bench-ours-validation".to_owned()
    } else {
        format!("bench-{peer}")
    };
    let mut command = Command::new(binary(&name));
    match way {
        Way::Stdio(_) => command.arg("stdio"),
        Way::Http(_) => command.args(["http", address]),
    };
    command.args(arguments);
    command
}

/// Starts the server of a peer over HTTP, on the processor of the servers.
///
/// # Errors
///
/// What it complained of, if it does not listen.
pub(crate) fn serve(cores: Cores, peer: &str, arguments: &[&str]) -> Result<Server, String> {
    let path = folder().join("complaints.txt");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Server::start_at(|address| {
        let program = server(peer, Way::Http(1), &address.to_string(), arguments);
        let mut command = cores.on_server_core(&program);
        command.stdout(Stdio::null()).stderr(file);
        command
    })
    .map_err(|why| {
        let complaints = std::fs::read_to_string(&path).unwrap_or_default();
        match complaints.trim() {
            "" => why,
            complaints => complaints.to_owned(),
        }
    })
}

/// Builds the load generator and everybody, and looks at their answers. Who does not build or answers
/// wrongly has no figures, and the rest goes on.
///
/// # Errors
///
/// That the load generator, the floor or ours does not build, or answers wrongly.
pub(crate) fn build_all(figures: &mut Figures) -> Result<(), String> {
    build("load", &[])?;
    for peer in PEERS {
        println!("==> building {peer}");
        match build(peer, &[]) {
            Err(why) if [FLOOR, OURS].contains(&peer) => return Err(why),
            Err(why) => give_up(figures, "build", peer, &why),
            Ok(()) => {}
        }
    }
    for feature in ["validation", "client"] {
        let program = format!("bench-ours-{feature}");
        build(OURS, &["--features", feature, "--bin", &program])?;
    }
    for peer in PEERS {
        // What is not there was given up above.
        if !binary(&format!("bench-{peer}")).exists() {
            continue;
        }
        match check::peer(peer) {
            Err(why) if [FLOOR, OURS].contains(&peer) => return Err(format!("{peer}: {why}")),
            Err(why) => give_up(figures, "right answers", peer, &why),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Leaves a peer out of what follows.
fn give_up(figures: &mut Figures, what: &str, peer: &str, why: &str) {
    figures.give_up(what, peer, why);
    // One of an earlier build would be measured as if it were of this one.
    let _not_there = std::fs::remove_file(binary(&format!("bench-{peer}")));
}

/// The manifest of a package of `bench/`.
pub(crate) fn manifest(package: &str) -> PathBuf {
    root().join("bench").join(package).join("Cargo.toml")
}

/// The version of a crate that the lock file of a package has.
pub(crate) fn version(package: &str, name: &str) -> Option<String> {
    let lock = manifest(package).with_file_name("Cargo.lock");
    version_in(&std::fs::read_to_string(lock).ok()?, name)
}

fn version_in(lock: &str, name: &str) -> Option<String> {
    let named = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| **line != named);
    let version = lines.nth(1)?.strip_prefix("version = ")?;
    Some(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_tells_the_version_of_a_crate() {
        let lock = "[[package]]\nname = \"rmcp-macros\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"rmcp\"\nversion = \"3.9.1\"\n";
        assert_eq!(version_in(lock, "rmcp").as_deref(), Some("3.9.1"));
        assert_eq!(version_in(lock, "other"), None);
    }

    #[test]
    fn validation_is_another_program_of_ours_and_of_nobody_else() {
        let shown = |peer| format!("{:?}", server(peer, Way::Stdio(1), "", &["--validation"]));
        assert!(shown(OURS).contains("bench-ours-validation"));
        assert!(!shown("rmcp").contains("bench-rmcp-validation"));
    }
}
