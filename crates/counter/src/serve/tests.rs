use clap::Parser as _;

use super::*;
use crate::args::Arguments;

/// How long something may take that takes no time.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_was_kept_for_long_enough_goes_while_nobody_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let data = Data::open(Some(path.clone())).unwrap();
    let line = "cairn-counter serve --demo --listen 127.0.0.1:0";
    let global = Arguments::try_parse_from(line.split(' ')).unwrap().global;
    let mut counter = Counter::open(&data, &global, DEFAULT_LISTEN).await.unwrap();
    counter.sweep_every = Duration::from_millis(5);
    let codes = path.join("codes");
    let write = |name: &str, text: &str| {
        let file = codes.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        file
    };
    let question = r#"{"purpose":"p","made_at":1,"expires_at":2}"#;
    let later = now() + 3600;
    let young = [
        write(&format!("kept/{}.jsonl", now() / 86_400), "{}"),
        write(&format!("seen/{later}.mark"), ""),
        write(
            "challenges/b.json",
            &question.replace('2', &later.to_string()),
        ),
    ];
    // Two of each, one after the other: it is not only done at the start.
    let idle = {
        let codes = codes.clone();
        async move {
            for number in 1..=2 {
                let old = [
                    (format!("kept/{number}.jsonl"), "{}"),
                    (format!("seen/{number}.mark"), ""),
                    ("challenges/a.json".to_owned(), question),
                ];
                for (name, text) in &old {
                    // Whole at once: a question that is half written is another's for a day.
                    std::fs::write(codes.join("whole"), text).unwrap();
                    std::fs::rename(codes.join("whole"), codes.join(name)).unwrap();
                }
                while old.iter().any(|(name, _)| codes.join(name).exists()) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    };
    let served = tokio::time::timeout(PATIENCE, counter.serve(idle)).await;
    served.expect("what is over is removed").unwrap();
    assert!(young.iter().all(|file| file.exists()));
}
