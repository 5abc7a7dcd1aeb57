//! A value, altered in one place: a step on the way to somewhere.
//! Owns which steps there are for each shape. What comes out need not fit its schema: patterns and
//! uniqueness are for the caller to check.

use mote_expr::schema::{Field, Shape, TextShape};
use mote_expr::{Object, Schema, Value};

use crate::cases::{Known, Values};
use crate::random::Random;

/// The most items that one step adds.
const ADDED_MAX: u64 = 64;

/// Characters that texts of chance seldom begin or end with.
const ODD: [char; 5] = [' ', 'A', '0', '-', 'é'];

/// Alters values.
pub(super) struct Altering<'a> {
    pub(super) values: &'a Values,
    /// What occurs around the value.
    pub(super) known: &'a Known,
    /// By how much a number that follows from this value is too large, if that was measured.
    pub(super) excess: Option<i64>,
    /// Whether numbers alone are altered.
    pub(super) numbers_only: bool,
    pub(super) random: &'a mut Random,
}

impl Altering<'_> {
    /// `value`, altered. None where nothing can be.
    pub(super) fn value(&mut self, schema: &Schema, value: &Value) -> Option<Value> {
        let places = self.places(schema, value);
        if places == 0 {
            return None;
        }
        let place = self.random.index(places);
        self.at(schema, value, place)
    }

    /// Altered in the place with this number, counted through the value.
    fn at(&mut self, schema: &Schema, value: &Value, mut place: usize) -> Option<Value> {
        if schema.nullable {
            if *value == Value::Null {
                return self.made(&Schema { nullable: false, ..schema.clone() });
            }
            if self.random.chance(3) {
                return Some(Value::Null);
            }
        }
        match (&schema.shape, value) {
            (Shape::Object(fields), Value::Object(object)) => {
                for field in fields {
                    let inside = object
                        .get(&field.name)
                        .map_or(self.other(), |inner| self.places(&field.schema, inner));
                    if place < inside {
                        return self.field(field, object, place);
                    }
                    place -= inside;
                }
                None
            }
            (Shape::List { item, min, max, .. }, Value::List(items)) => {
                for (at, inner) in items.iter().enumerate() {
                    let inside = self.places(item, inner);
                    if place < inside {
                        let mut items = items.to_vec();
                        items[at] = self.at(item, inner, place)?;
                        return Some(Value::list(items));
                    }
                    place -= inside;
                }
                self.list(item, *min, *max, items)
            }
            (Shape::Map { value: inner, .. }, Value::Object(object)) => {
                for (key, field) in object.iter() {
                    let inside = self.places(inner, field);
                    if place < inside {
                        let altered = self.at(inner, field, place)?;
                        return Some(with(object, key, altered));
                    }
                    place -= inside;
                }
                self.map(schema, inner, object)
            }
            (Shape::OneOf { .. }, value) => match variant(schema, value) {
                Some(variant) if place >= self.other() => self.at(variant, value, place - self.other()),
                _ => self.made(schema),
            },
            (Shape::Int { min, max, multiple_of }, Value::Int(int)) => {
                let step = multiple_of.unwrap_or(1).max(1);
                let near = self.integer(*min, *max, *int, step).clamp(*min, *max);
                Some(Value::Int(near - near.rem_euclid(step)))
            }
            (Shape::Number { min, max }, number) => self.number(schema, *min, *max, number),
            (Shape::Bool, Value::Bool(bool)) => Some(Value::Bool(!bool)),
            (Shape::Text(shape), Value::Text(text)) => self.text(schema, shape, text),
            _ => self.made(schema),
        }
    }

    /// In how many places `value` can be altered.
    fn places(&self, schema: &Schema, value: &Value) -> usize {
        match (&schema.shape, value) {
            (Shape::Object(fields), Value::Object(object)) => fields
                .iter()
                .map(|field| {
                    object.get(&field.name).map_or(self.other(), |inner| self.places(&field.schema, inner))
                })
                .sum(),
            (Shape::List { item, .. }, Value::List(items)) => {
                let inside: usize = items.iter().map(|inner| self.places(item, inner)).sum();
                // How long a list is is worth about half as much as what is in it.
                inside + self.other() * (1 + items.len() / 2)
            }
            (Shape::Map { value: inner, .. }, Value::Object(object)) => {
                self.other() + object.iter().map(|(_, field)| self.places(inner, field)).sum::<usize>()
            }
            (Shape::OneOf { .. }, value) => {
                let current = variant(schema, value).map_or(0, |variant| self.places(variant, value));
                self.other() + current
            }
            (Shape::Int { .. } | Shape::Number { .. }, Value::Int(_) | Value::Float(_)) => 1,
            _ => self.other(),
        }
    }

    /// How often a place that holds no number counts.
    fn other(&self) -> usize {
        usize::from(!self.numbers_only)
    }

    fn made(&mut self, schema: &Schema) -> Option<Value> {
        self.values.value(schema, self.known, self.random)
    }

    fn field(&mut self, field: &Field, object: &Object, place: usize) -> Option<Value> {
        let Some(inner) = object.get(&field.name) else {
            let made = self.made(&field.schema)?;
            return Some(with(object, &field.name, made));
        };
        if !field.required && self.random.chance(20) {
            let mut object = object.clone();
            object.remove(&field.name);
            return Some(Value::Object(object.into()));
        }
        let altered = self.at(&field.schema, inner, place)?;
        Some(with(object, &field.name, altered))
    }

    /// A step by what is measured to be in excess, by a part of it, or by any power of two: each of
    /// them is the right one at some distance.
    fn integer(&mut self, min: i64, max: i64, int: i64, step: i64) -> i64 {
        let sign = if self.random.chance(50) { 1 } else { -1 };
        match (self.random.below(100), self.excess) {
            (0..20, Some(excess)) => int.saturating_sub(excess),
            (20..25, Some(excess)) => int.saturating_add(excess),
            (25..45, Some(excess)) => {
                // The number may count several times: divided by what it may be multiplied with.
                let factor = self.known.number(self.random).unwrap_or(1).max(1);
                int.saturating_sub(excess / factor).saturating_add(self.random.within(-1, 1))
            }
            (45..55, _) => int.saturating_add(sign * step),
            (55..65, _) => [min, max][self.random.index(2)],
            (65..72, _) => self.known.any_number(self.random).unwrap_or(int),
            (72..76, _) => self.random.within(min, max),
            // By what rules count in: of a date that is one number, a month is a hundred.
            (76..82, _) | (0..30, None) => {
                let digits = max.unsigned_abs().max(min.unsigned_abs()).max(1).ilog10() + 1;
                let unit = match self.known.number(self.random) {
                    Some(known) if self.random.chance(50) => known,
                    _ => 10i64.pow(self.random.below(u64::from(digits)) as u32),
                };
                int.saturating_add(sign * unit.saturating_mul(self.random.within(1, 9)))
            }
            _ => {
                let width = 64 - max.abs_diff(min).leading_zeros();
                let by = 1i64.checked_shl(self.random.below(u64::from(width.max(1))) as u32).unwrap_or(1);
                int.saturating_add(sign * by)
            }
        }
    }

    fn number(&mut self, schema: &Schema, min: f64, max: f64, number: &Value) -> Option<Value> {
        let number = match number {
            Value::Int(int) => *int as f64,
            Value::Float(float) => *float,
            _ => return self.made(schema),
        };
        let sign = if self.random.chance(50) { 1.0 } else { -1.0 };
        let near = match (self.random.below(10), self.excess) {
            (0..3, Some(excess)) => number - excess as f64,
            (3, _) => number.round(),
            (4, _) => [min, max][self.random.index(2)],
            (5 | 6, _) => self.known.any_number(self.random).map_or(number, |known| known as f64),
            (7, _) => number + sign / 8.0,
            _ => number + sign * f64::from(self.random.below(40) as i32).exp2(),
        };
        Value::number(near.clamp(min, max))
    }

    fn text(&mut self, schema: &Schema, shape: &TextShape, text: &str) -> Option<Value> {
        let excess = self.excess.filter(|excess| excess.unsigned_abs() <= shape.max);
        let chars: Vec<char> = text.chars().collect();
        let altered: String = match (self.random.below(10), excess) {
            (0..4, _) => {
                return self
                    .known
                    .text_that(self.random, &|text| schema.accepts(&Value::text(text)))
                    .map(Value::text)
                    .or_else(|| self.made(schema));
            }
            (4, _) => return self.made(schema),
            (5 | 6, Some(excess @ 1..)) => {
                let kept = chars.len().saturating_sub(excess.unsigned_abs() as usize);
                chars[..kept].iter().collect()
            }
            (5 | 6, Some(excess)) => {
                // More of what is there: what repeats in a pattern may repeat more often.
                let at = self.random.index(chars.len());
                let more = std::iter::repeat_n(
                    chars.get(at).copied().unwrap_or('a'),
                    excess.unsigned_abs() as usize,
                );
                chars[..at].iter().copied().chain(more).chain(chars[at..].iter().copied()).collect()
            }
            (7, _) if !chars.is_empty() => {
                let at = self.random.index(chars.len());
                let by = self.random.within(-2, 2);
                let code = i64::from(u32::from(chars[at])) + by;
                let other = u32::try_from(code).ok().and_then(char::from_u32)?;
                chars[..at].iter().chain([&other]).chain(&chars[at + 1..]).collect()
            }
            (8, _) if !chars.is_empty() => {
                let at = self.random.index(chars.len());
                chars[..at].iter().chain(&chars[at + 1..]).collect()
            }
            (9, _) if self.random.chance(50) => {
                // What functions of texts look for: spaces around it, capitals, more than one byte.
                let letter = *self.random.pick(&ODD)?;
                if self.random.chance(50) { format!("{letter}{text}") } else { format!("{text}{letter}") }
            }
            _ => {
                let at = self.random.index(chars.len() + 1);
                let letter = self.random.pick(&chars).copied().unwrap_or('a');
                chars[..at].iter().chain([&letter]).chain(&chars[at..]).collect()
            }
        };
        Some(Value::text(altered))
    }

    /// More items, fewer, or others in their place.
    fn list(&mut self, item: &Schema, min: u64, max: u64, items: &[Value]) -> Option<Value> {
        let mut items = items.to_vec();
        let length = items.len() as u64;
        match (self.random.below(10), self.excess) {
            (0 | 1, Some(excess @ 1..)) => {
                items.truncate(usize::try_from(length.saturating_sub(excess.unsigned_abs()).max(min)).ok()?);
            }
            (0 | 1, Some(excess)) => {
                let added = excess.unsigned_abs().min(max.saturating_sub(length)).min(ADDED_MAX);
                self.add(item, added, &mut items);
            }
            (2, _) if length > min => items.truncate(usize::try_from(min).ok()?),
            (3, _) => self.add(item, max.saturating_sub(length).min(ADDED_MAX), &mut items),
            (4 | 5, _) if length > min => drop(items.remove(self.random.index(items.len()))),
            (6, _) if length > 1 => {
                let (from, to) = (self.random.index(items.len()), self.random.index(items.len()));
                items.swap(from, to);
            }
            _ if length < max => self.add(item, 1, &mut items),
            _ => drop(items.pop()),
        }
        Some(Value::list(items))
    }

    /// Like those that are there, altered, or new ones.
    fn add(&mut self, item: &Schema, count: u64, items: &mut Vec<Value>) {
        for _ in 0..count {
            let made = match self.random.pick(items).cloned() {
                Some(like) if self.random.chance(60) => self.value(item, &like),
                _ => self.made(item),
            };
            items.extend(made);
        }
    }

    fn map(&mut self, schema: &Schema, inner: &Schema, object: &Object) -> Option<Value> {
        let keys: Vec<&str> = object.iter().map(|(key, _)| key).collect();
        match (self.random.below(4), self.random.pick(&keys)) {
            (0, Some(key)) => {
                let mut object = object.clone();
                object.remove(key);
                Some(Value::Object(object.into()))
            }
            (1, _) => self.made(schema),
            _ => {
                let key = self.known.text_that(self.random, &|_| true)?;
                let made = self.made(inner)?;
                Some(with(object, &key, made))
            }
        }
    }
}

/// The object of a `oneOf` that `value` is.
fn variant<'s>(schema: &'s Schema, value: &Value) -> Option<&'s Schema> {
    let Shape::OneOf { tag, variants } = &schema.shape else { return None };
    let name = value.field(tag).and_then(Value::as_text);
    variants.iter().find(|(variant, _)| Some(variant.as_str()) == name).map(|(_, variant)| &**variant)
}

fn with(object: &Object, key: &str, value: Value) -> Value {
    let mut object = object.clone();
    object.insert(key, value);
    Value::Object(object.into())
}
