//! The end of a node: its processor leaves its place, and then the memory is given back.

use std::future::Future;
use std::rc::Rc;

use futures_util::future::join;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AudioWorkletNode, Event, GainNode, MessageEvent, MessagePort};

use crate::pending::Pending;
use crate::place::Place;
use crate::script::{Listener, get_text, object, within};

/// How long the worklet may take. A context that was closed never answers, and one that stands may not while a worker is at a job of the
/// node; then the memory stays taken until the engine is disposed of.
const LIMIT_MS: i32 = 60_000;

/// Disconnects `node` and sends its processor out of `place`, whose memory is given back when `others_left` as well: whether nobody else,
/// such as a player's decode worker, writes there any more. Without a node no processor has ever been there.
pub(crate) fn leave(
    node: Option<AudioWorkletNode>,
    place: Rc<Place>,
    others_left: impl Future<Output = bool> + 'static,
) {
    if let Some(node) = &node {
        let _ = node.disconnect();
    }
    spawn_local(async move {
        let Some((node, port)) = node.and_then(|node| node.port().ok().map(|port| (node, port))) else {
            if others_left.await {
                place.release();
            }
            return;
        };
        let (closed, others_left) = join(closed(&node, &port), others_left).await;
        if !closed || !others_left {
            return;
        }
        if !place.is_solo() {
            place.release();
            return;
        }
        let released = Pending::new();
        let heard = released.clone();
        let _listener = listen(&port, move |kind, data| {
            if kind == "released" {
                heard.resolve(data);
            }
        });
        send(&port, "release");
        if let Some(Ok(released)) = within(LIMIT_MS, JsFuture::from(released.promise())).await {
            place.core.hear_used_bytes(&released);
        }
    });
}

/// Has the processor of a disconnected node leave. Returns whether it has.
async fn closed(node: &AudioWorkletNode, port: &MessagePort) -> bool {
    let closed = Pending::new();
    let (heard, pulled) = (closed.clone(), node.clone());
    let _listener = listen(port, move |kind, _| match kind {
        "closed" => heard.resolve(&JsValue::TRUE),
        // A worker is at one of its jobs. It looks again in each quantum, and some browsers call none but what is connected.
        "closing" => _ = mute(&pulled),
        _ => {}
    });
    send(port, "close");
    let has_closed = within(LIMIT_MS, JsFuture::from(closed.promise())).await.is_some();
    let _ = node.disconnect();
    has_closed
}

/// Connects a node so that it is called and not heard.
fn mute(node: &AudioWorkletNode) -> Result<(), JsValue> {
    let context = node.context();
    let gain: GainNode = context.create_gain()?;
    gain.gain().set_value(0.0);
    node.connect_with_audio_node(&gain)?;
    gain.connect_with_audio_node(&context.destination())?;
    Ok(())
}

fn listen(port: &MessagePort, heard: impl Fn(&str, &JsValue) + 'static) -> Listener {
    Listener::new(port, "message", move |event: Event| {
        let data = event.unchecked_into::<MessageEvent>().data();
        heard(&get_text(&data, "type"), &data);
    })
}

fn send(port: &MessagePort, word: &str) {
    // Where it is closed nobody answers.
    let _ = port.post_message(&object(&[("type", word.into())]));
}
