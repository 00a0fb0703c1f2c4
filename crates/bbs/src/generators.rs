//! The generators (`create_generators`) and the domain that binds them to a key and
//! a header .
//!
//! Generators are the same for everybody. They are computed once in a process, when first needed,
//! and kept: about 13 KiB each. There are never more than [`MAX_MESSAGES`] and two of them, however
//! large the numbers are that come from outside.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use blstrs::{G1Projective, Scalar};
use group::{Curve as _, Group as _};

use crate::hash::{
    API, GENERATOR_FIRST, GENERATOR_POINT, GENERATOR_SEED, SCALAR, WIDE, expand, hash_to_scalar,
};
use crate::hidden::Secrets;
use crate::multiply::{Table, sum_hidden};
use crate::octets::{POINT, read_point};
use crate::{MAX_MESSAGES, PublicKey, TooManyMessages};

/// P1, a point that the ciphersuite fixes.
const P1: [u8; POINT] = [
    0xa8, 0xce, 0x25, 0x61, 0x02, 0x84, 0x08, 0x21, 0xa3, 0xe9, 0x4e, 0xa9, 0x02, 0x5e, 0x46, 0x62,
    0xb2, 0x05, 0x76, 0x2f, 0x97, 0x76, 0xb3, 0xa7, 0x66, 0xc8, 0x72, 0xb9, 0x48, 0xf1, 0xfd, 0x22,
    0x5e, 0x7c, 0x59, 0x69, 0x85, 0x88, 0xe7, 0x0d, 0x11, 0x40, 0x6d, 0x16, 0x1b, 0x4e, 0x28, 0xc9,
];

/// How many more are computed than are needed at once.
const STEP: usize = 32;

/// A generator with the table of its multiples.
struct Generator {
    octets: [u8; POINT],
    table: Table,
}

impl Generator {
    fn new(point: &G1Projective) -> Self {
        Self {
            octets: point.to_affine().to_compressed(),
            table: Table::new(point),
        }
    }
}

/// P1, Q1 and the generators of messages.
#[derive(Clone)]
struct Kept {
    /// The chain that generators are hashed from, after the last of them.
    seed: [u8; WIDE],
    p1: Arc<Generator>,
    /// Q1, H1, H2, …
    list: Vec<Arc<Generator>>,
}

static KEPT: LazyLock<RwLock<Arc<Kept>>> = LazyLock::new(|| {
    let mut seed = [0; WIDE];
    expand(&[GENERATOR_FIRST], GENERATOR_SEED, &mut seed);
    // The constant is a point; a test says so.
    let p1 = read_point(&P1).map_or_else(G1Projective::generator, G1Projective::from);
    RwLock::new(Arc::new(Kept {
        seed,
        p1: Arc::new(Generator::new(&p1)),
        list: Vec::new(),
    }))
});

impl Kept {
    fn extend_to(&mut self, count: usize) {
        while self.list.len() < count {
            let number = self.list.len() as u64 + 1;
            let before = self.seed;
            expand(
                &[&before, &number.to_be_bytes()],
                GENERATOR_SEED,
                &mut self.seed,
            );
            let point = G1Projective::hash_to_curve(&self.seed, GENERATOR_POINT, &[]);
            self.list.push(Arc::new(Generator::new(&point)));
        }
    }
}

/// The generators for so many messages.
pub(crate) struct Generators {
    kept: Arc<Kept>,
    messages: usize,
}

impl Generators {
    /// Finds the generators for `messages` messages, and computes what is missing.
    pub(crate) fn of(messages: usize) -> Result<Self, TooManyMessages> {
        if messages > MAX_MESSAGES {
            return Err(TooManyMessages);
        }
        let count = messages + 1;
        // The value behind the lock is replaced whole: a panic elsewhere leaves it good.
        let kept = Arc::clone(&KEPT.read().unwrap_or_else(PoisonError::into_inner));
        if kept.list.len() >= count {
            return Ok(Self { kept, messages });
        }
        // Under the lock, so that not two compute the same.
        let mut shared = KEPT.write().unwrap_or_else(PoisonError::into_inner);
        if shared.list.len() < count {
            let mut longer = Kept::clone(&shared);
            longer.extend_to(count.next_multiple_of(STEP).min(MAX_MESSAGES + 1));
            *shared = Arc::new(longer);
        }
        Ok(Self {
            kept: Arc::clone(&shared),
            messages,
        })
    }

    pub(crate) fn p1(&self) -> &Table {
        &self.kept.p1.table
    }

    pub(crate) fn q1(&self) -> &Table {
        // The list has one more than there are messages: see `of`.
        self.kept.list.first().map_or(self.p1(), |q1| &q1.table)
    }

    /// H1, H2, …, one a message.
    pub(crate) fn of_messages(&self) -> impl Iterator<Item = &Table> {
        let list = self.kept.list.iter();
        list.skip(1).take(self.messages).map(|point| &point.table)
    }

    /// The scalar that binds signatures to the key, the number of messages and the header
    /// (`calculate_domain`).
    pub(crate) fn domain(&self, public: &PublicKey, header: &[u8]) -> Scalar {
        let count = (self.messages as u64).to_be_bytes();
        let length = (header.len() as u64).to_be_bytes();
        let public = public.to_bytes();
        let list = self.kept.list.iter().take(self.messages + 1);
        let mut parts: Vec<&[u8]> = vec![&public, &count];
        parts.extend(list.map(|generator| generator.octets.as_slice()));
        parts.extend([API, &length, header]);
        hash_to_scalar(&parts, SCALAR)
    }

    /// B = P1 + Q1·domain + H1·m1 + …. In constant time: messages are the holder's.
    pub(crate) fn sum(&self, domain: &Scalar, messages: &Secrets) -> G1Projective {
        let one = Scalar::from(1);
        let fixed = [(self.p1(), &one), (self.q1(), domain)].into_iter();
        let messages = messages.iter().map(|message| &message.value);
        sum_hidden(fixed.chain(self.of_messages().zip(messages)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_is_a_point() {
        let kept = Generators::of(0).unwrap().kept;
        assert!(read_point(&P1).is_some());
        assert_eq!(kept.p1.octets, P1);
    }

    #[test]
    fn generators_are_those_of_the_draft() {
        let path = "/tests/vectors/draft/generators.json";
        let path = format!("{}{path}", env!("CARGO_MANIFEST_DIR"));
        let fixture: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let mut expected = vec![fixture["Q1"].clone()];
        expected.extend(fixture["MsgGenerators"].as_array().unwrap().clone());
        let found = Generators::of(expected.len() - 1).unwrap();
        assert_eq!(hex::encode(found.kept.p1.octets), fixture["P1"]);
        for (generator, expected) in found.kept.list.iter().zip(expected) {
            assert_eq!(hex::encode(generator.octets), expected);
        }
    }

    #[test]
    fn generators_do_not_depend_on_how_many_are_asked_for() {
        let few = Generators::of(1).unwrap();
        let many = Generators::of(STEP + 3).unwrap();
        assert_eq!(few.kept.list[1].octets, many.kept.list[1].octets);
        let again = Generators::of(STEP + 3).unwrap();
        assert!(
            Arc::ptr_eq(&again.kept, &many.kept) || again.kept.list.len() > many.kept.list.len()
        );
        assert_eq!(many.of_messages().count(), STEP + 3);
    }

    #[test]
    fn more_messages_than_the_bound_are_refused_before_anything_is_computed() {
        assert!(Generators::of(MAX_MESSAGES + 1).is_err());
        assert!(Generators::of(usize::MAX).is_err());
    }
}
