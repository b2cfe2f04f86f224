//! A folder of its own for each test, served by the example `filesystem`.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use toolwright::Revision;
use toolwright::client::CallError;
use toolwright::jsonrpc::ErrorCode;
use toolwright::model::CallToolResult;

use super::{Running, text};

/// A folder to serve, within one that holds what must not be seen.
pub(crate) struct Place {
    pub(crate) around: PathBuf,
    pub(crate) root: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("toolwright-filesystem-{}-{number}", std::process::id());
        let around = std::env::temp_dir().join(name);
        fs::create_dir_all(around.join("root/sub")).unwrap();
        // On some systems the folder for temporary files is itself a link.
        let around = fs::canonicalize(around).unwrap();
        let root = around.join("root");
        fs::create_dir(around.join("outside")).unwrap();
        fs::write(around.join("secret.txt"), "secret").unwrap();
        fs::write(around.join("outside/secret.txt"), "secret").unwrap();
        fs::write(root.join("hello.txt"), "one\ntwo\nthree\n").unwrap();
        fs::write(root.join("sub/deep.md"), "a needle\nhay\n").unwrap();
        Self { around, root }
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    pub(crate) async fn serve(&self) -> Served<'_> {
        let root = self.root.to_str().unwrap();
        let running = Running::start("filesystem", &[root], Revision::V2026_07_28).await;
        Served {
            running,
            place: self,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.around);
    }
}

pub(crate) struct Served<'a> {
    pub(crate) running: Running,
    place: &'a Place,
}

impl Served<'_> {
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> CallToolResult {
        self.running.client.call(tool, arguments).await.unwrap()
    }

    /// What a tool says that must succeed.
    pub(crate) async fn says(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        assert_ne!(result.is_error, Some(true), "{result:?}");
        text(&result)
    }

    /// Why a tool refuses.
    pub(crate) async fn refuses(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        assert_eq!(result.is_error, Some(true), "{result:?}");
        let why = text(&result);
        assert!(!why.contains("secret\n"), "{why}");
        why
    }

    /// Every tool that takes a path, and the resource, must call this path outside.
    pub(crate) async fn shuts_out(&self, path: &str) {
        for tool in [
            "read_file",
            "get_file_info",
            "list_directory",
            "directory_tree",
        ] {
            let why = self.refuses(tool, json!({ "path": path })).await;
            assert_eq!(
                why,
                format!("{path} is outside the folders served"),
                "{tool}"
            );
        }
        let search = json!({ "path": path, "pattern": "secret" });
        let why = self.refuses("search_files", search).await;
        assert!(why.ends_with("is outside the folders served"), "{why}");
        let write = json!({ "path": path, "content": "overwritten" });
        self.refuses("write_file", write).await;
        let secret = fs::read_to_string(self.place.around.join("secret.txt")).unwrap();
        assert_eq!(secret, "secret");
        let outside = self.place.around.join("outside");
        assert_eq!(
            fs::read_dir(outside).unwrap().count(),
            1,
            "nothing was left there"
        );
    }

    pub(crate) async fn has_no_resource(&self, uri: &str) {
        let read = self.running.client.read(uri).await;
        let Err(CallError::Server(error)) = read else {
            panic!("{uri}: {read:?}");
        };
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{uri}: {error}");
        assert_eq!(error.data, Some(json!({ "uri": uri })));
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }
}
