//! Films: MJPEG and Y4M, the first frames of them.
#![no_main]

use code::film::Film;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let file = std::env::temp_dir().join(format!("film-{}", std::process::id()));
    std::fs::write(&file, bytes).expect("room for a file");
    if let Ok(mut film) = Film::open(&file) {
        for _ in 0..8 {
            let Ok(Some(_)) = film.next_texts() else {
                break;
            };
        }
    }
    std::fs::remove_file(&file).expect("the file is there");
});
