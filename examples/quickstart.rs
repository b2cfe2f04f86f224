//! What the library does, within a minute: annotated functions become tools, and one server
//! answers clients of both eras.
//!
//! `cargo run --example quickstart` needs no host: the client and the server run in this process,
//! connected in memory through the very code that serves standard input and output. To offer these
//! tools to a real host, end `main` with `server.serve_stdio().await` and add the program to the
//! host's configuration:
//!
//! ```json
//! { "mcpServers": { "quickstart": { "command": "/path/to/the/program" } } }
//! ```

use serde_json::json;
use toolwright::Revision;
use toolwright::client::{Client, ClientConfig};
use toolwright::prelude::*;

/// Add two numbers.
#[tool(read_only)]
fn add(
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
) -> i64 {
    a + b
}

/// How warm or cold it is.
#[data]
#[derive(Debug)]
enum Unit {
    Celsius,
    Fahrenheit,
}

/// A measured temperature.
#[data]
struct Reading {
    city: String,
    degrees: f64,
    unit: Unit,
}

/// Look up the temperature in a city.
#[tool(read_only, title = "Temperature")]
async fn temperature(
    /// The city's name.
    city: String,
    /// Celsius, unless said otherwise.
    #[arg(default = Unit::Celsius)]
    unit: Unit,
) -> Result<Json<Reading>, ToolError> {
    let celsius = match city.as_str() {
        "Oslo" => 4.0,
        "Cairo" => 31.0,
        _ => {
            return Err(ToolError::new(format!(
                "no weather station in {city}; try Oslo"
            )));
        }
    };
    let degrees = match unit {
        Unit::Celsius => celsius,
        Unit::Fahrenheit => celsius * 9.0 / 5.0 + 32.0,
    };
    Ok(Json(Reading {
        city,
        degrees,
        unit,
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .tool::<(add, temperature)>()
        .build()?;

    // The functions stay what they were.
    assert_eq!(add(2, 40), 42);

    for revision in [Revision::V2026_07_28, Revision::V2025_11_25] {
        let mut config = ClientConfig::new("quickstart-client", "1.0.0");
        config.pinned = Some(revision);
        let client = Client::connect(&server, config).await?;
        println!("== connected, protocol {} ==", client.peer().revision);

        for tool in client.tools().await? {
            println!("\n{}: {}", tool.name, tool.description.unwrap_or_default());
            println!("  arguments {}", serde_json::to_string(&tool.input_schema)?);
            if let Some(schema) = &tool.output_schema {
                println!("  result    {}", serde_json::to_string(schema)?);
            }
        }
        println!();

        for (name, arguments) in [
            ("add", json!({ "a": 2, "b": 40 })),
            ("add", json!({ "a": "2", "b": "forty" })),
            (
                "temperature",
                json!({ "city": "Oslo", "unit": "Fahrenheit" }),
            ),
            ("temperature", json!({ "city": "Atlantis" })),
        ] {
            let result = client.call(name, &arguments).await?;
            let text = result.content.iter().filter_map(|block| block.as_text());
            let text = text.collect::<Vec<_>>().join("\n").replace('\n', "\n     ");
            let mark = if result.is_error == Some(true) {
                "!"
            } else {
                "="
            };
            println!("{name}({arguments})\n   {mark} {text}");
        }
        println!();
    }
    Ok(())
}
