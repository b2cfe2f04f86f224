//! Lists over all their pages.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use mcp_core::model::{Icon, JsonObject, Prompt, Resource, ResourceTemplate, Tool};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::calls::invalid;
use super::{CallError, Client};

/// Pages of one list that are followed; a server that goes on for longer goes on for ever.
const MAX_PAGES: usize = 10_000;

/// What a server lists: [`Tool`], [`Prompt`], [`Resource`], [`ResourceTemplate`].
#[diagnostic::on_unimplemented(
    message = "a server has no list of `{Self}`",
    note = "there are lists of `Tool`, `Prompt`, `Resource` and `ResourceTemplate`"
)]
pub trait Listed: DeserializeOwned + Send + sealed::Sealed {
    /// The method that lists it.
    const METHOD: &'static str;
    /// The member of the result that holds the entries.
    const MEMBER: &'static str;
}

mod sealed {
    use mcp_core::model::Icon;
    #[cfg(feature = "http-client")]
    use mcp_core::model::Tool;

    pub trait Sealed {
        /// Its icons.
        fn icons(&mut self) -> &mut Option<Vec<Icon>>;

        /// The entry, if it is a tool.
        #[cfg(feature = "http-client")]
        fn as_tool(&self) -> Option<&Tool>;
    }
}

macro_rules! listed {
    ($($type:ty, $method:literal, $member:literal;)*) => {$(
        impl sealed::Sealed for $type {
            fn icons(&mut self) -> &mut Option<Vec<Icon>> {
                &mut self.icons
            }

            #[cfg(feature = "http-client")]
            fn as_tool(&self) -> Option<&Tool> {
                (self as &dyn std::any::Any).downcast_ref()
            }
        }

        impl Listed for $type {
            const METHOD: &'static str = $method;
            const MEMBER: &'static str = $member;
        }
    )*};
}

listed! {
    Tool, "tools/list", "tools";
    Prompt, "prompts/list", "prompts";
    Resource, "resources/list", "resources";
    ResourceTemplate, "resources/templates/list", "resourceTemplates";
}

/// The pages of a list, one request each (PAG-A-01).
///
/// ```
/// # use toolwright::client::{CallError, Client};
/// use toolwright::model::Tool;
///
/// # async fn names(client: &Client) -> Result<Vec<String>, CallError> {
/// let mut names = Vec::new();
/// let mut pages = client.pages::<Tool>();
/// while let Some(page) = pages.next().await {
///     names.extend(page?.into_iter().map(|tool| tool.name));
/// }
/// # Ok(names)
/// # }
/// ```
#[derive(Debug)]
pub struct Pages<T> {
    client: Client,
    next: Next,
    seen: BTreeSet<String>,
    entries: usize,
    bytes: usize,
    listed: PhantomData<fn() -> T>,
}

#[derive(Debug)]
enum Next {
    First,
    At(String),
    None,
}

impl<T: Listed> Pages<T> {
    /// The entries of the next page, or `None` after the last. An error is the last item.
    pub async fn next(&mut self) -> Option<Result<Vec<T>, CallError>> {
        let mut params = JsonObject::new();
        match std::mem::replace(&mut self.next, Next::None) {
            Next::First => {}
            Next::At(cursor) => {
                params.insert("cursor".to_owned(), Value::String(cursor));
            }
            Next::None => return None,
        }
        Some(self.page(params).await)
    }

    async fn page(&mut self, params: JsonObject) -> Result<Vec<T>, CallError> {
        let result = self.client.result(T::METHOD, params).await?;
        let mut page: JsonObject = serde_json::from_str(result.get()).map_err(invalid)?;
        let listed = page.remove(T::MEMBER).unwrap_or_default();
        let mut listed: Vec<T> = serde_json::from_value(listed)
            .map_err(|error| CallError::Protocol(format!("`{}`: {error}", T::MEMBER)))?;
        #[cfg(feature = "http-client")]
        listed.retain(|entry| match entry.as_tool() {
            Some(tool) => self.client.take_mirrored(tool),
            None => true,
        });
        for entry in &mut listed {
            keep_safe(entry.icons(), T::METHOD);
        }
        self.entries += listed.len();
        self.bytes += result.get().len();
        self.check_size()?;
        if let Some(Value::String(next)) = page.remove("nextCursor") {
            if !self.seen.insert(next.clone()) {
                let why = format!("{} repeats the cursor {next:?}", T::METHOD);
                return Err(CallError::Protocol(why));
            }
            self.next = Next::At(next);
        }
        Ok(listed)
    }

    /// A list that does not end is not held to its end (fault 99).
    fn check_size(&self) -> Result<(), CallError> {
        let limits = &self.client.shared.limits;
        let over = |what: &str, limit: &str, most: usize| {
            let method = T::METHOD;
            let why = format!("{method} has more than {most} {what} (limit `{limit}`)");
            Err(CallError::Protocol(why))
        };
        if self.entries > limits.list_entries {
            return over("entries", "list_entries", limits.list_entries);
        }
        if self.bytes > limits.list_bytes {
            return over("bytes", "list_bytes", limits.list_bytes);
        }
        if self.seen.len() >= MAX_PAGES {
            return Err(CallError::Protocol(format!(
                "{} has more than {MAX_PAGES} pages",
                T::METHOD
            )));
        }
        Ok(())
    }
}

/// Drops the icons that no client may load (ICON-A-02, fault 100).
pub(super) fn keep_safe(icons: &mut Option<Vec<Icon>>, method: &str) {
    for icon in Icon::keep_safe(icons) {
        let src = icon.src;
        tracing::warn!(
            method,
            src,
            "an icon that is no https: or data: URI is dropped"
        );
    }
}

impl Client {
    /// A list page by page, within [`Limits::list_entries`](crate::Limits::list_entries) and
    /// [`Limits::list_bytes`](crate::Limits::list_bytes).
    pub fn pages<T: Listed>(&self) -> Pages<T> {
        Pages {
            client: self.clone(),
            next: Next::First,
            seen: BTreeSet::new(),
            entries: 0,
            bytes: 0,
            listed: PhantomData,
        }
    }

    /// Every tool of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn tools(&self) -> Result<Vec<Tool>, CallError> {
        let tools = self.all::<Tool>().await?;
        #[cfg(feature = "validation")]
        super::lock(&self.shared.outputs).learn(&tools);
        Ok(tools)
    }

    /// Every prompt of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn prompts(&self) -> Result<Vec<Prompt>, CallError> {
        self.all().await
    }

    /// Every resource of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn resources(&self) -> Result<Vec<Resource>, CallError> {
        self.all().await
    }

    /// Every resource template of the server, over all pages.
    ///
    /// # Errors
    /// [`CallError`]: the server's own error, or why there was no answer.
    pub async fn resource_templates(&self) -> Result<Vec<ResourceTemplate>, CallError> {
        self.all().await
    }

    async fn all<T: Listed>(&self) -> Result<Vec<T>, CallError> {
        let mut entries = Vec::new();
        let mut pages = self.pages::<T>();
        while let Some(page) = pages.next().await {
            entries.append(&mut page?);
        }
        Ok(entries)
    }
}
