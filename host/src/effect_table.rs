//! The effects of the engine module, as it tells of them itself: so a module with a table of its own needs no other host.

use js_sys::{Array, Object, Uint8Array, Uint32Array, WebAssembly};
use rusty_audio_engine::config::MAX_SETTINGS;
use rusty_audio_engine::effects::Unit;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Result, because};
use crate::owned_worker::check_version;
use crate::script::object;

#[wasm_bindgen]
extern "C" {
    type TableExports;

    #[wasm_bindgen(method)]
    fn controller_open(this: &TableExports) -> i32;
    /// Older modules have none.
    #[wasm_bindgen(method, catch)]
    fn controller_abi(this: &TableExports) -> core::result::Result<u32, JsValue>;
    #[wasm_bindgen(method)]
    fn controller_effects(this: &TableExports, arena: i32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_plan(this: &TableExports, arena: i32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_plan_rows(this: &TableExports, plan: i32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_parameter_count(this: &TableExports, plan: i32, place: u32) -> i32;
}

/// Pages of the memory that the module tells its table in: its stack, its tables, and what it carves out for a pool is not
/// among them.
const PAGES: u32 = 64;

/// A number that can be set.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name within the effect.
    pub name: String,
    /// Before anybody sets it.
    pub default: f32,
    /// The least.
    pub minimum: f32,
    /// The greatest.
    pub maximum: f32,
    /// Of all of them; none in a module that is newer than this host.
    pub unit: Option<Unit>,
}

impl Item {
    fn unit(&self) -> JsValue {
        self.unit.map_or("", Unit::symbol).into()
    }

    fn to_js(&self) -> Object {
        object(&[
            ("name", self.name.as_str().into()),
            ("unit", self.unit()),
            ("default", self.default.into()),
            ("minimum", self.minimum.into()),
            ("maximum", self.maximum.into()),
        ])
    }

    /// What is measured has neither a range nor a value before.
    fn reading_to_js(&self) -> Object {
        object(&[("name", self.name.as_str().into()), ("unit", self.unit())])
    }

    /// A value that the page has given it; `None` if it is out of range.
    pub fn parse(&self, value: &JsValue) -> Option<f32> {
        let value = value.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "the engine's numbers are f32")]
        (value >= f64::from(self.minimum) && value <= f64::from(self.maximum)).then_some(value as f32)
    }
}

/// One effect.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// AudioParams, the bypass last.
    pub parameters: Vec<Item>,
    /// Numbers that are fixed when it is built.
    pub settings: Vec<Item>,
    /// What it measures.
    pub readings: Vec<Item>,
}

/// All effects of a module, by number.
pub struct EffectTable {
    exports: TableExports,
    memory: WebAssembly::Memory,
    plan: i32,
    effects: Vec<Description>,
}

impl EffectTable {
    /// Has the module tell, in an instance of its own.
    pub fn new(module: &WebAssembly::Module) -> Result<Self> {
        let damaged = || Failure::new(ErrorCode::AssetFailed, "The engine module does not tell its effects.");
        let descriptor = object(&[("initial", PAGES.into()), ("maximum", PAGES.into()), ("shared", true.into())]);
        let memory = WebAssembly::Memory::new(&descriptor)
            .map_err(|reason| because(ErrorCode::OutOfMemory, "The browser refused 4 MiB", &reason))?;
        let imports = object(&[("env", object(&[("memory", memory.clone().into())]).into())]);
        let instance = WebAssembly::Instance::new(module, &imports)
            .map_err(|reason| because(ErrorCode::AssetFailed, "The engine module did not start", &reason))?;
        let exports: TableExports = instance.exports().unchecked_into();
        check_version("The engine module", exports.controller_abi().map_or(0.0, f64::from))?;
        let arena = exports.controller_open();
        let (words, plan) = (exports.controller_effects(arena), exports.controller_plan(arena));
        if words <= 0 || plan <= 0 {
            return Err(damaged());
        }
        let effects = Reader { memory: &memory, place: words.cast_unsigned() / 4 }.table();
        Ok(Self { exports, memory, plan, effects })
    }

    /// The effects, by number.
    pub fn effects(&self) -> &[Description] {
        &self.effects
    }

    /// `Engine.effects`.
    pub fn to_js(&self) -> Array {
        let described = |effect: &Description| {
            let items = |items: &[Item]| items.iter().map(Item::to_js).collect::<Array>();
            let readings: Array = effect.readings.iter().map(Item::reading_to_js).collect();
            object(&[
                ("name", effect.name.as_str().into()),
                ("parameters", items(&effect.parameters).into()),
                ("settings", items(&effect.settings).into()),
                ("readings", readings.into()),
            ])
        };
        self.effects.iter().map(described).collect()
    }

    /// How many AudioParams an effect has with these settings, its bypass included.
    pub fn parameter_count(&self, number: u32, settings: &[f32; MAX_SETTINGS]) -> usize {
        let rows = self.exports.controller_plan_rows(self.plan).cast_unsigned();
        write_row(&self.memory, rows, number, settings);
        usize::try_from(self.exports.controller_parameter_count(self.plan, 0)).unwrap_or(0)
    }
}

/// Writes a row of a plan: the number of an effect and its settings.
pub fn write_row(memory: &WebAssembly::Memory, address: u32, number: u32, settings: &[f32; MAX_SETTINGS]) {
    let words = Uint32Array::new(&memory.buffer());
    words.set_index(address / 4, number);
    for (place, setting) in (address / 4 + 1..).zip(settings) {
        words.set_index(place, setting.to_bits());
    }
}

/// Reads the words of `controller_effects`.
struct Reader<'m> {
    memory: &'m WebAssembly::Memory,
    place: u32,
}

impl Reader<'_> {
    fn word(&mut self) -> u32 {
        self.place += 1;
        Uint32Array::new(&self.memory.buffer()).get_index(self.place - 1)
    }

    fn text(&mut self) -> String {
        let (address, length) = (self.word(), self.word());
        let bytes = Uint8Array::new_with_byte_offset_and_length(&self.memory.buffer(), address, length).to_vec();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn item(&mut self) -> Item {
        let (name, unit) = (self.text(), self.word());
        let unit = Unit::ALL.get(unit as usize).copied();
        let [default, minimum, maximum] = [0; 3].map(|_| f32::from_bits(self.word()));
        Item { name, default, minimum, maximum, unit }
    }

    fn table(mut self) -> Vec<Description> {
        let effects = self.word();
        let mut effect = || {
            let name = self.text();
            let [parameters, settings, readings] = [0; 3].map(|_| self.word());
            let mut items = |count: u32| (0..count).map(|_| self.item()).collect();
            Description { name, parameters: items(parameters), settings: items(settings), readings: items(readings) }
        };
        (0..effects).map(|_| effect()).collect()
    }
}
