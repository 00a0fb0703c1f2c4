//! `publish-type`: the digests of a type's files, after a look whether they are such files.

use std::io::Read as _;
use std::path::Path;

use credential::catalogue;
use credential::schema::Schema;
use credential::type_metadata::TypeMetadata;
use keys::json;
use ledger::event::{Action, PublishType, TypeFile};

use crate::actions::Deed;
use crate::args;
use crate::failure::Failure;

/// The longest file, in bytes: the most that readers take.
const MAX_FILE: u64 = 256 * 1024;

pub(crate) fn deed(args: &args::PublishType) -> Result<Deed, Failure> {
    let id = catalogue::type_id(&args.id);
    let known = catalogue::by_vct(id);
    let read = |file: Option<&Path>, carried: Option<&str>| match (file, carried) {
        (Some(file), _) => read(file).map(Some),
        (None, carried) => Ok(carried.map(|text| text.as_bytes().to_vec())),
    };
    let missing = |what: &str| {
        Failure::failed(
            "usage",
            format!("this program does not carry the type: name its {what}"),
        )
    };
    let schema = read(args.schema.as_deref(), known.map(|entry| entry.schema))?
        .ok_or_else(|| missing("schema with --schema FILE"))?;
    Schema::parse(&schema)
        .map_err(|error| Failure::refused("malformed_schema", error.to_string()))?;
    let metadata = read(args.metadata.as_deref(), known.map(|entry| entry.metadata))?
        .ok_or_else(|| missing("type metadata with --metadata FILE"))?;
    TypeMetadata::parse(&metadata, id, None)
        .map_err(|error| Failure::refused("malformed_metadata", error.to_string()))?;
    let context = read(args.context.as_deref(), known.map(|entry| entry.context))?;
    if let Some(context) = &context {
        let is_context = json::parse_object(context).is_ok_and(|object| {
            object
                .get("@context")
                .is_some_and(|inner| !inner.is_string())
        });
        if !is_context {
            return Err(Failure::refused(
                "malformed_context",
                "the file is not a JSON-LD context",
            ));
        }
    } else if args.context_uri.is_some() {
        return Err(missing("context with --context FILE"));
    }
    let action = Action::PublishType(PublishType {
        id: id.to_owned(),
        schema: TypeFile::of(&schema, args.schema_uri.clone()),
        metadata: TypeFile::of(&metadata, args.metadata_uri.clone()),
        context: context.map(|bytes| TypeFile::of(&bytes, args.context_uri.clone())),
    });
    Ok(Deed::new(&args.by, action))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| Failure::failed("file", format!("{}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(failed("longer than 256 KiB".to_owned()));
    }
    Ok(bytes)
}
