//! One way to write a file: the text of a document, laid out anew.
//!
//! Owns the layout: the order of keys, indentation, quotes, blocks, where comments stand. Never changes
//! what a file means: every value stays what it was, and every comment stays. Start at [`format`]; a
//! document becomes a `layout`, its keys are put in `order`, and it is `print`ed.

mod layout;
mod order;
mod print;
mod remarks;
#[cfg(test)]
mod tests;
mod texts;

use mote_expr::Value;

use crate::diagnostic::Diagnostic;
use crate::files::{FileId, Files};
use crate::read::{Sink, read_tree};
use crate::tree::{Tree, parse};

/// How long a line may be, in characters, where the layout has a choice.
const WIDTH: usize = 120;

/// The text of `file`, laid out; or why the file cannot be read.
///
/// What is laid out already stays as it is, to the byte.
pub fn format(files: &Files, file: FileId) -> Result<String, Vec<Diagnostic>> {
    let sink = Sink::default();
    let Some(tree) = read_tree(files, file, &sink) else { return Err(sink.into_diagnostics()) };
    let text = files.text(file);
    let formatted = lay_out(text, &tree);
    // Whoever formats trusts that nothing is lost: a file for which that cannot be shown stays as it is.
    Ok(if means_the_same(text, &formatted) { formatted } else { text.to_owned() })
}

/// `value`, which describes things with schemas, as a YAML document that is laid out like any file.
pub fn yaml(value: &Value) -> String {
    let mut document = layout::of_value(value);
    order::put_schemas_in_order(&mut document);
    order::put_in_order(&mut document);
    print::print(&document)
}

fn lay_out(text: &str, tree: &Tree) -> String {
    let mut document = layout::layout(text, tree);
    order::put_in_order(&mut document);
    print::print(&document)
}

/// Whether both texts have the same values and the same comments.
fn means_the_same(before: &str, after: &str) -> bool {
    let (Ok(was), Ok(is)) = (parse(before), parse(after)) else { return false };
    let sorted = |text, tree| {
        let mut texts: Vec<String> =
            remarks::find(text, tree).into_iter().map(|remark| remark.text).collect();
        texts.sort_unstable();
        texts
    };
    was.value() == is.value() && sorted(before, &was) == sorted(after, &is)
}
