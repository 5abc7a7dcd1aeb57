//! The terms that a suggested rule is made of: copies, sizes, sums, sums of products.
//! Owns how each is written and what it comes to in a recording. Evaluated here and not by the
//! language: there are hundreds, and only what holds everywhere is worth compiling.

use mote_expr::{INT_MAX, Value};

/// What a rule can see in one recording, by name.
pub(super) struct Facts(pub(super) Vec<(String, Value)>);

/// A way from a name to a part: `input`, `customer`, `name`.
pub(super) type Path = Vec<String>;

/// A term.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Copy(Path),
    Constant(Value),
    Size(Path),
    SizeAndOne(Path),
    /// The sum over a list of a field of its items; of the items themselves without one.
    Sum(Path, Option<String>),
    SumOfProducts(Path, String, String),
    /// The field of each item of a list.
    Each(Path, String),
    /// The product of two fields of each item of a list.
    EachProduct(Path, String, String),
    /// Scalars added, or where the flag is set subtracted.
    Total(Vec<(bool, Path)>),
}

impl Term {
    /// What it comes to. None where a part is not there, or is of another kind.
    pub(super) fn eval(&self, facts: &Facts) -> Option<Value> {
        let list = |path: &Path| facts.find(path)?.as_list();
        let int = |path: &Path| facts.find(path)?.as_int();
        let total = |mut numbers: Box<dyn Iterator<Item = Option<i64>> + '_>| {
            numbers.try_fold(0i64, |sum, number| sum.checked_add(number?))
        };
        let number = match self {
            Term::Copy(path) => return facts.find(path).cloned(),
            Term::Constant(value) => return Some(value.clone()),
            Term::Each(path, field) => {
                let items = list(path)?.iter().map(|item| item.field(field).cloned());
                return items.collect::<Option<Vec<_>>>().map(Value::list);
            }
            Term::EachProduct(path, a, b) => {
                let product = |item: &Value| item.field(a)?.as_int()?.checked_mul(item.field(b)?.as_int()?);
                let items = list(path)?.iter().map(|item| product(item).map(Value::Int));
                return items.collect::<Option<Vec<_>>>().map(Value::list);
            }
            Term::Size(path) => list(path)?.len() as i64,
            Term::SizeAndOne(path) => list(path)?.len() as i64 + 1,
            Term::Sum(path, None) => total(Box::new(list(path)?.iter().map(Value::as_int)))?,
            Term::Sum(path, Some(field)) => {
                total(Box::new(list(path)?.iter().map(|item| item.field(field)?.as_int())))?
            }
            Term::SumOfProducts(path, a, b) => total(Box::new(
                list(path)?.iter().map(|item| item.field(a)?.as_int()?.checked_mul(item.field(b)?.as_int()?)),
            ))?,
            Term::Total(parts) => total(Box::new(
                parts.iter().map(|(minus, path)| int(path).map(|part| if *minus { -part } else { part })),
            ))?,
        };
        (number.abs() <= INT_MAX).then_some(Value::Int(number))
    }

    /// As a rule writes it.
    pub(super) fn text(&self) -> String {
        match self {
            Term::Copy(path) => path.join("."),
            Term::Constant(value) => constant(value),
            Term::Size(path) => format!("size({})", path.join(".")),
            Term::SizeAndOne(path) => format!("size({}) + 1", path.join(".")),
            Term::Sum(path, None) => format!("sum({})", path.join(".")),
            Term::Sum(path, Some(field)) => format!("sum({}.map(l, l.{field}))", path.join(".")),
            Term::SumOfProducts(path, a, b) => format!("sum({}.map(l, l.{a} * l.{b}))", path.join(".")),
            Term::Each(path, field) => format!("{}.map(l, l.{field})", path.join(".")),
            Term::EachProduct(path, a, b) => format!("{}.map(l, l.{a} * l.{b})", path.join(".")),
            Term::Total(parts) => {
                let sign = |at: usize, minus: bool| match (at, minus) {
                    (0, false) => "",
                    (0, true) => "-",
                    (_, false) => " + ",
                    (_, true) => " - ",
                };
                let parts = parts.iter().enumerate();
                parts.map(|(at, (minus, path))| format!("{}{}", sign(at, *minus), path.join("."))).collect()
            }
        }
    }

    /// Whether it reads anything below `path`.
    pub(super) fn reads(&self, path: &[String]) -> bool {
        let below = |own: &Path| own.starts_with(path) || path.starts_with(own);
        match self {
            Term::Constant(_) => false,
            Term::Copy(own) | Term::Size(own) | Term::SizeAndOne(own) => below(own),
            Term::Sum(own, _) | Term::SumOfProducts(own, ..) => below(own),
            Term::Each(own, _) | Term::EachProduct(own, ..) => below(own),
            Term::Total(parts) => parts.iter().any(|(_, path)| below(path)),
        }
    }
}

impl Facts {
    fn find(&self, path: &Path) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let (_, root) = self.0.iter().find(|(name, _)| name == first)?;
        rest.iter().try_fold(root, |at, key| at.field(key))
    }
}

/// A value as an expression writes it: as JSON, with the language's quotes.
fn constant(value: &Value) -> String {
    match value {
        Value::List(items) => format!("[{}]", items.iter().map(constant).collect::<Vec<_>>().join(", ")),
        scalar => super::super::guards::literal(scalar),
    }
}

/// The scalars and the lists that are met in `facts`, each with the fields of its items.
#[derive(Default)]
pub(super) struct Material {
    pub(super) scalars: Vec<Path>,
    pub(super) lists: Vec<(Path, Vec<String>)>,
}

impl Material {
    pub(super) fn of<'f>(facts: impl Iterator<Item = &'f Facts>) -> Material {
        let mut material = Material::default();
        for facts in facts {
            for (name, value) in &facts.0 {
                material.take_in(&vec![name.clone()], value);
            }
        }
        material
    }

    fn take_in(&mut self, path: &Path, value: &Value) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object.iter().filter(|(key, _)| is_word(key)) {
                    let mut path = path.clone();
                    path.push(key.to_owned());
                    self.take_in(&path, inner);
                }
            }
            Value::List(items) => {
                let at = self.lists.iter().position(|(known, _)| known == path).unwrap_or_else(|| {
                    self.lists.push((path.clone(), Vec::new()));
                    self.lists.len() - 1
                });
                let fields = &mut self.lists[at].1;
                for (key, _) in items.iter().filter_map(Value::as_object).flat_map(|item| item.iter()) {
                    if is_word(key) && !fields.iter().any(|known| known == key) {
                        fields.push(key.to_owned());
                    }
                }
            }
            _ if !self.scalars.contains(path) => self.scalars.push(path.clone()),
            _ => {}
        }
    }
}

fn is_word(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
