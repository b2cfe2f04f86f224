//! What lies between: a pipe that delays, or streams that are lost, doubled and overtaken.

use mcp_core::engine::Outbound;
use mcp_core::{Era, Revision};

use crate::clock::at;
use crate::host::{Sent, Wire};
use crate::world::{Event, World};

impl World {
    /// Sends a message of the client on its way.
    pub(super) fn send_up(&mut self, outbound: &Outbound, bytes: Vec<u8>) {
        let text = String::from_utf8_lossy(&bytes);
        self.diary.note(self.now, format_args!("up   {text}"));
        if self.wire == Wire::Pipe {
            return self.pipe_up(bytes);
        }
        let post = self.next_post;
        self.next_post += 1;
        match outbound {
            Outbound::Cancelled(id) if self.is_modern() => {
                // The stream is closed instead (HTTP-M-33).
                let its = self.posts.iter().find(|(_, asked)| *asked == id);
                if let Some(post) = its.map(|(post, _)| *post) {
                    self.posts.remove(&post);
                    let due = self.delay();
                    self.schedule(due, Event::Break { post });
                }
            }
            Outbound::Request(id) => {
                self.posts.insert(post, id.clone());
                self.post(post, bytes);
            }
            Outbound::Probe(id, _) | Outbound::Handshake(id) => {
                self.posts.insert(post, id.clone());
                self.session = self.server;
                if self.dice.one_in(15) {
                    self.diary.count("messages dropped");
                    self.lose(post);
                } else {
                    self.deliver_up(post, bytes);
                }
            }
            Outbound::Initialized | Outbound::Cancelled(_) => self.deliver_up(post, bytes),
            Outbound::Reply if self.dice.one_in(20) => self.diary.count("messages dropped"),
            Outbound::Reply => self.deliver_up(post, bytes),
        }
    }

    fn is_modern(&self) -> bool {
        let modern = |revision: Revision| revision.era() == Era::Modern;
        self.caller.engine.revision().is_some_and(modern)
    }

    /// A request, which may be lost there or back, or come twice.
    fn post(&mut self, post: u64, bytes: Vec<u8>) {
        match self.dice.below(20) {
            0 => {
                self.diary.count("messages dropped");
                self.lose(post);
            }
            1 | 2 => {
                self.deliver_up(post, bytes);
                let due = self.now + self.dice.between(1, 400);
                self.schedule(due, Event::Break { post });
            }
            3 | 4 => {
                self.diary.count("messages doubled");
                self.deliver_up(post, bytes.clone());
                let again = self.next_post;
                self.next_post += 1;
                self.deliver_up(again, bytes);
            }
            _ => self.deliver_up(post, bytes),
        }
    }

    fn deliver_up(&mut self, post: u64, bytes: Vec<u8>) {
        let due = self.delay();
        let session = self.session;
        let on_the_way = |event: &Event| matches!(event, Event::Up { .. });
        let mut later = self.events.range((due + 1, 0)..);
        if later.any(|(_, event)| on_the_way(event)) {
            self.diary.count("messages overtaken");
        }
        let event = Event::Up {
            post,
            session,
            bytes,
        };
        self.schedule(due, event);
    }

    /// Mostly short, and sometimes long.
    fn delay(&mut self) -> u64 {
        let longest = self.dice.pick(&[5, 5, 50, 300]);
        self.now + self.dice.between(1, longest)
    }

    /// A message on a pipe never overtakes another.
    pub(super) fn pipe_up(&mut self, bytes: Vec<u8>) {
        self.last_up = self.last_up.max(self.delay());
        let event = Event::Up {
            post: 0,
            session: self.session,
            bytes,
        };
        self.schedule(self.last_up, event);
    }

    pub(super) fn carry_down(&mut self, sent: Sent) {
        let text = String::from_utf8_lossy(&sent.bytes);
        let post = sent.post;
        self.diary
            .note(self.now, format_args!("down {post:?} {text}"));
        let due = self.delay();
        // Each stream keeps its order, and what lies on two may be read in either.
        let last = self.last_down.entry(post).or_default();
        *last = due.max(*last);
        let (due, bytes) = (*last, sent.bytes);
        self.schedule(due, Event::Down { post, bytes });
    }

    /// A message of the client has come to the server.
    pub(super) fn arrive(&mut self, post: u64, session: u64, bytes: &[u8]) {
        let modern = String::from_utf8_lossy(bytes).contains("io.modelcontextprotocol/");
        if self.wire == Wire::Exchanges && session != self.server && !modern {
            return self.refuse(post);
        }
        if self.broken.contains(&post) {
            return;
        }
        self.host
            .receive(self.now, post, bytes, &mut self.dice, &mut self.diary);
    }

    /// The session is not known (HTTP-L-07): there has to be another.
    fn refuse(&mut self, post: u64) {
        self.report_lost(post);
        if self.session != self.server && self.caller.is_connected() {
            self.diary.count("sessions begun anew");
            self.caller.engine.handshake(at(self.now));
        }
    }

    /// A message of the server has come to the client.
    pub(super) fn come_back(&mut self, post: Option<u64>, bytes: &[u8]) {
        if post.is_some_and(|post| self.broken.contains(&post)) {
            return;
        }
        self.caller.engine.handle_message(at(self.now), bytes);
    }

    /// Nothing comes by this stream any more, and the client hears of it.
    pub(super) fn lose(&mut self, post: u64) {
        self.broken.insert(post);
        let due = self.delay();
        self.schedule(due, Event::Lost { post });
    }
}
