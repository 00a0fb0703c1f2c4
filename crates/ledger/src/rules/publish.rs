//! Publication of types.

use keys::UnixTime;

use super::register::Draft;
use super::{Rejection, fields};
use crate::event::{ANY_TYPE, Event, PublishType};
use crate::record::Publication;
use crate::registry::Registry;
use crate::signed::CheckedEvent;

impl Registry {
    pub(super) fn publish_type(
        &self,
        time: UnixTime,
        event: &Event,
        checked: &CheckedEvent,
        body: &PublishType,
    ) -> Result<Draft, Rejection> {
        let (accreditation, own) = self.require_accreditor(time, event, checked)?;
        fields::id(&body.id)?;
        if body.id == ANY_TYPE {
            return Err(Rejection::Malformed("id"));
        }
        let demo = self.governance().demo;
        fields::type_file(&body.schema, demo, "schema")?;
        fields::type_file(&body.metadata, demo, "metadata")?;
        if let Some(context) = &body.context {
            fields::type_file(context, demo, "context")?;
        }
        if !own.covers(&body.id) {
            return Err(Rejection::OutOfScope);
        }
        if let Some(standing) = self.published_type(&body.id) {
            if standing.by != event.signer {
                return Err(Rejection::RegisteredByAnother);
            }
            let same = standing.schema == body.schema
                && standing.metadata == body.metadata
                && standing.context == body.context;
            if same {
                return Err(Rejection::AlreadyRegistered);
            }
        }
        let mut draft = self.draft(&body.id);
        draft.record.publications.push(Publication {
            by: event.signer.clone(),
            accreditation,
            from: time,
            schema: body.schema.clone(),
            metadata: body.metadata.clone(),
            context: body.context.clone(),
            withdrawn: None,
        });
        Ok(draft)
    }
}
