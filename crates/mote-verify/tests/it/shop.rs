//! The contracts of `examples/shop` and native services for them: what its TypeScript does.

use std::path::Path;
use std::sync::Arc;

use mote_contract::{Files, Law, check};
use mote_expr::Value;

use super::system::{ok, text};

/// Every contract of the shop, by name.
pub(crate) fn laws() -> Vec<Arc<Law>> {
    let mut files = Files::new();
    add(&mut files, &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop"), "");
    let report = check(&files);
    let system = report.system.unwrap_or_else(|| panic!("{:#?}", report.diagnostics));
    system.laws.into_values().collect()
}

fn add(files: &mut Files, folder: &Path, prefix: &str) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            add(files, &entry.path(), &format!("{path}/"));
        } else if path.ends_with(".yaml") {
            files.add(path, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The service behind whichever contract is called.
pub(crate) fn serve(call: &Value) -> Value {
    match text(call, &["operation"]) {
        "allocate-stock" => allocate(call),
        "announce-order" => announce(call),
        "cancel-order" => {
            let data = object([
                ("orderId", at(call, "input/orderId")),
                ("reason", at(call, "input/reason")),
                ("cancelledAt", at(call, "context/now")),
            ]);
            ok(object([("refund", at(call, "state/total"))]), vec![event("OrderCancelled", data)])
        }
        "list-orders" => {
            let orders =
                list(call, "rows").map(|row| picked(row, &["orderId", "status", "total", "placedAt"]));
            ok(object([("orders", Value::list(orders)), ("next", at(call, "next"))]), vec![])
        }
        "place-order" => {
            let (lines, percent, discount, total) = priced(call);
            let data = object([
                ("orderId", at(call, "input/orderId")),
                ("customerId", at(call, "input/customerId")),
                ("lines", lines.clone()),
                ("percent", percent),
                ("placedAt", at(call, "context/now")),
            ]);
            let output = object([("lines", lines), ("discount", discount), ("total", total)]);
            ok(output, vec![event("OrderPlaced", data)])
        }
        "plan-instalments" => {
            let (total, count) = (int(call, "input/total"), int(call, "input/count"));
            let each = (0..count).map(|at| Value::Int(total / count + i64::from(at < total % count)));
            ok(object([("instalments", Value::list(each))]), vec![])
        }
        "quote-price" => {
            let (lines, _, discount, total) = priced(call);
            ok(object([("lines", lines), ("discount", discount), ("total", total)]), vec![])
        }
        "release-stock" => {
            let held = list(call, "state/reserved")
                .filter(|held| held.field("orderId") == Some(&at(call, "input/orderId")));
            let released: Vec<Value> =
                held.map(|held| picked(held, &["warehouse", "sku", "quantity"])).collect();
            let events = released.iter().map(|pick| event("StockReleased", of_order(call, pick))).collect();
            ok(object([("released", Value::list(released))]), events)
        }
        "restock" => {
            let on_shelf = |field: &str| -> i64 {
                let shelf = list(call, "state/shelves").find(|shelf| {
                    ["warehouse", "sku"]
                        .iter()
                        .all(|key| shelf.field(key) == Some(&at(call, &format!("input/{key}"))))
                });
                shelf.map_or(0, |shelf| int(shelf, field))
            };
            let added = |field: &str| Value::Int(on_shelf(field) + int(call, "input/quantity"));
            let output = object([("onHand", added("onHand")), ("free", added("free"))]);
            ok(output, vec![event("StockReceived", at(call, "input"))])
        }
        "set-price" => {
            let before = if int(call, "state/price") == 0 { Value::Null } else { at(call, "state/price") };
            ok(object([("before", before)]), vec![event("PriceSet", at(call, "input"))])
        }
        "show-stock" => {
            let shelves = list(call, "rows").map(|row| picked(row, &["warehouse", "onHand", "free"]));
            let sum = |field: &str| Value::Int(list(call, "rows").map(|row| int(row, field)).sum());
            let output =
                [("onHand", sum("onHand")), ("free", sum("free")), ("shelves", Value::list(shelves))];
            ok(object(output), vec![])
        }
        other => panic!("there is no native {other}"),
    }
}

/// The fewest warehouses that hold a whole order, tried in the order of their number.
fn allocate(call: &Value) -> Value {
    const WAREHOUSES: [&str; 4] = ["east", "north", "south", "west"];
    let free = |sku: &Value, warehouse: &str| -> i64 {
        let shelf = list(call, "state/shelves").find(|shelf| {
            shelf.field("sku") == Some(sku)
                && shelf.field("warehouse").and_then(Value::as_text) == Some(warehouse)
        });
        shelf.map_or(0, |shelf| int(shelf, "free"))
    };
    let lines: Vec<(Value, i64)> =
        list(call, "input/lines").map(|line| (at(line, "sku"), int(line, "quantity"))).collect();
    let mut sets: Vec<Vec<&str>> = (1u32..16)
        .map(|bits| {
            WAREHOUSES
                .iter()
                .enumerate()
                .filter(|(at, _)| bits >> at & 1 == 1)
                .map(|(_, name)| *name)
                .collect()
        })
        .collect();
    sets.sort_by_key(Vec::len);
    let enough = |set: &&Vec<&str>| {
        lines.iter().all(|(sku, wanted)| set.iter().map(|name| free(sku, name)).sum::<i64>() >= *wanted)
    };
    let set = sets.iter().find(enough).unwrap();
    let mut picks = Vec::new();
    for (sku, wanted) in &lines {
        let mut left = *wanted;
        let mut shelves: Vec<(i64, &str)> = set.iter().map(|name| (free(sku, name), *name)).collect();
        shelves.sort_by_key(|(free, _)| -free);
        for (free, warehouse) in shelves {
            let taken = left.min(free);
            left -= taken;
            if taken > 0 {
                picks.push(object([
                    ("warehouse", Value::text(warehouse)),
                    ("sku", sku.clone()),
                    ("quantity", Value::Int(taken)),
                ]));
            }
        }
    }
    let events = picks.iter().map(|pick| event("StockReserved", of_order(call, pick))).collect();
    let named = Value::list(set.iter().map(Value::text));
    ok(object([("warehouses", named), ("picks", Value::list(picks))]), events)
}

fn announce(call: &Value) -> Value {
    let id = ("orderId", at(call, "event/data/orderId"));
    let message = if text(call, &["event", "type"]) == "OrderCancelled" {
        event("order.cancelled.v1", object([id, ("at", at(call, "event/data/cancelledAt"))]))
    } else {
        let lines = || list(call, "event/data/lines");
        let subtotal: i64 = lines().map(|line| int(line, "quantity") * int(line, "unitPrice")).sum();
        let total = subtotal - subtotal * int(call, "event/data/percent") / 100;
        let lines = Value::list(lines().map(|line| picked(line, &["sku", "quantity"])));
        let parts =
            [id, ("lines", lines), ("total", Value::Int(total)), ("at", at(call, "event/data/placedAt"))];
        event("order.placed.v1", object(parts))
    };
    object([("ok", object([("messages", Value::list([message]))]))])
}

/// Lines at the prices of the rows, or of the catalogue, and what is taken off.
fn priced(call: &Value) -> (Value, Value, Value, Value) {
    let price = |sku: &Value| {
        let row = list(call, "rows").find(|row| row.field("sku") == Some(sku));
        let catalogue = Value::Int(if *sku == Value::text("tea-01") { 450 } else { 4_999 });
        row.map_or(catalogue, |row| at(row, "price"))
    };
    let lines: Vec<Value> = list(call, "input/lines")
        .map(|line| {
            let sku = at(line, "sku");
            object([("unitPrice", price(&sku)), ("sku", sku), ("quantity", at(line, "quantity"))])
        })
        .collect();
    let subtotal: i64 = lines.iter().map(|line| int(line, "quantity") * int(line, "unitPrice")).sum();
    let percent = if subtotal >= 100_000 {
        10
    } else if subtotal >= 50_000 {
        5
    } else {
        0
    };
    let discount = subtotal * percent / 100;
    (Value::list(lines), Value::Int(percent), Value::Int(discount), Value::Int(subtotal - discount))
}

fn of_order(call: &Value, pick: &Value) -> Value {
    let mut data = pick.as_object().unwrap().clone();
    data.insert("region", at(call, "input/region"));
    data.insert("orderId", at(call, "input/orderId"));
    Value::Object(data.into())
}

fn event(kind: &str, data: Value) -> Value {
    object([("type", Value::text(kind)), ("data", data)])
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::object(fields)
}

fn picked(value: &Value, fields: &[&str]) -> Value {
    Value::object(fields.iter().map(|field| (*field, at(value, field))))
}

pub(crate) fn at(value: &Value, path: &str) -> Value {
    path.split('/').try_fold(value, |value, key| value.field(key)).cloned().unwrap_or(Value::Null)
}

pub(crate) fn int(value: &Value, path: &str) -> i64 {
    at(value, path).as_int().unwrap()
}

pub(crate) fn list<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    let found = path.split('/').try_fold(value, |value, key| value.field(key));
    found.and_then(Value::as_list).unwrap_or(&[]).iter()
}
