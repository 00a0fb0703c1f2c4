use super::*;
use crate::args;

/// How long something may take that takes no time.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_was_kept_for_long_enough_goes_while_nobody_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let data = Data::open(Some(path.clone())).unwrap();
    let line = "cairn-counter serve --demo --listen 127.0.0.1:0";
    let global = args::parse(line.split(' ')).ok().unwrap().global;
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

#[tokio::test]
async fn by_a_clock_that_leapt_nothing_is_removed() {
    const NOON: UnixTime = 1_790_000_000;
    let folder = tempfile::tempdir().unwrap();
    let identity = Arc::new(Identity::RedirectUri);
    let codes = Arc::new(Codes::new(folder.path(), "desk".to_owned(), identity));
    // The mark of a pass that is good for days yet.
    let mark = folder.path().join(format!("seen/{}.mark", NOON + 86_400));
    std::fs::create_dir(folder.path().join("seen")).unwrap();
    std::fs::write(&mark, "").unwrap();
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let year = 365 * 86_400;
    let mut steady = Steady::new(NOON, start);
    for (clock, seconds, swept) in [
        (NOON + 60, 60, true),
        (NOON + 120 + year, 120, false),
        (NOON + 180 + year, 180, false),
        (NOON + 240, 240, false),
        (NOON + 239 + 3600, 239 + 3600, false),
        (NOON + 240 + 3600, 240 + 3600, true),
    ] {
        let told = sweep_if_calm(&codes, &mut steady, clock, at(seconds)).await;
        assert_eq!(told.is_some(), swept, "{seconds}");
        told.transpose().unwrap();
        assert!(mark.exists(), "{seconds}");
    }
    // Where it is no leap it goes.
    let told = sweep_if_calm(&codes, &mut steady, NOON + year, at(31_536_000)).await;
    told.unwrap().unwrap();
    assert!(!mark.exists());
}
