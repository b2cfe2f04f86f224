//! As many tools as are wanted: the macro makes them of functions, and those cannot be counted at
//! run time.

use std::sync::Arc;

use turbomcp::neutral::{CallToolParams, CallToolResult, ListParams, ListToolsResult, Tool};
use turbomcp::prelude::*;
use turbomcp::{CallToolContext, ListToolsContext, ServerBuilder};

use crate::Bench;
use crate::options::Options;

/// [`Bench`] with tools beside its own, which do what `add` does.
#[derive(Clone)]
pub struct Many {
    named: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    numbered: Arc<[String]>,
}

impl Many {
    /// The server that the options ask for.
    pub fn new(options: &Options) -> Self {
        let named: Vec<_> = crate::options::NAMED_TOOLS
            .into_iter()
            .filter(|name| options.has(name))
            .collect();
        Self {
            named: Arc::new(move |name| named.contains(&name)),
            numbered: options.numbered_tools().collect(),
        }
    }

    /// As the macro would.
    pub fn into_server(self) -> ServerBuilder<Self> {
        ServerBuilder::new(self).with_tools()
    }
}

impl McpServerCore for Many {
    fn server_info(&self) -> Implementation {
        Bench.server_info()
    }
}

impl WithTools for Many {
    async fn lookup_tool(&self, ctx: &ListToolsContext, name: String) -> McpResult<Option<Tool>> {
        if name.starts_with("tool_") {
            let add = Bench.lookup_tool(ctx, "add".to_owned()).await?;
            return Ok(add.map(|mut add| {
                add.name = name;
                add
            }));
        }
        Bench.lookup_tool(ctx, name).await
    }

    async fn list_tools(
        &self,
        ctx: &ListToolsContext,
        params: ListParams,
    ) -> McpResult<ListToolsResult> {
        let mut listed = Bench.list_tools(ctx, params).await?;
        let add = listed.tools.iter().find(|tool| tool.name == "add").cloned();
        listed.tools.retain(|tool| (self.named)(&tool.name));
        if let Some(add) = add {
            listed.tools.extend(self.numbered.iter().map(|name| {
                let mut tool = add.clone();
                tool.name.clone_from(name);
                tool
            }));
        }
        Ok(listed)
    }

    async fn call_tool(
        &self,
        ctx: &CallToolContext,
        mut params: CallToolParams,
    ) -> McpResult<CallToolResult> {
        if params.name.starts_with("tool_") {
            params.name = "add".to_owned();
        }
        Bench.call_tool(ctx, params).await
    }
}
