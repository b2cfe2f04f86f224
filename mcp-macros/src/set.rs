//! `#[tools]` on an `impl` block: its annotated methods share one value.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, ImplItem, ImplItemFn, ItemImpl, Meta};

use crate::attr::{self, unknown_key};
use crate::entry;
use crate::errors::Errors;
use crate::facade::Facade;
use crate::function::{Function, Kind};
use crate::options::Options;

/// Expands `#[tools]`.
pub(crate) fn expand(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut block: ItemImpl = match syn::parse2(tokens.clone()) {
        Ok(block) => block,
        Err(error) => {
            let message = format!("`#[tools]` goes on an `impl` block: {error}");
            let complaint = syn::Error::new(error.span(), message).to_compile_error();
            return quote!(#tokens #complaint);
        }
    };
    let mut errors = Errors::default();
    let facade = read_facade(arguments, &mut errors);
    if let Some((path, _)) = &block.trait_ {
        errors.on(
            path,
            "`#[tools]` goes on an inherent `impl` block: move the handlers to one",
        );
    }
    let mut functions = Vec::new();
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item
            && let Some(function) = take_method(method, &mut errors)
        {
            functions.push((function, conditions(method)));
        }
    }
    if functions.is_empty() && errors.is_empty() {
        errors.on(
            &block.self_ty,
            "no method carries `#[tool]`, `#[prompt]` or `#[resource]`",
        );
    }
    check_names(&functions, &mut errors);
    let implementation = render(&facade, &block, &functions, errors.is_empty());
    let complaints = errors.into_tokens();
    quote!(#block #implementation #complaints)
}

fn read_facade(arguments: TokenStream, errors: &mut Errors) -> Facade {
    let entries = attr::parse(arguments, errors);
    let mut path = None;
    if let Some(text) = &entries.lead {
        errors.on(text, "expected a key");
    }
    for entry in &entries.list {
        if entry.key == "crate" {
            path = entry.path(errors);
        } else {
            unknown_key(&entry.key, "tools", &["crate"], errors);
        }
    }
    Facade::new(path.as_ref())
}

/// Takes the annotation off a method and reads it; `None` for a plain method.
fn take_method(method: &mut ImplItemFn, errors: &mut Errors) -> Option<Function> {
    let position = method.attrs.iter().position(|a| Kind::of(a).is_some())?;
    let attribute = method.attrs.remove(position);
    let kind = Kind::of(&attribute)?;
    if let Some(second) = method.attrs.iter().find(|a| Kind::of(a).is_some()) {
        errors.on(
            second,
            "a method is one thing: a tool, a prompt or a resource",
        );
    }
    method.attrs.retain(|a| Kind::of(a).is_none());
    let tokens = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let options = Options::parse(kind, tokens, errors);
    if let Some(handle) = &options.handle {
        errors.on(
            handle,
            "a method has no handle: the `impl` block is registered as a whole",
        );
    }
    if let Some(path) = &options.facade {
        errors.on(path, "say `crate = …` on `#[tools]`");
    }
    for parameter in method.sig.generics.params.iter() {
        if !matches!(parameter, syn::GenericParam::Lifetime(_)) {
            errors.on(
                parameter,
                "a handler method has no type parameters of its own: put them on the `impl` block",
            );
        }
    }
    Some(Function::take(
        kind,
        options,
        &method.attrs,
        &mut method.sig,
        errors,
    ))
}

fn conditions(method: &ImplItemFn) -> Vec<Attribute> {
    let cfgs = method.attrs.iter().filter(|a| a.path().is_ident("cfg"));
    cfgs.cloned().collect()
}

fn check_names(functions: &[(Function, Vec<Attribute>)], errors: &mut Errors) {
    for (index, (function, cfgs)) in functions.iter().enumerate() {
        let same = |other: &(Function, Vec<Attribute>)| {
            other.0.kind == function.kind && other.0.name() == function.name()
        };
        // Methods under a condition may exclude each other.
        if cfgs.is_empty() && functions.iter().take(index).any(same) {
            let span = function
                .options
                .name
                .as_ref()
                .map_or(function.ident.span(), syn::LitStr::span);
            let (kind, name) = (function.kind.attribute(), function.name());
            errors.at(
                span,
                format!("another {kind} of this block is called `{name}` already"),
            );
        }
    }
}

fn render(
    facade: &Facade,
    block: &ItemImpl,
    functions: &[(Function, Vec<Attribute>)],
    sound: bool,
) -> TokenStream {
    let part = facade.part("set", Span::call_site());
    let ty = &block.self_ty;
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let options = Ident::new("__options", Span::mixed_site());
    let handlers = Ident::new("__handlers", Span::mixed_site());
    let this = Ident::new("__this", Span::mixed_site());
    let body = if sound {
        let entries = functions.iter().map(|(function, cfgs)| {
            let method = &function.ident;
            let callee = quote_spanned!(method.span()=> Self::#method);
            let entry = entry::render(facade, function, &callee, &quote!(#options));
            let list = match function.kind {
                Kind::Tool => quote!(tools),
                Kind::Prompt => quote!(prompts),
                Kind::Resource => quote!(resources),
            };
            quote! {
                #(#cfgs)*
                {
                    #[allow(unused_variables)]
                    let #this = ::std::sync::Arc::clone(&self);
                    #handlers.#list.push(#entry);
                }
            }
        });
        quote! {
            let mut #handlers = #part::Handlers::default();
            #(#entries)*
            #handlers
        }
    } else {
        quote!(let _ = #options; ::core::unreachable!())
    };
    let head = quote_spanned!(ty.span()=> impl #impl_generics #part::ToolSet for #ty #where_clause);
    quote! {
        #[automatically_derived]
        #head {
            fn entries(self: ::std::sync::Arc<Self>, #options: &#part::SchemaOptions) -> #part::Handlers {
                #body
            }
        }
    }
}
