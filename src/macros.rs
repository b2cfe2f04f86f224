//! The annotations, documented where they can be shown at work.

/// `#[client]`: a trait whose methods are a server's tools. A struct of the trait's name and
/// `Client` calls them with [`Client::call_as`](crate::client::Client::call_as); the trait itself is
/// what a test puts something else behind.
///
/// ```
/// use toolwright::client::{CallError, Client, ClientConfig};
/// use toolwright::prelude::*;
///
/// #[toolwright::client]
/// trait Calculator {
///     /// Add two numbers.
///     async fn add(&self, a: i64, b: i64) -> Result<i64, CallError>;
///     #[tool(name = "square-root")]
///     async fn root(&self, #[arg(name = "of")] number: f64) -> Result<f64, CallError>;
/// }
///
/// #[tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// #[tool(name = "square-root")]
/// fn root(of: f64) -> Result<f64, String> {
///     if of < 0.0 { Err("it is negative".to_owned()) } else { Ok(of.sqrt()) }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new("calculator", "1.0.0").tool::<(add, root)>().build()?;
/// let client = Client::connect(&server, ClientConfig::new("example", "1.0.0")).await?;
///
/// let calculator = CalculatorClient::new(client);
/// assert_eq!(calculator.add(2, 40).await?, 42);
/// assert_eq!(calculator.root(9.0).await?, 3.0);
/// let failed = calculator.root(-1.0).await;
/// assert_eq!(failed, Err(CallError::Tool("it is negative".to_owned())));
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "client")]
pub use mcp_macros::client;

/// `#[data]`: a type of yours as an argument or a result, without serde or schemars in your
/// `Cargo.toml`. Their attributes work as ever, and doc comments become descriptions.
///
/// ```
/// use toolwright::prelude::*;
///
/// /// A place on a map.
/// #[data]
/// #[serde(rename_all = "camelCase")]
/// struct Place {
///     /// Degrees north.
///     latitude: f64,
///     /// Degrees east.
///     longitude: f64,
///     full_name: Option<String>,
/// }
///
/// #[tool]
/// fn north(place: Place) -> Json<Place> {
///     Json(Place { latitude: place.latitude + 1.0, ..place })
/// }
///
/// let start = Place { latitude: 59.9, longitude: 10.7, full_name: None };
/// assert_eq!(north(start).0.latitude, 60.9);
/// ```
pub use mcp_macros::data;

/// `#[form]`: a type of yours that a user fills in by a form (ELI-A-02): a struct of simple fields,
/// or an enum without data as one of its fields. It is [`data`] as well.
///
/// ```
/// use toolwright::ask::form_schema;
/// use toolwright::prelude::*;
///
/// #[form]
/// struct Order {
///     /// How many.
///     #[serde(default = "one")]
///     count: u32,
///     size: Size,
/// }
///
/// #[form]
/// enum Size {
///     /// 0.2 l
///     Small,
///     /// 0.4 l
///     Large,
/// }
///
/// fn one() -> u32 {
///     1
/// }
///
/// let schema = form_schema::<Order>().unwrap();
/// assert_eq!(schema.properties.0[0].0, "count");
/// assert_eq!(schema.required, Some(vec!["size".to_owned()]));
/// ```
pub use mcp_macros::form;

/// `#[prompt]`: a text that a person picks (PRM-A-01). It returns anything that
/// [`IntoPrompt`](crate::handler::IntoPrompt) knows.
///
/// ```
/// use toolwright::prelude::*;
///
/// /// Ask for a summary.
/// #[prompt(title = "Summary")]
/// fn summary(
///     /// What it is about.
///     #[arg(complete = topics)]
///     topic: &str,
///     #[arg(default = 100)] words: u32,
/// ) -> String {
///     format!("Summarise {topic} in {words} words.")
/// }
///
/// fn topics(typed: &str) -> Vec<&'static str> {
///     ["rust", "ruby"].into_iter().filter(|topic| topic.starts_with(typed)).collect()
/// }
///
/// assert_eq!(summary("rust", 10), "Summarise rust in 10 words.");
/// assert!(Server::new("writer", "1.0.0").prompt::<summary>().build().is_ok());
/// ```
pub use mcp_macros::prompt;

/// `#[resource]`: data that a host picks and reads (RES-A-04). It returns anything that
/// [`IntoResource`](crate::handler::IntoResource) knows; `None` means that there is no such
/// resource.
///
/// ```
/// use toolwright::prelude::*;
///
/// #[resource("config://app", mime = "text/plain")]
/// fn settings() -> &'static str {
///     "colour = blue"
/// }
///
/// #[resource("users://{id}/name")]
/// async fn user_name(id: u64) -> Option<String> {
///     (id == 7).then(|| "Ada".to_owned())
/// }
///
/// assert!(Server::new("app", "1.0.0").resource::<(settings, user_name)>().build().is_ok());
/// ```
pub use mcp_macros::resource;

/// `#[tool]`: a function that the model may call (TOOL-A-01). It returns anything that
/// [`IntoToolResult`](crate::handler::IntoToolResult) knows, and is registered by
/// [`Server::tool`](crate::Server::tool).
///
/// ```
/// use toolwright::prelude::*;
///
/// /// Find notes.
/// #[tool(read_only, title = "Search", meta("example.com/cost" = 1))]
/// async fn search(
///     cx: Context,
///     /// What to look for.
///     #[arg(name = "q")]
///     query: &str,
///     #[arg(default = 10)] limit: usize,
/// ) -> Result<Vec<String>, ToolError> {
///     if query.is_empty() {
///         return Err(ToolError::new("`q` is empty; name a word"));
///     }
///     cx.info("searching");
///     Ok(vec![format!("{query}.md"); limit])
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let found = search(Context::detached(), "tea", 1).await;
/// assert_eq!(found.unwrap(), ["tea.md"]);
/// # }
/// ```
pub use mcp_macros::tool;

/// `#[tools]`: methods that share one value, which [`Server::tools`](crate::Server::tools)
/// registers.
///
/// ```
/// use toolwright::prelude::*;
///
/// struct Notes(Vec<&'static str>);
///
/// #[tools]
/// impl Notes {
///     /// How many notes there are.
///     #[tool(read_only)]
///     fn count(&self) -> usize {
///         self.0.len()
///     }
/// }
///
/// assert_eq!(Notes(vec!["tea"]).count(), 1);
/// assert!(Server::new("notes", "1.0.0").tools(Notes(vec!["tea"])).build().is_ok());
/// ```
pub use mcp_macros::tools;
