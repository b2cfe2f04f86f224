//! Standard input and output through the standard library alone, each on a thread.

use std::io;

use super::blocking::{BlockingReader, BlockingWriter};
use super::{HangUp, ReaderKind, Stdio, StdioReader, StdioWriter, WriterKind};

pub(super) fn open() -> io::Result<Stdio> {
    Ok(Stdio {
        reader: StdioReader(ReaderKind::Blocking(BlockingReader::spawn(io::stdin())?)),
        writer: StdioWriter(WriterKind::Blocking(BlockingWriter::spawn(io::stdout())?)),
        hang_up: HangUp::never(),
    })
}
