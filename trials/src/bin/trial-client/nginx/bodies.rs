//! What is sent: bodies that are large, hosts that are named.

use std::net::SocketAddr;

use serde_json::json;
use toolwright::Revision;
use toolwright::client::CallError;
use trials::raw::Raw;
use trials::requests;

use super::{Checked, call, connect, told};

const MIB: usize = 1024 * 1024;

/// The arguments of `echo` as large as `mebibytes` less a little for what is around them.
fn of_size(mebibytes: usize) -> serde_json::Value {
    json!({ "ballast": "x".repeat(mebibytes * MIB - 4096) })
}

/// As much as the proxy lets through, there and back.
pub(super) async fn large(address: SocketAddr, revision: Revision, mebibytes: usize) -> Checked {
    let client = connect(address, revision).await?;
    let there = call(&client, "weigh", of_size(mebibytes), "large").await;
    there.map_err(|error| format!("there: {error}"))?;
    let back = json!({ "pad": mebibytes * MIB });
    let back = call(&client, "echo", back, "large").await;
    back.map_err(|error| format!("back: {error}"))
}

/// More than the proxy lets through is refused by the proxy, and nothing else is broken by that.
pub(super) async fn too_large(
    address: SocketAddr,
    revision: Revision,
    mebibytes: usize,
) -> Checked {
    let client = connect(address, revision).await?;
    match call(&client, "weigh", of_size(mebibytes + 1), "too-large").await {
        Err(CallError::Refused { status: 413, .. }) => {}
        other => return Err(format!("not refused with 413 but {other:?}")),
    }
    let after = call(&client, "echo", json!({}), "after").await;
    after.map_err(|error| format!("afterwards: {error}"))
}

/// A call that names this host is answered with this status.
pub(super) async fn host(address: SocketAddr, host: &str, wanted: u16) -> Checked {
    let mut raw = Raw::connect(address).await.map_err(|error| told(&error))?;
    let call = requests::modern_call(host, 1, "echo", json!({ "nonce": "host" }));
    let (head, body) = raw.ask(call).await.map_err(|error| told(&error))?;
    match head.status == wanted {
        true => Ok(()),
        false => Err(format!("{} {body}", head.status)),
    }
}
