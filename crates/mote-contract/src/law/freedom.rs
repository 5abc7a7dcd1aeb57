//! What of an answer is promised: the rest may differ between two answers that are both right.
//! Owns what `free` and `unordered` mean wherever two answers are compared. The shape of what is free
//! is promised all the same.

use mote_expr::Value;

use super::Law;
use crate::element::{Element, Inner, Root, change};

/// What a contract leaves to the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freedom {
    /// Elements of which only the shape is promised.
    pub free: Vec<Element>,
    /// Lists whose order is not promised.
    pub unordered: Vec<Element>,
}

impl Freedom {
    /// Whether nothing is left to the service.
    pub fn is_empty(&self) -> bool {
        self.free.is_empty() && self.unordered.is_empty()
    }

    /// Whether only the shape of `element` is promised.
    pub fn frees(&self, element: &Element) -> bool {
        self.free.iter().any(|free| element.within(free))
    }

    /// `value`, which begins at `root`, without what is not promised.
    fn promised(&self, root: &Root, value: &Value) -> Value {
        let mut value = value.clone();
        for free in self.free.iter().filter(|free| free.root == *root) {
            value = change(&value, &free.steps, &|_| None).unwrap_or(Value::Null);
        }
        // Inner lists first, so that outer ones are in one order whatever the order within.
        let mut lists: Vec<&Element> = self.unordered.iter().filter(|list| list.root == *root).collect();
        lists.sort_by_key(|list| std::cmp::Reverse(list.steps.len()));
        for list in lists {
            value = change(&value, &list.steps, &|list| Some(in_one_order(list))).unwrap_or(Value::Null);
        }
        value
    }
}

impl Law {
    /// An output without what is not promised of it: equal for two that mean the same.
    pub fn promised_output(&self, output: &Value) -> Value {
        self.contract.freedom.promised(&Root::Output, output)
    }

    /// The data of an event without what is not promised of it.
    pub fn promised_event(&self, kind: &str, data: &Value) -> Value {
        self.contract.freedom.promised(&Root::Event(kind.to_owned()), data)
    }

    /// An answer without what is not promised of it: equal for two that mean the same.
    pub fn promised(&self, answer: &Value) -> Value {
        if self.contract.freedom.is_empty() {
            return answer.clone();
        }
        let ok = Inner::Field("ok".to_owned());
        let output = [ok.clone(), Inner::Field("output".to_owned())];
        let events = [ok, Inner::Field("events".to_owned()), Inner::Items];
        let event = |event: &Value| {
            let (Some(kind), Some(data)) =
                (event.field("type").and_then(Value::as_text), event.field("data"))
            else {
                return Some(event.clone());
            };
            let data = self.promised_event(kind, data);
            Some(Value::object([("type", Value::text(kind)), ("data", data)]))
        };
        let answer = change(answer, &output, &|output| Some(self.promised_output(output)));
        answer.and_then(|answer| change(&answer, &events, &event)).unwrap_or(Value::Null)
    }
}

fn in_one_order(list: &Value) -> Value {
    let Value::List(items) = list else { return list.clone() };
    let mut items: Vec<(Vec<u8>, &Value)> = items.iter().map(|item| (item.canonical(), item)).collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    Value::list(items.into_iter().map(|(_, item)| item.clone()))
}
