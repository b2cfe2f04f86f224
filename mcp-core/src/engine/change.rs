//! What of a server can change while it runs.

use std::collections::{BTreeSet, VecDeque};

/// A change that peers may have asked to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The list of resources or templates.
    Resources,
    /// The content of one resource.
    Resource(String),
}

impl Change {
    /// What changed, in a word that can be sent elsewhere: `tools`, `prompts`, `resources` or
    /// `resource`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Resource(_) => "resource",
        }
    }

    /// Which resource changed, when it is one resource.
    pub fn uri(&self) -> Option<&str> {
        match self {
            Self::Resource(uri) => Some(uri),
            Self::Tools | Self::Prompts | Self::Resources => None,
        }
    }

    /// The change of this kind, as another process said it; `None` for a kind that this version
    /// does not know.
    pub fn from_parts(kind: &str, uri: Option<&str>) -> Option<Self> {
        match (kind, uri) {
            ("tools", _) => Some(Self::Tools),
            ("prompts", _) => Some(Self::Prompts),
            ("resources", _) => Some(Self::Resources),
            ("resource", Some(uri)) => Some(Self::Resource(uri.to_owned())),
            _ => None,
        }
    }
}

/// Changes not yet announced. A list changes once, however often it was touched.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The list of tools changed.
    pub tools: bool,
    /// The list of prompts changed.
    pub prompts: bool,
    /// The list of resources or templates changed.
    pub resources: bool,
    /// The resources whose content changed.
    pub updated: BTreeSet<String>,
    /// What users of this connection have done at URLs since (ELI-L-06).
    pub elicited: Elicited,
}

/// The names of elicitations that are done and that nobody was told of, oldest first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Elicited {
    ids: VecDeque<String>,
    /// The most of them; the oldest give way.
    most: usize,
}

impl Elicited {
    /// The names.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    pub(super) fn extend(&mut self, ids: impl IntoIterator<Item = String>, most: usize) {
        self.most = self.most.max(most);
        for id in ids {
            if !self.ids.contains(&id) {
                self.ids.push_back(id);
            }
        }
        let over = self.ids.len().saturating_sub(self.most);
        self.ids.drain(..over);
    }
}

impl Changes {
    /// Adds what changed later.
    pub fn merge(&mut self, later: Self) {
        self.tools |= later.tools;
        self.prompts |= later.prompts;
        self.resources |= later.resources;
        self.updated.extend(later.updated);
        let Elicited { ids, most } = later.elicited;
        self.elicited.extend(ids, most);
    }

    pub(super) fn add(&mut self, change: Change) {
        match change {
            Change::Tools => self.tools = true,
            Change::Prompts => self.prompts = true,
            Change::Resources => self.resources = true,
            Change::Resource(uri) => drop(self.updated.insert(uri)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_survives_its_way_through_another_process() {
        let resource = Change::Resource("notes://today".to_owned());
        for change in [Change::Tools, Change::Prompts, Change::Resources, resource] {
            let arrived = Change::from_parts(change.kind(), change.uri());
            assert_eq!(arrived, Some(change));
        }
        assert_eq!(Change::from_parts("resource", None), None);
        assert_eq!(Change::from_parts("later", Some("x")), None);
    }

    #[test]
    fn what_changed_later_is_added_to_what_changed_before() {
        let of = |changes: [Change; 2], elicited: [&str; 2]| {
            let mut all = Changes::default();
            changes.into_iter().for_each(|change| all.add(change));
            all.elicited.extend(elicited.map(str::to_owned), 3);
            all
        };
        let resource = |uri: &str| Change::Resource(uri.to_owned());
        let mut all = of([Change::Tools, resource("a:1")], ["first", "second"]);
        all.merge(of([Change::Prompts, resource("a:2")], ["second", "third"]));
        assert_eq!((all.tools, all.prompts, all.resources), (true, true, false));
        assert_eq!(all.updated, ["a:1", "a:2"].map(str::to_owned).into());
        let told: Vec<_> = all.elicited.ids().collect();
        assert_eq!(told, ["first", "second", "third"], "none is told twice");

        all.merge(of([Change::Resources, Change::Tools], ["fourth", "fifth"]));
        assert!(all.resources);
        let told: Vec<_> = all.elicited.ids().collect();
        assert_eq!(told, ["third", "fourth", "fifth"], "the oldest give way");
    }
}
