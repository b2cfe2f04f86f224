//! `#[tool]`, `#[prompt]` and `#[resource]` on a free function: the function stays as it is, and a
//! handle of its name joins it in the type namespace.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{GenericParam, Generics, Ident, parse_quote};

use crate::entry;
use crate::errors::Errors;
use crate::facade::Facade;
use crate::function::{Function, Kind, Receiver};
use crate::item::FreeFn;
use crate::options::Options;

/// Expands an annotation on a free function.
pub(crate) fn expand(kind: Kind, arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut item: FreeFn = match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            let message = format!("`#[{}]` goes on a function: {error}", kind.attribute());
            let complaint = syn::Error::new(error.span(), message).to_compile_error();
            return quote!(#tokens #complaint);
        }
    };
    let mut errors = Errors::default();
    let options = Options::parse(kind, arguments, &mut errors);
    let facade = Facade::new(options.facade.as_ref());
    let mut function = Function::take(kind, options, &item.attrs, &mut item.sig, &mut errors);
    check_free(&mut function, &item, &mut errors);
    if function.receiver != Receiver::None {
        // A method: a handle cannot stand inside an `impl` block.
        let complaints = errors.into_tokens();
        return quote!(#item #complaints);
    }
    let handle = render_handle(&facade, &function, &item, errors.is_empty());
    let complaints = errors.into_tokens();
    quote!(#item #handle #complaints)
}

fn check_free(function: &mut Function, item: &FreeFn, errors: &mut Errors) {
    let attribute = function.kind.attribute();
    if let Some(receiver) = item.sig.receiver() {
        errors.on(
            receiver,
            format!("`#[{attribute}]` on a method needs `#[tools]` on its `impl` block"),
        );
    }
    for parameter in &item.sig.generics.params {
        let parameter = match parameter {
            GenericParam::Type(ty) => &ty.ident,
            GenericParam::Const(constant) => &constant.ident,
            GenericParam::Lifetime(_) => continue,
        };
        if function.options.name.is_none() {
            errors.on(
                parameter,
                format!(
                    "each `{}::<…>` is registered on its own: say `name = \"…\"` on the annotation",
                    function.ident
                ),
            );
        }
    }
    if function.options.handle.is_none()
        && let Some(span) = hidden_path(&function.ident, item.body.clone())
    {
        let name = &function.ident;
        let other = format_ident!("{}", camel(&name.to_string()));
        // The name to come, so that the hidden crate raises no complaint of its own.
        errors.at(
            span,
            format!(
                "the handle `{name}` hides the crate or module `{name}`: \
                 name the handle differently with `#[{attribute}(handle = {other})]`"
            ),
        );
        function.options.handle = Some(other);
    }
}

/// `my_tool` as `MyToolHandle`.
fn camel(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.chain(["Handle".to_owned()]).collect()
}

/// Where the body starts a path with the function's own name, as in `uuid::Uuid`.
fn hidden_path(name: &Ident, body: TokenStream) -> Option<Span> {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let punct = |index: usize, c: char| matches!(tokens.get(index), Some(TokenTree::Punct(p)) if p.as_char() == c);
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                if let Some(span) = hidden_path(name, group.stream()) {
                    return Some(span);
                }
            }
            TokenTree::Ident(ident) if ident == name => {
                let led = index > 0 && (punct(index - 1, ':') || punct(index - 1, '.'));
                let leads = punct(index + 1, ':') && punct(index + 2, ':');
                // `name::<T>()` is the function itself.
                if leads && !led && !punct(index + 3, '<') {
                    return Some(ident.span());
                }
            }
            _ => {}
        }
    }
    None
}

/// The handle and its trait; after a mistake the trait's method is only a shape, so that the rest of
/// the user's program still finds it.
fn render_handle(facade: &Facade, function: &Function, item: &FreeFn, sound: bool) -> TokenStream {
    let handle = function.options.handle.as_ref().unwrap_or(&function.ident);
    let vis = &item.vis;
    let generics = handle_generics(&item.sig.generics);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let doc = format!(
        "The handle of the {} [`{}`].",
        function.kind.attribute(),
        function.name()
    );
    let bare = bare(&generics);
    let fields = phantom(&generics);
    let part = facade.part(function.kind.attribute(), Span::call_site());
    let options = Ident::new("__options", Span::mixed_site());
    let body = if sound {
        let callee = callee(function, &item.sig.generics);
        entry::render(facade, function, &callee, &options.to_token_stream())
    } else {
        quote!({ let _ = #options; ::core::unreachable!() })
    };
    let cfgs = item.attrs.iter().filter(|a| a.path().is_ident("cfg"));
    let cfgs: Vec<_> = cfgs.collect();
    let handle_span = handle.span();
    let implementation = quote_spanned! {handle_span=>
        impl #impl_generics #part::Handle for #handle #ty_generics #where_clause
    };
    quote! {
        #(#cfgs)*
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code)]
        #vis struct #handle #bare { #fields }

        #(#cfgs)*
        #[automatically_derived]
        #implementation {
            fn entry(#options: &#part::SchemaOptions) -> #part::Entry #body
        }
    }
}

/// The function's generics without lifetimes; types live as long as the server.
fn handle_generics(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
        .collect();
    for parameter in &mut generics.params {
        if let GenericParam::Type(ty) = parameter {
            ty.bounds.push(parse_quote!('static));
        }
    }
    generics
}

/// The parameters alone, for the handle: its bounds stand on the `impl`.
fn bare(generics: &Generics) -> TokenStream {
    let parameters = generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(ty) => Some(ty.ident.to_token_stream()),
            GenericParam::Const(constant) => {
                let (name, ty) = (&constant.ident, &constant.ty);
                Some(quote!(const #name: #ty))
            }
            GenericParam::Lifetime(_) => None,
        });
    let parameters: Vec<_> = parameters.collect();
    if parameters.is_empty() {
        TokenStream::new()
    } else {
        quote!(<#(#parameters),*>)
    }
}

fn phantom(generics: &Generics) -> TokenStream {
    let types: Vec<&Ident> = generics.type_params().map(|ty| &ty.ident).collect();
    if types.is_empty() {
        return TokenStream::new();
    }
    quote!(__types: ::core::marker::PhantomData<fn() -> (#(#types,)*)>)
}

/// The function, with its type parameters spelled out.
fn callee(function: &Function, generics: &Generics) -> TokenStream {
    let ident = &function.ident;
    let arguments = generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(ty) => Some(&ty.ident),
            GenericParam::Const(constant) => Some(&constant.ident),
            GenericParam::Lifetime(_) => None,
        });
    let arguments: Vec<_> = arguments.collect();
    if arguments.is_empty() {
        quote!(#ident)
    } else {
        quote!(#ident::<#(#arguments),*>)
    }
}
