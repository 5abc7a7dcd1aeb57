//! Reads `reads`: which rows of which view a contract sees, and how many.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mote_expr::rows::Order;
use mote_expr::{Scope, Template, Type, suggest};

use super::Fields;
use super::mend::mend_type;
use super::rules::Rules;
use super::sight::{Known, Sight};
use super::view::{comparable, scalar_field};
use crate::contract::Kind;
use crate::diagnostic::Code;
use crate::law::{Bound, MATCHES_MAX, Reads};
use crate::tree::{Key, Tree};
use crate::view::View;

/// How many rows a contract sees where it does not say.
const LIMIT_DEFAULT: usize = 100;

/// The most rows that a contract can see at once: they are one argument of a call.
const ROWS_MAX: i64 = 1_000;

/// The views of a system.
pub(crate) struct Views<'v> {
    pub(crate) good: &'v BTreeMap<String, Arc<View>>,
    /// The names of those with problems: a contract that names one is not to blame.
    pub(crate) unreadable: &'v BTreeSet<String>,
}

/// What `reads` says before any expression is compiled: names and types come from it.
pub(super) enum Viewed<'t, 's> {
    Nothing,
    /// It has problems, or the view has: rules that use rows are not judged.
    Unreadable,
    View(ViewedRows<'t, 's>),
}

pub(super) struct ViewedRows<'t, 's> {
    fields: Fields<'t, 's>,
    pub(super) view: Arc<View>,
    pub(super) bound: Bound,
    after: Option<&'t Tree>,
}

impl<'t, 's> Viewed<'t, 's> {
    pub(super) fn read(contract: &Fields<'t, 's>, kind: Option<Kind>, views: &Views<'_>) -> Viewed<'t, 's> {
        let Some(tree) = contract.optional("reads") else {
            if kind == Some(Kind::Query) {
                let name = views.good.keys().next().map_or("orders-by-customer", String::as_str);
                let hint = Some(format!("name the view it reads: `reads: {{view: {name}}}`"));
                contract.sink.error(Code::MissingKey, contract.place(), "a query needs `reads`", hint);
                return Viewed::Unreadable;
            }
            return Viewed::Nothing;
        };
        let Some(fields) = Fields::of(tree, "`reads`", contract.file, contract.sink) else {
            return Viewed::Unreadable;
        };
        let view = read_view_name(&fields, views);
        let (bound, after) = read_bound(&fields);
        match view {
            Some(view) => Viewed::View(ViewedRows { fields, view, bound, after }),
            None => {
                fields.optional("match");
                fields.optional("order");
                fields.finish();
                Viewed::Unreadable
            }
        }
    }

    /// The types of `rows`, and of `next` where there are pages.
    pub(super) fn types(&self) -> (Option<Type>, Option<Type>) {
        let next = Type::Nullable(Type::TEXT.into());
        match self {
            Viewed::Nothing => (None, None),
            // Whether there are pages is not known: a rule that uses `next` is not to blame.
            Viewed::Unreadable => (Some(Type::Dyn), Some(Type::Dyn)),
            Viewed::View(ViewedRows { view, bound, .. }) => {
                let (Bound::Limit(max) | Bound::Page(max)) = *bound;
                let rows = Type::List { item: Type::of(&view.row).into(), max: max as u64 };
                (Some(rows), matches!(bound, Bound::Page(_)).then_some(next))
            }
        }
    }
}

impl ViewedRows<'_, '_> {
    /// Compile the rest, now that `scope` is known.
    pub(super) fn compile(self, rules: &Rules<'_>, scope: &Scope, known: &Known) -> Reads {
        let sight = known.for_reads(scope);
        let row = &self.view.row;
        let entries = self.fields.entries("match");
        let matching: Vec<_> = entries
            .iter()
            .filter_map(|(key, tree)| Some((key.name.clone(), self.read_match(key, tree, &sight, rules)?)))
            .collect();
        let order_trees = self.fields.items("order");
        let order: Vec<Order> = order_trees.iter().filter_map(|tree| self.read_order(tree, rules)).collect();
        // What is not found by an index is found by reading every row of the view.
        let indexed = |name: &str| self.view.index.iter().any(|field| field == name);
        let names: Vec<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
        let known_names = names.iter().all(|name| row.field(name).is_some());
        if let (Some((key, _)), true) = (entries.first(), known_names)
            && !names.iter().any(|name| indexed(name))
        {
            let message = format!("no index of `{}` finds rows by `{}`", self.view.name, names.join("`, `"));
            let hint = Some(format!("add it to the view: `index: [{}]`", key.name));
            rules.sink.error(Code::Index, rules.at(key.span.clone()), message, hint);
        }
        if let (Some(first), Some(tree), true) = (order.first(), order_trees.first(), entries.is_empty())
            && !indexed(&first.field)
        {
            let message = format!("no index of `{}` orders all rows by `{}`", self.view.name, first.field);
            let hint = Some(format!("add it to the view: `index: [{}]`", first.field));
            rules.sink.error(Code::Index, self.fields.at(tree), message, hint);
        }
        let after = self.after.and_then(|tree| read_after(tree, &sight, rules));
        self.fields.finish();
        Reads { view: self.view, bound: self.bound, matching, order, after }
    }

    fn read_match(&self, key: &Key, tree: &Tree, sight: &Sight<'_>, rules: &Rules<'_>) -> Option<Template> {
        let field = scalar_field(&key.name, &self.view.row, rules.at(key.span.clone()), rules.sink)?;
        let template = rules.template(tree, sight)?;
        let ty = template.ty();
        let (message, hint) = match &ty {
            Type::List { item, max } if comparable(item, &field) => {
                if *max <= MATCHES_MAX as u64 {
                    return Some(template);
                }
                let message = format!("rows are found by at most {MATCHES_MAX} values, this may be {max}");
                (message, Some("lower the `maxItems` of the list".to_owned()))
            }
            ty if comparable(ty, &field) => return Some(template),
            ty => (format!("`{}` is {field}, this is {ty}", key.name), Some(mend_type(&key.name, &field))),
        };
        rules.sink.error(Code::DataType, rules.at(tree.headline()), message, hint);
        None
    }

    /// `placedAt`, or `placedAt desc`.
    fn read_order(&self, tree: &Tree, rules: &Rules<'_>) -> Option<Order> {
        let Some(text) = tree.as_text() else {
            let hint = Some("write `order: [placedAt]` or `order: [placedAt desc]`".to_owned());
            self.fields.wrong_type("order", "a list of the row's fields", tree, hint);
            return None;
        };
        let (field, descending) = match text.text.strip_suffix(" desc") {
            Some(field) => (field.trim_end(), true),
            None => (text.text.as_str(), false),
        };
        scalar_field(field, &self.view.row, self.fields.at(tree), rules.sink)?;
        Some(Order { field: field.to_owned(), descending })
    }
}

fn read_view_name(fields: &Fields<'_, '_>, views: &Views<'_>) -> Option<Arc<View>> {
    let tree = fields.required("view", "orders-by-customer")?;
    let name = fields.text("view")?;
    if let Some(found) = views.good.get(name) {
        return Some(found.clone());
    }
    if !views.unreadable.contains(name) {
        let known = views.good.keys().chain(views.unreadable.iter());
        let hint = match suggest(name, known.map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `views/{name}.yaml`"),
        };
        let message = format!("there is no view `{name}`");
        fields.sink.error(Code::UnknownName, fields.at(tree), message, Some(hint));
    }
    None
}

fn read_bound<'t>(fields: &Fields<'t, '_>) -> (Bound, Option<&'t Tree>) {
    let limit_tree = fields.optional("limit");
    let limit = fields.int("limit", 1, ROWS_MAX).and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    let Some(tree) = fields.optional("page") else { return (Bound::Limit(limit), None) };
    if let Some(limit) = limit_tree {
        let hint = Some("leave `limit` out: a page has its size".to_owned());
        fields.sink.error(Code::Kind, fields.at(limit), "`limit` does not go with `page`", hint);
    }
    let Some(page) = Fields::of(tree, "a page", fields.file, fields.sink) else {
        return (Bound::Limit(limit), None);
    };
    page.required("size", "50");
    let size = page.int("size", 1, ROWS_MAX).and_then(|size| usize::try_from(size).ok());
    let after = page.required("after", "${input.after}");
    page.finish();
    (Bound::Page(size.unwrap_or(LIMIT_DEFAULT)), after)
}

fn read_after(tree: &Tree, sight: &Sight<'_>, rules: &Rules<'_>) -> Option<Template> {
    let after = rules.template(tree, sight)?;
    let ty = after.ty();
    if matches!(ty.non_null(), Type::Text { .. } | Type::Null | Type::Dyn) {
        return Some(after);
    }
    let message = format!("`after` is the `next` of the page before, a string or null, this is {ty}");
    let hint = Some("declare it as `after: {type: string, default: \"\"}` in `input`".to_owned());
    rules.sink.error(Code::DataType, rules.at(tree.headline()), message, hint);
    None
}
