//! A parameter is an argument or an extractor, which its type decides.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::argument::Argument;
use super::call::Call;
use super::missing::Missing;
use super::text::Text;
use super::tool::Builder;
use super::{FromCall, StateNeed};

/// Marks a parameter that comes from the arguments.
#[derive(Debug)]
pub enum AsArgument {}

/// Marks a parameter that is made from the call.
#[derive(Debug)]
pub enum AsExtractor {}

/// A parameter of a tool. The marker is inferred: it tells the two blanket implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a tool",
    label = "neither an argument nor an extractor",
    note = "an argument implements `Deserialize` and `JsonSchema`: put `#[toolwright::data]` on your own type",
    note = "an extractor implements `FromCall`, such as `Context` and `State<T>`"
)]
pub trait Param<M>: Sized {
    #[doc(hidden)]
    fn declare(builder: &mut Builder, spec: ParamSpec<Self>) -> Slot<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema + Send + 'static> Param<AsArgument> for T {
    fn declare(builder: &mut Builder, spec: ParamSpec<Self>) -> Slot<Self> {
        let optional = spec.default.is_some() || T::deserialize(Missing).is_ok();
        builder.add_argument::<T>(&spec, optional);
        Slot {
            index: builder.last_index(),
            default: spec.default,
            read: read_argument,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromCall + Send + 'static> Param<AsExtractor> for T {
    fn declare(builder: &mut Builder, _: ParamSpec<Self>) -> Slot<Self> {
        builder.add_need(T::needs());
        Slot::extractor()
    }
}

/// A parameter of a prompt or of a resource template, whose arguments are texts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a prompt or a resource",
    label = "neither an argument nor an extractor",
    note = "an argument is read from text: a type that implements `Deserialize`, such as `String`, `u32` or an enum",
    note = "an extractor implements `FromCall`; a resource's other parameters are the variables of its template"
)]
pub trait TextParam<M>: Sized {
    #[doc(hidden)]
    fn declare(list: &mut dyn TextParams, spec: ParamSpec<Self>) -> Slot<Self>;
}

/// Where the parameters of a prompt or of a resource are noted down.
#[doc(hidden)]
pub trait TextParams {
    /// Notes an argument and answers its index.
    fn add_argument(
        &mut self,
        name: &'static str,
        description: Option<&str>,
        required: Required,
    ) -> usize;
    /// Notes what an extractor needs.
    fn add_need(&mut self, need: Option<StateNeed>);
}

/// Whether a call can do without an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// It cannot.
    Yes,
    /// It can.
    No,
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Send + 'static> TextParam<AsArgument> for T {
    fn declare(list: &mut dyn TextParams, spec: ParamSpec<Self>) -> Slot<Self> {
        let optional = spec.default.is_some() || T::deserialize(Missing).is_ok();
        let required = if optional {
            Required::No
        } else {
            Required::Yes
        };
        Slot {
            index: list.add_argument(spec.name, spec.description, required),
            default: spec.default,
            read: read_text,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromCall + Send + 'static> TextParam<AsExtractor> for T {
    fn declare(list: &mut dyn TextParams, _: ParamSpec<Self>) -> Slot<Self> {
        list.add_need(T::needs());
        Slot::extractor()
    }
}

/// What an annotation says about one parameter.
pub struct ParamSpec<T> {
    pub(super) name: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) header: Option<&'static str>,
    pub(super) default: Option<fn() -> T>,
    pub(super) default_json: Option<Value>,
}

impl<T> ParamSpec<T> {
    /// A parameter of this name.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            description: None,
            header: None,
            default: None,
            default_json: None,
        }
    }

    /// What the parameter means.
    #[must_use]
    pub fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// The value of an absent argument, and how the schema says it.
    #[must_use]
    pub fn default_value(mut self, make: fn() -> T, json: Option<Value>) -> Self {
        self.default = Some(make);
        self.default_json = json;
        self
    }
}

/// The same parameter with the `Mcp-Param-…` header that repeats it (HTTP-M-20).
pub fn header<T: HeaderArgument>(mut spec: ParamSpec<T>, header: &'static str) -> ParamSpec<T> {
    spec.header = Some(header);
    spec
}

impl<T> fmt::Debug for ParamSpec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParamSpec")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A type that may travel as a header: its schema is a string, an integer or a boolean (HTTP-M-21).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel as a header",
    label = "not a string, an integer or a boolean",
    note = "a type of yours whose schema is one of these may implement `HeaderArgument` (HTTP-M-21)"
)]
pub trait HeaderArgument {}

macro_rules! header_arguments {
    ($($ty:ty)*) => { $(impl HeaderArgument for $ty {})* };
}

header_arguments!(String bool char i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl<T: HeaderArgument> HeaderArgument for Option<T> {}

/// How one parameter gets its value in a call.
pub struct Slot<T> {
    index: usize,
    default: Option<fn() -> T>,
    read: fn(&Self, &mut Call<'_, '_>) -> Option<T>,
}

impl<T> Slot<T> {
    /// The value, or `None` with the reason noted in the call.
    pub fn take(&self, call: &mut Call<'_, '_>) -> Option<T> {
        (self.read)(self, call)
    }
}

impl<T: FromCall> Slot<T> {
    fn extractor() -> Self {
        Self {
            index: usize::MAX,
            default: None,
            read: |_, call| match T::from_call(call.scope()) {
                Ok(value) => Some(value),
                Err(error) => {
                    call.refuse(error);
                    None
                }
            },
        }
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

fn read_argument<T: DeserializeOwned>(slot: &Slot<T>, call: &mut Call<'_, '_>) -> Option<T> {
    let Some(raw) = call.raw(slot.index) else {
        return absent(slot, call);
    };
    match T::deserialize(Argument(raw)) {
        Ok(value) => Some(value),
        Err(error) => reread(slot, call, &error),
    }
}

/// A second look at an argument that did not fit.
#[cold]
fn reread<T: DeserializeOwned>(
    slot: &Slot<T>,
    call: &mut Call<'_, '_>,
    error: &serde_json::Error,
) -> Option<T> {
    if let (Some(default), true) = (slot.default, call.is_null(slot.index)) {
        return Some(default());
    }
    let coerced = call.coerced(slot.index);
    if let Some(value) = coerced.and_then(|json| T::deserialize(json).ok()) {
        return Some(value);
    }
    call.mismatch(slot.index, error);
    None
}

fn read_text<T: DeserializeOwned>(slot: &Slot<T>, call: &mut Call<'_, '_>) -> Option<T> {
    let Some(text) = call.text(slot.index) else {
        return absent(slot, call);
    };
    let read = text.and_then(|text| {
        { T::deserialize(Text(&text)).map_err(|error| (error, text.into_owned())) }
            .map_err(|(error, text)| (error.to_string(), text))
    });
    match read {
        Ok(value) => Some(value),
        Err((error, got)) => {
            call.unreadable(slot.index, &error, &got);
            None
        }
    }
}

fn absent<T: DeserializeOwned>(slot: &Slot<T>, call: &mut Call<'_, '_>) -> Option<T> {
    if let Some(default) = slot.default {
        return Some(default());
    }
    let value = T::deserialize(Missing).ok();
    if value.is_none() {
        call.missing(slot.index);
    }
    value
}
