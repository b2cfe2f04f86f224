//! Every bound of the library in one place. All fields are finite by default, and an error that
//! enforces one names the field.

use std::time::Duration;

/// Bounds on what a peer may make this process hold or do.
///
/// Every field is finite by default. An error raised by a limit names the field, so that an
/// operator knows what to change.
///
/// ```
/// use mcp_core::Limits;
///
/// let limits = Limits { stdio_line: 64 * 1024 * 1024, ..Limits::default() };
/// assert_eq!(limits.batch, 100);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest message on a line-framed connection, in bytes without its newline. 10 MiB.
    pub stdio_line: usize,
    /// Largest HTTP request body, in bytes. 4 MiB.
    pub body: usize,
    /// Most HTTP connections at once; others wait to be accepted. 16,384.
    pub connections: usize,
    /// Most legacy HTTP sessions at once; beyond it, a new one is refused with 503. 10,000.
    pub sessions: usize,
    /// Most legacy HTTP sessions of one peer at once, so that none can take them all; beyond it, a
    /// new one is refused with 429. A peer is a principal, or an address from which nobody says
    /// who they are. 1000.
    pub peer_sessions: usize,
    /// How long a legacy HTTP session lives in which nothing happens. 30 minutes.
    pub session_idle: Duration,
    /// Longest token that a request may present, in bytes. 16 KiB.
    pub credentials: usize,
    /// Most tokens of which is remembered what they are worth. 10,000.
    pub tokens: usize,
    /// Most proofs of possession (DPoP) that are remembered so that none counts twice; beyond it,
    /// more are refused with 429. 200,000.
    pub dpop_proofs: usize,
    /// Most tokens that an authorization server is asked about at once; beyond it, 503. 64.
    pub introspections: usize,
    /// Largest document that is fetched for authorization, in bytes. 256 KiB.
    pub auth_document: usize,
    /// How long fetching one may take. 10 seconds.
    pub auth_timeout: Duration,
    /// How long the head of an HTTP request may take, and a connection may idle before it. 30
    /// seconds.
    pub head_timeout: Duration,
    /// How long the body of an HTTP request may take. 30 seconds.
    pub body_timeout: Duration,
    /// How long the other end of an HTTP connection may read nothing while there is something to
    /// read. 30 seconds.
    pub write_timeout: Duration,
    /// Largest server-sent event, in bytes. 16 MiB.
    pub sse_event: usize,
    /// Most messages in one batch (2025-03-26). 100.
    pub batch: usize,
    /// Most requests of one peer that are unanswered at once; one more is refused. 1024.
    pub in_flight: usize,
    /// Most handlers of one connection that run at once; others wait. 256.
    pub concurrency: usize,
    /// Most bytes of answers that wait for a slow reader before new requests wait too. 16 MiB.
    pub output_backlog: usize,
    /// Most notifications of one request (log messages) that wait to be sent; beyond it the
    /// oldest are dropped. Progress needs no queue: only the latest counts. 64.
    pub queue: usize,
    /// Most resource URIs one peer may be subscribed to. 1024.
    pub subscriptions: usize,
    /// Longest a handler may run before its request is answered with an error. 10 minutes.
    pub call_timeout: Duration,
    /// How long the client of a session may take to answer what a handler asks: a person may have to
    /// think, or to find something. 10 minutes. A call that still waits for such an answer when its
    /// `call_timeout` is over gets the same time again.
    pub ask_timeout: Duration,
    /// How long a cancelled handler that watches for cancellation may go on. 1 second.
    pub cancel_grace: Duration,
    /// How long a step that runs may go on after its request is over. 30 seconds.
    pub step_grace: Duration,
    /// Most bytes of steps and answers recorded of one call that asks. 256 KiB.
    pub journal: usize,
    /// Most calls that ask whose journals wait in the process for their client, where they do not
    /// travel with it; beyond it, the oldest are forgotten. 1024.
    pub held_journals: usize,
    /// Most bytes of them all; beyond it, the oldest are forgotten. 16 MiB.
    pub held_journal_bytes: usize,
    /// How long calls in flight may finish after the peer closed its side. 5 seconds.
    pub drain: Duration,
    /// How long they may finish when their answers can no longer be read, and how long the end of a
    /// stream may take that nobody reads. 1 second.
    pub drain_unread: Duration,
    /// How long a sync handler may hold its thread before a warning names it. 1 second.
    pub blocked_thread: Duration,
    /// How long a client waits for the answer to a request of its own. 60 seconds.
    pub request_timeout: Duration,
    /// How long a client waits for an answer that announces itself by progress. 10 minutes.
    pub request_total: Duration,
    /// Largest HTTP answer in one piece that a client takes, in bytes. 16 MiB.
    pub response: usize,
    /// How long a client tries to reach a server over HTTP, looking up its name and TLS included.
    /// 10 seconds.
    pub connect_timeout: Duration,
    /// How long a user may take to log in, or to unlock where credentials are kept. 10 minutes.
    pub login_timeout: Duration,
    /// Most lines in a row that are no messages before a client ends the connection. 1000.
    pub junk_lines: usize,
    /// Most entries of one list that a client takes, over all its pages. 100,000.
    pub list_entries: usize,
    /// Most bytes of one list that a client takes, over all its pages. 64 MiB.
    pub list_bytes: usize,
    /// Most bytes of results that a client keeps for as long as the server says they are fresh.
    /// 16 MiB.
    pub client_cache: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            stdio_line: 10 * MIB,
            body: 4 * MIB,
            connections: 16_384,
            sessions: 10_000,
            peer_sessions: 1000,
            session_idle: Duration::from_secs(30 * 60),
            credentials: 16 * 1024,
            tokens: 10_000,
            dpop_proofs: 200_000,
            introspections: 64,
            auth_document: 256 * 1024,
            auth_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            sse_event: 16 * MIB,
            batch: 100,
            in_flight: 1024,
            concurrency: 256,
            output_backlog: 16 * MIB,
            queue: 64,
            subscriptions: 1024,
            call_timeout: Duration::from_secs(600),
            ask_timeout: Duration::from_secs(600),
            cancel_grace: Duration::from_secs(1),
            step_grace: Duration::from_secs(30),
            journal: 256 * 1024,
            held_journals: 1024,
            held_journal_bytes: 16 * MIB,
            drain: Duration::from_secs(5),
            drain_unread: Duration::from_secs(1),
            blocked_thread: Duration::from_secs(1),
            request_timeout: Duration::from_secs(60),
            request_total: Duration::from_secs(600),
            response: 16 * MIB,
            connect_timeout: Duration::from_secs(10),
            login_timeout: Duration::from_secs(600),
            junk_lines: 1000,
            list_entries: 100_000,
            list_bytes: 64 * MIB,
            client_cache: 16 * MIB,
        }
    }
}
