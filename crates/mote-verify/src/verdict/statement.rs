//! A verdict as an in-toto statement, v1: canonical JSON that other tools can read.
//! Owns the names of its fields. Reading is strict: a field that we do not write is not ours.

use mote_expr::{Digest, Value};

use super::{Builder, Named, Other, PREDICATE_TYPE, Provenance, Verdict};

/// The type of in-toto statements that we write and read.
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

impl Verdict {
    pub(super) fn to_statement(&self) -> Value {
        let subject = Value::object([
            ("name", Value::text(&self.artifact.name)),
            ("digest", Value::object([("sha256", hash(&self.artifact.digest))])),
        ]);
        let contract = Value::object([
            ("name", Value::text(&self.contract.name)),
            ("version", Value::text(&self.contract_version)),
            ("digest", hash(&self.contract.digest)),
        ]);
        let builder = Value::object([
            ("name", Value::text(&self.provenance.builder.name)),
            ("confined", Value::Bool(self.provenance.builder.confined)),
        ]);
        let others = self.among.iter().map(|other| {
            Value::object([
                ("artifact", hash(&other.artifact)),
                ("contract", hash(&other.contract.digest)),
                ("name", Value::text(&other.contract.name)),
            ])
        });
        // Left out where there are none, so that a verdict reads as it did before there could be some.
        let cases = self.cases.map(|cases| ("cases", hash(&cases)));
        let among = (!self.among.is_empty()).then(|| ("among", Value::list(others)));
        let predicate = [
            ("builder", builder),
            ("contract", contract),
            ("figures", self.figures.clone()),
            ("owner", Value::text(&self.owner)),
            ("sealedCommitment", hash(&self.sealed_commitment)),
            ("seedCommitment", hash(&self.seed_commitment)),
            ("semantics", Value::Int(i64::from(self.semantics))),
            ("source", hash(&self.provenance.source)),
            ("template", hash(&self.provenance.template)),
            ("time", Value::text(&self.time)),
            ("toolchain", hash(&self.provenance.toolchain)),
        ];
        let predicate = Value::object(predicate.into_iter().chain(cases).chain(among));
        Value::object([
            ("_type", Value::text(STATEMENT_TYPE)),
            ("predicate", predicate),
            ("predicateType", Value::text(PREDICATE_TYPE)),
            ("subject", Value::list([subject])),
        ])
    }

    /// The verdict that `statement` is. None where it is something else.
    pub(super) fn of_statement(statement: &Value) -> Option<Verdict> {
        let predicate = statement.field("predicate")?;
        let [subject] = statement.field("subject")?.as_list()? else { return None };
        let contract = predicate.field("contract")?;
        let builder = predicate.field("builder")?;
        let verdict = Verdict {
            artifact: Named {
                name: text(subject, "name")?,
                digest: digest(subject.field("digest")?, "sha256")?,
            },
            contract: Named { name: text(contract, "name")?, digest: digest(contract, "digest")? },
            cases: predicate.field("cases").and_then(|_| digest(predicate, "cases")),
            contract_version: text(contract, "version")?,
            owner: text(predicate, "owner")?,
            provenance: Provenance {
                source: digest(predicate, "source")?,
                template: digest(predicate, "template")?,
                toolchain: digest(predicate, "toolchain")?,
                builder: Builder {
                    name: text(builder, "name")?,
                    confined: builder.field("confined")?.as_bool()?,
                },
            },
            among: match predicate.field("among") {
                None => Vec::new(),
                Some(among) => among.as_list()?.iter().map(other).collect::<Option<_>>()?,
            },
            figures: predicate.field("figures")?.clone(),
            seed_commitment: digest(predicate, "seedCommitment")?,
            sealed_commitment: digest(predicate, "sealedCommitment")?,
            time: text(predicate, "time")?,
            semantics: semantics(statement)?,
        };
        // Whatever is written differently, its types and unknown fields included, is not a verdict.
        (verdict.to_statement() == *statement).then_some(verdict)
    }
}

/// The epoch that `statement` was made under. Read alone: what another epoch says besides may be
/// written in another form.
pub(super) fn semantics(statement: &Value) -> Option<u32> {
    u32::try_from(statement.field("predicate")?.field("semantics")?.as_int()?).ok()
}

fn other(value: &Value) -> Option<Other> {
    let contract = Named { name: text(value, "name")?, digest: digest(value, "contract")? };
    Some(Other { contract, artifact: digest(value, "artifact")? })
}

fn hash(digest: &Digest) -> Value {
    Value::text(digest.to_string())
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.field(key)?.as_text().map(str::to_owned)
}

fn digest(value: &Value, key: &str) -> Option<Digest> {
    value.field(key)?.as_text()?.parse().ok()
}
