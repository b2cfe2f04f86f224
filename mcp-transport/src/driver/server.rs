//! The server's loop.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use mcp_core::Limits;
use mcp_core::engine::{Call, ExchangeId, Mail, Outcome, Received, ServerEngine, Ticket};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Sleep;

use super::handler::{Dispatch, Handler, Noted};
use super::link::Link;
use crate::codec::Line;

/// Resolves when answers can no longer be received.
pub type HangUp = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves one line-framed connection until the peer ends it or [`Signals::shutdown`] does.
///
/// At the end of input the calls in flight are answered for at most [`Limits::drain`], and for
/// [`Limits::drain_unread`] once nobody can receive the answers (fault 15). `hang_up` tells that.
///
/// [`Signals::shutdown`]: mcp_core::engine::Signals::shutdown
///
/// # Errors
/// When reading fails. That nobody receives any more is not an error but an end (fault 16).
pub async fn serve<R, W, H>(
    reader: R,
    writer: W,
    handler: Arc<H>,
    engine: ServerEngine,
    limits: Limits,
    hang_up: Option<HangUp>,
) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
    H: Handler,
{
    let _noted = Noted::by(&handler, engine.signals());
    let mut driver = Driver {
        link: Link::new(reader, writer, limits.stdio_line),
        desk: Desk {
            handler,
            engine,
            limits,
            tasks: JoinSet::new(),
            aborts: HashMap::new(),
        },
        hang_up,
        phase: Phase::Open,
        hung_up: false,
        timer: None,
    };
    let ended = poll_fn(|cx| driver.poll(cx)).await;
    driver.close().await;
    ended
}

struct Driver<R, W, H> {
    link: Link<R, W>,
    desk: Desk<H>,
    hang_up: Option<HangUp>,
    phase: Phase,
    /// Whether answers can no longer be received.
    hung_up: bool,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

/// Where messages become calls and calls become answers. Apart from the link, because a message
/// is borrowed from the link's buffer meanwhile.
struct Desk<H> {
    handler: Arc<H>,
    engine: ServerEngine,
    limits: Limits,
    tasks: JoinSet<(Ticket, Outcome)>,
    aborts: HashMap<ExchangeId, AbortHandle>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// No more input: calls in flight may finish until then.
    Draining(Instant),
}

/// A year: a limit that says "for ever" is still a time.
const LONGEST_DRAIN: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whether a turn of the loop changed something, so that another is due.
type Turned = bool;

impl<R, W, H> Driver<R, W, H>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
    H: Handler,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let now = now();
        loop {
            let mut turned = self.turn_signals(cx, now);
            turned |= self.desk.turn_tasks(cx);
            turned |= self.desk.turn_parked(now, self.link.backlog());
            match self.turn_input(cx, now) {
                Ok(read) => turned |= read,
                Err(error) => return Poll::Ready(Err(error)),
            }
            self.desk.stop_aborted();
            if self.turn_output(cx).is_err() {
                // Nobody receives any more: a clean end (fault 16).
                return Poll::Ready(Ok(()));
            }
            if let Phase::Draining(until) = self.phase
                && (now >= until || self.is_drained())
            {
                return Poll::Ready(Ok(()));
            }
            if turned || self.turn_timer(cx, now) {
                continue;
            }
            if self.desk.engine.signals().poll_mail(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Whether every call was answered and every answer written.
    fn is_drained(&self) -> bool {
        self.desk.engine.in_flight() == 0 && self.unsent() == 0
    }

    /// Bytes of answers that wait to be written.
    fn unsent(&self) -> usize {
        self.link.backlog() + self.desk.engine.output_len()
    }

    fn turn_signals(&mut self, cx: &mut Context<'_>, now: Instant) -> Turned {
        // Whether anybody receives matters only once there is a choice how long to go on.
        if let Phase::Draining(_) = self.phase
            && let Some(hang_up) = &mut self.hang_up
            && hang_up.as_mut().poll(cx).is_ready()
        {
            self.hang_up = None;
            self.hung_up = true;
            self.drain(now);
        }
        let Some(mail) = self.desk.engine.signals().take() else {
            return false;
        };
        let Mail {
            exchanges,
            changes,
            shutdown,
        } = mail;
        for exchange in exchanges {
            self.desk.engine.flush(now, &exchange);
        }
        self.desk.engine.announce(&changes);
        if shutdown {
            self.drain(now);
        }
        true
    }

    /// Stops reading, and gives what is in flight its last time; never more than it had already.
    fn drain(&mut self, now: Instant) {
        let limits = &self.desk.limits;
        let rest = match self.hung_up {
            true => limits.drain_unread,
            false => limits.drain,
        };
        let until = now + rest.min(LONGEST_DRAIN);
        let until = match self.phase {
            Phase::Open => {
                self.desk.engine.end_subscriptions();
                until
            }
            Phase::Draining(earlier) => earlier.min(until),
        };
        self.phase = Phase::Draining(until);
    }

    fn turn_output(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self
            .link
            .push_line(|buffer| self.desk.engine.poll_output(buffer))
            .is_some()
        {}
        match self.link.poll_write(cx) {
            Poll::Ready(done) => done,
            Poll::Pending => Ok(()),
        }
    }

    fn turn_input(&mut self, cx: &mut Context<'_>, now: Instant) -> io::Result<Turned> {
        // While calls that wait for their turn fill the memory they may fill, the pipe pushes
        // back. Cancellations are read until then (fault 17). Answers that no call made, such as
        // those to pings, have no turn to wait for: they push back by themselves.
        let backlog = self.desk.limits.output_backlog;
        let full = self.desk.engine.parked_bytes() >= backlog
            || self.unsent() >= backlog.saturating_mul(2);
        if self.phase != Phase::Open || full {
            return Ok(false);
        }
        let more = match self.link.poll_read(cx) {
            Poll::Pending => return Ok(false),
            Poll::Ready(read) => read?,
        };
        self.take_lines(now, more);
        if !more {
            self.drain(now);
        }
        Ok(true)
    }

    /// Handles every line that is complete, and at the end of the stream the last one.
    fn take_lines(&mut self, now: Instant, more: bool) {
        let backlog = self.link.backlog();
        while let Some(line) = self.link.framer.next() {
            self.desk.take_line(now, &line, backlog);
        }
        if !more && let Some(line) = self.link.framer.finish() {
            self.desk.take_line(now, &line, backlog);
        }
    }

    fn turn_timer(&mut self, cx: &mut Context<'_>, now: Instant) -> Turned {
        let drain = match self.phase {
            Phase::Open => None,
            Phase::Draining(until) => Some(until),
        };
        let due = match (self.desk.engine.poll_timeout(), drain) {
            (Some(a), Some(b)) => a.min(b),
            (Some(at), None) | (None, Some(at)) => at,
            (None, None) => return false,
        };
        if due <= now {
            self.desk.engine.handle_timeout(now);
            return true;
        }
        let (at, sleep) = self.timer.get_or_insert_with(|| {
            let sleep = Box::pin(tokio::time::sleep_until(due.into()));
            (due, sleep)
        });
        if *at != due {
            *at = due;
            sleep.as_mut().reset(due.into());
        }
        sleep.as_mut().poll(cx).is_ready()
    }

    /// Stops what still runs, and writes what the engine said last.
    async fn close(mut self) {
        self.desk.engine.handle_close(now());
        self.desk.stop_aborted();
        // A handler that watches for cancellation may end by itself; then it is stopped, too.
        let grace = self.desk.limits.cancel_grace;
        let rest = async { while self.desk.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(grace, rest).await;
        let flush = poll_fn(|cx| self.link.poll_shutdown(cx));
        let _ = tokio::time::timeout(self.desk.limits.drain_unread, flush).await;
    }
}

impl<H: Handler> Desk<H> {
    fn turn_tasks(&mut self, cx: &mut Context<'_>) -> Turned {
        let mut turned = false;
        if self.tasks.is_empty() {
            return turned;
        }
        while let Poll::Ready(Some(joined)) = self.tasks.poll_join_next(cx) {
            turned = true;
            // A task that was stopped has no answer to give.
            if let Ok((ticket, outcome)) = joined {
                self.aborts.remove(&ticket.exchange());
                self.engine.finish(&ticket, outcome);
            }
        }
        turned
    }

    fn turn_parked(&mut self, now: Instant, backlog: usize) -> Turned {
        let mut turned = false;
        while self.engine.parked() > 0 && self.has_room(backlog) {
            let Some(parked) = self.engine.unpark() else {
                break;
            };
            turned = true;
            self.dispatch(now, &parked.call());
        }
        turned
    }

    /// Whether more answers may be made, given the bytes that already wait in the link.
    fn has_room(&self, backlog: usize) -> bool {
        backlog + self.engine.output_len() < self.limits.output_backlog
    }

    fn stop_aborted(&mut self) {
        while let Some(exchange) = self.engine.poll_abort() {
            if let Some(task) = self.aborts.remove(&exchange) {
                task.abort();
            }
        }
    }

    fn take_line(&mut self, now: Instant, line: &Line<'_>, backlog: usize) {
        let bytes = match line {
            Line::Message(bytes) => bytes,
            Line::TooLong => return self.engine.handle_oversized(now),
        };
        match self.engine.handle_message(now, bytes) {
            Received::Handled => {}
            Received::Call(call) => self.dispatch_or_park(now, call, backlog),
            Received::Batch(calls) => {
                for call in calls {
                    self.dispatch_or_park(now, call, backlog);
                }
            }
        }
    }

    fn dispatch_or_park(&mut self, now: Instant, call: Call<'_>, backlog: usize) {
        let at_once = self.engine.parked() == 0 && self.engine.has_capacity();
        if at_once && self.has_room(backlog) {
            self.dispatch(now, &call);
        } else {
            self.engine.park(now, call);
        }
    }

    fn dispatch(&mut self, now: Instant, call: &Call<'_>) {
        match self.handler.handle(call) {
            Dispatch::Ready(outcome) => self.engine.complete(call, outcome),
            Dispatch::Pending(future) => {
                let ticket = self.engine.begin(now, call);
                let exchange = ticket.exchange();
                let task = self.tasks.spawn(async move { (ticket, future.await) });
                self.aborts.insert(exchange, task);
            }
        }
    }
}

/// The time of the runtime, which tests can stop.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
