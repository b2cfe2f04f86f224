use super::*;

#[test]
fn a_thumbprint_depends_on_nothing_but_the_key() {
    // The example of RFC 7638 §3.1.
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let key = serde_json::json!({
        "kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"
    });
    let key = Jwk::deserialize(key).expect("a key");
    let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(key.thumbprint().as_deref(), Some(expected));
}

#[test]
fn a_key_is_for_its_own_algorithms_alone() {
    let key = |json: serde_json::Value| Jwk::deserialize(json).expect("a key");
    let rsa = key(serde_json::json!({ "kty": "RSA", "n": "AA", "e": "AQAB" }));
    assert!(rsa.is_for(Algorithm::Rs256) && rsa.is_for(Algorithm::Ps512));
    assert!(!rsa.is_for(Algorithm::Es256));
    let named = key(serde_json::json!({ "kty": "RSA", "alg": "RS256" }));
    assert!(named.is_for(Algorithm::Rs256) && !named.is_for(Algorithm::Ps256));
    let encrypts = key(serde_json::json!({ "kty": "RSA", "use": "enc" }));
    assert!(!encrypts.is_for(Algorithm::Rs256));
    let curve = key(serde_json::json!({ "kty": "EC", "crv": "P-384" }));
    assert!(curve.is_for(Algorithm::Es384) && !curve.is_for(Algorithm::Es256));
    let secret = key(serde_json::json!({ "kty": "oct", "k": "AA" }));
    assert!(
        Algorithm::ALL
            .iter()
            .all(|algorithm| !secret.is_for(*algorithm))
    );
}

#[test]
fn keys_that_cannot_be_read_do_not_spoil_the_set() {
    let set = r#"{"keys":[1,{"kty":"EC"},{"kid":"no type"},{"kty":"new","kid":7}]}"#;
    let set: JwkSet = serde_json::from_str(set).expect("a set");
    assert_eq!(set.0.len(), 1);
}

/// Signed with OpenSSL, of which the keys are gone: RSA keys cannot be made here.
const MESSAGE: &[u8] = b"message";
const N2048: &str = "8RVW2OslqA8wO2kgEp5uiG2j7P_v83G2-bE6wgnaDvBnecvuUSMgIy8ih_q9y2jcs94Xj1nDcU_CuvbY8abmEXfH9G2yuMohGeNekSt380TzTNEWB1Y6cRGfsL_fdvIfy_caExYxWj-_poVN94CpTaYRu58hgZYRg6yz5ExTmm4iXHfU43YyYfervlFODPQMlPB_GUzWohGxV_BI_fpa-_ZTK_QERvx8VOKbZiQSKbU_ELD22fgNMtpmCZSY5jw5mxo5fyom3cmQottXwo25-CpV5AkttOp0vEiGEAIvAjt1ZSA8hexGTzZSMw3nCYNHgEagVWkqcNHj3-SkS9-OKQ";
const RS256: &str = "bSJbZBeZXEvM6sQvBHsvTVsDYWnlOTJCpGmcRvt-Ewtx97RsZRwo13Dr1TWzJfTC_Cmz9pqSwX3q1hsVMha4aeFSCTgs9a1o_pExUm7Db6nfoQLYc8WD9fsD3gsA4cgIn-rnaHfutfQxeH9NujkKrPJ9IEdBW_Kzm5QlCRrUQAQmZo2pj3mDiRoCM3GPfC35kciCvEwq1Zvzhqnnc_sJ2IXvsn0Au1PNSPIAz7PVWmBc73I64D94bnanb5p_VZUP5A5IAfjZC8RucYgJR2yVGWbY4lz9EZkXZ4W6WjEZ24U9chKzn3i-JYF8-MOXdwJcA5swVT4gMH-vO3zKgnTXvw";
const PS512: &str = "TCJTt7h7U263udbYMmQ7Z3JOBjqtb1NpOeeg87EDtSqLeu7XqO4dyVyMDsG2XkXoVgZHB4w7TmmHJ-YCBxOSzsA5SRWyTQaFH3r2yGi3v7hz8YNY5eZoll1aCzHlvt6V2r39PyFaKnujRA6kcqFJsEaNoHcQKPC8nj9FwPgzFdBPncozIrxmSBEGL8xR3hPC5DXSZkDeU_qZj_XrXr93VN-ENF7kBrHkWH5AOrKGcZY-ywY7_OzWV0uHxH9eI7opPSMF7pEGXIXKfBXC4AiIon2reG9HY3FlgUBM3pBxlMa6ZZzVY0wfjS4d-hC-wPe9Covxz5nfaNz_TXNush5Bwg";
const N1024: &str = "p934VGQLSkUPXhvaR2-WvqbzVc0-7-S42HtvZXeUNhgefxLJgg0OkPMdCRoANsqDyUz1WVst1rqjaY3A_xXVg477lz6yj8JVE9iWOVD7HKidz4zng9-tn3VA_t4JAIA-ePf-E3qJCsqU3uuAs60i16_mO1w708iht4cTxRR3-wE";
const RS256_SHORT: &str = "MDod8Dss9ggx30GpAWjzhnp3Z5KB9wxu7wmodvji_Rsg6jP18koKm9SB3tjx45LafcuRCXRHPM71JVDRe4EUTUrTTPo13ea2SvQrEIZz5vpF7Exnn2DBh-d1AEfwaaxGiRzPBCBWs90330dfP2QhMJLWDWR9dmMKeGE70Vm7cdg";
const ED25519: &str = "LWn_shoRInT3GODMl4eSMVhd5cn3b7R4vm7ujtyrlTc";
const EDDSA: &str =
    "rmGriOzLd01-aaidRaKtWwD_jBLu5DsrWcIVGqfcaWToQ30kCGPXqn4nmaOaCS72Wcp7v10BzcEh3KVmEIIUCw";

#[test]
fn signatures_of_another_library_are_verified() {
    let rsa = |n: &str| {
        let key = serde_json::json!({ "kty": "RSA", "n": n, "e": "AQAB" });
        Jwk::deserialize(key).expect("a key")
    };
    let key = serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519 });
    let ed25519 = Jwk::deserialize(key).expect("a key");
    for (key, algorithm, signature, expected) in [
        (&rsa(N2048), Algorithm::Rs256, RS256, true),
        (&rsa(N2048), Algorithm::Ps512, PS512, true),
        (&ed25519, Algorithm::EdDsa, EDDSA, true),
        (&rsa(N2048), Algorithm::Ps256, RS256, false),
        (&rsa(N2048), Algorithm::Rs512, RS256, false),
        (&rsa(N2048), Algorithm::Rs256, PS512, false),
        // Too short to be safe.
        (&rsa(N1024), Algorithm::Rs256, RS256_SHORT, false),
        (&ed25519, Algorithm::Es256, EDDSA, false),
    ] {
        let signature = BASE64URL.decode(signature).expect("base64");
        let verified = key.verify(algorithm, MESSAGE, &signature);
        assert_eq!(verified, expected, "{algorithm:?}");
        assert!(!key.verify(algorithm, b"other", &signature));
    }
}
