//! What went wrong: its name, what to do, and the exit status.

use ledger::{LogError, Rejection, SourceError, StoreError, SubmitError};

/// A command that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The ledger's library says why.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The network's nodes say why.
    #[error(transparent)]
    Network(SubmitError),
    /// A check of this program refused it.
    #[error("{message}")]
    Refused { kind: &'static str, message: String },
    /// Usage, files, network.
    #[error("{message}")]
    Failed { kind: &'static str, message: String },
}

impl Failure {
    pub(crate) fn refused(kind: &'static str, message: impl Into<String>) -> Self {
        Self::Refused {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn failed(kind: &'static str, message: impl Into<String>) -> Self {
        Self::Failed {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Log(error) => error.name(),
            Self::Network(error) => error.name(),
            Self::Refused { kind, .. } | Self::Failed { kind, .. } => kind,
        }
    }

    /// 2 where a rule refused and nothing was written, else 1.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Log(LogError::Rejected(_) | LogError::Refused(_) | LogError::Event(_))
            | Self::Network(
                SubmitError::Rejected(_)
                | SubmitError::Refused(_)
                | SubmitError::Source(SourceError::Refused(_))
                | SubmitError::Replica(StoreError::Refused(_)),
            )
            | Self::Refused { .. } => 2,
            _ => 1,
        }
    }

    pub(crate) fn advice(&self) -> &'static str {
        match self.kind() {
            "ledger_exists" => "Choose another folder, or use the ledger that is there.",
            "no_ledger" => "Make one with `cairn-ledger init`, or name its folder.",
            "no_witness" => "Make one with `cairn-ledger witness init`, or name its folder.",
            "witness_locked" => "Stop the other process first: a witness signs in one place only.",
            "disk_full" => {
                "Make room on the disk and try again. What stood before still stands, and nothing \
                 else was taken."
            }
            "ledger_interrupted" => {
                "Run the command again: opening the ledger finishes what was begun."
            }
            "newer_rules" => {
                "Update this program: the ledger has moved to rules that it does not know."
            }
            "not_in_these_rules" => {
                "Let governance adopt newer rules first: `cairn-ledger event propose adopt-rules`."
            }
            "wrong_witness" => {
                "Compare the key with the one that the witness's operator gave you, and the address too."
            }
            "witness_key" | "witnesses" => {
                "Give each witness's own key once, as `cairn-ledger witness init` printed it."
            }
            "ledger_locked" => {
                "Wait until the other command has finished, then try again. A node runs once."
            }
            "ledger_folder" | "file" => "Check that the path exists and may be read and written.",
            "key_file" => "Give a secret key as PEM (PKCS #8) or JWK with --key FILE.",
            "operator_keys" => "DIR/keys must hold log.pem and operator.pem of this ledger.",
            "forged_event" => {
                "Sign with the control key of the body named by --by. If the ledger's own content is \
                 refused, take it from another copy."
            }
            "threshold_not_met" | "not_signed" => {
                "Let more of those who may sign it: `cairn-ledger event sign`. A signature that was \
                 left out does not count."
            }
            "nothing_changes" | "rules_go_back" => "See `cairn-ledger list` for what stands.",
            "possession_not_proven" => {
                "Register the key again with its secret part, or with its public part alone. Where \
                 governance hands over, let every new key sign too: `cairn-ledger event sign`."
            }
            "already_registered" => {
                "See `cairn-ledger list`. Withdraw what stands first, or leave out what is \
                 granted already."
            }
            "registered_by_another" => "Only the accreditor that registered it can change it.",
            "out_of_scope" => "Name only types for which the accreditor was accredited.",
            "past_term" => "Choose an end within the accreditor's own term.",
            "backdated" => "Choose a time in the future.",
            "not_accredited" => "Accredit the body first: `cairn-ledger accredit`.",
            "key_taken" => "Register a key of the body's own, used for nothing else.",
            "key_ended" => "Register a new key.",
            "key_required" | "certificate_mismatch" => {
                "Give the key or certificate that the id names: see \
                 `cairn-ledger register-service --help`."
            }
            "unknown_body" | "unknown_key" => "See `cairn-ledger list DIR` for what is there.",
            "usage" => "See `cairn-ledger --help`.",
            "no_node" => {
                "Make a network with `cairn-ledger network init`; a node is one of its folders."
            }
            "no_cometbft" => {
                "Install it: `go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.26`, and \
                 put it on the PATH or name it with --cometbft FILE."
            }
            "cometbft" => {
                "Look at cometbft/log in the node's folder, and whether its ports are free."
            }
            "wrong_chunks" => {
                "Keep that peer from reaching the node, and start it again; or do without \
                 snapshots: set `enable = false` under [statesync] in its cometbft/config/config.toml \
                 (or join anew without --state-sync), and it replays every block."
            }
            "pending" => {
                "No more than two thirds of the validators may be running. Look with \
                 `cairn-ledger list` before you submit it again."
            }
            "busy" => "Wait a little, then try again.",
            "ledger_unreachable" => "Start a node, or name one that runs with --node URL.",
            "data_lost" => {
                "If the data of this node were lost and no other copy of it runs, start it with \
                 --restore: it fetches everything from the others."
            }
            "not_a_network" => "Validators are for ledgers begun with `cairn-ledger network init`.",
            "of_network" => "Begin it with `cairn-ledger network init`.",
            "no_pin" => "Start the nodes first, or copy pin.json from one of their folders.",
            "network" => {
                "Check the address and try again. Plain HTTP works for this computer only."
            }
            "rollback" | "split_view" | "truncated_tile" | "wrong_root" | "wrong_tile"
            | "missing_tile" | "wrong_signature" => {
                "Do not use this copy. Restore the folder from one that verifies."
            }
            _ => "Nothing was written. Correct the input and try again.",
        }
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Log(error) => Self::Log(error),
            SubmitError::Rejected(rule) => rule.into(),
            other => Self::Network(other),
        }
    }
}

impl From<Rejection> for Failure {
    fn from(rule: Rejection) -> Self {
        Self::Log(rule.into())
    }
}
