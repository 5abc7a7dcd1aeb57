//! Reads a call: whom, with what, what is done about its errors, how its effect is taken back.
//!
//! Owns that every error that a call can end in has somewhere to go.

use mote_expr::{Template, Type, Value, suggest};

use super::callable::{Callable, TRANSIENT};
use super::fit::{self, Taker};
use super::names::{Known, Names, Shape};
use super::steps::{At, Read, Steps};
use crate::diagnostic::Code;
use crate::outcome::PlatformError;
use crate::read::{Fields, units};
use crate::tree::Tree;
use crate::workflow::{Call, Catch, Key, Retry, StepKind, Undo, UndoCall};

/// The longest `timeout`.
const TIMEOUT_MAX_MS: u64 = 365 * 86_400_000;

/// Whom a step names.
enum Named<'c> {
    Known(&'c Callable),
    /// It has problems of its own, or there is none: reported.
    Unread,
}

impl<'r> Steps<'r> {
    pub(super) fn call(&mut self, at: At<'_>) -> Option<Read> {
        let At { tree, path, known } = at;
        let fields = self.fields(tree, "a call")?;
        let named = self.callee(&fields, "call");
        let callable = if let Named::Known(callable) = named { Some(callable) } else { None };
        let misfit = PlatformError::InvalidInput.code();
        let catches = fields.entries("catch");
        let answered = catches.iter().any(|(key, _)| key.name == misfit) || self.declares(misfit);
        let with = self.with(&fields, callable, &known, answered);
        let key = self.key(&fields, &known);
        let retry = self.retry(&fields, callable);
        let timeout_ms = self.timeout(&fields);
        let may_misfit = with.as_ref().is_some_and(|(_, fits)| !fits);
        let (catch, caught) = self.catch(&fields, callable, may_misfit, &path, &known);
        let mut after = known;
        let output = callable.and_then(|callable| callable.output.as_ref());
        let result = self.result(&fields, output.map_or(Shape::UNREAD, Shape::of), &mut after);
        let undo = self.undo(&fields, callable, &after);
        if let Some(callable) = callable {
            self.unhandled(&fields, callable, may_misfit);
        }
        fields.finish();
        let kind = callable.and_then(|callable| {
            let (callee, with) = (callable.callee.clone(), with?.0);
            let (key, retry, undo) = (key?, retry?, undo?);
            let misfit = may_misfit.then_some(misfit);
            let errors = callable.codes().chain(misfit).map(str::to_owned).collect();
            let call = Call { callee, with, errors, key, retry, timeout_ms, undo, catch: catch? };
            Some(StepKind::Call(Box::new(call)))
        });
        let after = Known::met(caught.into_iter().chain([after]));
        Some(Read { kind, result, after })
    }

    /// What a step names under `key`.
    fn callee(&self, fields: &Fields<'_, '_>, key: &'static str) -> Named<'r> {
        let Some(tree) = fields.required(key, "place-order") else { return Named::Unread };
        let Some(name) = fields.text(key) else { return Named::Unread };
        let callables = self.callables;
        if let Some(callable) = callables.known.get(name) {
            return Named::Known(callable);
        }
        if callables.unreadable.iter().any(|known| known == name) {
            return Named::Unread;
        }
        if callables.publishers.iter().any(|known| known == name) {
            let message = format!("`{name}` is a publisher: events start it, nobody calls it");
            self.error(Code::NotCallable, self.at(tree), message, "call a command, a function or a query");
            return Named::Unread;
        }
        let hint = match suggest(name, callables.known.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `contracts/{name}.yaml`, or `workflows/{name}.yaml`"),
        };
        let message = format!("there is no contract and no workflow `{name}`");
        self.error(Code::UnknownName, self.at(tree), message, hint);
        Named::Unread
    }

    /// What makes the input, and whether it always fits. `answered`: something is done where it does not.
    fn with(
        &self,
        fields: &Fields<'_, '_>,
        callable: Option<&Callable>,
        known: &Known,
        answered: bool,
    ) -> Option<(Template, bool)> {
        let tree = fields.optional("with");
        let template = match tree {
            Some(tree) => self.template(tree, known)?,
            None => Template::Object(Vec::new()),
        };
        let Some(callable) = callable else { return Some((template, true)) };
        let Some(input) = &callable.input else { return Some((template, true)) };
        let name = callable.callee.name();
        let Some(schema) = self.schema(&template, known) else { return Some((template, true)) };
        let taker = Taker {
            what: "`with`",
            taker: &format!("`{name}`"),
            place: tree.map_or(fields.place(), |tree| self.at(tree)),
            tree,
            hint: "bound it where it comes from, or answer it: `catch: {invalid-input: [{fail: …}]}`",
        };
        let fits = fit::check(&schema, input, &taker, answered, self.rules.sink);
        fits.map(|fits| (template, fits))
    }

    fn key(&self, fields: &Fields<'_, '_>, known: &Known) -> Option<Key> {
        let Some(tree) = fields.optional("key") else { return Some(Key::Place) };
        let template = self.template(tree, known)?;
        if template.exprs().is_empty() {
            let message =
                "this key is the same for every run, which would all be given the first one's answer";
            let hint = "make it of what tells runs apart: `key: ${input.orderId}`, or leave it out";
            self.error(Code::DataType, self.at(tree), message, hint);
            return None;
        }
        let ty = template.ty();
        if matches!(ty, Type::Text { .. } | Type::Int | Type::Bool | Type::Dyn) {
            return Some(Key::Value(template));
        }
        let message = format!("`key` is a string, an integer or a boolean, this is {ty}");
        let hint = "write a string, an integer or a boolean: `key: ${input.orderId}`";
        self.error(Code::DataType, self.at(tree), message, hint);
        None
    }

    fn timeout(&self, fields: &Fields<'_, '_>) -> Option<u64> {
        let tree = fields.optional("timeout")?;
        super::duration(fields, "timeout", tree, "10s", TIMEOUT_MAX_MS)
    }

    fn retry(&self, fields: &Fields<'_, '_>, callable: Option<&Callable>) -> Option<Retry> {
        let possible = |callable: &Callable| {
            let transient = TRANSIENT.into_iter().filter(|error| callable.platform.contains(error));
            transient.map(|error| error.code().to_owned()).collect::<Vec<_>>()
        };
        let mut retry = Retry {
            codes: callable.map(possible).unwrap_or_default(),
            max: None,
            backoff_ms: (200, 30_000),
            jitter: true,
        };
        let Some(tree) = fields.optional("retry") else { return Some(retry) };
        let problems_before = self.rules.sink.count();
        let inner = self.fields(tree, "`retry`")?;
        if inner.optional("for").is_some() {
            retry.codes =
                inner.items("for").iter().filter_map(|tree| self.retried(tree, &inner, callable)).collect();
        }
        retry.max = inner.int("max", 1, 1_000).and_then(|max| u32::try_from(max).ok());
        if let Some(tree) = inner.optional("backoff") {
            let range = inner.text("backoff").and_then(|text| text.split_once(".."));
            let range = range.and_then(|(first, longest)| {
                Some((units::milliseconds(first.trim())?, units::milliseconds(longest.trim())?))
            });
            match range {
                Some((first, longest)) if first > 0 && first <= longest && longest <= 86_400_000 => {
                    retry.backoff_ms = (first, longest);
                }
                _ if inner.text("backoff").is_some() => {
                    let hint = Some(
                        "write the first pause and the longest, at most a day: `backoff: 200ms..10s`"
                            .to_owned(),
                    );
                    inner.wrong_type("backoff", "a range of times", tree, hint);
                }
                _ => {}
            }
        }
        if let Some(tree) = inner.optional("jitter") {
            match tree.value() {
                Value::Bool(jitter) => retry.jitter = jitter,
                _ => inner.wrong_type(
                    "jitter",
                    "true or false",
                    tree,
                    Some("write `jitter: false`".to_owned()),
                ),
            }
        }
        inner.finish();
        (self.rules.sink.count() == problems_before).then_some(retry)
    }

    /// A code under `for`.
    fn retried(&self, tree: &Tree, fields: &Fields<'_, '_>, callable: Option<&Callable>) -> Option<String> {
        let Some(text) = tree.as_text() else {
            let hint = Some("name errors by their codes: `for: [unavailable, timeout]`".to_owned());
            fields.wrong_type("for", "a list of errors' codes", tree, hint);
            return None;
        };
        let (code, callable) = (text.text.as_str(), callable?);
        if code == PlatformError::InvalidInput.code()
            || (callable.ends_in(code) && super::callable::is_final(code))
        {
            let message = format!("asked again, `{}` ends in `{code}` again", callable.callee.name());
            let hint = format!("leave `{code}` out, and catch it: `catch: {{{code}: [{{fail: …}}]}}`");
            self.error(Code::Retry, self.at(tree), message, hint);
            return None;
        }
        if !callable.ends_in(code) {
            self.never(tree, code, callable);
            return None;
        }
        Some(code.to_owned())
    }

    /// The blocks of `catch`, and what is known after those that the run goes on after.
    fn catch(
        &mut self,
        fields: &Fields<'_, '_>,
        callable: Option<&Callable>,
        may_misfit: bool,
        path: &str,
        known: &Known,
    ) -> (Option<Vec<Catch>>, Vec<Known>) {
        let (mut catches, mut ways, mut whole) = (Vec::new(), Vec::new(), true);
        for (key, tree) in fields.entries("catch") {
            let code = key.name.as_str();
            let misfit = code == PlatformError::InvalidInput.code();
            let possible = |callable: &Callable| if misfit { may_misfit } else { callable.ends_in(code) };
            let never = callable.filter(|callable| !possible(callable));
            if let Some(callable) = never {
                self.never_at(self.rules.at(key.span.clone()), code, callable);
                whole = false;
            }
            let mut inside = known.clone();
            let data = callable.and_then(|callable| callable.errors.iter().find(|(known, _)| known == code));
            let data = data.map_or(Type::Null, |(_, data)| data.clone());
            let text = Type::Text { max: 1_000 };
            let error = Type::object([("code", text.clone()), ("detail", text), ("data", data)]);
            inside.give(Names::slots().error, Shape { ty: error, schema: None });
            let (body, after) = self.block(tree, "catch", &format!("{path}/catch/{code}"), inside);
            catches.push(Catch { code: code.to_owned(), body });
            // What never happens leads nowhere.
            let after = after.filter(|_| never.is_none());
            ways.extend(after.map(|mut after| {
                after.put(Names::slots().error, known.state(Names::slots().error).clone());
                after
            }));
        }
        (whole.then_some(catches), ways)
    }

    fn never(&self, tree: &Tree, code: &str, callable: &Callable) {
        self.never_at(self.at(tree), code, callable);
    }

    fn never_at(&self, place: crate::diagnostic::Place, code: &str, callable: &Callable) {
        let name = callable.callee.name();
        let hint = match suggest(code, callable.codes()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let listed: Vec<_> = callable.codes().map(|code| format!("`{code}`")).collect();
                format!("leave it out: `{name}` can end in {}", listed.join(", "))
            }
        };
        self.error(Code::Unreachable, place, format!("`{name}` never ends in `{code}`"), hint);
    }

    /// How the effect is taken back. None if anything is wrong with it.
    fn undo(&self, fields: &Fields<'_, '_>, callable: Option<&Callable>, known: &Known) -> Option<Undo> {
        let effect = callable.is_none_or(|callable| callable.effect);
        let Some(tree) = fields.optional("undo") else {
            return Some(if effect { Undo::Stays { said: false } } else { Undo::Effectless });
        };
        if let (false, Some(callable)) = (effect, callable) {
            let message = format!("`{}` changes nothing that could be taken back", callable.callee.name());
            self.error(Code::Kind, self.at(tree), message, "leave `undo` out");
            return None;
        }
        if tree.as_text().is_some_and(|text| text.text == "none") {
            return Some(Undo::Stays { said: true });
        }
        if let Some(text) = tree.as_text() {
            let hint = Some(format!("write `undo: {{call: {}, with: {{…}}}}`, or `undo: none`", text.text));
            fields.wrong_type("undo", "a call, or `none`", tree, hint);
            return None;
        }
        let inner = self.fields(tree, "`undo`")?;
        let named = self.callee(&inner, "call");
        let undoing = if let Named::Known(undoing) = named { Some(undoing) } else { None };
        let with = self.with(&inner, undoing, known, false);
        let mut accept = Vec::new();
        for tree in inner.items("accept") {
            let Some(text) = tree.as_text() else {
                let hint = Some("name errors by their codes: `accept: [not-reserved]`".to_owned());
                inner.wrong_type("accept", "a list of errors' codes", tree, hint);
                continue;
            };
            match undoing {
                Some(undoing) if !undoing.ends_in(&text.text) => self.never(tree, &text.text, undoing),
                _ => accept.push(text.text.clone()),
            }
        }
        if let Some(undoing) = undoing {
            let name = undoing.callee.name();
            let declared = undoing.errors.iter().map(|(code, _)| code.as_str());
            let open: Vec<&str> = declared
                .chain(undoing.refusals())
                .filter(|code| !accept.iter().any(|known| known == code))
                .collect();
            if !open.is_empty() {
                let listed: Vec<_> = open.iter().map(|code| format!("`{code}`")).collect();
                let message =
                    format!("nothing handles {} of `{name}`, and an undo has to end", listed.join(" and "));
                let mut all: Vec<&str> = accept.iter().map(String::as_str).collect();
                all.extend(open);
                let hint = format!(
                    "if that means that there is nothing left to undo: `accept: [{}]`",
                    all.join(", ")
                );
                self.error(Code::Unhandled, inner.place(), message, hint);
            }
        }
        let place = inner.place();
        inner.finish();
        Some(Undo::Call(UndoCall { callee: undoing?.callee.clone(), with: with?.0, accept, place }))
    }

    fn declares(&self, code: &str) -> bool {
        self.errors.iter().any(|error| error.code == code)
    }

    /// Report the errors of a call that end nowhere: those that no second try can make go away, and that nothing
    /// catches or declares.
    fn unhandled(&mut self, fields: &Fields<'_, '_>, callable: &Callable, may_misfit: bool) {
        let name = callable.callee.name().to_owned();
        let catches = fields.entries("catch");
        let misfit = may_misfit.then(|| PlatformError::InvalidInput.code());
        let declared = callable.errors.iter().map(|(code, _)| code.as_str());
        let mut open = Vec::new();
        for code in declared.chain(callable.refusals()).chain(misfit) {
            if catches.iter().any(|(key, _)| key.name == code) {
                continue;
            }
            if self.declares(code) {
                self.ended_in.insert(code.to_owned());
            } else if Some(code) != misfit {
                open.push(code.to_owned());
            }
        }
        // What passes by itself may still be declared, for who calls the workflow.
        for code in callable
            .platform
            .iter()
            .map(|error| error.code())
            .filter(|code| self.errors.iter().any(|error| error.code == *code))
        {
            self.ended_in.insert(code.to_owned());
        }
        let own = self.errors.first().map_or("order-rejected", |error| error.code.as_str()).to_owned();
        if open.is_empty() {
            return;
        }
        let place = fields.optional("call").map_or(fields.place(), |tree| self.at(tree));
        let listed: Vec<_> = open.iter().map(|code| format!("`{code}`")).collect();
        let caught: Vec<_> = open.iter().map(|code| format!("{code}: [{{fail: {own}}}]")).collect();
        let declared: Vec<_> = open.iter().map(|code| format!("{{code: {code}}}")).collect();
        let hint = format!(
            "catch it: `catch: {{{}}}`, or let the workflow end in it: `errors: [{}]`",
            caught.join(", "),
            declared.join(", ")
        );
        let message = format!("nothing handles {} of `{name}`", listed.join(" and "));
        self.error(Code::Unhandled, place, message, hint);
    }
}
