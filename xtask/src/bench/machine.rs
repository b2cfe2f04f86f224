//! What the figures were measured on and with.

use super::effort::Effort;
use super::figures::Figures;
use super::load::Cores;
use super::peers::version;
use crate::command::{command, output_of};

/// The crates whose versions say who was compared: the package of `bench/`, and the crate.
const COMPARED: [(&str, &str); 4] = [
    ("floor", "hyper"),
    ("rmcp", "rmcp"),
    ("turbomcp", "turbomcp"),
    ("tower-mcp", "tower-mcp"),
];

/// Notes all of it.
///
/// # Errors
///
/// That a program which says something of the machine could not be run.
pub(crate) fn note(figures: &mut Figures, effort: &Effort, cores: Cores) -> Result<(), String> {
    let kind = if effort.is_quick { "quick" } else { "full" };
    figures.note("kind", kind);
    figures.note("rounds", &effort.rounds.to_string());
    figures.note("millis", &effort.millis.to_string());
    let count = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor(&model).unwrap_or("an unknown processor");
    figures.note("machine", &format!("{count} × {model}"));
    figures.note("system", &output_of(command("uname", &["-sr"]))?);
    figures.note("pinned", cores.describe());
    figures.note("rustc", &output_of(command("rustc", &["--version"]))?);
    figures.note("date", &output_of(command("date", &["-u", "+%Y-%m-%d"]))?);
    let commit = output_of(command("git", &["describe", "--always", "--dirty"]))?;
    figures.note("commit", &commit);
    let versions = COMPARED.iter().filter_map(|(package, name)| {
        let version = version(package, name)?;
        Some(format!("{name} {version}"))
    });
    figures.note("versions", &versions.collect::<Vec<_>>().join(", "));
    Ok(())
}

fn processor(cpuinfo: &str) -> Option<&str> {
    let named = |line: &'_ str| line.starts_with("model name");
    let line = cpuinfo.lines().find(|line| named(line))?;
    Some(line.split_once(':')?.1.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_called_what_the_system_calls_it() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n";
        assert_eq!(processor(cpuinfo), Some("Some CPU @ 2 GHz"));
        assert_eq!(processor(""), None);
    }
}
