//! What a server decides once for all its handlers.

/// How arguments are read and errors are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArgumentOptions {
    /// What happens to `"42"` where a number is expected.
    pub coercion: Coercion,
    /// What happens to an argument that the tool does not have.
    pub unknown: UnknownArguments,
    /// Whether the model reads what went wrong inside a handler.
    pub mask_errors: ErrorMask,
}

/// What happens to an argument whose JSON type is another than the schema's, but whose text is not.
///
/// Hosts send `"42"` for 42, `"true"` for true and `"[1,2]"` for `[1,2]`. A value is only looked at
/// a second time after it failed to fit, so nothing that fits is changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Coercion {
    /// The text is read as what the schema asks for, if that is unambiguous.
    #[default]
    Text,
    /// The argument is refused.
    Off,
}

/// What happens to an argument that the tool does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownArguments {
    /// The call is refused, naming the argument and the nearest real one.
    #[default]
    Reject,
    /// The argument is passed over: some hosts send dummies.
    Ignore,
}

/// Whether the errors of handlers reach the model.
///
/// A [`ToolError`](super::ToolError) with a text of its own always does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ErrorMask {
    /// The text of every error is shown.
    #[default]
    Show,
    /// The model reads a general sentence; the details go to the log.
    Hide,
}

/// How schemas are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SchemaOptions {
    /// Where the schemas of nested types stand.
    pub inline: Subschemas,
    /// How a value that may be left out is described.
    pub optional: OptionalForm,
}

/// Where the schemas of nested types stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Subschemas {
    /// In place, which every host understands. Only recursive types refer to `$defs`.
    #[default]
    Inline,
    /// Once in `$defs`, and referred to.
    Referenced,
}

/// How a value that may be left out is described.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OptionalForm {
    /// By not being required; `null` is not mentioned, because hosts stumble over it.
    #[default]
    Absent,
    /// By not being required, and by allowing `null`.
    Nullable,
}
