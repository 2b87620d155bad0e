//! The codec modules: fetched and compiled once each, when the first file of their family is opened.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use js_sys::WebAssembly;
use rusty_audio_codec::Family;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Response, WorkerGlobalScope};

use crate::Interruption;
use crate::exception::describe;
use crate::timing::{Signal, within};

/// How long a module may take to load.
const LIMIT_MILLISECONDS: i32 = 30_000;

enum Shelf {
    Loading,
    Compiled(WebAssembly::Module),
    Failed(Failure),
}

/// The compiled codec modules by family. Clones are the same library.
#[derive(Clone)]
pub struct ModuleLibrary {
    urls: Rc<BTreeMap<String, String>>,
    shelves: Rc<RefCell<HashMap<Family, Shelf>>>,
    arrived: Signal,
}

impl ModuleLibrary {
    /// A library that fetches from `urls`, which are by the modules' names, and raises `arrived` when a module has come.
    pub fn new(urls: BTreeMap<String, String>, arrived: Signal) -> Self {
        Self { urls: Rc::new(urls), shelves: Rc::default(), arrived }
    }

    /// The module of `family`; it is fetched if nobody has asked for it. A failure is told once, then it is tried anew.
    pub fn module(&self, family: Family) -> Result<WebAssembly::Module, Interruption> {
        let mut shelves = self.shelves.borrow_mut();
        match shelves.get(&family) {
            Some(Shelf::Compiled(module)) => Ok(module.clone()),
            Some(Shelf::Loading) => Err(Interruption::Waiting),
            Some(Shelf::Failed(failure)) => {
                let failure = failure.clone();
                shelves.remove(&family);
                Err(Interruption::Failed(failure))
            }
            None => {
                shelves.insert(family, Shelf::Loading);
                let library = self.clone();
                spawn_local(async move {
                    let address = library.urls.get(family.module_name()).map_or("", String::as_str);
                    let shelf = match within(LIMIT_MILLISECONDS, load(address)).await {
                        Some(Ok(module)) => Shelf::Compiled(module),
                        Some(Err(failure)) => Shelf::Failed(failure),
                        None => Shelf::Failed(Failure::new(
                            ErrorCode::StartTimeout,
                            format!("{address} did not load within {} s.", LIMIT_MILLISECONDS / 1000),
                        )),
                    };
                    library.shelves.borrow_mut().insert(family, shelf);
                    library.arrived.raise();
                });
                Err(Interruption::Waiting)
            }
        }
    }
}

async fn load(address: &str) -> Result<WebAssembly::Module, Failure> {
    let failed = |error: JsValue| {
        Failure::new(ErrorCode::AssetFailed, format!("{address} could not be loaded: {}.", describe(&error)))
    };
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response: Response = JsFuture::from(scope.fetch_with_str(address)).await.map_err(failed)?.unchecked_into();
    if !response.ok() {
        return Err(Failure::new(
            ErrorCode::AssetNotFound,
            format!("The server answered {} for {address}.", response.status()),
        ));
    }
    let bytes = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
    Ok(JsFuture::from(WebAssembly::compile(&bytes)).await.map_err(failed)?.unchecked_into())
}
