//! The test program as a server. What its harness prints first is junk to the client, and skipped
//! (fault 13).

use toolwright::Server;
use toolwright::client::Program;

const MODE: &str = "TOOLWRIGHT_TEST_CHILD";

/// A program that runs the test called `the_child` of this very test program, in this mode.
pub(crate) fn program(mode: &str) -> Program {
    Program::new(std::env::current_exe().unwrap())
        .args(["the_child", "--exact", "--nocapture", "--test-threads=1"])
        .env(MODE, mode)
}

/// The body of `the_child`; does nothing unless [`program`] started it. `server` is told the mode.
pub(crate) fn serve_if_child(server: impl FnOnce(&str) -> Server) {
    let Ok(mode) = std::env::var(MODE) else {
        return;
    };
    // The harness has begun a line; the protocol begins on one of its own.
    println!();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = server(&mode);
        let is_stubborn = mode == "stubborn";
        let terminate = tokio::signal::unix::SignalKind::terminate();
        let _deaf = is_stubborn.then(|| tokio::signal::unix::signal(terminate).unwrap());
        server.serve_stdio().await.unwrap();
        if is_stubborn {
            std::future::pending::<()>().await;
        }
    });
    std::process::exit(0);
}
