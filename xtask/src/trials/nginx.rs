//! `nginx`: our server behind nginx, with nothing said and as the guide says.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::Outcome;
use crate::command::{command, output_of, root, run_seeing};
use crate::http::{Server, free_address};
use crate::tally::Tally;

use super::programs::{Build, Programs, setting};

/// The page whose configuration is used as it stands there.
const PAGE: &str = "docs/guide/deployment.md";

/// Runs the checks.
pub(crate) fn run() -> Outcome {
    counting(&mut Tally::default())
}

/// As [`run`], and counts the checks into `tally`.
pub(crate) fn counting(tally: &mut Tally) -> Outcome {
    const DESCRIPTORS: u32 = 1024;
    let programs = Programs::build(Build::Checked)?;
    // One as it is, and one that says as often that it lives as two seconds of patience ask for.
    let usual = programs.server(DESCRIPTORS, &[])?;
    let brisk = programs.server(
        DESCRIPTORS,
        &[
            setting("keep_alive", 500),
            setting("patience", 300),
            setting("host", "mcp.example.com"),
        ],
    )?;
    let sites = Sites::new(usual.address(), brisk.address())?;
    let folder = Folder::new()?;
    let configuration = folder.0.join("nginx.conf");
    std::fs::write(&configuration, sites.configuration(&folder.0)?)
        .map_err(|error| format!("{}: {error}", configuration.display()))?;
    let nginx = Server::start_on(sites.guide, || {
        let mut nginx = command("nginx", &[]);
        nginx.arg("-p").arg(&folder.0).arg("-c").arg(&configuration);
        nginx.arg("-e").arg(folder.0.join("error.log"));
        nginx.stderr(Stdio::null());
        nginx
    })?;
    let mut client = programs.client("nginx", DESCRIPTORS, &brisk)?;
    for (way, address) in sites.named() {
        client.arg(setting(way, address));
    }
    let before = tally.passed;
    let checked = run_seeing(client, |line| tally.read(line));
    nginx.stop()?;
    usual.stop()?;
    brisk.stop()?;
    checked?;
    match tally.passed == before {
        true => Err("no check ran".to_owned()),
        false => Ok(()),
    }
}

/// Where nginx listens.
struct Sites {
    usual: SocketAddr,
    guide: SocketAddr,
    hurried: SocketAddr,
    mute: SocketAddr,
    deaf: SocketAddr,
    /// What stands behind it: a server as it is, and one that often says that it lives.
    behind: [SocketAddr; 2],
}

impl Sites {
    fn new(usual: SocketAddr, brisk: SocketAddr) -> Result<Self, String> {
        let free = || free_address().map_err(|error| format!("no port is free: {error}"));
        Ok(Self {
            usual: free()?,
            guide: free()?,
            hurried: free()?,
            mute: free()?,
            deaf: free()?,
            behind: [usual, brisk],
        })
    }

    fn named(&self) -> [(&'static str, SocketAddr); 5] {
        [
            ("usual", self.usual),
            ("guide", self.guide),
            ("hurried", self.hurried),
            ("mute", self.mute),
            ("deaf", self.deaf),
        ]
    }

    /// All of nginx's configuration, which writes nothing outside of `folder`.
    fn configuration(&self, folder: &Path) -> Result<String, String> {
        let [usual, brisk] = self.behind;
        let page = std::fs::read_to_string(root().join(PAGE));
        let guide = of_guide(&page.map_err(|error| format!("{PAGE}: {error}"))?)?;
        let guide = replaced(&guide, "127.0.0.1:8000", &brisk.to_string())?;
        let guide = replaced(&guide, "listen 80;", &format!("listen {};", self.guide))?;
        let user = output_of(command("id", &["-un"]))?;
        let folder = folder.display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {folder}/{what};\n"))
            .concat();
        let plain = |listen: SocketAddr, more: &str, to: SocketAddr| {
            format!(
                "server {{ listen {listen}; {more} location /mcp {{ proxy_pass http://{to}; }} }}\n"
            )
        };
        let hurried = "proxy_read_timeout 2s;";
        let deaf = "proxy_ignore_headers X-Accel-Buffering;";
        Ok(format!(
            "user {};\ndaemon off;\nmaster_process on;\npid {folder}/pid;\nevents {{}}\nhttp {{\n{temporary}access_log off;\n{guide}{}{}{}{}}}\n",
            user.trim(),
            plain(self.usual, "", usual),
            plain(self.hurried, hurried, brisk),
            plain(self.mute, hurried, usual),
            plain(self.deaf, deaf, usual),
        ))
    }
}

/// The block of nginx's configuration in the guide.
fn of_guide(page: &str) -> Result<String, String> {
    let block = page
        .split_once("```nginx\n")
        .and_then(|(_, rest)| rest.split_once("```"));
    match block {
        Some((block, _)) => Ok(block.to_owned()),
        None => Err(format!("{PAGE} shows no configuration of nginx")),
    }
}

/// The text with what stands in it once replaced.
fn replaced(text: &str, what: &str, by: &str) -> Result<String, String> {
    match text.matches(what).count() {
        1 => Ok(text.replace(what, by)),
        count => Err(format!("{PAGE} has {what:?} {count} times, not once")),
    }
}

/// A folder that is there for as long as this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("trial-nginx-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_that_of_the_guide_with_other_addresses() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let sites = Sites::new(address, address).expect("ports are free");
        let text = sites.configuration(Path::new("/nowhere")).expect("a page");
        assert!(text.contains("server 127.0.0.1:9;"));
        assert!(text.contains(&format!("listen {};", sites.guide)));
        assert!(!text.contains("8000") && !text.contains("listen 80;"));
        assert!(replaced("a a", "a", "b").is_err());
    }
}
