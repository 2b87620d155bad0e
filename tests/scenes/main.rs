//! One engine, one answer: renders the scenes natively and writes what everyone else must get, bit for bit.
//!
//! `cargo run -p rusty-audio-tests --bin scenes -- FOLDER` writes `scenes.json` and the sounds that it names, planar: all of
//! left, then all of right; and `holes.json`, a player's stream with holes.

mod definition;
mod holes;
mod rendering;

use std::path::Path;
use std::{env, fs, io};

use definition::{Scene, scenes};
use holes::Holes;

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| String::from("target/scenes"));
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let scenes = scenes();
    for scene in &scenes {
        let input = scene.input();
        write(&folder.join(format!("{}.input.f32", scene.name)), &input)?;
        if let Some(response) = scene.response() {
            write(&folder.join(format!("{}.response.f32", scene.name)), &response)?;
        }
        write(&folder.join(format!("{}.expected.f32", scene.name)), &rendering::render(scene, &input))?;
    }
    fs::write(folder.join("scenes.json"), serde_json::to_vec_pretty(&scenes)?)?;
    let holes = Holes::new();
    let stream = holes.stream();
    write(&folder.join("holes.input.f32"), &stream)?;
    write(&folder.join("holes.expected.f32"), &holes.render(&stream))?;
    fs::write(folder.join("holes.json"), serde_json::to_vec(&holes)?)
}

fn write(path: &Path, planes: &[Vec<f32>]) -> io::Result<()> {
    let bytes: Vec<u8> = planes.iter().flatten().flat_map(|sample| sample.to_le_bytes()).collect();
    fs::write(path, bytes)
}

impl Scene {
    /// What comes in.
    fn input(&self) -> [Vec<f32>; 2] {
        definition::sound(self.signal, self.frames)
    }
}
