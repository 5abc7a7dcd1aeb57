//! Reads a schema from a value, refusing every keyword outside the subset with its place.
//! Owns the subset: a keyword that is accepted here is enforced in `validate`. All problems of a
//! schema are reported in one run.

use std::sync::Arc;

use super::validate::article;
use super::{
    Field, Format, ITEMS_MAX_DEFAULT, JSON_BYTES_MAX_DEFAULT, PROPERTIES_MAX_DEFAULT, Pattern, Schema, Shape,
    TEXT_MAX_DEFAULT, TextShape,
};
use crate::value::{INT_MAX, Object, Pointer, Value};

/// Something in a schema that the subset does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// Where in the schema.
    pub at: Pointer,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if we know.
    pub hint: Option<String>,
}

/// Answers `$ref`s.
pub trait Refs {
    /// The schema that `reference` names, or why there is none.
    fn resolve(&mut self, reference: &str) -> Result<Arc<Schema>, String>;
}

/// For schemas without `$ref`.
impl Refs for () {
    fn resolve(&mut self, _: &str) -> Result<Arc<Schema>, String> {
        Err("`$ref` cannot be followed here".to_owned())
    }
}

impl Schema {
    /// Compile the schema that `source` describes.
    pub fn compile(source: &Value, refs: &mut dyn Refs) -> Result<Schema, Vec<SchemaError>> {
        let mut compiler = Compiler { refs, errors: Vec::new() };
        let schema = compiler.schema(source, &Pointer::root());
        match schema {
            Some(schema) if compiler.errors.is_empty() => Ok(Arc::unwrap_or_clone(schema)),
            _ => Err(compiler.errors),
        }
    }
}

/// Keywords that any schema may carry beside its shape.
const ANNOTATIONS: [&str; 4] = ["title", "description", "default", "sensitive"];
/// Those, and the one that says which shape it is.
const COMMON: [&str; 5] = ["type", "title", "description", "default", "sensitive"];

struct Compiler<'r> {
    refs: &'r mut dyn Refs,
    errors: Vec<SchemaError>,
}

impl Compiler<'_> {
    /// None when something is wrong, which is then in `errors`.
    fn schema(&mut self, source: &Value, at: &Pointer) -> Option<Arc<Schema>> {
        let Some(object) = source.as_object() else {
            return self.error(
                at,
                format!("a schema is an object, this is {}", article(source.kind())),
                Some("for example `{type: string}`".to_owned()),
            );
        };
        if let Some(reference) = object.get("$ref") {
            return self.reference(object, reference, at);
        }
        let (kind, nullable) = self.kind(object, at)?;
        let errors_before = self.errors.len();
        let shape = self.shape(kind, object, at);
        if self.errors.len() > errors_before {
            return None;
        }
        let schema = Schema { nullable, ..Schema::of(shape?) };
        Some(Arc::new(self.annotated(schema, object, at)))
    }

    /// The schema with what `object` says beside its shape.
    fn annotated(&mut self, mut schema: Schema, object: &Object, at: &Pointer) -> Schema {
        for key in ["title", "description"] {
            if object.get(key).is_some_and(|text| text.as_text().is_none()) {
                let hint = Some(format!("quote it: `{key}: \"…\"`"));
                self.error::<()>(&at.key(key), format!("`{key}` is a text"), hint);
            }
        }
        if let Some(description) = object.get("description").and_then(Value::as_text) {
            schema.description = Some(description.to_owned());
        }
        schema.sensitive |= self.flag(object, "sensitive", at);
        if let Some(default) = object.get("default") {
            for violation in schema.violations(default) {
                let hint = Some("write a default that the schema accepts, or leave it out".to_owned());
                self.error::<()>(&at.key("default"), format!("the default does not fit: {violation}"), hint);
            }
            schema.default = Some(schema.normalise(default.clone()));
        }
        schema
    }

    fn reference(&mut self, object: &Object, reference: &Value, at: &Pointer) -> Option<Arc<Schema>> {
        self.only_of(object, &["$ref"], &ANNOTATIONS, at);
        let Some(name) = reference.as_text() else {
            let hint = Some("for example `$ref: ../schemas/line.yaml`".to_owned());
            return self.error(&at.key("$ref"), "`$ref` is the path of a schema file".to_owned(), hint);
        };
        match self.refs.resolve(name) {
            Ok(schema) if object.len() == 1 => Some(schema),
            Ok(schema) => Some(Arc::new(self.annotated(Arc::unwrap_or_clone(schema), object, at))),
            Err(why) => self.error(&at.key("$ref"), why, None),
        }
    }

    /// The one type of a schema, and whether it may be null.
    fn kind<'s>(&mut self, object: &'s Object, at: &Pointer) -> Option<(&'s str, bool)> {
        const KINDS: &str = "object, array, string, integer, number or boolean";
        match object.get("type") {
            Some(Value::Text(kind)) => Some((kind, false)),
            Some(Value::List(kinds)) => {
                let names: Vec<&str> = kinds.iter().filter_map(Value::as_text).collect();
                match names.as_slice() {
                    [kind, "null"] | ["null", kind] if names.len() == kinds.len() => Some((kind, true)),
                    _ => self.error(
                        &at.key("type"),
                        "a list of types is one type and \"null\"".to_owned(),
                        Some("for several shapes use `oneOf` with a `discriminator`".to_owned()),
                    ),
                }
            }
            Some(_) => {
                let hint = Some("for example `type: string`".to_owned());
                self.error(&at.key("type"), format!("`type` is {KINDS}"), hint)
            }
            None if object.contains("enum") || object.contains("const") => Some(("enum", false)),
            None if object.contains("oneOf") => Some(("oneOf", false)),
            None if object.get("format").and_then(Value::as_text) == Some("mote:json") => {
                Some(("json", false))
            }
            None => {
                self.error(at, "a schema needs a `type`".to_owned(), Some(format!("add `type: {KINDS}`")))
            }
        }
    }

    fn shape(&mut self, kind: &str, object: &Object, at: &Pointer) -> Option<Shape> {
        if object.contains("enum") || object.contains("const") {
            return self.enumeration(kind, object, at);
        }
        match kind {
            "object" if object.contains("oneOf") => self.one_of(object, at),
            "object" => self.object(object, at),
            "array" => self.array(object, at),
            "string" => self.string(object, at),
            "integer" => {
                self.only(object, &["minimum", "maximum", "multipleOf"], at);
                let min = self.int(object, "minimum", at, (-INT_MAX, INT_MAX))?.unwrap_or(-INT_MAX);
                let max = self.int(object, "maximum", at, (-INT_MAX, INT_MAX))?.unwrap_or(INT_MAX);
                let multiple_of = self.int(object, "multipleOf", at, (1, INT_MAX))?;
                self.ordered(min <= max, "minimum", "maximum", at)?;
                Some(Shape::Int { min, max, multiple_of })
            }
            "number" => {
                self.only(object, &["minimum", "maximum"], at);
                let min = self.number(object, "minimum", at)?.unwrap_or(-(INT_MAX as f64));
                let max = self.number(object, "maximum", at)?.unwrap_or(INT_MAX as f64);
                self.ordered(min <= max, "minimum", "maximum", at)?;
                Some(Shape::Number { min, max })
            }
            "boolean" => {
                self.only(object, &[], at);
                Some(Shape::Bool)
            }
            "oneOf" => self.one_of(object, at),
            "json" => {
                self.only(object, &["format", "maxBytes"], at);
                let bytes_max = self.count(object, "maxBytes", at)?.unwrap_or(JSON_BYTES_MAX_DEFAULT);
                Some(Shape::Json { bytes_max })
            }
            other => {
                let known = ["object", "array", "string", "integer", "number", "boolean"];
                let hint = match (other, crate::suggest(other, known)) {
                    ("null", _) => "write `type: [string, \"null\"]` for a nullable string".to_owned(),
                    ("int", _) => "did you mean `integer`?".to_owned(),
                    ("text", _) => "did you mean `string`?".to_owned(),
                    (_, Some(near)) => format!("did you mean `{near}`?"),
                    (_, None) => format!("the types are `{}`", known.join("`, `")),
                };
                self.error(&at.key("type"), format!("unknown type `{other}`"), Some(hint))
            }
        }
    }

    fn enumeration(&mut self, kind: &str, object: &Object, at: &Pointer) -> Option<Shape> {
        self.only(object, &["enum", "const"], at);
        let values = match (object.get("enum"), object.get("const")) {
            (Some(Value::List(values)), None) if !values.is_empty() => values.to_vec(),
            (None, Some(value)) => vec![value.clone()],
            (Some(_), Some(_)) => {
                return self.error(at, "either `enum` or `const`, not both".to_owned(), None);
            }
            _ => {
                return self.error(
                    &at.key("enum"),
                    "`enum` is a list of at least one value".to_owned(),
                    Some("for example `enum: [small, large]`".to_owned()),
                );
            }
        };
        for (index, value) in values.iter().enumerate() {
            let place = if object.contains("const") { at.key("const") } else { at.key("enum").index(index) };
            let fits = match (kind, value) {
                (_, Value::List(_) | Value::Object(_) | Value::Null) => {
                    let hint = "write `type: [string, \"null\"]` beside the `enum` for null".to_owned();
                    let message = "an enum lists strings, numbers or booleans".to_owned();
                    return self.error(&place, message, (*value == Value::Null).then_some(hint));
                }
                ("enum", _) | ("number", Value::Int(_)) => true,
                (kind, value) => value.kind() == kind,
            };
            if !fits {
                let message = format!("is {}, the type is {kind}", article(value.kind()));
                return self.error(&place, message, None);
            }
            if values[..index].contains(value) {
                return self.error(&place, "this value is listed twice".to_owned(), None);
            }
        }
        Some(Shape::Enum(values))
    }

    fn object(&mut self, object: &Object, at: &Pointer) -> Option<Shape> {
        self.only(object, &["properties", "required", "additionalProperties", "maxProperties"], at);
        match object.get("additionalProperties") {
            None | Some(Value::Bool(false)) => {}
            Some(Value::Bool(true)) => {
                return self.error(
                    &at.key("additionalProperties"),
                    "objects are closed".to_owned(),
                    Some("name a schema for the values, or use `format: mote:json`".to_owned()),
                );
            }
            Some(schema) => {
                if object.contains("properties") {
                    let message = "an object has either `properties` or `additionalProperties`".to_owned();
                    return self.error(&at.key("additionalProperties"), message, None);
                }
                if object.contains("required") {
                    let message = "`required` goes with `properties`".to_owned();
                    return self.error(&at.key("required"), message, None);
                }
                let value = self.schema(schema, &at.key("additionalProperties"))?;
                let max = self.count(object, "maxProperties", at)?.unwrap_or(PROPERTIES_MAX_DEFAULT);
                return Some(Shape::Map { value, max });
            }
        }
        if object.contains("maxProperties") {
            let message = "`maxProperties` goes with `additionalProperties`".to_owned();
            return self.error(&at.key("maxProperties"), message, None);
        }
        let empty = Object::new();
        let properties = match object.get("properties") {
            None => &empty,
            Some(Value::Object(properties)) => properties,
            Some(_) => {
                return self.error(
                    &at.key("properties"),
                    "`properties` is an object of schemas".to_owned(),
                    None,
                );
            }
        };
        // What is wrong here is reported, and the properties all the same.
        let required = self.required(object, properties, at).unwrap_or_default();
        let mut fields = Vec::with_capacity(properties.len());
        for (name, source) in properties.iter() {
            if let Some(schema) = self.schema(source, &at.key("properties").key(name)) {
                fields.push(Field { name: name.to_owned(), schema, required: required.contains(&name) });
            }
        }
        Some(Shape::Object(fields))
    }

    fn required<'s>(
        &mut self,
        object: &'s Object,
        properties: &Object,
        at: &Pointer,
    ) -> Option<Vec<&'s str>> {
        let place = at.key("required");
        let names = match object.get("required") {
            None => return Some(Vec::new()),
            Some(Value::List(names)) => names,
            Some(_) => return self.error(&place, "`required` is a list of names".to_owned(), None),
        };
        for (index, name) in names.iter().enumerate() {
            match name.as_text() {
                Some(name) if properties.contains(name) => {}
                Some(name) => {
                    let message = format!("`{name}` is required but not among the properties");
                    let hint = crate::suggest(name, properties.iter().map(|(key, _)| key))
                        .map(|near| format!("did you mean `{near}`?"));
                    return self.error(&place.index(index), message, hint);
                }
                None => {
                    return self.error(&place.index(index), "`required` is a list of names".to_owned(), None);
                }
            }
        }
        Some(names.iter().filter_map(Value::as_text).collect())
    }

    fn array(&mut self, object: &Object, at: &Pointer) -> Option<Shape> {
        self.only(object, &["items", "minItems", "maxItems", "uniqueItems"], at);
        let Some(items) = object.get("items") else {
            return self.error(
                at,
                "an array needs `items`".to_owned(),
                Some("add `items: {type: …}`".to_owned()),
            );
        };
        let item = self.schema(items, &at.key("items"))?;
        let min = self.count(object, "minItems", at)?.unwrap_or(0);
        let max = self.count(object, "maxItems", at)?.unwrap_or(ITEMS_MAX_DEFAULT.max(min));
        self.ordered(min <= max, "minItems", "maxItems", at)?;
        let unique = self.flag(object, "uniqueItems", at);
        Some(Shape::List { item, min, max, unique })
    }

    fn string(&mut self, object: &Object, at: &Pointer) -> Option<Shape> {
        self.only(object, &["minLength", "maxLength", "pattern", "format"], at);
        let min = self.count(object, "minLength", at)?.unwrap_or(0);
        let max = self.count(object, "maxLength", at)?.unwrap_or(TEXT_MAX_DEFAULT.max(min));
        self.ordered(min <= max, "minLength", "maxLength", at)?;
        let pattern = match object.get("pattern") {
            None => None,
            Some(pattern) => Some(self.pattern(pattern, at)?),
        };
        let format = match object.get("format") {
            None => None,
            Some(format) => Some(self.format(format, at)?),
        };
        Some(Shape::Text(TextShape { min, max, pattern, format }))
    }

    fn pattern(&mut self, pattern: &Value, at: &Pointer) -> Option<Arc<Pattern>> {
        let place = at.key("pattern");
        let Some(text) = pattern.as_text() else {
            return self.error(&place, "`pattern` is a regular expression".to_owned(), None);
        };
        match Pattern::new(text) {
            Ok(pattern) => Some(Arc::new(pattern)),
            Err(error) => {
                let hint = Some("for example `pattern: \"^[a-z0-9-]+$\"`, and `\\\\` before a character that means itself".to_owned());
                self.error(&place, format!("not a regular expression: {error}"), hint)
            }
        }
    }

    fn format(&mut self, format: &Value, at: &Pointer) -> Option<Format> {
        let known = Format::ALL.iter().find(|(name, _)| Some(*name) == format.as_text());
        match known {
            Some((_, format)) => Some(*format),
            None => {
                let names: Vec<_> = Format::ALL.iter().map(|(name, _)| *name).collect();
                let message = format!("unknown format {format}");
                self.error(&at.key("format"), message, Some(format!("the formats are {}", names.join(", "))))
            }
        }
    }

    fn one_of(&mut self, object: &Object, at: &Pointer) -> Option<Shape> {
        self.only(object, &["oneOf", "discriminator"], at);
        let tag = match object.get("discriminator").map(|d| d.field("propertyName").unwrap_or(d)) {
            Some(Value::Text(tag)) => tag.to_string(),
            _ => {
                return self.error(
                    at,
                    "`oneOf` needs a `discriminator`".to_owned(),
                    Some("add `discriminator: kind` and give each variant `kind: {const: …}`".to_owned()),
                );
            }
        };
        let sources = match object.get("oneOf") {
            Some(Value::List(sources)) if !sources.is_empty() => sources,
            _ => return self.error(&at.key("oneOf"), "`oneOf` is a list of objects".to_owned(), None),
        };
        let mut variants: Vec<(String, Arc<Schema>)> = Vec::new();
        for (index, source) in sources.iter().enumerate() {
            let place = at.key("oneOf").index(index);
            let Some(schema) = self.schema(source, &place) else { continue };
            let name = schema.field(&tag).filter(|field| field.required).and_then(|field| {
                match &field.schema.shape {
                    Shape::Enum(values) if values.len() == 1 => values[0].as_text().map(str::to_owned),
                    _ => None,
                }
            });
            match name {
                Some(name) if variants.iter().all(|(other, _)| *other != name) => {
                    variants.push((name, schema))
                }
                Some(name) => return self.error(&place, format!("two variants have `{tag}: {name}`"), None),
                None => {
                    let message = format!("a variant needs a required `{tag}` with a `const` text");
                    return self.error(&place, message, None);
                }
            }
        }
        Some(Shape::OneOf { tag, variants })
    }

    /// Refuse every keyword but `allowed` and the common ones.
    fn only(&mut self, object: &Object, allowed: &[&str], at: &Pointer) {
        self.only_of(object, allowed, &COMMON, at);
    }

    fn only_of(&mut self, object: &Object, allowed: &[&str], common: &[&str], at: &Pointer) {
        for (key, _) in object.iter() {
            if !common.contains(&key) && !allowed.contains(&key) {
                let known = allowed.iter().chain(common).copied();
                let hint = match (key, crate::suggest(key, known.clone())) {
                    ("exclusiveMinimum" | "exclusiveMaximum", _) => {
                        format!(
                            "write `{}`, with the last value that is allowed",
                            key.replacen("exclusiveM", "m", 1)
                        )
                    }
                    (_, Some(near)) => format!("did you mean `{near}`?"),
                    (_, None) => format!("here are known: `{}`", known.collect::<Vec<_>>().join("`, `")),
                };
                let hint = Some(hint);
                self.error::<()>(&at.key(key), format!("`{key}` is not in the schema subset here"), hint);
            }
        }
    }

    fn flag(&mut self, object: &Object, key: &str, at: &Pointer) -> bool {
        match object.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => self.error::<()>(&at.key(key), format!("`{key}` is true or false"), None).is_some(),
        }
    }

    /// The outer None means an error was reported, the inner one that the key is absent.
    fn int(
        &mut self,
        object: &Object,
        key: &str,
        at: &Pointer,
        (min, max): (i64, i64),
    ) -> Option<Option<i64>> {
        match object.get(key) {
            None => Some(None),
            Some(Value::Int(int)) if (min..=max).contains(int) => Some(Some(*int)),
            Some(_) => {
                let hint = Some(format!("for example `{key}: {}`", 0.clamp(min, max)));
                self.error(&at.key(key), format!("`{key}` is an integer from {min} to {max}"), hint)
            }
        }
    }

    fn count(&mut self, object: &Object, key: &str, at: &Pointer) -> Option<Option<u64>> {
        // A million of anything is beyond what one call may carry.
        Some(self.int(object, key, at, (0, 1_000_000))?.map(i64::unsigned_abs))
    }

    fn number(&mut self, object: &Object, key: &str, at: &Pointer) -> Option<Option<f64>> {
        match object.get(key) {
            None => Some(None),
            Some(Value::Int(int)) => Some(Some(*int as f64)),
            Some(Value::Float(float)) => Some(Some(*float)),
            Some(_) => self.error(&at.key(key), format!("`{key}` is a number"), None),
        }
    }

    fn ordered(&mut self, fine: bool, low: &str, high: &str, at: &Pointer) -> Option<()> {
        let hint = || Some(format!("swap them, or leave `{low}` out"));
        if fine {
            Some(())
        } else {
            self.error(at, format!("`{low}` is above `{high}`: nothing fits"), hint())
        }
    }

    fn error<T>(&mut self, at: &Pointer, message: String, hint: Option<String>) -> Option<T> {
        self.errors.push(SchemaError { at: at.clone(), message, hint });
        None
    }
}
