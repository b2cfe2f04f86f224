//! The specification's schemas as the judge of what is written.

use std::fmt::Debug;
use std::path::Path;

use mcp_core::Revision;
use mcp_core::model::Lower;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{common, rich};

/// The schema of one revision.
pub(crate) struct Schema(Value);

impl Schema {
    /// The schema of `revision` below the specification's folder.
    pub(crate) fn read(spec: &Path, revision: Revision) -> Self {
        let file = spec.join("schema").join(format!("{revision}.json"));
        Self(common::read_json(&file))
    }

    /// Where `name` stands: a definition, or the `params` of one for the revisions that have no
    /// definition of their own for parameters.
    fn pointer(&self, name: &str) -> Option<String> {
        let root = ["$defs", "definitions"]
            .into_iter()
            .find(|root| self.0.get(root).is_some())?;
        let request = name.strip_suffix("Params").unwrap_or(name);
        let own = format!("/{root}/{name}");
        let inner = format!("/{root}/{request}/properties/params");
        [own, inner]
            .into_iter()
            .find(|pointer| self.0.pointer(pointer).is_some())
    }

    /// What is wrong with `written` as a `name`; `None` where the revision has no such name.
    pub(crate) fn errors(&self, name: &str, written: &Value) -> Option<Vec<String>> {
        let pointer = self.pointer(name)?;
        let mut schema = self.0.clone();
        schema["$ref"] = json!(format!("#{pointer}"));
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let errors = validator.iter_errors(written);
        let show =
            |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
        Some(errors.map(show).collect())
    }
}

/// Reads `json` as a `T`, lowers it to each revision, validates what is written as a `name`, and
/// hands it to `also`. Without the specification's folder the validation is left out.
pub(crate) fn each<T>(name: &str, json: Value, mut also: impl FnMut(Revision, &Value))
where
    T: DeserializeOwned + Lower + Serialize + Clone + PartialEq + Debug,
{
    let spec = common::spec_dir();
    let value: T = rich::read(json);
    let mut validated = 0;
    for revision in Revision::ALL {
        let mut lowered = value.clone();
        lowered.lower(revision);
        let written = serde_json::to_value(&lowered).expect("a model value serialises");
        let errors = spec
            .as_ref()
            .and_then(|spec| Schema::read(spec, revision).errors(name, &written));
        if let Some(errors) = errors {
            validated += 1;
            assert!(
                errors.is_empty(),
                "{name} for {revision}: {errors:#?}\n{written:#}"
            );
        }
        also(revision, &written);
        let once = lowered.clone();
        lowered.lower(revision);
        assert_eq!(lowered, once, "lowering {name} twice is lowering it once");
    }
    assert!(spec.is_none() || validated > 0, "no schema knows {name}");
}

/// Whether `value` has a member of this name, at any depth.
pub(crate) fn has(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(name) || members.values().any(|member| has(member, name))
        }
        Value::Array(items) => items.iter().any(|item| has(item, name)),
        _ => false,
    }
}

/// Each of `names` stands in what is written from `first` on, and not before.
#[track_caller]
pub(crate) fn since(first: Revision, revision: Revision, written: &Value, names: &[&str]) {
    for name in names {
        let known = revision >= first;
        assert_eq!(
            has(written, name),
            known,
            "{name} for {revision}: {written:#}"
        );
    }
}
