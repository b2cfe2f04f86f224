//! A tool that asks its user in the middle, written once for clients of both eras.
//!
//! `cargo run --example booking` needs no host: a client of each era books a room in this process,
//! and the tool's steps say when they run. For the client of 2026-07-28 the function runs twice,
//! and no step does. To offer the tool to a host, end `main` with `server.serve_stdio().await`.

use serde_json::json;
use toolwright::Revision;
use toolwright::client::{Answers, Client, ClientConfig};
use toolwright::jsonrpc::ErrorObject;
use toolwright::model::{ElicitParams, ElicitResult, ElicitationCapability};
use toolwright::prelude::*;

/// Who travels.
#[form]
struct Guest {
    /// As in the passport.
    #[schemars(length(min = 1))]
    name: String,
    room: Room,
    #[serde(default = "one")]
    nights: u32,
}

#[form]
#[derive(Debug)]
enum Room {
    /// A bed for one
    Single,
    /// A bed for two
    Double,
}

fn one() -> u32 {
    1
}

/// Book a hotel room.
#[tool]
async fn book(
    cx: Context,
    /// Where to.
    city: String,
) -> Result<String, ToolError> {
    println!("  book: begins");
    let price = cx
        .step("quote", async |_| hotels::quote(&city).await)
        .await?;
    let question = format!("A night in {city} is {price} euros. Who is travelling?");
    let guest: Guest = cx.elicit("guest", question).await?.accepted()?;
    let total = price * guest.nights;
    cx.step("charge", async |key| {
        hotels::charge(total, &guest.name, &key).await
    })
    .await?;
    Ok(format!(
        "Booked a {:?} in {city} for {}: {total} euros",
        guest.room, guest.name
    ))
}

/// Somebody else's service.
mod hotels {
    use std::io::Error;

    pub(super) async fn quote(city: &str) -> Result<u32, Error> {
        println!("  hotels: asked for a price in {city}");
        Ok(90)
    }

    /// A real service tells by the key that it was asked before.
    pub(super) async fn charge(euros: u32, guest: &str, key: &str) -> Result<(), Error> {
        println!(
            "  hotels: {guest} pays {euros} euros, key of {} characters",
            key.len()
        );
        Ok(())
    }
}

/// A user who always travels alone.
struct Ada;

impl Answers for Ada {
    async fn elicit(&self, params: ElicitParams) -> Result<ElicitResult, ErrorObject> {
        if let ElicitParams::Form(form) = params {
            println!("  Ada is asked: {}", form.message);
        }
        let answer = json!({ "name": "Ada", "room": "Single", "nights": 2 });
        Ok(ElicitResult::accept(answer.as_object().cloned()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = toolwright::server!().tool::<book>().build()?;
    for revision in [Revision::V2025_11_25, Revision::V2026_07_28] {
        println!("A client of {revision}:");
        let mut config = ClientConfig::new("booking", "1.0.0");
        config.pinned = Some(revision);
        config.capabilities.elicitation = Some(ElicitationCapability::default());
        let client = Client::builder(config)
            .answers(Ada)
            .connect(&server)
            .await?;
        let result = client.call("book", json!({ "city": "Oslo" })).await?;
        println!("  {}", result.content[0].as_text().unwrap_or_default());
    }
    Ok(())
}
