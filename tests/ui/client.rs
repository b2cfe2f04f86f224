use toolwright::client::CallError;

#[toolwright::client(name = "x")]
trait Calculator {
    fn add(&self, a: i64, b: i64) -> Result<i64, CallError>;
    async fn no_self() -> Result<(), CallError>;
    async fn no_result(&self);
    async fn with_body(&self) -> Result<(), CallError> {
        Ok(())
    }
    async fn pattern(&self, (a, b): (i64, i64)) -> Result<(), CallError>;
    #[tool(nmae = "x")]
    async fn misspelt(&self) -> Result<(), CallError>;
    const NOT_A_CALL: u8;
}

#[toolwright::client]
struct NotATrait;

fn main() {}
