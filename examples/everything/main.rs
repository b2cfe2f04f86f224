//! One of everything that a server can offer, over standard input and output, or over HTTP when it
//! is started with `--http 127.0.0.1:8001`: then at the path `/mcp`. What is called `test_…` is what conformance suites and other people's clients look for.
//!
//! Add it to a host's configuration, for example in `claude_desktop_config.json` or `.mcp.json`:
//!
//! ```json
//! {
//!   "mcpServers": {
//!     "everything": { "command": "/path/to/target/release/examples/everything" }
//!   }
//! }
//! ```

mod asks;
mod content;
mod data;
mod fixtures;
mod live;
mod prompts;
mod resources;

use tokio::net::TcpListener;
use toolwright::http::HttpOptions;
use toolwright::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => server().serve_stdio().await,
        ["--http", address] => {
            let listener = TcpListener::bind(address).await?;
            // On the error output, so that who asked for any port learns which one it is.
            eprintln!("http://{}/mcp", listener.local_addr()?);
            // For clients that know nothing newer, too.
            let options = HttpOptions::default().http_sse("/sse", "/messages");
            server().build()?.serve_listener(listener, options).await
        }
        _ => {
            eprintln!("usage: everything [--http ADDRESS:PORT]");
            std::process::exit(2);
        }
    }
}

/// The server, however it is served.
fn server() -> Server {
    Server::new("everything", env!("CARGO_PKG_VERSION"))
        .title("Everything")
        .instructions("Try any tool: none of them changes anything outside this process.")
        .state(resources::Watched::default())
        .state(live::GivenUp::default())
        // First the one tool that anybody can call with nothing in hand.
        .tool::<(
            content::test_simple_text,
            content::test_image_content,
            content::test_audio_content,
            content::test_embedded_resource,
            content::test_multiple_content_types,
            content::test_error_handling,
        )>()
        .tool::<(
            live::test_tool_with_progress,
            live::test_tool_with_logging,
            live::test_reconnection,
            live::test_logging_tool,
            live::test_trigger_tool_change,
            live::test_trigger_prompt_change,
            live::test_missing_capability,
            live::slow,
            live::slow_calls_given_up,
        )>()
        .tool::<(
            asks::test_sampling,
            asks::test_elicitation,
            asks::test_elicitation_sep1034_defaults,
            asks::test_elicitation_sep1330_enums,
            asks::test_streaming_elicitation,
        )>()
        .tool::<(
            asks::test_input_required_result_elicitation,
            asks::test_input_required_result_sampling,
            asks::test_input_required_result_list_roots,
            asks::test_input_required_result_request_state,
            asks::test_input_required_result_tampered_state,
            asks::test_input_required_result_multiple_inputs,
            asks::test_input_required_result_multi_round,
            asks::test_input_required_result_capabilities,
        )>()
        .tool::<(data::echo, data::plan_trip, data::test_custom_header)>()
        .runtime_tool(data::json_schema_2020_12_tool())
        .tool::<resources::update_watched_resource>()
        .resource::<(
            resources::static_text,
            resources::static_binary,
            resources::watched_resource,
            resources::template_data,
        )>()
        .prompt::<(
            prompts::test_simple_prompt,
            prompts::test_prompt_with_arguments,
            prompts::test_prompt_with_embedded_resource,
            prompts::test_prompt_with_image,
            asks::test_input_required_result_prompt,
        )>()
}
