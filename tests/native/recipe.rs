//! The recipe at the head of `engine/src/effects/mod.rs` is true: what it says of files, lines and commands is so for every
//! effect that there is.

use std::fs;
use std::path::{Path, PathBuf};

use rusty_audio_tests::laws::{Standard, list};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn snake_case(camel_case: &str) -> String {
    let part = |letter: char| {
        if letter.is_ascii_uppercase() { format!("_{}", letter.to_ascii_lowercase()) } else { letter.into() }
    };
    camel_case.chars().map(part).collect()
}

/// The text of an effect's file, or of the first file of its folder.
fn file_of(stem: &str) -> Option<String> {
    let places = [format!("engine/src/effects/{stem}.rs"), format!("engine/src/effects/{stem}/mod.rs")];
    places.iter().find_map(|place| fs::read_to_string(root().join(place)).ok())
}

/// What is missing of an effect, by steps 1 to 3: its file, its `mod` and `pub use`, its line in the table.
fn missing(effect: &str, module: &str, file: Option<&str>) -> Option<String> {
    let stem = snake_case(effect);
    let mut kind = effect.to_owned();
    kind[..1].make_ascii_uppercase();
    let is_effect =
        |file: &str| file.contains(" Effect<'a> for ") && file.contains(&format!("NAME: &'static str = \"{effect}\""));
    if !file.is_some_and(is_effect) {
        return Some(format!("{stem}.rs with an Effect of the name {effect}"));
    }
    let lines = [format!("mod {stem};"), format!("pub use {stem}::{kind};"), format!("        {kind}({kind}")];
    let has = |line: &str| {
        let mut known = module
            .lines()
            .map(|known| known.strip_prefix("pub ").filter(|_| line.starts_with("mod ")).unwrap_or(known));
        known.any(|known| known.starts_with(line))
    };
    lines.into_iter().find(|line| !has(line))
}

#[test]
fn every_effect_is_added_as_the_recipe_says() {
    let module = read("engine/src/effects/mod.rs");
    for effect in list::<Standard>() {
        let file = file_of(&snake_case(effect.name));
        assert_eq!(missing(effect.name, &module, file.as_deref()), None);
    }
}

#[test]
fn no_effect_is_left_out_of_the_table() {
    for entry in fs::read_dir(root().join("engine/src/effects")).unwrap() {
        let path = entry.unwrap().path();
        let text = path.file_stem().and_then(|stem| file_of(&stem.to_string_lossy())).unwrap_or_default();
        let name = text.split_once("const NAME: &'static str = \"").and_then(|(_, rest)| rest.split('"').next());
        if let Some(name) = name {
            assert!(list::<Standard>().iter().any(|effect| effect.name == name), "{name} is not in the table");
        }
    }
}

#[test]
fn what_is_missing_is_found() {
    let file = "impl<'a> Effect<'a> for TapeEcho { const NAME: &'static str = \"tapeEcho\"; }";
    let module = "mod tape_echo;\npub use tape_echo::TapeEcho;\neffects! {\n        TapeEcho(TapeEcho<'a>),\n";
    assert_eq!(missing("tapeEcho", module, Some(file)), None);
    assert!(missing("tapeEcho", module, None).is_some());
    assert!(missing("tapeDelay", module, Some(file)).is_some());
    for line in module.lines().filter(|line| line.contains("ape")) {
        assert!(missing("tapeEcho", &module.replace(line, ""), Some(file)).is_some(), "{line}");
    }
}

#[test]
fn its_commands_and_places_exist() {
    let module = read("engine/src/effects/mod.rs");
    for text in
        ["cargo test -p rusty-audio-tests --test laws`", "scripts/check.sh --write-budgets`", "`tests/own_effect`"]
    {
        assert!(module.contains(text), "{text}");
    }
    assert!(read("tests/Cargo.toml").contains("name = \"laws\""));
    assert!(read("scripts/check.sh").contains("--write-budgets)"));
    assert!(read("Cargo.toml").contains("\"tests/own_effect\""));
}
