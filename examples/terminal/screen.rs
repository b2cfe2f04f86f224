//! Lines in, text out.

use std::io::{BufRead, Write};

use tokio::sync::mpsc;

/// What a person sees and types.
pub(crate) struct Screen {
    lines: mpsc::Receiver<String>,
    output: Box<dyn Write + Send>,
}

/// The person has closed the input.
pub(crate) struct Gone;

impl Screen {
    /// Reads in a thread of its own, so that a question which is given up takes no line with it.
    pub(crate) fn new(
        input: impl BufRead + Send + 'static,
        output: impl Write + Send + 'static,
    ) -> Self {
        let (sender, lines) = mpsc::channel(1);
        std::thread::spawn(move || {
            for line in input.lines().map_while(Result::ok) {
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            lines,
            output: Box::new(output),
        }
    }

    /// Shows a line.
    pub(crate) fn say(&mut self, text: &str) -> Result<(), Gone> {
        self.write(&format!("{}\n", harmless(text)))
    }

    /// Shows a question and waits for the line that answers it, without the spaces around it.
    pub(crate) async fn ask(&mut self, question: &str) -> Result<String, Gone> {
        self.write(&format!("{} ", harmless(question)))?;
        let line = self.lines.recv().await.ok_or(Gone)?;
        Ok(line.trim().to_owned())
    }

    /// Asks for yes or no; whatever is not plainly yes is no.
    pub(crate) async fn agrees(&mut self, question: &str) -> Result<bool, Gone> {
        let answer = self.ask(&format!("{question} [y/N]")).await?;
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    fn write(&mut self, text: &str) -> Result<(), Gone> {
        let written = self.output.write_all(text.as_bytes());
        written.and_then(|()| self.output.flush()).map_err(|_| Gone)
    }
}

/// A server's text without what would move the cursor, colour the screen or hide a letter.
pub(crate) fn harmless(text: &str) -> String {
    let hides = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let shown = |c: char| match c {
        '\n' => '\n',
        '\t' => ' ',
        c if c.is_control() || hides(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}
