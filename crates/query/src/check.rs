use crate::answer::{Arrays, assess, options, satisfied_sets};
use crate::{Candidate, Format, Missing, Query};

/// What came back for one credential query.
#[derive(Clone, Debug)]
pub struct Presented<'a> {
    /// The id of the credential query, as the answer names it.
    pub id: &'a str,
    /// The presentations, each verified by whoever calls, with the claims that it discloses.
    pub presentations: Vec<Candidate<'a>>,
}

/// Why an answer does not answer the query (§8.6). Names the credential query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An entry for something that was not asked for.
    #[error("the answer holds something that was not asked for")]
    NotAskedFor,
    /// Two entries for one credential query, an empty one, or several presentations where
    /// one was asked for.
    #[error("the answer holds another number of presentations than `{id}` asks for")]
    Number {
        /// The credential query.
        id: String,
    },
    /// A presentation of another format or type.
    #[error("a presentation for `{id}` is of another kind than was asked for")]
    Type {
        /// The credential query.
        id: String,
    },
    /// A presentation that lacks something that was asked for.
    #[error("a presentation for `{id}` does not hold what was asked for")]
    Lacking {
        /// The credential query.
        id: String,
        /// What it lacks.
        missing: Missing,
    },
    /// Something required did not come.
    #[error("the answer does not hold everything that is required")]
    Incomplete,
}

impl Query {
    /// Checks that what was presented answers this query: every entry was asked for, in this
    /// number, matches what its credential query says, and together they satisfy all that is
    /// required.
    ///
    /// In an SD-JWT, and in a derived credential with Data Integrity, the elements of an array
    /// that were held back are gone, so that an index of the query is read as any element
    /// there.
    pub fn check(&self, answer: &[Presented<'_>]) -> Result<(), Fault> {
        let mut shown = vec![false; self.credentials.len()];
        for presented in answer {
            let (place, query) = self.credential(presented.id).ok_or(Fault::NotAskedFor)?;
            let id = || query.id.clone();
            let seen = shown.get_mut(place).ok_or(Fault::NotAskedFor)?;
            let count = presented.presentations.len();
            if *seen || count == 0 || (count > 1 && !query.multiple) {
                return Err(Fault::Number { id: id() });
            }
            *seen = true;
            let arrays = match query.format {
                Format::SdJwt | Format::DraftSdJwt | Format::LdpVc => Arrays::Thinned,
                _ => Arrays::Whole,
            };
            let mut options = options(query, arrays);
            for presentation in &presented.presentations {
                if presentation.format != query.format || !query.types.accepts(&presentation.types)
                {
                    return Err(Fault::Type { id: id() });
                }
                assess(query, &mut options, presentation)
                    .map_err(|missing| Fault::Lacking { id: id(), missing })?;
            }
        }
        let (_, satisfied) = satisfied_sets(self, |place| shown.get(*place) == Some(&true));
        if satisfied {
            Ok(())
        } else {
            Err(Fault::Incomplete)
        }
    }
}

#[cfg(test)]
mod tests;
