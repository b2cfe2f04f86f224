//! Completing the arguments of prompts and of resource templates (CMP-A-01).

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use mcp_core::model::Completion;

use super::Dispatch;

/// Proposes values for one argument.
pub trait Completer: Send + Sync + 'static {
    /// The values that begin like `prefix`, best first.
    fn complete(&self, prefix: &str, context: &CompletionContext) -> Dispatch<Completion>;
}

/// The completers of an entry, by the name of the argument.
pub type Completers = Vec<(&'static str, Arc<dyn Completer>)>;

/// What else is known while an argument is completed: the other arguments, as far as they are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompletionContext(BTreeMap<String, String>);

impl CompletionContext {
    /// The value of another argument.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl From<BTreeMap<String, String>> for CompletionContext {
    fn from(arguments: BTreeMap<String, String>) -> Self {
        Self(arguments)
    }
}

impl From<mcp_core::model::CompletionContext> for CompletionContext {
    fn from(context: mcp_core::model::CompletionContext) -> Self {
        Self(context.arguments.unwrap_or_default())
    }
}

/// What a completing function may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of completions",
    label = "expected a list of texts",
    note = "return `Vec<String>`, `Vec<&'static str>`, an array of them, or `Completion`"
)]
pub trait IntoCompletion {
    /// The list; what is beyond the protocol's limit of 100 values is counted and cut.
    fn into_completion(self) -> Completion;
}

impl IntoCompletion for Completion {
    fn into_completion(self) -> Completion {
        self
    }
}

impl<T: Into<String>> IntoCompletion for Vec<T> {
    fn into_completion(self) -> Completion {
        bounded(self.into_iter().map(Into::into))
    }
}

impl<T: Into<String>, const N: usize> IntoCompletion for [T; N] {
    fn into_completion(self) -> Completion {
        bounded(self.into_iter().map(Into::into))
    }
}

fn bounded(values: impl ExactSizeIterator<Item = String>) -> Completion {
    let total = values.len();
    let mut completion = Completion {
        values: values.take(Completion::MAX_VALUES).collect(),
        ..Completion::default()
    };
    if total > Completion::MAX_VALUES {
        completion.total = u64::try_from(total).ok();
        completion.has_more = Some(true);
    }
    completion
}

/// A function that completes: `fn(&str) -> Vec<String>`, also `async`, also with
/// `&CompletionContext` as its second parameter. The marker is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not complete an argument",
    label = "expected `fn(&str) -> Vec<String>`",
    note = "the function may be `async`, and may take `&CompletionContext` as its second parameter"
)]
pub trait CompleteFn<M> {
    /// The function as a completer.
    fn into_completer(self) -> Arc<dyn Completer>;
}

/// Marks `fn(&str)`.
pub struct Plain<R>(fn() -> R);
/// Marks `fn(&str, &CompletionContext)`.
pub struct WithContext<R>(fn() -> R);
/// Marks `async fn(&str)`.
pub struct Async<R>(fn() -> R);
/// Marks `async fn(&str, &CompletionContext)`.
pub struct AsyncWithContext<R>(fn() -> R);

macro_rules! opaque_debug {
    ($($name:ident)*) => {
        $(impl<R> fmt::Debug for $name<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let _ = self.0;
                f.write_str(stringify!($name))
            }
        })*
    };
}

opaque_debug!(Plain WithContext Async AsyncWithContext);

/// Any completer as a closure.
struct Closure<F>(F);

impl<F> Completer for Closure<F>
where
    F: Fn(&str, &CompletionContext) -> Dispatch<Completion> + Send + Sync + 'static,
{
    fn complete(&self, prefix: &str, context: &CompletionContext) -> Dispatch<Completion> {
        (self.0)(prefix, context)
    }
}

#[diagnostic::do_not_recommend]
impl<F, R> CompleteFn<Plain<R>> for F
where
    F: Fn(&str) -> R + Send + Sync + 'static,
    R: IntoCompletion,
{
    fn into_completer(self) -> Arc<dyn Completer> {
        Arc::new(Closure(move |prefix: &str, _: &CompletionContext| {
            Dispatch::Ready(self(prefix).into_completion())
        }))
    }
}

#[diagnostic::do_not_recommend]
impl<F, R> CompleteFn<WithContext<R>> for F
where
    F: Fn(&str, &CompletionContext) -> R + Send + Sync + 'static,
    R: IntoCompletion,
{
    fn into_completer(self) -> Arc<dyn Completer> {
        Arc::new(Closure(move |prefix: &str, context: &CompletionContext| {
            Dispatch::Ready(self(prefix, context).into_completion())
        }))
    }
}

/// An `async fn(&'a str)`, whose future may hold the prefix.
pub trait AsyncPlain<'a>: Fn(&'a str) -> <Self as AsyncPlain<'a>>::Future {
    /// The future.
    type Future: Future<Output = Self::List> + Send + 'a;
    /// What it gives.
    type List;
}

impl<'a, F, Fut> AsyncPlain<'a> for F
where
    F: Fn(&'a str) -> Fut,
    Fut: Future + Send + 'a,
{
    type Future = Fut;
    type List = Fut::Output;
}

/// An `async fn(&'a str, &'a CompletionContext)`.
pub trait AsyncFull<'a>:
    Fn(&'a str, &'a CompletionContext) -> <Self as AsyncFull<'a>>::Future
{
    /// The future.
    type Future: Future<Output = Self::List> + Send + 'a;
    /// What it gives.
    type List;
}

impl<'a, F, Fut> AsyncFull<'a> for F
where
    F: Fn(&'a str, &'a CompletionContext) -> Fut,
    Fut: Future + Send + 'a,
{
    type Future = Fut;
    type List = Fut::Output;
}

#[diagnostic::do_not_recommend]
impl<F, R> CompleteFn<Async<R>> for F
where
    F: for<'a> AsyncPlain<'a, List = R> + Send + Sync + Clone + 'static,
    R: IntoCompletion + 'static,
{
    fn into_completer(self) -> Arc<dyn Completer> {
        Arc::new(Closure(move |prefix: &str, _: &CompletionContext| {
            let (function, prefix) = (self.clone(), prefix.to_owned());
            Dispatch::Pending(Box::pin(async move {
                function(&prefix).await.into_completion()
            }))
        }))
    }
}

#[diagnostic::do_not_recommend]
impl<F, R> CompleteFn<AsyncWithContext<R>> for F
where
    F: for<'a> AsyncFull<'a, List = R> + Send + Sync + Clone + 'static,
    R: IntoCompletion + 'static,
{
    fn into_completer(self) -> Arc<dyn Completer> {
        Arc::new(Closure(move |prefix: &str, context: &CompletionContext| {
            let (function, prefix, context) = (self.clone(), prefix.to_owned(), context.clone());
            Dispatch::Pending(Box::pin(async move {
                function(&prefix, &context).await.into_completion()
            }))
        }))
    }
}
