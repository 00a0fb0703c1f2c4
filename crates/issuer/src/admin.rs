//! How `offer`, `list` and `status` work beside a running service: they ask it, with a token that only
//! the owner of the data folder can read. Whether one runs is seen by the lock on the records,
//! so that claims are never sent to whoever happens to listen on the port.

use anyhow::Context as _;
use keys::{UnixTime, json};
use net::{Client, Http as _, Policy, Request};
use program::now;
use program::output::Failure;
use protocol::issuer::{Form, OfferTerms, StatusAction, TxCodeTerms};
use serde_json::{Map, Value, json};
use url::Url;

use crate::files::{Admin, Data};
use crate::offer::{list_view, make};
use crate::open::{self, Service};
use crate::status;

/// Where offers are made.
pub(crate) enum Desk {
    Here(Box<Service>),
    Running(Admin),
}

impl Desk {
    pub(crate) fn open(data: &Data) -> anyhow::Result<Self> {
        let settings = data.settings()?;
        let Some(records) = open::records(data)? else {
            return Ok(Self::Running(data.admin()?));
        };
        let key = data.key(settings.key.as_deref(), None)?;
        let service = open::issuer(data, &settings, key, records)?;
        Ok(Self::Here(Box::new(service)))
    }

    pub(crate) async fn offer(&self, terms: OfferTerms) -> Result<Value, Failure> {
        match self {
            Self::Here(service) => make(service, terms, now()),
            Self::Running(admin) => ask(admin, PATH, Some(&terms_to_json(&terms))).await,
        }
    }

    pub(crate) async fn list(&self) -> Result<Value, Failure> {
        match self {
            Self::Here(service) => {
                let grants = service.list(now()).map_err(anyhow::Error::from)?;
                Ok(list_view(&grants))
            }
            Self::Running(admin) => ask(admin, PATH, None).await,
        }
    }

    pub(crate) async fn set_status(
        &self,
        id: &str,
        action: StatusAction,
    ) -> Result<Value, Failure> {
        match self {
            Self::Here(service) => status::set(service, id, action),
            Self::Running(admin) => {
                let wanted = status::to_json(id, action);
                ask(admin, STATUS_PATH, Some(&wanted)).await
            }
        }
    }

    pub(crate) async fn status_lists(&self) -> Result<Value, Failure> {
        match self {
            Self::Here(service) => status::lists(service),
            Self::Running(admin) => ask(admin, STATUS_PATH, None).await,
        }
    }
}

/// The path of the route.
pub(crate) const PATH: &str = "/admin/offers";
/// The path of the route for statuses.
pub(crate) const STATUS_PATH: &str = "/admin/status";

async fn ask(admin: &Admin, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
    let url: Url = format!("{}{path}", admin.url)
        .parse()
        .context("the address of the running service is damaged")?;
    let request = match body {
        Some(body) => Request::post_json(url, body),
        None => Request::get(url),
    };
    let request = request
        .header("authorization", &format!("Bearer {}", admin.token))
        .limit(1024 * 1024);
    let client = Client::new(Policy { demo: true }).map_err(anyhow::Error::from)?;
    let response = client
        .send(request)
        .await
        .context("the running service does not answer")?;
    let answer =
        json::parse_object(&response.body).context("the running service gave a damaged answer")?;
    if response.is_success() {
        return Ok(Value::Object(answer));
    }
    let text = |name: &str| {
        let error = answer.get("error").and_then(|error| error.get(name));
        error.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let faults = answer.get("error").and_then(|error| error.get("faults"));
    Err(Failure {
        kind: text("kind"),
        message: text("message"),
        advice: text("advice"),
        exit: if response.status == 422 { 2 } else { 1 },
        faults: faults.cloned(),
    })
}

fn terms_to_json(terms: &OfferTerms) -> Value {
    let tx_code = match &terms.tx_code {
        TxCodeTerms::Random => json!({"random": true}),
        TxCodeTerms::Given(code) => json!({"given": code}),
        TxCodeTerms::Absent => Value::Null,
    };
    json!({
        "type": terms.type_name,
        "format": terms.form.map(Form::name),
        "claims": terms.claims,
        "tx_code": tx_code,
        "by_reference": terms.by_reference,
        "copies": terms.copies,
        "offer_lifetime": terms.offer_lifetime,
        "valid_for": terms.valid_for,
    })
}

/// What the route reads. Only the owner of the folder speaks to it, yet it is as strict.
pub(crate) fn terms_from_json(object: &Map<String, Value>) -> Option<OfferTerms> {
    let number = |name: &str| object.get(name).and_then(Value::as_u64);
    let seconds = |name: &str| number(name).and_then(|number| UnixTime::try_from(number).ok());
    let tx_code = match object.get("tx_code")? {
        Value::Null => TxCodeTerms::Absent,
        terms => match terms.get("given") {
            Some(code) => TxCodeTerms::Given(code.as_str()?.to_owned()),
            None => TxCodeTerms::Random,
        },
    };
    Some(OfferTerms {
        type_name: object.get("type")?.as_str()?.to_owned(),
        form: match object.get("format")? {
            Value::Null => None,
            name => Some(Form::from_name(name.as_str()?)?),
        },
        claims: object.get("claims")?.as_object()?.clone(),
        tx_code,
        by_reference: object.get("by_reference")?.as_bool()?,
        copies: usize::try_from(number("copies")?).ok()?,
        offer_lifetime: seconds("offer_lifetime")?,
        valid_for: match object.get("valid_for")? {
            Value::Null => None,
            _ => Some(seconds("valid_for")?),
        },
    })
}
