//! The boundaries of a contract: where two situations that are nearly the same are treated otherwise.
//! Owns which there are: both sides of every comparison, both truths of every test, the edges of every
//! schema. What the schemas exclude is not among them.

use mote_contract::{Bound, Law, Place, Situation};
use mote_expr::schema::Shape;
use mote_expr::{Atom, Consequences, Distance, Goal, Measured, Schema};

use super::outcome::{self, Aim};
use super::schemas::{Edge, Which, edges};
use crate::cases::Values;

/// The boundaries of one law.
#[derive(Debug)]
pub(crate) struct Goals {
    targets: Vec<Target>,
    consequences: Consequences,
}

/// One boundary.
#[derive(Debug)]
pub(crate) struct Target {
    /// The clause it stands in, such as `let/percent`, or `input`.
    pub(crate) clause: String,
    /// The comparison or the field.
    pub(crate) about: String,
    /// What it is to be brought to, in words.
    pub(crate) wanted: String,
    /// Where the clause is written, if that is known.
    pub(crate) place: Option<Place>,
    what: What,
}

#[derive(Debug)]
enum What {
    Atom(Atom, Goal),
    Edge(Part, Edge),
}

/// What a schema is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Input,
    State,
    Rows,
}

impl Goals {
    pub(crate) fn of(law: &Law, values: &Values) -> Goals {
        let mut goals = Goals { targets: Vec::new(), consequences: law.consequences() };
        goals.atoms(law);
        goals.edges(&law.input, values, Part::Input, Which::Every);
        if let Some(aggregate) = &law.aggregate {
            goals.edges(&aggregate.state, values, Part::State, Which::Kinds);
        }
        if let Some(reads) = &law.reads {
            let (Bound::Limit(most) | Bound::Page(most)) = reads.bound;
            let rows =
                Shape::List { item: reads.view.row.clone().into(), min: 0, max: most as u64, unique: false };
            goals.edges(&Schema::of(rows), values, Part::Rows, Which::Kinds);
        }
        goals
    }

    pub(crate) fn all(&self) -> &[Target] {
        &self.targets
    }

    /// How far a situation at the boundary `target` is from one in which it matters to a rule; one that
    /// is not there is farther than any. The service is asked in both.
    pub(crate) fn measure_mattering(&self, target: &Target, law: &Law, situation: &Situation) -> Measured {
        let called = target.measure_called(law, situation, true);
        let distance = match &target.what {
            _ if !called.distance.is_reached() => Distance::ABSENT + called.distance,
            What::Atom(atom, _) => atom.to_matter(&self.consequences, &law.bind(situation)),
            What::Edge(..) => Distance::REACHED,
        };
        Measured { distance, excess: None }
    }

    fn atoms(&mut self, law: &Law) {
        let mut seen: Vec<String> = Vec::new();
        for clause in law.clauses() {
            for atom in law.atoms(clause.expr) {
                // Outside of loops the same text means the same, wherever it stands; and a definition
                // says the same to whoever calls it.
                let key = match &atom.inside {
                    Some(definition) => Some(format!("{definition} {:?}", atom.span)),
                    None if atom.looped => None,
                    None => Some(atom.text.clone()),
                };
                if let Some(key) = key {
                    if seen.contains(&key) {
                        continue;
                    }
                    seen.push(key);
                }
                let clause_name = match &atom.inside {
                    Some(definition) => format!("definitions/{definition}"),
                    None => clause.name.clone(),
                };
                for goal in &atom.goals {
                    self.targets.push(Target {
                        clause: clause_name.clone(),
                        about: atom.text.clone(),
                        wanted: goal.to_string(),
                        place: clause.place.cloned(),
                        what: What::Atom(atom.clone(), goal.clone()),
                    });
                }
            }
        }
    }

    fn edges(&mut self, schema: &Schema, values: &Values, part: Part, which: Which) {
        let name = match part {
            Part::Input => "input",
            Part::State => "state",
            Part::Rows => "rows",
        };
        self.targets.extend(edges(schema, values, which).into_iter().map(|edge| Target {
            clause: name.to_owned(),
            about: edge.place(name),
            wanted: edge.what(),
            place: None,
            what: What::Edge(part, edge),
        }));
    }
}

impl Target {
    /// Whether the boundary can be met in a way that shows nothing, since something beside it decides.
    pub(crate) fn can_be_settled(&self) -> bool {
        matches!(&self.what, What::Atom(atom, _) if atom.can_be_settled())
    }

    /// How far a situation is from the boundary.
    pub(crate) fn measure(&self, law: &Law, situation: &Situation) -> Measured {
        match &self.what {
            What::Atom(atom, goal) => atom.measure(goal, &law.bind(situation)),
            What::Edge(part, edge) => edge_of(*part, edge, situation),
        }
    }

    /// The same, and from the service being asked. `deciding`: nothing beside a comparison settles
    /// what it should decide.
    pub(crate) fn measure_called(&self, law: &Law, situation: &Situation, deciding: bool) -> Measured {
        let bindings = law.bind(situation);
        let called = outcome::distance(law, &bindings, Aim::Called);
        let measured = match &self.what {
            What::Atom(atom, goal) if deciding => atom.measure_deciding(goal, &bindings),
            What::Atom(atom, goal) => atom.measure(goal, &bindings),
            What::Edge(part, edge) => edge_of(*part, edge, situation),
        };
        Measured { distance: called + measured.distance, ..measured }
    }
}

fn edge_of(part: Part, edge: &Edge, situation: &Situation) -> Measured {
    let value = match part {
        Part::Input => Some(&situation.input),
        Part::State => situation.state.as_ref(),
        Part::Rows => situation.rows.as_ref().map(|rows| &rows.rows),
    };
    edge.measure(value.unwrap_or(&mote_expr::Value::Null))
}
