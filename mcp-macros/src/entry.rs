//! Renders one annotated function as an expression that makes its entry.
//!
//! Definition and call are written in one body: a parameter's type is named once, so a type that
//! fits nowhere is reported once, on the type itself.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit};

use crate::facade::Facade;
use crate::function::{Function, Kind, Receiver, Run};
use crate::options::Icon;
use crate::param::{Param, local};
use crate::param_attr::DefaultValue;
use crate::template;

/// The block that makes the entry of `function`.
///
/// `callee` is the path of the function; `options` and `this` are the expressions of the schema
/// options and of the shared value (`Arc<Self>`).
pub(crate) fn render(
    facade: &Facade,
    function: &Function,
    callee: &TokenStream,
    options: &TokenStream,
) -> TokenStream {
    let part = facade.part(function.kind.attribute(), Span::call_site());
    let builder = Ident::new("__builder", Span::mixed_site());
    let new = new_builder(function, &part, options);
    let describe = describe(function, facade, &builder);
    let params = function.params.iter().enumerate();
    let declarations =
        params.map(|(index, param)| declare(facade, function, index, param, &builder));
    let finish = finish(facade, function, callee, &builder);
    quote! {{
        #[allow(unused_mut)]
        let mut #builder = #new;
        #describe
        #(#declarations)*
        #finish
    }}
}

fn new_builder(function: &Function, part: &TokenStream, options: &TokenStream) -> TokenStream {
    let name = function.name();
    match (function.kind, &function.options.uri) {
        (Kind::Tool, _) => quote!(#part::Builder::new(#name, #options)),
        (Kind::Prompt, _) => quote!(#part::Builder::new(#name)),
        (Kind::Resource, uri) => quote!(#part::Builder::new(#uri, #name)),
    }
}

/// Everything the annotation says that has no type to check.
fn describe(function: &Function, facade: &Facade, builder: &Ident) -> TokenStream {
    let options = &function.options;
    let texts = [
        ("title", options.title.as_ref().map(syn::LitStr::value)),
        ("description", function.description.clone()),
        ("mime", options.mime.as_ref().map(syn::LitStr::value)),
    ];
    let texts = texts.into_iter().filter_map(|(method, text)| {
        let method = Ident::new(method, Span::call_site());
        text.map(|text| quote!(#builder.#method(#text);))
    });
    let switches = [
        ("read_only", options.read_only),
        ("destructive", options.destructive),
        ("idempotent", options.idempotent),
        ("open_world", options.open_world),
    ];
    let switches = switches.into_iter().filter_map(|(method, on)| {
        let method = Ident::new(method, Span::call_site());
        on.map(|on| quote!(#builder.#method(#on);))
    });
    let size = options.size.map(|size| quote!(#builder.size(#size);));
    let scopes = options.scopes.as_ref();
    let scopes = scopes.map(|scopes| quote!(#builder.scopes(&[#(#scopes),*]);));
    let icons = options.icons.iter().map(|icon| render_icon(icon, builder));
    let path = facade.path();
    let meta = options
        .meta
        .iter()
        .map(|(key, value)| quote!(#builder.meta(#key, #path::__private::json!(#value));));
    quote!(#(#texts)* #(#switches)* #size #scopes #(#icons)* #(#meta)*)
}

fn render_icon(icon: &Icon, builder: &Ident) -> TokenStream {
    let src = &icon.src;
    let option = |text: &Option<syn::LitStr>| match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    };
    let (mime, sizes) = (option(&icon.mime), option(&icon.sizes));
    quote!(#builder.icon(#src, #mime, #sizes);)
}

/// `let __slot0 = tool::param::<Type, _>(&mut builder, spec);`, spelled at the type.
fn declare(
    facade: &Facade,
    function: &Function,
    index: usize,
    param: &Param,
    builder: &Ident,
) -> TokenStream {
    let kind = function.kind;
    let part = facade.part(kind.attribute(), param.span);
    let (ty, slot) = (&param.ty, local("slot", index));
    let marker = match &param.name {
        None => quote_spanned!(param.span=> #part::AsExtractor),
        Some((name, _)) if kind == Kind::Resource && template::is_variable(function, name) => {
            quote_spanned!(param.span=> #part::AsArgument)
        }
        Some(_) if kind == Kind::Resource => quote_spanned!(param.span=> #part::AsExtractor),
        Some(_) if param.is_surely_argument() => quote_spanned!(param.span=> #part::AsArgument),
        Some(_) => quote_spanned!(param.span=> _),
    };
    let name = param.name.as_ref().map_or("", |(name, _)| name);
    let mut spec = quote_spanned!(param.span=> #part::ParamSpec::<#ty>::new(#name));
    if let Some(description) = &param.description {
        spec.extend(quote!(.description(#description)));
    }
    if let Some(default) = &param.options.default {
        let (make, json) = render_default(facade, default, ty);
        spec.extend(quote!(.default_value(#make, #json)));
    }
    if let Some(header) = &param.options.header {
        spec = quote_spanned!(param.span=> #part::header::<#ty>(#spec, #header));
    }
    let complete = param.options.complete.as_ref().map(|path| {
        let part = facade.part(kind.attribute(), path.span());
        quote_spanned!(path.span()=> #part::complete(&mut #builder, #name, #path);)
    });
    quote_spanned! {param.span=>
        let #slot = #part::param::<#ty, #marker>(&mut #builder, #spec);
        #complete
    }
}

/// A function that makes the default, and the default as JSON if its type can say it.
fn render_default(
    facade: &Facade,
    default: &DefaultValue,
    ty: &TokenStream,
) -> (TokenStream, TokenStream) {
    let value = match default {
        DefaultValue::OfType => quote!(::core::default::Default::default()),
        DefaultValue::Is(expr) => match &**expr {
            // A text literal stands for any type that is made from one, `String` above all.
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => {
                quote_spanned!(text.span()=> ::core::convert::Into::into(#text))
            }
            other => quote_spanned!(other.span()=> #other),
        },
    };
    let path = facade.path();
    let make = quote!((|| -> #ty { #value }) as fn() -> #ty);
    let json = quote! {{
        #[allow(unused_imports)]
        use #path::__private::{DefaultAsJson as _, DefaultUnknown as _};
        (&#path::__private::DefaultProbe(#make)).json()
    }};
    (make, json)
}

/// The call itself: take every value, and if all are there, run the function.
fn finish(
    facade: &Facade,
    function: &Function,
    callee: &TokenStream,
    builder: &Ident,
) -> TokenStream {
    let call = Ident::new("__call", Span::mixed_site());
    let outcome = Ident::new("__output", Span::mixed_site());
    let slots = (0..function.params.len()).map(|index| local("slot", index));
    let values: Vec<Ident> = (0..function.params.len())
        .map(|index| local("value", index))
        .collect();
    let (clone_this, run) = run(function, callee, &values);
    let part = facade.part(function.kind.attribute(), function.output_span);
    let (output, count) = (&function.output, function.params.len());
    let declare = quote_spanned! {function.output_span=>
        let #outcome = #part::output::<#output>(&mut #builder);
    };
    // Spelled at the name: a future that cannot move between threads is reported there.
    let name_span = function.ident.span();
    let part = facade.part(function.kind.attribute(), name_span);
    let finish = match function.run {
        Run::Inline => quote_spanned!(name_span=> #part::finish::<_, #count, _>),
        Run::Async => quote_spanned!(name_span=> #part::finish_async::<_, #count, _, _>),
        Run::Blocking => quote_spanned!(name_span=> #part::finish_blocking::<_, #count, _, _>),
    };
    let call = quote_spanned! {name_span=>
        #finish(#builder, #outcome, move |#call| {
            #(let #values = #slots.take(#call);)*
            let (true, #(::core::option::Option::Some(#values),)*) = (#call.is_sound(), #(#values,)*) else {
                return ::core::option::Option::None;
            };
            #clone_this
            ::core::option::Option::Some(#run)
        })
    };
    quote!(#declare #call)
}

/// The function's call as it is run, and what must come before it: another handle of the shared
/// value, where the call outlives or consumes it.
fn run(function: &Function, callee: &TokenStream, values: &[Ident]) -> (TokenStream, TokenStream) {
    let this = Ident::new("__this", Span::mixed_site());
    let receiver = match function.receiver {
        Receiver::None => quote!(),
        Receiver::Reference => quote!(&*#this,),
        Receiver::Shared => quote!(#this,),
        Receiver::SharedReference => quote!(&#this,),
    };
    let clone_this = match (function.receiver, function.run) {
        (Receiver::None, _) | (Receiver::Reference | Receiver::SharedReference, Run::Inline) => {
            quote!()
        }
        _ => quote!(let #this = ::std::sync::Arc::clone(&#this);),
    };
    let arguments = function.params.iter().zip(values).map(|(param, value)| {
        let reference = param.borrowed.then(|| quote_spanned!(param.span=> &));
        quote_spanned!(param.span=> #reference #value)
    });
    let span = function.ident.span();
    let call = quote_spanned!(span=> #callee(#receiver #(#arguments),*));
    let run = match function.run {
        Run::Inline => call,
        Run::Async => quote_spanned!(span=> async move { #call.await }),
        // A closure that only calls a function is one that clippy would have its author remove.
        Run::Blocking if values.is_empty() && function.receiver == Receiver::None => {
            quote_spanned!(span=> #callee)
        }
        Run::Blocking => quote_spanned!(span=> move || #call),
    };
    (clone_this, run)
}
