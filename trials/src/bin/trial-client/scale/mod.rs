//! As many as there may be: sessions, streams, clients that do not read, connections; and schemas
//! that are as slow as they may be. Each trial
//! prints its figures, and fails where one does not hold.

mod cancels;
mod connections;
mod schemas;
mod sessions;
mod slow;
mod streams;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use trials::process;
use trials::raw::Raw;
use trials::requests;
use trials::settings::Settings;

pub(crate) use cancels::run as cancels;
pub(crate) use connections::run as churn;
pub(crate) use schemas::run as schemas;
pub(crate) use sessions::{all_free, places, run as sessions};
pub(crate) use slow::run as slow;
pub(crate) use streams::run as streams;

/// One mebibyte.
const MIB: u64 = 1024 * 1024;

/// How long what ends may take to be gone.
const GONE: Duration = Duration::from_secs(60);

/// The server of a trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) address: SocketAddr,
    pub(crate) process: u32,
}

impl Subject {
    pub(crate) fn of(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            address: settings.need("server")?,
            process: settings.need("process")?,
        })
    }

    /// Its memory, in bytes.
    pub(crate) fn memory(self) -> Result<u64, String> {
        process::resident_bytes(self.process)
    }

    /// Waits until it has no more open than this.
    pub(crate) async fn rest(self, descriptors: usize) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let open = process::descriptors(self.process)?;
            if open <= descriptors {
                return Ok(());
            }
            if start.elapsed() > GONE {
                return Err(format!("{open} descriptors are open, not {descriptors}"));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// What a tool without arguments says.
    pub(crate) async fn ask(self, tool: &str) -> Result<Value, String> {
        let asked = async {
            let mut raw = Raw::connect(self.address).await?;
            let call = requests::modern_call(raw.host(), 1, tool, json!({}));
            raw.ask(call).await
        };
        let (head, body) = asked.await.map_err(|error| format!("{tool}: {error}"))?;
        let answer: Value = serde_json::from_str(&body)
            .map_err(|error| format!("{tool}: {error}: {} {body}", head.status))?;
        Ok(answer["result"].clone())
    }

    /// Waits until so many handlers run.
    pub(crate) async fn running(self, wanted: u64) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let answer = self.ask("running").await?;
            let text = answer["content"][0]["text"].as_str();
            let running: u64 = text
                .and_then(|text| text.split(' ').next()?.parse().ok())
                .ok_or_else(|| format!("no number of handlers: {answer}"))?;
            if running == wanted {
                return Ok(());
            }
            if start.elapsed() > GONE {
                let text = text.unwrap_or_default();
                return Err(format!("so many handlers run, not {wanted}: {text}"));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Prints a figure and the most that it may be, and says if it is more.
fn hold(name: &str, figure: f64, most: f64) -> Result<(), String> {
    println!("figure {name} {figure:.3} (at most {most})");
    match figure <= most {
        true => Ok(()),
        false => Err(format!("{name} is {figure:.3}, more than {most}")),
    }
}

/// The same for a time. Where the program was told `times=shown`, it fails of none: the machine may
/// have other work.
fn hold_time(settings: &Settings, name: &str, figure: f64, most: f64) -> Result<(), String> {
    match settings.get::<String>("times")?.as_deref() {
        Some("shown") => {
            println!("figure {name} {figure:.3} (at most {most} where nothing else runs)");
            Ok(())
        }
        _ => hold(name, figure, most),
    }
}

/// A size as a figure.
#[expect(clippy::cast_precision_loss, reason = "a size is far below 2^52")]
fn figure(size: u64) -> f64 {
    size as f64
}
