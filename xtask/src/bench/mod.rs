//! What the library costs: beside the floor and other libraries (`bench`), and for continuous
//! integration, which counts instructions against a committed baseline (the guards).

pub(crate) mod baseline;
mod callgrind;
mod calling;
mod chart;
mod charts;
pub(crate) mod check;
mod counted;
mod dialogue;
mod effort;
mod figures;
mod goals;
pub(crate) mod guard_auth;
pub(crate) mod guard_client;
pub(crate) mod guard_http;
pub(crate) mod guard_stdio;
mod held;
mod load;
mod machine;
pub(crate) mod packages;
mod page;
mod peers;
mod ratios;
mod sessions;
mod speaker;
mod statistics;
mod tables;
mod text;
mod timed;
mod weighed;
mod workloads;

use std::time::Instant;

use effort::Effort;
use figures::Figures;
use load::Cores;

use crate::Outcome;

/// Builds everybody, measures, prints the ratios and writes the page.
///
/// A run of `--only` prints, and leaves the page as it is.
pub(crate) fn run(words: &[String]) -> Outcome {
    let effort = Effort::read(words)?;
    if effort.page_only {
        return page::write(&page::read_figures()?);
    }
    let mut figures = Figures::default();
    peers::build_all(&mut figures)?;
    let cores = Cores::find();
    machine::note(&mut figures, &effort, cores)?;

    let start = Instant::now();
    timed::run(&effort, cores, &mut figures);
    calling::run(&effort, cores, &mut figures)?;
    held::starts(&effort, cores, &mut figures);
    held::run(&effort, cores, &mut figures);
    counted::run(&effort, &mut figures);
    weighed::run(&effort, &mut figures);
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    figures.note("minutes", &format!("{minutes:.0}"));
    println!("==> measured in {minutes:.1} minutes");

    if effort.only.is_none() {
        page::keep_figures(&figures)?;
        page::write(&figures)?;
    }
    ratios::print(&figures);
    Ok(())
}
