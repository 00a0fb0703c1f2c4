//! Dates.

use super::*;

#[test]
fn dates_have_a_time_and_a_zone() {
    for member in ["validFrom", "validUntil"] {
        for refused in [
            json!("2023-06-01"),
            json!("2023-06-01T00:00:00"),
            json!(null),
            json!(1),
            json!([]),
        ] {
            assert_eq!(with(member, refused).err(), Some(VcdmError::Date(member)));
        }
    }
    assert_eq!(
        with("validUntil", json!("2022-12-31T23:59:59Z")).err(),
        Some(VcdmError::DateOrder)
    );
    with("validUntil", json!("2023-01-01T00:00:00Z")).unwrap();
    // An hour earlier on the clock, and the same moment.
    with("validUntil", json!("2022-12-31T23:00:00-01:00")).unwrap();
}

#[test]
fn a_validity_has_a_beginning_and_an_end() {
    let found = of(credential()).unwrap();
    let (from, until) = (1_672_531_200, 1_704_067_200);
    assert_eq!(
        found.check_period(from - LEEWAY - 1),
        Err(VcdmError::NotYetValid)
    );
    assert_eq!(found.check_period(from - LEEWAY), Ok(()));
    assert_eq!(found.check_period(until), Ok(()));
    assert_eq!(found.check_period(until + 1), Err(VcdmError::Expired));
}
