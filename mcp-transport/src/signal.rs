//! Being told to stop.

use std::io;

/// Resolves when this process is told to stop: on Unix by `SIGTERM` or `SIGINT` (STDIO-A-03),
/// elsewhere by Ctrl-C.
///
/// From the first poll on, these signals no longer end the process by themselves.
///
/// # Errors
///
/// When the system refuses the signal handler.
///
/// # Panics
///
/// Outside a tokio runtime, or in one built without its IO driver.
#[cfg(unix)]
pub async fn terminated() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    std::future::poll_fn(|cx| {
        let terminate = terminate.poll_recv(cx).is_ready();
        let interrupt = interrupt.poll_recv(cx).is_ready();
        if terminate || interrupt {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    Ok(())
}

/// Resolves when this process is told to stop: on Unix by `SIGTERM` or `SIGINT` (STDIO-A-03),
/// elsewhere by Ctrl-C.
///
/// From the first poll on, Ctrl-C no longer ends the process by itself.
///
/// # Errors
///
/// When the system refuses the handler.
///
/// # Panics
///
/// Outside a tokio runtime.
#[cfg(not(unix))]
pub async fn terminated() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
