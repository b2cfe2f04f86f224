//! Calls over HTTP: connections with one call at a time, all of them in one loop.

use std::io::{ErrorKind, Read as _, Write as _};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::Outcome;
use crate::answer::Frame;
use crate::call::Request;
use crate::options::{Options, Until};
use crate::process::processor_time;
use crate::sample;
use crate::speak::Peer;
use crate::tell::{failed, figure};

/// How many times as long as it should take a server may be busy with a call on each connection.
const PATIENCE: usize = 50;

/// Calls as the options say, and prints what they took.
pub fn run(options: &Options) -> Outcome {
    let mut load = Load::open(options)?;
    match options.until {
        Until::Calls(calls) => load.answer(Some(calls), None)?,
        Until::Time(time) => {
            load.answer_for(time / 5)?;
            load.measure(options.pid, time)?;
        }
    }
    load.settle()?;
    load.end_sessions(&options.target)
}

/// The connections and what was seen on them.
struct Load {
    poll: Poll,
    lines: Vec<Line>,
    sessions: Vec<String>,
    /// Calls that were made so far.
    asked: u64,
    /// How long each call took, in nanoseconds.
    times: Vec<u32>,
    /// How many bytes were sent and received.
    bytes: u64,
}

impl Load {
    fn open(options: &Options) -> Outcome<Self> {
        let poll = Poll::new().map_err(failed("polling"))?;
        let mut lines = Vec::new();
        let mut sessions = Vec::new();
        for token in 0..options.connections {
            let mut peer = Peer::connect(&options.target)?;
            let session = peer.open(options.era)?;
            let request = peer.request(options.call, options.era, session.as_deref());
            sessions.extend(session);
            peer.stream
                .set_nonblocking(true)
                .map_err(failed("a socket"))?;
            let mut stream = TcpStream::from_std(peer.stream);
            let both = Interest::READABLE | Interest::WRITABLE;
            poll.registry()
                .register(&mut stream, Token(token), both)
                .map_err(failed("polling"))?;
            lines.push(Line::new(stream, request));
        }
        Ok(Self {
            poll,
            lines,
            sessions,
            asked: 0,
            times: Vec::new(),
            bytes: 0,
        })
    }

    /// Lets calls be answered until it is time, or as many as are wanted.
    fn answer(&mut self, calls: Option<u64>, until: Option<Instant>) -> Outcome {
        let mut events = Events::with_capacity(1024);
        for at in 0..self.lines.len() {
            if !self.lines[at].busy && self.may_ask(calls) {
                self.ask(at)?;
            }
        }
        let is_over = |load: &Self| match until {
            Some(until) => Instant::now() >= until,
            None => load.lines.iter().all(|line| !line.busy),
        };
        while !is_over(self) {
            self.wait(&mut events)?;
            for event in &events {
                let Token(at) = event.token();
                if self.take(at)? && self.may_ask(calls) {
                    self.ask(at)?;
                }
            }
        }
        Ok(())
    }

    /// Lets calls be answered for some time, and longer where a slow server has not come round yet: a
    /// call on each connection is the least that says anything.
    fn answer_for(&mut self, time: Duration) -> Outcome {
        let wanted = self.times.len() + self.lines.len();
        for _ in 0..PATIENCE {
            self.answer(None, Some(Instant::now() + time))?;
            if self.times.len() >= wanted {
                return Ok(());
            }
        }
        Err("not every connection was answered in time".to_owned())
    }

    fn may_ask(&self, calls: Option<u64>) -> bool {
        calls.is_none_or(|calls| self.asked < calls)
    }

    /// Measures while calls go on, and prints the figures.
    fn measure(&mut self, pid: Option<u32>, time: Duration) -> Outcome {
        self.times.clear();
        self.bytes = 0;
        let spent = || pid.map(processor_time).transpose();
        let (start, before) = (Instant::now(), spent()?);
        self.answer_for(time)?;
        let (seconds, after) = (start.elapsed().as_secs_f64(), spent()?);
        let calls = self.times.len();
        self.times.sort_unstable();
        let at = |part: f64| f64::from(self.times[((calls - 1) as f64 * part) as usize]) / 1e3;
        figure("calls", calls as f64);
        figure("calls_per_second", calls as f64 / seconds);
        figure("bytes_per_call", self.bytes as f64 / calls as f64);
        figure("p50_us", at(0.5));
        figure("p99_us", at(0.99));
        if let Some((before, after)) = before.zip(after) {
            figure("cpu_us", (after - before) / calls as f64);
        }
        Ok(())
    }

    /// Waits until every call is answered.
    fn settle(&mut self) -> Outcome {
        self.answer(Some(0), None)
    }

    fn end_sessions(self, address: &str) -> Outcome {
        if self.sessions.is_empty() {
            return Ok(());
        }
        drop(self.lines);
        let mut peer = Peer::connect(address)?;
        self.sessions
            .iter()
            .try_for_each(|session| peer.end(session))
    }

    fn wait(&mut self, events: &mut Events) -> Outcome {
        match self.poll.poll(events, Some(Duration::from_millis(50))) {
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(error.to_string()),
            _ => Ok(()),
        }
    }

    /// Sends the next request of a connection.
    fn ask(&mut self, at: usize) -> Outcome {
        let line = &mut self.lines[at];
        line.request.renumber(self.asked);
        line.sampled = sample::is_due(self.asked);
        self.asked += 1;
        line.start()
    }

    /// Takes what came on a connection: whether it is free again.
    fn take(&mut self, at: usize) -> Outcome<bool> {
        let line = &mut self.lines[at];
        if !line.busy {
            return Ok(false);
        }
        if !line.advance()? {
            return Ok(false);
        }
        let nanoseconds = line.started.elapsed().as_nanos();
        self.times
            .push(u32::try_from(nanoseconds).unwrap_or(u32::MAX));
        self.bytes += (line.request.bytes.len() + line.filled) as u64;
        Ok(true)
    }
}

/// A connection.
struct Line {
    stream: TcpStream,
    request: Request,
    /// How much of the request is sent.
    sent: usize,
    answer: Vec<u8>,
    /// How much of that has been read.
    filled: usize,
    frame: Frame,
    busy: bool,
    /// Whether the answer is looked at.
    sampled: bool,
    started: Instant,
}

impl Line {
    fn new(stream: TcpStream, request: Request) -> Self {
        Self {
            stream,
            request,
            sent: 0,
            answer: vec![0; 8 * 1024],
            filled: 0,
            frame: Frame::default(),
            busy: false,
            sampled: false,
            started: Instant::now(),
        }
    }

    fn start(&mut self) -> Outcome {
        self.sent = 0;
        self.filled = 0;
        self.frame = Frame::default();
        self.busy = true;
        self.started = Instant::now();
        self.send()
    }

    /// Sends what can be sent of the request.
    fn send(&mut self) -> Outcome {
        while self.sent < self.request.bytes.len() {
            match self.stream.write(&self.request.bytes[self.sent..]) {
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(format!("sending: {error}")),
            }
        }
        Ok(())
    }

    /// Goes on as far as it can: whether the answer is whole.
    fn advance(&mut self) -> Outcome<bool> {
        self.send()?;
        loop {
            if self.filled == self.answer.len() {
                self.answer.resize(self.filled * 2, 0);
            }
            match self.stream.read(&mut self.answer[self.filled..]) {
                Ok(0) => return Err("the server closed a connection".to_owned()),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(format!("reading: {error}")),
            }
            if self.frame.is_whole(&self.answer[..self.filled])? {
                self.look()?;
                self.busy = false;
                return Ok(true);
            }
        }
    }

    fn look(&mut self) -> Outcome {
        let bytes = &self.answer[..self.filled];
        let head = self.frame.head(bytes)?.ok_or("an answer without a head")?;
        if head.status == 200 && !self.sampled {
            return Ok(());
        }
        let body = self.frame.body(bytes)?;
        if head.status != 200 {
            let said = String::from_utf8_lossy(&body[..body.len().min(600)]).into_owned();
            return Err(format!("status {}: {said}", head.status));
        }
        sample::check(&self.request, &body)
    }
}
