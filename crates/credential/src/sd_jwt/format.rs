use keys::{PublicKey, UnixTime};
use query::ClaimPath;

use super::{FORMAT, Processed, Unverified};
use crate::KeySource;
use crate::format::{Binding, Facts, Format, Refused};

/// SD-JWT VC as one of the [`FORMATS`](crate::format::FORMATS).
pub struct SdJwtVc;

impl Format for SdJwtVc {
    fn ids(&self) -> &'static [&'static str] {
        &[FORMAT, "vc+sd-jwt"]
    }

    fn key_source(&self, text: &str) -> Result<KeySource, Refused> {
        Unverified::parse(text)
            .map_err(Refused::because)?
            .key_source()
            .map_err(Refused::because)
    }

    fn verify(&self, text: &str, issuer: &PublicKey, now: UnixTime) -> Result<Facts, Refused> {
        Unverified::parse(text)
            .map_err(Refused::because)?
            .verify(issuer, now)
            .map(|verified| facts(&verified))
            .map_err(Refused::because)
    }

    fn describe(&self, stored: &str) -> Result<Facts, Refused> {
        Ok(facts(&open(stored)?))
    }

    fn preview(&self, stored: &str, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>, Refused> {
        let selection = open(stored)?.select(paths).map_err(Refused::because)?;
        Ok(selection.revealed().to_vec())
    }

    fn present(
        &self,
        stored: &str,
        paths: &[ClaimPath],
        binding: Option<Binding<'_>>,
    ) -> Result<String, Refused> {
        let selection = open(stored)?.select(paths).map_err(Refused::because)?;
        match binding {
            None => Ok(selection.into_unbound()),
            Some(to) => selection
                .bind(to.key, to.audience, to.nonce, to.now)
                .map_err(Refused::because),
        }
    }
}

fn open(stored: &str) -> Result<Processed, Refused> {
    Processed::from_store(stored).map_err(Refused::because)
}

fn facts(credential: &Processed) -> Facts {
    Facts {
        type_id: credential.vct().to_owned(),
        issuer: credential.issuer().map(str::to_owned),
        holder: credential.holder_key().cloned(),
        valid_from: credential.valid_from(),
        valid_until: credential.valid_until(),
        claims: credential.claims().clone(),
        paths: credential
            .describe()
            .into_iter()
            .map(|claim| (claim.path, claim.can_hide))
            .collect(),
    }
}
