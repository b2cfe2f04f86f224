//! Asks MCP servers as fast as they answer, and says what they took for it.
//!
//! The requests are prepared bytes, and of the answers only the frame is read, but for samples,
//! which must be right. So this program is faster than any server, the floor included, and what it
//! measures is the server. It prints `NAME VALUE` lines.

mod answer;
mod call;
mod hold;
mod http;
mod options;
mod process;
mod sample;
mod speak;
mod start;
mod stdio;
mod tell;

use std::os::unix::process::CommandExt as _;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};

use options::Options;

/// What can go wrong: a text for whoever reads the tables.
type Outcome<T = ()> = Result<T, String>;

/// How long anything but the run of another program may take.
const PATIENCE: Duration = Duration::from_secs(120);

const HELP: &str = "\
bench-load http ADDRESS       calls over HTTP, as fast as they are answered
bench-load stdio -- COMMAND   calls over the pipes of a program that it starts
bench-load hold ADDRESS       the memory of sessions, streams or calls that are under way
bench-load start -- COMMAND   the time from the start of a program to its first answer
bench-load cpu -- COMMAND     the processor time of a program and of all that it starts
bench-load on CORE -- COMMAND becomes that program, on that processor alone

  --era modern|session        how it is spoken (modern)
  --call add|list:TOOLS|echo:BYTES|lines:BYTES|progress:COUNT|hold:MS   what is asked (add)
  --connections N             connections of http, each with one call at a time (1)
  --in-flight N               calls of stdio that are under way at once (1)
  --millis N                  how long it goes on, after a fifth of that to warm up (500)
  --calls N                   how many calls, instead of how long
  --pid PID                   the server, whose processor time or memory is told
  --what sessions|streams|calls   what hold opens (sessions)
  --count N                   how many of them (100)
  --core N                    the processor of this program (any)
  --server-core N             the processor of the program that it starts (any)";

fn main() -> ExitCode {
    let outcome = Options::read(std::env::args().skip(1)).and_then(|options| run(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome {
    if let Some(core) = options.core {
        process::pin(core)?;
    }
    if options.task != "cpu" && options.task != "on" {
        watch();
    }
    // A thousand connections are more files than many systems allow at first, here and in a server.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).map_err(tell::failed("files"))?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).map_err(tell::failed("files"))?;
    match options.task.as_str() {
        "http" => http::run(options),
        "stdio" => stdio::run(options),
        "hold" => hold::run(options),
        "start" => start::run(options),
        "cpu" => cpu(options),
        "on" => {
            let core = options.target.parse().map_err(|_| HELP.to_owned())?;
            process::pin(core)?;
            Err(format!("{}", options.command()?.exec()))
        }
        _ => Err(HELP.to_owned()),
    }
}

/// Ends this program if a server leaves it waiting for ever.
fn watch() {
    std::thread::spawn(|| {
        std::thread::sleep(PATIENCE);
        eprintln!("no answer for {} seconds", PATIENCE.as_secs());
        std::process::exit(1);
    });
}

/// Runs a program to its end and says what it took, all its children included.
fn cpu(options: &Options) -> Outcome {
    let start = Instant::now();
    let status = options
        .command()?
        .stdout(Stdio::null())
        .status()
        .map_err(tell::failed("start"))?;
    if !status.success() {
        return Err(format!("the program ended with {status}"));
    }
    tell::figure("wall_us", start.elapsed().as_secs_f64() * 1e6);
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 * 1e6 + time.tv_usec() as f64;
    tell::figure(
        "cpu_us",
        micros(usage.user_time()) + micros(usage.system_time()),
    );
    Ok(())
}
