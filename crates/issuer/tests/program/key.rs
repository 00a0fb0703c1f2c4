//! `key`: what is made, where, and what is told of it.

use std::path::Path;

use keys::json::parse_object;
use serde_json::Value;
use tempfile::TempDir;

use crate::commands::run;

#[test]
fn a_key_is_made_once_and_only_its_public_part_is_told() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    for (alg, name) in [("ES256", "p256"), ("EdDSA", "edwards")] {
        let file = folder.path().join(format!("{name}.pem"));
        let public = folder.path().join(format!("{name}.json"));
        let (path, given) = (file.to_str().unwrap(), public.to_str().unwrap());
        let make = ["key", "make", path, "--alg", alg, "--public", given];
        let (code, told) = run(&data, &make);
        assert_eq!(code, 0, "{told}");
        let pem = std::fs::read_to_string(&file).unwrap();
        let key = keys::SigningKey::from_pem(&pem).unwrap().public();
        assert_eq!(key.algorithm().name(), alg);
        assert_eq!(told["jwk"], key.to_jwk());
        assert_eq!(told["thumbprint"], key.thumbprint());
        assert_eq!(
            told["did_key"],
            credential::did::derive_did_key(&key).unwrap()
        );
        assert_eq!(
            told["did_jwk"],
            credential::did::derive_did_jwk(&key).unwrap()
        );
        let given = std::fs::read(&public).unwrap();
        let given = Value::Object(parse_object(given.trim_ascii()).unwrap());
        assert_eq!(given, told["jwk"]);
        assert!(given.get("d").is_none());
        assert_eq!(run(&data, &["key", "show", path]), (0, told));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        // Neither file is written over, and where one is there neither is made.
        let other = folder.path().join("other");
        let other = other.to_str().unwrap();
        for make in [
            ["key", "make", path, "--public", other],
            ["key", "make", other, "--public", public.to_str().unwrap()],
        ] {
            let (code, told) = run(&data, &make);
            assert_eq!((code, &told["error"]["kind"]), (2, &"exists".into()));
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), pem);
        assert!(!Path::new(other).exists());
    }
    assert!(!data.exists(), "no data folder is needed");
    let no_key = folder.path().join("p256.json");
    let (code, told) = run(&data, &["key", "show", no_key.to_str().unwrap()]);
    assert_eq!((code, &told["error"]["kind"]), (1, &"failed".into()));
}

#[test]
fn a_secret_and_its_public_part_are_two_files_or_none() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(place("keys")).unwrap();
    let file = place("a.pem");
    for same in [file.clone(), place("keys/../a.pem"), place("./a.pem")] {
        let (code, told) = run(&data, &["key", "make", &file, "--public", &same]);
        assert_eq!((code, &told["error"]["kind"]), (2, &"same_file".into()));
        assert!(!Path::new(&file).exists(), "{same}");
    }
    // The public part has no place to go: the secret does not stay behind.
    let nowhere = place("no folder/a.json");
    let (code, told) = run(&data, &["key", "make", &file, "--public", &nowhere]);
    assert_eq!((code, &told["error"]["kind"]), (1, &"failed".into()));
    let advice = told["error"]["advice"].as_str().unwrap();
    assert!(advice.starts_with("nothing was kept"), "{advice}");
    assert!(!Path::new(&file).exists());
    // What is to be given away is kept from nobody whom the user's other files are not kept from.
    let (public, plain) = (place("a.json"), place("plain"));
    std::fs::write(&plain, "").unwrap();
    let (code, told) = run(&data, &["key", "make", &file, "--public", &public]);
    assert_eq!(code, 0, "{told}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &str| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&public), mode(&plain));
        assert_eq!(mode(&file) & 0o777, 0o600);
    }
}
