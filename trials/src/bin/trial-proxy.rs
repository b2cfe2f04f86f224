//! What stands between a client and a server over HTTP and makes it hard for both:
//! `trial-proxy ADDRESS server=ADDRESS seed=7 one_in=100`. When it is told to stop, it prints how
//! often each fault happened.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use trials::dice::Dice;
use trials::faulty::{Counts, Faulty, Towards};
use trials::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::of_program();
    let [address] = settings.words()[..] else {
        return Err("usage: trial-proxy ADDRESS server=ADDRESS seed=NUMBER one_in=NUMBER".into());
    };
    let server: SocketAddr = settings.need("server")?;
    let counts = Arc::new(Counts::default());
    let dice = Dice::new(settings.need("seed")?);
    let mut faulty = Faulty::new(dice, settings.need("one_in")?, Arc::clone(&counts));
    let listener = TcpListener::bind(address).await?;
    let mut told = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                tokio::spawn(between(stream, server, faulty.split()));
            }
            _ = told.recv() => break,
        }
    }
    counts.print("http");
    Ok(())
}

/// Carries one connection both ways. When one way ends badly, both ends are let go.
async fn between(client: TcpStream, server: SocketAddr, mut faulty: Faulty) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    // Nobody is there to be told: a connection that breaks is what this is for.
    let _ = client.set_nodelay(true).and(server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let up = faulty
        .split()
        .carry(Towards::Server, from_client, to_server);
    let down = faulty.carry(Towards::Client, from_server, to_client);
    let _ = tokio::try_join!(up, down);
}
