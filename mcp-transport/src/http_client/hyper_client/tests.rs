use std::io;

use http::StatusCode;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;

/// Serves one connection: reads a request for each of the answers, and returns what it read.
async fn scripted(answers: Vec<&'static str>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heads = Vec::new();
        for answer in answers {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            heads.push(String::from_utf8(head).unwrap());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        heads
    });
    (format!("http://{address}/mcp"), serving)
}

fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn exchanges_one_after_the_other_share_a_connection() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let (url, serving) = scripted(vec![answer, answer]).await;
    let client = HyperClient::default();
    for _ in 0..2 {
        let response = client.exchange(get(&url)).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.into_body().read(2).await.unwrap(), "ok");
    }
    let heads = serving.await.unwrap();
    assert!(heads.iter().all(|head| head.contains("host: 127.0.0.1:")));
}

#[tokio::test]
async fn fault_88_a_redirect_is_an_answer_and_not_followed() {
    let answer = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n";
    let (url, serving) = scripted(vec![answer]).await;
    let response = HyperClient::default().exchange(get(&url)).await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(serving.await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_that_ends_early_is_told_from_a_whole_one() {
    let (url, _serving) = scripted(vec!["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok"]).await;
    let response = HyperClient::default().exchange(get(&url)).await.unwrap();
    let error = response.into_body().read(100).await.unwrap_err();
    assert!(matches!(error, HttpError::Broken(_)), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_secrets_of_its_url() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://user:word@{address}/mcp?key=secret");
    let error = HyperClient::default()
        .exchange(get(&url))
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("no connection to http://{address}: ")),
        "{text}"
    );
    assert!(!text.contains("word") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_url_of_another_scheme_is_refused() {
    let error = HyperClient::default()
        .exchange(get("ftp://host/x"))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("must begin with https://"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn connecting_ends_after_the_time_for_it() {
    #[derive(Clone)]
    struct Never;

    impl Service<Uri> for Never {
        type Response = ();
        type Error = BoxError;
        type Future = std::future::Pending<Result<(), BoxError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Uri) -> Self::Future {
            std::future::pending()
        }
    }

    let mut patient = Patient::new(Never, Duration::from_secs(10), Duration::ZERO);
    let error = patient
        .call(Uri::from_static("http://host/"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "not within 10 s (limit `connect_timeout`)"
    );
}

#[tokio::test]
async fn fault_89_no_spelling_of_an_address_leads_beyond_reach() {
    let (url, _serving) = scripted(vec![]).await;
    let port = url.parse::<Uri>().unwrap().port_u16().unwrap();
    let client = HyperClient::within(Reach::Public, &Limits::default());
    for host in [
        "127.0.0.1",
        "0177.0.0.1",
        "0x7f.1",
        "2130706433",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::1]",
    ] {
        let error = client
            .exchange(get(&format!("http://{host}:{port}/")))
            .await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("not to be connected to"), "{host}: {error}");
    }
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let (url, _serving) = scripted(vec![answer]).await;
    let near = HyperClient::within(Reach::Loopback, &Limits::default());
    assert!(near.exchange(get(&url)).await.is_ok());
}

/// Names that are somewhere else each time they are looked up.
#[derive(Clone)]
struct Rebound(Arc<std::sync::Mutex<Vec<SocketAddr>>>);

impl Service<Name> for Rebound {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        let found = self.0.lock().unwrap().pop();
        std::future::ready(Ok(Vec::from_iter(found).into_iter()))
    }
}

#[tokio::test]
async fn fault_89_a_name_is_looked_up_once_and_what_was_checked_is_what_is_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap();
    let metadata = SocketAddr::from(([169, 254, 169, 254], here.port()));
    // The last one is found first.
    let names = Arc::new(std::sync::Mutex::new(vec![metadata, here]));
    let mut connector = tcp_by(Rebound(Arc::clone(&names)), Reach::Loopback);
    let uri: Uri = format!("http://rebound.example:{}/", here.port())
        .parse()
        .unwrap();
    let (connected, accepted) = tokio::join!(connector.call(uri.clone()), listener.accept());
    let connected = connected.unwrap();
    assert_eq!(connected.inner().peer_addr().unwrap(), here);
    assert!(accepted.is_ok());
    assert_eq!(
        *names.lock().unwrap(),
        [metadata],
        "one look-up a connection"
    );
    let error = connector.call(uri).await.unwrap_err();
    assert!(chain_of(&error).contains(BEYOND), "{error}");
}

fn chain_of(error: &dyn Error) -> String {
    let cause = error.source().map(chain_of).unwrap_or_default();
    format!("{error}: {cause}")
}

/// A connection to somebody who says nothing and reads nothing.
struct Deaf;

impl Read for Deaf {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl Write for Deaf {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl Connection for Deaf {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

#[derive(Clone)]
struct ToDeaf;

impl Service<Uri> for ToDeaf {
    type Response = Deaf;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Deaf, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        std::future::ready(Ok(Deaf))
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_reads_nothing_keeps_no_connection_of_a_request_that_was_given_up() {
    let limits = Limits::default();
    let patient = Patient::new(ToDeaf, limits.connect_timeout, limits.write_timeout);
    let client = pooled(patient);
    let answer = client.request(get("http://host/").map(Whole));
    let patience = Duration::from_secs(1);
    assert!(tokio::time::timeout(patience, answer).await.is_err());
    drop(client);
    tokio::time::sleep(limits.write_timeout).await;
    let tasks = tokio::runtime::Handle::current().metrics();
    assert_eq!(tasks.num_alive_tasks(), 0);
}
