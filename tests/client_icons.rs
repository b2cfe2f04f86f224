//! Icons that no client may load (ICON-A-02).
#![allow(
    clippy::unwrap_used,
    reason = "the exemption of tests does not reach helpers"
)]

mod client_support;

use client_support::{Script, config};
use serde_json::{Value, json};
use toolwright::model::ContentBlock;

#[tokio::test]
async fn fault_100_icons_that_are_no_https_or_data_uris_are_dropped_and_their_owner_is_kept() {
    let (mut script, client) = Script::modern(config()).await;
    let icons = |sources: &[&str]| {
        let icons = sources.iter().map(|src| json!({ "src": src }));
        icons.collect::<Value>()
    };
    let hostile = [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://a.example/",
        "vbscript:x",
        " https://a.example/",
        "icon.png",
        "",
    ];
    let mixed = [
        "HTTPS://a.example/i.png",
        "file:///x",
        "data:image/png;base64,AA==",
    ];
    let listing = {
        let client = client.clone();
        tokio::spawn(async move { client.tools().await.unwrap() })
    };
    let tool = |name: &str, sources: &[&str]| json!({ "name": name, "inputSchema": { "type": "object" }, "icons": icons(sources) });
    let tools = json!({ "tools": [tool("bad", &hostile), tool("mixed", &mixed)] });
    script.serve("tools/list", tools).await;
    let tools = listing.await.unwrap();
    assert_eq!(tools[0].icons, None);
    let kept: Vec<_> = tools[1]
        .icons
        .iter()
        .flatten()
        .map(|icon| icon.src.as_str())
        .collect();
    assert_eq!(
        kept,
        ["HTTPS://a.example/i.png", "data:image/png;base64,AA=="]
    );

    let listing = tokio::spawn(async move { client.resources().await.unwrap() });
    let resource = json!({ "uri": "a:b", "name": "r", "icons": icons(&hostile) });
    let resources = json!({ "resources": [resource] });
    script.serve("resources/list", resources).await;
    assert_eq!(listing.await.unwrap()[0].icons, None);
}

#[tokio::test]
async fn fault_100_what_content_links_to_shows_no_unsafe_icon() {
    let (mut script, client) = Script::modern(config()).await;
    let icons = json!([{ "src": "javascript:alert(1)" }, { "src": "https://a.example/i.png" }]);
    let link = json!({ "type": "resource_link", "uri": "a:b", "name": "r", "icons": icons });
    let sources = |block: &ContentBlock| match block {
        ContentBlock::ResourceLink(resource) => {
            let icons = resource.icons.iter().flatten();
            icons.map(|icon| icon.src.clone()).collect::<Vec<_>>()
        }
        other => panic!("no link but {other:?}"),
    };
    let calling = {
        let client = client.clone();
        tokio::spawn(async move { client.call("link", json!({})).await.unwrap() })
    };
    let result = json!({ "content": [{ "type": "text", "text": "there" }, link] });
    script.serve("tools/call", result).await;
    let result = calling.await.unwrap();
    assert_eq!(sources(&result.content[1]), ["https://a.example/i.png"]);

    let asking = tokio::spawn(async move { client.prompt("link", json!({})).await.unwrap() });
    let prompt = json!({ "messages": [{ "role": "user", "content": link }] });
    script.serve("prompts/get", prompt).await;
    let prompt = asking.await.unwrap();
    let content = &prompt.messages[0].content;
    assert_eq!(sources(content), ["https://a.example/i.png"]);
}

#[tokio::test]
async fn fault_100_a_server_shows_no_unsafe_icon_of_itself_in_either_era() {
    let icons = json!([{ "src": "javascript:alert(1)" }, { "src": "data:image/png;base64,AA==" }]);
    let info = json!({ "name": "script", "version": "1", "icons": icons });
    let beside = json!({ "serverInfo": info });
    let meta = json!({ "_meta": { "io.modelcontextprotocol/serverInfo": info } });
    for told in [Some(meta), Some(beside), None] {
        let (mut script, client) = Script::dial(config());
        let (client, ()) = tokio::join!(client, async {
            let probe = script.next().await;
            let Some(mut result) = told else {
                let error = json!({ "code": 1, "message": "" });
                let answer = json!({ "jsonrpc": "2.0", "id": probe["id"], "error": error });
                script.say(&answer.to_string()).await;
                let handshake = script.next().await;
                let result = json!({
                    "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": info,
                });
                return script.answer(&handshake, result).await;
            };
            result["supportedVersions"] = json!(["2026-07-28"]);
            result["capabilities"] = json!({});
            script.answer(&probe, result).await;
        });
        let client = client.unwrap();
        let info = client.peer().info.as_ref().unwrap();
        let icons: Vec<_> = info
            .icons
            .iter()
            .flatten()
            .map(|icon| icon.src.as_str())
            .collect();
        assert_eq!(icons, ["data:image/png;base64,AA=="]);
    }
}
