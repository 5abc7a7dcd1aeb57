//! Values, schemas and expressions: the language that contracts are written in.
//!
//! Owns what a value is, how it is read and written, what a schema accepts, and what an
//! expression means. Never does I/O, never waits, never reads a clock: time is a value.

mod digest;
pub mod expr;
pub mod rows;
pub mod schema;
mod suggest;
pub mod value;

pub use digest::{Digest, DigestError};
pub use expr::{
    Atom, Bindings, Consequences, Distance, EvalError, Expr, ExprError, Goal, Measured, Scope, Slot,
    Template, Truth, Type, Uses,
};
pub use schema::Schema;
pub use suggest::suggest;
pub use value::{INT_MAX, Object, ParseError, Pointer, Step, Value, parse};
