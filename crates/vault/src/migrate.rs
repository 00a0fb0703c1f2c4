//! From an older schema to the present one, in one transaction.

use crate::change::Change;
use crate::read::RecordError;

/// One step: from the schema of this number to the next.
pub(crate) struct Step {
    pub(crate) from: u32,
    pub(crate) apply: fn(&mut Change<'_>) -> Result<(), RecordError>,
}

/// The newest schema and the way to it.
pub(crate) struct Schema {
    pub(crate) current: u32,
    pub(crate) steps: &'static [Step],
}

/// Schema 1 is the first that was ever written: there is no step to it.
pub(crate) const SCHEMA: Schema = Schema {
    current: 1,
    steps: &[],
};

impl Schema {
    /// Applies every step from `found` on. `false` where a step is missing: such a file was never
    /// written by us.
    pub(crate) fn migrate(&self, found: u32, change: &mut Change<'_>) -> Result<bool, RecordError> {
        for from in found..self.current {
            let Some(step) = self.steps.iter().find(|step| step.from == from) else {
                return Ok(false);
            };
            (step.apply)(change)?;
        }
        Ok(true)
    }
}
