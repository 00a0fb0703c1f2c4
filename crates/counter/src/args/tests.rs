use super::*;

/// What each verb takes beside `--data`, `--json` and `--demo`, and the words that it needs.
const VERBS: [(&str, &str, &str); 8] = [
    (
        "serve",
        "",
        "cert client-id client-id-prefix evidence forget-after key ledger listen open-for pin public-url \
         purposes redirect-uri refetch status unencrypted vc-api-token",
    ),
    (
        "request",
        "--purpose p",
        "cert client-id client-id-prefix forget-after key ledger listen open-for pin public-url purposes \
         redirect-uri refetch unencrypted",
    ),
    ("result", "x", ""),
    ("verify", "x", "ledger pin"),
    (
        "ask",
        "--purpose p --live",
        "cert client-id client-id-prefix evidence key ledger listen open-for pin public-url purposes status",
    ),
    (
        "read",
        "x",
        "cert client-id client-id-prefix key ledger listen pin public-url purposes",
    ),
    (
        "id",
        "",
        "cert client-id client-id-prefix key listen public-url",
    ),
    ("completions", "bash", ""),
];

/// The options that a verb does not bring itself, with a value for each that takes one.
const OPTIONS: [(&str, &str); 17] = [
    ("cert", "f"),
    ("client-id", "x"),
    ("client-id-prefix", "x509_hash"),
    ("evidence", "never"),
    ("forget-after", "1m"),
    ("key", "f"),
    ("ledger", "f"),
    ("listen", "127.0.0.1:0"),
    ("open-for", "1m"),
    ("pin", "f"),
    ("public-url", "https://desk.example"),
    ("purposes", "f"),
    ("redirect-uri", "https://desk.example"),
    ("refetch", ""),
    ("status", "never"),
    ("unencrypted", ""),
    ("vc-api-token", "f"),
];

fn parsed(line: &str) -> Result<Arguments, clap::Error> {
    let line = format!("cairn-counter {line}");
    parse(line.split_whitespace().map(str::to_owned))
}

#[test]
fn the_command_line_holds_together() {
    Arguments::command().debug_assert();
    command().debug_assert();
    offered().debug_assert();
}

#[test]
fn a_verb_shows_and_takes_the_options_that_it_uses_and_no_others() {
    for (verb, needed, takes) in VERBS {
        let help = parsed(&format!("{verb} --help")).err().unwrap();
        let help = format!("{help}\n");
        for (name, value) in OPTIONS {
            let used = takes.split_whitespace().any(|one| one == name);
            let shown =
                help.contains(&format!("--{name} ")) || help.contains(&format!("--{name}\n"));
            assert_eq!(shown, used, "{verb} --{name}: {help}");
            for line in [
                format!("{verb} {needed} --{name} {value}"),
                format!("--{name} {value} {verb} {needed}"),
            ] {
                let taken = parsed(&line);
                assert_eq!(taken.is_ok(), used, "{line}");
                if let Err(error) = taken {
                    assert_eq!(error.kind(), ErrorKind::UnknownArgument, "{line}");
                }
            }
        }
    }
    let known = Arguments::command();
    let known = known
        .get_arguments()
        .filter(|option| option.is_global_set());
    assert_eq!(
        known.count(),
        OPTIONS.len() + 3,
        "an option that is not here"
    );
    let known = Arguments::command();
    assert_eq!(known.get_subcommands().count(), VERBS.len());
}

#[test]
fn a_value_before_the_verb_counts_as_one_behind_it() {
    for line in ["--open-for 9 serve", "serve --open-for 9"] {
        assert_eq!(parsed(line).ok().unwrap().global.open_for, 9, "{line}");
    }
    assert_eq!(parsed("serve").ok().unwrap().global.open_for, 300);
}

#[test]
fn completions_offer_what_the_verbs_take() {
    let mut script = Vec::new();
    clap_complete::generate(Shell::Fish, &mut offered(), "cairn-counter", &mut script);
    let script = String::from_utf8(script).unwrap();
    let offers = |verb: &str, option: &str| {
        script.lines().any(|line| {
            line.contains(&format!("__fish_cairn_counter_using_subcommand {verb}\""))
                && line.contains(&format!(" -l {option} "))
        })
    };
    assert!(offers("ask", "evidence") && offers("serve", "vc-api-token"));
    assert!(!offers("id", "evidence") && !offers("result", "ledger"));
}

#[test]
fn options_stand_before_or_after_the_verb() {
    for line in [
        "--json --demo serve --listen 127.0.0.1:0",
        "serve --listen 127.0.0.1:0 --json --demo",
    ] {
        let arguments = parsed(line).ok().unwrap();
        assert!(arguments.global.json && arguments.global.demo);
        assert_eq!(arguments.global.listen.unwrap().port(), 0);
    }
}

#[test]
fn times() {
    for (text, seconds) in [("90", 90), ("90s", 90), ("2m", 120), ("24h", 86_400)] {
        assert_eq!(duration(text), Ok(seconds));
    }
    for text in ["", "m", "0", "-1", "25h", "1d", "9223372036854775807h"] {
        assert!(duration(text).is_err(), "{text}");
    }
}

/// One nonce or thumbprint in 64 begins with a hyphen.
#[test]
fn what_is_base64url_may_begin_with_a_hyphen() {
    let thumbprint = format!("-{}", "A".repeat(42));
    for (option, value) in [("--nonce", "-pA"), ("--encryption-key", &thumbprint)] {
        let words = ["cairn-counter", "verify", "file", option, value];
        assert!(command().try_get_matches_from(words).is_ok(), "{option}");
    }
}
