//! The server of the trials: `trial-server stdio`, or `trial-server http ADDRESS`, with pairs such as
//! `sessions=100` that say what else than the default holds.

mod tools;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpSocket;
use toolwright::Limits;
use toolwright::http::{AllowedHosts, HttpOptions};
use toolwright::prelude::*;
use trials::settings::Settings;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::of_program();
    let server = server(limits(&settings)?);
    match settings.words()[..] {
        ["stdio"] => Ok(server.serve_stdio().await?),
        ["http", address] => {
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            if let Some(bytes) = settings.get("send_buffer")? {
                // Connections have it from their listener. On the loopback interface the system
                // else keeps megabytes for each client that does not read.
                socket.set_send_buffer_size(bytes)?;
            }
            socket.bind(address.parse::<SocketAddr>()?)?;
            let listener = socket.listen(4096)?;
            let handle = server.build()?;
            Ok(handle.serve_listener(listener, options(&settings)?).await?)
        }
        _ => Err("usage: trial-server stdio | http ADDRESS [KEY=VALUE…]".into()),
    }
}

fn server(limits: Limits) -> Server {
    toolwright::server!()
        .limits(limits)
        .state(tools::Desk::default())
        .tool::<(tools::echo, tools::weigh, tools::later)>()
        .tool::<(tools::steps, tools::confirm)>()
        .tool::<(tools::hold, tools::flood, tools::change)>()
        .tool::<(tools::running, tools::cancelled)>()
        .resource::<tools::beat>()
}

/// The default limits, but for what was told. One address may hold all sessions there are, since all
/// clients come from one.
fn limits(settings: &Settings) -> Result<Limits, String> {
    let mut limits = Limits::default();
    limits.sessions = settings.get("sessions")?.unwrap_or(limits.sessions);
    limits.peer_sessions = limits.sessions;
    let seconds = |key: &str, field: &mut Duration| {
        let told: Option<u64> = settings.get(key)?;
        *field = told.map_or(*field, Duration::from_secs);
        Ok::<_, String>(())
    };
    seconds("session_idle", &mut limits.session_idle)?;
    seconds("write_timeout", &mut limits.write_timeout)?;
    seconds("call_timeout", &mut limits.call_timeout)?;
    seconds("ask_timeout", &mut limits.ask_timeout)?;
    seconds("head_timeout", &mut limits.head_timeout)?;
    Ok(limits)
}

fn options(settings: &Settings) -> Result<HttpOptions, Box<dyn std::error::Error>> {
    let mut options = HttpOptions::default();
    if let Some(milliseconds) = settings.get("keep_alive")? {
        options = options.keep_alive(Duration::from_millis(milliseconds));
    }
    if let Some(milliseconds) = settings.get("patience")? {
        options = options.patience(Duration::from_millis(milliseconds));
    }
    if let Some(host) = settings.get::<String>("host")? {
        options = options.hosts(AllowedHosts::new([host.as_str(), "127.0.0.1"])?);
    }
    Ok(options)
}
