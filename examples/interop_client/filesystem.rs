//! The reference server `filesystem`, which serves the folders that its client names as roots.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use toolwright::client::Client;

use crate::answers::Ada;
use crate::checks::{Checks, Outcome, holds, same, why};
use crate::run::Folder;

/// How often it is asked which folders it serves, until it has asked for the roots.
const ATTEMPTS: u32 = 250;

pub(crate) async fn checks(client: &Client, ada: &Ada, folder: &Folder, checks: &mut Checks) {
    checks
        .run("names its roots", roots(client, ada, folder))
        .await;
    checks.run("lists the tools", lists(client)).await;
    checks.run("writes a file", writes(client, folder)).await;
    checks.run("reads files", reads(client, folder)).await;
    checks
        .run("lists the folder", folders(client, folder))
        .await;
    checks.run("is kept inside", inside(client, folder)).await;
}

/// It asks for them by itself, after the handshake.
async fn roots(client: &Client, ada: &Ada, folder: &Folder) -> Outcome {
    for _ in 0..ATTEMPTS {
        let said = text(client, "list_allowed_directories", json!({})).await;
        if said.is_ok_and(|said| said.contains(&folder.path().display().to_string())) {
            return same(ada.take_asked(), ["roots"]);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err("it does not serve the root".to_owned())
}

async fn lists(client: &Client) -> Outcome {
    let tools = client.tools().await.map_err(why)?;
    for name in [
        "read_text_file",
        "write_file",
        "edit_file",
        "list_directory",
        "search_files",
    ] {
        holds(
            tools.iter().any(|tool| tool.name == name),
            format!("no `{name}`"),
        )?;
    }
    holds(
        tools.iter().all(|tool| tool.output_schema.is_some()),
        "a tool has no output schema",
    )
}

async fn writes(client: &Client, folder: &Folder) -> Outcome {
    let path = folder.file("new.txt");
    text(
        client,
        "write_file",
        json!({ "path": path, "content": "fresh\n" }),
    )
    .await?;
    same(std::fs::read_to_string(&path).map_err(why)?, "fresh\n")?;
    let edits = json!([{ "oldText": "fresh", "newText": "stale" }]);
    text(client, "edit_file", json!({ "path": path, "edits": edits })).await?;
    same(std::fs::read_to_string(&path).map_err(why)?, "stale\n")
}

async fn reads(client: &Client, folder: &Folder) -> Outcome {
    folder.write("hello.txt", "Hello, file.\n")?;
    let path = folder.file("hello.txt");
    let result = client
        .call("read_text_file", json!({ "path": path }))
        .await
        .map_err(why)?;
    let data = result
        .structured_content
        .ok_or("there is no structured content")?;
    same(&data["content"], &json!("Hello, file.\n"))?;
    let both = json!({ "paths": [path, folder.file("new.txt")] });
    let said = text(client, "read_multiple_files", both).await?;
    holds(
        said.contains("Hello, file.") && said.contains("stale"),
        said,
    )
}

async fn folders(client: &Client, folder: &Folder) -> Outcome {
    let path = folder.path().display().to_string();
    let listed = text(client, "list_directory", json!({ "path": path })).await?;
    holds(listed.contains("[FILE] hello.txt"), listed)?;
    let search = json!({ "path": path, "pattern": "**/hello*" });
    let found = text(client, "search_files", search).await?;
    holds(found.contains("hello.txt"), found)
}

async fn inside(client: &Client, folder: &Folder) -> Outcome {
    let path = format!("{}/../outside.txt", folder.path().display());
    let result = client
        .call("read_text_file", json!({ "path": path }))
        .await
        .map_err(why)?;
    same(result.is_error, Some(true))
}

/// The text of a call's result, which must not be an error.
pub(crate) async fn text(
    client: &Client,
    tool: &str,
    arguments: serde_json::Value,
) -> Result<String, String> {
    let result = client.call(tool, arguments).await.map_err(why)?;
    let texts = result.content.iter().filter_map(|block| block.as_text());
    let text = texts.collect::<Vec<_>>().join("\n");
    match result.is_error {
        Some(true) => Err(text),
        _ => Ok(text),
    }
}
