//! The published schemas, as the judge of what is a message. Without `MCP_SPEC_DIR` there is none.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

/// The definitions of the schema of 2026-07-28 that are asked about.
pub struct Oracle(HashMap<&'static str, Validator>);

impl Oracle {
    /// The judge of these definitions, made once; `None` without the schemas.
    ///
    /// # Panics
    ///
    /// When `MCP_SPEC_DIR` names a folder without them.
    pub fn of(names: &[&'static str]) -> Option<&'static Self> {
        static ORACLE: OnceLock<Option<Oracle>> = OnceLock::new();
        ORACLE.get_or_init(|| Self::read(names)).as_ref()
    }

    fn read(names: &[&'static str]) -> Option<Self> {
        let Some(folder) = std::env::var_os("MCP_SPEC_DIR") else {
            eprintln!("MCP_SPEC_DIR is not set: nothing is held against the published schemas");
            return None;
        };
        let file = Path::new(&folder).join("schema/2026-07-28.json");
        let text = std::fs::read_to_string(&file).expect("the folder holds the schemas");
        let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
        let validator = |name: &&'static str| {
            let mut schema = schema.clone();
            schema["$ref"] = json!(format!("#/$defs/{name}"));
            let validator = jsonschema::validator_for(&schema);
            (*name, validator.expect("the schema defines it"))
        };
        Some(Self(names.iter().map(validator).collect()))
    }

    /// Whether `value` is a `name`.
    pub fn allows(&self, name: &str, value: &Value) -> bool {
        self.0[name].is_valid(value)
    }

    /// What keeps `value` from being a `name`.
    pub fn objection(&self, name: &str, value: &Value) -> Option<String> {
        let mut errors = self.0[name].iter_errors(value);
        errors
            .next()
            .map(|error| format!("{}: {error}", error.instance_path()))
    }
}
