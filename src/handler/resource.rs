//! Resources: an entry of the registry, and how an annotated function becomes one.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use mcp_core::UriTemplate;
use mcp_core::engine::Scopes;
use mcp_core::jsonrpc::ErrorObject;
use mcp_core::model::{Icon, JsonObject, Meta, ReadResourceResult, Resource, ResourceTemplate};
use serde_json::Value;

use super::call::{Call, Plan, Planned};
use super::completion::Completers;
use super::param::{Required, TextParams};
use super::run::{Frame, Output};
use super::turns::in_turns;
use super::{
    CompleteFn, Dispatch, IntoResource, ParamSpec, ResourceError, SchemaOptions, Scope, Slot,
    StateNeed, TextParam,
};

/// A resource's answer.
pub type ResourceOutcome = Result<ReadResourceResult, ResourceError>;

/// What a resource's handler answers for.
#[derive(Debug, Clone, PartialEq)]
pub enum ResourceTarget {
    /// One URI, listed by `resources/list`.
    Fixed(Resource),
    /// Every URI of a form, listed by `resources/templates/list`.
    Template {
        /// What the list says.
        definition: ResourceTemplate,
        /// The form; its variables are the handler's arguments.
        template: UriTemplate,
    },
}

/// A resource: its definition, what runs when it is read, and what completes its variables.
#[derive(Clone)]
pub struct ResourceEntry {
    /// What it answers for.
    pub target: ResourceTarget,
    /// What `resources/read` runs.
    pub handler: Arc<dyn ResourceHandler>,
    /// What a caller over a network must have been granted (AUTH-S-04).
    pub scopes: Scopes,
    /// The state without which the handler fails.
    pub needs: Vec<StateNeed>,
    /// What `completion/complete` runs.
    pub completers: Completers,
}

impl ResourceEntry {
    /// The URI, or the text of the template.
    pub fn uri(&self) -> &str {
        match &self.target {
            ResourceTarget::Fixed(definition) => &definition.uri,
            ResourceTarget::Template { definition, .. } => &definition.uri_template,
        }
    }
}

impl fmt::Debug for ResourceEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceEntry")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// What runs when a resource is read.
pub trait ResourceHandler: Send + Sync + 'static {
    /// Starts the request; the scope holds the URI and the template's variables.
    ///
    /// # Errors
    ///
    /// An extractor's error. A resource that does not exist is the outcome's error.
    fn read(&self, scope: &Scope<'_>) -> Result<Dispatch<ResourceOutcome>, ErrorObject>;
}

impl<F> ResourceHandler for F
where
    F: Fn(&Scope<'_>) -> Result<Dispatch<ResourceOutcome>, ErrorObject> + Send + Sync + 'static,
{
    fn read(&self, scope: &Scope<'_>) -> Result<Dispatch<ResourceOutcome>, ErrorObject> {
        self(scope)
    }
}

/// The handle that `#[resource]` puts beside a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource",
    label = "no `#[resource]` function has this name",
    note = "put `#[resource(\"…\")]` on the function, and import it by its name"
)]
pub trait ResourceFn: Send + Sync + 'static {
    /// The resource. A resource has no schema, so the options are not looked at.
    fn entry(options: &SchemaOptions) -> ResourceEntry;
}

/// One resource, or a tuple of up to 16 of them, which may nest.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a resource nor a tuple of resources",
    label = "no `#[resource]` function has this name",
    note = "put `#[resource(\"…\")]` on the function, and import it by its name"
)]
pub trait ResourceList {
    /// Appends the resources.
    fn entries(options: &SchemaOptions, out: &mut Vec<ResourceEntry>);
}

#[diagnostic::do_not_recommend]
impl<T: ResourceFn> ResourceList for T {
    fn entries(options: &SchemaOptions, out: &mut Vec<ResourceEntry>) {
        out.push(T::entry(options));
    }
}

super::builders::tuple_lists!(ResourceList, ResourceEntry);

/// A resource in the making; generated code fills it.
pub struct Builder {
    /// The definition as a resource's; a template's is made of it.
    definition: Resource,
    template: UriTemplate,
    arguments: Vec<Planned>,
    needs: Vec<StateNeed>,
    scopes: Scopes,
    completers: Completers,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// A resource at `uri`, which may be a template.
    ///
    /// # Panics
    ///
    /// If `uri` is not a template that can be matched; `#[resource]` has checked that it is.
    pub fn new(uri: &str, name: &str) -> Self {
        let template = UriTemplate::parse(uri)
            .unwrap_or_else(|error| panic!("the URI of resource `{name}` is malformed: {error}"));
        Self {
            definition: Resource::new(uri, name),
            template,
            arguments: Vec::new(),
            needs: Vec::new(),
            scopes: Scopes::NONE,
            completers: Vec::new(),
        }
    }

    /// The media type.
    pub fn mime(&mut self, mime: &str) {
        self.definition.mime_type = Some(mime.to_owned());
    }

    /// The size in bytes.
    pub fn size(&mut self, size: u64) {
        self.definition.size = Some(size);
    }

    fn close<R>(self, output: Output<R, ResourceOutcome>) -> (Parts, Frame<R, ResourceOutcome>) {
        let plan = Plan {
            handler: format!("resource `{}`", self.definition.name),
            arguments: self.arguments,
            definitions: Value::Null,
        };
        // A variable that is no value of its type names nothing that exists.
        let refuse = |_, _: &Scope<'_>| Err(ResourceError::NotFound);
        let takes_turns = output.takes_turns;
        let frame = Frame {
            plan,
            mime: self.definition.mime_type.clone(),
            output,
            refuse,
        };
        let target = target(self.definition, self.template);
        (
            Parts(
                target,
                self.needs,
                self.scopes,
                self.completers,
                takes_turns,
            ),
            frame,
        )
    }
}

super::builders::describing!(Builder);

fn target(definition: Resource, template: UriTemplate) -> ResourceTarget {
    if template.variables().next().is_none() {
        return ResourceTarget::Fixed(definition);
    }
    let definition = ResourceTemplate {
        uri_template: definition.uri,
        name: definition.name,
        title: definition.title,
        description: definition.description,
        mime_type: definition.mime_type,
        annotations: definition.annotations,
        icons: definition.icons,
        meta: definition.meta,
        extra: JsonObject::new(),
    };
    ResourceTarget::Template {
        definition,
        template,
    }
}

impl TextParams for Builder {
    fn add_argument(&mut self, name: &'static str, _: Option<&str>, _: Required) -> usize {
        self.arguments.push(Planned::text(name));
        self.arguments.len() - 1
    }

    fn add_need(&mut self, need: Option<StateNeed>) {
        self.needs.extend(need);
    }
}

/// An entry without its handler, and whether that asks by what it returns.
struct Parts(ResourceTarget, Vec<StateNeed>, Scopes, Completers, bool);

impl Parts {
    fn with(self, handler: impl ResourceHandler) -> ResourceEntry {
        let Self(target, needs, scopes, completers, takes_turns) = self;
        let handler: Arc<dyn ResourceHandler> = Arc::new(handler);
        let handler = match takes_turns {
            true => Arc::new(in_turns(move |scope: &Scope<'_>| handler.read(scope))),
            false => handler,
        };
        ResourceEntry {
            target,
            handler,
            needs,
            scopes,
            completers,
        }
    }
}

/// Declares one parameter.
pub fn param<T: TextParam<M>, M>(builder: &mut Builder, spec: ParamSpec<T>) -> Slot<T> {
    T::declare(builder, spec)
}

/// Declares what completes a variable.
pub fn complete<M>(builder: &mut Builder, name: &'static str, function: impl CompleteFn<M>) {
    builder.completers.push((name, function.into_completer()));
}

/// Declares the result.
pub fn output<R: IntoResource>(_: &mut Builder) -> Output<R, ResourceOutcome> {
    Output {
        convert: R::into_resource,
        takes_turns: R::TAKES_TURNS,
    }
}

super::builders::finishing!(Builder, ResourceEntry, ResourceOutcome);
