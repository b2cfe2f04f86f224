//! Finding the server's era: the probe, the handshake, and the choice between them.

use std::time::Instant;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{CallError, ClientEngine, ClientEvent, Peer, Phase, RequestOptions, Wait};
use crate::engine::Outbound;
use crate::jsonrpc::{ErrorObject, encode};
use crate::lifecycle::{Event, transition};
use crate::model::{DiscoverResult, InitializeParams, InitializeResult, Lower};
use crate::{Era, ProtocolVersion, Revision};

impl ClientEngine {
    pub(super) fn discover(&mut self, now: Instant, revision: Revision) {
        self.phase = Phase::Probing(revision);
        let options = RequestOptions {
            wait: Wait::For(self.config.probe_timeout),
            ..RequestOptions::default()
        };
        let probe = self.send(now, revision, "server/discover", Map::new(), &options);
        self.connecting = Some(probe);
    }

    /// VER-D-10: a result or a modern error means a modern server; anything else the handshake.
    pub(super) fn discovered(
        &mut self,
        now: Instant,
        asked: Revision,
        outcome: Result<&RawValue, CallError>,
    ) {
        let result = match outcome {
            Ok(raw) => serde_json::from_str::<DiscoverResult>(raw.get()).ok(),
            Err(CallError::Server(error)) if error.code.is_modern() => {
                let versions = supported_versions(&error);
                return self.choose(now, asked, &versions, CallError::Server(error));
            }
            Err(error) if self.config.pinned.is_some() => return self.fail(error),
            Err(_) => None,
        };
        let Some(result) = result else {
            if self.config.pinned.is_some() {
                return self.fail(CallError::Protocol(
                    "not a result of server/discover".into(),
                ));
            }
            return self.initialize(now, Revision::NEWEST_LEGACY);
        };
        let served = |v: &ProtocolVersion| v.revision() == Some(asked);
        if !result.supported_versions.iter().any(served) {
            let versions = result.supported_versions.clone();
            let error = CallError::Protocol(format!("the server does not serve {asked}"));
            return self.choose(now, asked, &versions, error);
        }
        self.phase = Phase::Open(asked);
        self.events.push_back(ClientEvent::Connected(Box::new(Peer {
            revision: asked,
            info: result.server_info(),
            capabilities: result.capabilities,
            instructions: result.instructions,
        })));
    }

    /// Goes on with the newest revision of `versions` that both sides have (VER-M-02, VER-D-14).
    /// That may be the one that was asked for, once.
    pub(super) fn choose(
        &mut self,
        now: Instant,
        asked: Revision,
        versions: &[ProtocolVersion],
        error: CallError,
    ) {
        let usable = |revision: &Revision| {
            let is_new = *revision != asked || !self.retried;
            is_new && self.config.pinned.is_none_or(|pinned| pinned == *revision)
        };
        let best = versions.iter().filter_map(ProtocolVersion::revision);
        match best.filter(usable).max() {
            Some(revision) if revision.era() == Era::Legacy => self.initialize(now, revision),
            Some(revision) => {
                self.retried |= revision == asked;
                self.discover(now, revision);
            }
            None => self.fail(error),
        }
    }

    pub(super) fn initialize(&mut self, now: Instant, revision: Revision) {
        self.phase = Phase::Handshake(revision);
        let mut params = InitializeParams::new(
            revision.into(),
            self.config.capabilities.clone(),
            self.config.info.clone(),
        );
        params.lower(revision);
        let params = match json!(params) {
            Value::Object(params) => params,
            _ => Map::new(),
        };
        let options = RequestOptions::default();
        let handshake = self.send(now, revision, "initialize", params, &options);
        self.connecting = Some(handshake);
    }

    /// LIFE-L-03 and LIFE-L-04. A refusal that names the versions the server has, be it one that
    /// was slow to answer the probe (VER-D-13), leads to a second choice, once.
    pub(super) fn initialized(
        &mut self,
        now: Instant,
        asked: Revision,
        outcome: Result<&RawValue, CallError>,
    ) {
        let raw = match outcome {
            Ok(raw) => raw,
            Err(CallError::Server(error)) if !self.retried => {
                self.retried = true;
                let versions = supported_versions(&error);
                return self.choose(now, asked, &versions, CallError::Server(error));
            }
            Err(error) => return self.fail(error),
        };
        let result: InitializeResult = match serde_json::from_str(raw.get()) {
            Ok(result) => result,
            Err(error) => return self.fail(CallError::Protocol(error.to_string())),
        };
        let legacy = |revision: &Revision| revision.era() == Era::Legacy;
        let Some(revision) = result.protocol_version.revision().filter(legacy) else {
            return self.fail(CallError::Protocol(format!(
                "the server chose the version {}, which has no handshake here",
                result.protocol_version
            )));
        };
        if let Some(pinned) = self.config.pinned.filter(|pinned| *pinned != revision) {
            return self.fail(CallError::Protocol(format!(
                "the server chose the version {revision}, but only {pinned} is wanted"
            )));
        }
        for event in [Event::Initialize, Event::Initialized] {
            if let Ok(next) = transition(self.state, event) {
                self.state = next;
            }
        }
        self.phase = Phase::Open(revision);
        self.outbox.push(Outbound::Initialized, |buffer| {
            encode::notification::<()>(buffer, "notifications/initialized", None);
        });
        if let Some(level) = self.config.log_level
            && result.capabilities.logging.is_some()
        {
            // Nobody waits for the answer: a server that refuses logs as it likes (LOG-L-03).
            let mut params = Map::new();
            params.insert("level".to_owned(), json!(level));
            let options = RequestOptions::default();
            self.send(now, revision, "logging/setLevel", params, &options);
        }
        self.events.push_back(ClientEvent::Connected(Box::new(Peer {
            revision,
            info: Some(result.server_info.with_safe_icons()),
            capabilities: result.capabilities,
            instructions: result.instructions,
        })));
    }

    pub(super) fn fail(&mut self, error: CallError) {
        self.connecting = None;
        self.phase = Phase::Closed;
        self.events.push_back(ClientEvent::Failed(error));
    }
}

/// `data.supported` of -32022 (VER-M-01), or of the error that refuses a handshake (LIFE-L-03).
pub(super) fn supported_versions(error: &ErrorObject) -> Vec<ProtocolVersion> {
    let supported = error.data.as_ref().and_then(|data| data.get("supported"));
    supported
        .and_then(|versions| serde_json::from_value(versions.clone()).ok())
        .unwrap_or_default()
}
