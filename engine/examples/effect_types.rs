//! Prints `effects.ts`: the table of effects as the package's types. The build calls it, so that the table exists once.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use rusty_audio_engine::effects::{Description, Effects, Equalizer, Parameter, StandardEffects, Unit};

fn main() {
    println!("// Made by `cargo run -p rusty-audio-engine --example effect_types`.\n");
    println!("/** The effects that there are. */");
    let names: Vec<_> = StandardEffects::LIST.iter().map(|effect| format!("'{}'", effect.name)).collect();
    println!("export type EffectName = {};\n", names.join(" | "));
    println!("/** The types of an equalizer's bands, by number; the names are those of a `BiquadFilterNode`. */");
    let types: Vec<_> = Equalizer::TYPES.iter().map(|name| format!("'{name}'")).collect();
    println!("export const EQUALIZER_TYPES = [{}] as const;\n", types.join(", "));
    println!("/** One effect of a node: its name, or that with a name of one's own and with settings. */");
    println!("export type EffectEntry = EffectName | EffectSettings[EffectName];\n");
    println!(
        "/** Effects with their settings, which are fixed when a node is made. The AudioParams of each stand with it. */"
    );
    println!("export interface EffectSettings {{");
    StandardEffects::LIST.iter().for_each(print_effect);
    println!("}}");
}

fn print_effect(Description { name, parameters, settings, readings }: &Description) {
    println!("  /**\n   * AudioParams of `{name}`, each with the name of the effect and a point before it:");
    for parameter in parameters.iter().chain([&Parameter::BYPASS]) {
        println!("   * - `{}`: {}", parameter.name, range(parameter));
    }
    if !readings.is_empty() {
        let readings: Vec<_> =
            readings.iter().map(|reading| format!("`{}`{}", reading.name, unit(reading.unit))).collect();
        println!("   *\n   * It measures {}.", readings.join(", "));
    }
    println!("   */\n  {name}: {{");
    println!("    /** Which effect. */\n    effect: '{name}';");
    println!(
        "    /** What its AudioParams' names begin with. Default: the effect's name, numbered where there are several. */"
    );
    println!("    name?: string;");
    for setting in *settings {
        println!("    /** {} */", range(setting));
        println!("    {}?: number;", setting.name);
    }
    println!("  }};");
}

fn range(Parameter { unit: of, default, minimum, maximum, .. }: &Parameter) -> String {
    format!("{minimum} to {maximum}{}, default {default}.", unit(*of))
}

fn unit(unit: Unit) -> String {
    let symbol = unit.symbol();
    if symbol.is_empty() { String::new() } else { format!(" {symbol}") }
}
