//! Values of a schema, out of chance: often at a bound, often one that already occurs.
//! Owns how often what is made. Never hands out a value that does not fit: each is checked.

use std::collections::BTreeMap;

use mote_expr::schema::{Field, Pattern, Shape};
use mote_expr::{Object, Schema, Value};

use super::known::Known;
use super::numbers;
use super::pattern::Maker;
use crate::random::Random;

/// How often a whole value is made anew before it is given up.
const TRIES: usize = 8;
/// About how many scalars one value may have; lists within lists stay small.
const ROOM: usize = 600;

/// Makes values of schemas that it was shown before.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The patterns of the schemas, by their texts. None for one that cannot be walked.
    patterns: BTreeMap<String, Option<Maker>>,
}

impl Values {
    /// For values of `schemas`.
    pub fn of<'s>(schemas: impl IntoIterator<Item = &'s Schema>) -> Values {
        let mut values = Values::default();
        schemas.into_iter().for_each(|schema| values.prepare(schema));
        values
    }

    /// A value that fits `schema`. None if none was found, which then is the schema's fault: its
    /// pattern and its length, say, cannot both hold.
    pub fn value(&self, schema: &Schema, known: &Known, random: &mut Random) -> Option<Value> {
        (0..TRIES).find_map(|_| {
            let value = Making { values: self, known, random: &mut *random, room: ROOM }.value(schema);
            schema.accepts(&value).then_some(value)
        })
    }

    /// The fewest and the most characters of a text that matches, if the pattern can be walked.
    pub(crate) fn lengths(&self, pattern: &Pattern) -> Option<(u64, u64)> {
        self.patterns.get(&pattern.text)?.as_ref().map(Maker::lengths)
    }

    fn prepare(&mut self, schema: &Schema) {
        match &schema.shape {
            Shape::Text(text) => {
                if let Some(pattern) = &text.pattern
                    && !self.patterns.contains_key(&pattern.text)
                {
                    self.patterns.insert(pattern.text.clone(), Maker::of(&pattern.text));
                }
            }
            Shape::List { item, .. } => self.prepare(item),
            Shape::Object(fields) => fields.iter().for_each(|field| self.prepare(&field.schema)),
            Shape::Map { value, .. } => self.prepare(value),
            Shape::OneOf { variants, .. } => variants.iter().for_each(|(_, variant)| self.prepare(variant)),
            Shape::Json { .. } | Shape::Bool | Shape::Int { .. } | Shape::Number { .. } | Shape::Enum(_) => {}
        }
    }
}

/// One value being made.
pub(super) struct Making<'m> {
    values: &'m Values,
    pub(super) known: &'m Known,
    pub(super) random: &'m mut Random,
    room: usize,
}

impl Making<'_> {
    fn value(&mut self, schema: &Schema) -> Value {
        self.room = self.room.saturating_sub(1);
        if schema.nullable && self.random.chance(15) {
            return Value::Null;
        }
        match &schema.shape {
            Shape::Json { .. } => self.json(3),
            Shape::Bool => Value::Bool(self.random.chance(50)),
            Shape::Int { min, max, multiple_of } => {
                numbers::integer(*min, *max, *multiple_of, self.random, self.known)
            }
            Shape::Number { min, max } => numbers::number(*min, *max, self.random, self.known),
            Shape::Text(shape) => {
                let maker = shape.pattern.as_ref().and_then(|known| self.values.patterns.get(&known.text));
                Value::text(self.text(schema, shape, maker.and_then(Option::as_ref)))
            }
            Shape::Enum(values) => self.random.pick(values).cloned().unwrap_or(Value::Null),
            Shape::List { item, min, max, unique } => self.list(item, *min, *max, *unique),
            Shape::Object(fields) => self.object(fields),
            Shape::Map { value, max } => self.map(value, *max),
            Shape::OneOf { variants, .. } => match self.random.pick(variants) {
                Some((_, variant)) => self.value(variant),
                None => Value::Null,
            },
        }
    }

    fn object(&mut self, fields: &[Field]) -> Value {
        let mut object = Object::new();
        // All at once or none at all, at times: what is tested one by one is forgotten together.
        let optional = [50, 50, 50, 0, 100][self.random.index(5)];
        for field in fields {
            if field.required || self.random.chance(optional) {
                object.insert(&field.name, self.value(&field.schema));
            }
        }
        Value::Object(object.into())
    }

    fn list(&mut self, item: &Schema, min: u64, max: u64, unique: bool) -> Value {
        let length = self.count(min, max);
        let mut items: Vec<Value> = Vec::new();
        for _ in 0..length {
            let made = self.value(item);
            if !unique || !items.contains(&made) {
                items.push(made);
            }
        }
        // A list may need more different items than chance made: a few more tries.
        for _ in 0..32 {
            if items.len() as u64 >= min {
                break;
            }
            let made = self.value(item);
            if !unique || !items.contains(&made) {
                items.push(made);
            }
        }
        if !unique && items.len() > 1 && self.random.chance(10) {
            let (from, to) = (self.random.index(items.len()), self.random.index(items.len()));
            items[to] = items[from].clone();
        }
        Value::list(items)
    }

    fn map(&mut self, value: &Schema, max: u64) -> Value {
        let mut object = Object::new();
        for _ in 0..self.count(0, max) {
            let key = match self.known.any_text(self.random) {
                Some(key) if self.random.chance(50) => key.to_string(),
                _ => self.word(),
            };
            let made = self.value(value);
            object.insert(&key, made);
        }
        Value::Object(object.into())
    }

    /// How many items: mostly few, at times as many as may be, if there is room for them.
    fn count(&mut self, min: u64, max: u64) -> u64 {
        let room = self.room as u64;
        let count = match self.random.below(100) {
            0..15 => min,
            15..35 => min.saturating_add(1),
            35..40 => max,
            40..43 => max.saturating_sub(1),
            _ => min.saturating_add(self.random.below(6)),
        };
        count.min(max).min(min.max(room)).max(min)
    }

    /// Any JSON, at most `depth` levels deep.
    fn json(&mut self, depth: u64) -> Value {
        match self.random.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => Value::Bool(self.random.chance(50)),
            2 => numbers::integer(-mote_expr::INT_MAX, mote_expr::INT_MAX, None, self.random, self.known),
            3 => numbers::number(-1e6, 1e6, self.random, self.known),
            4 => Value::text(self.word()),
            5 => Value::list((0..self.random.below(4)).map(|_| self.json(depth - 1)).collect::<Vec<_>>()),
            _ => Value::object(
                (0..self.random.below(4)).map(|_| (self.word(), self.json(depth - 1))).collect::<Vec<_>>(),
            ),
        }
    }

    fn word(&mut self) -> String {
        let length = 1 + self.random.below(6);
        (0..length).map(|_| char::from(b'a' + self.random.below(26) as u8)).collect()
    }
}
