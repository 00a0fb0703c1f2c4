//! The counter where there is no network, and a card in the hands of its holder.

use std::process::Command;

use code::{Assembly, Frames, Size, Symbol, Word, still};
use credential::format::Format;
use keys::SigningKey;
use ledger::{FolderSource, Pin, StoredReplica};
use net::{Client, Http as _, Policy};
use protocol::counter_code::{Answer, Ask, Binding, Bound, StapledStatus, Staples};
use protocol::issuance::{redeem, resolve};
use protocol::link::Link;
use query::ClaimPath;
use serde_json::{Map, Value, json};

use crate::formats::purposes;
use crate::stage::{Issuer, LedgerDesk, Said, Stage, said};

/// The same command where there is no network.
pub(crate) fn cut_off(inner: &Command) -> Command {
    let mut outer = Command::new("unshare");
    outer.args(["--map-root-user", "--net"]);
    outer.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    if let Some(folder) = inner.get_current_dir() {
        outer.current_dir(folder);
    }
    outer
}

/// A desk that is never on line, with the options that it always has.
pub(crate) struct Desk<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) data: String,
    /// Where it has the ledger from.
    pub(crate) ledger: Vec<String>,
    pub(crate) purposes: String,
    pub(crate) client_id: String,
}

impl<'a> Desk<'a> {
    pub(crate) fn open(stage: &'a Stage, name: &str, ledger: &[&str], purposes: &str) -> Self {
        let data = stage.text_path(name);
        let id = stage.run(
            "cairn-counter",
            &["id", "--demo", "--json", "--data", &data],
        );
        Self {
            stage,
            data,
            ledger: ledger.iter().map(|&text| text.to_owned()).collect(),
            purposes: purposes.to_owned(),
            client_id: id.done()["client_id"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let mut inner = self.stage.command("cairn-counter");
        inner.args(["--demo", "--json", "--data", &self.data]);
        inner
            .args(["--purposes", &self.purposes])
            .args(&self.ledger);
        inner.args(arguments);
        said(&mut cut_off(&inner))
    }

    pub(crate) fn ask(&self, more: &[&str]) -> Ask {
        let asked = self.run(&[["ask", "--purpose", "p"].as_slice(), more].concat());
        let text = asked.done()["text"].as_str().unwrap().to_owned();
        let mut assembly = code::Assembly::new(Word::ASK);
        assembly.add(&text).unwrap();
        Ask::parse(assembly.message().unwrap()).unwrap()
    }

    /// Shows the code to the camera, one picture or a film of frames, which must be read.
    #[track_caller]
    pub(crate) fn sees(&self, message: &[u8]) -> Value {
        let file = match still(Word::ANSWER, message) {
            Some(one) => self.stage.write("seen.png", one.png(4)),
            None => {
                let shown = without_the_first_two(message);
                self.stage.write("seen.gif", code::gif(&shown, 10, 4))
            }
        };
        self.run(&["read", &file]).done_by(&[&file])
    }

    /// Reads the code as a handheld scanner types it.
    pub(crate) fn read(&self, message: &[u8]) -> Said {
        let texts: Vec<String> = match still(Word::ANSWER, message) {
            Some(one) => vec![one.text().to_owned()],
            None => {
                let frames = Frames::new(Word::ANSWER, message, Size::Medium).unwrap();
                let count = u32::try_from(frames.count()).unwrap();
                (1..=count).map(|n| frames.text(n).unwrap()).collect()
            }
        };
        let file = self.stage.write("typed.txt", texts.join("\n"));
        self.run(&["read", "--text", &file])
    }

    #[track_caller]
    pub(crate) fn refuses(&self, message: &[u8], kind: &str) {
        let told = self.read(message);
        assert_eq!(told.code, 2, "{told:?}");
        let told = told.json();
        assert_eq!(told["outcome"], "refused", "{told}");
        assert_eq!(told["reasons"][0]["kind"], kind, "{told}");
        assert_eq!(told["claims"], json!({}), "refused, so nothing is kept");
    }
}

/// A ledger, an issuer of exemptions that it lists, and the purposes of a desk that asks for one.
pub(crate) fn exempting(stage: &Stage) -> (LedgerDesk<'_>, Issuer<'_>, String) {
    let ledger = LedgerDesk::found(stage);
    let issuer = Issuer::open(stage);
    ledger.register_issuer(&issuer);
    let purposes = purposes(stage, &json!([sd_jwt_query()]));
    (ledger, issuer, purposes)
}

/// A card in the hands of its holder.
pub(crate) struct Card {
    pub(crate) format: &'static dyn Format,
    pub(crate) text: String,
    pub(crate) key: Option<SigningKey>,
    pub(crate) query: Value,
}

pub(crate) fn client() -> Client {
    Client::new(Policy { demo: true }).unwrap()
}

pub(crate) fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[tokio::main]
pub(crate) async fn take(link: &str) -> (&'static dyn Format, String, Option<SigningKey>) {
    let Link::Offer(link) = Link::parse(link).unwrap() else {
        panic!("no offer")
    };
    let offer = resolve(&client(), &link).await.unwrap();
    let ids: Vec<String> = offer
        .configurations
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let redeemed = redeem(&client(), &offer, &ids[..1], None, 1, now()).await;
    let mut issued = redeemed.unwrap().credentials.swap_remove(0);
    let copy = issued.copies.swap_remove(0);
    (issued.format, copy.credential, copy.key)
}

#[tokio::main]
pub(crate) async fn fetch(url: &str) -> Vec<u8> {
    let request = net::Request::get(url.parse().unwrap());
    client().send(request).await.unwrap().body
}

impl Card {
    pub(crate) fn of(issuer: &Issuer<'_>, query: &Value) -> Self {
        Self::with(issuer, query, &[])
    }

    /// Of an offer with more options.
    pub(crate) fn with(issuer: &Issuer<'_>, query: &Value, more: &[&str]) -> Self {
        let options = ["--no-tx-code", "--copies", "1"];
        let (format, text, key) = take(&issuer.offer(&[options.as_slice(), more].concat()));
        Self {
            format,
            text,
            key,
            query: query.clone(),
        }
    }

    pub(crate) fn answer(&self, desk: &str, binding: Binding) -> Answer {
        let bound = Bound::new(desk, "p", binding);
        let claims = self.query["claims"].as_array().unwrap();
        let paths: Vec<ClaimPath> = claims
            .iter()
            .map(|claim| ClaimPath::from_json(&claim["path"]).unwrap())
            .collect();
        let shown = self
            .format
            .present(&self.text, &paths, &bound.request(), self.key.as_ref())
            .unwrap();
        let id = self.query["id"].as_str().unwrap().to_owned();
        Answer::new(bound, Map::from_iter([(id, json!([shown]))]))
    }

    pub(crate) fn code(&self, desk: &Desk<'_>, binding: Binding) -> Vec<u8> {
        self.answer(&desk.client_id, binding).encode().unwrap()
    }

    /// The code in answer to what the desk's screen asks now, with these staples.
    pub(crate) fn live(&self, desk: &Desk<'_>, staples: Staples) -> Vec<u8> {
        let question = desk.ask(&["--live"]).make_binding(now());
        let answer = self.answer(&desk.client_id, question);
        answer.with_staples(staples).encode().unwrap()
    }

    /// Its lists of statuses alone.
    pub(crate) fn staples(&self) -> Staples {
        Staples {
            statuses: self.statuses(),
            ..Staples::default()
        }
    }

    /// The lists of statuses as they are published now; none for a card without a status.
    pub(crate) fn statuses(&self) -> Vec<StapledStatus> {
        let facts = self.format.describe(&self.text).unwrap();
        let lists = facts.status.iter().map(|reference| StapledStatus {
            uri: reference.list().to_owned(),
            list: fetch(reference.list()),
        });
        lists.collect()
    }
}

/// The ledger's evidence about a body.
#[tokio::main]
pub(crate) async fn evidence(stage: &Stage, ledger: &LedgerDesk<'_>, body: &str) -> Vec<u8> {
    let pin = std::fs::read(format!("{}/pin.json", ledger.folder)).unwrap();
    let folder = stage.path("evidence-replica");
    let mut stored = StoredReplica::open(folder, Pin::parse(&pin).unwrap()).unwrap();
    let source = FolderSource::new(&ledger.folder);
    stored.sync(&source, now()).await.unwrap();
    stored
        .prove_standing(body)
        .unwrap()
        .unwrap()
        .to_bytes()
        .unwrap()
}

pub(crate) fn outcome(told: &Value) -> &str {
    told["outcome"].as_str().unwrap()
}

pub(crate) fn kinds(told: &Value) -> Vec<&str> {
    let reasons = told["reasons"].as_array().unwrap().iter();
    reasons
        .map(|reason| reason["kind"].as_str().unwrap())
        .collect()
}

pub(crate) fn sd_jwt_query() -> Value {
    json!({
        "id": "exemption",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [crate::stage::EXEMPTION_VCT]},
        "claims": [{"path": ["exemption_type"]}, {"path": ["family_name"]}],
    })
}

/// A moving code from its third frame on, until others have brought what the first two held, and
/// four more.
/// Which ones do is the fountain's choice: it goes by the message.
fn without_the_first_two(message: &[u8]) -> Vec<Symbol> {
    let frames = Frames::new(Word::ANSWER, message, Size::Medium).unwrap();
    let mut reader = Assembly::new(Word::ANSWER);
    let mut shown = Vec::new();
    while reader.message().is_none() {
        let number = u32::try_from(shown.len()).unwrap() + 3;
        assert!(number < 1000, "the frames never suffice");
        let frame = frames.part(number).unwrap();
        reader.add(frame.text()).unwrap();
        shown.push(frame);
    }
    // A wallet goes on showing: a frame that is not read is made up for.
    let number = |more| u32::try_from(shown.len()).unwrap() + 3 + more;
    let more: Vec<Symbol> = (0..4).map(|n| frames.part(number(n)).unwrap()).collect();
    shown.extend(more);
    shown
}
