//! Checking a credential that lies in a file: every check by its name.

use credential::format;
use keys::json;
use serde_json::Value;

use crate::add::AddError;
use crate::wallet::{Wallet, now};

/// One check and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, for scripts.
    pub name: &'static str,
    /// Whether it passed.
    pub ok: bool,
    /// What was found. Never a value of the credential's subject.
    pub detail: String,
}

impl Check {
    fn new(name: &'static str, ok: bool, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok,
            detail: detail.into(),
        }
    }
}

impl Wallet {
    /// Checks a credential: form, issuer key, signature and dates, the issuer on the ledger.
    /// Speaks to the issuer's host, where its key is there. A check that cannot be made
    /// because an earlier one failed is left out.
    pub async fn verify(&self, bytes: &[u8]) -> Vec<Check> {
        let mut checks = Vec::new();
        self.run(bytes, &mut checks).await;
        checks
    }

    async fn run(&self, bytes: &[u8], checks: &mut Vec<Check>) {
        let parsed = std::str::from_utf8(bytes)
            .map_err(|_| "not text".to_owned())
            .map(|text| read(text.trim()))
            .and_then(|text| match format::recognise(&text) {
                Ok((format, claimed)) => Ok((text, format, claimed)),
                Err(refused) => Err(refused.to_string()),
            });
        let (text, format, claimed) = match parsed {
            Ok(found) => found,
            Err(error) => return checks.push(Check::new("form", false, error)),
        };
        let name = format.ids().first().copied().unwrap_or_default();
        checks.push(Check::new("form", true, name));
        let (key, how) = match self.issuer_key(&claimed).await {
            Ok(found) => found,
            Err(error) => return checks.push(Check::new("issuer_key", false, describe(&error))),
        };
        let Some(public) = key.public() else {
            return checks.push(Check::new("issuer_key", false, "the chain is empty"));
        };
        let found = match how {
            crate::HowKnown::Certificate => "by certificate",
            crate::HowKnown::Did => "by DID",
            crate::HowKnown::Website => "by the issuer's web site",
        };
        let detail = format!("{found}, {}", public.thumbprint());
        checks.push(Check::new("issuer_key", true, detail));
        let facts = match format.verify(&text, public, now()) {
            Ok(facts) => facts,
            Err(error) => return checks.push(Check::new("signature", false, error.to_string())),
        };
        checks.push(Check::new(
            "signature",
            true,
            "signature, digests and dates",
        ));
        let verdict = self
            .trust
            .issuer(key.presented(), &facts.type_id, facts.issued_at);
        let name = crate::trust::listed_name(&verdict, "en");
        let detail = match name {
            Some(name) => format!("{}: {name}", verdict.standing.name()),
            None => verdict.standing.name().to_owned(),
        };
        checks.push(Check::new(
            "ledger",
            crate::add::is_listed(&verdict),
            detail,
        ));
    }
}

/// A file may hold it as a JSON string.
fn read(text: &str) -> String {
    match json::parse(text.as_bytes()) {
        Ok(Value::String(inner)) => inner,
        _ => text.to_owned(),
    }
}

fn describe(error: &AddError) -> String {
    error.to_string()
}
