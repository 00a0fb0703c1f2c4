//! Places in the lists of statuses.

use rand::Rng as _;
use rand::rngs::OsRng;

/// How many places each list has: the herd in which a card hides. No list is ever published
/// with fewer, however few cards there are.
pub const HERD: u32 = 131_072;
/// How many places of a list are taken before the next is begun. The rest stay free, so that a
/// random place is soon found and a taken one cannot be told by its neighbours.
const FULL: u64 = HERD as u64 / 2;

/// A place in a list. Nobody but the issuer knows whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The list, from 1.
    pub list: u32,
    /// The place in it, below [`HERD`].
    pub index: u32,
}

/// A random place that is free, in the `newest` list where fewer than half of its places are
/// taken, else in the next.
pub fn make_place<E>(
    newest: Option<u32>,
    taken_in_newest: u64,
    is_taken: impl Fn(Place) -> Result<bool, E>,
) -> Result<Place, E> {
    let list = match newest {
        None => 1,
        Some(newest) if taken_in_newest >= FULL => newest.saturating_add(1),
        Some(newest) => newest,
    };
    loop {
        let index = OsRng.gen_range(0..HERD);
        let place = Place { list, index };
        // At worst every second place is taken: a few tries.
        if !is_taken(place)? {
            return Ok(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_taken_place_is_not_handed_out() {
        // The first thousand tries are said to be taken.
        let tries = Cell::new(0);
        let place = make_place(Some(3), 0, |_| -> Result<bool, Infallible> {
            tries.set(tries.get() + 1);
            Ok(tries.get() <= 1000)
        })
        .unwrap();
        assert_eq!(tries.get(), 1001);
        assert_eq!(place.list, 3);
        assert!(place.index < HERD);
        assert_eq!(
            make_place(None, 0, |_| Err::<bool, _>("store")),
            Err("store")
        );
    }

    #[test]
    fn a_list_that_is_half_full_is_followed_by_the_next() {
        let list = |newest, taken| {
            make_place(newest, taken, |_| Ok::<_, Infallible>(false))
                .unwrap()
                .list
        };
        assert_eq!(list(None, 0), 1);
        assert_eq!(list(Some(1), FULL - 1), 1);
        assert_eq!(list(Some(1), FULL), 2);
    }
}
