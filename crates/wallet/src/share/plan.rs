//! Which cards may answer which part of a request, and what was chosen among them. Pure.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use query::{Answer, ClaimPath, Query};

/// What a request can be answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) sets: Vec<PlannedSet>,
}

/// One thing that is wanted, with the combinations of cards that can answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedSet {
    pub(crate) required: bool,
    pub(crate) options: Vec<Vec<PlannedAsk>>,
}

/// One credential query and the cards that fit it, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedAsk {
    pub(crate) query: usize,
    pub(crate) multiple: bool,
    pub(crate) fits: Vec<Fit>,
}

/// A card that fits, by its place among the candidates, and what it would disclose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) card: usize,
    pub(crate) disclose: Arc<[ClaimPath]>,
}

/// The option taken for one set, and the cards taken for each ask of that option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The index of the option.
    pub option: usize,
    /// For each ask of the option the indices of the cards taken: exactly one unless the
    /// request takes several.
    pub cards: Vec<Vec<usize>>,
}

/// Why a choice does not fit its review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// Another number of sets, options or cards than the review has, or an index beyond it.
    #[error("the choice does not fit the review")]
    OutOfRange,
    /// No card, several where one is asked for, or the same card twice.
    #[error("the choice takes another number of cards than is asked for")]
    WrongNumber,
}

impl Plan {
    /// Builds the plan from what matched; `better` puts the card to be taken first in front.
    /// `None` where something that is required cannot be shown.
    pub(crate) fn new(
        query: &Query,
        answer: &Answer,
        better: impl Fn(usize, usize) -> Ordering,
    ) -> Option<Self> {
        if !answer.satisfiable {
            return None;
        }
        let ask = |place: usize| -> Option<PlannedAsk> {
            let found = answer.credentials.get(place)?;
            let mut fits: Vec<Fit> = found
                .matches
                .iter()
                .map(|matched| Fit {
                    card: matched.candidate,
                    disclose: Arc::clone(&matched.disclose),
                })
                .collect();
            fits.sort_by(|a, b| better(a.card, b.card));
            let multiple = query.credentials.get(place)?.multiple;
            (!fits.is_empty()).then_some(PlannedAsk {
                query: place,
                multiple,
                fits,
            })
        };
        let option = |places: &[usize]| places.iter().map(|&place| ask(place)).collect();
        let sets = match &query.credential_sets {
            None => {
                let all: Vec<usize> = (0..query.credentials.len()).collect();
                vec![PlannedSet {
                    required: true,
                    options: vec![option(&all)?],
                }]
            }
            Some(sets) => sets
                .iter()
                .zip(&answer.sets)
                .map(|(set, found)| PlannedSet {
                    required: set.required,
                    options: found
                        .satisfiable
                        .iter()
                        .filter_map(|&place| option(set.options.get(place)?))
                        .collect(),
                })
                .filter(|set| set.required || !set.options.is_empty())
                .collect(),
        };
        let complete = sets.iter().all(|set| !set.options.is_empty());
        (complete && !sets.is_empty()).then_some(Self { sets })
    }

    /// The first option of each set with the best card for each ask.
    pub(crate) fn default_choice(&self) -> Vec<Choice> {
        self.sets
            .iter()
            .map(|set| Choice {
                option: 0,
                cards: set
                    .options
                    .first()
                    .map(|asks| asks.iter().map(|_| vec![0]).collect())
                    .unwrap_or_default(),
            })
            .collect()
    }

    /// True when there is something to choose.
    pub(crate) fn has_choice(&self) -> bool {
        self.sets.iter().any(|set| {
            set.options.len() > 1 || set.options.iter().flatten().any(|ask| ask.fits.len() > 1)
        })
    }

    /// The plan with only the cards that `keep` lets through; `None` where then something
    /// required cannot be shown.
    pub(crate) fn only(mut self, keep: impl Fn(usize) -> bool) -> Option<Self> {
        for set in &mut self.sets {
            for asks in &mut set.options {
                for ask in asks.iter_mut() {
                    ask.fits.retain(|fit| keep(fit.card));
                }
            }
            set.options
                .retain(|asks| asks.iter().all(|ask| !ask.fits.is_empty()));
        }
        self.sets
            .retain(|set| set.required || !set.options.is_empty());
        let complete = self.sets.iter().all(|set| !set.options.is_empty());
        (complete && !self.sets.is_empty()).then_some(self)
    }

    /// Checks that a choice names what is there.
    pub(crate) fn check(&self, choice: &[Choice]) -> Result<(), ChoiceError> {
        if choice.len() != self.sets.len() {
            return Err(ChoiceError::OutOfRange);
        }
        for (set, choice) in self.sets.iter().zip(choice) {
            let asks = set
                .options
                .get(choice.option)
                .ok_or(ChoiceError::OutOfRange)?;
            if asks.len() != choice.cards.len() {
                return Err(ChoiceError::OutOfRange);
            }
            for (ask, cards) in asks.iter().zip(&choice.cards) {
                if cards.iter().any(|&card| card >= ask.fits.len()) {
                    return Err(ChoiceError::OutOfRange);
                }
                let mut distinct = cards.clone();
                distinct.sort_unstable();
                distinct.dedup();
                let wanted = if ask.multiple {
                    1..=ask.fits.len()
                } else {
                    1..=1
                };
                if distinct.len() != cards.len() || !wanted.contains(&cards.len()) {
                    return Err(ChoiceError::WrongNumber);
                }
            }
        }
        Ok(())
    }

    /// What one set shows under a choice: the place of the credential query and the cards.
    /// Empty for a set or a choice that is not there.
    pub(crate) fn chosen(&self, set: usize, choice: &[Choice]) -> Vec<(usize, Vec<&Fit>)> {
        let asks = self
            .sets
            .get(set)
            .zip(choice.get(set))
            .and_then(|(set, choice)| Some((set.options.get(choice.option)?, choice)));
        let Some((asks, choice)) = asks else {
            return Vec::new();
        };
        asks.iter()
            .zip(&choice.cards)
            .map(|(ask, cards)| {
                let fits = cards
                    .iter()
                    .filter_map(|&card| ask.fits.get(card))
                    .collect();
                (ask.query, fits)
            })
            .collect()
    }

    /// What leaves when the required sets and `optional` are shared. A credential query that
    /// stands in several sets is answered once, as the first of them has it.
    pub(crate) fn leaving(
        &self,
        choice: &[Choice],
        optional: &[usize],
    ) -> BTreeMap<usize, Vec<&Fit>> {
        let mut leaving = BTreeMap::new();
        for (place, set) in self.sets.iter().enumerate() {
            if set.required || optional.contains(&place) {
                for (query, fits) in self.chosen(place, choice) {
                    leaving.entry(query).or_insert(fits);
                }
            }
        }
        leaving
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use query::{Candidate, Format, Index};
    use serde_json::{Value, json};

    fn query(value: Value) -> Query {
        Query::from_json(&value).unwrap()
    }

    fn ask(id: &str, vct: &str) -> Value {
        json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, "claims": [{"path": ["a"]}]})
    }

    fn plan_of(request: &Query, cards: &[&str]) -> Option<Plan> {
        let claims = json!({"a": 1});
        let candidates = cards
            .iter()
            .map(|vct| Candidate {
                id: "card",
                format: Format::from_name("dc+sd-jwt"),
                types: vec![vct],
                claims: &claims,
                authorities: Vec::new(),
                holder_bound: true,
            })
            .collect();
        let answer = Index::new(candidates).answer(request);
        // The last card is the best.
        Plan::new(request, &answer, |a, b| b.cmp(&a))
    }

    #[test]
    fn without_sets_every_credential_is_required() {
        let request = query(json!({"credentials": [ask("x", "t:x"), ask("y", "t:y")]}));
        let plan = plan_of(&request, &["t:x", "t:y"]).unwrap();
        assert_eq!(plan.sets.len(), 1);
        assert_eq!(plan.leaving(&plan.default_choice(), &[]).len(), 2);
        assert!(plan_of(&request, &["t:x"]).is_none());
    }

    #[test]
    fn the_best_card_comes_first_and_one_is_taken() {
        let request = query(json!({"credentials": [ask("x", "t:x")]}));
        let plan = plan_of(&request, &["t:x", "t:x", "t:x"]).unwrap();
        assert!(plan.has_choice());
        let leaving = plan.leaving(&plan.default_choice(), &[]);
        let cards: Vec<usize> = leaving[&0].iter().map(|fit| fit.card).collect();
        assert_eq!(cards, [2]);
    }

    #[test]
    fn an_optional_set_leaves_only_when_it_was_asked_for() {
        let request = query(json!({
            "credentials": [ask("x", "t:x"), ask("y", "t:y")],
            "credential_sets": [{"options": [["x"]]}, {"options": [["y"]], "required": false}]
        }));
        let plan = plan_of(&request, &["t:x", "t:y"]).unwrap();
        let choice = plan.default_choice();
        assert_eq!(
            plan.leaving(&choice, &[])
                .keys()
                .copied()
                .collect::<Vec<_>>(),
            [0]
        );
        assert_eq!(
            plan.leaving(&choice, &[1])
                .keys()
                .copied()
                .collect::<Vec<_>>(),
            [0, 1]
        );
        let without = plan_of(&request, &["t:x"]).unwrap();
        assert_eq!(without.sets.len(), 1);
    }

    #[test]
    fn a_choice_beyond_the_review_is_an_error() {
        let request = query(json!({"credentials": [ask("x", "t:x")]}));
        let plan = plan_of(&request, &["t:x", "t:x"]).unwrap();
        let choice = |option, cards: &[usize]| {
            vec![Choice {
                option,
                cards: vec![cards.to_vec()],
            }]
        };
        assert_eq!(plan.check(&choice(0, &[1])), Ok(()));
        assert_eq!(plan.check(&choice(1, &[0])), Err(ChoiceError::OutOfRange));
        assert_eq!(plan.check(&choice(0, &[2])), Err(ChoiceError::OutOfRange));
        assert_eq!(plan.check(&choice(0, &[])), Err(ChoiceError::WrongNumber));
        assert_eq!(
            plan.check(&choice(0, &[0, 1])),
            Err(ChoiceError::WrongNumber)
        );
        assert_eq!(plan.check(&[]), Err(ChoiceError::OutOfRange));
    }

    #[test]
    fn several_cards_only_where_several_are_asked_for() {
        let mut several = ask("x", "t:x");
        several["multiple"] = json!(true);
        let request = query(json!({"credentials": [several]}));
        let plan = plan_of(&request, &["t:x", "t:x"]).unwrap();
        let both = vec![Choice {
            option: 0,
            cards: vec![vec![0, 1]],
        }];
        assert_eq!(plan.check(&both), Ok(()));
        let twice = vec![Choice {
            option: 0,
            cards: vec![vec![0, 0]],
        }];
        assert_eq!(plan.check(&twice), Err(ChoiceError::WrongNumber));
    }

    #[test]
    fn keeping_only_some_cards_can_leave_nothing() {
        let request = query(json!({"credentials": [ask("x", "t:x")]}));
        let plan = plan_of(&request, &["t:x", "t:x"]).unwrap();
        assert!(
            plan.clone()
                .only(|card| card == 0)
                .is_some_and(|plan| !plan.has_choice())
        );
        assert!(plan.only(|_| false).is_none());
    }
}
