//! What the smallest server weighs: its binary, its crates, and the time to build it.

use std::path::Path;
use std::process::Command;

use super::effort::Effort;
use super::figures::{Figures, OURS};
use super::load::{Cores, ask_program};
use super::packages::{binary, build, folder};
use super::peers::manifest;
use crate::Outcome;
use crate::command::{command, output_of};
use crate::weight::names;

/// The smallest servers: the name of their figures, whose they are, and their package.
pub(crate) const HELLOS: [(&str, &str, &str); 4] = [
    ("hello_stdio", OURS, "hello-stdio"),
    ("hello_http", OURS, "hello-http"),
    ("hello_stdio", "rmcp", "rmcp-hello-stdio"),
    ("hello_http", "rmcp", "rmcp-hello-http"),
];

/// What of the environment would make a build another one than users have.
const OWN_WISHES: [&str; 6] = [
    "CARGO_INCREMENTAL",
    "CARGO_PROFILE_DEV_DEBUG",
    "CARGO_PROFILE_DEV_OPT_LEVEL",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
];

/// Weighs every hello.
pub(crate) fn run(effort: &Effort, figures: &mut Figures) {
    let wanted = HELLOS.iter().filter(|(name, ..)| effort.wants(name));
    let mut hellos = Vec::new();
    for (name, peer, package) in wanted {
        println!("==> {name}, {peer}");
        match weigh(package) {
            Ok((bytes, crates)) => {
                println!("    {bytes:.0} bytes stripped, {crates:.0} crates");
                figures.add(name, "binary_bytes", peer, bytes);
                figures.add(name, "crates", peer, crates);
                hellos.push((*name, *peer, *package));
            }
            Err(why) => lost(figures, name, peer, &why),
        }
    }
    // In the short run only the larger one, of which there is more to see.
    if effort.is_quick {
        hellos.retain(|(name, ..)| *name == "hello_http");
    }
    for _ in 0..effort.builds {
        for (name, peer, package) in &hellos {
            match build_clean(package) {
                Ok(micros) => {
                    println!(
                        "    {peer:10} {name}: built in {:.1} s of processor time",
                        micros / 1e6
                    );
                    figures.add(name, "build_cpu_us", peer, micros);
                }
                Err(why) => lost(figures, name, peer, &why),
            }
        }
    }
}

fn lost(figures: &mut Figures, name: &str, peer: &str, why: &str) {
    println!("    {peer:10} {why}");
    figures.give_up(name, peer, why);
}

/// The bytes of the binary without symbols, and the number of crates beside the hello itself.
fn weigh(package: &str) -> Result<(f64, f64), String> {
    build(package, &[])?;
    let mut tree = command("cargo", &["tree", "--locked", "--edges=normal,build"]);
    tree.args(["--prefix=none", "--format={p}", "--manifest-path"]);
    tree.arg(manifest(package));
    let crates = names(&output_of(tree)?).len() - 1;
    // The profile of these packages strips what it builds.
    let path = binary(package);
    let length =
        std::fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((length.len() as f64, crates as f64))
}

/// The processor time of a debug build that starts from nothing but what was downloaded.
fn build_clean(package: &str) -> Result<f64, String> {
    let folder = folder().join("clean");
    remove(&folder)?;
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "build",
            "--quiet",
            "--offline",
            "--locked",
            "--manifest-path",
        ])
        .arg(manifest(package))
        .arg("--target-dir")
        .arg(&folder);
    for name in OWN_WISHES {
        cargo.env_remove(name);
    }
    let said = ask_program(Cores::all(), &["cpu"], &[], &cargo)?;
    remove(&folder)?;
    said.figure("cpu_us")
}

fn remove(folder: &Path) -> Outcome {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}
