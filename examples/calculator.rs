//! Plain functions as tools, served over standard input and output.
//!
//! Add it to a host's configuration, for example in `claude_desktop_config.json` or `.mcp.json`:
//!
//! ```json
//! {
//!   "mcpServers": {
//!     "calculator": { "command": "/path/to/target/release/examples/calculator" }
//!   }
//! }
//! ```

use toolwright::prelude::*;

/// Add two numbers.
#[tool(read_only)]
fn add(
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
) -> Result<i64, ToolError> {
    a.checked_add(b)
        .ok_or_else(|| ToolError::new("the sum does not fit into 64 bits"))
}

/// Divide one number by another.
#[tool(read_only)]
fn divide(
    /// What is divided.
    dividend: f64,
    /// What it is divided by; anything but zero.
    divisor: f64,
) -> Result<f64, ToolError> {
    if divisor == 0.0 {
        return Err(ToolError::new("division by zero; choose another divisor"));
    }
    Ok(dividend / divisor)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    Server::new("calculator", env!("CARGO_PKG_VERSION"))
        .instructions("Arithmetic, one operation a call.")
        .tool::<(add, divide)>()
        .serve_stdio()
        .await
}
