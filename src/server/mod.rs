//! The server: a builder, a handle to what was built, and the middleware seam.

mod bus;
mod complete;
mod core;
mod dispatch;
mod error;
mod guard;
mod handle;
mod layer;
mod linger;
mod lists;
mod offers;
mod registry;
mod scopes;
mod serve;
#[cfg(feature = "http-server")]
mod serve_http;
#[cfg(any(feature = "stdio", feature = "http-server"))]
mod stop;
mod table;
mod watchdog;

use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use mcp_core::engine::ServerProfile;
#[doc(inline)]
pub use mcp_core::engine::{Change, Outcome, Reply};
pub use mcp_core::lifecycle::Method;
use mcp_core::model::{Icon, Implementation};
use mcp_core::{Limits, Revision};

pub use self::bus::{Bus, Listener, MemoryBus};
pub use self::error::{BuildError, Error};
pub use self::handle::ServerHandle;
pub use self::layer::{Layer, Next, Operation};
pub use self::scopes::ScopedLists;

#[cfg(feature = "http-server")]
pub use self::serve_http::HttpService;

use self::core::{Core, Settings};
use self::layer::LayerStack;
use self::offers::Offers;
use self::registry::Registry;
use crate::ask::Journals;
use crate::handler::{
    ArgumentOptions, Coercion, ErrorMask, OptionalForm, PromptEntry, PromptList, ResourceEntry,
    ResourceList, SchemaOptions, StateMap, Subschemas, ToolEntry, ToolList, ToolSet,
    UnknownArguments,
};

/// Builds a server.
///
/// ```
/// use toolwright::prelude::*;
///
/// /// Add two numbers.
/// #[tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # fn main() -> toolwright::Result<()> {
/// let server = Server::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
///     .instructions("Arithmetic, one operation a call.")
///     .tool::<add>()
///     .build()?;
/// # let _ = server;
/// # Ok(())
/// # }
/// ```
#[must_use = "a server does nothing until it is built and served"]
pub struct Server {
    info: Implementation,
    instructions: Option<String>,
    revisions: Vec<Revision>,
    settings: Settings,
    state: StateMap,
    layers: LayerStack,
    bus: Arc<dyn Bus>,
    offers: Offers,
    sources: Vec<Source>,
}

/// What makes entries, once it is known how schemas are to be written.
type Source = Box<dyn FnOnce(&SchemaOptions, &mut Entries) + Send>;

/// Everything registered, before it is checked.
#[derive(Default)]
struct Entries {
    tools: Vec<ToolEntry>,
    prompts: Vec<PromptEntry>,
    resources: Vec<ResourceEntry>,
}

impl Server {
    /// A server of this name and version; both are usually the crate's own, as in the example, or
    /// as [`server!`](crate::server!) fills them in.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            info: Implementation::new(name, version),
            instructions: None,
            revisions: Revision::ALL.to_vec(),
            settings: Settings {
                limits: Limits::default(),
                arguments: ArgumentOptions::default(),
                schemas: SchemaOptions::default(),
                page_size: usize::MAX,
                list_ttl_ms: 0,
                read_ttl_ms: 0,
                journals: Journals::default(),
                scoped_lists: ScopedLists::default(),
            },
            state: StateMap::default(),
            layers: LayerStack::default(),
            bus: Arc::new(MemoryBus::default()),
            offers: Offers::default(),
            sources: Vec::new(),
        }
    }

    /// The name a person reads.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.info.title = Some(title.into());
        self
    }

    /// What the server is for, in a sentence.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.info.description = Some(description.into());
        self
    }

    /// The server's home page.
    pub fn website_url(mut self, url: impl Into<String>) -> Self {
        self.info.website_url = Some(url.into());
        self
    }

    /// A picture for the server (ICON-A-01).
    pub fn icon(mut self, icon: Icon) -> Self {
        self.info.icons.get_or_insert_default().push(icon);
        self
    }

    /// How to use the server, for the model.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }

    /// Adds a tool, or a tuple of up to 16 tools, which may nest: `.tool::<add>()`,
    /// `.tool::<(add, math::sub)>()`. Lists keep the order of registration (TOOL-A-01).
    pub fn tool<T: ToolList>(mut self) -> Self {
        self.sources.push(Box::new(|schemas, entries| {
            T::entries(schemas, &mut entries.tools);
        }));
        self
    }

    /// Adds a tool that is made of a schema and a closure; see
    /// [`RuntimeTool`](crate::handler::RuntimeTool).
    pub fn runtime_tool(mut self, tool: impl Into<ToolEntry>) -> Self {
        let tool = tool.into();
        self.sources
            .push(Box::new(|_, entries| entries.tools.push(tool)));
        self
    }

    /// Adds a prompt, or a tuple of prompts.
    pub fn prompt<P: PromptList>(mut self) -> Self {
        self.sources.push(Box::new(|schemas, entries| {
            P::entries(schemas, &mut entries.prompts);
        }));
        self
    }

    /// Adds a resource or a resource template, or a tuple of them.
    pub fn resource<R: ResourceList>(mut self) -> Self {
        self.sources.push(Box::new(|schemas, entries| {
            R::entries(schemas, &mut entries.resources);
        }));
        self
    }

    /// Adds the annotated methods of a value whose `impl` block carries `#[tools]`.
    pub fn tools(mut self, set: impl ToolSet) -> Self {
        let set = Arc::new(set);
        self.sources.push(Box::new(|schemas, entries| {
            let mut handlers = set.entries(schemas);
            entries.tools.append(&mut handlers.tools);
            entries.prompts.append(&mut handlers.prompts);
            entries.resources.append(&mut handlers.resources);
        }));
        self
    }

    /// Gives all handlers a value, as the extractor [`State<T>`](crate::handler::State). There is
    /// one value of each type: a second one replaces the first.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.insert(Arc::new(value));
        self
    }

    /// Gives all handlers a value that is shared with others already; see [`Server::state`].
    pub fn shared_state<T: Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        self.state.insert(value);
        self
    }

    /// Adds a layer around every operation, inside of those added before.
    pub fn layer(mut self, layer: impl Layer) -> Self {
        self.layers.push(None, layer);
        self
    }

    /// Adds a layer around the calls of one tool, inside of those added before. A name that no
    /// tool has is no mistake: the tool may be added later.
    pub fn tool_layer(mut self, tool: &str, layer: impl Layer) -> Self {
        self.layers.push(Some(tool), layer);
        self
    }

    /// How changes reach the clients of all processes that serve this server. By default there is
    /// one process.
    pub fn bus(mut self, bus: impl Bus) -> Self {
        self.bus = Arc::new(bus);
        self
    }

    /// The bounds on what a client may make the server hold or do.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Entries of one page of a list; without this, a list is one page (PAG-A-01). Zero counts as
    /// one.
    pub fn page_size(mut self, entries: usize) -> Self {
        self.settings.page_size = entries.max(1);
        self
    }

    /// How long clients of 2026-07-28 may keep a list (CCH-M-01). Zero by default: not at all.
    pub fn list_ttl(mut self, ttl: Duration) -> Self {
        self.settings.list_ttl_ms = millis(ttl);
        self
    }

    /// How long clients of 2026-07-28 may keep what they read of resources (CCH-M-01). Zero by
    /// default: not at all.
    pub fn read_ttl(mut self, ttl: Duration) -> Self {
        self.settings.read_ttl_ms = millis(ttl);
        self
    }

    /// How the journals of calls that wait for a 2026-07-28 client are kept.
    pub fn journals(mut self, journals: Journals) -> Self {
        self.settings.journals = journals;
        self
    }

    /// What happens to `"42"` where a number is expected: it is read as one by default.
    pub fn coercion(mut self, coercion: Coercion) -> Self {
        self.settings.arguments.coercion = coercion;
        self
    }

    /// What happens to an argument that a tool does not have: the call is refused by default.
    pub fn unknown_arguments(mut self, unknown: UnknownArguments) -> Self {
        self.settings.arguments.unknown = unknown;
        self
    }

    /// Whether the model reads what went wrong inside a handler: it does by default.
    pub fn mask_errors(mut self, mask: ErrorMask) -> Self {
        self.settings.arguments.mask_errors = mask;
        self
    }

    /// Where the schemas of nested types stand: in place by default.
    pub fn subschemas(mut self, subschemas: Subschemas) -> Self {
        self.settings.schemas.inline = subschemas;
        self
    }

    /// How a value that may be left out is described: by not being required, by default.
    pub fn optional_form(mut self, form: OptionalForm) -> Self {
        self.settings.schemas.optional = form;
        self
    }

    /// The protocol revisions to serve. All five by default.
    pub fn revisions(mut self, revisions: &[Revision]) -> Self {
        self.revisions = revisions.to_vec();
        self
    }

    /// Checks that everything fits together and builds the server.
    ///
    /// # Errors
    /// [`BuildError`] with every mistake: a name used twice, a state that a handler needs and
    /// nobody gave, no revision to serve.
    pub fn build(self) -> Result<ServerHandle, BuildError> {
        let mut entries = Entries::default();
        for source in self.sources {
            source(&self.settings.schemas, &mut entries);
        }
        let mut problems = Vec::new();
        if self.revisions.is_empty() {
            let problem = "it serves no protocol revision".to_owned();
            problems.push(BuildError::new(problem));
        }
        let (registry, mut refused) = Registry::new(entries, &self.settings);
        problems.append(&mut refused);
        let capabilities = self.offers.capabilities(&registry);
        let profile =
            ServerProfile::new(self.info, capabilities, self.instructions, &self.revisions);
        let core = Core {
            profile: Arc::new(profile),
            settings: self.settings,
            state: self.state,
            layers: self.layers,
            bus: self.bus,
            registry: RwLock::new(Arc::new(registry)),
            connections: Mutex::default(),
        };
        problems.extend(core.unmet_needs());
        BuildError::all(problems)?;
        let core = Arc::new(core);
        core.bus.subscribe(Listener::new(&core));
        Ok(ServerHandle(core))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

/// Whole milliseconds, as far as JSON's safe integers go.
fn millis(duration: Duration) -> i64 {
    const MAX: i64 = 9_007_199_254_740_991;
    i64::try_from(duration.as_millis()).map_or(MAX, |ms| ms.min(MAX))
}
