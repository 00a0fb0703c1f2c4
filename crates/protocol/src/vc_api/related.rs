use credential::vcdm::Credential;
use net::{Http, Request};
use url::Url;

use super::Problem;

/// The most related resources that are fetched for one credential.
const MAX_RESOURCES: usize = 4;
/// The longest related resource that is fetched, in bytes.
const MAX_RESOURCE: usize = 1 << 20;

/// Fetches what the credential gives digests of and what is not compiled in, and refuses a digest
/// of anything else: what an issuer signs, somebody has checked.
pub(super) async fn check(http: &dyn Http, credential: &Credential) -> Result<(), Problem> {
    let unknown: Vec<_> = credential
        .related_resources()?
        .into_iter()
        .filter(|resource| !resource.is_known())
        .collect();
    if unknown.len() > MAX_RESOURCES {
        return Err(Problem::Related);
    }
    for resource in unknown {
        let url = Url::parse(resource.id()).map_err(|_| Problem::Related)?;
        let request = Request::get(url).limit(MAX_RESOURCE);
        let response = http.send(request).await.map_err(|_| Problem::Related)?;
        if response.status != 200 {
            return Err(Problem::Related);
        }
        if !resource.is(&response.body) {
            return Err(Problem::OtherResource);
        }
    }
    Ok(())
}
