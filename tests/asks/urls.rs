//! Pages that the user is sent to, and what is said when they are done (ELI-L-06, ELI-M-05).

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use toolwright::Revision;
use toolwright::ask::{Elicitation, Visit};
use toolwright::client::{Client, ServerEvent};
use toolwright::handler::State;
use toolwright::prelude::*;

use crate::rig::{BOTH, Modern, Scripted, client, complete, config, legacy, said};
use crate::support::{call, request};

const URL: &str = "https://example.com/pay";

/// The other end of the page: what the web server of the program knows.
#[derive(Default)]
struct Page {
    paid: tokio::sync::watch::Sender<bool>,
    elicitation: Mutex<Option<Elicitation>>,
}

impl Page {
    fn pay(&self) {
        self.paid.send_replace(true);
        self.elicitation
            .lock()
            .unwrap()
            .as_ref()
            .unwrap()
            .complete();
    }
}

type Pages = State<Arc<Page>>;

/// Waits for the page.
#[tool]
async fn pay(cx: Context, page: Pages) -> Result<String, ToolError> {
    *page.elicitation.lock().unwrap() = Some(cx.elicitation("pay"));
    let visit = cx.elicit_url("pay", "Pay there", URL).await?;
    visit.accepted()?;
    page.paid.subscribe().wait_for(|paid| *paid).await?;
    Ok("paid".to_owned())
}

/// Leaves the page to itself.
#[tool]
async fn open(cx: Context, page: Pages) -> &'static str {
    *page.elicitation.lock().unwrap() = Some(cx.elicitation("pay"));
    "opened"
}

/// Refuses until the page was visited.
#[tool]
async fn insist(cx: Context, page: Pages) -> Result<String, ToolError> {
    *page.elicitation.lock().unwrap() = Some(cx.elicitation("pay"));
    if !*page.paid.borrow() {
        cx.visit_first([Visit::new("pay", "Pay there", URL)])
            .await?;
    }
    Ok("paid".to_owned())
}

#[prompt]
async fn insistent(cx: Context, page: Pages) -> Result<String, AskError> {
    if !*page.paid.borrow() {
        cx.visit_first([Visit::new("pay", "Pay there", URL)])
            .await?;
    }
    Ok("paid".to_owned())
}

fn server() -> (ServerHandle, Arc<Page>) {
    let page = Arc::<Page>::default();
    let server = Server::new("paying", "1.0.0")
        .state(Arc::clone(&page))
        .tool::<(pay, open, insist)>()
        .prompt::<insistent>()
        .build()
        .unwrap();
    (server, page)
}

/// The name of an elicitation, which has to be one that nobody can foresee.
#[track_caller]
fn id_of(params: &Value) -> String {
    let id = params["elicitationId"].as_str().unwrap();
    assert_eq!(id.len(), 32, "{id}");
    id.to_owned()
}

fn done(id: &str) -> Value {
    let params = json!({ "elicitationId": id });
    json!({ "jsonrpc": "2.0", "method": "notifications/elicitation/complete", "params": params })
}

#[tokio::test]
async fn a_url_has_a_name_in_2025_11_25_and_the_client_hears_when_it_is_done() {
    let (server, page) = server();
    let mut peer = legacy(&server, Revision::V2025_11_25).await;
    let asked = peer.ask(call("call", "pay", json!({}))).await;
    let params = &asked["params"];
    let id = id_of(params);
    let expected =
        json!({ "mode": "url", "message": "Pay there", "url": URL, "elicitationId": id });
    assert_eq!(
        (&asked["method"], params),
        (&json!("elicitation/create"), &expected)
    );
    let agreed = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "action": "accept" } });
    peer.send(agreed).await;
    peer.ask(request("well", "ping", json!({}))).await;
    page.pay();
    assert_eq!(peer.recv().await, done(&id));
    assert_eq!(peer.recv().await["result"]["content"][0]["text"], "paid");
}

#[tokio::test]
async fn what_is_done_after_the_call_is_told_to_its_own_connection_alone() {
    let (server, page) = server();
    let mut other = legacy(&server, Revision::V2025_11_25).await;
    let mut peer = legacy(&server, Revision::V2025_11_25).await;
    peer.ask(call("call", "open", json!({}))).await;
    let id = page
        .elicitation
        .lock()
        .unwrap()
        .as_ref()
        .unwrap()
        .id()
        .to_owned();
    page.pay();
    assert_eq!(peer.recv().await, done(&id));
    let answer = other.ask(request("well", "ping", json!({}))).await;
    assert_eq!(answer["id"], "well");
}

#[tokio::test]
async fn an_elicitation_keeps_no_connection_alive() {
    let (server, page) = server();
    let mut peer = legacy(&server, Revision::V2025_11_25).await;
    peer.ask(call("call", "open", json!({}))).await;
    peer.hang_up().await;
    page.pay();
}

#[tokio::test]
async fn other_revisions_know_no_names_of_urls() {
    let (server, page) = server();
    let mut modern = Modern::connect(&server);
    let answer = modern.call("pay", json!({})).await;
    let asked = &answer["result"]["inputRequests"]["pay"]["params"];
    assert_eq!(
        *asked,
        json!({ "mode": "url", "message": "Pay there", "url": URL })
    );
    page.pay();
    complete(&modern.call("open", json!({})).await);
    page.pay();
    // What answers next would have come after it.
    complete(&modern.call("open", json!({})).await);

    let mut june = legacy(&server, Revision::V2025_06_18).await;
    let answer = june.ask(call("call", "pay", json!({}))).await;
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("did not declare the capability `elicitation.url`"),
        "{text}"
    );
    page.pay();
    let answer = june.ask(request("well", "ping", json!({}))).await;
    assert_eq!(answer["id"], "well");
}

#[tokio::test]
async fn a_call_that_needs_a_visit_first_is_refused_with_the_urls_in_2025_11_25() {
    let (server, page) = server();
    let mut peer = legacy(&server, Revision::V2025_11_25).await;
    let answer = peer.ask(call("call", "insist", json!({}))).await;
    let error = &answer["error"];
    assert_eq!(error["code"], -32042, "{answer}");
    let id = id_of(&error["data"]["elicitations"][0]);
    let expected =
        json!([{ "mode": "url", "message": "Pay there", "url": URL, "elicitationId": id }]);
    assert_eq!(error["data"]["elicitations"], expected);
    page.pay();
    assert_eq!(peer.recv().await, done(&id));
    let answer = peer.ask(call("again", "insist", json!({}))).await;
    assert_eq!(answer["result"]["content"][0]["text"], "paid");
    page.paid.send_replace(false);
    let get = request("prompt", "prompts/get", json!({ "name": "insistent" }));
    assert_eq!(peer.ask(get).await["error"]["code"], -32042);
}

#[tokio::test]
async fn a_call_that_needs_a_visit_first_asks_for_it_in_2026_07_28() {
    let (server, page) = server();
    let mut modern = Modern::connect(&server);
    let mut next = json!({});
    // Agreeing is not paying: it is asked again.
    for _ in 0..3 {
        let answer = modern.call("insist", next).await;
        let result = &answer["result"];
        assert_eq!(result["resultType"], "input_required", "{answer}");
        let asked = &result["inputRequests"]["pay"]["params"];
        assert_eq!(
            *asked,
            json!({ "mode": "url", "message": "Pay there", "url": URL })
        );
        next = json!({
            "inputResponses": { "pay": { "action": "accept" } },
            "requestState": result["requestState"],
        });
    }
    let mut declined = next.clone();
    declined["inputResponses"]["pay"]["action"] = json!("decline");
    let answer = modern.call("insist", declined).await;
    assert_eq!(
        answer["result"]["content"][0]["text"],
        "the user declined to answer"
    );
    page.pay();
    assert_eq!(complete(&modern.call("insist", next).await), "paid");
}

#[tokio::test]
async fn who_opens_no_urls_is_told_so_in_both_eras() {
    let (server, _) = server();
    let mut modern = Modern::connect(&server);
    let params = json!({ "name": "insist" });
    let answer = modern
        .send_with("tools/call", params, json!({ "elicitation": {} }))
        .await;
    let needed = &answer["error"]["data"]["requiredCapabilities"];
    assert_eq!(
        (
            &answer["error"]["code"],
            needed["elicitation"]["url"].is_object()
        ),
        (&json!(-32021), true)
    );

    let mut silent = config(Revision::V2025_11_25);
    silent.capabilities = Default::default();
    let client = Client::connect(&server, silent).await.unwrap();
    let result = client.call("insist", json!({})).await.unwrap();
    let (text, is_error) = said(&result);
    assert!(is_error && text.contains("`elicitation.url`"), "{text}");
}

#[tokio::test]
async fn our_client_reads_the_urls_and_hears_that_they_are_done() {
    let (server, page) = server();
    let client = client(&server, BOTH[0], Scripted::refusing("cancel")).await;
    let mut events = client.events();
    let error = client.call("insist", json!({})).await.unwrap_err();
    let required = error.urls_required().unwrap();
    assert_eq!(required.elicitations[0].url, URL);
    let id = required.elicitations[0].elicitation_id.clone().unwrap();
    page.pay();
    assert_eq!(
        events.next().await,
        Some(ServerEvent::ElicitationComplete(id))
    );
    let result = client.call("insist", json!({})).await.unwrap();
    assert_eq!(said(&result), ("paid", false));
    let error = client.prompt("nobody", json!({})).await.unwrap_err();
    assert_eq!(error.urls_required(), None);
}
