//! `#[client]` on a trait: its methods are a server's tools, and a struct that calls them joins it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, FnArg, Ident, ItemTrait, LitStr, Meta, Pat, Path, ReceiverKind, ReturnType,
    TraitItem, TraitItemFn, parse_quote,
};

use crate::attr::{self, once, unknown_key};
use crate::errors::Errors;
use crate::facade::Facade;

/// One method: a tool of the server.
struct Call {
    signature: syn::Signature,
    tool: LitStr,
    arguments: Vec<(LitStr, Ident)>,
}

#[derive(Default)]
struct Options {
    handle: Option<Ident>,
    facade: Option<Path>,
}

/// Expands `#[client]`.
pub(crate) fn expand(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut item: ItemTrait = match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            let message = format!("`#[client]` goes on a trait: {error}");
            let complaint = syn::Error::new(error.span(), message).to_compile_error();
            return quote!(#tokens #complaint);
        }
    };
    let mut errors = Errors::default();
    let options = read_options(arguments, &mut errors);
    if let Some(parameter) = item.generics.params.first() {
        errors.on(parameter, "a trait of `#[client]` has no parameters");
    }
    let mut calls = Vec::new();
    for member in &mut item.items {
        match member {
            TraitItem::Fn(method) => calls.extend(take(method, &mut errors)),
            other => errors.on(other, "a trait of `#[client]` has methods only"),
        }
    }
    let client = if errors.is_empty() {
        render(&options, &item, &calls)
    } else {
        TokenStream::new()
    };
    let complaints = errors.into_tokens();
    quote!(#item #client #complaints)
}

fn read_options(arguments: TokenStream, errors: &mut Errors) -> Options {
    let entries = attr::parse(arguments, errors);
    let mut options = Options::default();
    if let Some(text) = &entries.lead {
        errors.on(text, "expected a key");
    }
    for entry in &entries.list {
        let key = &entry.key;
        match key.to_string().as_str() {
            "handle" => once(&mut options.handle, entry.name(errors), key, errors),
            "crate" => once(&mut options.facade, entry.path(errors), key, errors),
            _ => unknown_key(key, "client", &["handle", "crate"], errors),
        }
    }
    options
}

/// Reads a method, and leaves in the trait what the trait says: a future that can be sent.
fn take(method: &mut TraitItemFn, errors: &mut Errors) -> Option<Call> {
    let name = method.sig.ident.clone();
    // What is complained about is taken away, or the compiler complains once more.
    if let Some(body) = method.default.take() {
        errors.on(
            body,
            "the body is written by `#[client]`: end the method with `;`",
        );
    }
    if method.sig.asyncness.is_none() {
        errors.on(
            &name,
            "a call waits for its answer: make this an `async fn`",
        );
    }
    let takes_self = method
        .sig
        .receiver()
        .is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(_, _, None)));
    if !takes_self {
        errors.on(&name, "a call goes through a client: take `&self`");
    }
    if let ReturnType::Default = method.sig.output {
        errors.on(&name, "a call can fail: return `Result<_, CallError>`");
    }
    let tool = take_name(&mut method.attrs, "tool", errors)
        .unwrap_or_else(|| LitStr::new(&plain(&name), name.span()));
    let mut arguments = Vec::new();
    for input in &mut method.sig.inputs {
        let FnArg::Typed(parameter) = input else {
            continue;
        };
        let renamed = take_name(&mut parameter.attrs, "arg", errors);
        let Pat::Ident(pattern) = &*parameter.pat else {
            errors.on(&parameter.pat, "an argument needs a name");
            *parameter.pat = parse_quote!(_);
            continue;
        };
        let ident = pattern.ident.clone();
        let argument = renamed.unwrap_or_else(|| LitStr::new(&plain(&ident), ident.span()));
        arguments.push((argument, ident));
    }
    let signature = method.sig.clone();
    let output = match &method.sig.output {
        ReturnType::Type(_, output) => output.clone(),
        ReturnType::Default => return None,
    };
    method.sig.asyncness = None;
    method.sig.output = parse_quote! {
        -> impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    Some(Call {
        signature,
        tool,
        arguments,
    })
}

/// Takes `#[key(name = "…")]` off, and returns the name.
fn take_name(attributes: &mut Vec<Attribute>, key: &str, errors: &mut Errors) -> Option<LitStr> {
    let mut name = None;
    attributes.retain(|attribute| {
        if !attribute.path().is_ident(key) {
            return true;
        }
        match &attribute.meta {
            Meta::List(list) => {
                for entry in &attr::parse(list.tokens.clone(), errors).list {
                    if entry.key == "name" {
                        once(&mut name, entry.text(errors), &entry.key, errors);
                    } else {
                        unknown_key(&entry.key, key, &["name"], errors);
                    }
                }
            }
            other => errors.on(other, format!("expected `#[{key}(name = \"…\")]`")),
        }
        false
    });
    name
}

/// The name without the mark of a raw identifier.
fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

fn render(options: &Options, item: &ItemTrait, calls: &[Call]) -> TokenStream {
    let facade = Facade::new(options.facade.as_ref());
    let facade = facade.path();
    let (visibility, name) = (&item.vis, &item.ident);
    let handle = options.handle.clone();
    let handle = handle.unwrap_or_else(|| format_ident!("{name}Client"));
    let methods = calls.iter().map(|call| render_call(facade, call));
    let about = format!("Calls the tools of [`{name}`] on a server.");
    quote! {
        #[doc = #about]
        #[derive(Debug, Clone)]
        #visibility struct #handle(#facade::client::Client);

        #[allow(dead_code, reason = "not every caller needs both ways")]
        impl #handle {
            /// Calls over this connection.
            #visibility fn new(client: #facade::client::Client) -> Self {
                Self(client)
            }

            /// The connection.
            #visibility fn client(&self) -> &#facade::client::Client {
                &self.0
            }
        }

        #[automatically_derived]
        impl #name for #handle {
            #(#methods)*
        }
    }
}

fn render_call(facade: &TokenStream, call: &Call) -> TokenStream {
    let Call {
        signature, tool, ..
    } = call;
    let collected = Ident::new("__arguments", Span::mixed_site());
    let arguments = call.arguments.iter().map(|(name, ident)| {
        quote_spanned!(ident.span()=> let #collected = #collected.with(#name, &#ident)?;)
    });
    let output = match &signature.output {
        ReturnType::Type(_, output) => output.span(),
        ReturnType::Default => Span::call_site(),
    };
    let answer = quote_spanned!(output=> self.0.call_as(#tool, #collected).await);
    quote! {
        #signature {
            let #collected = #facade::__private::client::Arguments::new();
            #(#arguments)*
            #answer
        }
    }
}
