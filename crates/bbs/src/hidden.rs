//! Values that must not stay in memory.
//!
//! `blstrs` zeroizes nothing. What is secret is therefore kept in a [`Hidden`], which is
//! overwritten when it is dropped or, in a list, when the list is. Arithmetic takes copies, and
//! such copies on the stack or in registers are beyond reach: this shortens how long a secret is
//! to be found in memory, and cannot promise more.

use blstrs::Scalar;
use zeroize::{DefaultIsZeroes, Zeroizing};

/// A value that is overwritten by its default when it is zeroized.
#[derive(Clone, Copy, Default)]
pub(crate) struct Hidden<T> {
    pub(crate) value: T,
}

impl<T: Copy + Default> DefaultIsZeroes for Hidden<T> {}

/// One secret value, zeroized when dropped.
pub(crate) type Secret<T> = Zeroizing<Hidden<T>>;

/// Secret scalars, zeroized when dropped. Made with their capacity known: a list that grows would
/// leave copies behind.
pub(crate) type Secrets = Zeroizing<Vec<Hidden<Scalar>>>;

/// Takes a value into custody.
pub(crate) fn secret<T: Copy + Default>(value: T) -> Secret<T> {
    Zeroizing::new(Hidden { value })
}

/// A list of `count` scalars from `next`.
pub(crate) fn secrets(count: usize, mut next: impl FnMut() -> Scalar) -> Secrets {
    let mut list = Zeroizing::new(Vec::with_capacity(count));
    list.extend((0..count).map(|_| Hidden { value: next() }));
    list
}

#[cfg(test)]
mod tests {
    use ff::Field as _;
    use zeroize::Zeroize as _;

    use super::*;

    #[test]
    fn zeroizing_leaves_nothing_of_the_value() {
        let mut seven = Hidden {
            value: Scalar::from(7),
        };
        seven.zeroize();
        assert_eq!(seven.value, Scalar::ZERO);
        let mut list = secrets(3, || Scalar::from(9));
        assert_eq!(list.capacity(), 3);
        list.iter_mut().for_each(Hidden::zeroize);
        assert!(list.iter().all(|hidden| hidden.value == Scalar::ZERO));
    }
}
