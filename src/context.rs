//! The context of a request.

use mcp_core::model::Meta;

/// What a handler can do with the request it serves.
#[derive(Debug, Clone, Default)]
pub struct Context(());

impl Context {
    pub(crate) fn report_progress(&self, _: f64, _: Option<f64>, _: Option<String>) {}
    pub(crate) fn is_cancelled(&self) -> bool {
        false
    }
    pub(crate) async fn cancelled(&self) {
        std::future::pending::<()>().await;
    }
    pub(crate) fn request_meta(&self) -> Meta {
        Meta::new()
    }
}
