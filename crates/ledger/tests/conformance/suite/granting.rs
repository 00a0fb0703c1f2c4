//! Who may register whom, for what and for how long.

use keys::{SigningKey, UnixTime};
use ledger::event::{Action, PublishType, TypeFile};
use ledger::{Question, Standing};

use super::deeds::{
    DAY, accredit_action, control_key, issuer_action, service_action, withdraw_action,
};
use super::{Body, Engine, Stage, accredit, refused, register};

pub(super) async fn accredit_and_register<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a", "b"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    assert_eq!(stage.standing(&issuer.key, "a", 0).await, Standing::Listed);
    assert_eq!(
        stage.standing(&issuer.key, "b", 0).await,
        Standing::OutOfScope
    );
    let nobody = SigningKey::make_p256();
    assert_eq!(stage.standing(&nobody, "a", 0).await, Standing::Unlisted);
    // More may be granted; the same may not be granted twice.
    let more = issuer_action(&issuer.id, &["b"], &issuer.key, None);
    stage.act(&by, more.clone()).await.unwrap();
    assert_eq!(stage.standing(&issuer.key, "b", 0).await, Standing::Listed);
    refused(stage.act(&by, more).await, "already_registered");
}

pub(super) async fn out_of_scope_grant<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let key = SigningKey::make_p256();
    let id = stage.make_id("issuer");
    for types in [&["b"][..], &["a", "b"], &["*"]] {
        let action = issuer_action(&id, types, &key, None);
        refused(stage.act(&by, action).await, "out_of_scope");
    }
    assert_eq!(stage.standing(&key, "b", 0).await, Standing::Unlisted);
}

pub(super) async fn self_registration<E: Engine>(stage: &mut Stage<E>) {
    let stranger = Body {
        id: stage.make_id("stranger"),
        control: SigningKey::make_ed25519(),
    };
    let key = SigningKey::make_p256();
    let Action::RegisterIssuer(mut body) = issuer_action(&stranger.id, &["a"], &key, None) else {
        unreachable!()
    };
    body.control_keys.push(control_key(&stranger.control));
    let action = Action::RegisterIssuer(body);
    refused(stage.act(&stranger, action.clone()).await, "not_accredited");
    // Nor once it is an issuer, by the control key of its own.
    let by = accredit(stage, &["a", "b"]).await;
    stage.act(&by, action).await.unwrap();
    let more = issuer_action(&stranger.id, &["b"], &key, None);
    refused(stage.act(&stranger, more).await, "not_accredited");
    // Nor does an accreditor accredit.
    let until = stage.engine.now() + DAY;
    let other = Body {
        id: stage.make_id("other"),
        control: SigningKey::make_ed25519(),
    };
    let action = accredit_action(&other, &["a"], until);
    refused(stage.act(&by, action).await, "not_entitled");
    assert_eq!(stage.standing(&key, "b", 0).await, Standing::OutOfScope);
}

pub(super) async fn another_accreditor<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let other = accredit(stage, &["*"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    let until = stage.engine.now() + DAY;
    let new = SigningKey::make_p256();
    for action in [
        issuer_action(&issuer.id, &["b"], &new, None),
        withdraw_action(&issuer.id),
        super::deeds::revoke_action(&issuer, None),
        super::deeds::rotate_action(&issuer, &new, until),
    ] {
        refused(stage.act(&other, action).await, "registered_by_another");
    }
    assert_eq!(stage.standing(&issuer.key, "a", 0).await, Standing::Listed);
}

pub(super) async fn services_and_types<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["urn:example:published:1"]).await;
    let url = format!("{}/answer", stage.make_id("desk"));
    let client_id = format!("redirect_uri:{url}");
    let action = service_action(&client_id, "age");
    stage.act(&by, action).await.unwrap();
    let replica = stage.engine.replica().await;
    let question = Question::Service {
        client_id: &client_id,
        key: None,
    };
    let verdict = replica.decide(&question, stage.engine.now());
    assert_eq!(verdict.standing, Standing::Listed);
    assert_eq!(verdict.purposes.first().unwrap().id, "age");
    stage.act(&by, withdraw_action(&client_id)).await.unwrap();
    let replica = stage.engine.replica().await;
    let verdict = replica.decide(&question, stage.engine.now());
    assert_eq!(verdict.standing, Standing::Withdrawn);

    let publish = |id: &str, schema: &[u8]| {
        Action::PublishType(PublishType {
            id: id.to_owned(),
            schema: TypeFile::of(schema, None),
            metadata: TypeFile::of(b"metadata", None),
            context: None,
        })
    };
    let id = "urn:example:published:1";
    refused(
        stage.act(&by, publish("urn:example:other:1", b"{}")).await,
        "out_of_scope",
    );
    stage.act(&by, publish(id, b"one")).await.unwrap();
    stage.act(&by, publish(id, b"two")).await.unwrap();
    let replica = stage.engine.replica().await;
    let published = replica.registry().published_type(id).unwrap();
    assert!(published.schema.fits(b"two"));
    let other = accredit(stage, &["*"]).await;
    let taken = stage.act(&other, publish(id, b"three")).await;
    refused(taken, "registered_by_another");
}

/// The grant ends by itself, stays on the ledger as it was, and a new one stands beside it.
pub(super) async fn ended_grant<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let id = stage.make_id("issuer");
    let key = SigningKey::make_p256();
    // As short as this engine is quick enough for: a grant that is over is not taken.
    let mut term = 5;
    let (until, action) = loop {
        let until = stage.engine.now() + UnixTime::from(term);
        let action = issuer_action(&id, &["a"], &key, Some(until));
        match stage.act(&by, action.clone()).await {
            Ok(()) => break (until, action),
            Err(rule) if rule == "backdated" && term < 300 => term *= 2,
            Err(rule) => panic!("{rule}"),
        }
    };
    let (before, later) = (until - 1, UnixTime::from(term) + 5);
    assert_eq!(
        stage.standing_of(&key, "a", before, later).await,
        Standing::Listed
    );
    assert_eq!(
        stage.standing_of(&key, "a", until + 5, later).await,
        Standing::Ended
    );
    stage.engine.pass(term + 2).await;
    refused(stage.act(&by, action).await, "backdated");
    let again = issuer_action(&id, &["a"], &key, None);
    stage.act(&by, again).await.unwrap();
    let replica = stage.engine.replica().await;
    let issuer = replica.registry().record(&id).unwrap();
    let grants = &issuer.issuer.as_ref().unwrap().grants;
    assert_eq!(grants.len(), 2);
    assert_eq!(grants.first().unwrap().until, until);
}

pub(super) async fn withdrawal_reaches_down<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let issued = stage.engine.now();
    let issuer = register(stage, &by, &["a"]).await;
    stage.govern(withdraw_action(&by.id)).await.unwrap();
    // Whatever was issued before, and by whomever the accreditor registered.
    assert_eq!(
        stage.standing_of(&issuer.key, "a", issued, 0).await,
        Standing::Withdrawn
    );
    let id = stage.make_id("issuer");
    let action = issuer_action(&id, &["a"], &SigningKey::make_p256(), None);
    refused(stage.act(&by, action).await, "not_accredited");
    let action = withdraw_action(&issuer.id);
    refused(stage.act(&by, action).await, "not_accredited");
}
