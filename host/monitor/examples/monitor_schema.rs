//! Prints `schema.ts`: the table of figures as the package's types. The build calls it, so that the table exists once.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use rusty_audio_monitor::{FIGURES, Row};

fn main() {
    println!("// Made by `cargo run -p rusty-audio-monitor --example monitor_schema`.\n");
    println!("/** A row of the display. */");
    println!("export interface Row {{");
    println!("  /** What to program against. */");
    println!("  readonly name: RowName;");
    println!("  /** What a person reads. */");
    println!("  readonly label: string;");
    println!("  /** What it tells, in a sentence. */");
    println!("  readonly about: string;");
    println!("}}\n");
    println!("/** A number of a row. Its place in the list is its place in what `Monitor.readFigures` fills. */");
    println!("export interface Figure {{");
    println!("  /** What to program against. */");
    println!("  readonly name: FigureName;");
    println!("  /** The row that it stands in. */");
    println!("  readonly row: RowName;");
    println!("  /** What a person reads; the row has a label, too. */");
    println!("  readonly label: string;");
    println!("  /** What it is counted in; a share is 0 to 1. */");
    println!("  readonly unit: 'count' | 'frames' | 'milliseconds' | 'share' | 'partsPerMillion' | 'bytes';");
    println!("  /** How it is known, where it is known at all. */");
    println!("  readonly quality: 'measured' | 'estimated';");
    println!("}}\n");
    let rows: Vec<_> = Row::ALL.iter().map(|row| format!("'{}'", row.script_name())).collect();
    println!("/** Names of the rows. */");
    println!("export type RowName = {};\n", rows.join(" | "));
    let names: Vec<_> = FIGURES.iter().map(|figure| format!("'{}'", figure.name())).collect();
    println!("/** Names of the figures. */");
    println!("export type FigureName = {};\n", names.join(" | "));
    println!("/** The rows, in their order. */");
    println!("export const ROWS: readonly Row[] = [");
    for row in Row::ALL {
        println!("  {{ name: '{}', label: {:?}, about: {:?} }},", row.script_name(), row.label, row.about);
    }
    println!("];\n");
    println!("/** The figures, in their order. */");
    println!("export const FIGURES: readonly Figure[] = [");
    for figure in FIGURES {
        let row = Row::ALL.iter().find(|row| row.name == figure.row).expect("each figure has a row").script_name();
        let (name, label) = (figure.name(), figure.label);
        let (unit, quality) = (figure.unit.name(), figure.quality.name());
        println!("  {{ name: '{name}', row: '{row}', label: {label:?}, unit: '{unit}', quality: '{quality}' }},");
    }
    println!("];");
}
