//! The ledger's side: asking its witnesses to cosign, all at once and for a bounded time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ledger::checkpoint::Checkpoint;
use ledger::merkle::Tree;
use ledger::note::{self, VerifierKey};
use ledger::witness::Submission;
use ledger::{Cosignature, Cosigners, Log};
use net::{Http as _, Request};
use tokio::task::JoinSet;
use url::Url;

use super::{home, read, threshold, witness_key};
use crate::dates;
use crate::failure::Failure;
use crate::output;

/// A witness answers within this time, or the checkpoint is published without it.
const WITHIN: Duration = Duration::from_secs(20);
/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 16 * 1024;
/// A witness whose clock is more seconds than these ahead or behind is not believed.
const CLOCK_OFF: u64 = 300;
/// A first word on where the witness stands, and one more when it says otherwise.
const ATTEMPTS: usize = 3;

/// Why one witness did not cosign.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("it did not answer in time")]
    TimedOut,
    #[error("it could not be reached")]
    Unreachable(#[from] net::HttpError),
    #[error("it refused with status {0}: {1}")]
    Refused(u16, String),
    #[error("it has cosigned {0} entries, and this ledger has fewer: was the folder set back?")]
    Ahead(u64),
    #[error("its answer is not a cosignature by its key")]
    NotCosigned,
    #[error("it cosigned by {0}, which is another key than the one that was given for it")]
    OtherKey(String),
    #[error("its clock is wrong")]
    Clock,
}

/// Those whom a ledger asks.
pub(crate) struct Witnesses {
    dir: PathBuf,
    list: Vec<Witness>,
    outcome: Mutex<Vec<(String, Result<(), AskError>)>>,
}

#[derive(Clone)]
struct Witness {
    key: VerifierKey,
    url: Url,
    http: Arc<net::Client>,
}

impl Witnesses {
    /// Lets the log ask the witnesses of its folder, where it has any.
    pub(crate) fn attach(log: &mut Log, dir: &Path) -> Result<Option<Arc<Self>>, Failure> {
        let witnesses = Self::open(dir)?;
        if let Some(witnesses) = &witnesses {
            log.ask(witnesses.clone());
        }
        Ok(witnesses)
    }

    /// The witnesses of a ledger's folder, where it has any.
    pub(crate) fn open(dir: &Path) -> Result<Option<Arc<Self>>, Failure> {
        let entries = read(dir)?.witnesses;
        if entries.is_empty() {
            return Ok(None);
        }
        let mut list = Vec::new();
        for entry in entries {
            let url = format!("{}/add-checkpoint", entry.url);
            let url: Url = url
                .parse()
                .map_err(|_| Failure::failed("usage", format!("{url} is not a URL")))?;
            list.push(Witness {
                key: witness_key(&entry.key)?,
                http: Arc::new(home::client_for(&url)?),
                url,
            });
        }
        Ok(Some(Arc::new(Self {
            dir: dir.to_owned(),
            list,
            outcome: Mutex::default(),
        })))
    }

    /// Says whom the last checkpoint went without, and what that means for readers.
    pub(crate) fn say(&self) {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<_> = outcome
            .iter()
            .filter_map(|(name, result)| Some((name, result.as_ref().err()?)))
            .collect();
        for (name, error) in &missing {
            output::remark(format_args!("Not cosigned by {name}: {error}."));
        }
        let signed = outcome.len() - missing.len();
        let wanted = threshold(&self.dir).unwrap_or(0);
        if signed < wanted {
            output::remark(format_args!(
                "{signed} of {} witnesses cosigned. Readers whose pin asks for {wanted} go by what \
                 they had until enough have: `cairn-ledger attest` asks again.",
                outcome.len(),
            ));
        }
    }

    /// The size at which a witness is likely to be: that of the published checkpoint, where it
    /// stands on it.
    fn likely(&self, key: &VerifierKey) -> u64 {
        let published = std::fs::read(self.dir.join("checkpoint")).unwrap_or_default();
        let Ok(opened) = note::open(&published, std::slice::from_ref(key)) else {
            return 0;
        };
        Checkpoint::parse(&opened.text).map_or(0, |checkpoint| checkpoint.size)
    }

    async fn collect(&self, note: &[u8], tree: &Tree) -> Vec<Cosignature> {
        let tree = Arc::new(tree.clone());
        let note: Arc<[u8]> = note.into();
        let mut asking = JoinSet::new();
        for (position, witness) in self.list.iter().cloned().enumerate() {
            let (tree, note) = (Arc::clone(&tree), Arc::clone(&note));
            let likely = self.likely(&witness.key);
            asking.spawn(async move {
                let asked = witness.ask(&note, &tree, likely);
                let answer = tokio::time::timeout(WITHIN, asked).await;
                (position, answer.unwrap_or(Err(AskError::TimedOut)))
            });
        }
        let mut answers = asking.join_all().await;
        answers.sort_by_key(|(position, _)| *position);
        let mut cosignatures = Vec::new();
        let mut outcome = Vec::new();
        for ((_, answer), witness) in answers.into_iter().zip(&self.list) {
            let answer = answer.map(|cosignature| cosignatures.push(cosignature));
            outcome.push((witness.key.name().to_owned(), answer));
        }
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
        cosignatures
    }
}

impl Cosigners for Witnesses {
    fn cosign(&self, checkpoint: &[u8], tree: &Tree) -> Vec<Cosignature> {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(self.collect(checkpoint, tree))
        })
    }
}

impl Witness {
    async fn ask(&self, note: &[u8], tree: &Tree, likely: u64) -> Result<Cosignature, AskError> {
        let size = tree.size();
        let mut old = likely;
        for _ in 0..ATTEMPTS {
            let proof = match old {
                0 => Vec::new(),
                _ => tree
                    .prove_consistency(old, size)
                    .ok_or(AskError::Ahead(old))?,
            };
            let submission = Submission {
                old,
                proof,
                note: note.to_vec(),
            };
            let request = Request::post(self.url.clone(), "text/plain", submission.to_bytes());
            let answer = self.http.send(request.limit(MAX_ANSWER)).await?;
            match answer.status {
                200 => return self.read(note, &answer.body),
                409 => match parse_size(&answer.body) {
                    Some(known) if known != old => old = known,
                    _ => return Err(refused(409, &answer.body)),
                },
                status => return Err(refused(status, &answer.body)),
            }
        }
        Err(AskError::Refused(409, String::new()))
    }

    fn read(&self, note: &[u8], lines: &[u8]) -> Result<Cosignature, AskError> {
        let text = std::str::from_utf8(note).map_err(|_| AskError::NotCosigned)?;
        let end = text.rfind("\n\n").ok_or(AskError::NotCosigned)?;
        let text = text.get(..=end).ok_or(AskError::NotCosigned)?;
        let cosignature = Cosignature::read(text, lines, &self.key)
            .ok()
            .flatten()
            .ok_or_else(|| self.not_by_its_key(lines))?;
        if cosignature.time().abs_diff(dates::now()) > CLOCK_OFF {
            return Err(AskError::Clock);
        }
        Ok(cosignature)
    }
}

impl Witness {
    /// By whom the answer is, where it says so.
    fn not_by_its_key(&self, lines: &[u8]) -> AskError {
        let own = (self.key.name(), self.key.id());
        match signer(lines) {
            Some((name, id)) if (name, id) != own => {
                let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
                let name: String = name.chars().take(100).collect();
                AskError::OtherKey(format!("{name}+{id:08x}"))
            }
            _ => AskError::NotCosigned,
        }
    }
}

/// Name and id of the key that the first signature line names (C2SP signed-note).
fn signer(lines: &[u8]) -> Option<(&str, u32)> {
    let line = std::str::from_utf8(lines).ok()?.lines().next()?;
    let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let signature = keys::b64::decode_standard(signature).ok()?;
    let id = signature.get(..4)?.try_into().ok()?;
    Some((name, u32::from_be_bytes(id)))
}

fn parse_size(body: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(body).ok()?.strip_suffix('\n')?;
    let size: u64 = line.parse().ok()?;
    (size.to_string() == line).then_some(size)
}

/// What the witness says, cut to one line that can do no harm on a terminal.
fn refused(status: u16, body: &[u8]) -> AskError {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().next().unwrap_or_default();
    let line = line.chars().filter(|letter| !letter.is_control());
    AskError::Refused(status, line.take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SigningKey;
    use ledger::note::{NoteAlgorithm, NoteSigner};

    const TEXT: &str = "log.example\n1\nAAAA\n";

    fn witness(key: &SigningKey) -> Witness {
        let url: Url = "https://witness.example/add-checkpoint".parse().unwrap();
        let kind = NoteAlgorithm::Cosignature;
        Witness {
            key: VerifierKey::new("w.example/1", kind, &key.public()).unwrap(),
            http: Arc::new(home::client_for(&url).unwrap()),
            url,
        }
    }

    #[test]
    fn only_a_cosignature_by_the_key_and_of_about_now_is_taken() {
        let log = SigningKey::make_ed25519();
        let signer = NoteSigner::log("log.example", &log).unwrap();
        let note = note::sign(TEXT, &[signer]).unwrap();
        let key = SigningKey::make_ed25519();
        let witness = witness(&key);
        let line = |text: &str, key: &SigningKey, time| {
            let made = Cosignature::make(text, "w.example/1", key, time);
            made.unwrap().to_line()
        };
        let now = dates::now();
        let read = |lines: &[u8]| witness.read(&note, lines);
        assert_eq!(read(&line(TEXT, &key, now)).unwrap().time(), now);
        for off in [3600, -3600] {
            let wrong = read(&line(TEXT, &key, now + off));
            assert!(matches!(wrong, Err(AskError::Clock)), "{off}");
        }
        let stranger = line(TEXT, &SigningKey::make_ed25519(), now);
        let other = line("log.example\n2\nAAAA\n", &key, now);
        for lines in [other, b"hello\n".to_vec(), Vec::new()] {
            assert!(matches!(read(&lines), Err(AskError::NotCosigned)));
        }
        let said = read(&stranger).unwrap_err().to_string();
        assert!(said.starts_with("it cosigned by w.example/1+"), "{said}");
    }

    #[test]
    fn what_a_witness_says_does_no_harm_on_a_terminal() {
        let said = refused(422, b"wrong\x1b[2J proof\nmore").to_string();
        assert_eq!(said, "it refused with status 422: wrong[2J proof");
        assert!(refused(500, &[b'x'; 5000]).to_string().len() < 300);
        for (body, size) in [
            (&b"12\n"[..], Some(12)),
            (b"12", None),
            (b"012\n", None),
            (b"-1\n", None),
        ] {
            assert_eq!(parse_size(body), size);
        }
    }
}
