//! Values, schemas and expressions: the language that contracts are written in.
