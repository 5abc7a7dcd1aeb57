//! What was acknowledged outlives every end, and is told of once: `kill -9` again and again, and Ctrl-C, under load.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;

use mote_expr::{Value, parse};

use crate::running::Copy;

/// How often the process is killed.
const KILLS: usize = 10;
/// How many clients write at the same time.
const CLIENTS: usize = 4;
/// How many names a book holds.
const PER_BOOK: usize = 90;

/// A name that somebody wants in a book, under a key of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    book: String,
    guest: String,
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Ask for `wish`: the status, or None where no whole answer came.
fn ask(address: &str, wish: &Wish) -> Option<u16> {
    let body = format!("{{\"guest\":\"{}\"}}", wish.guest);
    let mut stream = TcpStream::connect(address).ok()?;
    write!(
        stream,
        "POST /guestbooks/{}/guests HTTP/1.1\r\nhost: test\r\nconnection: close\r\nidempotency-key: {}\r\ncontent-length: {}\r\n\r\n{body}",
        wish.book,
        wish.guest,
        body.len()
    )
    .ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).ok()?;
    let (head, body) = response.split_once("\r\n\r\n")?;
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    (body.len() == length).then(|| head.split(' ').nth(1)?.parse().ok()).flatten()
}

/// Clients that write until nobody answers. Each acknowledged wish is told, and what was in doubt at the end
/// is returned.
fn write_until_the_end(
    address: &str,
    round: usize,
    told: &mpsc::Sender<Wish>,
) -> Vec<std::thread::JoinHandle<Option<Wish>>> {
    let client = |client: usize| {
        let (address, told) = (address.to_owned(), told.clone());
        std::thread::spawn(move || {
            for at in 0.. {
                let book = format!("b{round}-{client}-{}", at / PER_BOOK);
                let wish = Wish { book, guest: format!("g{round}x{client}x{at}") };
                match ask(&address, &wish) {
                    Some(201) => drop(told.send(wish)),
                    Some(status) => panic!("{wish:?} got {status}"),
                    None => return Some(wish),
                }
            }
            None
        })
    };
    (0..CLIENTS).map(client).collect()
}

/// How often each name stands in the log.
fn in_the_log(system: &Copy) -> BTreeMap<String, usize> {
    let output = system.mote(&["events", "--json"]);
    let mut found = BTreeMap::new();
    for line in String::from_utf8(output.stdout).expect("it is text").lines() {
        let event = parse(line.as_bytes()).expect("an event is JSON");
        let guest = event.field("data").and_then(|data| data.field("guest")).and_then(Value::as_text);
        *found.entry(guest.expect("a guest signed").to_owned()).or_default() += 1;
    }
    found
}

#[test]
fn what_was_acknowledged_outlives_every_kill() {
    let hello = Copy::of_verified_hello();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut acknowledged, mut in_doubt) = (Vec::new(), Vec::new());
    for round in 0..KILLS {
        let up = hello.up();
        // Whoever got no answer asks again under the same key: it happens once, whether it had happened or not.
        for wish in std::mem::take(&mut in_doubt) {
            assert_eq!(ask(&up.public, &wish), Some(201), "{wish:?}");
            acknowledged.push(wish);
        }
        let (told, heard) = mpsc::channel();
        let clients = write_until_the_end(&up.public, round, &told);
        drop(told);
        for _ in 0..1 + dice.below(60) {
            acknowledged.push(heard.recv().expect("clients write"));
        }
        up.kill();
        in_doubt.extend(clients.into_iter().filter_map(|client| client.join().expect("a client ends")));
        acknowledged.extend(heard);
    }
    let found = in_the_log(&hello);
    for wish in &acknowledged {
        assert_eq!(found.get(&wish.guest), Some(&1), "{wish:?}");
    }
    // Beside them there is only what the last clients asked for, and got no answer to.
    let answered: Vec<&str> = acknowledged.iter().map(|wish| wish.guest.as_str()).collect();
    for (guest, times) in &found {
        let unanswered = in_doubt.iter().any(|wish| wish.guest == *guest);
        assert!(
            *times == 1 && (unanswered || answered.contains(&guest.as_str())),
            "{guest} is there {times} times"
        );
    }
}

/// Every call that happened was answered, and the process says that it ended well.
#[cfg(unix)]
#[test]
fn an_interrupt_under_load_loses_no_answer() {
    let hello = Copy::of_verified_hello();
    let up = hello.up();
    let (told, heard) = mpsc::channel();
    let clients = write_until_the_end(&up.public, 0, &told);
    drop(told);
    let mut acknowledged: Vec<Wish> = (0..50).map(|_| heard.recv().expect("clients write")).collect();
    assert!(up.interrupt().contains("finishing the calls"));
    for client in clients {
        client.join().expect("a client ends");
    }
    acknowledged.extend(heard);
    let mut answered: Vec<String> = acknowledged.into_iter().map(|wish| wish.guest).collect();
    answered.sort_unstable();
    assert_eq!(in_the_log(&hello).into_keys().collect::<Vec<_>>(), answered);
}

const ANNOUNCE: &str = "\
contract: announce-guest
kind: publisher
subscribes: [GuestSigned]
publishes:
  guest.signed.v1:
    type: object
    required: [book, version, guest]
    properties:
      book: {type: string, maxLength: 600}
      version: {type: integer, minimum: 1}
      guest: {type: string, maxLength: 200}
to: guests
ensures:
  told: |
    messages.map(m, m.data) == [{'book': meta.stream, 'version': meta.version, 'guest': event.data.guest}]
verify: {cases: 50, sealed: 50}
";

const ANNOUNCES: &str = "\
import type { Answer, Call } from \"mote/announce-guest\";

export default function announceGuest({ event, meta }: Call): Answer {
  const data = { book: meta.stream, version: meta.version, guest: event.data.guest };
  return { messages: [{ type: \"guest.signed.v1\", data }] };
}
";

/// The stream that takes the messages.
const SINK: &str = "sink.guests/announce-guest";

/// Everything in the log, oldest first: the stream, and of what was signed or told the book, the version and the guest.
fn all_in_the_log(system: &Copy) -> Vec<(String, (String, i64, String))> {
    let output = system.mote(&["events", "--json"]);
    assert!(output.status.success());
    let read = |line: &str| {
        let event = parse(line.as_bytes()).expect("an event is JSON");
        let text = |value: &Value, key: &str| value.field(key).and_then(Value::as_text).map(str::to_owned);
        let stream = text(&event, "stream").expect("a stream");
        let data = event.field("data").expect("data");
        // A message says whose it is; an event is that itself.
        let of = if stream == SINK { data } else { &event };
        let book = text(data, "book").unwrap_or_else(|| stream.clone());
        let version = of.field("version").and_then(Value::as_int).expect("a version");
        (stream, (book, version, text(data, "guest").expect("a guest")))
    };
    String::from_utf8(output.stdout).expect("it is text").lines().map(read).collect()
}

#[test]
fn what_happened_is_told_once_and_in_order_whenever_it_is_killed() {
    let hello = Copy::of_verified_hello();
    hello.edit("mote.yaml", "system: hello", "system: hello\nsinks: {guests: {kind: log}}");
    std::fs::write(hello.path("contracts/announce-guest.yaml"), ANNOUNCE).expect("it is written");
    std::fs::create_dir(hello.path("services/announce-guest")).expect("a folder");
    let service = hello.path("services/announce-guest/announce-guest.ts");
    std::fs::write(service, ANNOUNCES).expect("it is written");
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    for round in 0..KILLS {
        let up = hello.up();
        let (told, heard) = mpsc::channel();
        let clients = write_until_the_end(&up.public, round, &told);
        drop(told);
        for _ in 0..1 + dice.below(60) {
            heard.recv().expect("clients write");
        }
        up.kill();
        clients.into_iter().for_each(|client| drop(client.join().expect("a client ends")));
    }
    // Nobody writes any more, so the publisher comes to the end of the log, and of what it could not tell at first.
    let up = hello.up();
    let none = ["behind", "held_streams"]
        .map(|what| format!("mote_publisher_{what}{{publisher=\"announce-guest\"}} 0"));
    loop {
        let metrics = up.metrics();
        if none.iter().all(|line| metrics.lines().any(|told| told == line)) {
            break;
        }
        std::thread::yield_now();
    }
    up.kill();

    let (told, happened): (Vec<_>, Vec<_>) =
        all_in_the_log(&hello).into_iter().partition(|(stream, _)| stream == SINK);
    let by_book = |events: Vec<(String, (String, i64, String))>| {
        let mut books: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
        for (_, (book, version, guest)) in events {
            books.entry(book).or_default().push((version, guest));
        }
        books
    };
    let (told, happened) = (by_book(told), by_book(happened));
    assert!(happened.values().map(Vec::len).sum::<usize>() >= KILLS, "somebody signed in every round");
    assert_eq!(told, happened, "each once, and in the order of its book");
}
