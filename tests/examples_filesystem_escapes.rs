//! The example `filesystem`, as a program: every way out of its folders is closed.

#![cfg(unix)]

mod examples_common;

#[allow(dead_code, reason = "the test needs a part")]
#[path = "../examples/filesystem/refused.rs"]
mod refused;
#[allow(dead_code, reason = "the test needs a part")]
#[path = "../examples/filesystem/roots.rs"]
mod roots;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use examples_common::folder::Place;
use examples_common::{Running, text};
use serde_json::json;
use toolwright::Revision;

use refused::Refused;
use roots::Roots;

#[tokio::test]
async fn two_dots_do_not_lead_out() {
    let place = Place::new();
    let served = place.serve().await;
    served.shuts_out("../secret.txt").await;
    served.shuts_out("sub/../../secret.txt").await;
    served.shuts_out(&place.at("../secret.txt")).await;
    served.shuts_out("..").await;
    // Within the folder they are as good as any path.
    let path = json!({ "path": "sub/../hello.txt" });
    assert_eq!(served.says("read_file", path).await, "one\ntwo\nthree\n");
    served.stop().await;
}

#[tokio::test]
async fn an_absolute_path_elsewhere_is_refused_whether_it_is_there_or_not() {
    let place = Place::new();
    let served = place.serve().await;
    let around = place.around.display().to_string();
    served.shuts_out("/etc/passwd").await;
    served.shuts_out("/").await;
    served.shuts_out(&format!("{around}/secret.txt")).await;
    served.shuts_out(&format!("{around}/missing.txt")).await;
    // A name that only begins like the folder's.
    fs::create_dir(place.around.join("root-not")).unwrap();
    served.shuts_out(&format!("{around}/root-not")).await;
    served.stop().await;
}

#[tokio::test]
async fn a_link_in_the_middle_does_not_lead_out() {
    let place = Place::new();
    symlink(place.around.join("outside"), place.root.join("way")).unwrap();
    let served = place.serve().await;
    served.shuts_out("way/secret.txt").await;
    served.shuts_out("way/missing.txt").await;
    served.shuts_out("way").await;
    // `..` behind the link means the folder around its target.
    served.shuts_out("way/../secret.txt").await;
    served.stop().await;
}

#[tokio::test]
async fn a_link_at_the_end_does_not_lead_out() {
    let place = Place::new();
    symlink(place.around.join("secret.txt"), place.root.join("file")).unwrap();
    symlink("../secret.txt", place.root.join("relative")).unwrap();
    symlink("hello.txt", place.root.join("inside")).unwrap();
    let served = place.serve().await;
    served.shuts_out("file").await;
    served.shuts_out("relative").await;
    served
        .has_no_resource(&format!("file://{}", place.at("file")))
        .await;
    let inside = json!({ "path": "inside" });
    assert_eq!(served.says("read_file", inside).await, "one\ntwo\nthree\n");
    served.stop().await;
}

#[tokio::test]
async fn nothing_is_written_through_a_link() {
    let place = Place::new();
    symlink(place.around.join("secret.txt"), place.root.join("file")).unwrap();
    symlink(place.around.join("new.txt"), place.root.join("dangling")).unwrap();
    symlink(place.around.join("outside"), place.root.join("way")).unwrap();
    symlink("hello.txt", place.root.join("inside")).unwrap();
    let served = place.serve().await;
    for path in [
        "file",
        "dangling",
        "way/new.txt",
        "inside",
        "../new.txt",
        "sub/../../new.txt",
    ] {
        let arguments = json!({ "path": path, "content": "overwritten" });
        served.refuses("write_file", arguments).await;
    }
    let read = |name: &str| fs::read_to_string(place.around.join(name)).unwrap();
    assert_eq!(read("secret.txt"), "secret");
    assert_eq!(read("root/hello.txt"), "one\ntwo\nthree\n");
    assert!(!place.around.join("new.txt").exists());
    assert!(!place.around.join("outside/new.txt").exists());
    served.stop().await;
}

#[tokio::test]
async fn a_search_and_a_tree_do_not_follow_links() {
    let place = Place::new();
    symlink(&place.around, place.root.join("sub/around")).unwrap();
    symlink(place.around.join("secret.txt"), place.root.join("file")).unwrap();
    symlink(".", place.root.join("loop")).unwrap();
    let served = place.serve().await;
    let found = served
        .call("search_files", json!({ "pattern": "secret" }))
        .await;
    assert_eq!(found.structured_content.unwrap()["matches"], json!([]));
    let tree = served.says("directory_tree", json!({ "depth": 16 })).await;
    let root = place.root.display();
    let expected =
        format!("{root}/\n  file\n  hello.txt\n  loop\n  sub/\n    around\n    deep.md\n");
    assert_eq!(tree, expected);
    served.stop().await;
}

#[tokio::test]
async fn percent_encoded_tricks_name_no_resource() {
    let place = Place::new();
    symlink(place.around.join("outside"), place.root.join("way")).unwrap();
    let served = place.serve().await;
    let root = place.root.display();
    for uri in [
        format!("file://{root}/../secret.txt"),
        format!("file://{root}/%2e%2e/secret.txt"),
        format!("file://{root}/%2e%2e%2fsecret.txt"),
        format!("file://{root}/sub/%2E%2E/%2E%2E/secret.txt"),
        format!("file://{root}/way/secret.txt"),
        format!("file://{root}/%252e%252e/secret.txt"),
        format!("file://{root}/missing.txt"),
        format!("file://elsewhere{root}/hello.txt"),
        "file:///etc/passwd".to_owned(),
        "file://hello.txt".to_owned(),
        "file://".to_owned(),
    ] {
        served.has_no_resource(&uri).await;
    }
    served.stop().await;
}

#[tokio::test]
async fn a_path_with_a_nul_is_refused() {
    let place = Place::new();
    let served = place.serve().await;
    for path in ["hello.txt\0.png", "\0", "sub\0/../hello.txt"] {
        for tool in ["read_file", "list_directory", "get_file_info"] {
            let why = served.refuses(tool, json!({ "path": path })).await;
            assert_eq!(why, "a path holds no NUL character");
        }
        let why = served
            .refuses("write_file", json!({ "path": path, "content": "" }))
            .await;
        assert_eq!(why, "a path holds no NUL character");
    }
    let uri = format!("file://{}%00.png", place.at("hello.txt"));
    assert!(served.running.client.read(&uri).await.is_err());
    served.stop().await;
}

#[tokio::test]
async fn only_regular_files_are_opened() {
    let place = Place::new();
    mkfifo(&place.root.join("pipe"));
    let served = place.serve().await;
    // Opening a pipe that nobody writes to would never return.
    for path in ["pipe", "sub"] {
        let why = served.refuses("read_file", json!({ "path": path })).await;
        assert!(why.ends_with("is no regular file"), "{why}");
        let write = json!({ "path": path, "content": "x" });
        let why = served.refuses("write_file", write).await;
        assert!(why.ends_with("is no regular file"), "{why}");
    }
    let search = served
        .call("search_files", json!({ "pattern": "needle" }))
        .await;
    assert_eq!(search.structured_content.unwrap()["files"], 2);
    served.stop().await;

    // A device, with its folder served.
    let devices = Running::start("filesystem", &["/dev"], Revision::V2026_07_28).await;
    let zero = devices
        .client
        .call("read_file", json!({ "path": "zero" }))
        .await;
    assert_eq!(text(&zero.unwrap()), "/dev/zero is no regular file");
    devices.stop().await;
}

/// A swap at the right moment cannot be staged, but what comes after it can.
#[test]
#[cfg(target_os = "linux")]
fn what_was_opened_is_judged_by_where_it_lies() {
    let place = Place::new();
    symlink(&place.around, place.root.join("swapped")).unwrap();
    symlink("../secret.txt", place.root.join("file")).unwrap();
    let roots = Roots::new([place.root.clone().into_os_string()].into_iter()).unwrap();
    // As if the folder had become a link after its path was followed.
    let late = roots.open(&place.root.join("swapped/secret.txt"));
    assert!(matches!(late, Err(Refused::Outside(_))), "{late:?}");
    // As if the file had.
    let late = roots.open(&place.root.join("file"));
    assert!(matches!(late, Err(Refused::Unfit(_))), "{late:?}");
}

fn mkfifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "`mkfifo` is there"
    );
}
