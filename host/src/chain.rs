//! The effects of a node, as the page names them.

use js_sys::{Array, Object};
use rusty_audio_engine::config::{MAX_EFFECTS, MAX_SETTINGS};
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::{JsCast, JsValue};

use crate::effect_table::{Description, EffectTable, Item};
use crate::error::Result;
use crate::script::{get, object};

/// The effect that is a player's volume, and the name of its AudioParam.
const VOLUME: &str = "gain";

/// One effect of a node.
#[derive(Clone, Debug)]
pub struct Link {
    /// What its AudioParams' names begin with; empty for a player's volume.
    pub label: String,
    /// Its number in the table.
    pub number: u32,
    /// Its name in the table.
    pub effect: String,
    /// Its settings; NaN for one that the page left out.
    pub settings: [f32; MAX_SETTINGS],
}

/// Where a parameter of the engine has its values from.
#[derive(Clone, Debug)]
enum Column {
    /// The AudioParam of that full name.
    AudioParam(String),
    /// It is the same for ever.
    Constant(f32),
}

/// The effects of a node and what follows from them.
#[derive(Clone, Debug)]
pub struct Chain {
    /// In their order.
    pub links: Vec<Link>,
    /// The AudioParams with their full names.
    parameters: Vec<Item>,
    /// What the page has set for ever, by full name.
    constants: Vec<(String, f32)>,
    /// In the order of the engine's values.
    columns: Vec<Column>,
    /// Full names of what is measured.
    readings: Vec<String>,
}

fn invalid<T>(message: String) -> Result<T> {
    Err(Failure::new(ErrorCode::InvalidArgument, message))
}

impl Chain {
    /// The effects of a node. `constants` are parameters that keep a value and get no AudioParam.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] with what there is.
    pub fn parse(table: &EffectTable, effects: &Array, constants: &Object) -> Result<Self> {
        let mut chain = Self::new(table, parse_links(table, effects)?)?;
        for name in Object::keys(constants).iter().filter_map(|key| key.as_string()) {
            let value = get(constants, &name);
            chain.hold(name, &value)?;
        }
        Ok(chain)
    }

    /// The effects of a player, the volume last.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] with what there is.
    pub fn of_player(table: &EffectTable, effects: &Array) -> Result<Self> {
        let mut links = parse_links(table, effects)?;
        let (number, _) = find(table, VOLUME)?;
        links.push(Link { label: String::new(), number, effect: VOLUME.into(), settings: [f32::NAN; MAX_SETTINGS] });
        Self::new(table, links)
    }

    fn new(table: &EffectTable, links: Vec<Link>) -> Result<Self> {
        if links.len() > MAX_EFFECTS {
            return invalid(format!("The node has {} effects; {MAX_EFFECTS} are the most.", links.len()));
        }
        let mut chain = Self {
            links: Vec::new(),
            parameters: Vec::new(),
            constants: Vec::new(),
            columns: Vec::new(),
            readings: Vec::new(),
        };
        for link in links {
            let description = &table.effects()[link.number as usize];
            let count = table.parameter_count(link.number, &link.settings);
            let own = &description.parameters[..count.saturating_sub(1).min(description.parameters.len())];
            for parameter in own.iter().chain(description.parameters.last()) {
                // A player's volume is called gain, and whoever wants none of it sets it to 1.
                if link.label.is_empty() && parameter.name != VOLUME {
                    chain.columns.push(Column::Constant(parameter.default));
                    continue;
                }
                let name = full_name(&link.label, &parameter.name);
                chain.columns.push(Column::AudioParam(name.clone()));
                chain.parameters.push(Item { name, ..parameter.clone() });
            }
            chain.readings.extend(description.readings.iter().map(|item| full_name(&link.label, &item.name)));
            chain.links.push(link);
        }
        Ok(chain)
    }

    /// Lets a parameter have one value for ever, and no AudioParam.
    fn hold(&mut self, name: String, value: &JsValue) -> Result<()> {
        let Some(place) = self.parameters.iter().position(|parameter| parameter.name == name) else {
            let known: Vec<_> = self.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            return invalid(format!("The node has no parameter called \"{name}\"; it has {}.", known.join(", ")));
        };
        let Some(value) = self.parameters[place].parse(value) else {
            let Item { minimum, maximum, .. } = self.parameters[place];
            return invalid(format!("{name} must be {minimum} to {maximum}."));
        };
        let is_it = |column: &&mut Column| matches!(column, Column::AudioParam(other) if *other == name);
        if let Some(column) = self.columns.iter_mut().find(is_it) {
            *column = Column::Constant(value);
        }
        self.parameters.remove(place);
        self.constants.push((name, value));
        Ok(())
    }

    /// What the page has set for ever, by full name.
    pub fn constants(&self) -> Object {
        let constants = object(&[]);
        for (name, value) in &self.constants {
            crate::script::set(&constants, name, &(*value).into());
        }
        constants
    }

    /// What a node class of these AudioParams is registered with.
    pub fn descriptors(&self) -> Array {
        let descriptor = |Item { name, default, minimum, maximum, .. }: &Item| {
            object(&[
                ("name", name.as_str().into()),
                ("defaultValue", (*default).into()),
                ("minValue", (*minimum).into()),
                ("maxValue", (*maximum).into()),
                ("automationRate", "a-rate".into()),
            ])
        };
        self.parameters.iter().map(descriptor).collect()
    }

    /// What tells this list of AudioParams from all others.
    pub fn signature(&self) -> String {
        format!("{:?}", self.parameters)
    }

    /// In the order of the engine's values: an AudioParam's name, or a constant's value.
    pub fn columns(&self) -> Array {
        let column = |column: &Column| match column {
            Column::AudioParam(name) => JsValue::from(name),
            Column::Constant(value) => JsValue::from(*value),
        };
        self.columns.iter().map(column).collect()
    }

    /// The values of an effect's parameters, its bypass last, where AudioParams have those that `value_of` tells.
    pub fn values(&self, table: &EffectTable, place: usize, value_of: impl Fn(&str) -> f32) -> Vec<f32> {
        let count = |link: &Link| table.parameter_count(link.number, &link.settings);
        let first: usize = self.links.iter().take(place).map(count).sum();
        let columns = self.columns.iter().skip(first).take(self.links.get(place).map_or(0, count));
        let value = |column: &Column| match column {
            Column::AudioParam(name) => value_of(name),
            Column::Constant(value) => *value,
        };
        columns.map(value).collect()
    }

    /// Numbers and settings, for a worklet that builds the node itself.
    pub fn plan(&self) -> Array {
        let row = |link: &Link| {
            let settings: Array = link.settings.iter().map(|&setting| JsValue::from(setting)).collect();
            object(&[("number", link.number.into()), ("settings", settings.into())])
        };
        self.links.iter().map(row).collect()
    }

    /// What was measured, by full name.
    pub fn readings(&self, values: &[f32]) -> Object {
        let readings = object(&[]);
        for (name, &value) in self.readings.iter().zip(values) {
            crate::script::set(&readings, name, &value.into());
        }
        readings
    }

    /// The place of the effect with that label.
    pub fn place_of(&self, label: &str) -> Option<usize> {
        self.links.iter().position(|link| link.label == label)
    }

    /// The place of the first effect of that kind.
    pub fn first(&self, effect: &str) -> Option<usize> {
        self.links.iter().position(|link| link.effect == effect)
    }

    /// What the page can make the same node from: the effects with names and settings.
    pub fn to_js(&self, table: &EffectTable) -> Array {
        let entry = |link: &Link| {
            let entry = object(&[("effect", link.effect.as_str().into()), ("name", link.label.as_str().into())]);
            let settings = &table.effects()[link.number as usize].settings;
            for (item, &value) in settings.iter().zip(&link.settings).filter(|(_, value)| !value.is_nan()) {
                crate::script::set(&entry, &item.name, &value.into());
            }
            entry
        };
        self.links.iter().filter(|link| !link.label.is_empty()).map(entry).collect()
    }
}

fn full_name(label: &str, name: &str) -> String {
    if label.is_empty() { name.into() } else { format!("{label}.{name}") }
}

fn find<'t>(table: &'t EffectTable, name: &str) -> Result<(u32, &'t Description)> {
    match (0..).zip(table.effects()).find(|(_, description)| description.name == name) {
        Some(found) => Ok(found),
        None => {
            let known: Vec<_> = table.effects().iter().map(|description| description.name.as_str()).collect();
            invalid(format!("There is no effect called \"{name}\"; there are {}.", known.join(", ")))
        }
    }
}

fn parse_links(table: &EffectTable, effects: &Array) -> Result<Vec<Link>> {
    let mut links: Vec<Link> = Vec::new();
    for entry in effects.iter() {
        let mut link = parse_link(table, &entry)?;
        if link.label.is_empty() {
            let taken = |label: &str| links.iter().any(|other| other.label == label);
            let numbered = |count: usize| format!("{}{count}", link.effect);
            link.label = if taken(&link.effect) {
                (2..).map(numbered).find(|label| !taken(label)).unwrap_or_default()
            } else {
                link.effect.clone()
            };
        } else if links.iter().any(|other| other.label == link.label) {
            return invalid(format!("Two effects are called \"{}\".", link.label));
        }
        links.push(link);
    }
    Ok(links)
}

/// A name, or an object with the name as `effect`, perhaps a `name` of its own, and settings.
fn parse_link(table: &EffectTable, entry: &JsValue) -> Result<Link> {
    let name = entry.as_string().or_else(|| get(entry, "effect").as_string());
    let Some(name) = name else {
        return invalid("An effect must be a name, or an object with a name as its effect.".into());
    };
    let (number, description) = find(table, &name)?;
    let mut link = Link { label: String::new(), number, effect: name, settings: [f32::NAN; MAX_SETTINGS] };
    let Some(entry) = entry.dyn_ref::<Object>() else { return Ok(link) };
    for key in Object::keys(entry).iter().filter_map(|key| key.as_string()) {
        let value = get(entry, &key);
        match key.as_str() {
            "effect" => {}
            "name" => {
                link.label = value.as_string().filter(|label| is_label(label)).map_or_else(
                    || invalid("The name of an effect must be letters and digits, a letter first.".into()),
                    Ok,
                )?;
            }
            _ => set_setting(&mut link, description, &key, &value)?,
        }
    }
    Ok(link)
}

fn is_label(label: &str) -> bool {
    label.starts_with(|c: char| c.is_ascii_alphabetic()) && label.chars().all(|c| c.is_ascii_alphanumeric())
}

fn set_setting(link: &mut Link, description: &Description, key: &str, value: &JsValue) -> Result<()> {
    let Some(place) = description.settings.iter().position(|setting| setting.name == key) else {
        let known: Vec<_> = description.settings.iter().map(|setting| setting.name.as_str()).collect();
        let known = if known.is_empty() { String::from("it has none") } else { format!("it has {}", known.join(", ")) };
        return invalid(format!("The effect {} has no setting called \"{key}\"; {known}.", description.name));
    };
    let setting = &description.settings[place];
    let Some(value) = setting.parse(value) else {
        let Item { minimum, maximum, .. } = setting;
        return invalid(format!("The setting {key} of {} must be {minimum} to {maximum}.", description.name));
    };
    link.settings[place] = value;
    Ok(())
}
