//! The clerk's page.

use tempfile::TempDir;

use crate::commands::{Running, get};

#[tokio::test(flavor = "multi_thread")]
async fn browsers_find_the_icon() {
    let folder = TempDir::new().unwrap();
    let service = Running::start(folder.path(), "127.0.0.1:0", &[]);
    let icon = get(&format!("{}/favicon.ico", service.url), None).await;
    assert_eq!(icon.status, 200);
    assert_eq!(icon.header("content-type"), Some("image/x-icon"));
    assert_eq!(icon.body, include_bytes!("../../../../icons/icon.ico"));
    let policy = icon.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = get(&format!("{}/desk", service.url), None).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self';"), "{policy}");
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("<link rel=\"icon\" href=\"/favicon.ico\">"));
}
