//! Argon2id (RFC 9106): what the passphrase costs to try.

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::header::Mode;
use crate::secret::Key;

/// The cost of one derivation, as the header stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cost {
    /// KiB of memory.
    pub(crate) memory: u32,
    /// Passes over that memory.
    pub(crate) passes: u32,
    /// Lanes; one always, since the crate fills them one after the other.
    pub(crate) lanes: u32,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum KdfError {
    #[error("the cost of the key derivation is out of bounds")]
    OutOfBounds,
    #[error("not enough memory for the key derivation")]
    NoMemory,
}

/// What a header may ask for, and what a new vault starts from.
pub(crate) struct Bounds {
    pub(crate) least_keyring: Cost,
    pub(crate) least_passphrase_only: Cost,
    pub(crate) most: Cost,
    pub(crate) at_least: Duration,
}

/// The bounds of the product: RFC 9106's second recommendation and a pass more (64 MiB, four passes)
/// beside a keyring secret; 256 MiB where the passphrase stands alone; never above 1 GiB, so that a
/// hostile header cannot exhaust the computer.
pub(crate) const PRODUCT: Bounds = Bounds {
    least_keyring: Cost {
        memory: 64 * 1024,
        passes: 4,
        lanes: 1,
    },
    least_passphrase_only: Cost {
        memory: 256 * 1024,
        passes: 2,
        lanes: 1,
    },
    most: Cost {
        memory: 1024 * 1024,
        passes: 64,
        lanes: 1,
    },
    at_least: Duration::from_millis(300),
};

/// The bounds in force. The cheap ones exist in this crate's own test program only.
#[cfg(not(test))]
pub(crate) const BOUNDS: Bounds = PRODUCT;
#[cfg(test)]
pub(crate) const BOUNDS: Bounds = Bounds {
    least_keyring: Cost {
        memory: 64,
        passes: 1,
        lanes: 1,
    },
    least_passphrase_only: Cost {
        memory: 128,
        passes: 1,
        lanes: 1,
    },
    most: PRODUCT.most,
    at_least: Duration::ZERO,
};

impl Bounds {
    fn least(&self, mode: Mode) -> Cost {
        match mode {
            Mode::Keyring => self.least_keyring,
            Mode::PassphraseOnly => self.least_passphrase_only,
        }
    }

    /// Refuses a cost that is too low for the mode or too high for any computer.
    pub(crate) fn check(&self, mode: Mode, cost: Cost) -> Result<(), KdfError> {
        let least = self.least(mode);
        let fits = (least.memory..=self.most.memory).contains(&cost.memory)
            && (least.passes..=self.most.passes).contains(&cost.passes)
            && (least.lanes..=self.most.lanes).contains(&cost.lanes);
        if fits {
            Ok(())
        } else {
            Err(KdfError::OutOfBounds)
        }
    }

    /// The cost that takes this computer at least [`Bounds::at_least`], and never less than the
    /// mode's least. The faster of two runs counts, and the aim is half as long again as the 200 ms
    /// promised: a busy moment must not make a weak vault.
    pub(crate) fn measure(&self, mode: Mode) -> Result<Cost, KdfError> {
        let probe = SecretString::from("probe");
        self.measure_by(mode, |cost| {
            let start = Instant::now();
            derive_from_passphrase(&probe, &[0; 16], cost)?;
            Ok(start.elapsed())
        })
    }

    /// As [`Bounds::measure`]; `time` says how long one run of a cost takes.
    fn measure_by(
        &self,
        mode: Mode,
        mut time: impl FnMut(Cost) -> Result<Duration, KdfError>,
    ) -> Result<Cost, KdfError> {
        let mut cost = self.least(mode);
        loop {
            let mut taken = Duration::MAX;
            for _ in 0..2 {
                taken = taken.min(time(cost)?);
                if taken >= self.at_least.saturating_mul(2) {
                    break;
                }
            }
            if taken >= self.at_least || cost.passes >= self.most.passes {
                return Ok(cost);
            }
            let wanted =
                self.at_least.as_micros() / (taken.as_micros() / u128::from(cost.passes)).max(1);
            cost.passes = u32::try_from(wanted)
                .unwrap_or(self.most.passes)
                .clamp(cost.passes, self.most.passes.saturating_sub(1))
                .saturating_add(1);
        }
    }
}

/// Argon2id of the passphrase: 32 bytes.
pub(crate) fn derive_from_passphrase(
    passphrase: &SecretString,
    salt: &[u8],
    cost: Cost,
) -> Result<Key, KdfError> {
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32))
        .map_err(|_| KdfError::OutOfBounds)?;
    // Taken by hand, because running out of memory inside the crate would end the program.
    let mut blocks: Vec<Block> = Vec::new();
    blocks
        .try_reserve_exact(params.block_count())
        .map_err(|_| KdfError::NoMemory)?;
    blocks.resize(params.block_count(), Block::default());
    let mut key = Key::empty();
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(
            passphrase.expose_secret().as_bytes(),
            salt,
            key.expose_mut(),
            &mut blocks,
        );
    for block in &mut blocks {
        zeroize::Zeroize::zeroize(block);
    }
    done.map_err(|_| KdfError::OutOfBounds)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_bounds_are_those_promised() {
        assert!(PRODUCT.at_least >= Duration::from_millis(200));
        const { assert!(PRODUCT.least_passphrase_only.memory >= 256 * 1024) };
        const { assert!(PRODUCT.least_keyring.memory >= 64 * 1024) };
        const { assert!(PRODUCT.most.memory <= 1024 * 1024) };
    }

    #[test]
    fn a_new_vault_takes_two_hundred_milliseconds_at_least() {
        for mode in [Mode::Keyring, Mode::PassphraseOnly] {
            for a_pass in [5, 19, 40, 74, 75, 100, 299, 300, 5_000].map(Duration::from_millis) {
                let quiet = |cost: Cost| a_pass * cost.passes;
                let cost = PRODUCT.measure_by(mode, |cost| Ok(quiet(cost))).unwrap();
                PRODUCT.check(mode, cost).unwrap();
                assert!(quiet(cost) >= PRODUCT.at_least, "{a_pass:?}: {cost:?}");
                // Other programs have the processors in every other run.
                let mut busy = false;
                let measured = PRODUCT.measure_by(mode, |cost| {
                    busy = !busy;
                    Ok(quiet(cost) * if busy { 3 } else { 1 })
                });
                let (cost, least) = (measured.unwrap(), Duration::from_millis(200));
                assert!(quiet(cost) >= least, "{a_pass:?}: {cost:?}");
            }
        }
        // So fast a computer that not even the most passes take that long.
        let cost = PRODUCT.measure_by(Mode::Keyring, |_| Ok(Duration::ZERO));
        assert_eq!(cost.unwrap().passes, PRODUCT.most.passes);
    }

    #[test]
    fn what_is_measured_here_is_within_the_bounds() {
        let cost = PRODUCT.measure(Mode::Keyring).unwrap();
        PRODUCT.check(Mode::Keyring, cost).unwrap();
    }

    #[test]
    fn refuses_costs_out_of_bounds() {
        let good = PRODUCT.least_keyring;
        for cost in [
            Cost {
                memory: 64 * 1024 * 1024,
                ..good
            },
            Cost {
                memory: 1024,
                ..good
            },
            Cost { passes: 0, ..good },
            Cost {
                passes: 1_000_000,
                ..good
            },
            Cost { lanes: 0, ..good },
            Cost {
                lanes: 1 << 20,
                ..good
            },
        ] {
            assert_eq!(
                PRODUCT.check(Mode::Keyring, cost),
                Err(KdfError::OutOfBounds)
            );
        }
        assert_eq!(PRODUCT.check(Mode::Keyring, good), Ok(()));
        assert_eq!(
            PRODUCT.check(Mode::PassphraseOnly, good),
            Err(KdfError::OutOfBounds)
        );
    }

    #[test]
    fn every_input_changes_the_key() {
        let cost = BOUNDS.least_keyring;
        let key = |word: &str, salt: [u8; 16], cost| {
            *derive_from_passphrase(&SecretString::from(word), &salt, cost)
                .unwrap()
                .expose()
        };
        let first = key("a", [1; 16], cost);
        assert_eq!(first, key("a", [1; 16], cost));
        assert_ne!(first, key("b", [1; 16], cost));
        assert_ne!(first, key("a", [2; 16], cost));
        assert_ne!(first, key("a", [1; 16], Cost { passes: 2, ..cost }));
    }
}
