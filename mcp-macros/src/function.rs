//! The model of an annotated function: everything the rendering stage needs.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, Ident, ReceiverKind, ReturnType, Signature, Type};

use crate::errors::Errors;
use crate::options::Options;
use crate::param::{Param, check_distinct};
use crate::template;
use crate::text::documentation;

/// What an annotation makes of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Prompt,
    Resource,
}

impl Kind {
    /// The annotation's name, which is also the name of the facade's part for it.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
        }
    }

    /// The kind that an attribute asks for.
    pub(crate) fn of(attribute: &Attribute) -> Option<Self> {
        let last = attribute.path().segments.last()?;
        [Self::Tool, Self::Prompt, Self::Resource]
            .into_iter()
            .find(|kind| last.ident == kind.attribute())
    }
}

/// How a method takes `self`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// Not at all.
    None,
    /// `&self`.
    Reference,
    /// `self: Arc<Self>`.
    Shared,
    /// `self: &Arc<Self>`.
    SharedReference,
}

/// How the function is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    Inline,
    Async,
    Blocking,
}

/// An annotated function.
pub(crate) struct Function {
    pub(crate) kind: Kind,
    pub(crate) ident: Ident,
    pub(crate) run: Run,
    pub(crate) receiver: Receiver,
    pub(crate) params: Vec<Param>,
    /// The declared return type, or `_` where it cannot be written again.
    pub(crate) output: TokenStream,
    pub(crate) output_span: Span,
    pub(crate) description: Option<String>,
    pub(crate) options: Options,
}

impl Function {
    /// Reads a signature, taking off it what only the macros understand.
    pub(crate) fn take(
        kind: Kind,
        options: Options,
        attributes: &[Attribute],
        sig: &mut Signature,
        errors: &mut Errors,
    ) -> Self {
        let mut receiver = Receiver::None;
        let mut params = Vec::new();
        for input in &mut sig.inputs {
            match input {
                FnArg::Receiver(this) => receiver = read_receiver(this, errors),
                FnArg::Typed(input) => params.push(Param::take(kind, input, errors)),
            }
        }
        check_distinct(&params, errors);
        let (output, output_span) = read_output(sig, errors);
        let function = Self {
            kind,
            ident: sig.ident.clone(),
            run: read_run(sig, &options, errors),
            receiver,
            params,
            output,
            output_span,
            description: options
                .description
                .as_ref()
                .map(syn::LitStr::value)
                .or_else(|| documentation(attributes)),
            options,
        };
        if kind == Kind::Resource {
            template::check(&function, errors);
        }
        function
    }

    /// The name on the wire.
    pub(crate) fn name(&self) -> String {
        match &self.options.name {
            Some(name) => name.value(),
            None => self.ident.unraw().to_string(),
        }
    }
}

fn read_run(sig: &Signature, options: &Options, errors: &mut Errors) -> Run {
    match (&options.blocking, sig.asyncness) {
        (Some(key), Some(_)) => {
            errors.on(
                key,
                "an `async fn` does not block: remove `blocking`, or `async`",
            );
            Run::Async
        }
        (Some(_), None) => Run::Blocking,
        (None, Some(_)) => Run::Async,
        (None, None) => Run::Inline,
    }
}

fn read_receiver(this: &syn::Receiver, errors: &mut Errors) -> Receiver {
    let complain = |errors: &mut Errors| {
        errors.on(
            this,
            "handlers run side by side, so they share the value: \
             take `&self`, `self: Arc<Self>` or `self: &Arc<Self>`",
        );
        Receiver::Reference
    };
    match &this.kind {
        ReceiverKind::Reference(_, _, None) => Receiver::Reference,
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Path(_) if is_arc(ty) => Receiver::Shared,
            Type::Reference(r) if r.mutability.is_none() && is_arc(&r.elem) => {
                Receiver::SharedReference
            }
            Type::Reference(r) if r.mutability.is_none() && is_self(&r.elem) => Receiver::Reference,
            _ => complain(errors),
        },
        _ => complain(errors),
    }
}

fn is_self(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("Self"))
}

fn is_arc(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "Arc"))
}

fn read_output(sig: &Signature, errors: &mut Errors) -> (TokenStream, Span) {
    let ReturnType::Type(_, ty) = &sig.output else {
        let span = sig.ident.span();
        return (quote_spanned!(span=> ()), span);
    };
    let span = ty.span();
    let tokens = ty.to_token_stream();
    if let Some(borrow) = borrowed(&tokens) {
        errors.at(
            borrow,
            "the result outlives the call: return an owned value",
        );
    }
    if mentions_impl(&tokens) {
        return (quote!(_), span);
    }
    (quote_spanned!(span=> #ty), span)
}

/// A lifetime or an elided one that is not `'static`.
fn borrowed(tokens: &TokenStream) -> Option<Span> {
    use proc_macro2::TokenTree;
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => match tokens.peek() {
                Some(TokenTree::Punct(next)) if next.as_char() == '\'' => {}
                _ => return Some(punct.span()),
            },
            TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.peek() {
                Some(TokenTree::Ident(name)) if name == "static" => {}
                _ => return Some(punct.span()),
            },
            TokenTree::Group(group) => {
                if let Some(span) = borrowed(&group.stream()) {
                    return Some(span);
                }
            }
            _ => {}
        }
    }
    None
}

fn mentions_impl(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == "impl",
        proc_macro2::TokenTree::Group(group) => mentions_impl(&group.stream()),
        _ => false,
    })
}
