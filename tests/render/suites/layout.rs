//! Structs and constants of the shaders are those that Rust has declared.

use std::collections::BTreeMap;
use std::fmt::Debug;

use naga::{Expression, Literal, Module, TypeInner, front::wgsl::parse_str};
use rusty_audio_render::gpu::shaders;
use rusty_audio_render::layout::{COLORS, FLOOR, FLOOR_DB, LANES, MAXIMUM, STRUCTS};

type Fields = Vec<(String, usize, String)>;
/// Structs by name, with their sizes; and constants by name, as text.
type Facts = (BTreeMap<String, (usize, Fields)>, BTreeMap<String, String>);

/// What a shader says.
fn facts_of_shader(source: &str) -> Facts {
    let module = parse_str(source).unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
    let structs = module.types.iter().filter_map(|(_, ty)| {
        let TypeInner::Struct { members, span } = &ty.inner else { return None };
        let fields = members.iter().map(|member| {
            (member.name.clone().unwrap_or_default(), member.offset as usize, type_name(&module, member.ty))
        });
        Some((ty.name.clone().unwrap_or_default(), (*span as usize, fields.collect())))
    });
    let constants = module.constants.iter().filter_map(|(_, constant)| {
        let value = match module.global_expressions[constant.init] {
            Expression::Literal(Literal::F32(value)) => format!("{value:?}"),
            Expression::Literal(Literal::U32(value)) => format!("{value:?}"),
            ref other => format!("{other:?}"),
        };
        Some((constant.name.clone()?, value))
    });
    (structs.collect(), constants.collect())
}

fn type_name(module: &Module, ty: naga::Handle<naga::Type>) -> String {
    let scalar = |scalar: naga::Scalar| match scalar {
        naga::Scalar::F32 => "f32".to_owned(),
        naga::Scalar::U32 => "u32".to_owned(),
        other => format!("{other:?}"),
    };
    match module.types[ty].inner {
        TypeInner::Scalar(inner) => scalar(inner),
        TypeInner::Array { base, size: naga::ArraySize::Constant(length), .. } => {
            format!("array<{}, {length}>", type_name(module, base))
        }
        TypeInner::Vector { size, scalar: inner } => format!("vec{}<{}>", size as u8, scalar(inner)),
        ref other => format!("{other:?}"),
    }
}

/// What Rust says.
fn facts_of_rust() -> Facts {
    let structs = STRUCTS.iter().map(|mirrored| {
        let fields =
            mirrored.fields.iter().map(|field| (field.name.to_owned(), field.offset, field.type_name.to_owned()));
        (mirrored.name.to_owned(), (mirrored.size, fields.collect()))
    });
    let constants: [(&str, &dyn Debug); 5] =
        [("FLOOR", &FLOOR), ("FLOOR_DB", &FLOOR_DB), ("MAXIMUM", &MAXIMUM), ("LANES", &LANES), ("COLORS", &COLORS)];
    (structs.collect(), constants.into_iter().map(|(name, value)| (name.to_owned(), format!("{value:?}"))).collect())
}

#[test]
fn both_sides_declare_the_same_structs_and_constants() {
    assert_eq!(facts_of_shader(shaders::TYPES), facts_of_rust());
}

#[test]
fn every_shader_compiles_with_them() {
    for source in shaders::ALL {
        let (structs, constants) = facts_of_shader(source);
        let (mirrored, mirrored_constants) = facts_of_rust();
        assert!(mirrored.iter().all(|(name, facts)| structs.get(name) == Some(facts)));
        assert!(mirrored_constants.iter().all(|(name, value)| constants.get(name) == Some(value)));
    }
}

#[test]
fn any_difference_is_found() {
    let edits = [
        ("two fields exchanged", "    attack: f32,\n    release: f32,", "    release: f32,\n    attack: f32,"),
        ("another type of the same size", "    columns: u32,", "    columns: f32,"),
        ("a wider type", "    age_s: f32,", "    age_s: vec2f,"),
        ("a field less", "    right: f32,\n", ""),
        ("a field more", "    gain: f32,", "    gain: f32,\n    loss: f32,"),
        ("another name", "    gap_px: f32,", "    gap: f32,"),
        ("another alignment", "    elapsed_s: f32,", "    @align(16) elapsed_s: f32,"),
        ("another size", "    power: f32,", "    @size(8) power: f32,"),
        ("a struct that Rust does not have", "struct Peak", "struct Extra { value: f32, }\nstruct Peak"),
        ("a shorter array", "array<vec4f, COLORS>", "array<vec4f, COLORS - 1u>"),
        ("another constant", "= 64u", "= 32u"),
        ("a constant that Rust does not have", "const FLOOR:", "const CEILING: f32 = 1.0;\nconst FLOOR:"),
    ];
    for (what, from, to) in edits {
        assert_eq!(shaders::TYPES.matches(from).count(), 1, "{what}");
        let edited = shaders::TYPES.replace(from, to);
        assert_ne!(facts_of_shader(&edited), facts_of_rust(), "{what}");
    }
}
