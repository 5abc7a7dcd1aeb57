//! The services of the simulated system, native, and the ways in which they lie.
//! Owns answers as bytes. Never judges one: that is what is tested.

use mote_expr::{Object, Value, parse};

/// What code does with a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Code {
    /// Greets.
    Greet,
    /// Signs a guestbook, with an event of this shape.
    Sign(u32),
    /// Tells of a guest.
    Announce,
}

/// How an answer is wrong. Each is a breach of the contract, whatever the call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lie {
    /// It is not JSON.
    Noise,
    /// The output says something else.
    Output,
    /// The events are missing, or appear where none belong.
    Events,
    /// An error that the host decides on.
    Error,
}

impl Lie {
    pub(crate) const ALL: [Lie; 4] = [Lie::Noise, Lie::Output, Lie::Events, Lie::Error];
}

impl Code {
    /// The answer to `call`.
    pub(crate) fn answer(self, call: &[u8], lie: Option<Lie>) -> Vec<u8> {
        let Ok(call) = parse(call) else { return Vec::new() };
        let (mut output, mut events) = match self {
            Code::Greet => (greet(&call), Vec::new()),
            Code::Sign(shape) => sign(&call, shape),
            Code::Announce => return announce(&call, lie),
        };
        match lie {
            None => {}
            Some(Lie::Noise) => return b"oops".to_vec(),
            Some(Lie::Error) => return br#"{"error":{"code":"already-signed"}}"#.to_vec(),
            Some(Lie::Output) => output.push(("more", Value::Null)),
            Some(Lie::Events) if events.is_empty() => {
                events.push(Value::object([("type", Value::text("Lie"))]))
            }
            Some(Lie::Events) => events.clear(),
        }
        let ok = Value::object([("output", Value::object(output)), ("events", Value::list(events))]);
        Value::object([("ok", ok)]).canonical()
    }
}

fn announce(call: &Value, lie: Option<Lie>) -> Vec<u8> {
    // Of both shapes of the event one field is there.
    let guest =
        format!("{}{}", text(call, &["event", "data", "guest"]), text(call, &["event", "data", "name"]));
    let mut messages = vec![guest_told(text(call, &["meta", "stream"]), &guest)];
    match lie {
        None => {}
        Some(Lie::Noise) => return b"oops".to_vec(),
        Some(Lie::Error) => return br#"{"error":{"code":"not-now"}}"#.to_vec(),
        Some(Lie::Output) => messages.push(guest_told("nowhere", "nobody")),
        Some(Lie::Events) => messages.clear(),
    }
    let ok = Value::object([("messages", Value::list(messages))]);
    Value::object([("ok", ok)]).canonical()
}

/// The message about a guest.
fn guest_told(book: &str, guest: &str) -> Value {
    Value::object([("type", Value::text("guest.signed.v1")), ("data", told_data(book, guest))])
}

/// The data of that message.
pub(crate) fn told_data(book: &str, guest: &str) -> Value {
    Value::object([("book", Value::text(book)), ("guest", Value::text(guest))])
}

type Fields = Vec<(&'static str, Value)>;

fn greet(call: &Value) -> Fields {
    let greeting = format!("Hello, {}!", text(call, &["input", "name"]));
    let length = Value::Int(greeting.chars().count() as i64);
    vec![("greeting", Value::text(greeting)), ("length", length)]
}

fn sign(call: &Value, shape: u32) -> (Fields, Vec<Value>) {
    let guest = text(call, &["input", "guest"]);
    let guests = call.field("state").and_then(|state| state.field("guests")).and_then(Value::as_list);
    let place = Value::Int(guests.map_or(0, <[Value]>::len) as i64 + 1);
    let output = vec![("place", place), ("thanks", Value::text(format!("Thank you, {guest}!")))];
    let (message, now) = (text(call, &["input", "message"]), text(call, &["context", "now"]));
    let data = guest_signed(shape, guest, message, now);
    (output, vec![Value::object([("type", Value::text("GuestSigned")), ("data", data)])])
}

/// The data of a `GuestSigned` of this shape.
pub(crate) fn guest_signed(shape: u32, guest: &str, message: &str, at: &str) -> Value {
    let mut data = Object::new();
    let name = if shape == 1 { "guest" } else { "name" };
    for (key, value) in [(name, guest), ("message", message), ("at", at)] {
        data.insert(key, Value::text(value));
    }
    Value::Object(data.into())
}

fn text<'c>(call: &'c Value, path: &[&str]) -> &'c str {
    path.iter().try_fold(call, |value, key| value.field(key)).and_then(Value::as_text).unwrap_or("")
}
