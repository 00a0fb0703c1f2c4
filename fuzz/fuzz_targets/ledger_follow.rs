//! Headers of a network, signed by whichever validators the input says and damaged where it says:
//! those that too few signed never count.
#![no_main]

use keys::SigningKey;
use ledger::comet::{HeaderError, NetworkPin};
use ledger::{Evidence, Pin, Replica, Update, UpdateError, advance};
use libfuzzer_sys::arbitrary::{self, Unstructured};
use serde_json::json;
use tendermint::block::header::Version;
use tendermint::block::signed_header::SignedHeader;
use tendermint::block::{Commit, CommitSig, Header, Height, Id, Round, parts};
use tendermint::validator::{Info, Set};
use tendermint::vote::{Type, ValidatorIndex, Vote};
use tendermint::{AppHash, Hash, PublicKey, Signature, Time};
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::{
    Header as RawHeader, SignedHeader as RawSigned, ValidatorSet as RawSet,
};

const BEGAN: i64 = 1_800_000_000;

struct Input {
    start: Place,
    steps: Vec<Step>,
    /// Bytes that are put over those of one of the parts.
    damage: Option<(u8, u16, [u8; 4])>,
    size: u64,
    now: u32,
}

struct Place {
    height: Far<u64>,
    time: Far<i64>,
    /// Powers of the validators who sign it, and of those who sign the next.
    own: [u64; 4],
    next: [u64; 4],
    other_chain: bool,
}

struct Step {
    place: Place,
    /// Who signs: a bit each.
    signers: u8,
    /// Who is said to have voted for nothing.
    nil: u8,
    round: u16,
}

/// A little beyond the one before, or anywhere.
enum Far<T> {
    By(u8),
    At(T),
}

impl Input {
    fn read(from: &mut Unstructured<'_>) -> arbitrary::Result<Self> {
        let (damage, size, now) = from.arbitrary()?;
        let start = Place::read(from)?;
        let mut steps = Vec::new();
        while steps.len() < 4 && !from.is_empty() {
            steps.push(Step::read(from)?);
        }
        Ok(Self {
            start,
            steps,
            damage,
            size,
            now,
        })
    }
}

impl Place {
    fn read(from: &mut Unstructured<'_>) -> arbitrary::Result<Self> {
        let how: u8 = from.arbitrary()?;
        let height = match how & 7 {
            0 => Far::At(from.arbitrary()?),
            _ => Far::By(from.arbitrary()?),
        };
        let time = match how >> 3 & 7 {
            0 => Far::At(from.arbitrary()?),
            _ => Far::By(from.arbitrary()?),
        };
        let mut powers = || match how >> 6 {
            0 => from.arbitrary::<[u64; 4]>(),
            _ => Ok(from.arbitrary::<[u8; 4]>()?.map(u64::from)),
        };
        Ok(Self {
            height,
            time,
            own: powers()?,
            next: powers()?,
            other_chain: from.ratio(1, 64)?,
        })
    }
}

impl Step {
    fn read(from: &mut Unstructured<'_>) -> arbitrary::Result<Self> {
        let place = Place::read(from)?;
        let (signers, nil, round) = from.arbitrary()?;
        Ok(Self {
            place,
            signers,
            nil,
            round,
        })
    }
}

impl Place {
    fn header(&self, last: (u64, i64)) -> Option<Header> {
        let height = match self.height {
            Far::By(more) => last.0.checked_add(more.into())?,
            Far::At(height) => height,
        };
        let seconds = match self.time {
            Far::By(more) => last.1.checked_add(more.into())?,
            Far::At(time) => time,
        };
        let chain = if self.other_chain { "other" } else { "test" };
        Some(Header {
            version: Version { block: 11, app: 1 },
            chain_id: chain.parse().ok()?,
            height: Height::try_from(height).ok()?,
            time: Time::from_unix_timestamp(seconds, 0).ok()?,
            last_block_id: None,
            last_commit_hash: None,
            data_hash: None,
            validators_hash: set(&self.own)?.hash(),
            next_validators_hash: set(&self.next)?.hash(),
            consensus_hash: Hash::Sha256([2; 32]),
            app_hash: AppHash::try_from(vec![0; 32]).ok()?,
            last_results_hash: None,
            evidence_hash: None,
            proposer_address: info(0, 1)?.address,
        })
    }
}

fn key(number: usize) -> SigningKey {
    SigningKey::ed25519_from_seed(&[number as u8 + 1; 32])
}

fn info(number: usize, power: u64) -> Option<Info> {
    let raw = key(number).public().to_point_bytes();
    let key = PublicKey::from_raw_ed25519(&raw)?;
    Some(Info::new(key, power.try_into().ok()?))
}

/// None where the powers are more than a set may have; one without power is not in it.
fn set(powers: &[u64; 4]) -> Option<Set> {
    let infos = powers.iter().enumerate().filter(|(_, power)| **power > 0);
    let infos: Vec<Info> = infos
        .map(|(at, power)| info(at, *power))
        .collect::<Option<_>>()?;
    let sum = powers
        .iter()
        .try_fold(0_u64, |sum, power| sum.checked_add(*power))?;
    (sum <= Set::MAX_TOTAL_VOTING_POWER).then(|| Set::without_proposer(infos))
}

fn sign(step: &Step, header: Header) -> Option<SignedHeader> {
    let block_id = Id {
        hash: header.hash(),
        part_set_header: parts::Header::new(1, Hash::Sha256([1; 32])).ok()?,
    };
    let round = Round::try_from(i32::from(step.round)).ok()?;
    let mut signatures = Vec::new();
    for (index, one) in set(&step.place.own)?.validators().iter().enumerate() {
        let number = (0..4).find(|at| info(*at, 1).is_some_and(|it| it.address == one.address))?;
        if step.signers >> number & 1 == 0 {
            signatures.push(CommitSig::BlockIdFlagAbsent);
            continue;
        }
        let nil = step.nil >> number & 1 == 1;
        let vote = Vote {
            vote_type: Type::Precommit,
            height: header.height,
            round,
            block_id: (!nil).then_some(block_id),
            timestamp: Some(header.time),
            validator_address: one.address,
            validator_index: ValidatorIndex::try_from(index).ok()?,
            signature: None,
            extension: Vec::new(),
            extension_signature: None,
        };
        let bytes = vote.into_signable_vec(header.chain_id.clone());
        let signature = Signature::new(key(number).sign(&bytes)).ok()?;
        let (validator_address, timestamp) = (one.address, header.time);
        signatures.push(if nil {
            CommitSig::BlockIdFlagNil {
                validator_address,
                timestamp,
                signature,
            }
        } else {
            CommitSig::BlockIdFlagCommit {
                validator_address,
                timestamp,
                signature,
            }
        });
    }
    let commit = Commit {
        height: header.height,
        round,
        block_id,
        signatures,
    };
    SignedHeader::new(header, commit).ok()
}

/// Two thirds of the validators signed for the header.
fn is_enough(step: &Step) -> bool {
    let power = |mask: u8| -> u128 {
        let own = step.place.own.iter().enumerate();
        own.filter(|(at, _)| mask >> at & 1 == 1)
            .map(|(_, power)| u128::from(*power))
            .sum()
    };
    3 * power(step.signers & !step.nil) > 2 * power(0x0f)
}

fn try_all(input: &Input) -> Option<()> {
    let start = input.start.header((1, BEGAN))?;
    let (mut last, mut sets) = (
        (start.height.value(), start.time.unix_timestamp()),
        Vec::new(),
    );
    sets.extend([set(&input.start.own)?, set(&input.start.next)?]);
    let pin = (last.0, start.hash().as_bytes().try_into().ok()?);
    let mut parts = vec![<Header as Protobuf<RawHeader>>::encode_vec(start)];
    for step in &input.steps {
        let header = step.place.header(last)?;
        last = (header.height.value(), header.time.unix_timestamp());
        sets.extend([set(&step.place.own)?, set(&step.place.next)?]);
        parts.push(<SignedHeader as Protobuf<RawSigned>>::encode_vec(sign(
            step, header,
        )?));
    }
    let steps = parts.len();
    parts.extend(sets.into_iter().map(<Set as Protobuf<RawSet>>::encode_vec));
    if let Some((part, at, bytes)) = &input.damage {
        let part = usize::from(*part) % parts.len();
        let room = parts[part].get_mut(usize::from(*at)..)?;
        room.iter_mut()
            .zip(bytes)
            .for_each(|(old, new)| *old = *new);
    }
    let parts: Vec<String> = parts.iter().map(keys::b64::encode).collect();
    let headers = json!({
        "cairn_headers": 1,
        "root": keys::b64::encode([0; 32]),
        "sets": parts[steps..],
        "size": input.size,
        "start": parts[0],
        "steps": parts[1..steps],
    });
    let text = headers.to_string();
    let day = std::time::Duration::from_secs(86_400);
    let network = NetworkPin::new("test", pin.0, pin.1, 30 * day).ok()?;
    let pin = Pin::of_network(&keys::b64::encode([0; 32]), "Test", network).ok()?;
    let update = Update {
        checkpoint: text.clone().into_bytes(),
        tiles: Vec::new(),
    };
    let now = BEGAN + i64::from(input.now);
    // The log is none that a header commits to: what follows comes as far as that.
    if let Err(UpdateError::Header(HeaderError::WrongAppHash)) =
        advance(&Replica::new(pin.clone()), &update, now)
    {
        assert!(input.steps.is_empty() || input.steps.iter().any(is_enough));
    }
    let evidence = json!({
        "cairn_evidence": 1,
        "checkpoint": text,
        "entry": {},
        "inclusion": [],
        "records": [{"record": {}, "siblings": []}],
    });
    let evidence = Evidence::parse(evidence.to_string().as_bytes()).ok()?;
    assert!(evidence.check(&pin).is_err());
    Some(())
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(input) = Input::read(&mut Unstructured::new(bytes)) {
        let _ = try_all(&input);
    }
});
