//! The transition table.

use crate::jsonrpc::ErrorObject;

/// Where a connection stands. The same four states serve both roles: what one side sends, the
/// other side receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// No `initialize` was answered yet. Where a connection that only ever carries modern
    /// requests stays.
    Uninitialized,
    /// `initialize` was answered; `notifications/initialized` has not come.
    Initializing,
    /// The handshake is over.
    Ready,
    /// The connection has ended.
    Closed,
}

impl State {
    /// Every state, in the order of a connection's life.
    pub const ALL: [Self; 4] = [
        Self::Uninitialized,
        Self::Initializing,
        Self::Ready,
        Self::Closed,
    ];
}

/// What happens on a connection, as far as the lifecycle cares. "Client" and "server" name the
/// sender, whichever side is looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The client's `initialize`, answered with a result.
    Initialize,
    /// The client's `notifications/initialized`.
    Initialized,
    /// `ping`, from either side.
    Ping,
    /// Any other legacy request of the client.
    ClientRequest,
    /// Any other legacy notification of the client.
    ClientNotification,
    /// A legacy request of the server (sampling, elicitation, roots).
    ServerRequest,
    /// A request that carries its own version in `_meta` (VER-D-01).
    ModernRequest,
    /// A batch of messages (2025-03-26).
    Batch,
    /// The transport closed (LIFE-L-10).
    Close,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 9] = [
        Self::Initialize,
        Self::Initialized,
        Self::Ping,
        Self::ClientRequest,
        Self::ClientNotification,
        Self::ServerRequest,
        Self::ModernRequest,
        Self::Batch,
        Self::Close,
    ];
}

/// Why an event is not allowed in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Violation {
    /// `initialize` came a second time (fault 37). The state stays what it was.
    AlreadyInitialized,
    /// A request came before `initialize`, without the `_meta` of a modern one (AMB-08).
    NotInitialized,
    /// Something came too early. A notification is then ignored, for it is never answered.
    Early,
    /// The connection has ended.
    Closed,
}

impl Violation {
    /// The error a request is answered with.
    pub fn error(self) -> ErrorObject {
        match self {
            Self::AlreadyInitialized => ErrorObject::invalid_request(
                "Invalid request: this connection is already initialized; `initialize` is sent once",
            ),
            Self::NotInitialized => ErrorObject::invalid_params(
                "Invalid params: send `initialize` first (2024-11-05 to 2025-11-25), or name the \
                 version in each request: `params._meta` with \
                 `io.modelcontextprotocol/protocolVersion` and \
                 `io.modelcontextprotocol/clientCapabilities` (2026-07-28)",
            ),
            Self::Early => ErrorObject::invalid_request(
                "Invalid request: not allowed before the handshake is over",
            ),
            Self::Closed => ErrorObject::invalid_request("The connection has ended"),
        }
    }
}

/// The next state, or why `event` is not allowed in `state`.
///
/// Two rows are more patient than the letter of LIFE-L-05: requests are served between
/// `initialize` and `notifications/initialized`, because clients that skip the notification exist
/// and lose nothing by it; and a repeated `notifications/initialized` is accepted.
///
/// # Errors
/// A [`Violation`]; the state is then unchanged.
pub fn transition(state: State, event: Event) -> Result<State, Violation> {
    use State::{Closed, Initializing, Ready, Uninitialized};
    match (state, event) {
        (_, Event::Close) => Ok(Closed),
        (Closed, _) => Err(Violation::Closed),
        // Modern requests and pings never touch the handshake (VER-D-01, LIFE-L-08).
        (state, Event::ModernRequest | Event::Ping) => Ok(state),

        (Uninitialized, Event::Initialize) => Ok(Initializing),
        (Uninitialized, Event::ClientRequest) => Err(Violation::NotInitialized),
        (
            Uninitialized,
            Event::Initialized | Event::ClientNotification | Event::ServerRequest | Event::Batch,
        ) => Err(Violation::Early),

        (Initializing | Ready, Event::Initialize) => Err(Violation::AlreadyInitialized),
        (Initializing | Ready, Event::Initialized) => Ok(Ready),
        (Initializing, Event::ServerRequest) => Err(Violation::Early),
        (
            state @ (Initializing | Ready),
            Event::ClientRequest | Event::ClientNotification | Event::Batch,
        )
        | (state @ Ready, Event::ServerRequest) => Ok(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake_leads_to_ready() {
        let mut state = State::Uninitialized;
        for event in [
            Event::Ping,
            Event::Initialize,
            Event::Initialized,
            Event::ClientRequest,
        ] {
            state = transition(state, event).unwrap();
        }
        assert_eq!(state, State::Ready);
        assert_eq!(transition(state, Event::Close), Ok(State::Closed));
    }

    #[test]
    fn modern_requests_leave_every_open_state_alone() {
        for state in [State::Uninitialized, State::Initializing, State::Ready] {
            assert_eq!(transition(state, Event::ModernRequest), Ok(state));
        }
    }

    #[test]
    fn nothing_leaves_closed() {
        for event in Event::ALL {
            let expected = if event == Event::Close {
                Ok(State::Closed)
            } else {
                Err(Violation::Closed)
            };
            assert_eq!(transition(State::Closed, event), expected, "{event:?}");
        }
    }
}
