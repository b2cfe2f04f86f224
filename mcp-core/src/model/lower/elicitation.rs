//! Questions to the user.

use super::{Lower, lower_meta};
use crate::model::{
    ElicitParams, FieldSchema, FormSchema, InputRequest, InputRequired, SelectField,
};
use crate::{Feature, Revision};

impl Lower for ElicitParams {
    /// A URL, and a field that takes several values, have no older form: who asks looks at
    /// [`FormSchema::unknown_field`] and at the client's capabilities first.
    fn lower(&mut self, revision: Revision) {
        let has_tasks = revision.has(Feature::CoreTasks);
        match self {
            Self::Form(form) => {
                if !has_tasks {
                    form.task = None;
                }
                if !revision.has(Feature::Icons) {
                    form.mode = None;
                }
                form.requested_schema.lower(revision);
                lower_meta(&mut form.meta, revision);
            }
            Self::Url(url) => {
                if !has_tasks {
                    url.task = None;
                }
                if !revision.has(Feature::ElicitationIds) {
                    url.elicitation_id = None;
                }
                lower_meta(&mut url.meta, revision);
            }
        }
    }
}

impl Lower for FormSchema {
    fn lower(&mut self, revision: Revision) {
        if revision.has(Feature::Icons) {
            return;
        }
        self.dialect = None;
        for (_, field) in &mut self.properties.0 {
            match field {
                FieldSchema::Text(text) => text.default = None,
                FieldSchema::Number(number) | FieldSchema::Integer(number) => {
                    number.default = None;
                }
                FieldSchema::Select(select) => select.lower_titles(),
                FieldSchema::Boolean(_) | FieldSchema::MultiSelect(_) | FieldSchema::Other(_) => {}
            }
        }
    }
}

/// Exists in the modern era alone; only what it asks can say too much.
impl Lower for InputRequired {
    fn lower(&mut self, revision: Revision) {
        let requests = self.input_requests.iter_mut().flatten();
        requests.for_each(|(_, request)| request.lower(revision));
    }
}

impl Lower for InputRequest {
    fn lower(&mut self, revision: Revision) {
        match self {
            Self::Elicit(params) => params.lower(revision),
            Self::CreateMessage(params) => params.lower(revision),
            Self::ListRoots(_) | Self::Other { .. } => {}
        }
    }
}

impl SelectField {
    /// 2025-06-18 writes titles in a list beside the values.
    fn lower_titles(&mut self) {
        self.default = None;
        if let Some(options) = self.one_of.take() {
            let (values, titles) = options.into_iter().map(|o| (o.value, o.title)).unzip();
            self.values = Some(values);
            self.enum_names = Some(titles);
        }
    }
}

impl FormSchema {
    /// The first field that `revision` has no form for, if there is one: a selection of several
    /// values before 2025-11-25.
    pub fn unknown_field(&self, revision: Revision) -> Option<&str> {
        if revision.has(Feature::Icons) {
            return None;
        }
        self.properties.0.iter().find_map(|(name, field)| {
            matches!(field, FieldSchema::MultiSelect(_)).then_some(name.as_str())
        })
    }
}
