//! Calls over the pipes of a program, some of them under way at once.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::call::{Era, Request};
use crate::options::{Options, Until};
use crate::process::{pin, processor_time};
use crate::sample;
use crate::speak::{INITIALIZE, INITIALIZED};
use crate::tell::{failed, figure};

/// How long a program may take to end with its input.
const PATIENCE: Duration = Duration::from_secs(20);

/// Calls as the options say, and prints what they took.
pub fn run(options: &Options) -> Outcome {
    let mut program = Program::start(options)?;
    let mut load = Load {
        request: Request::line(options.call, options.era),
        asked: 0,
        answered: 0,
        asked_at: Instant::now(),
        times: Vec::new(),
    };
    program.open(options.era)?;
    match options.until {
        Until::Calls(calls) => load.answer(&mut program, options.in_flight, |load| {
            load.answered >= calls
        })?,
        Until::Time(time) => measure(&mut program, &mut load, options.in_flight, time)?,
    }
    program.end()
}

fn measure(program: &mut Program, load: &mut Load, in_flight: usize, time: Duration) -> Outcome {
    let warm = Instant::now() + time / 5;
    load.answer(program, in_flight, |_| Instant::now() >= warm)?;
    load.times.clear();
    let answered = load.answered;
    let (start, before) = (Instant::now(), processor_time(program.id())?);
    load.answer(program, in_flight, |_| start.elapsed() >= time)?;
    let (seconds, after) = (start.elapsed().as_secs_f64(), processor_time(program.id())?);
    let calls = (load.answered - answered) as f64;
    figure("calls", calls);
    figure("calls_per_second", calls / seconds);
    figure("cpu_us", (after - before) / calls);
    if in_flight == 1 {
        load.times.sort_unstable();
        let last = (load.times.len() - 1) as f64;
        let at = |part: f64| f64::from(load.times[(last * part) as usize]) / 1e3;
        figure("p50_us", at(0.5));
        figure("p99_us", at(0.99));
    }
    Ok(())
}

/// What is asked, and what was seen.
struct Load {
    request: Request,
    asked: u64,
    answered: u64,
    /// When the last of them was asked.
    asked_at: Instant,
    /// How long each took, in nanoseconds, where one is under way at a time.
    times: Vec<u32>,
}

impl Load {
    /// Keeps so many calls under way until it is over, and then until all are answered.
    fn answer(
        &mut self,
        program: &mut Program,
        in_flight: usize,
        over: impl Fn(&Self) -> bool,
    ) -> Outcome {
        self.ask(program, in_flight)?;
        loop {
            let line = program.receive()?;
            self.see(&line, in_flight)?;
            let mut free = 1;
            while let Some(line) = program.received() {
                self.see(&line, in_flight)?;
                free += 1;
            }
            if !over(self) {
                self.ask(program, free)?;
            } else if self.answered == self.asked {
                return Ok(());
            }
        }
    }

    /// Asks so many times in one write.
    fn ask(&mut self, program: &mut Program, times: usize) -> Outcome {
        let mut bytes = Vec::new();
        for _ in 0..times {
            self.request.renumber(self.asked);
            self.asked += 1;
            if times == 1 {
                self.asked_at = Instant::now();
                return program.send(&self.request.bytes);
            }
            bytes.extend_from_slice(&self.request.bytes);
        }
        program.send(&bytes)
    }

    fn see(&mut self, line: &[u8], in_flight: usize) -> Outcome {
        self.answered += 1;
        if in_flight == 1 {
            let nanoseconds = self.asked_at.elapsed().as_nanos();
            self.times
                .push(u32::try_from(nanoseconds).unwrap_or(u32::MAX));
        }
        if !sample::is_due(self.answered - 1) {
            return Ok(());
        }
        let mut request = self.request.clone();
        request.renumber(number_of(line)?);
        sample::check(&request, line)
    }
}

/// The number of the request that a line answers; answers may come in any order.
fn number_of(line: &[u8]) -> Outcome<u64> {
    let shown = || {
        format!(
            "{} answers nothing",
            String::from_utf8_lossy(&line[..line.len().min(600)])
        )
    };
    let at = memchr::memmem::find(line, b"\"id\":1").ok_or_else(shown)? + b"\"id\":1".len();
    let digits = line[at..].iter().take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// A program that was started, and the pipes to it.
pub struct Program {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    buffer: Vec<u8>,
    /// What of the buffer is read, and what of that is taken.
    filled: usize,
    taken: usize,
}

impl Program {
    /// Starts the program of the options on its processor.
    pub fn start(options: &Options) -> Outcome<Self> {
        if let Some(core) = options.server_core {
            pin(core)?;
        }
        let mut child = options
            .command()?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed("start"))?;
        if let Some(core) = options.core {
            pin(core)?;
        }
        Ok(Self {
            input: child.stdin.take().expect("the input was asked for"),
            output: child.stdout.take().expect("the output was asked for"),
            child,
            buffer: vec![0; 256 * 1024],
            filled: 0,
            taken: 0,
        })
    }

    /// The handshake, if that is how it is spoken.
    pub fn open(&mut self, era: Era) -> Outcome {
        if era == Era::Modern {
            return Ok(());
        }
        self.send(format!("{INITIALIZE}\n").as_bytes())?;
        let answer = self.receive()?;
        if memchr::memmem::find(&answer, b"\"result\":").is_none() {
            return Err(String::from_utf8_lossy(&answer).into_owned());
        }
        self.send(format!("{INITIALIZED}\n").as_bytes())
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) -> Outcome {
        self.input.write_all(bytes).map_err(failed("sending"))
    }

    /// Awaits a line.
    pub fn receive(&mut self) -> Outcome<Vec<u8>> {
        // How much of what is not taken yet has no end of a line.
        let mut searched = 0;
        loop {
            if let Some(line) = self.line_from(self.taken + searched) {
                return Ok(line);
            }
            searched = self.filled - self.taken;
            self.read()?;
        }
    }

    /// A line that has been read already.
    fn received(&mut self) -> Option<Vec<u8>> {
        self.line_from(self.taken)
    }

    fn line_from(&mut self, from: usize) -> Option<Vec<u8>> {
        let end = memchr::memchr(b'\n', &self.buffer[from..self.filled])? + from;
        let line = self.buffer[self.taken..end].to_vec();
        self.taken = end + 1;
        if self.taken == self.filled {
            self.taken = 0;
            self.filled = 0;
        }
        Some(line)
    }

    fn read(&mut self) -> Outcome {
        if self.taken > 0 {
            self.buffer.copy_within(self.taken..self.filled, 0);
            self.filled -= self.taken;
            self.taken = 0;
        }
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        match self.output.read(&mut self.buffer[self.filled..]) {
            Ok(0) => Err("the program closed its output".to_owned()),
            Ok(read) => {
                self.filled += read;
                Ok(())
            }
            Err(error) => Err(format!("reading: {error}")),
        }
    }

    /// Its number in the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends a program that does not end with its input.
    pub fn kill(mut self) -> Outcome {
        self.child.kill().map_err(failed("the end"))?;
        self.child.wait().map(drop).map_err(failed("the end"))
    }

    /// Closes the input of the program and waits until it is gone, if it does go.
    pub fn end(mut self) -> Outcome {
        drop(self.input);
        drop(self.output);
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if self.child.try_wait().map_err(failed("the end"))?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.child.kill().map_err(failed("the end"))?;
        self.child.wait().map(drop).map_err(failed("the end"))
    }
}
