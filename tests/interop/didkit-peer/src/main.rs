//! didkit 0.6 behind one line of JSON in, one line of JSON out.
//!
//! ```text
//! {"do": "issue", "suite": "Ed25519Signature2020", "credential": {…}, "jwk": {…}}
//! → {"ok": {…}} or {"error": "…"}
//! ```
//!
//! Nothing is fetched: DIDs are those that carry their key (did:key, did:jwk), contexts those of
//! the library and those handed in as `documents`.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, Write};

use did_jwk::DIDJWK;
use did_method_key::DIDKey;
use didkit::ssi::did::DIDMethods;
use didkit::{
    ContextLoader, DIDMethod, DIDResolver, LinkedDataProofOptions, ResolutionInputMetadata, Source,
    VerifiableCredential, VerifiablePresentation, VerificationRelationship, VerificationResult,
    JWK,
};
use serde_json::{json, Value};

type Outcome = Result<Value, Box<dyn Error>>;

struct Peer {
    resolver: DIDMethods<'static>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut resolver = DIDMethods::default();
    resolver.insert(Box::new(DIDKey));
    resolver.insert(Box::new(DIDJWK));
    let peer = Peer { resolver };
    for line in std::io::stdin().lock().lines() {
        let answer = match peer.answer(&line?).await {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(std::io::stdout().lock(), "{answer}")?;
    }
    Ok(())
}

impl Peer {
    async fn answer(&self, line: &str) -> Outcome {
        let request: Value = serde_json::from_str(line)?;
        match text(&request, "do")? {
            "make_key" => make_key(text(&request, "kind")?, text(&request, "method")?),
            "resolve" => self.resolve(text(&request, "did")?).await,
            "issue" => self.issue(&request).await,
            "present" => self.present(&request).await,
            "verify" => self.verify(&request).await,
            "verify_presentation" => self.verify_presentation(&request).await,
            other => Err(format!("nothing is known that is called {other}").into()),
        }
    }

    async fn resolve(&self, did: &str) -> Outcome {
        let input = ResolutionInputMetadata::default();
        let (metadata, document, _) = self.resolver.resolve(did, &input).await;
        match (metadata.error, document) {
            (None, Some(document)) => Ok(serde_json::to_value(document)?),
            (error, _) => Err(error.unwrap_or_else(|| "no document".to_owned()).into()),
        }
    }

    async fn issue(&self, request: &Value) -> Outcome {
        let jwk: JWK = serde_json::from_value(request["jwk"].clone())?;
        let mut credential: VerifiableCredential =
            serde_json::from_value(request["credential"].clone())?;
        let options = options(request)?;
        if request["suite"] == "jwt" {
            let jwt = credential
                .generate_jwt(Some(&jwk), &options, &self.resolver)
                .await?;
            return Ok(jwt.into());
        }
        let proof = credential
            .generate_proof(&jwk, &options, &self.resolver, &mut loader(request)?)
            .await?;
        credential.add_proof(proof);
        Ok(serde_json::to_value(credential)?)
    }

    async fn present(&self, request: &Value) -> Outcome {
        let jwk: JWK = serde_json::from_value(request["jwk"].clone())?;
        let mut presentation: VerifiablePresentation =
            serde_json::from_value(request["presentation"].clone())?;
        let options = LinkedDataProofOptions {
            proof_purpose: Some(VerificationRelationship::Authentication),
            ..options(request)?
        };
        if request["suite"] == "jwt" {
            let jwt = presentation
                .generate_jwt(Some(&jwk), &options, &self.resolver)
                .await?;
            return Ok(jwt.into());
        }
        let proof = presentation
            .generate_proof(&jwk, &options, &self.resolver, &mut loader(request)?)
            .await?;
        presentation.add_proof(proof);
        Ok(serde_json::to_value(presentation)?)
    }

    async fn verify(&self, request: &Value) -> Outcome {
        let (resolver, mut loader) = (&self.resolver, loader(request)?);
        must(match &request["credential"] {
            Value::String(jwt) => {
                VerifiableCredential::verify_jwt(jwt, None, resolver, &mut loader).await
            }
            credential => {
                let credential: VerifiableCredential = serde_json::from_value(credential.clone())?;
                credential.validate()?;
                credential.verify(None, resolver, &mut loader).await
            }
        })
    }

    async fn verify_presentation(&self, request: &Value) -> Outcome {
        let (resolver, mut loader) = (&self.resolver, loader(request)?);
        let options = Some(LinkedDataProofOptions {
            proof_purpose: Some(VerificationRelationship::Authentication),
            created: None,
            ..options(request)?
        });
        must(match &request["presentation"] {
            Value::String(jwt) => {
                VerifiablePresentation::verify_jwt(jwt, options, resolver, &mut loader).await
            }
            presentation => {
                let presentation: VerifiablePresentation =
                    serde_json::from_value(presentation.clone())?;
                presentation.verify(options, resolver, &mut loader).await
            }
        })
    }
}

/// A key, and the DID that carries it.
fn make_key(kind: &str, method: &str) -> Outcome {
    let jwk = match kind {
        "Ed25519" => JWK::generate_ed25519()?,
        "P-256" => JWK::generate_p256()?,
        _ => return Err("no such kind of key".into()),
    };
    let public = jwk.to_public();
    let source = Source::Key(&public);
    let did = match method {
        "key" => DIDKey.generate(&source),
        "jwk" => DIDJWK.generate(&source),
        _ => None,
    };
    let did = did.ok_or("no such method for this key")?;
    Ok(json!({ "jwk": jwk, "did": did }))
}

fn options(request: &Value) -> Result<LinkedDataProofOptions, Box<dyn Error>> {
    let mut options = LinkedDataProofOptions::default();
    let written = |name: &str| request[name].as_str().map(str::to_owned);
    options.challenge = written("challenge");
    options.domain = written("domain");
    if let Some(method) = written("verification_method") {
        options.verification_method = Some(didkit::URI::String(method));
    }
    match request["suite"].as_str() {
        // What a JWT cannot say must not be asked for.
        Some("jwt") => {
            options.created = None;
            options.checks = None;
            options.proof_purpose = None;
        }
        Some(_) => options.type_ = Some(serde_json::from_value(request["suite"].clone())?),
        None => {}
    }
    Ok(options)
}

fn loader(request: &Value) -> Result<ContextLoader, Box<dyn Error>> {
    let documents: HashMap<String, String> = request["documents"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(address, document)| (address.clone(), document.to_string()))
        .collect();
    Ok(ContextLoader::default().with_context_map_from(documents)?)
}

fn must(result: VerificationResult) -> Outcome {
    if !result.errors.is_empty() {
        return Err(format!("not verified: {}", result.errors.join("; ")).into());
    }
    if result.checks.is_empty() {
        return Err("not verified: nothing was checked".into());
    }
    Ok(true.into())
}

fn text<'a>(request: &'a Value, name: &str) -> Result<&'a str, String> {
    request[name]
        .as_str()
        .ok_or_else(|| format!("{name} is missing"))
}
