/// The rule that refused an event. [`Rejection::name`] is what programs compare.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// A signature is wrong, or its key is not one of the signer's control keys.
    #[error("the event is not signed by a control key of its signer")]
    ForgedEvent,
    /// Fewer governance keys signed than the threshold asks for.
    #[error("too few governance keys signed")]
    ThresholdNotMet,
    /// A key was registered with a proof that is not its own.
    #[error("the proof that the body holds the key does not verify")]
    PossessionNotProven,
    /// A member of the event is not what it should be.
    #[error("the event's {0} is not acceptable")]
    Malformed(&'static str),
    /// The ledger keeps rules that this program does not know.
    #[error("the ledger keeps newer rules (version {0}) than this program knows: update it")]
    NewerRules(u64),
    /// The ledger's rules do not know the action.
    #[error("the ledger's rules do not know this yet: its governance must adopt version {0}")]
    NotInTheseRules(u64),
    /// One operator keeps the ledger: it has no validators.
    #[error("the ledger is not kept by a network")]
    NotANetwork,
    /// The first event must be a genesis, and no other may be one.
    #[error("a ledger begins with its one genesis")]
    Genesis,
    /// The event was signed for another ledger.
    #[error("the event belongs to another ledger")]
    WrongLedger,
    /// The signer's number was used before.
    #[error("the event was submitted before")]
    ReplayedEvent,
    /// A number of the signer was left out.
    #[error("an earlier event of the signer is missing")]
    SequenceGap,
    /// The log took the event after `submit_before`.
    #[error("the event was submitted too late")]
    SubmittedTooLate,
    /// `submit_before` is further away than an event may be held.
    #[error("the event's submission time is too far away")]
    HeldTooLong,
    /// The time is before that of the last event.
    #[error("time goes backwards")]
    TimeWentBack,
    /// The signer has not this right.
    #[error("the signer may not do this")]
    NotEntitled,
    /// The signer is not accredited, or no longer.
    #[error("the signer is not accredited")]
    NotAccredited,
    /// The type was not among those that the accreditor may grant.
    #[error("the accreditor may not grant this type")]
    OutOfScope,
    /// The end lies after that of the accreditation it rests on.
    #[error("the grant would outlast the accreditation")]
    PastTerm,
    /// The time lies in the past, or the order of times is wrong.
    #[error("nothing may be backdated")]
    Backdated,
    /// The same right stands already.
    #[error("the id is already registered for this")]
    AlreadyRegistered,
    /// Another accreditor registered the id.
    #[error("the id was registered by another accreditor")]
    RegisteredByAnother,
    /// The key belongs to another body or serves another purpose.
    #[error("the key belongs to another body or purpose")]
    KeyTaken,
    /// The key was revoked or rotated away and cannot come back.
    #[error("the key's time is over and cannot begin again")]
    KeyEnded,
    /// No such key stands in the record.
    #[error("the body has no such key")]
    UnknownKey,
    /// No such body.
    #[error("the ledger knows no such id")]
    UnknownBody,
    /// What the event asks for stands already.
    #[error("it stands so already: the event would change nothing")]
    NothingChanges,
    /// Rules are never given up for earlier ones.
    #[error("the ledger keeps later rules already, and never goes back")]
    RulesGoBack,
    /// Nothing stands that could be withdrawn.
    #[error("nothing stands that could be withdrawn")]
    NothingToWithdraw,
    /// The certificate is not a CA, or not the one that the client id names.
    #[error("the certificate does not fit")]
    CertificateMismatch,
    /// The client id needs a key, or one of another form.
    #[error("the client id needs a key of another form")]
    KeyRequired,
}

/// Those that carry nothing beside their name.
const PLAIN: &[Rejection] = &[
    Rejection::ForgedEvent,
    Rejection::ThresholdNotMet,
    Rejection::PossessionNotProven,
    Rejection::NotANetwork,
    Rejection::Genesis,
    Rejection::WrongLedger,
    Rejection::ReplayedEvent,
    Rejection::SequenceGap,
    Rejection::SubmittedTooLate,
    Rejection::HeldTooLong,
    Rejection::TimeWentBack,
    Rejection::NotEntitled,
    Rejection::NotAccredited,
    Rejection::OutOfScope,
    Rejection::PastTerm,
    Rejection::Backdated,
    Rejection::AlreadyRegistered,
    Rejection::RegisteredByAnother,
    Rejection::KeyTaken,
    Rejection::KeyEnded,
    Rejection::UnknownKey,
    Rejection::UnknownBody,
    Rejection::NothingChanges,
    Rejection::RulesGoBack,
    Rejection::NothingToWithdraw,
    Rejection::CertificateMismatch,
    Rejection::KeyRequired,
];

impl Rejection {
    /// The rule of this name, as another program gave it. One that says more than its name
    /// (`malformed_event`, `newer_rules`, `not_in_these_rules`) is not found.
    pub fn named(name: &str) -> Option<Self> {
        PLAIN.iter().find(|rule| rule.name() == name).cloned()
    }

    /// The name of the rule.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ForgedEvent => "forged_event",
            Self::ThresholdNotMet => "threshold_not_met",
            Self::PossessionNotProven => "possession_not_proven",
            Self::Malformed(_) => "malformed_event",
            Self::NewerRules(_) => "newer_rules",
            Self::NotInTheseRules(_) => "not_in_these_rules",
            Self::NotANetwork => "not_a_network",
            Self::Genesis => "genesis",
            Self::WrongLedger => "wrong_ledger",
            Self::ReplayedEvent => "replayed_event",
            Self::SequenceGap => "sequence_gap",
            Self::SubmittedTooLate => "submitted_too_late",
            Self::HeldTooLong => "held_too_long",
            Self::TimeWentBack => "time_went_back",
            Self::NotEntitled => "not_entitled",
            Self::NotAccredited => "not_accredited",
            Self::OutOfScope => "out_of_scope",
            Self::PastTerm => "past_term",
            Self::Backdated => "backdated",
            Self::AlreadyRegistered => "already_registered",
            Self::RegisteredByAnother => "registered_by_another",
            Self::KeyTaken => "key_taken",
            Self::KeyEnded => "key_ended",
            Self::UnknownKey => "unknown_key",
            Self::UnknownBody => "unknown_body",
            Self::NothingChanges => "nothing_changes",
            Self::RulesGoBack => "rules_go_back",
            Self::NothingToWithdraw => "nothing_to_withdraw",
            Self::CertificateMismatch => "certificate_mismatch",
            Self::KeyRequired => "key_required",
        }
    }
}
