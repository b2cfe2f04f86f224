//! A login in a browser, which comes back to this machine (RFC 8252 §7.3).

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::page::LoginPage;
use super::user::{Login, Readying, UserAgent, Visiting};
use crate::http_client::BoxError;

/// Where the login comes back to on this machine.
const PATH: &str = "/callback";
/// The longest head of a request that is read.
const HEAD: usize = 16 * 1024;
/// How long a visitor may take to ask.
const PATIENCE: Duration = Duration::from_secs(5);

type Open = Arc<dyn Fn(&LoginPage) -> Result<(), BoxError> + Send + Sync>;

/// Listens on this machine for the end of a login that happens in a browser.
#[derive(Clone)]
pub struct Loopback {
    open: Open,
    port: u16,
}

impl Loopback {
    /// Opens the page in the user's browser, without a shell.
    #[cfg(feature = "process")]
    pub fn browser() -> Self {
        Self::showing(|page| Ok(crate::process::open_in_browser(page.url())?))
    }

    /// Has `show` bring the page to the user: print it, or open it in a window. An error of it
    /// ends the login.
    pub fn showing(
        show: impl Fn(&LoginPage) -> Result<(), BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            open: Arc::new(show),
            port: 0,
        }
    }

    /// Listens on this port, rather than on any that is free: for authorization servers that were
    /// told the whole URL, port included, and compare it.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl UserAgent for Loopback {
    fn ready(&self) -> Readying<'_> {
        Box::pin(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
            let port = listener.local_addr()?.port();
            let waiting: Box<dyn Login> = Box::new(Waiting {
                redirect_uri: format!("http://127.0.0.1:{port}{PATH}"),
                listener,
                open: Arc::clone(&self.open),
            });
            Ok(waiting)
        })
    }
}

struct Waiting {
    redirect_uri: String,
    listener: TcpListener,
    open: Open,
}

impl Login for Waiting {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn visit(self: Box<Self>, page: LoginPage) -> Visiting {
        Box::pin(async move {
            (self.open)(&page)?;
            loop {
                let (stream, _) = self.listener.accept().await?;
                let asking = tokio::time::timeout(PATIENCE, asked(stream, &page));
                if let Ok(Some(target)) = asking.await {
                    return Ok(target);
                }
            }
        })
    }
}

/// Serves one visitor, and returns what they asked for if it is the answer to the login. Any page
/// in a browser can send somebody here, so that others do not end the wait.
async fn asked(mut stream: TcpStream, page: &LoginPage) -> Option<String> {
    let head = head(&mut stream).await?;
    let mut words = head.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let path = target.split('?').next()?;
    let (status, text) = match (method, path) {
        ("GET", PATH) if page.is_answered_by(target) => (
            "200 OK",
            "You can close this page and go back to the program.",
        ),
        ("GET", PATH) => ("400 Bad Request", "This is not the login that was begun."),
        _ => ("404 Not Found", "There is nothing here."),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\ncache-control: no-store\r\nreferrer-policy: no-referrer\r\n\
         connection: close\r\n\r\n{text}",
        text.len()
    );
    // A browser that does not wait for the words has brought the answer all the same.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    status.starts_with("200").then(|| target.to_owned())
}

/// The first line of a request, after all of its head was read: who closes before that sends a
/// reset, which keeps the answer from being seen.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
        if head.len() > HEAD {
            return None;
        }
    }
    let line = head.split(|byte| *byte == b'\r').next()?;
    String::from_utf8(line.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn page(redirect_uri: &str) -> LoginPage {
        let endpoint = "https://as.example/authorize";
        LoginPage::new(endpoint, redirect_uri, "s1".to_owned(), &[]).expect("a page")
    }

    async fn visit(redirect_uri: &str, target: &str) -> String {
        let address = redirect_uri.strip_prefix("http://").expect("http");
        let address = address.strip_suffix(PATH).expect("the path");
        let mut stream = TcpStream::connect(address).await.expect("listening");
        let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        answer
    }

    #[tokio::test]
    async fn fault_92_only_the_answer_to_the_login_ends_the_wait() {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&shown);
        let agent = Loopback::showing(move |page| {
            seen.lock().expect("sound").push(page.url().to_owned());
            Ok(())
        });
        let login = agent.ready().await.expect("ready");
        let redirect_uri = login.redirect_uri().to_owned();
        let visiting = tokio::spawn(login.visit(page(&redirect_uri)));
        for (target, expected) in [
            ("/favicon.ico", "404"),
            ("/callback", "400"),
            ("/callback?state=other&code=c", "400"),
            ("/else?state=s1&code=c", "404"),
        ] {
            let answer = visit(&redirect_uri, target).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {expected}")),
                "{target}: {answer}"
            );
        }
        let answer = visit(&redirect_uri, "/callback?state=s1&code=c").await;
        assert!(answer.contains("You can close this page"), "{answer}");
        let redirected = visiting.await.expect("no panic").expect("answered");
        assert_eq!(redirected, "/callback?state=s1&code=c");
        assert_eq!(shown.lock().expect("sound").len(), 1);
    }

    #[tokio::test]
    async fn a_page_that_cannot_be_shown_ends_the_login() {
        let agent = Loopback::showing(|_| Err("no display".into()));
        let login = agent.ready().await.expect("ready");
        let page = page(login.redirect_uri());
        let error = login.visit(page).await.expect_err("nobody sees it");
        assert_eq!(error.to_string(), "no display");
    }
}
