//! Keys: rotation, compromise, ownership, and that nothing is loosened.

use keys::SigningKey;
use ledger::Standing;

use super::deeds::{
    DAY, accredit_action, issuer_action, revoke_action, rotate_action, withdraw_action,
};
use super::{Body, Engine, Issuer, Stage, accredit, refused, register};

/// The old key counts beside the new one until the day that was named, and not after it.
pub(super) async fn rotation_overlap<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    let new = SigningKey::make_p256();
    let until = stage.engine.now() + DAY;
    let action = rotate_action(&issuer, &new, until);
    stage.act(&by, action.clone()).await.unwrap();
    for key in [&issuer.key, &new] {
        assert_eq!(stage.standing(key, "a", 3600).await, Standing::Listed);
    }
    assert_eq!(
        stage.standing(&issuer.key, "a", DAY + 3600).await,
        Standing::Ended
    );
    assert_eq!(
        stage.standing(&new, "a", DAY + 3600).await,
        Standing::Listed
    );
    refused(stage.act(&by, action).await, "key_ended");
}

/// A stolen key counts for nothing, whenever its thief says that it signed.
pub(super) async fn compromise<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    let now = stage.engine.now();
    // The stolen key is no control key: it cannot rotate itself to safety.
    let thief = Body {
        id: issuer.id.clone(),
        control: SigningKey::from_pem(&issuer.key.to_pem().unwrap()).unwrap(),
    };
    let escape = rotate_action(&issuer, &SigningKey::make_p256(), now + DAY);
    refused(stage.act(&thief, escape).await, "forged_event");
    let ahead = revoke_action(&issuer, Some(now + DAY));
    refused(stage.act(&by, ahead).await, "malformed_event");
    let action = revoke_action(&issuer, Some(now - DAY));
    stage.act(&by, action.clone()).await.unwrap();
    for issued in [now - 30 * DAY, now] {
        assert_eq!(
            stage.standing_of(&issuer.key, "a", issued, 0).await,
            Standing::Revoked
        );
    }
    refused(stage.act(&by, action).await, "key_ended");
}

pub(super) async fn a_key_has_one_owner<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    let until = stage.engine.now() + DAY;
    for taken in [&issuer.key, &by.control] {
        let id = stage.make_id("issuer");
        let action = issuer_action(&id, &["a"], taken, None);
        refused(stage.act(&by, action).await, "key_taken");
        let copy = Body {
            id: stage.make_id("accreditor"),
            control: SigningKey::from_pem(&taken.to_pem().unwrap()).unwrap(),
        };
        let action = accredit_action(&copy, &["a"], until);
        refused(stage.govern(action).await, "key_taken");
    }
}

/// What ended stays ended, and nobody gives more than they have.
pub(super) async fn loosening<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    let far = stage.engine.now() + 1000 * DAY;
    let id = stage.make_id("issuer");
    let outlasting = issuer_action(&id, &["a"], &SigningKey::make_p256(), Some(far));
    refused(stage.act(&by, outlasting).await, "past_term");
    let longer = accredit_action(&by, &["a", "b"], far);
    refused(stage.govern(longer).await, "already_registered");
    stage.act(&by, revoke_action(&issuer, None)).await.unwrap();
    stage.act(&by, withdraw_action(&issuer.id)).await.unwrap();
    refused(
        stage.act(&by, withdraw_action(&issuer.id)).await,
        "nothing_to_withdraw",
    );
    let back = issuer_action(&issuer.id, &["a"], &issuer.key, None);
    refused(stage.act(&by, back).await, "key_ended");
    let fresh = Issuer {
        id: issuer.id.clone(),
        key: SigningKey::make_p256(),
    };
    let action = issuer_action(&fresh.id, &["a"], &fresh.key, None);
    stage.act(&by, action).await.unwrap();
    assert_eq!(stage.standing(&fresh.key, "a", 0).await, Standing::Listed);
    assert_eq!(stage.standing(&issuer.key, "a", 0).await, Standing::Revoked);
}
