//! The pieces that screens are made of: native elements with our words and habits.

mod code_picture;
mod dialog;
mod failure;
mod field;
mod form;
mod icon;
mod new_passphrase;
mod no_ledger;
mod note;
mod page;
mod value;
mod virtual_list;

pub(crate) use code_picture::CodePicture;
pub(crate) use dialog::Question;
pub(crate) use failure::FailureNote;
pub(crate) use field::{Field, Tickbox};
pub(crate) use form::{ErrorSummary, FieldError, Working};
pub(crate) use icon::{Icon, Mark, Shape};
pub(crate) use new_passphrase::{NewPassphrase, NewPassphraseRefs};
pub(crate) use no_ledger::NoLedger;
pub(crate) use note::{Note, Tone, Warnings};
pub(crate) use page::Page;
pub(crate) use value::{CardPicture, Details, ShownValue, VerdictLine};
pub(crate) use virtual_list::VirtualList;
