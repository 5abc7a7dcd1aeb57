//! What an expression can come to, as a schema: bounds and formats that its type does not know.
//!
//! Owns the walk from the schemas of names to the schema of a value. What it cannot follow it widens to the
//! type, so that its answer always accepts every value that the expression can come to.

use std::sync::Arc;

use super::node::{Arithmetic, At, Loop, Node};
use super::template::Part;
use super::{Expr, Slot, Template, Type};
use crate::schema::join::{int, lengths, range, text};
use crate::schema::{Field, Schema, Shape};
use crate::value::{INT_MAX, Value};

/// The schema of a name's values, where it is known.
pub type Known<'k> = dyn Fn(Slot) -> Option<Arc<Schema>> + 'k;

impl Expr {
    /// A schema that accepts every value that this can come to, where the names are of `known`.
    pub fn schema(&self, known: &Known<'_>) -> Schema {
        Infer { known, locals: Vec::new() }.at(&self.root, &self.ty)
    }
}

impl Template {
    /// A schema that accepts every value that this can come to, where the names are of `known`.
    pub fn schema(&self, known: &Known<'_>) -> Schema {
        match self {
            Template::Fixed(value) => fixed(value),
            Template::Expr(expr) => expr.schema(known),
            Template::Text(parts) => {
                let (min, max) = parts.iter().fold((0u64, 0u64), |(min, max), part| {
                    let (least, most) = match part {
                        Part::Fixed(fixed) => {
                            let count = fixed.chars().count() as u64;
                            (count, count)
                        }
                        Part::Expr(expr) => written(&expr.schema(known)),
                    };
                    (min.saturating_add(least), max.saturating_add(most))
                });
                Schema::of(text(min, max))
            }
            Template::List(items) => {
                let schemas: Vec<Schema> = items.iter().map(|item| item.schema(known)).collect();
                list_of(schemas, &self.ty())
            }
            Template::Object(fields) => {
                object_of(fields.iter().map(|(name, field)| (name.as_str(), field.schema(known))))
            }
        }
    }
}

impl Schema {
    /// The schema that accepts every value of `ty`, and knows no more.
    pub fn widest(ty: &Type) -> Schema {
        Schema::of(match ty {
            Type::Dyn => Shape::Json { bytes_max: u64::MAX },
            Type::Null => Shape::Enum(vec![Value::Null]),
            Type::Bool => Shape::Bool,
            Type::Int => INT,
            Type::Float => Shape::Number { min: f64::MIN, max: f64::MAX },
            Type::Text { max } => text(0, *max),
            Type::List { item, max } => {
                Shape::List { item: Schema::widest(item).into(), min: 0, max: *max, unique: false }
            }
            Type::Object(fields) => Shape::Object(
                fields
                    .iter()
                    .map(|field| Field {
                        name: field.name.clone(),
                        schema: Schema::widest(&field.ty).into(),
                        required: field.present,
                    })
                    .collect(),
            ),
            Type::Map { value, max } => Shape::Map { value: Schema::widest(value).into(), max: *max },
            Type::Nullable(inner) => return Schema { nullable: true, ..Schema::widest(inner) },
        })
    }
}

/// How many characters a value takes within a text.
fn written(schema: &Schema) -> (u64, u64) {
    /// `-9007199254740991`
    const INT_LENGTH: u64 = 17;
    match (&schema.shape, lengths(schema)) {
        (_, Some(lengths)) if schema.is_text() => lengths,
        (Shape::Bool, _) => (4, 5),
        (Shape::Int { .. }, _) if !schema.nullable => (1, INT_LENGTH),
        (Shape::Enum(values), _) => {
            let shown = |value: &Value| match value {
                Value::Text(text) => text.chars().count() as u64,
                other => other.to_string().chars().count() as u64,
            };
            let counts = values.iter().map(shown);
            (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0))
        }
        _ => (0, u64::MAX),
    }
}

const INT: Shape = Shape::Int { min: -INT_MAX, max: INT_MAX, multiple_of: None };

/// The schema of one value.
fn fixed(value: &Value) -> Schema {
    match value {
        Value::List(items) => list_of(items.iter().map(fixed).collect(), &Type::of_value(value)),
        Value::Object(object) => object_of(object.iter().map(|(name, field)| (name, fixed(field)))),
        scalar => Schema::of(Shape::Enum(vec![scalar.clone()])),
    }
}

fn object_of<'n>(fields: impl Iterator<Item = (&'n str, Schema)>) -> Schema {
    let field = |(name, schema): (&str, Schema)| Field {
        name: name.to_owned(),
        schema: Arc::new(schema),
        required: true,
    };
    Schema::of(Shape::Object(fields.map(field).collect()))
}

/// The list of exactly these items; `ty` is the list's.
fn list_of(items: Vec<Schema>, ty: &Type) -> Schema {
    let count = items.len() as u64;
    let item = items.into_iter().map(Some).reduce(|a, b| a?.joined(&b?)).flatten();
    let widest = || match ty {
        Type::List { item, .. } => Schema::widest(item),
        _ => Schema::widest(&Type::Dyn),
    };
    let item = item.unwrap_or_else(widest).into();
    Schema::of(Shape::List { item, min: count, max: count, unique: count < 2 })
}

struct Infer<'k> {
    known: &'k Known<'k>,
    /// The variables of the loops around, outermost first.
    locals: Vec<Option<Schema>>,
}

impl Infer<'_> {
    /// `ty` is what the checker found: all that is left where nothing more is known.
    fn at(&mut self, at: &At, ty: &Type) -> Schema {
        self.more(at, ty).unwrap_or_else(|| Schema::widest(ty))
    }

    fn any(&mut self, at: &At) -> Option<Schema> {
        self.more(at, &Type::Dyn).filter(|schema| !matches!(schema.shape, Shape::Json { .. }))
    }

    fn more(&mut self, at: &At, ty: &Type) -> Option<Schema> {
        Some(match &at.node {
            Node::Const(value) => fixed(value),
            Node::Slot(slot) => (*(self.known)(*slot)?).clone(),
            Node::Local(depth) => self.locals.iter().rev().nth(*depth)?.clone()?,
            Node::Field(object, key) => inner(&self.any(object)?, key)?,
            Node::Index(object, _) => match self.any(object)?.shape {
                Shape::List { item, .. } => (*item).clone(),
                Shape::Map { value, .. } => (*value).clone(),
                _ => return None,
            },
            Node::Has(..)
            | Node::Not(_)
            | Node::And(..)
            | Node::Or(..)
            | Node::Compare(..)
            | Node::In(..)
            | Node::Matches(..)
            | Node::Loop { kind: Loop::All | Loop::Exists | Loop::ExistsOne, .. } => Schema::of(Shape::Bool),
            Node::Negate(of) => {
                let (min, max) = range(&self.any(of)?)?;
                int(-max, -min)
            }
            Node::If(parts) => {
                let [_, then, otherwise] = parts.as_ref();
                let (a, b) = (self.at(then, ty), self.at(otherwise, ty));
                a.joined(&b)?
            }
            Node::Arithmetic(operator, a, b) => {
                let (a, b) = (self.any(a)?, self.any(b)?);
                arithmetic(*operator, &a, &b)?
            }
            Node::List(items) => {
                let of = if let Type::List { item, .. } = ty { (**item).clone() } else { Type::Dyn };
                let items = items.iter().map(|item| self.at(item, &of)).collect();
                list_of(items, ty)
            }
            Node::Object(fields) => {
                let Type::Object(types) = ty else { return None };
                let mut known = Vec::with_capacity(fields.len());
                for (key, field) in fields {
                    let Node::Const(Value::Text(name)) = &key.node else { return None };
                    let of = types.iter().find(|of| *of.name == **name)?;
                    known.push((of.name.as_str(), self.at(field, &of.ty)));
                }
                object_of(known.into_iter())
            }
            Node::Call(function, arguments) => {
                let arguments: Option<Vec<Schema>> = arguments.iter().map(|of| self.any(of)).collect();
                call(function.name, &arguments?)?
            }
            Node::Loop { kind, range, body, result } => self.repeated(*kind, range, body, result, ty)?,
            Node::Defined(_) => return None,
        })
    }

    fn repeated(
        &mut self,
        kind: Loop,
        range: &At,
        body: &At,
        result: &Option<Box<At>>,
        ty: &Type,
    ) -> Option<Schema> {
        let range = self.any(range)?;
        let Shape::List { item, min, max, unique } = &range.shape else { return None };
        match kind {
            Loop::Filter => {
                let shape = Shape::List { item: item.clone(), min: 0, max: *max, unique: *unique };
                Some(Schema::of(shape))
            }
            Loop::SortBy => Some(range),
            Loop::Map => {
                let Type::List { item: of, .. } = ty else { return None };
                self.locals.push(Some((**item).clone()));
                let made = self.at(result.as_deref().unwrap_or(body), of);
                self.locals.pop();
                let min = if result.is_some() { 0 } else { *min };
                Some(Schema::of(Shape::List { item: made.into(), min, max: *max, unique: *max < 2 }))
            }
            Loop::All | Loop::Exists | Loop::ExistsOne => Some(Schema::of(Shape::Bool)),
        }
    }
}

/// What stands under `key` of an object.
fn inner(object: &Schema, key: &str) -> Option<Schema> {
    match &object.shape {
        Shape::Object(_) => object.field(key).map(|field| (*field.schema).clone()),
        Shape::Map { value, .. } => Some((**value).clone()),
        Shape::OneOf { variants, .. } => {
            let fields = variants.iter().filter_map(|(_, variant)| variant.field(key));
            fields.map(|field| Some((*field.schema).clone())).reduce(|a, b| a?.joined(&b?)).flatten()
        }
        _ => None,
    }
}

fn hull(corners: &[i128]) -> Option<Schema> {
    Some(int(*corners.iter().min()?, *corners.iter().max()?))
}

fn arithmetic(operator: Arithmetic, a: &Schema, b: &Schema) -> Option<Schema> {
    if let (Arithmetic::Add, Shape::List { item: x, .. }, Shape::List { item: y, .. }) =
        (operator, &a.shape, &b.shape)
    {
        let ((least, most), (fewest, more)) = (lengths(a)?, lengths(b)?);
        let (min, max) = (least.saturating_add(fewest), most.saturating_add(more));
        return Some(Schema::of(Shape::List { item: x.joined(y)?.into(), min, max, unique: false }));
    }
    let (Some((a_min, a_max)), Some((b_min, b_max))) = (range(a), range(b)) else {
        let ((least, most), (fewest, more)) = (lengths(a)?, lengths(b)?);
        let joined = text(least.saturating_add(fewest), most.saturating_add(more));
        return matches!(operator, Arithmetic::Add).then(|| Schema::of(joined));
    };
    match operator {
        Arithmetic::Add => Some(int(a_min + b_min, a_max + b_max)),
        Arithmetic::Subtract => Some(int(a_min - b_max, a_max - b_min)),
        Arithmetic::Multiply => hull(&[a_min * b_min, a_min * b_max, a_max * b_min, a_max * b_max]),
        Arithmetic::Divide if b_min > 0 => {
            hull(&[a_min / b_min, a_min / b_max, a_max / b_min, a_max / b_max])
        }
        Arithmetic::Modulo if b_min > 0 => {
            Some(int(a_min.max(1 - b_max).min(0), a_max.min(b_max - 1).max(0)))
        }
        _ => None,
    }
}

fn call(name: &str, arguments: &[Schema]) -> Option<Schema> {
    match (name, arguments) {
        ("size", [of]) => lengths(of).map(|(min, max)| int(min.into(), max.into())),
        ("sum", [list]) => {
            let Shape::List { item, .. } = &list.shape else { return None };
            let ((least, most), (min, max)) = (lengths(list)?, range(item)?);
            let (least, most) = (i128::from(least), i128::from(most));
            hull(&[min * least, min * most, max * least, max * most])
        }
        ("min" | "max", [list]) => match &list.shape {
            Shape::List { item, .. } => Some((**item).clone()),
            _ => None,
        },
        ("min", [a, b]) => {
            let (a, b) = (range(a)?, range(b)?);
            Some(int(a.0.min(b.0), a.1.min(b.1)))
        }
        ("max", [a, b]) => {
            let (a, b) = (range(a)?, range(b)?);
            Some(int(a.0.max(b.0), a.1.max(b.1)))
        }
        ("abs", [of]) => {
            let (min, max) = range(of)?;
            Some(int(min.max(-max).max(0), max.max(-min)))
        }
        ("mulDiv", [a, b, divisor]) => {
            let (a, b, by) = (range(a)?, range(b)?, range(divisor)?);
            let products = [a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1];
            let quotients = products.iter().flat_map(|product| [by.0, by.1].map(|by| (product, by)));
            (by.0 > 0)
                .then(|| hull(&quotients.map(|(product, by)| product.div_euclid(by)).collect::<Vec<_>>()))?
        }
        ("reverse" | "sort", [list]) => Some(list.clone()),
        ("distinct", [list]) => match &list.shape {
            Shape::List { item, min, max, .. } => Some(Schema::of(Shape::List {
                item: item.clone(),
                min: (*min).min(1),
                max: *max,
                unique: true,
            })),
            _ => None,
        },
        ("slice", [list, ..]) => match &list.shape {
            Shape::List { item, max, unique, .. } => {
                let shape = Shape::List { item: item.clone(), min: 0, max: *max, unique: *unique };
                Some(Schema::of(shape))
            }
            _ => None,
        },
        _ => None,
    }
}
