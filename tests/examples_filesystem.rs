//! The example `filesystem`, as a program: what it does for a model.

#![cfg(unix)]

mod examples_common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use examples_common::folder::Place;
use examples_common::program;
use serde_json::json;
use toolwright::model::{
    CompleteParams, CompletionArgument, CompletionReference, ResourceContents,
};

#[tokio::test]
async fn a_long_file_is_read_in_parts_and_the_error_names_the_limit() {
    let place = Place::new();
    let line = "x".repeat(1023) + "\n";
    fs::write(place.root.join("fits.txt"), line.repeat(1024)).unwrap();
    fs::write(place.root.join("long.txt"), line.repeat(1025)).unwrap();
    let served = place.serve().await;
    let fits = served
        .says("read_file", json!({ "path": "fits.txt" }))
        .await;
    assert_eq!(fits.len(), 1_048_576);
    let why = served
        .refuses("read_file", json!({ "path": "long.txt" }))
        .await;
    assert!(why.contains("1048576 bytes"), "{why}");
    let part = json!({ "path": "long.txt", "offset": 1023, "limit": 5 });
    assert_eq!(served.says("read_file", part).await, line.repeat(2));
    let read = served
        .running
        .client
        .read(&format!("file://{}", place.at("long.txt")))
        .await;
    assert!(read.unwrap_err().to_string().contains("1048576 bytes"));
    served.stop().await;
}

#[tokio::test]
async fn what_is_no_text_is_shown_or_pointed_to() {
    let place = Place::new();
    fs::write(place.root.join("dot.png"), [0x89, b'P', 0xff]).unwrap();
    fs::write(place.root.join("a b.bin"), [0xff, 0xfe]).unwrap();
    let served = place.serve().await;
    let picture = served.call("read_file", json!({ "path": "dot.png" })).await;
    let picture = serde_json::to_value(&picture.content).unwrap();
    assert_eq!(
        (&picture[0]["type"], &picture[0]["mimeType"]),
        (&json!("image"), &json!("image/png"))
    );
    let other = served.call("read_file", json!({ "path": "a b.bin" })).await;
    let other = serde_json::to_value(&other.content).unwrap();
    let uri = other[1]["uri"].as_str().unwrap();
    assert!(uri.ends_with("/a%20b.bin"), "{uri}");
    let contents = served.running.client.read(uri).await.unwrap().contents;
    assert_eq!(contents, [ResourceContents::blob(uri, "//4=")]);
    served.stop().await;
}

#[tokio::test]
async fn a_file_is_replaced_as_a_whole_and_keeps_its_permissions() {
    let place = Place::new();
    fs::set_permissions(
        place.root.join("hello.txt"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let served = place.serve().await;
    let write = |path: &str| json!({ "path": path, "content": "new\n" });
    served.says("write_file", write("hello.txt")).await;
    served.says("write_file", write("sub/fresh.txt")).await;
    served
        .refuses("write_file", write("missing/fresh.txt"))
        .await;
    served.refuses("write_file", write("folder/")).await;
    fs::write(place.root.join("sub/kept.txt"), "kept").unwrap();
    fs::set_permissions(
        place.root.join("sub/kept.txt"),
        fs::Permissions::from_mode(0o400),
    )
    .unwrap();
    let why = served.refuses("write_file", write("sub/kept.txt")).await;
    assert_eq!(why, "sub/kept.txt is read-only");
    served.refuses("write_file", write(&place.at(""))).await;
    let hello = place.root.join("hello.txt");
    assert_eq!(fs::read_to_string(&hello).unwrap(), "new\n");
    let mode = fs::metadata(&hello).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let listed = served.call("list_directory", json!({})).await;
    let entries = &listed.structured_content.unwrap()["entries"];
    let expected = json!([
        { "name": "hello.txt", "kind": "file" },
        { "name": "sub", "kind": "folder" },
    ]);
    assert_eq!(*entries, expected, "no partial file is left behind");
    served.stop().await;
}

#[tokio::test]
async fn a_search_names_the_line_and_heeds_the_glob() {
    let place = Place::new();
    fs::write(place.root.join("needle.bin"), [0xff]).unwrap();
    let served = place.serve().await;
    let found = served
        .call("search_files", json!({ "pattern": "needle" }))
        .await;
    let expected = json!({
        "matches": [
            { "path": place.at("needle.bin"), "line": null, "text": null },
            { "path": place.at("sub/deep.md"), "line": 1, "text": "a needle" },
        ],
        "files": 3,
        "unread": 1,
        "more": false,
    });
    assert_eq!(found.structured_content, Some(expected));
    for (glob, matches) in [("*.md", 1), ("d??p*", 1), ("*", 2), ("*.m", 0), ("", 0)] {
        let arguments = json!({ "pattern": "needle", "names": glob });
        let found = served
            .call("search_files", arguments)
            .await
            .structured_content
            .unwrap();
        assert_eq!(
            found["matches"].as_array().unwrap().len(),
            matches,
            "{glob}"
        );
    }
    // However many stars a glob has, it is answered.
    let stars = json!({ "pattern": "needle", "names": "*e".repeat(1000) });
    served.says("search_files", stars).await;
    served
        .refuses("search_files", json!({ "pattern": "" }))
        .await;
    served.stop().await;
}

#[tokio::test]
async fn a_path_completes_inside_the_folders_only() {
    let place = Place::new();
    let served = place.serve().await;
    let root = place.root.display().to_string();
    let around = place.around.display();
    for (prefix, proposed) in [
        (String::new(), vec![root.clone()]),
        (
            format!("{root}/"),
            vec![place.at("hello.txt"), place.at("sub/")],
        ),
        (format!("{root}/s"), vec![place.at("sub/")]),
        (format!("{around}/sec"), vec![]),
        (format!("{root}/../sec"), vec![]),
        ("/etc/pass".to_owned(), vec![]),
    ] {
        let template = CompletionReference::resource("file://{+path}");
        let argument = CompletionArgument::new("path", prefix.clone());
        let asked = CompleteParams::new(template, argument);
        let completed = served.running.client.complete(asked).await.unwrap();
        assert_eq!(completed.completion.values, proposed, "{prefix}");
    }
    served.stop().await;
}

#[test]
fn a_folder_that_is_not_there_is_told_before_anything_is_served() {
    for (arguments, why) in [
        (vec![], "no folder was given"),
        (vec!["/nowhere/at/all"], "/nowhere/at/all: "),
        (vec!["/dev/null"], "/dev/null is no folder"),
    ] {
        let run = Command::new(program("filesystem"))
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2));
        assert!(String::from_utf8(run.stderr).unwrap().starts_with(why));
        assert!(run.stdout.is_empty());
    }
}
