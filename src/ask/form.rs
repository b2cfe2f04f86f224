//! Types that a user can fill in by a form.

use std::collections::{BTreeSet, HashSet};

use mcp_core::model::FormSchema;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;

use super::form_schema::{convert, field_names};

/// What a user can fill in: a struct whose fields are simple, as `#[form]` makes it (ELI-A-02).
///
/// The form's fields stand in the order of the struct's, with their doc comments as descriptions;
/// serde's and schemars' attributes say the rest: names, defaults, bounds, formats, titles.
///
/// ```
/// use toolwright::prelude::*;
///
/// #[form]
/// struct Guest {
///     /// As in the passport.
///     #[schemars(length(min = 1))]
///     name: String,
///     #[schemars(extend("format" = "email"))]
///     email: Option<String>,
///     #[serde(default = "two")]
///     nights: u32,
///     room: Room,
///     extras: Vec<Extra>,
/// }
///
/// fn two() -> u32 {
///     2
/// }
///
/// /// One of several texts; doc comments are what the user sees.
/// #[form]
/// enum Room {
///     /// A bed for one
///     Single,
///     /// A bed for two
///     Double,
/// }
///
/// #[form]
/// #[serde(rename_all = "lowercase")]
/// enum Extra {
///     Breakfast,
///     Parking,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a form",
    label = "nobody can fill this in",
    note = "put `#[form]` on a struct of texts, numbers, booleans, enums and lists of enums"
)]
pub trait Form: DeserializeOwned + JsonSchema {}

/// What one field of a form can hold. A type of yours whose schema is that of a text, a number or
/// a boolean may implement it; `#[form]` does so for enums and newtypes.
#[diagnostic::on_unimplemented(
    message = "a form has no field for `{Self}`",
    label = "forms carry texts, numbers, booleans, enums and lists of enums",
    note = "put `#[form]` on an enum without data, or take a field of a simple type"
)]
pub trait FormField {}

/// What a field selects one or several of: an enum without data, as `#[form]` makes it.
#[diagnostic::on_unimplemented(
    message = "a form has no field for several `{Self}`",
    label = "a list in a form holds values to select from",
    note = "put `#[form]` on an enum without data"
)]
pub trait FormChoice: FormField {}

macro_rules! fields {
    ($($ty:ty)*) => {
        $(impl FormField for $ty {})*
    };
}

fields!(String char bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);

impl<T: FormField> FormField for Option<T> {}
impl<T: FormField> FormField for Box<T> {}
impl<T: FormChoice> FormField for Vec<T> {}
impl<T: FormChoice> FormField for BTreeSet<T> {}
impl<T: FormChoice, S> FormField for HashSet<T, S> {}

/// What no form of the protocol can carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", field.as_ref().map(|name| format!("the field `{name}` ")).unwrap_or_default())]
pub struct FormError {
    /// The field, when it is one.
    pub field: Option<String>,
    /// What is in the way.
    pub reason: String,
}

/// The schema of a form (ELI-A-02), for asking by hand.
///
/// # Errors
/// [`FormError`]: a field that no form can carry.
pub fn form_schema<T: Form>() -> Result<FormSchema, FormError> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = true;
    });
    let generator = settings.for_deserialize().into_generator();
    let schema = generator.into_root_schema_for::<T>().to_value();
    convert(schema, field_names::<T>())
}
