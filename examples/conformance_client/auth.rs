//! What is done in the scenarios about authorization.

use serde_json::json;
use toolwright::auth::Secret;
use toolwright::client::HyperClient;
use toolwright::client::auth::{
    Headless, IdentityProvider, OAuth, OAuthBuilder, Registration, SigningKey,
};

use crate::scenarios::called;
use crate::{Error, Task};

/// Where the logins of the suite come back to. Nobody listens there.
const REDIRECT_URI: &str = "http://localhost:3000/callback";
/// The document about this client that the suite knows.
const DOCUMENT: &str = "https://conformance-test.local/client-metadata.json";

/// Gets in and calls a tool; or finds what the scenario has got that nobody must trust.
pub(crate) async fn run(task: &Task) -> Result<(), Error> {
    let outcome = call(task).await;
    match (is_refused(&task.scenario), outcome) {
        (false, outcome) => outcome,
        (true, Err(_)) => Ok(()),
        (true, Ok(())) => Err("this should have been refused".into()),
    }
}

async fn call(task: &Task) -> Result<(), Error> {
    let authorize = oauth(task)?.name("conformance-client").build();
    let client = task.builder().authorize(authorize);
    let client = client.connect(&task.url).await?;
    client.tools().await?;
    called(&client, "test-tool", json!({})).await
}

/// The scenarios in which the client has to stop.
fn is_refused(scenario: &str) -> bool {
    let scenario = scenario.strip_prefix("auth/").unwrap_or(scenario);
    [
        "resource-mismatch",
        "scope-retry-limit",
        "iss-supported-missing",
        "iss-wrong-issuer",
        "iss-unexpected",
        "iss-normalized",
        "metadata-issuer-mismatch",
    ]
    .contains(&scenario)
}

/// The way to a token that the scenario is about.
fn oauth(task: &Task) -> Result<OAuthBuilder, Error> {
    let told = |name: &str| {
        let value = task.context[name].as_str();
        value.ok_or_else(|| format!("the suite does not say the {name}"))
    };
    let registered = || -> Result<Registration, Error> {
        let mut client = Registration::new(told("client_id")?);
        if let Ok(secret) = told("client_secret") {
            client = client.secret(secret);
        }
        if let Ok(issuer) = told("issuer") {
            client = client.issuer(issuer);
        }
        Ok(client)
    };
    let user = Headless::new(HyperClient::default(), REDIRECT_URI);
    let login = OAuth::login(user).metadata_document(DOCUMENT);
    Ok(match task.scenario.as_str() {
        "auth/client-credentials-jwt" => {
            let key = SigningKey::from_pem(told("private_key_pem")?)?;
            OAuth::client_credentials(registered()?.key(key))
        }
        "auth/client-credentials-basic" => OAuth::client_credentials(registered()?),
        "auth/enterprise-managed-authorization" => {
            let provider = IdentityProvider::new(
                told("idp_token_endpoint")?,
                Registration::new(told("idp_client_id")?),
                Secret::from(told("idp_id_token")?),
            );
            OAuth::enterprise(provider, registered()?)
        }
        "auth/wif-jwt-bearer" => OAuth::workload(registered()?, Secret::from(told("valid_jwt")?)),
        "auth/dpop" | "auth/dpop-nonce" => login.dpop(),
        "auth/pre-registration" => login.client(registered()?),
        _ => login,
    })
}
