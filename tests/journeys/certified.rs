//! Certificates of a made-up authority.

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use crate::stage::Stage;

/// A root, a leaf below it for `name`, and the leaf's key: their files.
pub(crate) struct Certified {
    pub(crate) root: String,
    pub(crate) leaf: String,
    pub(crate) key: String,
}

pub(crate) fn certify(stage: &Stage, name: &str) -> Certified {
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let leaf = leaf
        .signed_by(&key, &rcgen::Issuer::new(root, root_key))
        .unwrap();
    Certified {
        root: stage.write(&format!("{name}-root.pem"), root_certificate.pem()),
        leaf: stage.write(&format!("{name}-leaf.pem"), leaf.pem()),
        key: stage.write(&format!("{name}-key.pem"), key.serialize_pem()),
    }
}
